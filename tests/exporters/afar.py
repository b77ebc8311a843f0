"""Two more shipments with every fact their borders ask, in JSON shape: used laptops by air to the Union,
and new sofas by sea to the United States."""

import copy
from typing import Any

from tests.exporters import papers, shipments

LAPTOP_SERIALS = tuple(f"5CG31204{n:02d}" for n in range(24))
SERIALS_SHA256 = "4be1ff9fcd80ee0ab1573eba85a2a6f21b2f1de50b3f3e2efc27d1f5d13ae5c2"


def laptops() -> dict[str, Any]:
    """Used laptops to Germany by air, tested one by one for direct re-use, batteries inside: in English."""
    facts = papers.vietnam()
    laptop = _laptops(facts["lines"][0])
    return copy.deepcopy(
        facts
        | {
            "language": "en",
            "documents": _numbered("XY-2026-0121"),
            "references": [
                {"kind": "purchase_order", "number": "RKT-26-0907", "issued_on": "2026-11-02"},
                {"kind": "contract", "number": "XY-RK-26-01", "issued_on": "2026-10-20"},
            ],
            "parties": [
                shipments.SELLER,
                {
                    "roles": ["buyer", "importer", "consignee"],
                    "name": "Rückenwind IT GmbH",
                    "address": ["Speicherstraße 14", "60327 Frankfurt am Main"],
                    "country": "DE",
                    "registrations": [
                        {"scheme": "eori", "value": "DE1234567"},
                        {"scheme": "vat", "value": "DE136695976"},
                    ],
                    "contact": {"name": "Jörg Weiß", "email": "einfuhr@rueckenwind.example"},
                },
                _origin_issuer(),
            ],
            "terms": {
                "incoterm": "CIP", "incoterms_year": 2020, "place": "Frankfurt", "place_locode": "DEFRA",
            },
            "payment": {"en": "40 % with order, 60 % before shipment"},
            "route": {
                "mode": "air",
                "export_country": "CN",
                "destination_country": "DE",
                "transit_countries": ["AE"],
                "loading": {"name": "Shanghai Pudong", "country": "CN", "locode": "CNPVG"},
                "discharge": {"name": "Frankfurt am Main", "country": "DE", "locode": "DEFRA"},
                "vessel": "EX 8441",
            },
            "containers": [],
            "lines": [laptop],
            "charges": [
                _charge("FC", "Air freight Shanghai – Frankfurt", 31200),
                _charge("IN", "Insurance, ICC (A) 110 %", 2340),
            ],
            "packages": [
                {
                    "first": 1,
                    "count": 4,
                    "type": "CT",
                    "marks": "RUECKENWIND / FRA / RKT-26-0907",
                    "contents": [{"line": 1, "quantity": 6}],
                    "net_mass_g": 8880,
                    "gross_mass_g": 10400,
                    "dimensions": {"length_mm": 520, "width_mm": 420, "height_mm": 360},
                }
            ],
            "pallets": [_pallet(4, 18000 + 4 * 10400)],
            "carriage": {
                "carrier": "Example Air Cargo",
                "booking": "EAC-771-2203",
                "freight": "prepaid",
                "bill": "air_waybill",
                "receipt": {"name": "Shanghai Pudong", "country": "CN"},
                "delivery": {"name": "Frankfurt Airport", "country": "DE", "locode": "DEFRA"},
            },
            "balances": [{"lot": laptop["lot"], "available": 24, "record": papers.RECORD}],
            "inspections": [
                facts["inspections"][0]
                | {"lot": laptop["lot"], "scheme": "laptop-function/1", "level": "100 %", "sample": 24}
                | {"quantity": 24, "tallies": [], "grade": "B"}
            ],
            "authorizations": [],
            "reuse": {
                "contract": "contract",
                "fully_functional": True,
                "protection": {"en": "Each laptop in its own sleeve, six to a carton, stacked 2 high"},
            },
            "declaration": _declaration(),
            "evidence": _evidence(facts, laptop["lot"]),
        }
    )  # fmt: skip


