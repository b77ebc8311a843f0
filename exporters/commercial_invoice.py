"""The commercial invoice: what was sold, by whom, to whom, at what price and on what terms.

Fields: trade-documents.md 1.1 (19 CFR 141.86; Reg. (EU) 2015/2447 Art. 145; UN Rec. 6 layout).
"""

from collections.abc import Sequence

from exporters import codes, pdf
from exporters.arithmetic import kilograms, money, unit_price
from exporters.document import Document
from exporters.dossier import ShipmentDossier, canonical_json, texts
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import Facts, filename, frame, goods_of, page_link, wording
from exporters.goods import Line
from exporters.parts import Charge
from exporters.totals import totals

ID = "commercial_invoice"
TITLE = "Commercial invoice"
VERSION = 2
REQUIRED_FACTS = (
    "documents.commercial_invoice",
    "parties.seller",
    "parties.buyer",
    "terms",
    "route.destination_country",
    "lines",
    "lines.*.description",
    "lines.*.condition",
    "lines.*.hs6",
    "lines.*.origin",
    "lines.*.unit_price",
    "lines.*.amount_minor",
    "lines.*.net_mass_g",
    "lines.*.gross_mass_g",
    "declaration",
)


def render(dossier: ShipmentDossier, *, draft: bool = False) -> Document:
    """Render the invoice with the whole dossier attached as ``dossier.json``.

    Pure: the same dossier gives the same bytes. A draft carries a mark across each page. Raises
    IncompleteDossier with every missing fact, and UnprintableText when our fonts lack a character.
    """
    return render_as(dossier, ID, TITLE, REQUIRED_FACTS, draft=draft)


def render_as(
    dossier: ShipmentDossier, kind: str, title: str, required_facts: Sequence[str], *, draft: bool
) -> Document:
    """Render these facts as another kind of document than the invoice proper, such as a proforma."""
    lacking = absent(dossier, required_facts)
    entry = dossier.document(kind)
    if lacking or entry is None:
        raise IncompleteDossier(title.lower(), missing=lacking)
    pdf.check_characters(texts(dossier))
    content, pages = pdf.typeset(
        ID,
        frame(dossier, entry) | _facts(dossier) | {"draft": draft},
        issue_date=dossier.issue_date,
        page_link=lambda page: page_link(dossier, entry, page),
        attachment=pdf.Attachment(
            name="dossier.json",
            media_type="application/json",
            content=canonical_json(dossier),
            description="The shipment dossier in canonical JSON; its SHA-256 is printed on each page",
        ),
    )
    return Document(filename(entry, ".pdf"), pdf.MEDIA_TYPE, content, pages)


def _facts(dossier: ShipmentDossier) -> Facts:
    language, declaration, bank = dossier.language, dossier.declaration, dossier.bank
    sums = totals(dossier)
    assert declaration is not None
    assert sums.goods_minor is not None
    assert sums.total_minor is not None
    assert sums.net_mass_g is not None
    assert sums.gross_mass_g is not None
    return {
        "sale": dossier.sale,
        "currency": dossier.currency,
        "payment": wording(dossier.payment, language),
        "lines": [_line(line, dossier) for line in dossier.lines],
        "charges": [_charge(charge, dossier) for charge in dossier.charges],
        "goods": money(sums.goods_minor, dossier.currency),
        "total": money(sums.total_minor, dossier.currency),
        "pieces": [[str(n), wording(codes.unit(unit), language)] for unit, n in sums.pieces.items()],
        "packages": sums.packages,
        "net": kilograms(sums.net_mass_g),
        "gross": kilograms(sums.gross_mass_g),
        "declaration": {
            "text": wording(declaration.text, language),
            "signatory": declaration.signatory,
            "position": wording(declaration.position, language),
            "place": declaration.place,
        },
        "bank": bank and bank.model_dump(exclude_none=True),
        "evidence": len(dossier.evidence),
        "ledger": dossier.ledger.model_dump(),
    }


def _line(line: Line, dossier: ShipmentDossier) -> Facts:
    assert line.unit_price is not None
    assert line.amount_minor is not None
    assert line.origin is not None
    destination = dossier.route and dossier.route.destination_country
    return goods_of(line, dossier.language) | {
        "hs6": line.hs6,
        "national_codes": [
            [national.country, national.code]
            for national in line.national_codes
            if national.country == destination
        ],
        "origin": wording(codes.country(line.origin), dossier.language),
        "quantity": str(line.quantity),
        "unit": wording(codes.unit(line.unit), dossier.language),
        "unit_price": unit_price(line.unit_price, dossier.currency),
        "amount": money(line.amount_minor, dossier.currency),
    }


def _charge(charge: Charge, dossier: ShipmentDossier) -> Facts:
    sign = 1 if charge.kind == "charge" else -1
    return {
        "name": wording(charge.name, dossier.language),
        "amount": money(sign * charge.amount_minor, dossier.currency),
        "included": charge.included,
    }
