"""The sample shipments with every fact that the papers of a border ask, in JSON shape."""

import copy
from typing import Any

from tests.exporters import shipments

KINDS = (
    "proforma_invoice",
    "despatch_advice",
    "certificate_of_origin",
    "origin_declaration",
    "inspection_certificate",
    "functionality_protocol",
    "reuse_declaration",
    "battery_declaration",
    "brand_authorization",
    "cn_export_draft",
    "shipping_instruction",
    "package_labels",
)
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
RECORD = {"index": 41, "leaf_hash": "b2" * 32}


def code(number: int) -> str:
    return _LETTERS[number] * 20


def vietnam() -> dict[str, Any]:
    """The shipment to Viet Nam with pallets, batteries, an inspection and the brand's permission."""
    facts = shipments.vietnam()
    phones, coats = facts["lines"]
    phones["dangerous_goods"] |= {
        "shipping_name": "Lithium ion batteries contained in equipment",
        "section": "II",
        "chemistry": "lithium_ion",
        "cells": 1,
        "batteries": 1,
        "state_of_charge_measured_on": "2026-11-18",
        "damaged_or_recalled": False,
        "test_summary": {
            "manufacturer": "Xingye Cell Co., Ltd.",
            "manufacturer_contact": "12 Binhai Road, Ningbo; +86 574 5550 0190; quality@xingyecell.example",
            "laboratory": "Example Battery Laboratory",
            "laboratory_contact": "5 Keyuan Road, Shenzhen; lab@battery.example",
            "report": "EBL-2025-04417",
            "reported_on": "2025-06-12",
            "manual_edition": "Rev. 8, Amend. 1",
            "passed": ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"],
            "signatory": "Wu Jing, laboratory manager",
        },
    }
    phones["national_codes"].append({"country": "CN", "code": "8517130000"})
    phones["china"] = _china("0:无品牌类型变更|1:享惠情况不确定", "504", "台", "1200")
    coats["national_codes"] = [{"country": "CN", "code": "6202400090"}]
    coats["china"] = _china("女式|梭织|面料100%涤纶", "380", "件", "400")
    coats["origin_criterion"] = "Cut and sewn in China"
    phones["origin_criterion"] = "Assembled in China"
    return copy.deepcopy(
        facts
        | {
            "documents": [*facts["documents"], *entries()],
            "pallets": [
                {
                    "number": number,
                    "first": first,
                    "count": count,
                    "sscc": sscc,
                    "container": "EXMU1234567",
                    "tare_mass_g": 18000,
                    "gross_mass_g": gross,
                    "dimensions": {"length_mm": 1200, "width_mm": 1000, "height_mm": 1500},
                }
                for number, first, count, sscc, gross in _pallets(facts)
            ],
            "carriage": {
                "carrier": "Example Ocean Line",
                "booking": "EOL-882104",
                "freight": "prepaid",
                "bill": "original",
                "originals": 3,
                "receipt": {"name": "Ningbo CFS", "country": "CN"},
                "delivery": {"name": "Hai Phong CY", "country": "VN", "locode": "VNHPH"},
            },
            "parties": [
                *facts["parties"],
                {
                    "roles": ["origin_issuer"],
                    "name": "Example Chamber of International Trade, Ningbo",
                    "address": ["190 Lingqiao Road", "Ningbo, Zhejiang"],
                    "country": "CN",
                    "registrations": [],
                },
            ],
            "balances": [
                {"lot": shipments.LOTS[0], "available": 1200, "record": RECORD},
                {"lot": shipments.LOTS[1], "available": 900},
            ],
            "inspections": [
                {
                    "lot": shipments.LOTS[0],
                    "inspector": "Example Inspection Co., Ltd.",
                    "inspected_on": "2026-11-17",
                    "place": "Ningbo",
                    "scheme": "phone-cosmetic/2",
                    "level": "II, AQL 0 / 1.0 / 2.5",
                    "sample": 80,
                    "quantity": 1200,
                    "tallies": [
                        {"defect": "critical", "found": 0, "allowed": 0},
                        {"defect": "major", "found": 1, "allowed": 2},
                        {"defect": "minor", "found": 3, "allowed": 5},
                    ],
                    "grade": "A",
                    "result": "accepted",
                    "record": RECORD,
                }
            ],
            "authorizations": [
                {
                    "brand": "XINGYE 星野",
                    "grantor": "Xingye Brand Holding Ltd.",
                    "grantee": "Ningbo Xingye Trading Co., Ltd.",
                    "scope": {
                        "en": "Wholesale of surplus stock outside China",
                        "vi": "Bán buôn hàng tồn kho ngoài Trung Quốc",
                        "zh": "在中国境外批发库存商品",
                    },
                    "lots": [shipments.LOTS[0], shipments.LOTS[1]],
                    "countries": ["VN", "KE", "NG"],
                    "excluded_countries": ["JP"],
                    "labels": "keep",
                    "valid_from": "2026-01-01",
                    "valid_to": "2027-06-30",
                    "record": {"index": 12, "leaf_hash": "d4" * 32},
                }
            ],
            "china": {
                "customs_office": "宁波海关",
                "office_code": "3100",
                "exit_port": "宁波北仑港",
                "supervision": "0110",
                "levy": "一般征税",
            },
            "evidence": [
                *facts["evidence"],
                *(
                    {
                        "kind": "origin",
                        "lot": lot,
                        "index": 7 + n,
                        "event_id": "e6" * 32,
                        "leaf_hash": "f7" * 32,
                    }
                    for n, lot in enumerate(shipments.LOTS[:2])
                ),
            ],
            "not_applicable": [
                *facts["not_applicable"],
                {"field": "china.filing", "reason": "general trade"},
                {"field": "china.licence", "reason": "no export licence for these codes"},
            ],
        }
    )