def sofas() -> dict[str, Any]:
    """New sofas of a cancelled order to Savannah in one container: in English."""
    facts = papers.vietnam()
    sofa = facts["lines"][1] | {
        "lot": shipments.LOTS[3],
        "gtin": None,
        "brand": "LINJIA 林家",
        "model": "Nordby 3-seat",
        "description": {
            "en": "Three-seat sofa, wooden frame, upholstered in polyester fabric, new, cancelled order",
            "zh": "三人沙发 木框架 涤纶面料",
        },
        "condition": "new",
        "grade": "A",
        "label_state": "intact",
        "hs6": "940161",
        "national_codes": [{"country": "US", "code": "9401616011"}, {"country": "CN", "code": "9401619000"}],
        "origin": "CN",
        "origin_criterion": "Frame and upholstery made in China",
        "quantity": 66,
        "unit": "H87",
        "unit_price": "118.4",
        "amount_minor": 781440,
        "net_mass_g": 66 * 46000,
        "gross_mass_g": 66 * 52000,
        "composition": [{"part": {"en": "Cover"}, "fibre": {"en": "polyester"}, "percent": "100"}],
        "construction": "woven",
    }
    sofa["china"] = sofa["china"] | {
        "elements": [
            {"name": "品牌类型", "value": "2:境内收购品牌"},
            {"name": "材质", "value": "木框架；涤纶面料"},
        ],
        "first": {"quantity": "66", "unit": "件"},
        "second": {"quantity": "3036", "unit": "千克"},
    }
    return copy.deepcopy(
        facts
        | {
            "language": "en",
            "documents": _numbered("XY-2026-0122"),
            "references": [{"kind": "purchase_order", "number": "PH-30077", "issued_on": "2026-10-12"}],
            "parties": [
                shipments.SELLER,
                {
                    "roles": ["buyer", "importer", "consignee", "notify"],
                    "name": "Palmetto Home Outlets LLC",
                    "address": ["410 Bay Street", "Savannah, GA 31401"],
                    "country": "US",
                    "registrations": [{"scheme": "irs", "value": "58-0000000"}],
                    "contact": {"name": "Dana Whitfield", "phone": "+1 912 555 0137"},
                },
                _origin_issuer(),
            ],
            "terms": {
                "incoterm": "FCA", "incoterms_year": 2020, "place": "Ningbo CFS", "place_locode": "CNNBG",
            },
            "payment": {"en": "30 % with order, 70 % against documents"},
            "route": {
                "mode": "sea",
                "export_country": "CN",
                "destination_country": "US",
                "transit_countries": [],
                "loading": {"name": "Ningbo", "country": "CN", "locode": "CNNBG"},
                "discharge": {"name": "Savannah", "country": "US", "locode": "USSAV"},
                "vessel": "EXAMPLE TRADER",
                "voyage": "112E",
            },
            "containers": [{"number": "EXMU1234567", "type": "40 ft HC", "seal": "NB884177"}],
            "lines": [sofa],
            "charges": [_charge("PC", "Export packing", 0)],
            "packages": [
                {
                    "first": 1,
                    "count": 66,
                    "type": "CT",
                    "marks": "PALMETTO / SAVANNAH / PH-30077",
                    "container": "EXMU1234567",
                    "contents": [{"line": 1, "quantity": 1}],
                    "net_mass_g": 46000,
                    "gross_mass_g": 52000,
                    "dimensions": {"length_mm": 2050, "width_mm": 950, "height_mm": 500},
                }
            ],
            "pallets": None,
            "carriage": facts["carriage"]
            | {
                "freight": "collect",
                "receipt": {"name": "Ningbo CFS", "country": "CN"},
                "delivery": {"name": "Savannah CY", "country": "US", "locode": "USSAV"},
            },
            "balances": [{"lot": sofa["lot"], "available": 66}],
            "inspections": [
                facts["inspections"][0]
                | {"lot": sofa["lot"], "scheme": "furniture-condition/1", "sample": 13, "quantity": 66}
                | {
                    "tallies": [
                        {"defect": "critical", "found": 0, "allowed": 0},
                        {"defect": "major", "found": 0, "allowed": 1},
                    ]
                }
            ],
            "authorizations": [
                facts["authorizations"][0]
                | {"brand": "LINJIA 林家", "grantor": "Linjia Home Co., Ltd.", "lots": [sofa["lot"]]}
                | {"countries": ["US"], "excluded_countries": []}
            ],
            "declaration": _declaration(),
            "evidence": _evidence(facts, sofa["lot"]),
        }
    )  # fmt: skip


