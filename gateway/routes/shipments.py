"""Shipments for programs: a buyer reads its own, the operator plans them, packs them and tells their way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, status
from pydantic import Field
from sqlalchemy import Connection
from starlette.responses import Response

from exporters.errors import ExportersError
from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import NotFound, Refused, RequestRefused
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep, created, done_once
from gateway.shell import etags
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.store import shipments, trade
from gateway.store.shipments import Container, Shipment
from gateway.tasks.duties.papers import slug_of
from gateway.trade.lateness import Leg, LegLateness, Mode
from gateway.trade.packing import Carton, Content
from gateway.trade.shipment_states import LIVE, State
from gateway.workflows import pick_and_pack
from gateway.workflows import shipments as steps
from gateway.workflows.shipments import Wish
from ledger.record import Ledger

SHIPMENT: Final = "shipment:0c8tq3m7p2d5v9x1k4hr"
ORDER: Final = "order:0c8tq3m7p2d5v9x1k4hr"
MOMENT: Final = "2026-11-22T08:00:00Z"
Grams = Annotated[int, Field(ge=1, le=pick_and_pack.MASS_MAX_G)]
Millimetres = Annotated[int, Field(ge=1, le=20_000)]

Moment = Annotated[str, Field(min_length=16, max_length=40, description="ISO 8601 with its offset.")]

router = APIRouter(prefix="/v1", tags=["shipments"], route_class=StrictRoute)


class LegOut(Closed):
    """etd, eta: as planned; atd, ata: as it was, null before."""

    number: int
    mode: Mode
    carrier: str
    origin: str
    destination: str
    etd: str = Field(examples=[MOMENT])
    eta: str
    atd: str | None
    ata: str | None


class LegLatenessOut(Closed):
    """progress: done, now, next. late_hours: behind its plan on arrival; own_hours: what this leg added.

    behind_promise_hours: how far it alone puts the end behind the promise; negative is time left.
    """

    number: int
    progress: Literal["done", "now", "next"]
    expected_departure: str = Field(examples=[MOMENT])
    expected_arrival: str
    late_hours: int
    own_hours: int
    behind_promise_hours: int


class WayOut(Closed):
    """late_hours: behind the promise, 0 for none."""

    promised_at: str = Field(examples=[MOMENT])
    expected_at: str
    late_hours: int
    legs: list[LegLatenessOut]


class ShippedLineOut(Closed):
    order: str = Field(examples=[ORDER])
    lot: str
    quantity: int


class PackageOut(Closed):
    """A carton. pallet: its number, 0 for none. size_mm: length, width, height, or empty."""

    number: int
    sscc: str = Field(examples=["095212340000000174"])
    pallet: int
    pieces: int
    net_mass_g: int
    gross_mass_g: int
    is_weighed: bool
    size_mm: list[int]


class PalletOut(Closed):
    number: int
    sscc: str
    gross_mass_g: int
    size_mm: list[int]


class ContainerOut(Closed):
    number: str = Field(examples=["CSQU3054383"])
    seal: str


class PaperOut(Closed):
    """href: the file, for whoever may have it; sha256: as it stands in the ledger."""

    kind: str
    number: str
    sha256: str
    href: str


class ShipmentOut(Closed):
    """state: see docs/shipments.md. leg: on which it is, 0 before it left. waits: for a signature."""

    id: str = Field(examples=[SHIPMENT])
    number: str
    state: State
    leg: int
    waits: bool
    planned_at: str
    promised_at: str
    lines: list[ShippedLineOut]
    legs: list[LegOut]
    packages: list[PackageOut]
    pallets: list[PalletOut]
    containers: list[ContainerOut]
    documents: list[PaperOut]
    version: int


class SummaryOut(Closed):
    """A shipment in a list."""

    id: str = Field(examples=[SHIPMENT])
    number: str
    state: State
    pieces: int
    planned_at: str
    promised_at: str


class WishIn(Closed):
    """quantity: pieces; left out for all that is left of the order."""

    order: str = Field(max_length=40, examples=[ORDER])
    quantity: int | None = Field(default=None, ge=1, le=10**9, examples=[20])


class LegIn(Closed):
    mode: Mode = Field(examples=["sea"])
    carrier: str = Field(default="", max_length=120, examples=["Nanhai Lines"])
    origin: str = Field(min_length=1, max_length=60, examples=["Yantian"])
    destination: str = Field(min_length=1, max_length=60, examples=["Hai Phong"])
    etd: Moment = Field(examples=[MOMENT])
    eta: Moment = Field(examples=["2026-11-26T08:00:00Z"])


class PlanIn(Closed):
    """lines: of one company, on the same terms, in one place. legs: empty for the market's usual way."""

    lines: list[WishIn] = Field(min_length=1, max_length=100, examples=[[{"order": ORDER, "quantity": 20}]])
    legs: list[LegIn] = Field(default=[], max_length=12, examples=[[]])


