"""What the Chinese export declaration asks beside the invoice (GACC Notice 2018-60, as the form is used)."""

from typing import Annotated, Literal

from exporters.parts import Part
from exporters.scalars import DecimalText, Text, spelled

SUPERVISION = {
    "0110": "一般贸易",
    "1039": "市场采购",
    "9710": "跨境电商B2B直接出口",
    "9810": "跨境电商出口海外仓",
}


class DeclarationElement(Part):
    """One of the 申报要素 of a code: brand type, use, model, …"""

    name: Text
    value: Text


class StatutoryQuantity(Part):
    """A quantity in the unit that the tariff asks for. unit: the tariff's own name, 千克, 台, …"""

    quantity: DecimalText
    unit: Text


class ChinaLine(Part):
    elements: tuple[DeclarationElement, ...]
    first: StatutoryQuantity  # 法定第一数量
    second: StatutoryQuantity | None = None  # 法定第二数量
    source: Text  # 境内货源地
    duty: Text  # 征免, 照章征税 as a rule


class ChinaExport(Part):
    """The head of a 报关草单. supervision: 监管方式, four digits."""

    customs_office: Text  # 出境关别
    exit_port: Text  # 离境口岸
    supervision: Literal["0110", "1039", "9710", "9810"]
    levy: Text  # 征免性质
    filing: Text | None = None  # 备案号
    office_code: Annotated[str, spelled(r"[0-9]{4}")] | None = None
    licence: Text | None = None  # 许可证号
