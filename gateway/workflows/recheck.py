"""Ask the gate again about everything on offer; what no longer passes is withdrawn, with its reason.

Beside it, what ends by itself: an offer whose last day has passed, one of which every unit is sold. And an
offer that came as a record from elsewhere is published here once the gate lets it through.
"""

import logging
from dataclasses import asdict, dataclass

from gateway.errors import LotNotVerified, Refused
from gateway.policies import load
from gateway.store import offer_states
from gateway.store.trade import Listing, listing
from gateway.trade.eligibility import Reason
from gateway.trade.offer_states import State, has_ended
from gateway.wiring import Installation
from gateway.workflows import index_offer
from gateway.workflows.gate import Judged, Verdict, judge_lot, today, verdict_on
from gateway.workflows.list_lot import GATE, make_room
from gateway.workflows.offer_terms import OfferTerms, Stated, agree
from gateway.workflows.offer_wording import check_wording, told
from gateway.workflows.parties import operator_hand
from gateway.workflows.references import asked_by
from gateway.workflows.work import Work
from ledger.errors import LedgerError, StorageUnavailable
from ledger.record import Ledger

# Nothing left is no reason to withdraw: the offer ends by itself. Nor is stock that was not stated lately:
# nothing can be reserved meanwhile, and the next statement brings the offer back.
PASSING = frozenset({"no-stock", "stock-feed-stale"})
LAST_DAY_PASSED, ALL_SOLD = Reason("last-day-passed"), Reason("all-sold")
OVERCLAIMED = Reason("claims-too-much")
_JUDGED: frozenset[State] = frozenset({"in_review", "published", "paused"})
logger = logging.getLogger("lotproof.recheck")


@dataclass(frozen=True, slots=True)
class Found:
    """What is to become of an offer. terms: of one that may be published now."""

    after: State
    reasons: tuple[Reason, ...] = ()
    terms: OfferTerms | None = None


def recheck(installation: Installation) -> list[tuple[Listing, list[Reason]]]:
    """Withdraw every offer that the gate would refuse now; returns those with their reasons.

    Safe to repeat: an offer that is withdrawn already is left alone. One that cannot be judged, or
    cannot be withdrawn, does not keep the others from it.
    """
    withdrawn = []
    with installation.database.reading() as connection:
        listings = [one for one in offer_states.in_states(connection, _JUDGED) if one.head]
    verdicts: dict[str, Verdict] = {}
    for one in listings:
        try:
            found = _found(installation, one, verdicts)
            if found is not None:
                _bring(installation, one, found)
                if found.after == "withdrawn":
                    withdrawn.append((one, list(found.reasons)))
        except StorageUnavailable:  # says nothing about the goods: the next round asks again
            logger.exception("%s could not be looked at", one.id)
        except (LedgerError, ValueError, Refused):
            logger.exception("%s could not be withdrawn", one.id)
            index_offer.doubt(installation, one.id)  # no list shows it meanwhile
    return withdrawn


def _found(installation: Installation, one: Listing, verdicts: dict[str, Verdict]) -> Found | None:
    """None: it stays as it is. Raises StorageUnavailable; every other failure to judge is itself a reason."""
    market = load.markets().market(one.market, one.channel)
    try:
        # Its own snapshot: one shared by all the lots would fall behind the checkpoint meanwhile.
        with installation.database.reading() as connection:
            if one.lot not in verdicts:
                verdicts[one.lot] = verdict_on(installation, connection, one.lot)
            judged = judge_lot(installation, connection, one.lot, verdicts[one.lot])
    except StorageUnavailable:
        raise
    except (LedgerError, ValueError):  # ValueError: a working copy that is no longer what we wrote
        logger.exception("the history behind %s does not hold", one.id)
        return Found("withdrawn", (Reason("chain-broken"),))
    if market is None or judged is None:
        return Found("withdrawn", (Reason("market-unknown", one.market),))
    if one.status == "in_review":
        return _reviewed(installation, one, judged)
    reasons = [r for r in judged.reasons(market, today(installation), asked_by(one)) if r.slug not in PASSING]
    if reasons:
        return Found("withdrawn", tuple(reasons))
    return ended(installation, one, judged)


def ended(installation: Installation, one: Listing, judged: Judged) -> Found | None:
    """What ends or stops an offer that the gate has nothing against."""
    if has_ended(one.offered_until, today(installation).isoformat()):
        return Found("expired", (LAST_DAY_PASSED,))
    lot = judged.facts.lot
    if lot.sold is not None and lot.sold >= lot.quantity > 0:
        return Found("sold_out", (ALL_SOLD,))
    if one.status == "published" and check_wording(judged, told(one.wording)):
        return Found("paused", (OVERCLAIMED,))  # a repair since: somebody has to say it anew
    return None


def _reviewed(installation: Installation, one: Listing, judged: Judged) -> Found:
    """An offer that came as a record: with the price that it names, in steps as the policies have them."""
    market = load.markets().market(one.market)
    assert market is not None  # it was looked up before
    try:
        stated = Stated(channel=one.channel, price_minor=one.unit_price_minor)
        return Found("published", terms=agree(installation, judged, market, stated))
    except LotNotVerified as error:
        return Found("withdrawn", tuple(error.reasons))
    except Refused as error:
        return Found("withdrawn", (Reason(error.code),))


def _bring(installation: Installation, one: Listing, found: Found) -> None:
    """In one transaction with the record that says so; an end that is no news to the ledger has none."""

    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        current = listing(work.connection, one.id)
        if current is None or current.status != one.status or current.version != one.version:
            return  # somebody else saw to it
        if found.after in ("withdrawn", "expired"):
            _record(work, one, found.reasons[0])
        reason = found.reasons[0].slug if found.reasons else "gate-passed"
        now, values = installation.clock.now(), {}
        if found.terms is not None:
            make_room(work, one.lot, one.market, _quantity(work, one.lot), GATE)
            values = {**asdict(found.terms), "published_at": now}
        note = " ".join(r.detail for r in found.reasons[:1])
        moved = offer_states.move(
            work.connection, current, found.after, who=GATE, reason=reason, at=now, note=note, **values
        )
        if moved.status == "published":
            index_offer.enter(work, moved)

    installation.writer.do(unit)


def _record(work: Work, one: Listing, reason: Reason) -> None:
    subject = work.view.subject(one.lot)
    if subject is None or subject.state.listings:  # somebody may have withdrawn it in the ledger alone
        work.record(
            "lot.withdrawn",
            [operator_hand(work.installation, "sales", "seller")],
            {"reason": reason.slug.replace("-", "_")},
            subjects=[one.lot],
            committed={"market": one.market, "channel": one.channel},
        )


def _quantity(work: Work, lot: str) -> int:
    subject = work.view.subject(lot)
    assert subject is not None  # it was judged
    return int(subject.state.quantity)
