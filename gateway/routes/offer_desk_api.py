"""The operator's offers for programs: drafts, moves between states, words; every change in their history."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, status
from pydantic import Field
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import IfMatch, OnceDep
from gateway.shell import etags
from gateway.shell.cursors import Cursor, Limit, PageOut, Position
from gateway.shell.cursors import Listing as Pages
from gateway.store import offer_states, trade
from gateway.store.trade import Listing
from gateway.trade.offer_states import STATES, State
from gateway.trade.quantities import Basis
from gateway.trade.visibility import Visibility
from gateway.workflows import offer_changes
from gateway.workflows.list_lot import Display
from gateway.workflows.offer_changes import Act, Check
from gateway.workflows.offer_terms import Stated
from gateway.workflows.offer_wording import TEXT_MAX, TITLE_MAX, kept, told
from ledger.core import canonical

OFFER_EXAMPLE = "lst_0c8tq3m7p2d5v9x1k4hr"
router = APIRouter(prefix="/v1/operator/offers", tags=["offers"], route_class=StrictRoute)


class SaidIn(Closed):
    """What the seller says in one language; "" says nothing."""

    title: str = Field(default="", max_length=TITLE_MAX, examples=["X7, cleaned and tested"])
    text: str = Field(default="", max_length=TEXT_MAX, examples=["One carton a model."])


class WordingIn(Closed):
    """What the seller says of the goods. It may claim nothing that the records do not prove."""

    zh: SaidIn = Field(default=SaidIn(), examples=[{"title": "", "text": ""}])
    en: SaidIn = Field(default=SaidIn(), examples=[{"title": "X7", "text": ""}])
    vi: SaidIn = Field(default=SaidIn(), examples=[{"title": "", "text": ""}])

    @property
    def fields(self) -> dict[str, dict[str, str]]:
        return {key: getattr(self, key).model_dump() for key in ("zh", "en", "vi")}


class DraftIn(Closed):
    """An offer to be. price_minor: of one unit of basis; null for what the price band proposes."""

    lot: str = Field(max_length=40, examples=["lot:0c8tq3m7p2d5v9x1k4hr"])
    market: str = Field(pattern=r"^[A-Z]{2}$", examples=["VN"])
    channel: str | None = Field(default=None, max_length=40, examples=["direct_export"])
    basis: Basis = Field(default="piece", examples=["piece"])
    price_minor: int | None = Field(default=None, ge=1, examples=[8000])
    moq: int | None = Field(default=None, ge=1, examples=[50])
    multiple: int | None = Field(default=None, ge=1, examples=[10])
    mixed: bool = Field(default=False, examples=[False])
    override_reason: str = Field(default="", max_length=200, examples=[""])
    visibility: Visibility = Field(default="members", examples=["members"])
    tier_min: int = Field(default=1, ge=1, le=9, examples=[1])
    offered_until: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$", examples=["2026-12-24"])
    wording: WordingIn = Field(default=WordingIn(), examples=[{}])


class MoveIn(Closed):
    """Into which state, and why. ``published`` publishes what was handed in, or resumes what is paused."""

    to: Literal["draft", "in_review", "published", "paused", "withdrawn"] = Field(examples=["paused"])
    reason: str = Field(default="", max_length=40, pattern=r"^[a-z_]*$", examples=["stock_count"])
    note: str = Field(default="", max_length=200, examples=["Counted anew on Friday."])


class ChangeOut(Closed):
    """before: "" where the offer began. who: a principal, or gate, record, operator."""

    version: int
    before: str
    after: str = Field(examples=["paused"])
    at: str
    who: str
    reason: str = Field(examples=["stock_count"])
    note: str


class DeskOfferOut(Closed):
    """An offer as the house knows it. head: event id of its lot.listed, "" while nothing is recorded."""

    id: str = Field(examples=[OFFER_EXAMPLE])
    lot: str
    market: str
    channel: str
    state: State = Field(examples=["published"])
    version: int = Field(examples=[3])
    head: str
    currency: str
    unit_price_minor: int
    price_basis: Basis
    visibility: Visibility
    tier_min: int
    offered_until: str
    wording: dict[str, dict[str, str]] = Field(examples=[{"en": {"title": "X7"}}])
    override_reason: str

    @classmethod
    def of(cls, one: Listing) -> "DeskOfferOut":
        return cls(
            id=one.id,
            lot=one.lot,
            market=one.market,
            channel=one.channel,
            state=next(state for state in STATES if state == one.status),
            version=one.version,
            head=one.head,
            currency=one.currency,
            unit_price_minor=one.unit_price_minor,
            price_basis=one.basis,
            visibility=one.visibility,
            tier_min=one.tier_min,
            offered_until=one.offered_until,
            wording={language: dict(fields) for language, fields in told(one.wording).items()},
            override_reason=one.override_reason,
        )


class OfferWithHistoryOut(DeskOfferOut):
    """changes: oldest first; of an offer older than the account, those since."""

    changes: list[ChangeOut]


OFFERS = Pages[Listing, DeskOfferOut](lambda one: [one.id], DeskOfferOut.of)


@router.get("", response_model=PageOut[DeskOfferOut])
def offers(
    visit: VisitDep,
    state: Annotated[State, Query(description="of the offers that are listed")] = "published",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """The offers in a state, by id."""

    def after(position: Position | None, count: int) -> list[Listing]:
        last = str(position[0]) if position else ""
        return offer_states.in_states(visit.connection, {state}, after=last, limit=count)

    return OFFERS.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=OfferWithHistoryOut)
def draft(wanted: DraftIn, visit: OnceDep) -> Response:
    """Write an offer down that nobody sees yet; its lot may still lack something.

    422 price-needed where no band proposes one, unit-not-stated, claims-too-much.
    """
    stated = Stated(
        channel=wanted.channel,
        basis=wanted.basis,
        price_minor=wanted.price_minor,
        moq=wanted.moq,
        multiple=wanted.multiple,
        mixed=wanted.mixed,
        override_reason=wanted.override_reason,
    )
    display = Display(
        visibility=wanted.visibility,
        tier_min=wanted.tier_min,
        offered_until=wanted.offered_until,
        wording=kept(wanted.wording.fields),
    )
    made = offer_changes.draft(
        visit.installation, wanted.lot, wanted.market, stated, display, visit.principal
    )
    return _told(visit, made.id, status.HTTP_201_CREATED)


@router.get("/{offer}", response_model=OfferWithHistoryOut)
def offer(offer: str, visit: VisitDep) -> Response:
    """One offer with everything that happened to it, and the ETag that changing it asks for."""
    return _told(visit, offer)


@router.post("/{offer}/moves", response_model=OfferWithHistoryOut)
def move(offer: str, wanted: MoveIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Bring an offer into another state; what is published or resumed passes the gate at this moment.

    409 offer-state where there is no such way, lot-not-verified with every failing check; 412 when it
    changed since it was read; 422 claims-too-much.
    """
    del if_match
    etags.require_if_match(visit.request)
    canonical.check_text(wanted.note, "/note")
    current = trade.listing(visit.connection, offer)
    if current is None:
        raise NotFound(offer)
    changes = {
        "draft": offer_changes.send_back,
        "in_review": offer_changes.hand_in,
        "published": offer_changes.resume if current.status == "paused" else offer_changes.publish,
        "paused": offer_changes.pause,
        "withdrawn": offer_changes.withdraw,
    }
    act = Act(visit.principal, wanted.reason, wanted.note)
    changes[wanted.to](visit.installation, offer, act, _check(visit))
    return _told(visit, offer)


