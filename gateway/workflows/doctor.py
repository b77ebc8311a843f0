"""Look at everything an operator would have to look at, and say in plain words what to do."""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import text

from gateway.clock import WallClock
from gateway.tasks import broker
from gateway.tasks.publishing import is_watched
from gateway.wiring import OPERATOR_KEYS, PUBLISHER_KEYS, Installation
from gateway.workflows import examine_jobs
from gateway.workflows.compare import remembered
from gateway.workflows.recovery import diagnose
from ledger.core.envelope import parse_at
from ledger.core.keys import key_id
from ledger.core.leaf import Leaf
from ledger.core.log_keys import Change
from ledger.errors import LedgerError
from ledger.standing import Standing, read_standing
from ledger.store import log, turns
from ledger.store.log import LogHead

Level = Literal["ok", "warn", "fail", "rollback"]
FREE_LOW_BYTES, FREE_NONE_BYTES = 2_000_000_000, 100_000_000
WAITING_LONG_S = 60  # a publisher that runs is quicker than that
CLOCK_BEHIND_S = 300
_DURABLE = {
    "sqlite": (("PRAGMA journal_mode", "wal"),),
    "postgresql": (("SHOW fsync", "on"), ("SHOW full_page_writes", "on")),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the answer. fix: what to do, "" when there is nothing to do."""

    name: str
    level: Level
    text: str
    fix: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(installation: Installation) -> list[Check]:
    """Every check, in the order in which a person would want them; none stops the others."""
    checks: list[Check] = []
    for name, look in (
        ("database", _database),
        ("log", _log),
        ("history", _history),
        ("keys", _keys),
        ("published", _published),
        ("publisher", _publisher),
        ("jobs", _jobs),
        ("waiting", _waiting),
        ("witnesses", _witnesses),
        ("clock", _clock),
        ("disk", _disk),
    ):
        try:
            checks += look(installation)
        except LedgerError as error:
            checks.append(Check(name, "fail", str(error)))
    return checks


def exit_code(checks: list[Check]) -> int:
    """0 ok, 1 problems, 5 history is missing here."""
    levels = {check.level for check in checks}
    return 5 if "rollback" in levels else int("fail" in levels)


def _database(installation: Installation) -> Iterator[Check]:
    with installation.database.reading() as connection:
        dialect = connection.dialect.name
        for statement, wanted in _DURABLE[dialect]:
            found = connection.execute(text(statement)).scalar_one()
            if found != wanted:
                fix = "set it: without it a power cut loses acknowledged records"
                yield Check("database", "fail", f"{statement} says {found}, not {wanted}", fix)
                return
        if dialect == "sqlite":
            found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
            if found != "ok":
                fix = "restore a backup, then: lotproof doctor --recover"
                yield Check("database", "fail", f"the file is damaged: {found}", fix)
                return
    yield Check("database", "ok", f"{dialect} opens, its schema is this program's, writes are durable")


def _log(installation: Installation) -> Iterator[Check]:
    head = _head(installation)
    with installation.database.reading() as connection:
        leaf = log.leaf(connection, head.size - 1)
        beyond = log.leaf(connection, head.size)
    if leaf is None or beyond is not None or Leaf.parse(leaf).hash != head.last_leaf:
        fix = "see what is wrong: lotproof fsck"
        yield Check("log", "fail", f"the head row says {head.size} entries, the entries say otherwise", fix)
        return
    yield Check("log", "ok", f"{head.size} entries of {head.state.origin}, the last one at {head.last_rec}")


def _history(installation: Installation) -> Iterator[Check]:
    known, silent = remembered(installation, ask=True)
    wrong = diagnose(installation)
    if wrong is not None:
        yield Check("history", "rollback", wrong.message, wrong.advice)
        if wrong.missing:
            where = f"{wrong.found_in.where} and the published files" if wrong.found_in else "nothing here"
            span = f"entries {wrong.missing.start}..{wrong.missing.stop - 1}"
            yield Check(
                "missing", "rollback", f"{len(wrong.missing)} are missing, {span}; {where} hold them verified"
            )
        return
    places = ", ".join(f"{one.where} ({one.checkpoint.size})" for one in known) or "nobody yet"
    yield Check("history", "ok", f"this database holds what is remembered by {places}")
    if not silent and not any(one.where.startswith("witness") for one in known):
        fix = "ask somebody to run: lotproof witness (docs/run-a-witness.md)"
        told = "no witness remembers this log: a copy of the whole home could sign a second history unseen"
        yield Check("history", "warn", told, fix)
    for name, why in silent.items():
        yield Check("history", "warn", f"could not compare with witness {name}: {why}")


def _keys(installation: Installation) -> Iterator[Check]:
    state, log_keys = _head(installation).state, installation.vkey.now()
    public, good = {"log": {log_keys.newest.public_key.hex()}, "heads": {state.heads_key}}, True
    if installation.log_signers.next_file.exists():
        good = False
        public["log"] |= {key.public_key.hex() for key in log_keys.every()[-2:]}
        yield _change_under_way(installation, log_keys.changes[-1] if log_keys.changes else None)
    for name in OPERATOR_KEYS:
        path = installation.home / "keys" / f"{name}.pem"
        level: Level = "fail"
        if not path.exists():
            good = False
            here = "publish from where it is" if name in PUBLISHER_KEYS else "put it back"
            yield Check("keys", level, f"{path} is not here", f"{here}, from the backup of the keys")
            continue
        try:
            found = installation.signer(name).public_key
        except LedgerError as error:
            good = False
            fix = "chmod 600, the right LOTPROOF_KEY_PASSPHRASE, or the backup of the key"
            yield Check("keys", level, str(error), fix)
            continue
        if name in public and found.hex() not in public[name]:
            good = False
            yield Check("keys", level, f"{path} is another key than the log's", "put the right file back")
        elif name not in public and not _is_registered(installation, found):
            good = False
            yield Check("keys", "warn", f"{path} is not registered in the log (yet)")
    mode = stat.S_IMODE((installation.home / "keys").stat().st_mode)
    if mode & 0o077:
        good = False
        yield Check("keys", "warn", f"the folder of the keys has mode {mode:o}", "chmod 700")
    if good:
        yield Check(
            "keys", "ok", f"{len(OPERATOR_KEYS)} keys are here, readable by their owner only, and right"
        )


def _change_under_way(installation: Installation, last: Change | None) -> Check:
    next_key = installation.log_signers.successor().public_key
    command = f"lotproof keys rotate-log --home {installation.home}"
    if last is None or last.key.public_key != next_key:
        return Check(
            "keys", "warn", "log-next.pem is made, and the log does not name it yet", f"go on: {command}"
        )
    if last.handover is None:
        told = f"the change of the log's key in entry {last.index} is not published yet"
        return Check("keys", "fail", told, f"go on: {command}")
    told = f"both log keys sign since entry {last.index}"
    return Check("keys", "warn", told, f"when everybody knows the new vkey: {command} --finish")


def _published(installation: Installation) -> Iterator[Check]:
    verifier = installation.verifier()  # raises when checkpoint and tiles do not hold
    yield Check(
        "published", "ok", f"the tiles give the root of the visible {verifier.checkpoint.size} entries"
    )
    folder = installation.home / "log"
    if folder.exists() and not os.access(folder, os.W_OK):
        yield Check("published", "fail", f"{folder} cannot be written to", "give it to the publishing user")


def _publisher(installation: Installation) -> Iterator[Check]:
    with installation.database.reading() as connection:
        turn = turns.current(connection)
    if is_watched(installation.home):
        yield Check("publisher", "ok", f"one is running here; {turn} turns so far")
        return
    fix = f"start: lotproof serve, or lotproof publish --watch --home {installation.home}"
    yield Check("publisher", "warn", "none is running on this machine", fix)


def _jobs(installation: Installation) -> Iterator[Check]:
    outbox = examine_jobs.look(installation)
    good = True
    if outbox.has_broker and not broker.answers(installation.settings.broker_url.get_secret_value()):
        good = False
        fix = "start RabbitMQ, or put LOTPROOF_BROKER_URL right; nothing is lost meanwhile"
        since = f", since {outbox.silent_since:%F %T} UTC" if outbox.silent_since else ""
        yield Check("jobs", "fail", f"the broker does not answer{since}; {outbox.open} jobs wait", fix)
    elif outbox.late_since is not None:
        good = False
        fix = f"start: lotproof {'worker' if outbox.has_broker else 'serve'} --home {installation.home}"
        told = f"{outbox.open} jobs are open, and nobody begins the one of {outbox.late_since:%F %T} UTC"
        yield Check("jobs", "warn", told, fix)
    if outbox.parked:
        good = False
        fix = f"see why, and try again or give up: {installation.public_url}/operator/jobs?state=parked"
        yield Check("jobs", "warn", f"{outbox.parked} jobs are parked", fix)
    if good:
        yield Check("jobs", "ok", f"{outbox.open} jobs are open, none is late, none is parked")


def _waiting(installation: Installation) -> Iterator[Check]:
    standing = _standing(installation)
    if standing.size <= standing.visible:
        yield Check("waiting", "ok", "everything recorded is visible")
        return
    with installation.database.reading() as connection:
        leaf = log.leaf(connection, standing.visible)
    since = Leaf.parse(leaf).recorded_at if leaf else ""
    age_s = (installation.clock.now() - parse_at(since)).total_seconds() if since else 0.0
    told = f"{standing.size - standing.visible} entries wait to be visible, the first since {since}"
    if standing.unwitnessed_since:
        told += f"; unwitnessed since {standing.unwitnessed_since}"
    level: Level = "fail" if age_s > WAITING_LONG_S else "warn"
    yield Check("waiting", level, told, f"see why: lotproof publish --home {installation.home}")


def _witnesses(installation: Installation) -> Iterator[Check]:
    quorum = installation.quorum
    if quorum is None:
        fix = f"write a tlog-policy to {installation.home / 'policy'} (docs/run-a-witness.md)"
        yield Check("witnesses", "warn", "publication asks for no witness: readers have our word only", fix)
        return
    quorum.check_lists(installation.vkey.now())
    standing = _standing(installation)
    if standing.cosigned_at is None:
        level: Level = "ok" if quorum.policy.is_met_by(()) else "fail"
        yield Check("witnesses", level, "no witness has cosigned the visible checkpoint")
        return
    age_s = WallClock().now().timestamp() - standing.cosigned_at
    told = f"quorum {quorum.policy.quorum}; the oldest cosignature is {_spoken(age_s)} old"
    if age_s > 2 * installation.settings.freshness_s:
        fix = f"is the publisher running? lotproof publish --watch --home {installation.home}"
        yield Check("witnesses", "warn", told, fix)
    else:
        yield Check("witnesses", "ok", told)


def _clock(installation: Installation) -> Iterator[Check]:
    head, now = _head(installation), installation.clock.now()
    behind_s = (parse_at(head.last_rec) - now).total_seconds()
    cosigned_at = _standing(installation).cosigned_at
    future_s = (cosigned_at - WallClock().now().timestamp()) if cosigned_at else 0.0
    worst = max(behind_s, future_s)
    if worst > 0:
        level: Level = "fail" if worst > CLOCK_BEHIND_S else "warn"
        yield Check(
            "clock", level, f"this clock is {_spoken(worst)} behind what it has seen", "put it right (NTP)"
        )
        return
    yield Check("clock", "ok", "this clock is not behind the log or its witnesses")


def _disk(installation: Installation) -> Iterator[Check]:
    free = shutil.disk_usage(installation.home).free
    told = f"{free / 1e9:.1f} GB are free"
    if free < FREE_NONE_BYTES:
        yield Check("disk", "fail", told, "make room before the database needs it")
    else:
        yield Check("disk", "warn" if free < FREE_LOW_BYTES else "ok", told)


def _head(installation: Installation) -> LogHead:
    with installation.database.reading() as connection:
        head = log.read_head(connection)
    if head is None:
        raise LedgerError("the log is not opened yet")
    return head


def _standing(installation: Installation) -> Standing:
    policy = installation.publication_policy
    return read_standing(installation.database, installation.log, installation.vkey, policy)


def _is_registered(installation: Installation, public_key: bytes) -> bool:
    with installation.database.reading() as connection:
        head = log.read_head(connection)
        known = log.key(connection, key_id(public_key))
    return known is not None or (head is not None and public_key.hex() in head.state.root_keys)


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{max(0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
