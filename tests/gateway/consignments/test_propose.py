"""Where the header stands and what columns mean: proposed with doubts, and never beyond what can be read."""

import pytest

from gateway.consignments.fields import fields
from gateway.consignments.propose import Proposed, header_score, propose
from gateway.consignments.shapes import shape_of
from gateway.files.errors import FileRefused
from gateway.sheets import Sheet, UnreadableSheet, read_sheet
from gateway.workflows.describe_file import look
from tests.gateway.sheet_files import HEAD, MAIN, csv_file, xlsx_file, xlsx_of_xml

MISSING = frozenset({"n/a"})


def sheet(*rows: list[str]) -> Sheet:
    return read_sheet(csv_file(rows))


def column(rows: list[list[str]], header: str) -> Proposed:
    return next(one for one in propose(sheet(*rows)).columns if one.header == header)


def test_the_header_is_found_below_titles_and_facts_about_the_order() -> None:
    found = propose(
        sheet(["库存清单"], ["型号", "A30", "合同号", "HT-1"], [], ["货号", "品牌", "数量"], ["A", "B", "3"])
    )
    assert (found.header_row, found.is_known) == (4, True)
    assert [one.field for one in found.columns] == ["style_number", "brand", "quantity"]


def test_a_header_in_words_that_nobody_knows_is_found_by_its_form() -> None:
    found = propose(sheet(["Xyz list"], ["Qwe", "Rty", "Uio"], ["A-1", "red", "3"], ["A-2", "blue", "4"]))
    assert (found.header_row, found.is_known) == (2, False)
    assert [one.field for one in found.columns] == ["", "", ""]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Category 品类", "category"),
        ("品牌/Brand", "brand"),
        ("H.S. Code", "hs_code"),
        ("Net Wt. (kg)", "net_mass_g"),
        ("单品净重/千克", "net_mass_g"),
        ("产品货号*", "style_number"),
        ("SỐ LƯỢNG (cái)", "quantity"),
        ("Ｑｔｙ", "quantity"),
    ],
)
def test_headers_are_known_in_any_dress(header: str, field: str) -> None:
    assert max(fields(), key=lambda name: header_score(name, header)) == field
    assert header_score(field, header) > 0.5


def test_a_column_is_not_what_its_header_says_when_its_values_are_not() -> None:
    rows = [["IMEI", "品牌", "数量"], ["blue", "B", "1"], ["red", "B", "2"]]
    assert column(rows, "IMEI").field == ""


def test_an_imei_is_known_without_its_header() -> None:
    rows = [["代码甲", "品牌", "型号"], ["862236286189557", "B", "X"], ["862787632519194", "B", "Y"]]
    found = column(rows, "代码甲")
    assert (found.field, found.certainty) == ("imei", "likely")


@pytest.mark.parametrize(
    ("values", "order", "doubts"),
    [
        (["2025-03-01", "2025/4/2"], "ymd", ()),
        (["13/05/2025", "01/02/2025"], "dmy", ()),
        (["05/13/2025", "01/02/2025"], "mdy", ()),
        (["03/05/2025", "01/02/2025"], "dmy", ("date-order",)),
        (["45717", "45718"], "serial", ("date-order",)),
        (["12 May 2025", "Jul 2025"], "ymd", ()),
        (["tháng 5/2025", "năm 2024"], "ymd", ()),
    ],
)
def test_the_order_of_dates_is_told_by_days_that_exist(
    values: list[str], order: str, doubts: tuple[str, ...]
) -> None:
    found = shape_of(fields()["produced_on"], "NSX", values, MISSING)
    assert (found.dates, found.doubts, found.fit) == (order, doubts, 1.0)


@pytest.mark.parametrize(
    ("header", "values", "unit", "doubts"),
    [
        ("净重(kg)", ["1.2"], "kg", ()),
        ("净重(g)", ["1200"], "g", ()),
        ("净重", ["1200", "900"], "g", ("unit",)),
        ("净重", ["1.2", "48"], "kg", ("unit",)),
        ("净重(斤)", ["3"], "jin", ()),
    ],
)
def test_a_unit_that_the_header_does_not_name_is_doubtful(
    header: str, values: list[str], unit: str, doubts: tuple[str, ...]
) -> None:
    found = shape_of(fields()["net_mass_g"], header, values, MISSING)
    assert (found.unit, found.doubts) == (unit, doubts)


