"""Purchases of a company for its programs: placing, following, approving, cancelling."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, Literal, get_args

from fastapi import APIRouter, Query, status
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import IfMatch, OnceDep, created, done_once
from gateway.shell import etags
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.store import purchases as store
from gateway.store import trade
from gateway.store.purchases import Purchase
from gateway.trade.purchase_states import State
from gateway.workflows import purchases as workflow
from gateway.workflows.companies import Actor, actor_of
from gateway.workflows.purchase_flow import Check, amount_minor
from gateway.workflows.purchase_hands import side_of
from gateway.workflows.sale import Terms
from ledger.core import canonical
from ledger.record import Ledger

EXAMPLE: Final = "pur_0c8tq3m7p2d5v9x1k4hr"
HOLD_EXAMPLE: Final = "rsv_0c8tq3m7p2d5v9x1k4hr"

router = APIRouter(prefix="/v1/purchases", tags=["purchases"], route_class=StrictRoute)


class PurchaseIn(Closed):
    """What to buy: holds of the company, all or none.

    incoterm: three letters of Incoterms 2020; place: its named place. po_repeated: the number stands on
    another purchase of the company, and that is meant. consignee, notify_party: whom the goods go to and
    whom the carrier tells, lines parted by semicolons; null as the company's rules say, "" for the company
    itself and for nobody.
    """

    reservations: list[Annotated[str, Field(max_length=40)]] = Field(
        min_length=1, max_length=50, examples=[[HOLD_EXAMPLE]]
    )
    po_number: str = Field(min_length=1, max_length=60, examples=["PO-2026-0417"])
    incoterm: str = Field(pattern=r"^(FCA|CPT)$", examples=["FCA"])
    place: str = Field(min_length=1, max_length=60, examples=["Yantian"])
    po_repeated: bool = Field(default=False, examples=[False])
    consignee: str | None = Field(default=None, max_length=300, examples=["Sao Bien Co.; Hai Phong"])
    notify_party: str | None = Field(default=None, max_length=300, examples=["Cang Forwarding; Hai Phong"])


class PurchaseLineOut(Closed):
    """One lot. unit_price_minor: of one unit of the offer. order: "" while it is not sold."""

    reservation: str = Field(examples=[HOLD_EXAMPLE])
    lot: str = Field(examples=["lot:0c8tq3m7p2d5v9x1k4hr"])
    quantity: int = Field(examples=[20])
    unit_price_minor: int = Field(examples=[8000])
    total_minor: int = Field(examples=[160000])
    head: str = Field(description="event id of the lot's record that the buyer saw", examples=["ab" * 32])
    order: str = Field(examples=["order:0c8tq3m7p2d5v9x1k4hr"])
    order_state: str = Field(examples=["confirmed"])


class StepOut(Closed):
    """One step of its history. reason: why, where one is asked.

    by: a member or a program of the company, ``operator`` for the operator's staff, "" for what happened
    by itself.
    """

    at: str = Field(examples=["2026-11-20T01:30:00+00:00"])
    by: str = Field(examples=["user:usr_0c8tq3m7p2d5"])
    before: str = Field(examples=["pending_approval"])
    after: str = Field(examples=["placed"])
    reason: str = Field(examples=[""])
    remark: str = Field(examples=[""])


class PaymentOut(Closed):
    """Money that arrived, as staff wrote it down."""

    amount_minor: int = Field(examples=[48000])
    paid_on: str = Field(examples=["2026-11-22"])
    reference: str = Field(examples=["SWIFT 7712"])


class PurchaseOut(Closed):
    """A purchase. state: as of docs/purchases.md. hold_until: while it waits, until when."""

    id: str = Field(examples=[EXAMPLE])
    po_number: str = Field(examples=["PO-2026-0417"])
    incoterm: str = Field(examples=["FCA"])
    place: str = Field(examples=["Yantian"])
    market: str = Field(examples=["US"])
    currency: str = Field(examples=["USD"])
    state: State
    total_minor: int = Field(examples=[160000])
    deposit_minor: int = Field(examples=[0])
    paid_minor: int = Field(examples=[0])
    balance_days: int = Field(examples=[0])
    created_at: str = Field(examples=["2026-11-20T01:30:00+00:00"])
    hold_until: str | None = Field(examples=["2026-11-21T01:30:00+00:00"])
    version: int = Field(examples=[2])
    consignee: str = Field(description='"" for the company itself', examples=["Sao Bien Co.; Hai Phong"])
    notify_party: str = Field(description='"" for nobody', examples=["Cang Forwarding; Hai Phong"])
    lines: list[PurchaseLineOut]
    steps: list[StepOut]
    payments: list[PaymentOut]

    @classmethod
    def of(cls, connection: Connection, purchase: Purchase) -> "PurchaseOut":
        payments = store.payments(connection, purchase.id)
        return cls(
            id=purchase.id,
            po_number=purchase.po_number,
            incoterm=purchase.incoterm,
            place=purchase.place,
            market=purchase.market,
            currency=purchase.currency,
            state=purchase.state,
            total_minor=purchase.total_minor,
            deposit_minor=purchase.deposit_minor,
            paid_minor=sum(one.amount_minor for one in payments),
            balance_days=purchase.balance_days,
            created_at=_written(purchase.created_at),
            hold_until=None if purchase.hold_until is None else _written(purchase.hold_until),
            version=purchase.version,
            consignee=purchase.consignee,
            notify_party=purchase.notify_party,
            lines=_lines(connection, purchase),
            steps=[
                StepOut(
                    at=_written(one.at), by=_hand(connection, purchase, one), before=one.before,
                    after=one.after, reason=one.reason, remark=one.remark,
                )
                for one in store.events(connection, purchase.id)
            ],
            payments=[
                PaymentOut(
                    amount_minor=one.amount_minor, paid_on=one.paid_on.isoformat(), reference=one.reference
                )
                for one in payments
            ],
        )  # fmt: skip


def _hand(connection: Connection, purchase: Purchase, event: store.Event) -> str:
    side = side_of(connection, purchase, event)
    return {"company": event.by, "operator": "operator", "house": ""}[side]


def _lines(connection: Connection, purchase: Purchase) -> list[PurchaseLineOut]:
    lines = []
    for line in store.lines(connection, purchase.id):
        hold = trade.reservation(connection, line.reservation)
        order = trade.order(connection, line.order_id) if line.order_id else None
        assert hold is not None  # holds are never deleted
        lines.append(
            PurchaseLineOut(
                reservation=hold.id,
                lot=hold.lot,
                quantity=hold.quantity,
                unit_price_minor=hold.unit_price_minor,
                total_minor=amount_minor(connection, hold),
                head=hold.head,
                order=line.order_id,
                order_state=order.state if order else "",
            )
        )
    return lines


class BriefOut(Closed):
    """A purchase in a list."""

    id: str = Field(examples=[EXAMPLE])
    po_number: str = Field(examples=["PO-2026-0417"])
    state: State
    currency: str = Field(examples=["USD"])
    total_minor: int = Field(examples=[160000])
    created_at: str = Field(examples=["2026-11-20T01:30:00+00:00"])

    @classmethod
    def of(cls, purchase: Purchase) -> "BriefOut":
        return cls(
            id=purchase.id,
            po_number=purchase.po_number,
            state=purchase.state,
            currency=purchase.currency,
            total_minor=purchase.total_minor,
            created_at=_written(purchase.created_at),
        )


class DeclineIn(Closed):
    """Why it is not approved, for whoever placed it."""

    remark: str = Field(default="", max_length=300, examples=["Above this quarter's budget"])


class CancelIn(Closed):
    """Why it ends."""

    reason: Literal["customer", "other"] = Field(default="customer", examples=["customer"])
    remark: str = Field(default="", max_length=300, examples=["Ordered by mistake"])


PURCHASES = Listing[Purchase, BriefOut](lambda one: [one.created_at.isoformat(), one.id], BriefOut.of)


@router.get("", response_model=PageOut[BriefOut])
def purchases(
    visit: VisitDep,
    state: Annotated[State | None, Query(description="in this state alone", examples=["placed"])] = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Response:
    """The company's purchases, oldest first."""
    states = get_args(State) if state is None else (state,)

    def after(position: Position | None, count: int) -> list[Purchase]:
        place = None if position is None else (datetime.fromisoformat(str(position[0])), str(position[1]))
        return store.page(visit.connection, visit.company, place, count, states=states)

    return PURCHASES.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.get("/{purchase}", response_model=PurchaseOut)
