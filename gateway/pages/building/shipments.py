"""The pages about shipments, from stored facts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.article import name_of
from gateway.pages.building.orders import bare, order_number
from gateway.pages.building.reading import short
from gateway.pages.views.buyer import OrderDocument
from gateway.pages.views.forms import Form
from gateway.pages.views.shipments import (
    CargoLine,
    FaultLine,
    LegLine,
    MyShipmentsView,
    MyShipmentView,
    OpenOrder,
    PackageLabel,
    PackageLabelsView,
    PackageLine,
    PalletLine,
    PickLine,
    PickPlace,
    PickView,
    ShipmentEvent,
    ShipmentFacts,
    ShipmentLine,
    ShipmentsView,
    ShipmentView,
    StepOffer,
    WayView,
)
from gateway.pages.views.values import Link, Mass, Reason
from gateway.store import dossiers, goods, party_names, people, shipments, trade
from gateway.store.goods import Item
from gateway.store.shipments import Shipment
from gateway.trade.lateness import Leg, Way, days
from gateway.trade.packing import Carton, Fault, Size
from gateway.trade.shipment_states import HERE, UNDER_WAY, State, may_follow
from gateway.wiring import Installation
from gateway.workflows import dossier_zip
from gateway.workflows import shipments as steps
from gateway.workflows.shipment_papers import Loaded, load_of
from qrcodes import symbol
from qrcodes.serial import printed

LIST: Final = "/operator/shipments"
MINE: Final = "/shipments"
PAGE: Final = 25
PACKAGES_SHOWN: Final = 60
SSCC_END: Final = 4  # digits by which people tell one label from another
PARTS_SHOWN: Final = 40  # of one lot; the rest is reached by scanning, or picked together
GROUPS: Final[Mapping[str, frozenset[State]]] = {
    "here": HERE,
    "under_way": UNDER_WAY,
    "done": frozenset({"delivered"}),
    "off": frozenset({"lost", "returned", "cancelled"}),
    "all": frozenset(),
}
_TONES: Final[Mapping[State, str]] = {
    "planned": "busy", "packed": "busy", "documents_ready": "busy", "dispatched": "good",
    "in_transit": "good", "at_border": "warn", "delivered": "good", "lost": "bad", "returned": "warn",
    "cancelled": "",
}  # fmt: skip
_STEPS: Final[tuple[State, ...]] = ("planned", "packed", "documents_ready", "dispatched", "delivered")
SAID: Final[tuple[State, ...]] = ("at_border", "in_transit", "lost", "returned")
_OFFERED: Final[Mapping[State, str]] = {
    "planned": "pick", "packed": "documents", "documents_ready": "dispatch", "dispatched": "deliver",
    "in_transit": "deliver", "at_border": "deliver",
}  # fmt: skip


def number_of(shipment_id: str) -> str:
    """What stands in addresses."""
    return shipment_id.partition(":")[2]


def shipments_view(
    installation: Installation, connection: Connection, group: str, form: Form, language: str, after: str = ""
) -> ShipmentsView:
    """Raises NotFound for a group or a position that is not there."""
    if group not in GROUPS:
        raise NotFound(group)
    now = installation.clock.now()
    found = shipments.page(connection, _after(connection, after), PAGE + 1, states=GROUPS[group])
    buyers = {company.id: company.name for company in trade.companies(connection)}
    counts = shipments.counts(connection)
    return ShipmentsView(
        lines=tuple(_line(connection, one, LIST, now, buyers[one.company]) for one in found[:PAGE]),
        tabs=tuple(
            (f"{LIST}?group={name}", name, name == group, sum(counts.get(s, 0) for s in states or counts))
            for name, states in GROUPS.items()
        ),
        orders=tuple(_open_orders(connection, buyers, language)),
        form=form,
        next_href=f"{LIST}?group={group}&after={number_of(found[PAGE - 1].id)}" if len(found) > PAGE else "",
    )


def my_shipments_view(
    installation: Installation, connection: Connection, company: str, after: str = ""
) -> MyShipmentsView:
    """What a company's buyers see: shipments that were not taken apart."""
    now = installation.clock.now()
    states = frozenset(_TONES) - {"cancelled"}
    position = _after(connection, after, company)
    found = shipments.page(connection, position, PAGE + 1, company=company, states=states)
    next_href = f"{MINE}?after={number_of(found[PAGE - 1].id)}" if len(found) > PAGE else ""
    return MyShipmentsView(
        lines=tuple(_line(connection, one, MINE, now, "") for one in found[:PAGE]), next_href=next_href
    )