class ContentIn(Closed):
    """part: its number on the pick list, which is the number of the shipment's part."""

    part: int = Field(ge=1, le=10**6, examples=[1])
    quantity: int = Field(ge=1, le=10**9, examples=[20])


class CartonIn(Closed):
    contents: list[ContentIn] = Field(
        min_length=1, max_length=2_000, examples=[[{"part": 1, "quantity": 20}]]
    )
    gross_mass_g: Grams = Field(examples=[8_400])
    size_mm: list[Millimetres] = Field(min_length=3, max_length=3, examples=[[420, 330, 260]])


class ContainerIn(Closed):
    number: str = Field(min_length=11, max_length=11, examples=["CSQU3054383"])
    seal: str = Field(default="", max_length=40, examples=["CN1234567"])


class PackagesIn(Closed):
    """Cartons as they were filled; all that is in them counts as picked. Empty: as the policy fills them."""

    cartons: list[CartonIn] = Field(default=[], max_length=pick_and_pack.CARTONS_MAX, examples=[[]])
    pallets: bool = Field(default=False, examples=[True])
    containers: list[ContainerIn] = Field(default=[], max_length=50, examples=[[]])


class StepIn(Closed):
    """reason: needed to take it apart, and for what is said of it on its way."""

    step: Literal[
        "pack", "issue", "dispatch", "deliver", "cancel", "at_border", "in_transit", "lost", "returned"
    ] = Field(examples=["pack"])
    reason: str = Field(default="", max_length=steps.REASON_MAX, examples=[""])


class TimesIn(Closed):
    """What is left out stays as it is. atd, ata: when it really left and arrived."""

    carrier: str | None = Field(default=None, max_length=120, examples=["Nanhai Lines"])
    etd: Moment | None = Field(default=None, examples=[MOMENT])
    eta: Moment | None = Field(default=None, examples=["2026-11-26T08:00:00Z"])
    atd: Moment | None = Field(default=None, examples=[MOMENT])
    ata: Moment | None = Field(default=None, examples=["2026-11-26T09:00:00Z"])


IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=1_000, description="The ETag that was read last.")
]


async def matched(visit: HeaderDep, if_match: IfMatch = None) -> Visit:
    """A visit that says which version it changes."""
    del if_match  # described here, read strictly there
    etags.require_if_match(visit.request)
    return visit


MatchedDep = Annotated[Visit, Depends(matched)]


