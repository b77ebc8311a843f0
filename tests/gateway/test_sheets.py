"""A supplier's file is read as it is, or refused with a reason; never half of it."""

import pytest

from gateway.sheets import FILE_BYTES_MAX, SheetRow, UnreadableSheet, read_sheet
from tests.gateway.sheet_files import HEAD, MAIN, csv_file, xlsx_file, xlsx_of_xml

ROWS = [["品牌", "数量(件)"], ["星野 ", "12"], [], ["北辰", "污渍 cm²"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_encoding_is_recognised_by_its_bytes(encoding: str) -> None:
    sheet = read_sheet(csv_file(ROWS, encoding))
    assert sheet.encoding == encoding
    assert sheet.rows[0] == SheetRow(1, ("品牌", "数量(件)"))
    assert sheet.rows[1].cells == ("星野 ", "12"), "cells are as in the sheet, spaces too"
    assert sheet.rows[3] == SheetRow(4, ("北辰", "污渍 cm²")), "an empty row keeps its number"


def test_a_named_encoding_is_not_second_guessed() -> None:
    with pytest.raises(UnreadableSheet, match="not text in utf-8"):
        read_sheet(csv_file(ROWS, "gb18030"), encoding="utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_delimiter_is_the_one_that_occurs_most(delimiter: str) -> None:
    text = f"IMEI{delimiter}品牌{delimiter}型号\n1{delimiter}星野{delimiter}X7\n"
    assert read_sheet(text.encode()).rows[1].cells == ("1", "星野", "X7")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12.0, "12"),
        (12.5, "12.5"),
        (2.9, "2.9"),
        (0.1 + 0.2, "0.3"),
        (862236286189557.0, "862236286189557"),
        (1e-7, "0.0000001"),
        (-3.0, "-3"),
        (8.6e22, "86000000000000000000000"),
    ],
)
def test_a_number_is_printed_as_the_sheet_shows_it(number: float, text: str) -> None:
    assert read_sheet(xlsx_file([[number]])).rows[0].cells == (text,)


def test_rows_of_a_workbook_count_from_the_top_of_the_sheet() -> None:
    sheet = read_sheet(xlsx_file([[], ["标题"], [], ["IMEI", 1]]))
    assert (sheet.name, sheet.encoding) == ("Sheet1", "xlsx")
    assert sheet.rows[3] == SheetRow(4, ("IMEI", "1"))


def test_a_sheet_is_chosen_by_name() -> None:
    data = xlsx_file([["a"]], names=("说明", "明细"))
    assert read_sheet(data, sheet="明细").name == "明细"
    with pytest.raises(UnreadableSheet, match="no sheet is named '数据'; there are 说明, 明细"):
        read_sheet(data, sheet="数据")


def test_a_single_sheet_may_have_any_name() -> None:
    assert read_sheet(xlsx_file([["a"]]), sheet="明细").name == "Sheet1"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"a" * (FILE_BYTES_MAX + 1), "more than 20000000"),
        (b"PK\x03\x04 no archive", "damaged"),
        (b"\xff\xfe\x00\xd8", "not text in utf-16"),
        (b"a,b\0c\n", "zero bytes"),
        (b'IMEI,"never closed\n1,2\n', "line 2"),
        (b"x" * 5000, "row 1: a cell is longer"),
    ],
    ids=["large", "zip", "binary", "zero", "quote", "cell"],
)
def test_what_is_no_sheet_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(UnreadableSheet, match=complaint):
        read_sheet(data)


@pytest.mark.parametrize("reference", ["XFD1048576", "A99999999"])
def test_a_cell_at_the_end_of_the_world_is_refused_before_memory_is_taken(reference: str) -> None:
    """Readers allocate every cell up to the last one: two cells in a small file ask for gigabytes."""
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row><c r="{reference}"><v>1</v></c></row>'
    worksheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    with pytest.raises(UnreadableSheet, match="more than 5000000 cells"):
        read_sheet(xlsx_of_xml(worksheet))


def test_an_archive_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(UnreadableSheet, match="unpacks to more than"):
        read_sheet(xlsx_of_xml(" " * 200_000_001))
