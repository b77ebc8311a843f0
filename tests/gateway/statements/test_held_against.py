"""An offer may be held against a reference that somebody stated; nobody did here."""

from gateway.store import trade
from gateway.wiring import Installation
from tests.gateway.statements.bench import Bench


def test_an_offer_is_not_held_against_what_nobody_stated(copied: Installation) -> None:
    bench = Bench(copied)
    with bench.installation.database.reading() as connection:
        listed = trade.listings(connection)[0]
    bench.do("withdraw", listed.lot, listing=listed.id, reason="price_changed")
    bench.installation.publisher.publish()
    bench.refused("offer", listed.lot, market=listed.market, against="marketplace")
    bench.do("offer", listed.lot, market=listed.market)