@router.get("/shipments", response_model=PageOut[SummaryOut])
def every(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Shipments, newest first: a buyer's own, or all of them for the operator."""
    company = None if visit.role == "operator" else visit.company

    def after(position: Position | None, count: int) -> list[Shipment]:
        at = None if position is None else (datetime.fromisoformat(str(position[0])), str(position[1]))
        return shipments.page(visit.connection, at, count, company=company, states=LIVE)

    listing = Listing[Shipment, SummaryOut](
        lambda one: [one.planned_at.isoformat(), one.id], lambda one: _summary(visit, one)
    )
    return listing.page(visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor)


@router.get("/shipments/{shipment}", response_model=ShipmentOut)
def one(shipment: str, visit: VisitDep) -> Response:
    """One shipment with its legs, packages and papers. shipment: its id, with or without ``shipment:``."""
    return etags.answer(visit.request, _out(visit.connection, _found(visit, shipment)))


@router.get("/shipments/{shipment}/way", response_model=WayOut)
def way(shipment: str, visit: VisitDep) -> Response:
    """How far it is at this moment and how late: each leg against its plan, the whole against the promise."""
    found = _found(visit, shipment)
    if not shipments.legs(visit.connection, found.id):
        raise NotFound(shipment)
    now = steps.way_of(visit.connection, found, visit.installation.clock.now())
    model = WayOut(
        promised_at=_written(now.promised_at),
        expected_at=_written(now.expected_at),
        late_hours=_hours(now.late),
        legs=[_late(one) for one in now.legs],
    )
    return etags.answer(visit.request, model)


@router.post("/shipments:plan", status_code=status.HTTP_201_CREATED, response_model=ShipmentOut)
def plan(wanted: PlanIn, visit: OnceDep) -> Response:
    """Plan a shipment of one order or several, whole or in part.

    409 more-than-allocated (with what is left), order-not-shippable; 422 orders-differ, way-does-not-fit.
    """
    wishes = [Wish(f"order:{line.order.removeprefix('order:')}", line.quantity) for line in wanted.lines]
    way = [
        Leg(
            n,
            leg.mode,
            leg.carrier,
            leg.origin,
            leg.destination,
            _moment(leg.etd, f"/legs/{n - 1}/etd"),
            _moment(leg.eta, f"/legs/{n - 1}/eta"),
        )
        for n, leg in enumerate(wanted.legs, start=1)
    ]

    def prepare() -> Callable[[Ledger], ShipmentOut]:
        unit = steps.planning(visit.installation, wishes, by=visit.principal, way=way)
        return lambda ledger: _out(ledger.connection, unit(ledger))

    return done_once(
        visit,
        wanted,
        prepare,
        lambda made: created(visit, made, f"/v1/shipments/{made.id.partition(':')[2]}"),
    )


@router.put("/shipments/{shipment}/packages", response_model=ShipmentOut)
def packages(shipment: str, wanted: PackagesIn, visit: MatchedDep) -> Response:
    """Say what lies in which carton, and what each weighs; before the packages are signed for.

    409 shipment-not-now; 422 part-unknown, container-number-wrong. Whether all adds up is judged by the
    step ``pack``.
    """
    found = _unchanged(visit, shipment)
    installation, by = visit.installation, visit.principal
    pick_and_pack.contain(
        installation, found.id, [Container(one.number, one.seal) for one in wanted.containers], by=by
    )
    pick_and_pack.pick_all(installation, found.id, by=by)
    if wanted.cartons:
        filled = [
            Carton(
                n,
                tuple(Content(content.part, content.quantity) for content in one.contents),
                0,
                one.gross_mass_g,
                (one.size_mm[0], one.size_mm[1], one.size_mm[2]),
                is_weighed=True,
            )
            for n, one in enumerate(wanted.cartons, start=1)
        ]
        pick_and_pack.fill(installation, found.id, filled, by=by)
    else:
        pick_and_pack.propose(installation, found.id, by=by)
    if wanted.pallets:
        pick_and_pack.stack(installation, found.id, on_pallets=True, by=by)
    return _answer(visit, found)


@router.post("/shipments/{shipment}/steps", response_model=ShipmentOut)
def step(shipment: str, wanted: StepIn, visit: MatchedDep) -> Response:
    """Take the next step, take the shipment apart, or say what became of it on its way.

    pack signs for the packages, issue makes the documents, dispatch asks the gate and lets it leave.
    409 shipment-not-now, lot-not-verified (with every reason), site-without-custody, not-picked,
    papers-not-issued (they were revoked); 422 packing-faults, each naming its field.
    """
    found = _unchanged(visit, shipment)
    if wanted.step not in ("pack", "issue", "dispatch", "deliver") and not wanted.reason.strip():
        error = {"pointer": "/reason", "code": "shipment-reason-missing", "facts": {}}
        raise RequestRefused("invalid-request", errors=[error])
    return _answer(visit, _taken(visit, found, wanted))


@router.put("/shipments/{shipment}/legs/{leg}", response_model=ShipmentOut)
def times(shipment: str, leg: int, wanted: TimesIn, visit: MatchedDep) -> Response:
    """Change a leg's plan, or say when it really left and arrived. 422 way-does-not-fit, with its faults."""
    found = _unchanged(visit, shipment)
    changes: dict[str, Any] = {} if wanted.carrier is None else {"carrier": wanted.carrier}
    for name in ("etd", "eta", "atd", "ata"):
        at = getattr(wanted, name)
        if at is not None:
            changes[name] = _moment(at, f"/{name}")
    return _answer(visit, steps.set_leg(visit.installation, found.id, leg, by=visit.known, **changes))


def _taken(visit: Visit, found: Shipment, wanted: StepIn) -> Shipment:
    installation, by, reason = visit.installation, visit.known, wanted.reason.strip()
    match wanted.step:
        case "pack":
            return steps.pack(installation, found.id, by=by)
        case "issue":
            try:
                return steps.issue(installation, found.id, by=by)
            except ExportersError as error:
                raise Refused(slug_of(error), str(error)) from error
        case "dispatch":
            return steps.dispatch(installation, found.id, by=by)
        case "deliver":
            return steps.arrive(installation, found.id, by=by)
        case "cancel":
            return steps.cancel(installation, found.id, by=by, reason=reason)
    return steps.turn(installation, found.id, wanted.step, by=by, reason=reason)


def _found(visit: Visit, shipment: str) -> Shipment:
    company = None if visit.role == "operator" else visit.company
    found = shipments.get(visit.connection, f"shipment:{shipment.removeprefix('shipment:')}", company=company)
    if found is None or (company is not None and found.state == "cancelled"):
        raise NotFound(shipment)
    return found


def _unchanged(visit: Visit, shipment: str) -> Shipment:
    """Raises RequestRefused ``precondition-failed`` where it changed since it was read."""
    found = _found(visit, shipment)
    etags.check_if_match(visit.request, etags.of_model(_out(visit.connection, found)))
    return found


def _answer(visit: Visit, changed: Shipment) -> Response:
    """As it stands after the change: not in this visit's snapshot, which was taken before."""
    with visit.installation.database.reading() as connection:
        found = shipments.get(connection, changed.id)
        assert found is not None
        model = _out(connection, found)
    return etags.answer(visit.request, model)


def _out(connection: Connection, found: Shipment) -> ShipmentOut:
    return ShipmentOut(
        id=found.id,
        number=found.number,
        state=found.state,
        leg=found.leg,
        waits=bool(found.waits_for),
        planned_at=_written(found.planned_at),
        promised_at=_written(found.promised_at),
        lines=[
            ShippedLineOut(order=line.order_id, lot=line.lot, quantity=line.quantity)
            for line in shipments.lines(connection, found.id)
        ],
        legs=[_leg(leg) for leg in shipments.legs(connection, found.id)],
        packages=[_package(carton) for carton in shipments.cartons(connection, found.id)],
        pallets=[
            PalletOut(
                number=one.number, sscc=one.sscc, gross_mass_g=one.gross_mass_g, size_mm=list(one.size or ())
            )
            for one in shipments.pallets(connection, found.id)
        ],
        containers=[
            ContainerOut(number=one.number, seal=one.seal)
            for one in shipments.containers(connection, found.id)
        ],
        documents=[
            PaperOut(kind=one.kind, number=one.number, sha256=one.sha256, href=f"/documents/{one.code}")
            for one in trade.documents_of_shipment(connection, found.id)
            if not one.superseded_by
        ],
        version=found.version,
    )


def _leg(leg: Leg) -> LegOut:
    return LegOut(
        number=leg.number,
        mode=leg.mode,
        carrier=leg.carrier,
        origin=leg.origin,
        destination=leg.destination,
        etd=_written(leg.etd),
        eta=_written(leg.eta),
        atd=_written(leg.atd) if leg.atd else None,
        ata=_written(leg.ata) if leg.ata else None,
    )


def _late(one: LegLateness) -> LegLatenessOut:
    return LegLatenessOut(
        number=one.leg.number,
        progress=one.progress,
        expected_departure=_written(one.departs_at),
        expected_arrival=_written(one.arrives_at),
        late_hours=_hours(one.late),
        own_hours=_hours(one.own),
        behind_promise_hours=_hours(one.behind_promise),
    )


def _package(one: Carton) -> PackageOut:
    return PackageOut(
        number=one.number,
        sscc=one.sscc,
        pallet=one.pallet,
        pieces=one.pieces,
        net_mass_g=one.net_mass_g,
        gross_mass_g=one.gross_mass_g,
        is_weighed=one.is_weighed,
        size_mm=list(one.size or ()),
    )


def _summary(visit: Visit, one: Shipment) -> SummaryOut:
    return SummaryOut(
        id=one.id,
        number=one.number,
        state=one.state,
        pieces=sum(line.quantity for line in shipments.lines(visit.connection, one.id)),
        planned_at=_written(one.planned_at),
        promised_at=_written(one.promised_at),
    )


def _hours(late: timedelta) -> int:
    return int(late.total_seconds() // 3600)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _moment(text: str, pointer: str) -> datetime:
    """Raises RequestRefused ``invalid-request``: a time without its offset says nothing."""
    try:
        at: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        error = {"pointer": pointer, "code": "time-unreadable", "facts": {}}
        raise RequestRefused("invalid-request", errors=[error])
    return at
