"""Codes that documents need, with the names people read beside them.

Sources: Incoterms 2020 (ICC), UN/ECE Recommendation 20 (units) and 21 (packages), ISO 3166-1
(countries; their printed names come from CLDR). The tables hold what we trade, not everything.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel import Locale
from stdnum import ean

from exporters.errors import UnknownCode

Language = Literal["en", "vi", "zh"]


@dataclass(frozen=True)
class Incoterm:
    """mode: ``sea`` rules are for sea and inland waterway only. place: what the named place is."""

    code: str
    name: str
    mode: Literal["any", "sea"]
    place: Literal["place_of_delivery", "port_of_loading", "port_of_destination", "place_of_destination"]


INCOTERMS_YEAR = 2020
INCOTERMS = {
    term.code: term
    for term in (
        Incoterm("EXW", "Ex Works", "any", "place_of_delivery"),
        Incoterm("FCA", "Free Carrier", "any", "place_of_delivery"),
        Incoterm("CPT", "Carriage Paid To", "any", "place_of_destination"),
        Incoterm("CIP", "Carriage and Insurance Paid To", "any", "place_of_destination"),
        Incoterm("DAP", "Delivered at Place", "any", "place_of_destination"),
        Incoterm("DPU", "Delivered at Place Unloaded", "any", "place_of_destination"),
        Incoterm("DDP", "Delivered Duty Paid", "any", "place_of_destination"),
        Incoterm("FAS", "Free Alongside Ship", "sea", "port_of_loading"),
        Incoterm("FOB", "Free on Board", "sea", "port_of_loading"),
        Incoterm("CFR", "Cost and Freight", "sea", "port_of_destination"),
        Incoterm("CIF", "Cost, Insurance and Freight", "sea", "port_of_destination"),
    )
}

# UN/ECE Rec 20: code -> printed sign in English, Vietnamese, Chinese.
UNITS: dict[str, dict[Language, str]] = {
    "H87": {"en": "pcs", "vi": "cái", "zh": "件"},
    "C62": {"en": "units", "vi": "đơn vị", "zh": "个"},
    "EA": {"en": "each", "vi": "chiếc", "zh": "个"},
    "PR": {"en": "pairs", "vi": "đôi", "zh": "双"},
    "SET": {"en": "sets", "vi": "bộ", "zh": "套"},
    "DZN": {"en": "dozen", "vi": "tá", "zh": "打"},
    "KGM": {"en": "kg", "vi": "kg", "zh": "千克"},
    "MTR": {"en": "m", "vi": "m", "zh": "米"},
    "MTK": {"en": "m²", "vi": "m²", "zh": "平方米"},
    "LTR": {"en": "l", "vi": "l", "zh": "升"},
}

# UN/ECE Rec 21: code -> name in English, Vietnamese, Chinese.
PACKAGES: dict[str, dict[Language, str]] = {
    "CT": {"en": "Carton", "vi": "Thùng carton", "zh": "纸箱"},
    "BX": {"en": "Box", "vi": "Hộp", "zh": "盒"},
    "CS": {"en": "Case", "vi": "Kiện", "zh": "箱"},
    "CR": {"en": "Crate", "vi": "Thùng thưa", "zh": "板条箱"},
    "PX": {"en": "Pallet", "vi": "Pa-lét", "zh": "托盘"},
    "PK": {"en": "Package", "vi": "Kiện hàng", "zh": "包裹"},
    "PC": {"en": "Parcel", "vi": "Bưu kiện", "zh": "小包"},
    "BG": {"en": "Bag", "vi": "Túi", "zh": "袋"},
    "SA": {"en": "Sack", "vi": "Bao", "zh": "大袋"},
    "BE": {"en": "Bundle", "vi": "Bó", "zh": "捆"},
    "BL": {"en": "Bale, compressed", "vi": "Kiện ép", "zh": "压缩包"},
    "BN": {"en": "Bale, non-compressed", "vi": "Kiện không ép", "zh": "非压缩包"},
    "RO": {"en": "Roll", "vi": "Cuộn", "zh": "卷"},
    "NE": {"en": "Unpacked", "vi": "Không bao bì", "zh": "裸装"},
}

# ISO 3166-1 alpha-2, all that are officially assigned.
_ISO_3166_1 = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
    FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN
    IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME
    MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE
    YT ZA ZM ZW
"""
COUNTRIES = frozenset(_ISO_3166_1.split())


def incoterm(code: str) -> Incoterm:
    """The Incoterms 2020 rule. Raises UnknownCode for anything but the eleven."""
    if code not in INCOTERMS:
        raise UnknownCode(f"{code} is not one of the eleven Incoterms {INCOTERMS_YEAR} rules")
    return INCOTERMS[code]


def unit(code: str) -> dict[Language, str]:
    if code not in UNITS:
        raise UnknownCode(f"{code} is not a unit of UN/ECE Rec 20 that we know")
    return UNITS[code]


def package(code: str) -> dict[Language, str]:
    if code not in PACKAGES:
        raise UnknownCode(f"{code} is not a package type of UN/ECE Rec 21 that we know")
    return PACKAGES[code]


@cache
def country(code: str) -> dict[Language, str]:
    """Name of a country in each language we print. Raises UnknownCode when ISO 3166-1 lacks it."""
    if code not in COUNTRIES:
        raise UnknownCode(f"{code} is not a country of ISO 3166-1")
    languages: tuple[Language, ...] = ("en", "vi", "zh")
    return {language: Locale(language).territories[code] for language in languages}


def is_gtin(digits: str) -> bool:
    """A GTIN-14 with its check digit (GS1 General Specifications §7.9)."""
    return len(digits) == 14 and ean.is_valid(digits)


def is_sscc(digits: str) -> bool:
    """A serial shipping container code, 18 digits with its check digit."""
    return len(digits) == 18 and digits.isdecimal() and ean.calc_check_digit(digits[:-1]) == digits[-1]
