"""Ask the gate again about everything on offer; what no longer passes is withdrawn, with its reason."""

from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.trade.eligibility import Reason
from gateway.wiring import Installation
from gateway.workflows.gate import Verdict, judge_lot, today, verdict_on
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.record import Ledger

SOLD_OUT = "no-stock"  # nothing left is no reason to withdraw: the offer ends by itself


def recheck(installation: Installation) -> list[tuple[Listing, list[Reason]]]:
    """Withdraw every offer that the gate would refuse now; returns those with their reasons.

    Safe to repeat: an offer that is withdrawn already is left alone.
    """
    withdrawn = []
    with installation.database.reading() as connection:
        listings = trade.listings(connection)
        verdicts = {
            lot: verdict_on(installation, connection, lot) for lot in {listing.lot for listing in listings}
        }
    for listing in listings:
        reasons = _reasons(installation, listing, verdicts[listing.lot])
        if reasons:
            _withdraw(installation, listing, reasons[0])
            withdrawn.append((listing, reasons))
    return withdrawn


def _reasons(installation: Installation, listing: Listing, verdict: Verdict) -> list[Reason]:
    market = load.markets().market(listing.market)
    with installation.database.reading() as connection:
        judged = judge_lot(installation, connection, listing.lot, verdict)
    if market is None or judged is None:
        return [Reason("market-unknown", listing.market)]
    return [r for r in judged.reasons(market, today(installation)) if r.slug != SOLD_OUT]


def _withdraw(installation: Installation, listing: Listing, reason: Reason) -> None:
    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        current = trade.listing(work.connection, listing.id)
        if current is None or current.status != "published":
            return
        work.record(
            "lot.withdrawn",
            [operator_hand(installation, "sales", "seller")],
            {"reason": reason.slug.replace("-", "_")},
            subjects=[listing.lot],
            committed={"market": listing.market, "channel": listing.channel},
        )
        trade.withdraw_listing(work.connection, listing.id)

    installation.writer.do(unit)
