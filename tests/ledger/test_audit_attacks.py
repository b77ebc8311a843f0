"""What an attacker may do to a finished log, and what the auditor says (records.md, audit.py)."""

import json
import random
import sqlite3
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.folder import Folder
from ledger.audit import Keeping, MirrorSource, audit
from ledger.core import canonical, heads, merkle, tiles
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import event_id, signing_input
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy
from tests.ledger.fakes import MemorySigner
from tests.ledger.flips import (
    audited,
    check_database_flip,
    check_object_flip,
    contents,
    copied,
    edited,
    finished,
    flipped,
)
from tests.ledger.world import HEADS_KEY, LOG_KEY, ORIGIN, World

SEED = 20261120
RAW_FLIPS = 250
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    return finished(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def copy(sound: World, tmp_path: Path) -> Path:
    return copied(sound, tmp_path)


def test_the_untouched_copy_verifies(sound: World, copy: Path) -> None:
    report = audited(copy, sound)
    assert (report.exit_code, report.findings) == (0, [])
    assert report.tree_size > tiles.WIDTH, "more than one tile, or the attacks below prove little"


class TestFlips:
    @pytest.mark.parametrize("column", ["leaf", "leaf_hash", "event_id"])
    @pytest.mark.parametrize("seed", range(8))
    def test_a_flip_in_an_entry_is_found_at_that_entry(
        self, sound: World, copy: Path, column: str, seed: int
    ) -> None:
        chance = random.Random(f"{SEED} {column} {seed}")
        with edited(copy) as database:
            index = chance.randrange(database.execute("SELECT count(*) FROM entries").fetchone()[0])
            select = f"SELECT {column} FROM entries WHERE idx = ?"
            old = database.execute(select, (index,)).fetchone()[0]
            database.execute(f"UPDATE entries SET {column} = ? WHERE idx = ?", (flipped(old, chance), index))
        report = audited(copy, sound)
        assert report.exit_code == 3
        assert index in {finding.entry for finding in report.findings}

    @pytest.mark.parametrize(
        ("table", "column", "stage"),
        [
            ("chain", "event_id", "chain"),
            ("heads_nodes", "left_hash", "heads"),
            ("heads_nodes", "right_value", "heads"),
            ("heads_nodes", "prefix", "heads"),
            ("checkpoints", "root", "checkpoints"),
            ("checkpoints", "note", "checkpoints"),
        ],
    )
    @pytest.mark.parametrize("seed", range(3))
    def test_a_flip_in_the_index_fails(
        self, sound: World, copy: Path, table: str, column: str, stage: str, seed: int
    ) -> None:
        chance = random.Random(f"{SEED} {table} {column} {seed}")
        with edited(copy) as database:
            rows = database.execute(f"SELECT {column} FROM {table} WHERE length({column}) > 0").fetchall()
            old = chance.choice(rows)[0]
            database.execute(
                f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (flipped(old, chance), old)
            )
        report = audited(copy, sound)
        assert report.exit_code == 3
        assert {finding.stage for finding in report.findings} >= {stage}
        assert all(finding.entry is not None for finding in report.findings if finding.stage == stage)

    @pytest.mark.parametrize(
        ("statement", "stage"),
        [
            ("UPDATE chain SET seq = seq + 1000 WHERE idx = 30", "chain"),
            ("DELETE FROM chain WHERE idx = 30", "chain"),
            ("DELETE FROM chain WHERE idx = (SELECT max(idx) FROM chain)", "chain"),
            ("INSERT INTO chain VALUES (9999, 'lot:0', 0, x'00')", "chain"),
            ("DELETE FROM heads_nodes WHERE bits = 0", "heads"),
            ("UPDATE heads_nodes SET bits = 255 WHERE bits = 0", "heads"),
            ("UPDATE entries SET type = 'lot.sold' WHERE idx = 20", "index"),
            ("UPDATE checkpoints SET note = 7 WHERE size > 200", "checkpoints"),
        ],
    )
    def test_an_edited_index_fails(self, sound: World, copy: Path, statement: str, stage: str) -> None:
        with edited(copy) as database:
            database.execute(statement)
        report = audited(copy, sound)
        assert (report.exit_code, stage in {finding.stage for finding in report.findings}) == (3, True)

    def test_a_flip_in_any_published_object_fails_and_names_it(self, sound: World, copy: Path) -> None:
        """Every object once: the checkpoint, full tiles, bundles, and the partial ones they superseded."""
        keys = sorted(Folder(copy / "public").keys())
        assert any(key.endswith(".p/41") for key in keys), "a superseded partial tile is among them"
        for number, key in enumerate(keys):
            check_object_flip(sound, copy, key, random.Random(f"{SEED} {number}"))

    def test_a_flip_anywhere_in_the_database_file_never_crashes_the_audit(self, tmp_path: Path) -> None:
        small = finished(tmp_path / "small", lots=0)
        right = contents(small.folder / "ledger.db")
        assert right is not None
        chance = random.Random(SEED)
        for _ in range(RAW_FLIPS):
            check_database_flip(small, small.folder, right, chance)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE openings SET value = value || x'20' WHERE field = 'price'",
            "UPDATE openings SET salt = zeroblob(32) WHERE field = 'quantity'",
            "UPDATE openings SET salt = NULL, value = NULL WHERE field = 'buyer'",
            "UPDATE openings SET commitment = zeroblob(32) WHERE field = 'buyer'",
            "UPDATE openings SET value = 'text', salt = 5 WHERE field = 'buyer'",
            "UPDATE openings SET event_id = zeroblob(32) WHERE field = 'buyer'",
            "UPDATE openings SET field = 'other' WHERE field = 'buyer'",
            "UPDATE manifest_rows SET data = NULL WHERE n = 0 AND part = ''",
            "UPDATE manifest_rows SET data = 'text' WHERE n = 0",
            "UPDATE manifest_rows SET leaf_hash = zeroblob(32) WHERE n = 1",
            "DELETE FROM manifest_rows WHERE n = 2",
            "INSERT INTO manifest_rows VALUES (zeroblob(32), '', 0, zeroblob(32), NULL)",
            "UPDATE subjects SET state = 'x' WHERE subject LIKE 'lot:%'",
            "UPDATE subjects SET state = 5",
            "UPDATE subjects SET seq = 'seven'",
            "UPDATE subjects SET state = replace(state, '\"sold\":2', '\"sold\":0')",
            "DELETE FROM subjects WHERE subject LIKE 'lot:%'",
            "UPDATE keys SET party = 'party:0'",
            "UPDATE keys SET state = '{}'",
            "DELETE FROM codes",
            "UPDATE log_state SET size = size + 1",
            "UPDATE log_state SET state = 'not json'",
            "UPDATE log_state SET heads_top = '[]'",
            "UPDATE log_state SET heads_top = 7",
            "UPDATE log_state SET last_leaf = 'text'",
            "DELETE FROM log_state",
            "DROP TABLE openings",
            "DROP TABLE entries",
        ],
    )
    def test_damage_to_what_proves_nothing_leaves_the_log_unverified(
        self, sound: World, copy: Path, statement: str
    ) -> None:
        with edited(copy) as database:
            database.execute(statement)
        report = audited(copy, sound)
        assert report.exit_code == 4, report.findings

    def test_a_file_that_is_no_database_is_unverified(self, sound: World, copy: Path) -> None:
        (copy / "ledger.db").write_bytes(b"not a database" * 1000)
        assert audited(copy, sound).exit_code == 4


