"""The packing list: what lies in which package, and what each weighs and measures.

Carriers and warehouses read it, so it shows no price, and what is attached to it holds none either.
Fields: trade-documents.md 1.2.
"""

from exporters import codes, pdf
from exporters.arithmetic import cubic_metres, kilograms
from exporters.carriage import Pallet
from exporters.document import Document
from exporters.dossier import ShipmentDossier, texts
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import Facts, filename, frame, goods_of, page_link, wording
from exporters.goods import Content, Dimensions, PackageGroup
from exporters.totals import totals
from ledger.core import canonical

ID = "packing_list"
TITLE = "Packing list"
VERSION = 2
REQUIRED_FACTS = (
    "documents.packing_list",
    "parties.seller",
    "parties.buyer",
    "lines",
    "lines.*.description",
    "packages",
    "packages.*.net_mass_g",
    "packages.*.gross_mass_g",
    "packages.*.dimensions",
)


def render(dossier: ShipmentDossier, *, draft: bool = False) -> Document:
    """Render the packing list with its own facts attached as ``packing-list.json``.

    Pure: the same dossier gives the same bytes. A draft carries a mark across each page. Raises
    IncompleteDossier with every missing fact, and UnprintableText when our fonts lack a character.
    """
    lacking = absent(dossier, REQUIRED_FACTS)
    entry = dossier.document(ID)
    if lacking or entry is None:
        raise IncompleteDossier(TITLE.lower(), missing=lacking)
    pdf.check_characters(texts(dossier))
    content, pages = pdf.typeset(
        ID,
        frame(dossier, entry) | _facts(dossier) | {"draft": draft},
        issue_date=dossier.issue_date,
        page_link=lambda page: page_link(dossier, entry, page),
        attachment=pdf.Attachment(
            name="packing-list.json",
            media_type="application/json",
            content=_attached(dossier),
            description="Lines and packages of this list in canonical JSON, without prices",
        ),
    )
    return Document(filename(entry, ".pdf"), pdf.MEDIA_TYPE, content, pages)


def _facts(dossier: ShipmentDossier) -> Facts:
    sums = totals(dossier)
    assert sums.net_mass_g is not None
    assert sums.gross_mass_g is not None
    volumes, volume = cubic_metres([_volume_mm3(group) for group in dossier.packages])
    return {
        "groups": [
            _group(group, dossier) | {"volume": printed}
            for group, printed in zip(dossier.packages, volumes, strict=True)
        ],
        "pieces": [[str(n), wording(codes.unit(unit), dossier.language)] for unit, n in sums.pieces.items()],
        "packages": sums.packages,
        "net": kilograms(sums.net_mass_g),
        "gross": kilograms(sums.gross_mass_g),
        "volume": volume,
        "pallets": [_pallet(pallet) for pallet in dossier.pallets or ()],
    }


def _pallet(pallet: Pallet) -> Facts:
    last = pallet.first + pallet.count - 1
    return {
        "number": str(pallet.number),
        "packages": str(last) if pallet.count == 1 else f"{pallet.first}–{last}",
        "sscc": pallet.sscc,
        "container": pallet.container,
        "tare": None if pallet.tare_mass_g is None else kilograms(pallet.tare_mass_g),
        "gross": None if pallet.gross_mass_g is None else kilograms(pallet.gross_mass_g),
        "size": pallet.dimensions and _size(pallet.dimensions),
    }


def _group(group: PackageGroup, dossier: ShipmentDossier) -> Facts:
    assert group.net_mass_g is not None
    assert group.gross_mass_g is not None
    assert group.dimensions is not None
    last = group.first + group.count - 1
    return {
        "numbers": str(group.first) if last == group.first else f"{group.first}–{last}",
        "count": group.count,
        "type": wording(codes.package(group.type), dossier.language),
        "sscc": group.sscc,
        "marks": group.marks,
        "container": group.container,
        "contents": [_content(content, group, dossier) for content in group.contents],
        "net": kilograms(group.count * group.net_mass_g),
        "gross": kilograms(group.count * group.gross_mass_g),
        "net_each": kilograms(group.net_mass_g),
        "gross_each": kilograms(group.gross_mass_g),
        "size": _size(group.dimensions),
    }


def _content(content: Content, group: PackageGroup, dossier: ShipmentDossier) -> Facts:
    line = dossier.lines[content.line - 1]
    return goods_of(line, dossier.language) | {
        "line": content.line,
        "each": str(content.quantity),
        "quantity": str(group.count * content.quantity),
        "unit": wording(codes.unit(line.unit), dossier.language),
    }


def _volume_mm3(group: PackageGroup) -> int:
    size = group.dimensions
    assert size is not None
    return group.count * size.length_mm * size.width_mm * size.height_mm


def _size(size: Dimensions) -> str:
    """Centimetres, with a decimal only where one is needed."""
    sides = (size.length_mm, size.width_mm, size.height_mm)
    return " × ".join(f"{mm // 10}.{mm % 10}".removesuffix(".0") for mm in sides)


def _attached(dossier: ShipmentDossier) -> bytes:
    whole = dossier.model_dump(mode="json", exclude_none=True)
    kept = ["v", "shipment", "version", "issue_date", "containers", "packages"]
    kept += [name for name in ("pallets",) if name in whole]
    for line in whole["lines"]:
        line.pop("unit_price", None)
        line.pop("amount_minor", None)
    return canonical.dumps({name: whole[name] for name in kept} | {"lines": whole["lines"]})
