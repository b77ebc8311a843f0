"""The ledger's tables. ``entries``, ``checkpoints`` and ``chain`` only ever grow.

Everything beside ``entries`` and ``checkpoints`` can be made again from the entries, except the
openings and rows that stand behind commitments and manifests.
"""

from typing import Any

from sqlalchemy import DDL, Column, Integer, LargeBinary, String, Table, UniqueConstraint, event
from sqlalchemy.schema import ExecutableDDLElement
from sqlmodel import Field, SQLModel

WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class EntryRow(SQLModel, table=True):
    """leaf: the sequenced bytes. event_id, leaf_hash: 32 bytes."""

    __tablename__ = "entries"
    idx: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    type: str = Field(sa_column=Column(String(64), nullable=False))


class ChainRow(SQLModel, table=True):
    """One link of one subject's chain, in log order."""

    __tablename__ = "chain"
    __table_args__ = (UniqueConstraint("subject", "seq"), WITHOUT_ROWID)
    idx: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    subject: str = Field(sa_column=Column(String(40), primary_key=True))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class SubjectRow(SQLModel, table=True):
    """A subject now: its head and the state that its records fold into."""

    __tablename__ = "subjects"
    __table_args__ = (WITHOUT_ROWID,)
    subject: str = Field(sa_column=Column(String(40), primary_key=True))
    seq: int = Field(sa_column=Column(Integer, nullable=False))
    idx: int = Field(sa_column=Column(Integer, nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    state: str = Field(sa_column=Column(String, nullable=False))


class KeyRow(SQLModel, table=True):
    __tablename__ = "keys"
    __table_args__ = (WITHOUT_ROWID,)
    key_id: str = Field(sa_column=Column(String(64), primary_key=True))
    party: str = Field(sa_column=Column(String(40), nullable=False, index=True))
    state: str = Field(sa_column=Column(String, nullable=False))


class CodeRow(SQLModel, table=True):
    """code_hash: 32 bytes; event_id: of the ``codes.issued`` that names it."""

    __tablename__ = "codes"
    __table_args__ = (WITHOUT_ROWID,)
    code_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    idx: int = Field(sa_column=Column(Integer, nullable=False, index=True))
    subject: str = Field(sa_column=Column(String(40), nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class OpeningRow(SQLModel, table=True):
    """What opens a commitment. salt and value are NULL once erased."""

    __tablename__ = "openings"
    __table_args__ = (UniqueConstraint("event_id", "field"), WITHOUT_ROWID)
    commitment: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    field: str = Field(sa_column=Column(String(64), nullable=False))
    salt: bytes | None = Field(sa_column=Column(LargeBinary(32)))
    value: bytes | None = Field(sa_column=Column(LargeBinary))


class ManifestRow(SQLModel, table=True):
    """One row of a manifest. part: the child's id in a split, "" elsewhere; data is NULL once erased."""

    __tablename__ = "manifest_rows"
    __table_args__ = (WITHOUT_ROWID,)
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    part: str = Field(sa_column=Column(String(40), primary_key=True))
    n: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    data: bytes | None = Field(sa_column=Column(LargeBinary))


class LogRow(SQLModel, table=True):
    """The head of the log: the one row that a writer locks. last_leaf: leaf hash of entry size - 1."""

    __tablename__ = "log_state"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_column=Column(Integer, nullable=False))
    last_leaf: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    last_rec: str = Field(sa_column=Column(String(20), nullable=False))
    state: str = Field(sa_column=Column(String, nullable=False))
    heads_through: int = Field(sa_column=Column(Integer, nullable=False))
    heads_count: int = Field(sa_column=Column(Integer, nullable=False))
    heads_root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    heads_top: str = Field(sa_column=Column(String, nullable=False))


class HeadsNodeRow(SQLModel, table=True):
    """A branch of the heads tree; *_place 256 points to a leaf, whose value hash stands beside."""

    __tablename__ = "heads_nodes"
    __table_args__ = (WITHOUT_ROWID,)
    bits: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    prefix: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    left_place: int = Field(sa_column=Column(Integer, nullable=False))
    left_prefix: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    left_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    left_value: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    right_place: int = Field(sa_column=Column(Integer, nullable=False))
    right_prefix: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    right_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    right_value: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class CheckpointRow(SQLModel, table=True):
    """One signed tree head a size, for ever. note: the signed text."""

    __tablename__ = "checkpoints"
    size: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signed_at: str = Field(sa_column=Column(String(20), nullable=False))


def table(row: type[SQLModel]) -> Table:
    """The Core table behind a row class: statements on the hot path are Core's."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


LEDGER_TABLES = [
    table(row)
    for row in (
        EntryRow, ChainRow, SubjectRow, KeyRow, CodeRow, OpeningRow, ManifestRow, LogRow, HeadsNodeRow,
        CheckpointRow,
    )
]  # fmt: skip

# The database itself refuses to rewrite history; migrations carry the same statements.
SQLITE_TRIGGERS = (
    *(
        f"CREATE TRIGGER {name}_never_{verb.lower()} BEFORE {verb} ON {name} "
        f"BEGIN SELECT RAISE(ABORT, '{name} are never changed'); END"
        for name in ("entries", "checkpoints", "chain")
        for verb in ("UPDATE", "DELETE")
    ),
    (
        "CREATE TRIGGER entries_are_gapless BEFORE INSERT ON entries "
        "WHEN NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entries) "
        "BEGIN SELECT RAISE(ABORT, 'entries are gapless'); END"
    ),
    (
        "CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON checkpoints "
        "WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoints) "
        "BEGIN SELECT RAISE(ABORT, 'checkpoints only grow'); END"
    ),
)


def _creation(statement: str) -> ExecutableDDLElement:
    made: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
    return made.execute_if(dialect="sqlite")


for _statement in SQLITE_TRIGGERS:
    event.listen(table(CheckpointRow), "after_create", _creation(_statement))
