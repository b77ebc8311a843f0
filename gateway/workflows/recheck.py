"""Ask the gate again about everything on offer; what no longer passes is withdrawn, with its reason."""

import logging

from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.trade.eligibility import Reason
from gateway.wiring import Installation
from gateway.workflows.gate import Verdict, judge_lot, today, verdict_on
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.errors import LedgerError, StorageUnavailable
from ledger.record import Ledger

SOLD_OUT = "no-stock"  # nothing left is no reason to withdraw: the offer ends by itself
logger = logging.getLogger("lotproof.recheck")


def recheck(installation: Installation) -> list[tuple[Listing, list[Reason]]]:
    """Withdraw every offer that the gate would refuse now; returns those with their reasons.

    Safe to repeat: an offer that is withdrawn already is left alone. One that cannot be judged, or
    cannot be withdrawn, does not keep the others from it.
    """
    withdrawn = []
    with installation.database.reading() as connection:
        listings = trade.listings(connection)
    verdicts: dict[str, Verdict] = {}
    for listing in listings:
        try:
            reasons = _reasons(installation, listing, verdicts)
            if reasons:
                _withdraw(installation, listing, reasons[0])
                withdrawn.append((listing, reasons))
        except StorageUnavailable:  # says nothing about the goods: the next round asks again
            logger.exception("%s could not be looked at", listing.id)
        except (LedgerError, ValueError):
            logger.exception("%s could not be withdrawn", listing.id)
    return withdrawn


def _reasons(installation: Installation, listing: Listing, verdicts: dict[str, Verdict]) -> list[Reason]:
    """Raises StorageUnavailable; every other failure to judge is itself a reason."""
    market = load.markets().market(listing.market)
    try:
        # Its own snapshot: one shared by all the lots would fall behind the checkpoint meanwhile.
        with installation.database.reading() as connection:
            if listing.lot not in verdicts:
                verdicts[listing.lot] = verdict_on(installation, connection, listing.lot)
            judged = judge_lot(installation, connection, listing.lot, verdicts[listing.lot])
    except StorageUnavailable:
        raise
    except (LedgerError, ValueError):  # ValueError: a working copy that is no longer what we wrote
        logger.exception("the history behind %s does not hold", listing.id)
        return [Reason("chain-broken")]
    if market is None or judged is None:
        return [Reason("market-unknown", listing.market)]
    return [r for r in judged.reasons(market, today(installation)) if r.slug != SOLD_OUT]


def _withdraw(installation: Installation, listing: Listing, reason: Reason) -> None:
    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        current = trade.listing(work.connection, listing.id)
        if current is None or current.status != "published":
            return
        subject = work.view.subject(listing.lot)
        if subject is None or subject.state.listings:  # somebody may have withdrawn it in the ledger alone
            work.record(
                "lot.withdrawn",
                [operator_hand(installation, "sales", "seller")],
                {"reason": reason.slug.replace("-", "_")},
                subjects=[listing.lot],
                committed={"market": listing.market, "channel": listing.channel},
            )
        trade.withdraw_listing(work.connection, listing.id)

    installation.writer.do(unit)