def test_a_false_opening_of_a_sale_is_no_evidence(sound: World, copy: Path) -> None:
    """With value, salt and commitment column all rewritten, the value was once believed by the rules."""
    value, salt = canonical.dumps(900), bytes(32)
    name = b"quantity"
    head = b"lotproof/commit/v1\n" + salt + len(name).to_bytes(4, "big") + name
    with edited(copy) as database:
        database.execute(
            "UPDATE openings SET value = ?, salt = ?, commitment = ? WHERE field = 'quantity'",
            (value, salt, sha256(head + value).digest()),
        )
    report = audited(copy, sound)
    assert report.exit_code == 4
    assert any("another commitment" in finding.message for finding in report.findings)


def test_a_truncated_log_is_found_by_the_checkpoint_the_auditor_kept(sound: World, copy: Path) -> None:
    """Last entries, signed heads and published file go together: nothing inside contradicts itself."""
    saved = (copy / "public" / "checkpoint").read_bytes()
    with edited(copy) as database:
        sizes = [size for (size,) in database.execute("SELECT size FROM checkpoints ORDER BY size")]
        database.execute("DELETE FROM checkpoints WHERE size > ?", (sizes[1],))
        database.execute("DELETE FROM entries WHERE idx >= ?", (sizes[1],))
        database.execute("DELETE FROM chain WHERE idx >= ?", (sizes[1],))
        note = database.execute("SELECT note FROM checkpoints WHERE size = ?", (sizes[1],)).fetchone()[0]
    (copy / "public" / "checkpoint").write_bytes(note)
    report = audited(copy, sound, saved=saved)
    assert report.exit_code == 3
    assert any("the log shrank" in finding.message for finding in report.findings)


def test_a_log_without_its_last_entries_is_incomplete(sound: World, copy: Path) -> None:
    with edited(copy) as database:
        database.execute("DELETE FROM entries WHERE idx > 250")
    report = audited(copy, sound)
    assert report.exit_code == 4
    assert any(f.entry == 251 and "are signed, here are 251" in f.message for f in report.findings)


