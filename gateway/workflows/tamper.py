"""Attack copies of an installation, say what the attacker holds, and let the audit answer.

The installation itself is never touched: each attack works on a copy in a temporary folder.
"""

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway import wiring
from gateway.migrate import upgrade
from gateway.settings import Settings
from gateway.workflows.audit_log import audit_source
from gateway.workflows.parties import open_log
from ledger.adapters.folder import Folder
from ledger.adapters.key_file import KeyFile
from ledger.audit import Report
from ledger.core import canonical, merkle, tiles
from ledger.core.checkpoint import Checkpoint, signed
from ledger.core.envelope import event_id
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.errors import StorageError


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: who, which private keys they hold, what they do."""

    name: str
    attacker: str
    holds: str
    does: str
    run: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    attack: Attack
    report: Report

    @property
    def found(self) -> bool:
        return self.report.verdict == "failed"


def tamper(settings: Settings) -> Iterator[Outcome]:
    """Run every attack on a copy of the home and audit what it left.

    Raises StorageError where the database is a server's: a copy of the home would still lead there.
    """
    if settings.database_url:
        raise StorageError(
            "demo tamper attacks copies, and the database of this installation is not a file that it can "
            "copy; make another one without LOTPROOF_DATABASE_URL and DATABASE_URL, and attack that"
        )
    for attack in ATTACKS:
        with tempfile.TemporaryDirectory(prefix="lotproof-tamper-") as folder:
            home = Path(folder) / "home"
            shutil.copytree(settings.home, home)
            attack.run(home)
            report = audit_source(
                settings.model_copy(update={"home": home}),
                None,
                policy_file=None,
                vkey=None,
                saved_file=None,
            )
            yield Outcome(attack, report)


def _change_a_grade(home: Path) -> None:
    with _database(home) as database:
        index, leaf = _inspection(database)
        changed = leaf.replace(b'"grade":"C"', b'"grade":"B"', 1)
        database.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (changed, index))


def _rewrite_and_relink(home: Path) -> None:
    with _database(home) as database:
        index, _ = _inspection(database)
        leaves = [row[0] for row in database.execute("SELECT leaf FROM entries ORDER BY idx")]
        leaves[index] = leaves[index].replace(b'"grade":"C"', b'"grade":"B"', 1)
        for n in range(index + 1, len(leaves)):
            value = json.loads(leaves[n])
            value["log"]["prev"] = merkle.leaf_hash(leaves[n - 1]).hex()
            leaves[n] = canonical.dumps(value)
        for n in range(index, len(leaves)):
            name = bytes.fromhex(event_id(canonical.dumps(json.loads(leaves[n])["body"])))
            database.execute(
                "UPDATE entries SET leaf = ?, leaf_hash = ?, event_id = ? WHERE idx = ?",
                (leaves[n], merkle.leaf_hash(leaves[n]), name, n),
            )
        root = merkle.root_of(merkle.leaf_hash(leaf) for leaf in leaves)
        note = _sign(home, len(leaves), root)
        database.execute("DELETE FROM checkpoints")
        database.execute(
            "INSERT INTO checkpoints (size, root, note, signed_at) VALUES (?, ?, ?, '')",
            (len(leaves), root, note),
        )
    shutil.rmtree(home / "log")
    _write_log(home, leaves, note)


def _cut_the_end(home: Path) -> None:
    with _database(home) as database:
        sizes = [row[0] for row in database.execute("SELECT size FROM checkpoints ORDER BY size")]
        size = sizes[-2]
        (note,) = database.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).fetchone()
        for table, column in (("entries", "idx"), ("chain", "idx"), ("codes", "idx")):
            database.execute(f"DELETE FROM {table} WHERE {column} >= ?", (size,))  # noqa: S608 - our own names
        database.execute("DELETE FROM checkpoints WHERE size > ?", (size,))
    Folder(home / "log").replace("checkpoint", note)


def _begin_again(home: Path) -> None:
    """A new history under the old keys and the old name, in every format right."""
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "signed-head"):
        (home / name).unlink(missing_ok=True)
    shutil.rmtree(home / "log")
    settings = Settings(home=home, database_url="")
    upgrade(settings.database)
    installation = wiring.open_(settings)
    open_log(installation)
    installation.publisher.publish()
    installation.close()


def _change_a_tile(home: Path) -> None:
    path = next((home / "log" / "tile" / "0").rglob("000*"))
    if path.is_dir():
        path = next(child for child in sorted(path.iterdir()) if child.is_file())
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(bytes(data))


def _put_in_a_stranger(home: Path) -> None:
    """A well-formed record of another log in place of the last one."""
    with _database(home) as database:
        index, leaf = database.execute("SELECT idx, leaf FROM entries ORDER BY idx DESC LIMIT 1").fetchone()
        origin = Leaf.parse(leaf).record.body.origin
        other = origin[:-1] + ("0" if origin[-1] != "0" else "1")
        changed = leaf.replace(origin.encode(), other.encode())
        database.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (changed, index))


ATTACKS = (
    Attack(
        "changed-grade",
        "someone with access to the database",
        "no key",
        "turns a C into a B in a signed inspection",
        _change_a_grade,
    ),
    Attack(
        "changed-tile",
        "whoever hosts the published files",
        "no key",
        "flips one bit of a published tile",
        _change_a_tile,
    ),
    Attack(
        "foreign-record",
        "someone with access to the database",
        "no key",
        "puts a record of another log in place of the last one",
        _put_in_a_stranger,
    ),
    Attack(
        "relinked-history",
        "the operator",
        "the log key; not the inspector's key",
        "rewrites an inspection, links everything after it again, signs a new checkpoint",
        _rewrite_and_relink,
    ),
    Attack(
        "truncated-log",
        "the operator",
        "the log key; no other is needed",
        "removes the last records, their checkpoints and the published file together",
        _cut_the_end,
    ),
    Attack(
        "second-history",
        "the operator, together with everyone whose key is here",
        "every key of this installation",
        "begins a second history under the same name; only what an auditor saw before gives it away",
        _begin_again,
    ),
)


class _database:  # noqa: N801 - used as a statement
    """The copy's database with the triggers gone: who owns the file owns them too."""

    def __init__(self, home: Path) -> None:
        self._connection = sqlite3.connect(home / "ledger.db")

    def __enter__(self) -> sqlite3.Connection:
        triggers = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            self._connection.execute(f"DROP TRIGGER {name}")
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.commit()
        self._connection.close()