def _laptops(line: dict[str, Any]) -> dict[str, Any]:
    battery = line["dangerous_goods"] | {
        "watt_hours": "45",
        "cells": 3,
        "batteries": 1,
        "state_of_charge_percent": 25,
        "state_of_charge_measured_on": "2026-11-18",
    }
    return line | {
        "lot": shipments.LOTS[2],
        "gtin": None,
        "brand": "HAOSHU 好书",
        "model": "Book 14 G2",
        "description": {
            "en": "Laptop computer, 14 inch, 16 GB, 512 GB SSD, used, tested, data erased",
            "zh": "便携式电脑 14英寸 二手 已检测 数据已清除",
        },
        "condition": "used",
        "grade": "B",
        "hs6": "847130",
        "national_codes": [{"country": "DE", "code": "84713000"}, {"country": "CN", "code": "8471301000"}],
        "origin": "CN",
        "origin_criterion": "Assembled in China",
        "quantity": 24,
        "unit_price": "164.25",
        "amount_minor": 394200,
        "net_mass_g": 24 * 1480,
        "gross_mass_g": 4 * 10400,
        "dangerous_goods": battery,
        "serials": {"count": 24, "sha256": SERIALS_SHA256},
        "china": line["china"]
        | {"first": {"quantity": "24", "unit": "台"}, "second": {"quantity": "35.52", "unit": "千克"}},
        "tests": {
            "category": {"en": "Small IT equipment: laptop computer"},
            "kinds": [
                {"en": "Starts and shuts down"},
                {"en": "Display, keyboard, pointing device"},
                {"en": "Ports, camera, sound, Wi-Fi"},
                {"en": "Battery holds at least 70 % of its capacity"},
                {"en": "Data erased (NIST SP 800-88, purge)"},
            ],
            "tester": "Ningbo Xingye Trading Co., Ltd., repair floor",
            "tester_address": "Building 7, 288 Yangfan Road, Ningbo",
            "articles": [
                {"article": serial, "year": 2022, "result": "pass", "tested_on": "2026-11-15"}
                for serial in LAPTOP_SERIALS
            ],
            "record": papers.RECORD,
        },
    }


def _numbered(number: str) -> list[dict[str, str]]:
    kinds = ("commercial_invoice", "packing_list", *papers.KINDS)
    return [
        {"kind": kind, "number": f"{number}-{n}", "code": papers.code(n)} for n, kind in enumerate(kinds, 1)
    ]


def _charge(code: str, name: str, amount_minor: int) -> dict[str, Any]:
    return {
        "kind": "charge",
        "code": code,
        "name": {"en": name},
        "amount_minor": amount_minor,
        "included": False,
    }


def _pallet(count: int, gross_mass_g: int) -> dict[str, Any]:
    return {
        "number": 1,
        "first": 1,
        "count": count,
        "sscc": "106141412345678908",
        "tare_mass_g": 18000,
        "gross_mass_g": gross_mass_g,
        "dimensions": {"length_mm": 1200, "width_mm": 800, "height_mm": 900},
    }


def _origin_issuer() -> dict[str, Any]:
    parties: list[dict[str, Any]] = papers.vietnam()["parties"]
    return next(party for party in parties if "origin_issuer" in party["roles"])


def _declaration() -> dict[str, Any]:
    return {
        "text": {"en": "We declare that the particulars given in this invoice are true and correct."},
        "signatory": "Shen Yue 沈玥",
        "position": {"en": "Export manager"},
        "place": "Ningbo",
    }


def _evidence(facts: dict[str, Any], lot: str) -> list[dict[str, Any]]:
    return [one | {"lot": lot} for one in facts["evidence"] if one["kind"] in ("inspection", "origin")][:2]
