"""Facts that contradict each other never become a dossier, and every contradiction names its field."""

from collections.abc import Callable
from typing import Any

import pytest

from exporters.dossier import assemble
from exporters.errors import InvalidDossier
from tests.exporters import shipments

Facts = dict[str, Any]


def put(path: str, value: Any) -> Callable[[Facts], None]:
    *parents, last = path.split(".")

    def change(facts: Facts) -> None:
        target: Any = facts
        for name in parents:
            target = target[int(name)] if isinstance(target, list) else target[name]
        target[int(last) if isinstance(target, list) else last] = value

    return change


def each(*changes: Callable[[Facts], None]) -> Callable[[Facts], None]:
    def change(facts: Facts) -> None:
        for one in changes:
            one(facts)

    return change


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (put("version", 2), "supersedes", "names the dossier before it"),
        (each(put("supersedes", "a" * 64), put("not_applicable", [])), "supersedes", "supersedes nothing"),
        (put("base_url", "demo.lotproof.example/"), "base_url", "trailing slash"),
        (
            put("documents.1.kind", "commercial_invoice"),
            "documents",
            "kind commercial_invoice stands 2 times",
        ),
        (put("documents.1.code", shipments.INVOICE_CODE), "documents", "stands 2 times"),
        (put("parties.1.roles", ["buyer", "seller"]), "parties", "role seller stands 2 times"),
        (put("lines.0.amount_minor", 10335001), "lines.0.amount_minor", "is 10335000, not 10335001"),
        (put("lines.0.amount_minor", None), "lines.0.amount_minor", "go together"),
        (put("lines.0.unit_price", None), "lines.0.amount_minor", "go together"),
        (put("lines.0.serials.count", 1199), "lines.0.serials.count", "1199 serials for 1200 pieces"),
        (put("lines.1.composition.1.percent", "64.9"), "lines.1.composition", "Lining make 99.9 %"),
        (
            put("packages.2.net_mass_g", 21201),
            "packages.2.gross_mass_g",
            "gross 21200 g is below net 21201 g",
        ),
        (put("packages.0.sscc", "106141412345678908"), "packages.0.sscc", "one package"),
        (put("packages.0.container", "EXMU7654321"), "packages.0.container", "not one of the containers"),
        (put("packages.1.first", 60), "packages.1.first", "package number 60 is given twice"),
        (put("packages.2.contents.0.quantity", 19), "lines.1.quantity", "400 invoiced, 399 packed"),
        (put("lines.0.net_mass_g", 504001), "packages", "884001 g net, the packages only 884000 g net"),
        (put("packages.2.gross_mass_g", 21201), "packages", "1012000 g gross, the packages 1012001 g gross"),
        (put("evidence.0.index", 96), "evidence.0.index", "outside a tree of 96"),
        (put("not_applicable.0.field", "lines.0.hs6"), "not_applicable.0", "lines.0.hs6 has a value"),
        (put("not_applicable.0.field", "lines.*.hs6"), "not_applicable.0", "has a value"),
        (put("not_applicable.0.field", "lines.0.colour"), "not_applicable.0", "names no field"),
    ],
)
def test_each_contradiction_is_refused(change: Callable[[Facts], None], field: str, reason: str) -> None:
    facts = shipments.vietnam()
    change(facts)
    with pytest.raises(InvalidDossier, match=reason) as refusal:
        assemble(facts)
    assert field in {problem.field for problem in refusal.value.problems}


def test_gross_below_net_of_a_line_is_refused() -> None:
    facts = shipments.vietnam() | {"packages": []}
    facts["lines"][0]["gross_mass_g"] = 503999
    with pytest.raises(InvalidDossier, match="gross 503999 g is below net 504000 g"):
        assemble(facts)


def test_a_content_that_names_no_line_is_refused() -> None:
    facts = shipments.vietnam()
    facts["packages"][0]["contents"].append({"line": 3, "quantity": 1})
    with pytest.raises(InvalidDossier, match="there is no line 3"):
        assemble(facts)


def test_all_contradictions_are_reported_together() -> None:
    facts = shipments.vietnam()
    each(put("lines.0.amount_minor", 1), put("packages.1.first", 60), put("evidence.1.index", 96))(facts)
    with pytest.raises(InvalidDossier) as refusal:
        assemble(facts)
    assert [problem.field for problem in refusal.value.problems] == [
        "lines.0.amount_minor",
        "packages.1.first",
        "evidence.1.index",
    ]


def test_a_draft_with_little_known_is_consistent() -> None:
    """A missing fact blocks a document, never a draft."""
    facts = shipments.vietnam()
    bare = {"lot": shipments.LOTS[0], "quantity": 5, "unit": "H87", "national_codes": [], "composition": []}
    facts |= {"lines": [bare], "packages": [], "terms": None, "declaration": None, "route": None}
    assert assemble(facts).lines[0].unit_price is None