@router.put("/{offer}/wording", response_model=OfferWithHistoryOut)
def word(offer: str, wanted: WordingIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Replace what the offer says of its goods. 422 claims-too-much, with the words and what is lacking."""
    del if_match
    etags.require_if_match(visit.request)
    act = Act(visit.principal)
    offer_changes.word(visit.installation, offer, wanted.fields, act, _check(visit))
    return _told(visit, offer)


def _check(visit: Visit) -> Check:
    def check(current: Listing) -> None:
        etags.check_if_match(visit.request, etags.of_model(_model(visit, current)))

    return check


def _told(visit: Visit, id_: str, status_code: int = status.HTTP_200_OK) -> Response:
    with visit.installation.database.reading() as connection:  # newer than the visit's own snapshot
        found = trade.listing(connection, id_)
    if found is None:
        raise NotFound(id_)
    return etags.answer(visit.request, _model(visit, found), status_code)


def _model(visit: Visit, one: Listing) -> OfferWithHistoryOut:
    with visit.installation.database.reading() as connection:
        changes = offer_states.changes(connection, one.id)
    return OfferWithHistoryOut(
        **DeskOfferOut.of(one).model_dump(),
        changes=[
            ChangeOut(
                version=change.version,
                before=change.before,
                after=change.after,
                at=change.at.isoformat(timespec="seconds"),
                who=change.who,
                reason=change.reason,
                note=change.note,
            )
            for change in changes
        ],
    )
