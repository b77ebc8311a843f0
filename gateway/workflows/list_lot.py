"""List what the gate lets through: recorded in the ledger, and shown to buyers in the same transaction."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.policies import load
from gateway.store import offer_states, trade
from gateway.store.trade import Listing
from gateway.trade.eligibility import Market
from gateway.trade.visibility import Visibility
from gateway.workflows import index_offer
from gateway.workflows.gate import Judged, Verdict, judge_lot
from gateway.workflows.offer_terms import OfferTerms, Stated, agree
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.record import Entry, Prepared

AS_THE_POLICIES = Stated()
ELSEWHERE: Final = "record"  # whose hand an offer has that came as a record, signed ready-made
GATE: Final = "gate"
REPLACED: Final = "replaced"


@dataclass(frozen=True, slots=True)
class Display:
    """To whom an offer is shown, until when, and what it says beside the facts.

    offered_until: last day, YYYY-MM-DD, "" for none. wording: as ``offer_wording.kept`` writes it.
    """

    visibility: Visibility = "members"
    tier_min: int = 1
    event: str = ""
    offered_until: str = ""
    wording: str = ""


MEMBERS: Final = Display()


def list_lot(
    work: Work, lot: str, market: Market, verdict: Verdict, stated: Stated = AS_THE_POLICIES
) -> Listing:
    """Record and publish an offer. Raises LotNotVerified with every reason, Refused as ``agree``."""
    installation = work.installation
    judged = judge_lot(installation, work.connection, lot, verdict)
    if judged is None:
        raise NotFound(lot)
    terms = agree(installation, judged, market, stated)
    entry = record_offer(work, judged, terms)
    return show_offer(work, lot, terms, judged.facts.lot.quantity, entry.event_id, judged=judged)


def record_offer(work: Work, judged: Judged, terms: OfferTerms) -> Entry:
    """Write into the ledger that a lot is offered, signed by the house's key for sales."""
    return work.record(
        "lot.listed",
        [operator_hand(work.installation, "sales", "seller")],
        {"verification": judged.verification(terms.place), "depth_max": load.permission().depth_max},
        subjects=[judged.lot],
        refs=judged.facts.lot.authorizations,
        committed=terms.committed,
    )


def show_offer(  # what was recorded, and how it is shown
    work: Work,
    lot: str,
    terms: OfferTerms,
    quantity: int,
    head: str,
    display: Display = MEMBERS,
    who: str = "operator",
    judged: Judged | None = None,
) -> Listing:
    """Show buyers what was recorded as listed.

    quantity: pieces of the lot; head: event id of the record; who: a principal. judged: the lot as the gate
    let it through, where the caller has it.
    """
    now = work.installation.clock.now()
    make_room(work, lot, terms.market, quantity, who)
    listing = Listing(
        id=new_listing_id(),
        lot=lot,
        head=head,
        status="published",
        published_at=now,
        **asdict(terms),
        **asdict(display),
    )
    made = offer_states.begin(work.connection, listing, who=who, reason="offered", at=now)
    index_offer.enter(work, made, judged)
    return made


def make_room(work: Work, lot: str, market: str, quantity: int, who: str) -> None:
    """Begin to count the lot where nobody does yet, and end what stands in the market: one offer a market."""
    now = work.installation.clock.now()
    if trade.stock(work.connection, lot) is None:
        trade.open_stock(work.connection, lot, quantity, now)
    for one in offer_states.standing(work.connection, lot=lot):
        if one.market == market:
            offer_states.move(work.connection, one, "withdrawn", who=who, reason=REPLACED, at=now)


def new_listing_id() -> str:
    return f"lst_{new_id('work').partition(':')[2]}"


def listed_elsewhere(work: Work, entry: Entry, prepared: Prepared) -> None:
    """A ``lot.listed`` that was signed and sent ready-made waits for the gate, which publishes or ends it.

    What it does not open (market, channel, price) nobody here can offer: then the record stands alone.
    """
    opened = _opened(prepared)
    price = opened.get("price")
    market = load.markets().market(str(opened.get("market")), opened.get("channel"))
    if market is None or not isinstance(price, dict) or price["currency"] != market.currency:
        return
    now = work.installation.clock.now()
    waiting = Listing(
        id=new_listing_id(),
        lot=_lot(prepared),
        market=market.code,
        channel=market.channel,
        currency=market.currency,
        unit_price_minor=price["amount_minor"],
        moq=load.channels().moq,
        head=entry.event_id,
        status="in_review",
        published_at=now,
    )
    offer_states.begin(work.connection, waiting, who=ELSEWHERE, reason="recorded", at=now)


def withdrawn_elsewhere(work: Work, _entry: Entry, prepared: Prepared) -> None:
    """A ``lot.withdrawn`` that was sent ready-made ends the offer here, too.

    Where the record does not open which market it means and others stand beside it, all are paused: one of
    them is no offer any more, and a person has to say which.
    """
    lot, market = _lot(prepared), _opened(prepared).get("market")
    found = _recorded(work.connection, lot)
    meant = [one for one in found if market is None or one.market == market]
    subject = work.view.subject(lot)
    clear = market is not None or subject is None or subject.state.listings == 0
    now = work.installation.clock.now()
    for one in meant:
        if clear:
            reason = str(prepared.typed.data.reason).replace("_", "-")
            offer_states.move(work.connection, one, "withdrawn", who=ELSEWHERE, reason=reason, at=now)
        elif one.status == "published":
            offer_states.move(
                work.connection, one, "paused", who=ELSEWHERE, reason="withdrawn-somewhere", at=now
            )


def _recorded(connection: Connection, lot: str) -> list[Listing]:
    """Offers of a lot that stand in the ledger."""
    found = offer_states.in_states(connection, {"in_review", "published", "paused"}, lot=lot)
    return [one for one in found if one.head]


def _opened(prepared: Prepared) -> Mapping[str, Any]:
    return {name: opening.value for name, opening in prepared.submission.open.items()}


def _lot(prepared: Prepared) -> str:
    return prepared.typed.record.body.subjects[0].id
