"""报关草单: what the customs broker keys into the Chinese export declaration. We file nothing ourselves.

Head and lines follow the form of GACC Notice 2018-60 as brokers use it; we have not read the notice
itself (trade-documents.md 1.3), so the paper says on its face that it is a draft for the broker.
"""

from decimal import Decimal

from exporters import codes
from exporters.arithmetic import kilograms, money, unit_price
from exporters.customs import SUPERVISION
from exporters.dossier import ShipmentDossier
from exporters.goods import Line
from exporters.paper import Paper
from exporters.parts import Party
from exporters.sheet import Column, Fields, FixedWord, Gap, Reader, Row, Sheet, Statement, Table, Value
from exporters.totals import totals
from exporters.valuation import FREIGHT, INSURANCE, charged

KIND = "cn_export_draft"
LINES_MAX = 50  # of one declaration
_LINES = (
    Column("cn_line", 2),
    Column("cn_code", 6),
    Column("cn_goods", 11),
    Column("cn_quantities", 6),
    Column("cn_unit_price", 6, number=True),
    Column("cn_total", 6, number=True),
    Column("cn_origin", 4),
    Column("cn_destination", 5),
    Column("cn_source", 5),
    Column("cn_duty", 4),
)
# 运输方式, as the form calls it.
_MODES = {
    "sea": "水路运输",
    "inland_water": "水路运输",
    "rail": "铁路运输",
    "road": "公路运输",
    "air": "航空运输",
    "mail": "邮件运输",
    "multimodal": "其他运输",
}
# 成交方式: the form knows few terms; the others are declared as the one their price is built like.
_TERMS = {
    "FOB": "FOB", "FCA": "FOB", "FAS": "FOB", "EXW": "EXW", "CFR": "C&F", "CPT": "C&F", "CIF": "CIF",
    "CIP": "CIF", "DAP": "CIF", "DPU": "CIF", "DDP": "CIF",
}  # fmt: skip


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    lines = tuple(_line(it, n, line) for n, line in enumerate(dossier.lines))
    return Sheet(
        (
            Fields("cn_head", tuple(_head(it))),
            Table("cn_lines", _LINES, lines),
            Statement("note", FixedWord("cn_note")),
        )
    )


def _head(it: Reader) -> list[Row]:
    dossier, sums = it.dossier, totals(it.dossier)
    seller, buyer = dossier.party("exporter") or dossier.party("seller"), dossier.party("buyer")
    maker = dossier.party("manufacturer") or seller
    types = {group.type for group in dossier.packages}
    return [
        Row("cn_shipper", _company(seller)),
        Row("cn_uscc", _registration(seller, "uscc")),
        Row("cn_customs_number", _registration(seller, "customs")),
        it.row("cn_office", "china.customs_office", lambda name: _office(name, it)),
        it.row("cn_filing", "china.filing"),
        Row("cn_consignee", buyer.name if buyer else Gap("parties.buyer")),
        it.row("cn_mode", "route.mode", lambda mode: _MODES[str(mode)]),
        it.row("cn_vessel", "route.vessel", lambda name: " / ".join(filter(None, (name, _voyage(it))))),
        Row("cn_bill", _bill(it)),
        Row("cn_maker", _company(maker)),
        it.row("cn_supervision", "china.supervision", lambda code: f"{code} {SUPERVISION[code]}"),
        it.row("cn_levy", "china.levy"),
        it.row("cn_licence", "china.licence"),
        Row("cn_contract", _contract(it)),
        Row("cn_trade_country", _chinese(buyer.country) if buyer else Gap("parties.buyer")),
        it.row("cn_arrival_country", "route.destination_country", _chinese),
        it.row("cn_discharge", "route.discharge.name"),
        it.row("cn_exit_port", "china.exit_port"),
        Row(
            "cn_packing", "、".join(sorted(codes.package(type_)["zh"] for type_ in types)) or Gap("packages")
        ),
        Row("cn_packages", str(sums.packages)),
        Row("cn_gross", _mass(sums.gross_mass_g, "gross_mass_g")),
        Row("cn_net", _mass(sums.net_mass_g, "net_mass_g")),
        it.row("cn_terms", "terms.incoterm", lambda term: _TERMS[str(term)]),
        Row("cn_freight", _charge(it, FREIGHT, "freight")),
        Row("cn_insurance", _charge(it, INSURANCE, "insurance")),
        Row("cn_other_charges", _others(it)),
        Row("cn_invoice", it.value("documents.commercial_invoice.number")),
        Row("cn_marks", next((group.marks for group in dossier.packages if group.marks), "N/M")),
    ]