def shipment_view(  # the page, and what a form on it came back with
    installation: Installation,
    connection: Connection,
    shipment: Shipment,
    language: str,
    *,
    form: Form | None = None,
    leg_form: Form | None = None,
    leg_number: int = 0,
    find: str = "",
    error: str = "",
    reasons: Sequence[Reason] = (),
) -> ShipmentView:
    company = trade.company(connection, shipment.company)
    path = f"{LIST}/{number_of(shipment.id)}"
    offered = _OFFERED.get(shipment.state, "") if not shipment.waits_for else ""
    facts = _facts(installation, connection, shipment, language, find)
    return ShipmentView(
        facts=facts,
        buyer=company.name if company else "",
        site=shipment.site,
        custodian=party_names.name_of(connection, shipment.custodian, language),
        path=path,
        pick_href=f"{path}/pick" if shipment.state == "planned" else "",
        labels_href=f"{path}/labels" if facts.packages_total else "",
        waits_href=f"/statements/{shipment.waits_for}" if shipment.waits_for else "",
        next=StepOffer(step=offered, action=f"{path}/{offered}") if offered else None,
        may_cancel=shipment.state in HERE and not shipment.waits_for,
        may_turn=tuple(one for one in SAID if may_follow(shipment.state, one)),
        may_contain=shipment.state in ("planned", "packed") and not shipment.waits_for,
        legs_open=shipment.state not in ("delivered", "returned", "cancelled"),
        events=tuple(_events(connection, shipment)),
        form=form or Form(),
        leg_form=leg_form or Form(),
        leg_number=leg_number,
        reasons=tuple(reasons),
        error=error,
        papers_href=f"{path}/papers" if shipment.state != "cancelled" else "",
    )


def my_shipment_view(
    installation: Installation, connection: Connection, shipment: Shipment, language: str, find: str = ""
) -> MyShipmentView:
    facts = _facts(installation, connection, shipment, language, find, mine=True)
    issued = dossiers.issued(connection, shipment.id)
    has_zip = issued is not None and dossier_zip.kept(connection, issued) is not None
    return MyShipmentView(
        facts=facts,
        zip_href=f"{MINE}/{number_of(shipment.id)}/dossier.zip" if has_zip else "",
        revoked=issued.revoked_reason if issued is not None and issued.revoked_at is not None else "",
        path=f"{MINE}/{number_of(shipment.id)}",
        proofs=tuple({line.lot.href: line.lot for line in facts.cargo}.values()),
    )


def pick_view(
    connection: Connection,
    shipment: Shipment,
    language: str,
    *,
    form: Form | None = None,
    weigh_form: Form | None = None,
    error: str = "",
    last: int = 0,
) -> PickView:
    """last: the part that was picked just now, 0 for none."""
    loaded = load_of(connection, shipment.id)
    by_part = {one.number: one for one in loaded}
    cartons = shipments.cartons(connection, shipment.id)
    path = f"{LIST}/{number_of(shipment.id)}"
    faults = steps.faults_of(connection, shipment.id) if cartons else []
    fresh = by_part.get(last)
    return PickView(
        number=shipment.number,
        path=f"{path}/pick",
        shipment_href=path,
        picked=sum(one.picked for one in loaded),
        pieces=sum(one.quantity for one in loaded),
        places=tuple(_places(connection, shipment, loaded, language, last)),
        cartons=tuple(_package(one, by_part, language) for one in cartons[:PACKAGES_SHOWN]),
        cartons_total=len(cartons),
        weighed=sum(one.is_weighed for one in cartons),
        pallets=tuple(_pallets(connection, shipment, cartons)),
        faults=tuple(fault_line(one) for one in faults),
        form=form or Form(),
        weigh_form=weigh_form or Form(),
        error=error,
        said=_called(fresh.item, language) if fresh else "",
        is_open=shipment.state == "planned" and not shipment.waits_for,
        labels_href=f"{path}/labels" if cartons else "",
    )


