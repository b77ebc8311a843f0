"""The battery declaration: which batteries travel, how charged, and what UN 38.3 test they passed.

Sources: UN Manual of Tests and Criteria 38.3.5 (contents of the summary); IATA DGR packing instructions
965-967 by the number that the dossier states. It classifies nothing: a class that nobody stated is missing.
"""

from exporters.dossier import ShipmentDossier
from exporters.goods import DangerousGoods, Line
from exporters.origin_declaration import goods_said, signature
from exporters.paper import Paper
from exporters.sheet import Fields, FixedWord, Gap, Reader, Row, Section, Sheet, Statement

KIND = "battery_declaration"


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    sections: list[Section] = []
    for n, line in enumerate(dossier.lines):
        if line.dangerous_goods:
            sections += _line(it, n, line, line.dangerous_goods)
    if not sections:
        sections.append(Fields("battery", (Row("un_number", Gap("lines.dangerous_goods")),)))
    return Sheet((*sections, Statement("declaration", FixedWord("battery_text")), signature(it)))


def _line(it: Reader, n: int, line: Line, goods: DangerousGoods) -> list[Section]:
    path = f"lines.{n}.dangerous_goods"
    named = Statement("description", goods_said(it, line, f"lines.{n}"))
    battery = (
        Row("line", str(n + 1)),
        Row("quantity", str(line.quantity)),
        Row("un_number", goods.un_number),
        it.row("shipping_name", f"{path}.shipping_name"),
        it.row("packing_instruction", f"{path}.packing_instruction"),
        it.row("pi_section", f"{path}.section"),
        it.row("chemistry", f"{path}.chemistry", lambda name: FixedWord(str(name))),
        it.row("watt_hours", f"{path}.watt_hours", lambda wh: f"{wh} Wh"),
        it.row("cells", f"{path}.cells"),
        it.row("batteries", f"{path}.batteries"),
        it.row("state_of_charge", f"{path}.state_of_charge_percent", lambda percent: f"{percent} %"),
        it.row("measured_on", f"{path}.state_of_charge_measured_on"),
        it.row("damaged", f"{path}.damaged_or_recalled", lambda stated: FixedWord("yes" if stated else "no")),
    )
    summary = f"{path}.test_summary"
    if goods.test_summary is None:
        return [named, Fields("battery", battery), Fields("test_summary", (it.row("test_summary", summary),))]
    tests = (
        it.row("cell_manufacturer", f"{summary}.manufacturer"),
        it.row("contact", f"{summary}.manufacturer_contact"),
        it.row("laboratory", f"{summary}.laboratory"),
        it.row("contact", f"{summary}.laboratory_contact"),
        it.row("report", f"{summary}.report"),
        it.row("reported_on", f"{summary}.reported_on"),
        it.row("manual_edition", f"{summary}.manual_edition"),
        it.row("tests_passed", f"{summary}.passed", ", ".join),
        it.row("summary_signatory", f"{summary}.signatory"),
    )
    return [named, Fields("battery", battery), Fields("test_summary", tests)]


PAPER = Paper(
    kind=KIND,
    title="Battery declaration",
    version=1,
    required_facts=(
        "documents.battery_declaration",
        "parties.seller",
        "parties.buyer",
        "lines",
        "declaration",
    ),
    sheet=sheet,
)
