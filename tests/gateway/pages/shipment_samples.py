"""The pages about shipments: what is planned, packed, stopped, late, and what its buyer sees of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from gateway.pages.views.buyer import OrderDocument
from gateway.pages.views.forms import Form, form_of
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
from qrcodes import symbol
from tests.gateway.pages.papers_samples import PAPER_PAGES

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
_ID = "58nbx7q4hxm29kdt0v6w"
PATH = f"/operator/shipments/{_ID}"
NUMBER = "LP-20261120-58JWEH-2"
LOT = Link(text="58nbx7", href=f"/operator/lots/{_ID}")
SSCC = "095212340000000174"


def _at(hours: int) -> datetime:
    return AT + timedelta(hours=hours)


LEGS = (
    LegLine(
        number=1, mode="land", carrier="Lingnan Trucks 岭南货运", origin="Shenzhen", destination="Yantian",
        progress="done", departs_at=_at(0), arrives_at=_at(12), planned_at=_at(12), late_days=0, own_days=0,
        has_left=True, has_arrived=True,
    ),
    LegLine(
        number=2, mode="sea", carrier="", origin="Yantian", destination="Hai Phong", progress="now",
        departs_at=_at(48), arrives_at=_at(170), planned_at=_at(120), late_days=3, own_days=3,
        has_left=True, has_arrived=False,
    ),
    LegLine(
        number=3, mode="land", carrier="", origin="Hai Phong", destination="Ha Noi", progress="next",
        departs_at=_at(170), arrives_at=_at(194), planned_at=_at(156), late_days=2, own_days=0,
        has_left=False, has_arrived=False,
    ),
)  # fmt: skip
LATE = WayView(legs=LEGS, promised_at=_at(168), expected_at=_at(194), late_days=2, is_done=False)
AHEAD = WayView(
    legs=tuple(
        replace(leg, progress="next", late_days=0, own_days=0, has_left=False, has_arrived=False)
        for leg in LEGS
    ),
    promised_at=_at(168), expected_at=_at(156), late_days=0, is_done=False,
)  # fmt: skip
CARGO = (
    CargoLine(
        order=Link(text="LP-20261120-58JWEH", href=f"/operator/orders/{_ID}"), po_number="PO-2026-0417",
        lot=LOT, goods="Smartphone", quantity=80, ordered=120,
    ),
    CargoLine(
        order=Link(text="LP-20261121-NZFV4Z", href=f"/operator/orders/{_ID}"), po_number="PO-2026-0422",
        lot=LOT, goods="Smartphone, Sofa", quantity=12, ordered=12,
    ),
)  # fmt: skip
PACKAGES = tuple(
    PackageLine(
        number=n, sscc=SSCC, pieces=40, goods="Xingyao 星耀 X3", net=Mass(mass_g=8_000),
        gross=Mass(mass_g=14_250), size="420 × 330 × 260", pallet=n % 2, is_weighed=n < 3,
    )
    for n in range(1, 7)
)  # fmt: skip
PALLETS = (PalletLine(number=1, sscc=SSCC, cartons=24, gross=Mass(mass_g=362_000), size="1200 × 1000 × 930"),)
PAPERS = tuple(
    OrderDocument(
        kind=kind, number=f"{NUMBER}{end}", issued_on=date(2026, 11, 22), sha256="5f" * 32,
        download_href=f"/documents/{_ID}", check_href=f"/d/{_ID}/1", superseded=False,
    )
    for kind, end in (("commercial_invoice", ""), ("packing_list", "-P"))
)  # fmt: skip


def _steps(state: str, at: int) -> tuple[tuple[str, bool, bool], ...]:
    usual = ("planned", "packed", "documents_ready", "dispatched", "delivered")
    return tuple((state if n == at else one, n <= at, n == at) for n, one in enumerate(usual))


FACTS = ShipmentFacts(
    number=NUMBER, state="in_transit", tone="good", destination="Hai Phong", incoterm="FCA Shenzhen",
    steps=_steps("in_transit", 3), way=LATE, cargo=CARGO, packages=PACKAGES, packages_total=75,
    pallets=PALLETS, gross=Mass(mass_g=1_068_750), containers=(("CSQU3054383", "CN1234567"),),
    documents=PAPERS,
)  # fmt: skip
EVENTS = (
    ShipmentEvent(
        at=_at(3), what="stopped", by="Lin Zhiyuan", stopped_by=("recalled", "authorization-expired")
    ),
    ShipmentEvent(at=_at(2), what="documents-issued", by="Lin Zhiyuan"),
    ShipmentEvent(at=_at(1), what="carton-weighed", by="", reason="2"),
    ShipmentEvent(at=_at(0), what="planned", by=""),
)
PLANNED = ShipmentView(
    facts=replace(
        FACTS, state="planned", tone="busy", steps=_steps("planned", 0), way=AHEAD, packages=(),
        packages_total=0, pallets=(), containers=(), documents=(),
    ),
    buyer="Công ty TNHH Sao Mai", site="shenzhen", custodian="Zhihe Trading 智合贸易", path=PATH,
    pick_href=f"{PATH}/pick", labels_href="", waits_href="",
    next=StepOffer(step="pick", action=f"{PATH}/pick"),
    may_cancel=True, may_turn=(), may_contain=True, legs_open=True, events=EVENTS[-1:],
    papers_href=f"{PATH}/papers",
    form=form_of({"container": "CSQU3054384"}, {"container": "container-number-wrong"}), leg_form=Form(),
)  # fmt: skip
STOPPED = replace(
    PLANNED,
    facts=replace(FACTS, state="documents_ready", tone="busy", steps=_steps("documents_ready", 2), way=AHEAD),
    pick_href="", labels_href=f"{PATH}/labels", next=StepOffer(step="dispatch", action=f"{PATH}/dispatch"),
    events=EVENTS, error="gate-stopped",
    reasons=(Reason(slug="recalled"), Reason(slug="needs-reinspection")),
)  # fmt: skip
UNDER_WAY = replace(
    STOPPED,
    facts=FACTS, error="", reasons=(), next=StepOffer(step="deliver", action=f"{PATH}/deliver"),
    may_cancel=False, may_contain=False, form=Form(),
    may_turn=("at_border", "in_transit", "lost", "returned"), leg_number=2,
    leg_form=form_of({"leg": "2", "atd": "2026-11-30T08:00"}, {"atd": "way-does-not-fit"}),
    waits_href="",
)  # fmt: skip
LINES = tuple(
    PickLine(
        number=n, name="Xingyao 星耀 X3 Pro", identifier=f"86012306123456{n}", grade="A", quantity=1,
        picked=n > 3, code="0123-4567-89ab-cdef-ghjk-w", is_fresh=n == 4,
    )
    for n in range(1, 6)
)  # fmt: skip
STYLE = PickLine(
    number=6, name="Luyao 麓遥 Coat", identifier="LY-C-0417", grade="B", quantity=120, picked=False
)
PICK = PickView(
    number=NUMBER, path=f"{PATH}/pick", shipment_href=PATH, picked=2, pieces=125,
    places=(
        PickPlace(site="shenzhen", lot=LOT, goods="Smartphone", lines=LINES, hidden=35, left=3, field=_ID),
        PickPlace(site="guangzhou", lot=LOT, goods="Coat", lines=(STYLE,), hidden=0, left=120, field=_ID),
    ),
    cartons=(), cartons_total=0, weighed=0, pallets=(), faults=(), form=Form(), weigh_form=Form(),
    said="Xingyao 星耀 X3 Pro",
)  # fmt: skip
PACKING = replace(
    PICK, picked=125, cartons=PACKAGES, cartons_total=6, weighed=2, pallets=PALLETS, said="",
    places=tuple(replace(one, left=0, hidden=0, lines=one.lines[-1:]) for one in PICK.places),
    error="packing-faults", labels_href=f"{PATH}/labels",
    faults=(
        FaultLine(field="parts.6", kind="parts", number=6, slug="pieces-differ", expected=120, found=119),
        FaultLine(
            field="cartons.2.gross_mass_g", kind="cartons", number=2, slug="gross-below-net", expected=8_000,
            found=7_000,
        ),
    ),
    weigh_form=form_of({"carton": "2", "kg": "7"}, {"kg": "gross-below-net"}),
)  # fmt: skip
LIST = tuple(
    ShipmentLine(
        href=PATH, number=NUMBER, state=state, tone=tone, pieces=92, cartons=cartons, destination="Hai Phong",
        promised_at=_at(168), expected_at=_at(194) if late is not None else None, late_days=late or 0,
        buyer="Công ty TNHH Sao Mai", waits=state == "packed",
    )
    for state, tone, cartons, late in (
        ("planned", "busy", 0, None), ("packed", "busy", 3, None), ("in_transit", "good", 3, 2),
        ("delivered", "good", 12, 0), ("cancelled", "", 0, None),
    )
)  # fmt: skip
ORDERS = (
    OpenOrder(
        field="q_1", id=_ID, number="LP-20261121-NZFV4Z", po_number="PO-2026-0422", buyer="Lagos Bright Ltd",
        goods="Sofa", left=40, place="Yantian",
    ),
)  # fmt: skip
TABS = tuple(
    (f"/operator/shipments?group={slug}", slug, slug == "all", count)
    for slug, count in (("here", 2), ("under_way", 1), ("done", 1), ("off", 1), ("all", 5))
)

SHIPMENT_PAGES = {
    "shipments": ShipmentsView(
        lines=LIST, tabs=TABS, orders=ORDERS, form=form_of({"orders": _ID}, {"": "more-than-allocated"}),
        next_href="/operator/shipments?after=0",
    ),
    "shipment-stopped": STOPPED,
    "shipment-under-way": UNDER_WAY,
    "pick": PICK,
    "pick-packing": PACKING,
    **PAPER_PAGES,
}  # fmt: skip
SYMBOL = symbol.outline(f"https://example.com/00/{SSCC}", symbol.CARTON_LEVEL)
PACKAGE_LABELS = {
    "shipment-labels": PackageLabelsView(
        number=NUMBER, shipment_href=PATH,
        labels=tuple(
            PackageLabel(
                kind=kind, number=1, total=75, sscc=SSCC, marks="PO-2026-0417, PO-2026-0422",
                destination="Hai Phong", gross=Mass(mass_g=14_250), pieces=40,
                side=SYMBOL[0], path=SYMBOL[1],
            )
            for kind in ("carton", "pallet")
        ),
    )
}  # fmt: skip
MY_SHIPMENT_PAGES = {
    "my-shipments": MyShipmentsView(lines=tuple(replace(one, buyer="") for one in LIST[:4])),
    "my-shipment": MyShipmentView(
        facts=FACTS,
        path=f"/shipments/{_ID}",
        proofs=(LOT,),
        zip_href=f"/shipments/{_ID}/dossier.zip",
        revoked="the container was changed",
    ),
}
