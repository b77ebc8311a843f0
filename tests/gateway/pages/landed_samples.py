"""Landed cost as two buyers see it: phones to Viet Nam, sofas to Lagos; a form to be put right; a card.

The parts are computed by the policies in force, so that the pages show figures that belong together.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from exporters.readiness import Case, Fact, Goods, NotApplicable
from exporters.readiness import readiness as judge
from gateway.pages.building.landed import cost_part, customs_part, time_part
from gateway.pages.views.forms import form_of
from gateway.pages.views.landed import LandedPart, LandedView, LotCardView, ManifestLinks
from gateway.policies import load
from gateway.trade.freight import Exchange, Load
from gateway.trade.landed_cost import Asked, landed_cost
from gateway.trade.lead_time import lead_time
from gateway.workflows.customs_questions import all_rules, unions
from gateway.workflows.landed import INCOTERMS, Answer, Wanted

DAY = date(2026, 11, 22)
LISTING = "/offers/lst_z8s3kgpdvfy97570h5pn"
YUAN = Exchange("CNY", "USD", Decimal("0.1400"), "fixed for the demo story", date(2026, 11, 20))
PHONES = Asked(
    market="VN", place="Hai Phong", incoterm="FCA", currency="USD", goods_minor=800_000,
    pieces_by_hs={"851713": 100}, load=Load(36_200, 108_108_000), day=DAY,
)  # fmt: skip
SOFAS = Asked(
    market="NG", place="Lagos Apapa", incoterm="CPT", currency="USD", goods_minor=237_950,
    pieces_by_hs={"940161": 10}, load=Load(538_000, 16_065_000_000), day=DAY,
)  # fmt: skip
PHONE: dict[str, Fact] = {
    "hs_code": "851713", "origin_country": "CN", "condition": "new", "weights_agree": True, "battery": True,
    "battery_packing": "contained_in_equipment", "un38_3": "XY-UN383-2025-041", "functional": True,
}  # fmt: skip
SOFA: dict[str, Fact] = {
    "hs_code": "940161", "condition": "used", "weights_agree": True, "battery": False,
    "battery_packing": NotApplicable("the goods have no battery"),
}  # fmt: skip


def _part(asked: Asked, pieces: int, warehouse: str, goods: tuple[Goods, ...]) -> LandedPart:
    freight, warehouses = load.freight(), load.warehouses().warehouses
    cost = landed_cost(
        asked,
        freight=freight,
        duties=load.duties(),
        warehouses=warehouses,
        warehouse=next(one for one in warehouses if one.id == warehouse),
        rates=[YUAN],
    )
    time = lead_time(
        [line.leg.leg for line in cost.lines if line.leg is not None],
        handling=(freight.handling_days_min, freight.handling_days_max),
        promise_days=load.shipping().markets[asked.market].promise_days,
    )
    answer = Answer(Wanted(pieces, asked.incoterm, asked.place), cost, time, asked.goods_minor // pieces)
    case = Case(
        destination=asked.market, incoterm=asked.incoterm, mode=answer.mode, day=DAY, goods=goods, facts={}
    )
    return LandedPart(
        href=f"{LISTING}/landed",
        cost=cost_part(answer),
        time=time_part(time),
        customs=customs_part(judge(case, all_rules(), unions())),
        manifest=ManifestLinks(csv="/v1/a.csv", xlsx="/v1/a.xlsx", json="/v1/a.json"),
    )


def _view(part: LandedPart | None, asked: Asked, typed: str, error: str = "") -> LandedView:
    return LandedView(
        offer_href=LISTING,
        offer_name="Điện thoại thông minh",
        brand="星野",
        available=244,
        form=form_of(
            {"pieces": typed, "incoterm": asked.incoterm, "place": asked.place},
            {"pieces": error} if error else None,
        ),
        incoterms=tuple((term, term) for term in INCOTERMS),
        places=load.freight().places(asked.market),
        part=part,
    )


PART = _part(PHONES, 100, "south", (Goods("星野 X7 Pro Smartphone", PHONE),))
FAR = _part(SOFAS, 10, "east", tuple(Goods(f"木栖 SF-{n} Sofa", SOFA) for n in range(1, 6)))
LANDED_PAGES = {
    "landed": _view(PART, PHONES, "100"),
    "landed-far": _view(FAR, SOFAS, "10"),
    "landed-wrong": _view(None, replace(PHONES, incoterm="CPT"), "1 000", "quantity-not-a-number"),
}
CARD = LotCardView(
    brand="星野",
    model="X7 Pro",
    name="Smartphone",
    category="phone",
    condition="new",
    grade="A",
    available=244,
    market="VN",
    inspection="full",
    lot_href="/lots/46xprtfqyecc0xve48dk",
    offer_href=LISTING,
    address="https://demo.lotproof.example/l/lst_z8s3kgpdvfy97570h5pn",
    picture="https://demo.lotproof.example/l/lst_z8s3kgpdvfy97570h5pn/card.png?lang=vi",
    picture_href="/l/lst_z8s3kgpdvfy97570h5pn/card.png?lang=vi",
)
