"""The gate fails closed: what cannot be read allows nothing."""

from typing import Any

import pytest

from gateway.policies import load
from gateway.wiring import Installation
from gateway.workflows.gate import judge_lot, today, verdict_on
from gateway.workflows.story import current_lots
from ledger.store.log import OPENINGS


def _offered(installation: Installation, market: str) -> set[str]:
    wanted = load.markets().market(market)
    assert wanted is not None
    offered = set()
    for name, _ in current_lots(installation):
        with installation.database.reading() as connection:
            judged = judge_lot(installation, connection, name, verdict_on(installation, connection, name))
        assert judged is not None
        if not judged.reasons(wanted, today(installation)):
            offered.add(name)
    return offered


@pytest.mark.parametrize("value", [None, b"[]"], ids=["erased", "altered"])
def test_a_grant_whose_territories_cannot_be_read_allows_nothing(
    copied: Installation, value: bytes | None
) -> None:
    """An exclusion that is gone must not become a permission."""
    before = _offered(copied, "VN")
    assert before

    def blur(ledger: Any) -> None:
        territories = OPENINGS.c.field.in_(("territories_denied", "territories_allowed"))
        ledger.connection.execute(OPENINGS.update().where(territories).values(value=value))

    copied.writer.do(blur)
    assert _offered(copied, "VN") == set()
