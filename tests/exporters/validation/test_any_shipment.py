"""Whatever is shipped at whatever price: the documents made of a consistent dossier pass every validator."""

import unicodedata
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporters.arithmetic import line_amount
from exporters.catalogue import CATALOGUE
from exporters.dossier import ShipmentDossier, amended, assemble, canonical_json, parse
from exporters.totals import totals
from exporters.validation import required, validate
from tests.exporters import papers

_letters = st.characters(categories=["L", "N", "P", "S"], max_codepoint=0x9FFF)
texts = st.text(_letters, min_size=1, max_size=20).map(lambda text: unicodedata.normalize("NFC", text))
prices = st.decimals(0, 10**6, places=4).map(lambda price: f"{price:f}".rstrip("0").rstrip("."))


@st.composite
def shipments(draw: st.DrawFn) -> ShipmentDossier:
    """One to four lines, each in packages of its own, with charges that may be inside the prices."""
    facts: dict[str, Any] = papers.vietnam()
    line, package = facts["lines"][1], facts["packages"][2]
    currency = draw(st.sampled_from(["USD", "VND", "KWD"]))
    lines, packages, first = [], [], 1
    for number in range(1, draw(st.integers(1, 4)) + 1):
        count, each, grams, price = (
            draw(st.integers(1, 9)),
            draw(st.integers(1, 60)),
            draw(st.integers(1, 9000)),
            draw(prices),
        )
        quantity = count * each
        described = {"en": draw(texts), "vi": draw(texts)}
        lines.append(
            line
            | {"description": described, "model": draw(texts), "quantity": quantity, "unit_price": price}
            | {"amount_minor": line_amount(quantity, price, currency), "net_mass_g": quantity * grams}
            | {"gross_mass_g": count * (each * grams + 150)}
        )
        packages.append(
            package
            | {"first": first, "count": count, "contents": [{"line": number, "quantity": each}]}
            | {"net_mass_g": each * grams, "gross_mass_g": each * grams + 150}
        )
        first += count
    charges = [
        {"kind": "charge", "code": "FC", "name": {"en": draw(texts)}, "included": draw(st.booleans())}
        | {"amount_minor": draw(st.integers(0, 10**7))}
        for _ in range(draw(st.integers(0, 2)))
    ]
    absent = dict.fromkeys(("pallets", "balances", "inspections", "authorizations"))
    made = {"currency": currency, "lines": lines, "packages": packages, "charges": charges}
    return assemble(facts | absent | made)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dossier=shipments())
def test_every_xml_and_every_table_passes(dossier: ShipmentDossier, conformance: Path) -> None:
    schemas = conformance / "trade/ubl-2.4-os/xsdrt"
    for renderer in CATALOGUE.values():
        if renderer.format != "pdf" and renderer.kind != "cn_export_draft":
            manifest = validate(renderer.render(dossier), dossier, kind=renderer.kind, schemas_dir=schemas)
            required(manifest)


@settings(max_examples=20, deadline=None)
@given(shipments())
def test_totals_are_sums_and_an_amendment_keeps_them(dossier: ShipmentDossier) -> None:
    sums = totals(dossier)
    outside = sum(charge.amount_minor for charge in dossier.charges if not charge.included)
    assert sums.goods_minor == sum(line.amount_minor or 0 for line in dossier.lines)
    assert sums.total_minor == sums.goods_minor + outside
    assert sums.gross_mass_g == sum(group.count * (group.gross_mass_g or 0) for group in dossier.packages)
    assert (sums.net_mass_g or 0) <= (sums.gross_mass_g or 0)
    assert sum(sums.pieces.values()) == sum(
        group.count * content.quantity for group in dossier.packages for content in group.contents
    )
    assert parse(canonical_json(dossier)) == dossier
    assert totals(amended(dossier, {"payment": None, "not_applicable": []})) == sums