def _line(it: Reader, n: int, line: Line) -> tuple[Value, ...]:
    path = f"lines.{n}"
    code = next((national.code for national in line.national_codes if national.country == "CN"), None)
    destination = it.dossier.route.destination_country if it.dossier.route else None
    return (
        str(n + 1),
        code or Gap(f"{path}.national_codes.CN"),
        _goods(line, path),
        _quantities(line, path),
        Gap(f"{path}.unit_price")
        if line.unit_price is None
        else f"{unit_price(line.unit_price, it.dossier.currency)} {it.dossier.currency}",
        Gap(f"{path}.amount_minor")
        if line.amount_minor is None
        else f"{money(line.amount_minor, it.dossier.currency)} {it.dossier.currency}",
        it.value(f"{path}.origin", _chinese),
        _chinese(destination) if destination else Gap("route.destination_country"),
        it.value(f"{path}.china.source"),
        it.value(f"{path}.china.duty"),
    )


def _goods(line: Line, path: str) -> Value:
    """商品名称 with 规格型号: brand, model, and the elements that the code asks for."""
    if line.description is None or line.description.zh is None:
        return Gap(f"{path}.description.zh")
    if line.china is None:
        return Gap(f"{path}.china")
    elements = [f"{element.name}:{element.value}" for element in line.china.elements]
    named = [text for text in (line.brand, line.model) if text]
    return "|".join([line.description.zh, *named, *elements])


def _quantities(line: Line, path: str) -> Value:
    """Statutory first and second, then the commercial quantity."""
    if line.china is None:
        return Gap(f"{path}.china")
    stated = [line.china.first, *([line.china.second] if line.china.second else [])]
    rows = [f"{Decimal(each.quantity):f} {each.unit}" for each in stated]
    return " / ".join([*rows, f"{line.quantity} {codes.unit(line.unit)['zh']}"])


def _office(name: str, it: Reader) -> str:
    code = it.dossier.china.office_code if it.dossier.china else None
    return f"{name} ({code})" if code else name


def _voyage(it: Reader) -> str | None:
    return it.dossier.route.voyage if it.dossier.route else None


def _company(who: Party | None) -> Value:
    return who.name_local or who.name if who else Gap("parties.seller")


def _registration(who: Party | None, scheme: str) -> Value:
    for known in who.registrations if who else ():
        if known.scheme == scheme:
            return known.value
    return Gap(f"parties.seller.registrations.{scheme}")


def _bill(it: Reader) -> Value:
    """Known only when the carrier has issued it: a gap that the broker fills."""
    for kind in ("bill_of_lading", "air_waybill"):
        paper = it.dossier.reference(kind)
        if paper:
            return paper.number
    return FixedWord("cn_from_carrier")


def _contract(it: Reader) -> Value:
    paper = it.dossier.reference("contract") or it.dossier.reference("purchase_order")
    return paper.number if paper else Gap("references.contract")


def _chinese(code: str) -> str:
    return f"{codes.country(code)['zh']} ({code})"


def _mass(mass_g: int | None, member: str) -> Value:
    return Gap(f"packages.*.{member}") if mass_g is None else f"{kilograms(mass_g)} kg"


def _charge(it: Reader, kinds: frozenset[str], name: str) -> Value:
    amount = charged(it.dossier, kinds)
    term = it.dossier.terms.incoterm if it.dossier.terms else None
    needed = {"freight": {"C&F", "CIF"}, "insurance": {"CIF"}}[name]
    if amount is not None:
        return f"{money(amount, it.dossier.currency)} {it.dossier.currency}"
    return Gap(f"charges.{name}") if term is None or _TERMS[term] in needed else FixedWord("none")


def _others(it: Reader) -> Value:
    """杂费: charges outside the prices that are neither freight nor insurance, less allowances."""
    amount = sum(
        charge.amount_minor if charge.kind == "charge" else -charge.amount_minor
        for charge in it.dossier.charges
        if not charge.included and charge.code not in FREIGHT | INSURANCE
    )
    return f"{money(amount, it.dossier.currency)} {it.dossier.currency}" if amount else FixedWord("none")


PAPER = Paper(
    kind=KIND,
    title="China export declaration, draft for the broker",
    version=1,
    required_facts=("documents.cn_export_draft", "parties.seller", "parties.buyer", "lines", "packages"),
    sheet=sheet,
    language="zh",
    around=False,
)