def _inspection(database: sqlite3.Connection) -> tuple[int, bytes]:
    """An inspection that found grade C and no B beside it, else the first with a C."""
    rows = database.execute("SELECT idx, leaf FROM entries WHERE type = 'lot.inspected' ORDER BY idx")
    for index, leaf in rows:
        if b'"grade":"C"' in leaf:
            return index, leaf
    raise LookupError("no inspection here found grade C")


def _sign(home: Path, size: int, root: bytes) -> bytes:
    config = json.loads((home / "config.json").read_text())
    key = VerifierKey.parse(config["vkey"])
    signer = KeyFile.load(home / "keys" / "log.pem")
    checkpoint = Checkpoint(key.name, size, root)
    return str(signed(checkpoint, key, signer.sign(checkpoint.text.encode()))).encode()


def _write_log(home: Path, leaves: list[bytes], note: bytes) -> None:
    log = Folder(home / "log")
    level, hashes = 0, [merkle.leaf_hash(leaf) for leaf in leaves]
    for tile in tiles.tiles_of(len(leaves)):
        start = tile.index * tiles.WIDTH
        if tile.level < 0:
            log.create(tile.path, tiles.bundle(leaves[start : start + tile.width]))
            continue
        if tile.level > level:
            full = range(0, len(hashes) - tiles.WIDTH + 1, tiles.WIDTH)
            hashes, level = [merkle.root_of(hashes[n : n + tiles.WIDTH]) for n in full], tile.level
        log.create(tile.path, b"".join(hashes[start : start + tile.width]))
    log.replace("checkpoint", note)
