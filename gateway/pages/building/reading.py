"""Read and verify for a page; what cannot be read or proved is said, never guessed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.views import Completeness
from gateway.problems import CouldNotCheck
from gateway.wiring import Installation
from ledger.core import heads, merkle
from ledger.core.envelope import Body, parse_at
from ledger.core.leaf import Leaf
from ledger.core.subjects import is_subject_id
from ledger.errors import InvalidRecord, LedgerError, MissingEvidence, ProofError
from ledger.lots.state import LotState
from ledger.records.registry import typed
from ledger.store import log
from ledger.verify import History

SHORT = 6  # characters of an id that people compare


@contextmanager
def checking(what: str) -> Iterator[None]:
    """Whatever altered bytes make of our readers becomes CouldNotCheck, naming ``what``."""
    try:
        yield
    except InvalidRecord as error:
        raise CouldNotCheck(f"{what}: {error}") from error
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise CouldNotCheck(f"{what}: what is stored cannot be read") from error


def lot_id(text: str) -> str:
    """The subject id behind the 20 characters of a path. Raises NotFound."""
    name = f"lot:{text}"
    if not is_subject_id(name):
        raise NotFound(name)
    return name


def short(subject: str) -> str:
    """The first characters of an id, without its kind."""
    return subject.partition(":")[2][:SHORT]


def history_of(installation: Installation, connection: Connection, lot: str) -> History:
    """The verified history of a lot. Raises NotFound, CouldNotCheck or what a broken log raises."""
    with checking(lot):
        history = installation.verifier().history(connection, lot)
        if history is not None:
            assert isinstance(history.state, LotState)
    if history is None:
        raise NotFound(lot)
    for record in history.records:
        if record.leaf is not None and record.trouble in ("", "distrusted"):
            check_inclusion(installation, record.leaf)
    if history.through is not None:
        _check_newest(installation, connection, history.through)
    return history


def check_inclusion(installation: Installation, leaf: Leaf) -> None:
    """Raise ProofError unless a published leaf leads to the root of the visible checkpoint."""
    verifier = installation.verifier()
    size = verifier.checkpoint.size
    if leaf.index < size:
        path = merkle.inclusion_path(leaf.index, size, verifier.hashes)
        merkle.verify_inclusion(
            leaf.hash, leaf_index=leaf.index, tree_size=size, path=path, root=verifier.checkpoint.root
        )


def _check_newest(installation: Installation, connection: Connection, through: int) -> None:
    """Raise CouldNotCheck when our heads tree is older than the heads record that ends the checkpoint.

    A snapshot taken before the checkpoint became visible lacks that entry and is merely late.
    """
    last = installation.verifier().checkpoint.size - 1
    if through < last and log.leaf(connection, last) is not None:
        raise CouldNotCheck("the heads tree kept here is older than the published one")


def published_leaf(installation: Installation, connection: Connection, index: int) -> Leaf:
    """An entry, compared with the tree where it is published. Raises NotFound, ProofError, CouldNotCheck."""
    encoded = log.leaf(connection, index)
    if encoded is None:
        raise NotFound(str(index))
    verifier = installation.verifier()
    if index < verifier.checkpoint.size and merkle.leaf_hash(encoded) != verifier.hashes(0, index):
        raise ProofError(f"entry {index} is not the entry that was published")
    with checking(f"entry {index}"):
        leaf = Leaf.parse(encoded)
    check_inclusion(installation, leaf)
    return leaf


def inclusion_path(installation: Installation, index: int) -> list[bytes]:
    """Hashes from a leaf to the visible checkpoint's root. Raises NotFound above its size."""
    verifier = installation.verifier()
    if index >= verifier.checkpoint.size:
        raise NotFound(str(index))
    return merkle.inclusion_path(index, verifier.checkpoint.size, verifier.hashes)


def last_heads(installation: Installation, connection: Connection) -> Leaf:
    """The ``log.heads`` record that the heads tree of this database belongs to."""
    head = log.read_head(connection)
    if head is None or head.heads_through < 0:
        raise MissingEvidence("no heads record is published yet")
    _check_newest(installation, connection, head.heads_through)
    leaf = published_leaf(installation, connection, head.heads_through)
    if leaf.record.body.type != "log.heads":
        raise ProofError(f"entry {leaf.index} is no heads record")
    return leaf


def heads_proof(connection: Connection, key: bytes) -> heads.HeadsProof:
    head = log.read_head(connection)
    if head is None:
        raise MissingEvidence("the log is not opened yet")

    def read(bits: int, prefix: bytes) -> heads.Node:
        node = log.heads_node(connection, bits, prefix)
        if node is None:
            raise MissingEvidence("a node of the heads tree is missing")
        return node

    return heads.prove(key, head.heads, read)


def never_issued(installation: Installation, connection: Connection, code_hash: bytes) -> Completeness:
    """Prove that no entry issued a code. Raises ProofError when the tree says otherwise."""
    with checking("heads tree"):
        leaf = last_heads(installation, connection)
        key = heads.code_key(code_hash)
        root = bytes.fromhex(typed(leaf.record).data.root)
        heads.verify_absence(heads_proof(connection, key), root=root, key=key)
    return Completeness(through=leaf.index)


def completeness_of(history: History) -> Completeness | None:
    """No witness that replays the log is known here, so the operator alone states it."""
    return None if history.through is None else Completeness(through=history.through)


def author_time(body: Body) -> datetime:
    """The author's claim, in the author's own offset."""
    sign = -1 if body.offset[0] == "-" else 1
    minutes = sign * (int(body.offset[1:3]) * 60 + int(body.offset[4:]))
    zone = timezone(timedelta(minutes=minutes)) if minutes else UTC
    return parse_at(body.at).astimezone(zone)


def quietly_unreadable(error: Exception) -> bool:
    """Whether a list may leave out the one line that raised this, and show the others."""
    return isinstance(error, LedgerError | CouldNotCheck)
