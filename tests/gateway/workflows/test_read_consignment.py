"""Three suppliers' files, read to the last row; and every way in which the next one may be worse."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from gateway.consignments import SAMPLES, load_file, load_spec
from gateway.consignments.consignment import Consignment, Rejection
from gateway.consignments.spec import InvalidSpec, parse_spec
from gateway.sheets import MissingHeaders, UnreadableSheet
from gateway.workflows.read_consignment import add_months, read_consignment
from ledger.core import canonical
from ledger.lots.grading import grade, load_schemes
from tests.gateway.sheet_files import Cell, csv_file, xlsx_file

STORY_DATE = date(2026, 11, 20)
SCHEMES = load_schemes()
PHONES = "phones-cancelled-order.xlsx"


def read(name: str, data: bytes | None = None, *, catalogue: bool = True) -> Consignment:
    spec = load_spec(name)
    facts = load_file(spec.file.catalogue) if spec.file.catalogue and catalogue else None
    data = load_file(spec.file.name) if data is None else data
    return read_consignment(spec, data, catalogue=facts, story_date=STORY_DATE)


def grades(name: str, *, pieces: bool = False) -> dict[tuple[str, str], int]:
    spec, counts = load_spec(name), Counter[tuple[str, str]]()
    for article in read(name).articles:
        scheme = SCHEMES[spec.categories[article.category].scheme]
        counts[article.category, grade(scheme, article.measurement).grade] += (
            article.quantity if pieces else 1
        )
    return dict(counts)


# One good row of each kind; tests change single cells of it.
PHONE: dict[str, Cell] = {
    "序号": 1,
    "IMEI": "862236286189557",
    "商品条码": "6952123010012",
    "品牌": "星野",
    "型号": "X7 Pro",
    "容量": "128GB",
    "颜色": "冰川白",
    "原销售渠道": "天猫旗舰店",
    "生产日期": "2025-07-01",
    "状态": "全新未拆封",
    "能否开机": "是",
    "外观划痕(mm)": 2.9,
    "电池健康(%)": 100,
    "循环次数": 0,
    "账号锁": "无",
}
GARMENT: dict[str, Cell] = {
    "款号": "MY2000001",
    "条形码": "6938000000017",
    "品牌": "素白",
    "品名": "牛仔裤",
    "颜色": "酒红",
    "尺码": "M",
    "吊牌价": "299.00",
    "数量(件)": "120",
    "成分": "棉98% 氨纶2%",
    "产地": "中国",
    "吊牌状态": "剪标",
    "污渍面积(cm²)": "0.8",
    "面料新旧": "明显",
    "HS编码": "620342",
    "单件净重(g)": "640",
    "单件毛重(g)": "716",
    "季节": "2025秋冬",
    "生产日期": "2025-07-10",
}
FRIDGE: dict[str, Cell] = {
    "serial_no": "BC6359882667",
    "Category 品类": "冰箱 refrigerator",
    "Brand": "Beichen",
    "Model": "BCD-215",
    "Year": "2026",
    "Condition": "opened",
    "Function test": "pass",
    "Test date": "2026-10-05",
    "Tester": "Yiwu QC",
    "Visible damage": "",
    "Net kg": "52.5",
    "Gross kg": "58.8",
    "L x W x H (mm)": "560x590x1650",
    "HS code": "841810",
    "Origin": "中国",
    "Refrigerant": "R600a",
}


def sheet_of(good: dict[str, Cell], *changes: dict[str, Cell]) -> bytes:
    return xlsx_file([list(good), *(list({**good, **change}.values()) for change in changes)])


def reasons(consignment: Consignment) -> list[tuple[int, str, str]]:
    return [(found.row, found.column, found.reason) for found in consignment.rejections]


def test_phones_1200_rows_are_1184_articles_and_16_rejections() -> None:
    found = read("phones")
    assert (found.rows, len(found.articles), len(found.rejected_rows)) == (1200, 1184, 16)
    assert found.rejections == (
        Rejection(PHONES, 14, "IMEI", "866927073136333", "imei-check-digit"),
        Rejection(PHONES, 85, "IMEI", "861547416834297", "imei-duplicate", (836,)),
        Rejection(PHONES, 118, "IMEI", "865454504841754", "imei-check-digit"),
        Rejection(PHONES, 148, "IMEI", "867267487190636", "imei-duplicate", (207,)),
        Rejection(PHONES, 207, "IMEI", "867267487190636", "imei-duplicate", (148,)),
        Rejection(PHONES, 251, "生产日期", "2025/13/05", "date-impossible"),
        Rejection(PHONES, 314, "生产日期", "2025/13/05", "date-impossible"),
        Rejection(PHONES, 326, "IMEI", "860181392588551", "imei-duplicate", (955,)),
        Rejection(PHONES, 370, "IMEI", "867835527298328", "imei-duplicate", (575,)),
        Rejection(PHONES, 575, "IMEI", "867835527298328", "imei-duplicate", (370,)),
        Rejection(PHONES, 733, "生产日期", "2025/13/05", "date-impossible"),
        Rejection(PHONES, 836, "IMEI", "861547416834297", "imei-duplicate", (85,)),
        Rejection(PHONES, 842, "生产日期", "2025/13/05", "date-impossible"),
        Rejection(PHONES, 932, "生产日期", "2025/13/05", "date-impossible"),
        Rejection(PHONES, 955, "IMEI", "860181392588551", "imei-duplicate", (326,)),
        Rejection(PHONES, 1195, "IMEI", "866646439019237", "imei-check-digit"),
    )


def test_phones_are_one_lot_whose_total_and_price_agree() -> None:
    found = read("phones")
    assert [(lot.key, lot.declared, lot.unidentified) for lot in found.lots] == [
        ((("brand", "星野"),), 1200, 16)
    ]
    assert {total.name: (total.row, total.stated, total.agrees) for total in found.totals} == {
        "units": (1204, 1200, True),
        "price_minor": (2, 64_000_000, True),
    }
    assert found.meta["authorization_document"] == "XY-AUTH-2026-0117"
    assert [(note.row, note.kind) for note in found.notes] == [(1, "title"), (2, "meta"), (1204, "total")]
    assert sum(article.over_age for article in found.articles) == 52


def test_phones_by_grade() -> None:
    assert grades("phones") == {
        ("phone", "A"): 950,
        ("phone", "B"): 84,
        ("phone", "C"): 117,
        ("phone", "X"): 21,
        ("phone", "ungraded"): 12,
    }


def test_a_phone_carries_the_facts_of_its_catalogue_entry() -> None:
    by_model = {article.model: article for article in read("phones").articles}
    pro, a30 = by_model["X7 Pro"], by_model["A30"]
    assert (pro.hs_code, pro.origin_country, pro.net_mass_g, pro.gross_mass_g) == ("851713", "CN", 198, 362)
    assert (pro.gtin, pro.gtin14) == ("6952123010012", "06952123010012")
    assert pro.product is not None
    assert (pro.product.battery_wh, pro.product.un38_3_summary) == ("19.35", "XY-UN383-2025-041")
    assert a30.product is not None
    assert a30.product.un38_3_summary is None, "the catalogue lacks it; nobody invents it"


def test_phones_without_a_catalogue_lack_its_facts_but_are_goods() -> None:
    found = read("phones", catalogue=False)
    assert len(found.articles) == 1184
    assert {article.hs_code for article in found.articles} == {None}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"6952123010012,", b"6952123010013,", "row 2: '6952123010013' is no GTIN"),
        (b"6952123010029,", b"6952123010012,", "row 3: 6952123010012 stands twice"),
        (b",198,", b",198.5,", "row 2: '198.5' is no mass in whole grams"),
        (b"un38_3_summary", b"summary", "column “un38_3_summary” is missing"),
    ],
)
def test_a_catalogue_is_trusted_whole_or_not_at_all(old: bytes, new: bytes, complaint: str) -> None:
    data = load_file("phone-catalogue.csv")
    assert old in data
    with pytest.raises((UnreadableSheet, MissingHeaders), match=complaint):
        read_consignment(
            load_spec("phones"),
            sheet_of(PHONE, {}),
            catalogue=data.replace(old, new),
            story_date=STORY_DATE,
        )


def test_apparel_681_styles_are_100000_garments() -> None:
    found = read("apparel")
    assert (found.encoding, found.rows, len(found.articles), found.rejections) == ("gb18030", 681, 681, ())
    assert [(lot.key[0][1], lot.declared) for lot in found.lots] == [
        ("素白", 33_996),
        ("北辰", 32_160),
        ("木屿", 33_844),
    ]
    assert [(total.name, total.row, total.stated, total.agrees) for total in found.totals] == [
        ("units", 683, 100_000, True)
    ]
    assert sum(article.quantity for article in found.articles if article.over_age) == 22_634
    assert sum(article.over_age for article in found.articles) == 148
    assert Counter(article.label_state for article in found.articles) == {
        "intact": 481,
        "missing": 108,
        "cut": 92,
    }


def test_apparel_by_grade() -> None:
    assert grades("apparel") == {("apparel", "A"): 253, ("apparel", "B"): 284, ("apparel", "C"): 144}
    assert grades("apparel", pieces=True) == {
        ("apparel", "A"): 34_908,
        ("apparel", "B"): 43_376,
        ("apparel", "C"): 21_716,
    }


def test_a_remark_is_shown_and_the_right_comes_from_the_licence() -> None:
    remark = read("apparel").notes[-1]
    assert (remark.row, remark.kind) == (683, "remark")
    assert "北辰未授权越南" in remark.text
    denied = {
        grant.brands[0]: grant.territories_denied
        for grant in load_spec("apparel").authorizations
        if grant.territories_denied
    }
    assert denied == {"北辰": ("VN",)}


def test_appliances_260_rows_are_260_articles() -> None:
    found = read("appliances")
    assert (found.encoding, found.rows, len(found.articles), found.rejections) == ("utf-8-sig", 260, 260, ())
    assert {lot.key[0][1]: lot.declared for lot in found.lots} == {
        "refrigerator": 61,
        "washing_machine": 71,
        "microwave": 64,
        "sofa": 64,
    }
    assert {article.brand for article in found.articles} == {"北辰"}
    assert {article.origin_country for article in found.articles} == {"CN"}
    assert not any(article.over_age for article in found.articles)


def test_appliances_by_grade() -> None:
    assert grades("appliances") == {
        ("refrigerator", "A"): 21,
        ("refrigerator", "B"): 24,
        ("refrigerator", "X"): 9,
        ("refrigerator", "ungraded"): 7,
        ("washing_machine", "A"): 19,
        ("washing_machine", "B"): 37,
        ("washing_machine", "X"): 4,
        ("washing_machine", "ungraded"): 11,
        ("microwave", "A"): 20,
        ("microwave", "B"): 36,
        ("microwave", "X"): 4,
        ("microwave", "ungraded"): 4,
        ("sofa", "A"): 28,
        ("sofa", "B"): 21,
        ("sofa", "C"): 15,
    }


def test_an_appliance_in_full() -> None:
    fridge = read("appliances", sheet_of(FRIDGE, {"Visible damage": "dent 30 mm"})).articles[0]
    assert fridge.serial == fridge.identifier == "BC6359882667"
    assert (fridge.category, fridge.goods["en"], fridge.refrigerant) == (
        "refrigerator",
        "Refrigerator",
        "R600a",
    )
    assert fridge.produced_on == date(2026, 1, 1), "a bare year is 1 January"
    assert (fridge.net_mass_g, fridge.gross_mass_g, fridge.dimensions_mm) == (
        52_500,
        58_800,
        (560, 590, 1650),
    )
    assert (fridge.tested_on, fridge.tester) == (date(2026, 10, 5), "yiwu-qc")
    assert fridge.measurement == {
        "function": "pass",
        "condition": "opened",
        "damage": "dent",
        "damage_size": {"value": "30", "unit": "MMT"},
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_read_may_enter_a_record(name: str) -> None:
    for article in read(name).articles:
        facts = {**article.attributes, "model": article.model, "measurement": article.measurement}
        canonical.check_shape(facts)
        canonical.check_text(facts)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_file_is_recognised_by_its_hash(name: str) -> None:
    data = load_file(load_spec(name).file.name)
    assert read(name).sha256 == sha256(data).hexdigest()
    assert read(name) == read(name)


@pytest.mark.parametrize("name", SAMPLES)
def test_registration_numbers_have_real_check_digits(name: str) -> None:
    for party in load_spec(name).parties:
        assert uscc.is_valid(party.registration_number), party.key


@pytest.mark.parametrize(
    "imei",
    [
        862236286189557.0,
        " 86 223628 618955 7",
        "86-223628-618955-7",
        "８６２２３６２８６１８９５５７",
        "'862236286189557",
        "8.62236286189557E+14",
        "862236286189557\u200b",
    ],
)
def test_an_imei_is_read_however_it_is_written(imei: Cell) -> None:
    assert read("phones", sheet_of(PHONE, {"IMEI": imei})).articles[0].imei == "862236286189557"


GOOD_AND_BAD: list[tuple[str, dict[str, Cell], str, Cell, str]] = [
    ("phones", PHONE, "IMEI", "862236286189558", "imei-check-digit"),
    ("phones", PHONE, "IMEI", "86223628618955", "imei-format"),
    ("phones", PHONE, "IMEI", "000000000000000", "imei-format"),
    ("phones", PHONE, "IMEI", "8.62236E+14", "digits-lost"),
    ("phones", PHONE, "IMEI", "", "required-missing"),
    ("phones", PHONE, "IMEI", "N/A", "required-missing"),
    ("phones", PHONE, "商品条码", "6952123010013", "gtin-check-digit"),
    ("phones", PHONE, "商品条码", "695212301", "gtin-format"),
    ("phones", PHONE, "品牌", "晨星", "brand-unknown"),
    ("phones", PHONE, "型号", "A30", "gtin-model-mismatch"),
    ("phones", PHONE, "型号", "X7 😀", "model-not-recordable"),
    ("phones", PHONE, "状态", "八成新", "condition-unknown"),
    ("phones", PHONE, "生产日期", "2025/13/05", "date-impossible"),
    ("phones", PHONE, "生产日期", "2025-02-29", "date-impossible"),
    ("phones", PHONE, "生产日期", "2026-11-21", "date-impossible"),
    ("phones", PHONE, "生产日期", "1025-07-01", "date-impossible"),
    ("phones", PHONE, "生产日期", "07/01/2025", "date-unreadable"),
    ("phones", PHONE, "生产日期", "去年", "date-unreadable"),
    ("phones", PHONE, "能否开机", "大概", "measurement-unreadable"),
    ("phones", PHONE, "外观划痕(mm)", "很长", "measurement-unreadable"),
    ("phones", PHONE, "外观划痕(mm)", -1, "measurement-out-of-range"),
    ("phones", PHONE, "电池健康(%)", 0.97, "measurement-unreadable"),
    ("phones", PHONE, "电池健康(%)", 140, "measurement-out-of-range"),
    ("apparel", GARMENT, "数量(件)", 12.5, "quantity-not-whole"),
    ("apparel", GARMENT, "数量(件)", "-12", "quantity-out-of-range"),
    ("apparel", GARMENT, "数量(件)", "0", "quantity-out-of-range"),
    ("apparel", GARMENT, "数量(件)", "一打", "quantity-unreadable"),
    ("apparel", GARMENT, "数量(件)", "", "required-missing"),
    ("apparel", GARMENT, "条形码", "6938000000018", "gtin-check-digit"),
    ("apparel", GARMENT, "吊牌价", "九折", "list-price-unreadable"),
    ("apparel", GARMENT, "吊牌状态", "破损", "label-state-unknown"),
    ("apparel", GARMENT, "产地", "火星", "origin-country-unknown"),
    ("apparel", GARMENT, "HS编码", "6203", "hs-code-format"),
    ("apparel", GARMENT, "单件净重(g)", "0.5", "mass-unreadable"),
    ("apparel", GARMENT, "单件净重(g)", "0", "mass-out-of-range"),
    ("apparel", GARMENT, "单件毛重(g)", "639", "gross-mass-below-net"),
    ("appliances", FRIDGE, "serial_no", "BC?", "serial-format"),
    ("appliances", FRIDGE, "Category 品类", "电视 tv", "category-unknown"),
    ("appliances", FRIDGE, "Year", "2042", "date-impossible"),
    ("appliances", FRIDGE, "Year", "0", "date-unreadable"),
    ("appliances", FRIDGE, "Visible damage", "dent 30", "measurement-unreadable"),
    ("appliances", FRIDGE, "L x W x H (mm)", "560x590", "dimensions-unreadable"),
    ("appliances", FRIDGE, "L x W x H (mm)", "560x0x590", "dimensions-unreadable"),
]


@pytest.mark.parametrize(("name", "good", "header", "value", "reason"), GOOD_AND_BAD)
def test_a_bad_cell_rejects_its_row_and_says_why(
    name: str, good: dict[str, Cell], header: str, value: Cell, reason: str
) -> None:
    found = read(name, sheet_of(good, {header: value}))
    assert found.articles == ()
    assert [(bad.row, bad.column, bad.value, bad.reason) for bad in found.rejections] == [
        (2, header, str(value), reason)
    ]


@pytest.mark.parametrize("mark", ["", "N/A", "n/a", "-", "—", "未测", "  "])
def test_a_missing_measurement_is_ungraded_and_no_rejection(mark: str) -> None:
    found = read("phones", sheet_of(PHONE, {"电池健康(%)": mark}))
    assert found.rejections == ()
    assert grade(SCHEMES["electronics"], found.articles[0].measurement).grade == "ungraded"


@pytest.mark.parametrize(
    ("header", "written", "measured"),
    [
        ("外观划痕(mm)", "２.９ mm", {"value": "2.9", "unit": "MMT"}),
        ("外观划痕(mm)", "007.50", {"value": "7.5", "unit": "MMT"}),
        ("电池健康(%)", "97%", {"value": "97", "unit": "P1"}),
        ("循环次数", "1,024", {"value": "1024", "unit": "C62"}),
    ],
)
def test_a_measurement_becomes_a_plain_decimal(header: str, written: str, measured: dict[str, str]) -> None:
    article = read("phones", sheet_of(PHONE, {header: written})).articles[0]
    assert measured in article.measurement.values()


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025/7/1", date(2025, 7, 1)),
        ("2025年7月1日", date(2025, 7, 1)),
        ("2025.07.01", date(2025, 7, 1)),
        ("20250701", date(2025, 7, 1)),
        ("2025-07-01 00:00:00", date(2025, 7, 1)),
        ("2025年7月", date(2025, 7, 1)),
        (2025, date(2025, 1, 1)),
    ],
)
def test_a_date_is_read_where_it_can_mean_only_one_day(written: Cell, day: date) -> None:
    assert read("phones", sheet_of(PHONE, {"生产日期": written})).articles[0].produced_on == day


@pytest.mark.parametrize(
    ("produced_on", "over_age"), [("2023-11-20", False), ("2023-11-19", True), ("2023", True)]
)
def test_goods_are_over_age_a_day_after_36_months(produced_on: str, over_age: bool) -> None:
    assert read("phones", sheet_of(PHONE, {"生产日期": produced_on})).articles[0].over_age is over_age


def test_months_end_with_shorter_months() -> None:
    assert add_months(date(2024, 2, 29), 36) == date(2027, 2, 28)
    assert add_months(date(2025, 12, 31), 2) == date(2026, 2, 28)


def test_all_rows_that_share_an_imei_are_rejected_each_naming_the_others() -> None:
    """Written as text, as a number and with spaces: it is one IMEI."""
    changes: list[dict[str, Cell]] = [{}, {"IMEI": 862236286189557.0}, {"IMEI": "86 2236286189557"}]
    found = read("phones", sheet_of(PHONE, *changes))
    assert [(bad.row, bad.reason, bad.related_rows) for bad in found.rejections] == [
        (2, "imei-duplicate", (3, 4)),
        (3, "imei-duplicate", (2, 4)),
        (4, "imei-duplicate", (2, 3)),
    ]
    assert found.unassigned == 3, "no article is left to say which lot they belong to"


def test_an_imei_that_is_wrong_and_shared_is_reported_for_both() -> None:
    found = read("phones", sheet_of(PHONE, {"IMEI": "862236286189558"}, {"IMEI": "862236286189558"}))
    assert reasons(found) == [
        (2, "IMEI", "imei-check-digit"),
        (2, "IMEI", "imei-duplicate"),
        (3, "IMEI", "imei-check-digit"),
        (3, "IMEI", "imei-duplicate"),
    ]


def test_digits_that_a_spreadsheet_lost_are_no_duplicate() -> None:
    found = read("phones", sheet_of(PHONE, {"IMEI": "8.62236E+14"}, {"IMEI": "8.62236E+14"}))
    assert [reason for _, _, reason in reasons(found)] == ["digits-lost", "digits-lost"]


def test_a_serial_is_shared_whatever_its_case() -> None:
    found = read("appliances", sheet_of(FRIDGE, {}, {"serial_no": "bc6359882667 "}))
    assert reasons(found) == [(2, "serial_no", "serial-duplicate"), (3, "serial_no", "serial-duplicate")]


def test_a_style_number_may_return_in_another_size_but_a_barcode_may_not() -> None:
    found = read("apparel", sheet_of(GARMENT, {}, {"尺码": "L", "条形码": "6938000000024"}, {"尺码": "XL"}))
    assert reasons(found) == [(2, "条形码", "gtin-duplicate"), (4, "条形码", "gtin-duplicate")]


def test_a_row_has_one_rejection_per_problem_in_sheet_order() -> None:
    found = read("phones", sheet_of(PHONE, {}, {"IMEI": "1", "品牌": "?", "生产日期": "2025/13/05"}))
    assert reasons(found) == [
        (3, "IMEI", "imei-format"),
        (3, "品牌", "brand-unknown"),
        (3, "生产日期", "date-impossible"),
    ]
    assert found.lots[0].unidentified == 1, "there is one lot: what cannot be identified belongs to it"


def test_rejected_pieces_count_in_the_lot_that_the_row_names() -> None:
    bad: dict[str, Cell] = {"条形码": "6938000000018"}
    other: dict[str, Cell] = {"款号": "MY2000002", "条形码": "6938000000024", "品牌": "北辰"}
    unknown: dict[str, Cell] = {"款号": "MY2000003", "条形码": "6938000000031", "品牌": "?", "数量(件)": "7"}
    found = read("apparel", sheet_of(GARMENT, {}, {**bad, "款号": "MY2000009"}, other, unknown))
    assert [(lot.key, lot.declared, lot.unidentified) for lot in found.lots] == [
        ((("brand", "素白"),), 240, 120),
        ((("brand", "北辰"),), 120, 0),
    ]
    assert found.unassigned == 7


def shuffled(rows: list[list[str]]) -> list[list[str]]:
    return [row[::-1] for row in rows]


def respelled(rows: list[list[str]]) -> list[list[str]]:
    return [[f" {cell.replace('(', '（').replace(')', '）')} " for cell in rows[0]], *rows[1:]]


def further_down(rows: list[list[str]]) -> list[list[str]]:
    return [["发货清单"], [], ["制表", "2026-11-01"], *rows]


def with_other_columns(rows: list[list[str]]) -> list[list[str]]:
    return [[*rows[0], "货架"], *([*row, "A-1"] for row in rows[1:])]


def with_page_breaks(rows: list[list[str]]) -> list[list[str]]:
    return [rows[0], [], ["第一箱"], *rows[1:], rows[0], ["总计：", "", "120"], ["备注", "不退不换"]]


@pytest.mark.parametrize("change", [shuffled, respelled, further_down, with_other_columns, with_page_breaks])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize(("name", "good"), [("phones", PHONE), ("apparel", GARMENT), ("appliances", FRIDGE)])
def test_a_sheet_may_be_arranged_otherwise(
    name: str,
    good: dict[str, Cell],
    encoding: str,
    change: Callable[[list[list[str]]], list[list[str]]],
) -> None:
    rows = [list(good), [str(cell) for cell in good.values()]]
    plain, changed = (read(name, csv_file(table, encoding)) for table in (rows, change(rows)))
    assert plain.rejections == changed.rejections == ()
    assert [article.measurement for article in changed.articles] == [
        article.measurement for article in plain.articles
    ]
    assert changed.articles[0].identifier == plain.articles[0].identifier


def test_headers_that_nobody_mapped_are_named() -> None:
    rows = with_other_columns([list(FRIDGE), [str(cell) for cell in FRIDGE.values()]])
    assert read("appliances", csv_file(rows)).unknown_columns == ("货架",)


@pytest.mark.parametrize(
    ("name", "good", "header"),
    [
        ("phones", PHONE, "电池健康(%)"),
        ("apparel", GARMENT, "吊牌状态"),
        ("appliances", FRIDGE, "Function test"),
    ],
)
def test_a_column_that_is_missing_or_renamed_is_named(name: str, good: dict[str, Cell], header: str) -> None:
    renamed = [name_ if name_ != header else "其他" for name_ in good]
    with pytest.raises(MissingHeaders, match="is missing; row 1 has") as refusal:
        read(name, xlsx_file([renamed, list(good.values())]))
    assert refusal.value.headers == (header,)
    assert "其他" in refusal.value.found


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(UnreadableSheet, match="column “串号” stands twice"):
        read("phones", xlsx_file([[*PHONE, "串号"], [*PHONE.values(), "862787632519194"]]))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableSheet, match="empty"):
        read("apparel", b"")


def test_a_total_that_does_not_agree_is_reported_and_changes_nothing() -> None:
    rows = [list(GARMENT), [str(cell) for cell in GARMENT.values()], ["合计", *[""] * 6, "121"]]
    found = read("apparel", csv_file(rows))
    assert len(found.articles) == 1
    assert [(total.row, total.stated, total.counted, total.agrees) for total in found.totals] == [
        (3, 121, 120, False)
    ]


def test_a_lone_identifier_is_rejected_and_not_overlooked() -> None:
    found = read("appliances", csv_file([list(FRIDGE), ["BC5285629532"]]))
    assert found.rejected_rows == (2,)
    assert {bad.reason for bad in found.rejections} == {"required-missing"}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('id = "phones"', 'id = "phones"\ncolour = 1', "Extra inputs"),
        ('grantee = "huaying"', 'grantee = "nobody"', "unknown parties"),
        ('fields = ["imei"]', 'fields = ["meid"]', "unknown fields"),
        ('unit = "MMT"\n', "", "a measured column needs a unit"),
        ('field = "produced_on"', 'field = "made_on"', "neither required columns nor constants"),
        ("[categories.phone]", "[categories.tablet]", "differ from those named"),
        ("[title]", "[title", "Expected"),
    ],
)
def test_a_malformed_description_is_refused(old: str, new: str, complaint: str) -> None:
    text = (resources.files("gateway.consignments") / "phones.toml").read_text("utf-8")
    assert old in text
    with pytest.raises(InvalidSpec, match=complaint):
        parse_spec(text.replace(old, new).encode())


ODD_TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20),
    st.from_regex(r"[-+]?[0-9０-９]{0,16}[.,x×/年 -]?[0-9]{0,4}(e[+]?[0-9]{1,3}|%|mm|kg)?", fullmatch=True),
)


@settings(deadline=None)  # the time of one example says how busy the machine is, nothing else
@given(st.data())
def test_whatever_a_cell_holds_its_row_is_read_or_rejected_and_what_is_read_can_be_graded(
    data: st.DataObject,
) -> None:
    name, good = data.draw(st.sampled_from([("phones", PHONE), ("apparel", GARMENT), ("appliances", FRIDGE)]))
    changed = {
        header: data.draw(ODD_TEXT) for header in data.draw(st.sets(st.sampled_from(list(good)), max_size=3))
    }
    spec, rows = load_spec(name), [list(good), [str(cell) for cell in {**good, **changed}.values()]]
    found = read(name, csv_file(rows))
    assert (len(found.articles), len(found.rejected_rows)) in {(1, 0), (0, 1)}
    for article in found.articles:
        grade(SCHEMES[spec.categories[article.category].scheme], article.measurement)
        canonical.check_text({**article.attributes, "model": article.model, "serial": article.identifier})
