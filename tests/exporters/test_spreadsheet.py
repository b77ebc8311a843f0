"""Tables say what the dossier says, are the same bytes each time, and run nothing."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from exporters.catalogue import CATALOGUE, SPREADSHEETS
from exporters.document import Document
from exporters.dossier import assemble, dossier_hash
from exporters.errors import IncompleteDossier, InvalidDossier
from exporters.spreadsheet import neutral
from exporters.validation import required, validate
from tests.exporters import papers

PROGRAM = """
import sys
from exporters.catalogue import SPREADSHEETS
from exporters.dossier import assemble
from tests.exporters import papers
dossier = assemble(papers.vietnam())
for sheet in SPREADSHEETS.values():
    print(sheet.render(dossier).sha256.hex())
"""
each_sheet = pytest.mark.parametrize("name", SPREADSHEETS)
FORMULAS = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x.example";"a")',
    "＝1+1",
    "－cmd",
]


def made(name: str, facts: dict[str, Any] | None = None) -> Document:
    return CATALOGUE[name].render(assemble(facts or papers.vietnam()))


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@each_sheet
def test_it_reads_back_as_it_was_written(name: str) -> None:
    shown = [papers.vietnam(), papers.reuse()]
    for facts in shown[:1] if name.startswith("cn_") else shown:  # the second has no Chinese declaration
        dossier = assemble(facts)
        document = CATALOGUE[name].render(dossier)
        manifest = required(validate(document, dossier, kind=CATALOGUE[name].kind, schemas_dir=None))
        assert [check.outcome for check in manifest.checks] == ["passed"]


def test_another_process_makes_the_same_bytes() -> None:
    elsewhere = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.split() == [made(name).sha256.hex() for name in SPREADSHEETS]


def test_the_invoice_as_csv() -> None:
    rows = rows_of(made("commercial_invoice.csv").content)
    assert rows[0][:3] == ["Line", "Lot", "GTIN"]
    assert rows[1][5:7] == [
        "Smartphone, 6.1 inch, dual SIM, boxed with charger",
        "Điện thoại thông minh 6,1 inch, hai SIM, nguyên hộp kèm sạc",
    ]
    assert rows[1][11:18] == ["1200", "H87", "86.125", "103350.00", "USD", "504.000", "588.000"]
    assert rows[-1][0] == "Total"
    assert rows[-1][14] == "107910.00"
    assert sum(Decimal(row[14]) for row in rows[1:-1]) == Decimal(rows[-1][14])


def test_the_packing_list_holds_no_price_and_sums_to_its_totals() -> None:
    content = made("packing_list.csv").content
    assert b"86.125" not in content
    assert b"103350" not in content
    rows = rows_of(content)
    gross = rows[0].index("Gross mass, kg")
    assert sum(Decimal(row[gross]) for row in rows[1:-1]) == Decimal(rows[-1][gross]) == Decimal("1012.000")
    pieces = rows[0].index("Pieces")
    assert sum(int(row[pieces]) for row in rows[1:-1]) == 1600


def test_the_json_has_no_float_and_names_its_dossier() -> None:
    facts = json.loads(made("commercial_invoice.json").content, parse_float=pytest.fail)
    assert facts["rows"][0]["unit_price"] == "86.125"
    assert facts["rows"][0]["quantity"] == 1200
    assert facts["dossier_sha256"] == dossier_hash(assemble(papers.vietnam())).hex()
    assert facts["number"] == "XY-2026-0117"


def test_the_broker_gets_head_and_lines_of_the_chinese_declaration_on_one_sheet() -> None:
    content = made("cn_export_draft.xlsx").content
    page = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    rows = page.to_python()
    assert rows[0][:2] == ["Domestic shipper · 境内发货人", "宁波星野贸易有限公司"]
    titles = next(n for n, row in enumerate(rows) if row[1] == "Code · 商品编号")
    assert rows[titles - 1] == [""] * len(rows[titles])
    assert rows[titles + 1][1] == "8517130000"
    assert rows[titles + 1][3] == "1200 台 / 504 千克 / 1200 件"
    assert len(rows) == titles + 3


@pytest.mark.parametrize("text", FORMULAS)
def test_a21_a_text_never_becomes_a_formula(text: str) -> None:
    facts = papers.vietnam()
    facts["lines"][0]["model"] = text
    facts["packages"][0]["marks"] = text
    assert rows_of(made("commercial_invoice.csv", facts).content)[1][4] == f"'{text}"
    content = made("commercial_invoice.xlsx", facts).content
    page = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert page.to_python()[1][4] == text, "a string cell keeps the text as it is"
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
        assert not [name for name in packed.namelist() if "vba" in name.lower() or "external" in name.lower()]
        assert b"hyperlink" not in packed.read("xl/worksheets/sheet1.xml")
    assert json.loads(made("commercial_invoice.json", facts).content)["rows"][0]["model"] == text


@pytest.mark.parametrize(
    "text",
    ["a\u202eb", "a\u2066b", "a\u200fb", "a\x00b", "a\tb", "a\r\nb", "a\u200bb", "\ufeffa", "a\ue000b"],
)
def test_a60_direction_control_and_private_characters_never_come_so_far(text: str) -> None:
    facts = papers.vietnam()
    facts["lines"][0]["model"] = text
    with pytest.raises(InvalidDossier, match=r"lines\.0\.model"):
        assemble(facts)


def test_our_own_numbers_keep_their_sign() -> None:
    assert [neutral(cell) for cell in (Decimal("-1.50"), -3, None, "-3", "a")] == [
        "-1.50",
        "-3",
        "",
        "'-3",
        "a",
    ]


@each_sheet
def test_a_missing_fact_is_named_and_a_draft_shows_the_gap(name: str) -> None:
    facts = papers.vietnam()
    facts["lines"][1] |= {"description": None, "china": None}
    dossier = assemble(facts)
    with pytest.raises(IncompleteDossier, match=r"lines\.1\.(description|china)"):
        CATALOGUE[name].render(dossier)
    drafting = CATALOGUE[name].drafting
    assert drafting is not None
    draft = drafting(dossier, draft=True)
    assert "-DRAFT." in draft.filename


@pytest.mark.parametrize(
    ("name", "old", "new", "rule"),
    [
        ("commercial_invoice.csv", b"103350.00", b"103350.01", "TABLE-CELL"),
        ("commercial_invoice.csv", b"XINGYE", b"=XINGYE", "TABLE-FORMULA"),
        ("commercial_invoice.csv", b"\r\nTotal", b"\r\n\r\nTotal", "TABLE-ROWS"),
        ("commercial_invoice.csv", b"Line", b"\xff", "TABLE-OPEN"),
        ("commercial_invoice.json", b'"86.125"', b'"86.126"', "TABLE-CELL"),
        ("commercial_invoice.json", b'"rows"', b'"lines"', "TABLE-OPEN"),
        ("packing_list.json", b'"dossier_sha256":"', b'"dossier_sha256":"0', "TABLE-DOSSIER"),
        ("packing_list.xlsx", b"PK\x05\x06", b"XX\x05\x06", "TABLE-OPEN"),
    ],
)
def test_a_changed_table_is_caught(name: str, old: bytes, new: bytes, rule: str) -> None:
    dossier = assemble(papers.vietnam())
    document = CATALOGUE[name].render(dossier)
    spoiled = Document(document.filename, document.media_type, document.content.replace(old, new, 1), 1)
    assert spoiled != document
    manifest = validate(spoiled, dossier, kind=CATALOGUE[name].kind, schemas_dir=None)
    assert rule in {finding.rule for check in manifest.failed for finding in check.findings}
