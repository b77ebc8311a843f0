"""May this process be sent visitors? What must work, what may be slow, and how old what waits is."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from gateway.migrate import check
from gateway.store import jobs
from gateway.wiring import OPERATOR_KEYS, PUBLISHER_KEYS, Installation
from gateway.workflows.compare import compare
from gateway.workflows.doctor import FREE_NONE_BYTES
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.errors import LedgerError, StorageUnavailable
from ledger.standing import read_standing
from ledger.store import log

UNPUBLISHED_MAX_S = 600.0  # receipts promise a published checkpoint; behind this, others should take them


@dataclass(frozen=True, slots=True)
class Readiness:
    """Names of what does not work. degraded: what the process can do without for a while."""

    failing: tuple[str, ...]
    degraded: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        return not self.failing


@dataclass(frozen=True, slots=True)
class Waiting:
    """entries: sequenced; behind: of these, not visible yet; oldest_s: seconds the first of them waits."""

    entries: int
    behind: int
    oldest_s: float


def readiness(installation: Installation) -> Readiness:
    """Names only: the answer is public, and why stands in the log and in ``lotproof doctor``."""
    failing: list[str] = []
    degraded: list[str] = []
    for name, works in _NEEDED.items():
        try:
            if not works(installation):
                failing.append(name)
        except StorageUnavailable:
            (degraded if name == "log" and installation.settings.objects else failing).append(name)
        except (LedgerError, SQLAlchemyError, OSError, ValueError):
            failing.append(name)
    if "database" not in failing:
        degraded += _late_effects(installation)
    return Readiness(tuple(failing), tuple(degraded))


def waiting(installation: Installation) -> Waiting:
    """Raises LedgerError when it cannot be told."""
    standing = read_standing(installation.database, installation.log, installation.vkey)
    behind = max(0, standing.size - standing.visible)
    if not behind:
        return Waiting(standing.size, 0, 0.0)
    with installation.database.reading() as connection:
        leaf = log.leaf(connection, standing.visible)
    since = parse_at(Leaf.parse(leaf).recorded_at) if leaf else installation.clock.now()
    return Waiting(standing.size, behind, max(0.0, (installation.clock.now() - since).total_seconds()))


def outbox_age_s(installation: Installation) -> float:
    """Seconds that the oldest job which is due and not done has waited."""
    with installation.database.reading() as connection:
        oldest = jobs.oldest_open(connection)
    return 0.0 if oldest is None else max(0.0, (installation.clock.now() - oldest).total_seconds())


def _is_open(installation: Installation) -> bool:
    with installation.database.reading() as connection:
        return log.read_head(connection) is not None


def _has_our_schema(installation: Installation) -> bool:
    check(installation.database, installation.home)
    return True


def _log_holds(installation: Installation) -> bool:
    installation.verifier()
    compare(installation, ask=False)
    return True


def _keys_open(installation: Installation) -> bool:
    return all(installation.signer(name).public_key for name in OPERATOR_KEYS if name not in PUBLISHER_KEYS)


def _has_room(installation: Installation) -> bool:
    return shutil.disk_usage(installation.home).free >= FREE_NONE_BYTES


def _is_published(installation: Installation) -> bool:
    return waiting(installation).oldest_s <= UNPUBLISHED_MAX_S


_NEEDED: dict[str, Callable[[Installation], bool]] = {
    "database": _is_open,
    "schema": _has_our_schema,
    "log": _log_holds,
    "keys": _keys_open,
    "disk": _has_room,
    "unpublished": _is_published,
}


def _late_effects(installation: Installation) -> Iterator[str]:
    try:
        if outbox_age_s(installation) > UNPUBLISHED_MAX_S:
            yield "jobs"
    except (LedgerError, SQLAlchemyError):
        yield "jobs"