def labels_view(installation: Installation, connection: Connection, shipment: Shipment) -> PackageLabelsView:
    cartons = shipments.cartons(connection, shipment.id)
    pallets = shipments.pallets(connection, shipment.id)
    orders = [trade.order(connection, line.order_id) for line in shipments.lines(connection, shipment.id)]
    marks = ", ".join(dict.fromkeys(order.po_number for order in orders if order is not None))
    on_pallet = Counter(carton.pallet for carton in cartons)
    destination = _destination(shipment, shipments.legs(connection, shipment.id))

    def label(kind: str, number: int, total: int, sscc: str, gross_g: int, pieces: int) -> PackageLabel:
        side, path = symbol.outline(f"{installation.public_url}/00/{sscc}", symbol.CARTON_LEVEL)
        return PackageLabel(
            kind=kind,
            number=number,
            total=total,
            sscc=sscc,
            marks=marks,
            destination=destination,
            gross=Mass(mass_g=gross_g),
            pieces=pieces,
            side=side,
            path=path,
        )

    return PackageLabelsView(
        number=shipment.number,
        shipment_href=f"{LIST}/{number_of(shipment.id)}",
        labels=(
            *(
                label("carton", one.number, len(cartons), one.sscc, one.gross_mass_g, one.pieces)
                for one in cartons
            ),
            *(
                label("pallet", one.number, len(pallets), one.sscc, one.gross_mass_g, on_pallet[one.number])
                for one in pallets
            ),
        ),
    )


def fault_line(fault: Fault) -> FaultLine:
    kind, number, *_ = fault.field.split(".")
    return FaultLine(
        field=fault.field,
        kind=kind,
        number=int(number),
        slug=fault.slug,
        expected=fault.expected,
        found=fault.found,
    )


def _after(connection: Connection, after: str, company: str | None = None) -> tuple[datetime, str] | None:
    if not after:
        return None
    last = shipments.get(connection, f"shipment:{after}", company=company)
    if last is None:
        raise NotFound(after)
    return last.planned_at, last.id


def _line(connection: Connection, one: Shipment, prefix: str, now: datetime, buyer: str) -> ShipmentLine:
    legs = shipments.legs(connection, one.id)
    way = steps.way_of(connection, one, now) if legs and one.state in {*UNDER_WAY, "delivered"} else None
    return ShipmentLine(
        href=f"{prefix}/{number_of(one.id)}",
        number=one.number,
        state=one.state,
        tone=_TONES[one.state],
        pieces=sum(line.quantity for line in shipments.lines(connection, one.id)),
        cartons=len(shipments.cartons(connection, one.id)),
        destination=_destination(one, legs),
        promised_at=one.promised_at,
        expected_at=way.expected_at if way else None,
        late_days=days(way.late) if way else 0,
        buyer=buyer,
        waits=bool(one.waits_for),
    )


def _destination(one: Shipment, legs: Sequence[Leg]) -> str:
    """Where the goods go; the place of the delivery term may be the seller's own door."""
    return legs[-1].destination if legs else one.place


def _open_orders(connection: Connection, buyers: Mapping[str, str], language: str) -> list[OpenOrder]:
    found = []
    for order in trade.orders(connection):
        left = steps.left_of(connection, order) if order.state in steps.SHIPPABLE else 0
        if left > 0:
            found.append(
                OpenOrder(
                    field=f"q_{bare(order.id)}",
                    id=bare(order.id),
                    number=order_number(order),
                    po_number=order.po_number,
                    buyer=buyers.get(order.company, ""),
                    goods=name_of(goods.of_lot(connection, order.lot), language),
                    left=left,
                    place=order.place,
                )
            )
    return found


