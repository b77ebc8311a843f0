"""What administrators look into: sign-ins, refused actions, changes of rights."""

import logging
import re
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.people.tokens import new_id
from gateway.store import security_log
from gateway.store.security_log import SecurityEvent
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.record import Ledger

KINDS: Final = (
    "signed-in", "sign-in-failed", "sign-in-throttled", "second-factor-failed", "recovery-code-used",
    "denied", "form-refused", "key-refused", "password-changed", "second-factor-set", "second-factor-reset",
    "password-reset",
    "invited", "invitation-accepted", "company-applied", "company-decided", "company-role-set",
    "key-made", "key-revoked",
    "user-disabled", "user-enabled", "membership-ended", "sessions-ended",
)  # fmt: skip
KEPT: Final = timedelta(days=180)
REFUSALS_PER_MINUTE: Final = 60  # of one principal that are written down; a flood would hide the rest
logger = logging.getLogger(__name__)


def note(
    connection: Connection,
    kind: str,
    *,
    at: datetime,
    principal: str,
    address: str = "",
    route: str = "",
    detail: str = "",
) -> None:
    """Write one event in the transaction of what it tells of. address: shortened already."""
    assert kind in KINDS, kind
    event = SecurityEvent(
        new_id("sev"), at, kind, principal[:80], _plain(route)[:120], address[:60], _plain(detail)[:200]
    )
    security_log.add(connection, event)


def note_refusal(
    installation: Installation, kind: str, *, principal: str, address: str, route: str, detail: str = ""
) -> None:
    """Write down that somebody was refused something; refused it stays when that cannot be written."""
    now = installation.wall_clock.now()

    def unit(ledger: Ledger) -> None:
        seen = security_log.count_since(ledger.connection, principal, now - timedelta(minutes=1))
        if seen < REFUSALS_PER_MINUTE:
            note(
                ledger.connection,
                kind,
                at=now,
                principal=principal,
                address=address,
                route=route,
                detail=detail,
            )

    logger.warning("%s: %s by %s: %s", kind, _plain(route), principal, detail)
    with suppress(LedgerError):
        installation.writer.do(unit)


def _plain(text: str) -> str:
    """Outside text without what could break a line or hide in one."""
    return re.sub(r"[^ -~]", "?", text)
