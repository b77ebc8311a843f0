"""What no ledger can do without: the same SQL through sqlite3 and the same cryptography, nothing else.

No models, no rules, no layers. The bench divides this program's time by ours. It trusts its input,
so it is a measure and never a checker.
"""

import base64
import sqlite3
from hashlib import sha256
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.record import Submission

INSERT_ENTRY = "INSERT INTO entries (idx, leaf, leaf_hash, event_id, type) VALUES (?, ?, ?, ?, ?)"
INSERT_CHAIN = "INSERT INTO chain (idx, subject, seq, event_id) VALUES (?, ?, ?, ?)"
UPSERT_SUBJECT = (
    "INSERT INTO subjects (subject, seq, idx, event_id, state) VALUES (?, ?, ?, ?, ?) ON CONFLICT (subject) "
    "DO UPDATE SET seq = excluded.seq, idx = excluded.idx, event_id = excluded.event_id, "
    "state = excluded.state"
)
INSERT_OPENING = "INSERT INTO openings (commitment, event_id, field, salt, value) VALUES (?, ?, ?, ?, ?)"
UPDATE_LOG = "UPDATE log_state SET size = ?, last_leaf = ?, last_rec = ? WHERE id = 1"
SUBJECT = "SELECT subject, seq, idx, event_id, state FROM subjects WHERE subject = ?"
OPENING = "SELECT commitment, event_id, field, salt, value FROM openings WHERE event_id = ? AND field = ?"
COMMITTED = "SELECT field FROM openings WHERE commitment = ?"


