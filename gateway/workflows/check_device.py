"""Measure some of a device's results again: which ones a seed says, drawn when the results stood."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gateway.errors import NotFound
from gateway.people.identity import Identity
from gateway.people.tokens import new_id
from gateway.statements.action import FieldRefused
from gateway.store import drafts
from gateway.store.drafts import DeviceCheck
from gateway.wiring import Installation
from ledger.lots.state import Batch
from ledger.record import Ledger

SAMPLED_MAX: Final = 200  # on one page


def begin(installation: Installation, identity: Identity, device: str, batch: Batch, sampled: int) -> str:
    """Draw results of a batch; returns the check's id. Raises FieldRefused ``sampled``."""
    if not 1 <= sampled <= min(SAMPLED_MAX, batch.rows):
        raise FieldRefused("sampled", "out-of-range")
    check = DeviceCheck(
        id=new_id("chk"),
        device=device,
        party=identity.organisation,
        batch=batch.event_id,
        seed=secrets.token_hex(32),
        rows=batch.rows,
        sampled=sampled,
        findings={},
        by=identity.principal,
        at=installation.clock.now(),
    )
    installation.writer.do(lambda ledger: drafts.put_check(ledger.connection, check))
    return check.id


def note(
    installation: Installation, identity: Identity, check_id: str, found: Mapping[str, Mapping[str, Any]]
) -> None:
    """Keep what a person measured. found: number of the result -> {measured, agrees}. Raises NotFound."""

    def unit(ledger: Ledger) -> None:
        check = drafts.check(ledger.connection, check_id, party=identity.organisation)
        if check is None or check.stated:
            raise NotFound(check_id)
        drafts.put_check(ledger.connection, replace(check, findings={**check.findings, **found}))

    installation.writer.do(unit)
