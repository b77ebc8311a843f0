"""Carton and pallet labels: one A6 page for each package and each pallet, with its SSCC as GS1-128.

They say who sends what to whom and how heavy it is, and no price. A package without an SSCC gets a label
without a bar code; none is ever invented here. Sizes follow the GS1 logistic label: modules of 0.5 mm, bars
32 mm high (GS1 General Specifications §5.4 and §6.6).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import zxingcpp

from exporters import codes, pdf
from exporters.arithmetic import kilograms
from exporters.carriage import Pallet
from exporters.document import Document
from exporters.dossier import ShipmentDossier, texts
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import Facts, filename, frame, page_link
from exporters.goods import Dimensions, PackageGroup
from exporters.loading import packages_by_number
from exporters.sheet import Reader, text_of
from ledger.core import canonical

ID = "package_labels"
TITLE = "Package labels"
VERSION = 1
REQUIRED_FACTS = (
    "documents.package_labels",
    "parties.seller",
    "parties.buyer",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "packages",
    "packages.*.gross_mass_g",
)
MODULE_UM = 500
CONTENTS_MAX = 4  # lines on a label; more are told by their number


@dataclass(frozen=True)
class Label:
    """number of total: of the packages, or of the pallets."""

    kind: str
    number: int
    total: int
    sscc: str | None
    marks: str | None
    contents: tuple[str, ...]
    gross_mass_g: int | None
    net_mass_g: int | None
    size: str | None
    un_numbers: tuple[str, ...]

    def facts(self) -> Facts:
        """In JSON shape, without what is absent."""
        made: Facts = {
            "kind": self.kind,
            "number": str(self.number),
            "total": str(self.total),
            "contents": list(self.contents),
            "un_numbers": list(self.un_numbers),
            "sscc": f"(00) {self.sscc}" if self.sscc else None,
            "marks": self.marks,
            "gross": None if self.gross_mass_g is None else f"{kilograms(self.gross_mass_g)} kg",
            "net": None if self.net_mass_g is None else f"{kilograms(self.net_mass_g)} kg",
            "size": self.size,
        }
        return {name: value for name, value in made.items() if value is not None}


def render(dossier: ShipmentDossier, *, draft: bool = False) -> Document:
    """Render all labels of the shipment, packages first, in the order of their numbers.

    Pure. Raises IncompleteDossier with every missing fact.
    """
    lacking = absent(dossier, REQUIRED_FACTS)
    entry = dossier.document(ID)
    if lacking or entry is None:
        raise IncompleteDossier(TITLE.lower(), missing=lacking)
    pdf.check_characters(texts(dossier))
    made = labels(dossier)
    told = [label.facts() for label in made]
    around = frame(dossier, entry)
    attached = {
        "v": 1,
        "kind": ID,
        "number": entry.number,
        "dossier_sha256": around["dossier_sha256"],
        "draft": draft,
        "labels": told,
    }
    content, pages = pdf.typeset(
        ID,
        around
        | {
            "draft": draft,
            "labels": [facts | {"bars": bars(label.sscc)} for facts, label in zip(told, made, strict=True)],
            "receiver": _receiver(dossier),
            "order": _order(dossier),
            "module_um": MODULE_UM,
        },
        issue_date=dossier.issue_date,
        page_link=lambda page: page_link(dossier, entry, page),
        pages_likely=len(made),
        attachment=pdf.Attachment(
            name="package-labels.json",
            media_type="application/json",
            content=canonical.dumps(attached),
            description="What each label says, as values",
        ),
    )
    return Document(filename(entry, ".pdf"), pdf.MEDIA_TYPE, content, pages)


def labels(dossier: ShipmentDossier) -> list[Label]:
    """One for each package, then one for each pallet."""
    by_number = packages_by_number(dossier)
    return [*_cartons(dossier, by_number), *_pallets(dossier, by_number)]


def bars(sscc: str | None) -> str | None:
    """The SSCC as GS1-128 with application identifier 00, as SVG with its quiet zones."""
    if sscc is None:
        return None
    drawn = zxingcpp.create_barcode(f"(00){sscc}", zxingcpp.BarcodeFormat.Code128, gs1=True)
    svg: str = drawn.to_svg(scale=1)
    return svg[svg.index("<svg") :]


def _cartons(dossier: ShipmentDossier, by_number: dict[int, PackageGroup]) -> Iterator[Label]:
    for number, group in sorted(by_number.items()):
        contents = [
            f"{content.quantity} {codes.unit(dossier.lines[content.line - 1].unit)['en']} "
            f"{_name(dossier, content.line)}"
            for content in group.contents
        ]
        more = len(contents) - CONTENTS_MAX
        yield Label(
            kind="carton" if group.type == "CT" else "package",
            number=number,
            total=len(by_number),
            sscc=group.sscc,
            marks=group.marks,
            contents=(*contents[:CONTENTS_MAX], *([f"+ {more}"] if more > 0 else [])),
            gross_mass_g=group.gross_mass_g,
            net_mass_g=group.net_mass_g,
            size=_size(group.dimensions),
            un_numbers=_dangers(dossier, [group]),
        )


def _pallets(dossier: ShipmentDossier, by_number: dict[int, PackageGroup]) -> Iterator[Label]:
    pallets: tuple[Pallet, ...] = dossier.pallets or ()
    for pallet in pallets:
        last = pallet.first + pallet.count - 1
        yield Label(
            kind="pallet",
            number=pallet.number,
            total=len(pallets),
            sscc=pallet.sscc,
            marks=None,
            contents=(f"packages {pallet.first}–{last}" if pallet.count > 1 else f"package {last}",),
            gross_mass_g=pallet.gross_mass_g,
            net_mass_g=None,
            size=_size(pallet.dimensions),
            un_numbers=_dangers(dossier, [by_number[n] for n in range(pallet.first, last + 1)]),
        )


def _name(dossier: ShipmentDossier, number: int) -> str:
    line = dossier.lines[number - 1]
    assert line.description is not None
    return " ".join(filter(None, (line.brand, line.model))) or line.description.en


def _dangers(dossier: ShipmentDossier, groups: list[PackageGroup]) -> tuple[str, ...]:
    lines = {content.line for group in groups for content in group.contents}
    stated = (dossier.lines[number - 1].dangerous_goods for number in lines)
    return tuple(sorted({goods.un_number for goods in stated if goods}))


def _size(size: Dimensions | None) -> str | None:
    if size is None:
        return None
    return f"{size.length_mm} × {size.width_mm} × {size.height_mm} mm"


def _receiver(dossier: ShipmentDossier) -> Facts:
    who = dossier.party("ship_to") or dossier.party("consignee") or dossier.party("buyer")
    assert who is not None
    country = text_of(Reader(dossier).said(codes.country(who.country)), dossier.language)
    return {"name": who.name, "address": list(who.address), "country": country}


def _order(dossier: ShipmentDossier) -> str | None:
    paper = dossier.reference("purchase_order")
    return paper.number if paper else None