def test_a_missing_entry_is_named(sound: World, copy: Path) -> None:
    with edited(copy) as database:
        database.execute("DELETE FROM entries WHERE idx = 100")
    report = audited(copy, sound)
    assert (report.exit_code, report.findings[-1].entry) == (4, 100)


def test_a_missing_tile_leaves_the_log_unverified(sound: World, copy: Path) -> None:
    for key in ("tile/0/000", "tile/entries/000"):
        path = copy / "public" / key
        data = path.read_bytes()
        path.unlink()
        report = audited(copy, sound)
        assert report.exit_code == 4
        assert any(key in finding.message for finding in report.findings)
        path.write_bytes(data)


def test_a_missing_checkpoint_leaves_the_log_unverified(sound: World, copy: Path) -> None:
    (copy / "public" / "checkpoint").unlink()
    assert audited(copy, sound).exit_code == 4


def test_without_a_policy_nothing_is_verified(sound: World) -> None:
    report = audit(MirrorSource("mirror", Folder(sound.folder / "public")), None)
    assert (report.exit_code, report.findings[0].stage) == (4, "policy")


def test_another_log_key_fails(sound: World) -> None:
    stranger = Policy.trusting(str(VerifierKey(ORIGIN, MemorySigner("stranger").public_key)))
    assert audit(MirrorSource("mirror", Folder(sound.folder / "public")), stranger).exit_code == 3


class Forger:
    """Holds the log key and the heads key, and no author's: rewrites entries and all that follows."""

    def __init__(self, folder: Path) -> None:
        with sqlite3.connect(folder / "ledger.db") as database:
            rows = database.execute("SELECT leaf FROM entries ORDER BY idx").fetchall()
        database.close()
        self.leaves: list[dict[str, Any]] = [json.loads(leaf) for (leaf,) in rows]
        self._size = len(self.leaves)
        self.hidden: set[str] = set()  # subjects that the heads tree leaves out
        self.frozen: dict[str, int] = {}  # subject -> index from which on its record no longer counts

    def published(self, folder: Path) -> MirrorSource:
        """Link everything again, sign heads and checkpoint again, and show it as a mirror."""
        encoded = list(self._relinked())
        objects = Folder(folder / "forged")
        hashes = [merkle.leaf_hash(leaf) for leaf in encoded]
        stored: dict[str, bytes] = {}
        for tile in tiles.tiles_of(len(encoded)):
            start, end = tile.index * tiles.WIDTH, tile.index * tiles.WIDTH + tile.width
            if tile.level < 0:
                stored[tile.path] = tiles.bundle(encoded[start:end])
            elif tile.level == 0:
                stored[tile.path] = b"".join(hashes[start:end])
            else:
                parts = (hashes[n << 8 : (n + 1) << 8] for n in range(start, end))
                stored[tile.path] = b"".join(merkle.root_of(part) for part in parts)
        for key, data in stored.items():
            objects.create(key, data)
        checkpoint = Checkpoint(ORIGIN, len(encoded), merkle.root_of(hashes))
        note = signed(checkpoint, KEY, LOG_KEY.sign(checkpoint.text.encode()))
        objects.replace("checkpoint", str(note).encode())
        return MirrorSource("forged", objects)

    def _relinked(self) -> Iterator[bytes]:
        last, known = "0" * 64, {}
        hidden = {heads.subject_key(name) for name in self.hidden}
        for index, leaf in enumerate(self.leaves):
            body = leaf["body"]
            if body["type"] == "log.heads":
                shown = {key: value for key, value in known.items() if key not in hidden}
                root = heads.root_of(shown)
                body["data"] = {"through": index, "count": len(shown), "root": root.hex()}
                signature = HEADS_KEY.sign(signing_input(canonical.dumps(body)))
                leaf["sigs"] = [encode_base64(signature)]
            leaf["log"] = {**leaf["log"], "i": index, "prev": last}
            name = event_id(canonical.dumps(body))
            for link in body["subjects"]:
                if index >= self.frozen.get(link["id"], index + 1):
                    continue
                known[heads.subject_key(link["id"])] = heads.value_hash(link["seq"], name)
            for code in body["data"].get("codes", ()) if body["type"] == "codes.issued" else ():
                known[heads.code_key(bytes.fromhex(code))] = heads.value_hash(0, name)
            encoded = canonical.dumps(leaf)
            last = merkle.leaf_hash(encoded).hex()
            yield encoded


def index_of(forger: Forger, type_: str) -> int:
    return next(n for n, leaf in enumerate(forger.leaves) if leaf["body"]["type"] == type_)


