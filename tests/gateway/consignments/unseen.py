"""Sheets as suppliers who never heard of us write them: four kinds of goods, three languages, any shape.

Headers, words and habits are written down here by hand, not taken from our own lists, so that a list of
ours that lacks a word is found out.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stdnum import ean, luhn

from gateway.consignments.text import clean
from tests.gateway.sheet_files import xlsx_file

Cell = str | int | float
LANGUAGES = ("zh", "en", "vi")
KINDS = ("phones", "garments", "appliances", "furniture")
FORMS = ("utf-8", "utf-8-sig", "utf-16", "gb18030", "semicolon", "tab", "xlsx", "xlsx-numbers", "xlsx-cover")
ROWS = 24


@dataclass(frozen=True)
class Unseen:
    """One file. expected: header -> field that it means, "" for nothing of ours. rows: goods in it."""

    name: str
    data: bytes
    expected: dict[str, str]
    rows: int
    category: str  # "" where a column says it


# field -> headers by language. A field that is not of ours is "".
HEADERS: dict[str, dict[str, Sequence[str]]] = {
    "imei": {
        "zh": ["IMEI码", "手机串号", "IMEI 1"],
        "en": ["IMEI No.", "IMEI Number", "Imei"],
        "vi": ["Số IMEI", "IMEI"],
    },
    "serial": {
        "zh": ["机身序列号", "SN码", "产品序列号"],
        "en": ["Serial Number", "S/N", "Serial #"],
        "vi": ["Số Seri", "Số sê-ri", "Số máy"],
    },
    "style_number": {
        "zh": ["产品货号*", "款号", "SKU编码"],
        "en": ["Style No.", "Article No", "SKU", "Item Code"],
        "vi": ["Mã hàng", "Mã SP", "Mã sản phẩm"],
    },
    "gtin": {
        "zh": ["69码", "商品条码", "国标码"],
        "en": ["Barcode (EAN)", "EAN-13", "UPC/EAN"],
        "vi": ["Mã vạch", "Mã vạch EAN"],
    },
    "brand": {
        "zh": ["品牌", "品牌名称"],
        "en": ["Brand", "Brand Name"],
        "vi": ["Thương hiệu", "Nhãn hiệu", "Hãng SX"],
    },
    "model": {
        "zh": ["商品名", "型号规格", "品名", "产品名称"],
        "en": ["Model", "Product Description", "Item Name"],
        "vi": ["Tên hàng", "Tên sản phẩm", "Model"],
    },
    "category": {
        "zh": ["品类", "商品类别"],
        "en": ["Category", "Product Type"],
        "vi": ["Nhóm hàng", "Loại hàng"],
    },
    "condition": {
        "zh": ["成色", "货况", "商品状态"],
        "en": ["Condition", "Cond.", "Item condition"],
        "vi": ["Tình trạng", "Tình trạng hàng"],
    },
    "produced_on": {
        "zh": ["生产日期", "出厂日期", "生产年月"],
        "en": ["Mfg. Date", "Production Date", "Date of manufacture", "DOM"],
        "vi": ["Ngày sản xuất", "NSX", "Ngày SX"],
    },
    "quantity": {
        "zh": ["数量(件)", "入库数量", "库存数"],
        "en": ["Qty (pcs)", "Quantity", "Stock Qty"],
        "vi": ["Số lượng", "SL", "Số lượng (cái)"],
    },
    "list_price": {
        "zh": ["吊牌价(元)", "零售价"],
        "en": ["RRP", "Retail Price (CNY)"],
        "vi": ["Giá niêm yết", "Giá bán lẻ (CNY)"],
    },
    "colour": {"zh": ["颜色", "颜色名称"], "en": ["Colour", "Color"], "vi": ["Màu", "Màu sắc / Colour"]},
    "size": {"zh": ["尺码", "码数"], "en": ["Size"], "vi": ["Size", "Kích cỡ"]},
    "storage": {"zh": ["存储容量", "内存"], "en": ["Storage", "Capacity"], "vi": ["Dung lượng", "Bộ nhớ"]},
    "composition": {
        "zh": ["面料成分", "材质"],
        "en": ["Material", "Composition"],
        "vi": ["Chất liệu", "Thành phần vải"],
    },
    "origin_country": {
        "zh": ["产地", "原产国"],
        "en": ["Country of Origin", "Origin", "COO"],
        "vi": ["Xuất xứ", "Nước sản xuất"],
    },
    "hs_code": {
        "zh": ["HS编码", "海关编码"],
        "en": ["HS Code", "H.S. Code", "Tariff No."],
        "vi": ["Mã HS", "HS code"],
    },
    "net_mass_g": {
        "zh": ["净重(kg)", "单件净重(g)", "单品净重/千克"],
        "en": ["Net Weight (kg)", "N.W./pc (g)", "Net Wt. kg"],
        "vi": ["Trọng lượng tịnh (kg)", "Khối lượng tịnh (g)"],
    },
    "gross_mass_g": {
        "zh": ["毛重(kg)", "单件毛重(g)"],
        "en": ["Gross Weight (kg)", "G.W./pc (g)", "Gross Wt. kg"],
        "vi": ["Trọng lượng cả bì (kg)", "Khối lượng cả bì (g)"],
    },
    "dimensions": {
        "zh": ["外形尺寸(mm)", "长×宽×高(cm)"],
        "en": ["Dimensions LxWxH (cm)", "Product Size (mm)"],
        "vi": ["Kích thước (cm)", "Kích thước DxRxC (mm)"],
    },
    "label_state": {
        "zh": ["吊牌状态", "吊牌"],
        "en": ["Tag Status", "Label"],
        "vi": ["Tình trạng nhãn", "Nhãn mác"],
    },
    "boots": {
        "zh": ["能否开机", "开机状态"],
        "en": ["Powers On?", "Power on"],
        "vi": ["Lên nguồn", "Khởi động"],
    },
    "locked": {
        "zh": ["账号锁", "激活锁"],
        "en": ["iCloud Lock", "Account lock"],
        "vi": ["Khóa tài khoản", "Khóa iCloud"],
    },
    "scratch": {
        "zh": ["最长划痕(mm)", "外观划痕mm"],
        "en": ["Longest scratch (mm)", "Scratch mm"],
        "vi": ["Vết xước (mm)"],
    },
    "battery": {
        "zh": ["电池健康度%", "电池健康"],
        "en": ["Battery Health", "Battery %"],
        "vi": ["Tình trạng pin (%)", "Sức khỏe pin"],
    },
    "stain": {"zh": ["污渍面积(cm²)"], "en": ["Stain area (cm2)", "Stains cm²"], "vi": ["Vết bẩn (cm²)"]},
    "wear": {"zh": ["面料磨损", "磨损程度"], "en": ["Fabric wear", "Wear"], "vi": ["Độ mòn"]},
    "function": {
        "zh": ["功能测试", "测试结果"],
        "en": ["Function Test", "Test result"],
        "vi": ["Kiểm tra chức năng"],
    },
    "damage": {
        "zh": ["外观瑕疵", "外观损伤"],
        "en": ["Visible Damage", "Defects"],
        "vi": ["Hư hỏng", "Khuyết điểm"],
    },
    "": {
        "zh": ["备注", "仓位", "箱号"],
        "en": ["Remarks", "Bin", "Carton No."],
        "vi": ["Ghi chú", "Vị trí kho", "Số thùng"],
    },
}
FIELDS = {
    "phones": ["imei", "brand", "model", "storage", "colour", "condition", "produced_on", "boots", "locked",
               "scratch", "battery", "gtin", "origin_country", "hs_code", "net_mass_g", "gross_mass_g"],
    "garments": ["style_number", "gtin", "brand", "model", "colour", "size", "quantity", "list_price",
                 "composition", "label_state", "stain", "wear", "condition", "produced_on", "origin_country",
                 "hs_code", "net_mass_g", "gross_mass_g"],
    "appliances": ["serial", "category", "brand", "model", "condition", "produced_on", "function", "damage",
                   "net_mass_g", "gross_mass_g", "dimensions", "hs_code", "origin_country"],
    "furniture": ["style_number", "category", "brand", "model", "quantity", "condition", "damage",
                  "composition", "colour", "dimensions", "produced_on", "net_mass_g", "gross_mass_g",
                  "hs_code", "origin_country"],
}  # fmt: skip
OPTIONAL = (
    "colour",
    "storage",
    "composition",
    "gtin",
    "list_price",
    "hs_code",
    "origin_country",
    "dimensions",
)
CONSTANT = {"phones": "phone", "garments": "apparel", "appliances": "", "furniture": ""}

WORDS: dict[str, dict[str, Sequence[str]]] = {
    "condition": {
        "zh": ["全新", "二手", "开封未使用"],
        "en": ["New", "Used", "Open box"],
        "vi": ["Mới", "Đã qua sử dụng", "Mở hộp"],
    },
    "boots": {"zh": ["是", "否"], "en": ["Yes", "No"], "vi": ["Có", "Không"]},
    "locked": {"zh": ["无", "有"], "en": ["No", "Yes"], "vi": ["Không", "Có"]},
    "label_state": {"zh": ["完整", "剪标"], "en": ["intact", "cut"], "vi": ["còn nguyên", "cắt mác"]},
    "wear": {"zh": ["新", "轻微"], "en": ["none", "light"], "vi": ["như mới", "nhẹ"]},
    "function": {"zh": ["合格", "不合格"], "en": ["pass", "fail"], "vi": ["đạt", "không đạt"]},
    "damage": {
        "zh": ["无", "划痕 12mm", "凹陷 3 cm"],
        "en": ["none", "scratch 12 mm", "dent 3 cm"],
        "vi": ["không", "xước 12mm", "móp 3 cm"],
    },
    "origin_country": {"zh": ["中国", "越南"], "en": ["China", "Vietnam"], "vi": ["Trung Quốc", "Việt Nam"]},
    "appliance": {
        "zh": ["冰箱", "洗衣机", "空调"],
        "en": ["Refrigerator", "Washing machine", "Air conditioner"],
        "vi": ["Tủ lạnh", "Máy giặt", "Máy lạnh"],
    },
    "furniture": {
        "zh": ["沙发", "餐桌", "椅子", "衣柜"],
        "en": ["Sofa", "Dining table", "Chair", "Wardrobe"],
        "vi": ["Sofa", "Bàn ăn", "Ghế", "Tủ quần áo"],
    },
}
TEXTS = {
    "model": {
        "zh": ["A30 标准版", "云感三人位", "圆领长袖"],
        "en": ["A30", "Cloud 3-seat", "Round neck tee"],
        "vi": ["A30", "Ghế băng ba chỗ", "Áo cổ tròn"],
    },
    "colour": {"zh": ["白", "深灰"], "en": ["White", "Dark grey"], "vi": ["Trắng", "Xám đậm"]},
    "composition": {
        "zh": ["棉100%", "实木+布艺"],
        "en": ["100% cotton", "Solid wood, fabric"],
        "vi": ["100% cotton", "Gỗ và vải"],
    },
    "": {"zh": ["", "A-03-12"], "en": ["", "A-03-12"], "vi": ["", "A-03-12"]},
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TITLES = {"zh": "尾货清单（内部）", "en": "Overstock list, internal", "vi": "Danh sách hàng tồn kho"}
TOTALS = {"zh": "合计", "en": "Total", "vi": "Tổng cộng"}
REMARKS = {"zh": "备注：以实物为准", "en": "Note: goods as seen", "vi": "Ghi chú: theo thực tế"}


def unseen(seed: int) -> Unseen:
    """The file of this number: the same seed gives the same file."""
    kind, language = KINDS[seed % 4], LANGUAGES[seed // 4 % 3]
    chance = random.Random(seed)
    form = chance.choice([one for one in FORMS if one != "gb18030" or language == "zh"])
    fields = [name for name in FIELDS[kind] if name not in OPTIONAL or chance.random() < 0.8]
    fields += [""] * chance.randrange(0, 3)
    chance.shuffle(fields)
    headers = _headers(fields, language, chance)
    comma = language == "vi" and form != "xlsx-numbers" and chance.random() < 0.5
    write = _Writer(kind, language, chance, comma=comma)
    rows = [
        [write.cell(name, header) for name, header in zip(fields, headers, strict=True)] for _ in range(ROWS)
    ]
    if form == "xlsx-numbers":
        rows = [[_as_number(cell, name) for cell, name in zip(row, fields, strict=True)] for row in rows]
    table = _around(headers, rows, fields, language, chance)
    expected = {clean(header): name for header, name in zip(headers, fields, strict=True)}
    return Unseen(f"{seed}-{kind}-{language}-{form}", _file(table, form), expected, ROWS, CONSTANT[kind])


def _headers(fields: Sequence[str], language: str, chance: random.Random) -> list[str]:
    found: list[str] = []
    for name in fields:
        left = [header for header in HEADERS[name][language] if header not in found]
        found.append(chance.choice(left) if left else f"{name}{len(found)}")
    return found


class _Writer:
    """Cells of one supplier, who writes dates and numbers in one way."""

    def __init__(self, kind: str, language: str, chance: random.Random, *, comma: bool) -> None:
        self.kind, self.language, self.chance, self.comma = kind, language, chance, comma
        self.count = 0
        orders = {
            "zh": ["{y}-{m:02d}-{d:02d}", "{y}/{m}/{d}", "{y}年{m}月{d}日"],
            "en": ["{d} {name} {y}", "{y}-{m:02d}-{d:02d}"],
            "vi": ["{d:02d}/{m:02d}/{y}", "{y}-{m:02d}-{d:02d}"],
        }
        self.day = chance.choice(orders[language])
        self.named: dict[str, Callable[[str], str]] = {
            "imei": lambda _header: self._imei(),
            "serial": lambda _header: f"SN{self._next():08d}",
            "style_number": lambda _header: f"F{self._next():06d}",
            "gtin": lambda _header: self._gtin(),
            "brand": lambda _header: "北辰" if language == "zh" else "Beichen",
            "quantity": lambda _header: str(chance.randrange(1, 90)),
            "list_price": lambda _header: self._decimals(chance.randrange(4_900, 99_900) / 100),
            "size": lambda _header: chance.choice("SML"),
            "storage": lambda _header: chance.choice(["128GB", "256GB"]),
            "hs_code": lambda _header: chance.choice(["851713", "940161", "84501190"]),
            "produced_on": lambda _header: self._date(),
            "scratch": lambda _header: self._decimals(chance.randrange(0, 90) / 10),
            "stain": lambda _header: self._decimals(chance.randrange(0, 40) / 10),
            "battery": lambda _header: str(chance.randrange(72, 101)),
            "net_mass_g": lambda header: self._mass(header, 1.0),
            "gross_mass_g": lambda header: self._mass(header, 4.0),
            "dimensions": self._dimensions,
        }

    def cell(self, name: str, header: str) -> str:
        if name in self.named:
            return self.named[name](header)
        if name == "category":
            return self.chance.choice(
                WORDS["appliance" if self.kind == "appliances" else "furniture"][self.language]
            )
        return self.chance.choice((WORDS.get(name) or TEXTS[name])[self.language])

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _imei(self) -> str:
        digits = f"86{self._next():012d}"
        return digits + luhn.calc_check_digit(digits)

    def _gtin(self) -> str:
        digits = f"69{self.chance.randrange(10**9, 10**10)}"
        return digits + ean.calc_check_digit(digits)

    def _date(self) -> str:
        month = self.chance.randrange(1, 13)
        name = MONTHS[month - 1]
        return self.day.format(y=2025, m=month, d=self.chance.randrange(13, 28), name=name)

    def _mass(self, header: str, times: float) -> str:
        kilograms = round(self.chance.randrange(12, 40) * times, 1)
        if "kg" in header.lower() or "千克" in header:
            return self._decimals(kilograms)
        return str(int(kilograms * 1000))

    def _dimensions(self, header: str) -> str:
        sides = [self.chance.randrange(40, 210) for _ in range(3)]
        if "cm" not in header:
            sides = [side * 10 for side in sides]
        return self.chance.choice(["{}x{}x{}", "{} x {} x {}", "{}*{}*{}"]).format(*sides)

    def _decimals(self, value: float) -> str:
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return text.replace(".", ",") if self.comma else text


def _as_number(cell: str, name: str) -> Cell:
    """As a spreadsheet holds it when nobody made it text."""
    if name in ("quantity", "net_mass_g", "gross_mass_g", "scratch", "stain", "battery", "imei", "gtin"):
        return float(cell) if "." in cell else int(cell)
    return cell


def _around(
    headers: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    fields: Sequence[str],
    language: str,
    chance: random.Random,
) -> list[Sequence[Cell]]:
    """Titles above, sums and remarks below, as sheets are made to be printed."""
    table: list[Sequence[Cell]] = [headers, *rows]
    if chance.random() < 0.6:
        table = [[TITLES[language]], [], *table] if chance.random() < 0.5 else [[TITLES[language]], *table]
    if chance.random() < 0.5 and "quantity" in fields:
        total = sum(int(row[list(fields).index("quantity")]) for row in rows)
        table.append([TOTALS[language], *[""] * (list(fields).index("quantity") - 1), str(total)])
    if chance.random() < 0.4:
        table.append([REMARKS[language]])
    return table


def _file(table: Sequence[Sequence[Cell]], form: str) -> bytes:
    if form in ("xlsx", "xlsx-numbers"):
        return xlsx_file(table)
    if form == "xlsx-cover":
        return _with_cover(table)
    text = io.StringIO(newline="")
    delimiter = {"semicolon": ";", "tab": "\t"}.get(form, ",")
    csv.writer(text, delimiter=delimiter).writerows(table)
    encoding = form if form in ("utf-8-sig", "utf-16", "gb18030") else "utf-8"
    return text.getvalue().encode(encoding)


def _with_cover(table: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook whose first sheet says only whose it is."""
    goods, cover = xlsx_file(table, names=["Cover", "Goods"]), xlsx_file([["Huanyu Trading"], ["2026"]])
    first = "xl/worksheets/sheet1.xml"
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(goods)) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content: Any = old.read(name)
            if name == first:
                with zipfile.ZipFile(io.BytesIO(cover)) as other:
                    content = other.read(first)
            new.writestr(name, content)
    return data.getvalue()