class Bare:
    """A connection with the writer's pragmas, and one author's public key."""

    def __init__(self, path: Path, public_key: bytes) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._key = Ed25519PublicKey.from_public_bytes(public_key)
        self._grant = self._connection.execute(
            "SELECT event_id FROM chain WHERE subject LIKE 'auth%'"
        ).fetchone()[0]

    def close(self) -> None:
        self._connection.close()

    def commit_raw(self, submission: Submission) -> None:
        """One row, one durable commit: the floor under any append."""
        execute = self._connection.execute
        execute("CREATE TABLE IF NOT EXISTS raw (body BLOB)")
        execute("BEGIN IMMEDIATE")
        execute("INSERT INTO raw VALUES (?)", (submission.body,))
        execute("COMMIT")

    def verify(self, submission: Submission) -> None:
        self._key.verify(submission.signatures[0], b"lotproof/event/v1\n" + submission.body)

    def append(self, submissions: list[Submission]) -> None:
        """Check and write one transaction's records."""
        checked = [self._check(submission) for submission in submissions]
        execute, many = self._connection.execute, self._connection.executemany
        execute("BEGIN IMMEDIATE")
        size, last, rec, *_ = execute(
            "SELECT size, last_leaf, last_rec, state, heads_through, heads_count, heads_root, heads_top "
            "FROM log_state WHERE id = 1"
        ).fetchone()
        entries, chain, subjects, openings = [], [], [], []
        for submission, (body, event_id, opened) in zip(submissions, checked, strict=True):
            execute(OPENING, (self._grant, "grantee")).fetchone()
            for link in body["subjects"]:
                execute(SUBJECT, (link["id"],)).fetchone()
                chain.append((size, link["id"], link["seq"], event_id))
                subjects.append((link["id"], link["seq"], size, event_id, submission.body.decode()))
            sigs = [base64.b64encode(signature).decode() for signature in submission.signatures]
            log = {"i": size, "prev": last.hex(), "rec": rec}
            tail = orjson.dumps({"log": log, "sigs": sigs}, option=orjson.OPT_SORT_KEYS)
            leaf = b'{"body":' + submission.body + b"," + tail[1:]
            last = sha256(b"\x00" + leaf).digest()
            entries.append((size, leaf, last, event_id, body["type"]))
            for row in opened:
                assert execute(COMMITTED, row[:1]).fetchone() is None
            openings += opened
            size += 1
        many(INSERT_ENTRY, entries)
        many(INSERT_CHAIN, chain)
        many(UPSERT_SUBJECT, subjects)
        many(INSERT_OPENING, openings)
        execute(UPDATE_LOG, (size, last, rec))
        execute("COMMIT")

    def _check(self, submission: Submission) -> tuple[dict, bytes, list[tuple]]:
        body = orjson.loads(submission.body)
        assert orjson.dumps(body, option=orjson.OPT_SORT_KEYS) == submission.body
        event_id = sha256(b"lotproof/event-id/v1\n" + submission.body).digest()
        opened = []
        for name, opening in submission.open.items():
            value = orjson.dumps(opening.value, option=orjson.OPT_SORT_KEYS)
            assert _commitment(name, opening.salt, value).hex() == body["commit"][name]
            opened.append((bytes.fromhex(body["commit"][name]), event_id, name, opening.salt, value))
        self.verify(submission)
        return body, event_id, opened

    def audit(self, key_of: dict[str, Ed25519PublicKey], tile: dict[str, bytes]) -> bytes:
        """Every entry, chain link, subject, opening, heads node and tile; returns the root."""
        rows = self._connection.execute(
            "SELECT idx, leaf, leaf_hash, event_id, type FROM entries ORDER BY idx"
        )
        chain = self._connection.execute(
            "SELECT idx, subject, seq, event_id FROM chain ORDER BY idx, subject"
        )
        stored = {
            (row[1], row[2]): row
            for row in self._connection.execute(
                "SELECT commitment, event_id, field, salt, value FROM openings"
            )
        }
        heads: dict[bytes, bytes] = {}
        hashes: list[bytes] = []
        leaves: list[bytes] = []
        last = bytes(32)
        for idx, leaf, leaf_hash, event_id, _type in rows:
            value = orjson.loads(leaf)
            assert orjson.dumps(value, option=orjson.OPT_SORT_KEYS) == leaf
            assert (value["log"]["i"], value["log"]["prev"]) == (idx, last.hex())
            body = value["body"]
            encoded = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
            assert sha256(b"lotproof/event-id/v1\n" + encoded).digest() == event_id
            for signer, sig in zip(body["signers"], value["sigs"], strict=True):
                key_of[signer["key"]].verify(base64.b64decode(sig), b"lotproof/event/v1\n" + encoded)
            for link in body["subjects"]:
                assert next(chain) == (idx, link["id"], link["seq"], event_id)
                key = sha256(b"lotproof/subject/v1\n" + link["id"].encode()).digest()
                heads[key] = sha256(link["seq"].to_bytes(8, "big") + event_id).digest()
            for name, committed in body["commit"].items():
                row = stored.get((event_id, name))
                if row is not None:
                    assert _commitment(name, row[3], row[4]).hex() == committed
            last = sha256(b"\x00" + leaf).digest()
            assert last == leaf_hash
            hashes.append(last)
            leaves.append(leaf)
            if body["type"] == "log.heads":
                assert _heads_root(sorted(heads.items())).hex() == body["data"]["root"]
        for row in self._connection.execute("SELECT subject, seq, idx, event_id, state FROM subjects"):
            orjson.loads(row[4])
        self._connection.execute("SELECT * FROM heads_nodes").fetchall()
        self._connection.execute("PRAGMA quick_check(1)").fetchall()
        for start in range(0, len(leaves), 256):
            part = leaves[start : start + 256]
            partial = "" if len(part) == 256 else f".p/{len(part)}"
            bundle = b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in part)
            assert tile[f"tile/entries/{start // 256:03d}{partial}"] == bundle
            assert tile[f"tile/0/{start // 256:03d}{partial}"] == b"".join(hashes[start : start + 256])
        return _root(hashes)


def _commitment(name: str, salt: bytes, value: bytes) -> bytes:
    head = b"lotproof/commit/v1\n" + salt + len(name).to_bytes(4, "big") + name.encode()
    return sha256(head + value).digest()


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) & 1 else []
        hashes = [
            sha256(b"\x01" + hashes[n] + hashes[n + 1]).digest() for n in range(0, len(hashes) - 1, 2)
        ] + odd
    return hashes[0]


def _heads_root(items: list[tuple[bytes, bytes]]) -> bytes:
    if len(items) == 1:
        return sha256(b"lotproof/heads-leaf/v1\n" + items[0][0] + items[0][1]).digest()
    first, last = (int.from_bytes(items[n][0], "big") for n in (0, -1))
    bits = 256 - (first ^ last).bit_length()
    middle = next(n for n, (key, _) in enumerate(items) if key[bits >> 3] >> (7 - (bits & 7)) & 1)
    prefix = (first >> (256 - bits) << (256 - bits)).to_bytes(32, "big")
    head = b"lotproof/heads-node/v1\n" + bytes([bits]) + prefix
    return sha256(head + _heads_root(items[:middle]) + _heads_root(items[middle:])).digest()