def test_the_forger_without_a_lie_passes(sound: World, copy: Path) -> None:
    """Or the forgeries below would fail for the wrong reason."""
    report = audit(Forger(copy).published(copy), sound.policy)
    assert (report.exit_code, report.findings) == (0, [])


@pytest.mark.parametrize(
    ("type_", "member", "value"),
    [
        ("lot.inspected", "grades", [{"grade": "A", "count": 5}]),
        ("lot.declared", "origin_country", "JP"),
        ("lot.received", "damaged", 1),
    ],
)
def test_a_rewritten_record_fails_at_its_authors_signature(
    sound: World, copy: Path, type_: str, member: str, value: object
) -> None:
    forger = Forger(copy)
    index = index_of(forger, type_)
    forger.leaves[index]["body"]["data"][member] = value
    report = audit(forger.published(copy), sound.policy)
    assert (report.exit_code, report.findings[0].entry) == (3, index)
    assert report.findings[0].field == "/sigs/0"


def test_a_signature_of_other_bytes_fails(sound: World, copy: Path) -> None:
    forger = Forger(copy)
    index = index_of(forger, "lot.split")
    sig = decode_base64(forger.leaves[index]["sigs"][0])
    forger.leaves[index]["sigs"][0] = encode_base64(flipped(sig, random.Random(SEED)))
    report = audit(forger.published(copy), sound.policy)
    assert (report.exit_code, report.findings[0].entry) == (3, index)


@pytest.mark.parametrize("lie", ["hidden", "frozen"])
def test_a_false_heads_root_is_found_by_replay(sound: World, copy: Path, lie: str) -> None:
    """The operator signs a tree that leaves a lot out, or holds an old record as its last: both verify."""
    forger = Forger(copy)
    index = index_of(forger, "lot.received")
    lot = forger.leaves[index]["body"]["subjects"][0]["id"]
    if lie == "hidden":
        forger.hidden.add(lot)
    else:
        forger.frozen[lot] = index
    mirror = forger.published(copy)
    for keeping in (Keeping(), Keeping(processes=2), Keeping(state=copy / "state")):
        report = audit(mirror, sound.policy, keeping=keeping)
        assert (report.exit_code, report.findings[0].stage) == (3, "entries")
        assert report.findings[0].field == "/body/data/root"
        first = next(
            n for n, leaf in enumerate(forger.leaves) if n > index and leaf["body"]["type"] == "log.heads"
        )
        assert report.findings[0].entry == first


@pytest.mark.parametrize("type_", ["lot.received", "key.registered", "lot.refurbished"])
def test_a_dropped_record_is_missed_by_what_came_after_it(sound: World, copy: Path, type_: str) -> None:
    forger = Forger(copy)
    del forger.leaves[index_of(forger, type_)]
    report = audit(forger.published(copy), sound.policy)
    assert report.exit_code == 3
    assert report.findings[0].stage == "entries"


def test_a_dropped_last_record_is_found_by_the_tree_seen_before(sound: World, copy: Path) -> None:
    """Nothing follows a lot's last record: only a witness, or the auditor's own memory, misses it."""
    saved = (copy / "public" / "checkpoint").read_bytes()
    forger = Forger(copy)
    last = max(n for n, leaf in enumerate(forger.leaves) if leaf["body"]["type"] == "lot.declared")
    dropped = forger.leaves.pop(last)
    forger.leaves.insert(last, deepcopy(forger.leaves[-1]))  # and the log is as long as it was
    assert dropped["body"]["type"] == "lot.declared"
    report = audit(forger.published(copy), sound.policy, saved=saved)
    assert report.exit_code == 3
    assert any(f.stage == "consistency" for f in report.findings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda leaves: leaves[30]["body"].update(origin="log.example/other"), "/body/origin"),
        (lambda leaves: leaves[30]["log"].update(rec="2020-01-01T00:00:00Z"), "runs back"),
        (lambda leaves: leaves.__setitem__(31, leaves[30]), ""),
        (lambda leaves: leaves[0]["body"]["data"].update(log_key="ab" * 32), "is not the log key"),
        (lambda leaves: leaves.pop(0), "a log opens with log.opened|is not the"),
    ],
    ids=["record of another origin", "time runs back", "record twice", "other log key", "no entry 0"],
)
def test_a_forged_sequence_fails(
    sound: World, copy: Path, change: Callable[[list[dict[str, Any]]], None], message: str
) -> None:
    forger = Forger(copy)
    change(forger.leaves)
    report = audit(forger.published(copy), sound.policy)
    assert report.exit_code == 3
    assert report.findings[0].entry is not None
    assert any(part in report.findings[0].message + report.findings[0].field for part in message.split("|"))