def reuse() -> dict[str, Any]:
    """Refurbished phones to Hong Kong for direct re-use, each tested: English and Chinese."""
    facts = shipments.nigeria()
    phones = facts["lines"][0]
    phones |= {"quantity": 6, "amount_minor": 24900, "net_mass_g": 2520, "gross_mass_g": 2940}
    phones["tests"] = {
        "category": {"en": "Small IT equipment: mobile phone", "zh": "小型信息设备：手机"},
        "kinds": [
            {"en": "Power on and charge", "zh": "开机与充电"},
            {"en": "Display, touch, buttons", "zh": "屏幕、触控、按键"},
            {"en": "Radio, SIM, Wi-Fi", "zh": "射频、SIM卡、无线网络"},
            {"en": "Data erased", "zh": "数据已清除"},
        ],
        "tester": "Ningbo Xingye Trading Co., Ltd., repair floor",
        "tester_address": "Building 7, 288 Yangfan Road, Ningbo",
        "articles": [
            {
                "article": f"35693803564{n:04d}",
                "year": 2023 if n != 3 else None,
                "result": "pass",
                "tested_on": "2026-11-16",
            }
            for n in range(6)
        ],
        "record": RECORD,
    }
    return copy.deepcopy(
        facts
        | {
            "language": "zh",
            "documents": [*facts["documents"], *entries()],
            "references": [*facts["references"], {"kind": "contract", "number": "XY-HK-26-03"}],
            "parties": [
                facts["parties"][0],
                {
                    "roles": ["buyer", "consignee"],
                    "name": "Harbour Handsets Ltd.",
                    "name_local": "海港手机有限公司",
                    "address": ["Unit 1203, 88 Hung To Road", "Kwun Tong, Kowloon"],
                    "country": "HK",
                    "registrations": [],
                },
            ],
            "route": facts["route"] | {"destination_country": "HK", "mode": "road"},
            "lines": [phones],
            "packages": [
                facts["packages"][0]
                | {
                    "count": 1,
                    "contents": [{"line": 1, "quantity": 6}],
                    "net_mass_g": 2520,
                    "gross_mass_g": 2940,
                }
            ],
            "pallets": [
                {
                    "number": 1,
                    "first": 1,
                    "count": 1,
                    "sscc": "106141412345678908",
                    "tare_mass_g": 18000,
                    "gross_mass_g": 20940,
                }
            ],
            "reuse": {
                "contract": "contract",
                "fully_functional": True,
                "protection": {
                    "en": "Each phone in its own sleeve, 50 to a carton, not stacked above 5 cartons",
                    "zh": "每台手机独立套袋，每箱50台，堆码不超过5层",
                },
            },
        }
    )


def entries() -> list[dict[str, str]]:
    return [
        {"kind": kind, "number": f"XY-2026-0117-{n}", "code": code(n + 1)} for n, kind in enumerate(KINDS)
    ]


def _china(elements: str, kilograms: str, unit: str, second: str) -> dict[str, Any]:
    names = ("品牌类型", "出口享惠情况", "规格")
    values = elements.split("|")
    return {
        "elements": [{"name": name, "value": value} for name, value in zip(names, values, strict=False)],
        "first": {"quantity": second, "unit": unit},
        "second": {"quantity": kilograms, "unit": "千克"},
        "source": "宁波其他",
        "duty": "照章征税",
    }


def _pallets(facts: dict[str, Any]) -> list[tuple[int, int, int, str, int]]:
    """Forty packages on each of two pallets, with the sums of what stands on them."""
    gross = {
        number: group["gross_mass_g"]
        for group in facts["packages"]
        for number in range(group["first"], group["first"] + group["count"])
    }
    half = len(gross) // 2
    ranges = ((1, 1, half, "106141412345678908"), (2, half + 1, len(gross) - half, "106141412345678915"))
    return [
        (number, first, count, sscc, 18000 + sum(gross[n] for n in range(first, first + count)))
        for number, first, count, sscc in ranges
    ]