def _facts(
    installation: Installation,
    connection: Connection,
    shipment: Shipment,
    language: str,
    find: str,
    *,
    mine: bool = False,
) -> ShipmentFacts:
    loaded = load_of(connection, shipment.id)
    by_part = {one.number: one for one in loaded}
    cartons = shipments.cartons(connection, shipment.id)
    shown = [one for one in cartons if _is_meant(one, find)] if find else list(cartons)
    return ShipmentFacts(
        number=shipment.number,
        state=shipment.state,
        tone=_TONES[shipment.state],
        destination=_destination(shipment, shipments.legs(connection, shipment.id)),
        incoterm=f"{shipment.incoterm} {shipment.place}",
        steps=_progress(shipment),
        way=_way(installation, connection, shipment),
        cargo=tuple(_cargo(connection, loaded, language, mine=mine)),
        packages=tuple(_package(one, by_part, language) for one in shown[:PACKAGES_SHOWN]),
        packages_total=len(cartons),
        pallets=tuple(_pallets(connection, shipment, cartons)),
        gross=Mass(mass_g=sum(one.gross_mass_g for one in cartons)),
        containers=tuple((one.number, one.seal) for one in shipments.containers(connection, shipment.id)),
        documents=tuple(_documents(connection, shipment)),
        find=find,
    )


def _progress(shipment: Shipment) -> tuple[tuple[str, bool, bool], ...]:
    """Past states, the one now, those to come; what left the usual way stands at its end."""
    usual = "dispatched" if shipment.state in UNDER_WAY else shipment.state
    if usual not in _STEPS:
        return ((shipment.state, True, True),)
    at = _STEPS.index(usual)
    return tuple((shipment.state if n == at else state, n <= at, n == at) for n, state in enumerate(_STEPS))


def _way(installation: Installation, connection: Connection, shipment: Shipment) -> WayView:
    if not shipments.legs(connection, shipment.id):  # older than legs are
        at = shipment.promised_at
        is_done = shipment.state == "delivered"
        return WayView(legs=(), promised_at=at, expected_at=at, late_days=0, is_done=is_done)
    way: Way = steps.way_of(connection, shipment, installation.clock.now())
    return WayView(
        legs=tuple(
            LegLine(
                number=one.leg.number,
                mode=one.leg.mode,
                carrier=one.leg.carrier,
                origin=one.leg.origin,
                destination=one.leg.destination,
                progress=one.progress,
                departs_at=one.departs_at,
                arrives_at=one.arrives_at,
                planned_at=one.leg.eta,
                late_days=days(one.late),
                own_days=days(one.own),
                has_left=one.leg.atd is not None,
                has_arrived=one.leg.ata is not None,
            )
            for one in way.legs
        ),
        promised_at=way.promised_at,
        expected_at=way.expected_at,
        late_days=days(way.late),
        is_done=way.is_done,
    )


def _cargo(connection: Connection, loaded: Sequence[Loaded], language: str, *, mine: bool) -> list[CargoLine]:
    found = []
    for order in {one.order.id: one.order for one in loaded}.values():
        own = [one for one in loaded if one.order.id == order.id]
        orders = "/orders" if mine else "/operator/orders"
        code = next((link.code for link in goods.codes_of(connection, order.lot) if link.level == "lot"), "")
        public = f"/q/{code}" if code else f"/v1/lots/{bare(order.lot)}/history"
        found.append(
            CargoLine(
                order=Link(text=order_number(order), href=f"{orders}/{bare(order.id)}"),
                po_number=order.po_number,
                lot=Link(text=short(order.lot), href=public if mine else f"/operator/lots/{bare(order.lot)}"),
                goods=name_of([one.item for one in own], language),
                quantity=sum(one.quantity for one in own),
                ordered=order.quantity,
            )
        )
    return found


def _package(carton: Carton, by_part: Mapping[int, Loaded], language: str) -> PackageLine:
    items = [by_part[one.part].item for one in carton.contents]
    return PackageLine(
        number=carton.number,
        sscc=carton.sscc,
        pieces=carton.pieces,
        goods=", ".join(dict.fromkeys(_called(item, language) for item in items)),
        net=Mass(mass_g=carton.net_mass_g),
        gross=Mass(mass_g=carton.gross_mass_g),
        size=_sized(carton.size),
        pallet=carton.pallet,
        is_weighed=carton.is_weighed,
    )


