"""The ledger's tables. ``entries``, ``checkpoints``, ``chain`` and ``published`` only ever grow.

Everything beside ``entries`` and ``checkpoints`` can be made again from the entries, except the
openings and rows that stand behind commitments and manifests. Cosignatures can be asked for again.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from ledger.store import guards

# An index, a size or an amount: 64 bits on both. SQLite's INTEGER has them, and is the row id as a key.
BIGINT = BigInteger().with_variant(Integer, "sqlite")


def words(length: int | None = None) -> String:
    """Text in the order of its code points on both: a language's order would differ between servers.

    length: the most characters, which PostgreSQL enforces.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class EntryRow(SQLModel, table=True):
    """leaf: the sequenced bytes. event_id, leaf_hash: 32 bytes."""

    __tablename__ = "entries"
    idx: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    leaf: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))
    type: str = Field(sa_column=Column(words(64), nullable=False))


class ChainRow(SQLModel, table=True):
    """One link of one subject's chain, in log order."""

    __tablename__ = "chain"
    __table_args__ = (UniqueConstraint("subject", "seq"), WITHOUT_ROWID)
    idx: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    subject: str = Field(sa_column=Column(words(40), primary_key=True))
    seq: int = Field(sa_column=Column(BIGINT, nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class SubjectRow(SQLModel, table=True):
    """A subject now: its head and the state that its records fold into.

    A state is long: on SQLite it lies where it was written, and only the index is by id.
    """

    __tablename__ = "subjects"
    subject: str = Field(sa_column=Column(words(40), primary_key=True))
    seq: int = Field(sa_column=Column(BIGINT, nullable=False))
    idx: int = Field(sa_column=Column(BIGINT, nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    state: str = Field(sa_column=Column(words(), nullable=False))


class KeyRow(SQLModel, table=True):
    __tablename__ = "keys"
    __table_args__ = (WITHOUT_ROWID,)
    key_id: str = Field(sa_column=Column(words(64), primary_key=True))
    party: str = Field(sa_column=Column(words(40), nullable=False, index=True))
    state: str = Field(sa_column=Column(words(), nullable=False))


class CodeRow(SQLModel, table=True):
    """code_hash: 32 bytes; event_id: of the ``codes.issued`` that names it."""

    __tablename__ = "codes"
    __table_args__ = (WITHOUT_ROWID,)
    code_hash: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    idx: int = Field(sa_column=Column(BIGINT, nullable=False, index=True))
    subject: str = Field(sa_column=Column(words(40), nullable=False))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class OpeningRow(SQLModel, table=True):
    """What opens a commitment. salt and value are NULL once erased."""

    __tablename__ = "openings"
    __table_args__ = (UniqueConstraint("event_id", "field"),)
    commitment: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    field: str = Field(sa_column=Column(words(64), nullable=False))
    salt: bytes | None = Field(sa_column=Column(LargeBinary(32)))
    value: bytes | None = Field(sa_column=Column(LargeBinary))


class ManifestRow(SQLModel, table=True):
    """One row of a manifest. part: the child's id in a split, "" elsewhere; data is NULL once erased."""

    __tablename__ = "manifest_rows"
    __table_args__ = (WITHOUT_ROWID,)
    event_id: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    part: str = Field(sa_column=Column(words(40), primary_key=True))
    n: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    leaf_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    data: bytes | None = Field(sa_column=Column(LargeBinary))


class LogRow(SQLModel, table=True):
    """The head of the log: the one row that a writer locks. last_leaf: leaf hash of entry size - 1."""

    __tablename__ = "log_state"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))
    last_leaf: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    last_rec: str = Field(sa_column=Column(words(20), nullable=False))
    state: str = Field(sa_column=Column(words(), nullable=False))
    heads_through: int = Field(sa_column=Column(BIGINT, nullable=False))
    heads_count: int = Field(sa_column=Column(BIGINT, nullable=False))
    heads_root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    heads_top: str = Field(sa_column=Column(words(), nullable=False))


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
    size: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    note: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    signed_at: str = Field(sa_column=Column(words(20), nullable=False))


class PublishedRow(SQLModel, table=True):
    """A signed tree head that was made visible. published_at: the log's own time, for people only."""

    __tablename__ = "published"
    size: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    published_at: str = Field(sa_column=Column(words(20), nullable=False))


class CosignatureRow(SQLModel, table=True):
    """The newest cosignature of a witness for a tree size. line: the note's line; ts: Unix seconds.

    witness: its vkey, here and in WitnessRow, so that two keys of one name stay apart.
    """

    __tablename__ = "cosignatures"
    size: int = Field(sa_column=Column(BIGINT, primary_key=True, autoincrement=False))
    witness: str = Field(sa_column=Column(words(), primary_key=True))
    line: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    ts: int = Field(sa_column=Column(BIGINT, nullable=False))


class WitnessRow(SQLModel, table=True):
    """What a witness has cosigned last, as far as we know: the ``old`` size to send next."""

    __tablename__ = "witness_state"
    witness: str = Field(sa_column=Column(words(), primary_key=True))
    last_size: int = Field(sa_column=Column(BIGINT, nullable=False))


class PublishingRow(SQLModel, table=True):
    """Whose turn it is to publish. epoch: the fencing token, one more with every turn; holder: for people."""

    __tablename__ = "publishing"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    epoch: int = Field(sa_column=Column(BIGINT, nullable=False))
    holder: str = Field(sa_column=Column(words(), nullable=False))


def table(row: type[SQLModel]) -> Table:
    """The Core table behind a row class: statements on the hot path are Core's."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


LEDGER_TABLES = [
    table(row)
    for row in (
        EntryRow, ChainRow, SubjectRow, KeyRow, CodeRow, OpeningRow, ManifestRow, LogRow, HeadsNodeRow,
        CheckpointRow, PublishedRow, CosignatureRow, WitnessRow, PublishingRow,
    )
]  # fmt: skip

for _name in guards.HISTORY:
    guards.guard(SQLModel.metadata.tables[_name])