def purchase(purchase: str, visit: VisitDep) -> Response:
    """One purchase with its lines, steps and payments, and the ETag that changing it asks for."""
    found = store.get(visit.connection, purchase, company=visit.company)
    if found is None:
        raise NotFound(purchase)
    return etags.answer(visit.request, PurchaseOut.of(visit.connection, found))


@router.post("", status_code=status.HTTP_201_CREATED, response_model=PurchaseOut)
def place(wanted: PurchaseIn, visit: OnceDep) -> Response:
    """Buy what is held; sold at once where nobody has to agree or to pay first.

    409 reservation-expired, head-changed (with what changed), po-number-used, lot-not-verified; 422
    below-order-minimum, mixed-currencies; 403 company-role.
    """
    for name in ("po_number", "place", "consignee", "notify_party"):
        canonical.check_text(getattr(wanted, name) or "", f"/{name}")
    terms = Terms(wanted.po_number, wanted.incoterm, wanted.place, wanted.consignee, wanted.notify_party)
    actor = _actor(visit)

    def prepare() -> Callable[[Ledger], PurchaseOut]:
        unit = workflow.placing(
            visit.installation, wanted.reservations, visit.company, terms, by=actor,
            repeated=wanted.po_repeated,
        )  # fmt: skip
        return lambda ledger: PurchaseOut.of(ledger.connection, unit(ledger))

    return done_once(visit, wanted, prepare, lambda made: created(visit, made, f"/v1/purchases/{made.id}"))