def _pallets(connection: Connection, shipment: Shipment, cartons: Sequence[Carton]) -> list[PalletLine]:
    on = Counter(carton.pallet for carton in cartons)
    return [
        PalletLine(
            number=one.number,
            sscc=one.sscc,
            cartons=on[one.number],
            gross=Mass(mass_g=one.gross_mass_g),
            size=_sized(one.size),
        )
        for one in shipments.pallets(connection, shipment.id)
    ]


def _documents(connection: Connection, shipment: Shipment) -> list[OrderDocument]:
    """Those that count; older versions stand on the page of the papers."""
    current = [one for one in trade.documents_of_shipment(connection, shipment.id) if not one.superseded_by]
    return [
        OrderDocument(
            kind=document.kind,
            number=document.number,
            issued_on=date.fromisoformat(document.issued_on),
            sha256=document.sha256,
            download_href=f"/documents/{document.code}",
            check_href=f"/d/{document.code}/1",
            superseded=document.superseded_by is not None,
            others=tuple(
                (file.format, f"/documents/{document.code}/{file.format}")
                for file in dossiers.files_of_code(connection, document.code)
                if file.sha256 != document.sha256
            ),
        )
        for document in current
    ]


def _events(connection: Connection, shipment: Shipment) -> list[ShipmentEvent]:
    """Newest first; single picks are told by what came of them."""
    found = [
        one for one in shipments.events(connection, shipment.id) if one.what not in ("picked", "put-back")
    ]
    users = {one.by: people.user(connection, one.by.removeprefix("user:")) for one in found}
    names = {by: user.name for by, user in users.items() if user is not None}
    return [
        ShipmentEvent(
            at=one.at,
            what=one.what,
            by=names.get(one.by, ""),
            reason="" if one.what == "stopped" else one.reason,
            stopped_by=tuple(one.reason.split(", ")) if one.what == "stopped" else (),
        )
        for one in reversed(found)
    ]


def _places(
    connection: Connection, shipment: Shipment, loaded: Sequence[Loaded], language: str, last: int
) -> list[PickPlace]:
    codes = goods.codes_by_article(connection, [one.item.id for one in loaded if one.item.serialised])
    found = []
    for lot in dict.fromkeys(one.order.lot for one in loaded):
        own = [one for one in loaded if one.order.lot == lot]
        waiting = [one for one in own if one.picked < one.quantity]
        done = [one for one in own if one.picked >= one.quantity]
        shown = [*waiting[:PARTS_SHOWN], *done[-PARTS_SHOWN:]]
        found.append(
            PickPlace(
                site=shipment.site,
                lot=Link(text=short(lot), href=f"/operator/lots/{bare(lot)}"),
                goods=name_of([one.item for one in own], language),
                lines=tuple(_pick_line(one, codes, language, last) for one in shown),
                hidden=len(own) - len(shown),
                left=sum(one.quantity - one.picked for one in waiting),
                field=bare(lot),
            )
        )
    return found


def _pick_line(one: Loaded, codes: Mapping[int, str], language: str, last: int) -> PickLine:
    code = codes.get(one.item.id, "")
    return PickLine(
        number=one.number,
        name=_called(one.item, language),
        identifier=str(one.item.facts["identifier"]),
        grade=one.item.grade,
        quantity=one.quantity,
        picked=one.picked >= one.quantity,
        code=printed(code) if code else "",
        is_fresh=one.number == last,
    )


def _called(item: Item, language: str) -> str:
    brand, model = item.facts["brand"] or "", item.facts["model"] or ""
    return f"{brand} {model}".strip() or name_of([item], language)


def _is_meant(carton: Carton, text: str) -> bool:
    """Looked for by number, or by the end of its SSCC as people read it off a label."""
    digits = "".join(one for one in text if one.isdigit())
    return str(carton.number) == digits or (len(digits) >= SSCC_END and carton.sscc.endswith(digits))


def _sized(size: Size | None) -> str:
    return " × ".join(str(one) for one in size) if size else ""