@pytest.mark.parametrize(
    ("values", "decimals", "doubts"),
    [
        (["1,5", "2,25"], ",", ()),
        (["1.5", "2.25"], ".", ()),
        (["1.234,5"], ",", ()),
        (["1.299.000"], ",", ()),
        (["1,299"], ".", ("decimals",)),
        (["1.299"], ",", ("decimals",)),
        (["N/A", "3"], ".", ()),
    ],
)
def test_a_mark_that_may_be_either_is_doubtful(
    values: list[str], decimals: str, doubts: tuple[str, ...]
) -> None:
    found = shape_of(fields()["list_price"], "Giá niêm yết", values, MISSING)
    assert (found.decimals, found.doubts) == (decimals, doubts)


def test_an_empty_column_is_proposed_in_a_way_that_can_be_confirmed() -> None:
    for field in fields().values():
        shape = shape_of(field, field.name, ["", " "], MISSING)
        assert shape.unit in (*field.units, ""), field.name


def test_columns_with_one_header_are_told_apart_by_their_place() -> None:
    found = propose(sheet(["款号", "数量", "数量"], ["A", "3", "x"], ["B", "4", "y"]))
    assert [(one.nth, one.field) for one in found.columns] == [(1, "style_number"), (1, "quantity"), (2, "")]


def test_one_side_of_an_article_alone_is_not_taken_for_a_dimension() -> None:
    rows = [["货号", "品牌", "长", "宽"], ["A", "B", "2100", "900"]]
    assert [one.field for one in propose(sheet(*rows)).columns] == ["style_number", "brand", "", ""]


def test_columns_without_a_header_are_named_by_their_letters() -> None:
    assert propose(sheet(["货号", "", "数量"], ["A", "?", "3"])).unnamed == ("B",)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[""], [" "]], "sheet-empty"),
        ([["款号", "品牌", "数量"]], "sheet-no-rows"),
        ([[f"h{n}" for n in range(5_000)], ["1"] * 5_000], "sheet-too-wide"),
    ],
    ids=["empty", "only a header", "5,000 columns"],
)
def test_what_cannot_be_described_says_why(rows: list[list[str]], code: str) -> None:
    with pytest.raises(UnreadableSheet) as refused:
        propose(sheet(*rows))
    assert refused.value.code == code


def test_of_several_sheets_the_one_with_goods_is_taken_and_another_may_be_named() -> None:
    rows = [["款号", "品牌", "数量"], ["A", "B", 3]]
    data = xlsx_file(rows, names=["一", "二"])
    assert [one.name for one in look(data).choices] == ["一", "二"]
    assert look(data, "二").sheet.name == "二"
    with pytest.raises(UnreadableSheet) as refused:
        look(data, "三")
    assert refused.value.code == "sheet-choose"


def _row(number: int, cells: str, more: str = "") -> str:
    return f'<row r="{number}"{more}>{cells}</row>'


def _worksheet(rows: str) -> bytes:
    return xlsx_of_xml(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>')


def _text(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_hidden_rows_are_read_and_counted() -> None:
    head = _row(1, _text("A1", "款号") + _text("B1", "数量"))
    found = look(_worksheet(head + _row(2, _text("A2", "S-1") + _text("B2", "3"), ' hidden="1"')))
    assert (found.sheet.hidden_rows, found.proposal.rows_below) == (1, 1)


def test_a_formula_without_its_result_is_refused_and_one_with_it_is_read() -> None:
    head = _row(1, _text("A1", "款号") + _text("B1", "数量"))
    good = look(_worksheet(head + _row(2, _text("A2", "S-1") + '<c r="B2"><f>1+2</f><v>3</v></c>')))
    assert good.sheet.rows[1].cells == ("S-1", "3")
    with pytest.raises(UnreadableSheet) as refused:
        look(_worksheet(head + _row(2, _text("A2", "S-1") + '<c r="B2"><f>1+2</f></c>')))
    assert refused.value.code == "sheet-formulas"


def test_a_sheet_in_utf_16_is_read_and_markup_in_it_is_not() -> None:
    assert look("款号,数量\nA,3\n".encode("utf-16")).sheet.encoding == "utf-16"
    with pytest.raises(FileRefused):
        look("<html>款号</html>".encode("utf-16"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file-xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "file-password",
        ),
    ],
    ids=["xls", "password"],
)
def test_old_and_locked_workbooks_are_told_apart(data: bytes, reason: str) -> None:
    with pytest.raises(FileRefused) as refused:
        look(data)
    assert refused.value.reason == reason
