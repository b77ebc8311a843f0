"""The gate fails closed: what cannot be read allows nothing."""

from typing import Any

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


def _blur(installation: Installation, value: bytes | None) -> None:
    def unit(ledger: Any) -> None:
        territories = OPENINGS.c.field.in_(("territories_denied", "territories_allowed"))
        ledger.connection.execute(OPENINGS.update().where(territories).values(value=value))

    installation.writer.do(unit)


def test_a_grant_whose_territories_were_erased_allows_nothing(copied: Installation) -> None:
    assert _offered(copied, "VN")
    _blur(copied, None)
    assert _offered(copied, "VN") == set()


def test_an_exclusion_that_was_emptied_does_not_become_a_permission(copied: Installation) -> None:
    before = _offered(copied, "VN")
    _blur(copied, b"[]")
    assert _offered(copied, "VN") == before  # grants without exclusions still open their commitment