@router.post("/{purchase}/approve", response_model=PurchaseOut)
def approve(purchase: str, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Agree to a purchase that waits for it. 412 when it changed since it was read."""
    del if_match
    etags.require_if_match(visit.request)
    return _changed(
        visit,
        lambda check: workflow.approving(visit.installation, purchase, visit.company, _actor(visit), check),
    )


@router.post("/{purchase}/decline", response_model=PurchaseOut)
def decline(purchase: str, said: DeclineIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """Refuse a purchase that waits for approval; its goods go back."""
    del if_match
    etags.require_if_match(visit.request)
    canonical.check_text(said.remark, "/remark")
    return _changed(
        visit,
        lambda check: workflow.declining(
            visit.installation, purchase, visit.company, _actor(visit), said.remark, check
        ),
    )


@router.post("/{purchase}/cancel", response_model=PurchaseOut)
def cancel(purchase: str, said: CancelIn, visit: HeaderDep, if_match: IfMatch = None) -> Response:
    """End a purchase that is not sold yet; its goods go back. 409 purchase-sold afterwards."""
    del if_match
    etags.require_if_match(visit.request)
    canonical.check_text(said.remark, "/remark")
    return _changed(
        visit,
        lambda check: workflow.cancelling(
            visit.installation, purchase, _actor(visit), said.reason, said.remark, company=visit.company,
            check=check,
        ),
    )  # fmt: skip


def _changed(visit: Visit, prepare: Callable[[Check], Callable[[Ledger], Purchase]]) -> Response:
    """Do a step if the purchase is still as it was read, and answer with what it is now.

    prepare: looks at what has to be looked at before the transaction; the check it is given runs inside.
    """
    inside: list[Connection] = []

    def check(found: Purchase) -> None:
        etags.check_if_match(visit.request, etags.of_model(PurchaseOut.of(inside[-1], found)))

    step = prepare(check)

    def unit(ledger: Ledger) -> PurchaseOut:
        inside.append(ledger.connection)
        return PurchaseOut.of(ledger.connection, step(ledger))

    return etags.answer(visit.request, visit.installation.writer.do(unit))


def _actor(visit: Visit) -> Actor:
    return actor_of(visit.connection, visit.company, visit.principal)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
