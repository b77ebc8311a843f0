"""Two shipments that the tests of this package share, as facts in JSON shape."""

import copy
from typing import Any

from exporters.dossier import ShipmentDossier, assemble

BASE_URL = "https://demo.lotproof.example"
INVOICE_CODE = "0123456789abcdefghjk"
PACKING_CODE = "zzzzzzzzzzzzzzzzzzz0"
LOTS = [f"lot:{n:020d}" for n in range(1, 100)]

SELLER = {
    "roles": ["seller", "exporter"],
    "name": "Ningbo Xingye Trading Co., Ltd.",
    "name_local": "宁波星野贸易有限公司",
    "address": ["Building 7, 288 Yangfan Road", "Hi-Tech Zone, Ningbo, Zhejiang 315040"],
    "address_local": "浙江省宁波市高新区扬帆路288号7幢",
    "country": "CN",
    "registrations": [
        {"scheme": "uscc", "value": "91330201MA2XXXXX7K"},
        {"scheme": "customs", "value": "3302960ABC"},
    ],
    "contact": {"name": "Shen Yue 沈玥", "phone": "+86 574 5550 0188", "email": "export@xingye.example"},
}
MARKS = "SAO MAI / HAI PHONG / PO-4411 / C/NO. 1-60"


def vietnam() -> dict[str, Any]:
    """New phones and coats to Viet Nam by sea: English and Vietnamese, equal cartons in groups."""
    return copy.deepcopy(
        {
            "v": 1,
            "shipment": "shipment:0123456789abcdefghjk",
            "version": 1,
            "issue_date": "2026-11-21",
            "language": "vi",
            "base_url": BASE_URL,
            "sale": True,
            "currency": "USD",
            "documents": [
                {"kind": "commercial_invoice", "number": "XY-2026-0117", "code": INVOICE_CODE},
                {"kind": "packing_list", "number": "XY-2026-0117-P", "code": PACKING_CODE},
            ],
            "references": [
                {"kind": "purchase_order", "number": "PO-4411", "issued_on": "2026-10-30"},
                {
                    "kind": "contract",
                    "number": "XY-SM-26-08",
                    "issued_on": "2026-11-02",
                    "issued_at": "Ningbo",
                },
            ],
            "parties": [
                SELLER,
                {
                    "roles": ["buyer", "importer"],
                    "name": "Sao Mai Distribution JSC",
                    "name_local": "Công ty Cổ phần Phân phối Sao Mai",
                    "address": ["Số 25, đường Lê Thánh Tông", "phường Máy Tơ, quận Ngô Quyền, Hải Phòng"],
                    "country": "VN",
                    "registrations": [{"scheme": "tax", "value": "0201999888"}],
                    "contact": {"name": "Nguyễn Thị Thu Hường", "email": "nhap@saomai.example"},
                },
                {
                    "roles": ["consignee", "notify"],
                    "name": "Đình Vũ Logistics Co., Ltd.",
                    "address": ["Lô CN5, KCN Đình Vũ", "Hải An, Hải Phòng"],
                    "country": "VN",
                    "registrations": [],
                },
            ],
            "terms": {
                "incoterm": "CIF",
                "incoterms_year": 2020,
                "place": "Hai Phong",
                "place_locode": "VNHPH",
            },
            "payment": {
                "en": "30 % with order, 70 % against documents",
                "vi": "30 % khi đặt hàng, 70 % khi xuất trình chứng từ",
            },
            "bank": {
                "beneficiary": "Ningbo Xingye Trading Co., Ltd.",
                "bank": "Example Bank, Ningbo Branch",
                "account": "3901 2345 6789 0123",
                "bic": "EXMPCNBNXXX",
            },
            "route": {
                "mode": "sea",
                "export_country": "CN",
                "destination_country": "VN",
                "transit_countries": [],
                "loading": {"name": "Ningbo", "country": "CN", "locode": "CNNBG"},
                "discharge": {"name": "Hai Phong", "country": "VN", "locode": "VNHPH"},
                "vessel": "EXAMPLE STAR",
                "voyage": "026W",
            },
            "containers": [{"number": "EXMU1234567", "type": "20 ft", "seal": "NB884120"}],
            "lines": [
                {
                    "lot": LOTS[0],
                    "gtin": "09506000134352",
                    "brand": "XINGYE 星野",
                    "model": "P60 128 GB",
                    "description": {
                        "en": "Smartphone, 6.1 inch, dual SIM, boxed with charger",
                        "vi": "Điện thoại thông minh 6,1 inch, hai SIM, nguyên hộp kèm sạc",
                        "zh": "智能手机 6.1英寸 双卡 原装",
                    },
                    "condition": "new",
                    "grade": "A",
                    "hs6": "851713",
                    "national_codes": [{"country": "VN", "code": "85171300"}],
                    "origin": "CN",
                    "quantity": 1200,
                    "unit": "H87",
                    "unit_price": "86.125",
                    "amount_minor": 10335000,
                    "net_mass_g": 504000,
                    "gross_mass_g": 588000,
                    "composition": [],
                    "dangerous_goods": {
                        "un_number": "UN3481",
                        "packing_instruction": "PI 967",
                        "watt_hours": "15.4",
                        "state_of_charge_percent": 30,
                    },
                    "serials": {"count": 1200, "sha256": "5d" * 32},
                },
                {
                    "lot": LOTS[1],
                    "brand": "XINGYE 星野",
                    "model": "Winter Parka W-18",
                    "description": {
                        "en": "Women's padded coat, labels intact, from the 2025 season",
                        "vi": "Áo khoác nữ có lót bông, còn nguyên nhãn, mùa 2025",
                        "zh": "女式棉服",
                    },
                    "condition": "new",
                    "grade": "B",
                    "label_state": "intact",
                    "hs6": "620240",
                    "national_codes": [],
                    "origin": "CN",
                    "quantity": 400,
                    "unit": "H87",
                    "unit_price": "11.4",
                    "amount_minor": 456000,
                    "net_mass_g": 380000,
                    "gross_mass_g": 424000,
                    "composition": [
                        {
                            "part": {"en": "Shell", "vi": "Lớp ngoài"},
                            "fibre": {"en": "polyester", "vi": "polyeste"},
                            "percent": "100",
                        },
                        {
                            "part": {"en": "Lining", "vi": "Lớp lót"},
                            "fibre": {"en": "polyester", "vi": "polyeste"},
                            "percent": "65",
                        },
                        {
                            "part": {"en": "Lining", "vi": "Lớp lót"},
                            "fibre": {"en": "cotton", "vi": "bông"},
                            "percent": "35",
                        },
                    ],
                    "construction": "woven",
                },
            ],
            "charges": [
                {
                    "kind": "charge",
                    "code": "FC",
                    "name": {"en": "Sea freight Ningbo – Hai Phong", "vi": "Cước biển Ninh Ba – Hải Phòng"},
                    "amount_minor": 98000,
                    "included": False,
                },
                {
                    "kind": "charge",
                    "code": "IN",
                    "name": {"en": "Insurance, ICC (C) 110 %", "vi": "Bảo hiểm, ICC (C) 110 %"},
                    "amount_minor": 12160,
                    "included": False,
                },
                {
                    "kind": "allowance",
                    "name": {"en": "Volume discount", "vi": "Chiết khấu số lượng"},
                    "amount_minor": 50000,
                    "included": False,
                },
            ],
            "packages": [
                {
                    "first": 1,
                    "count": 60,
                    "type": "CT",
                    "marks": MARKS,
                    "container": "EXMU1234567",
                    "contents": [{"line": 1, "quantity": 20}],
                    "net_mass_g": 8400,
                    "gross_mass_g": 9800,
                    "dimensions": {"length_mm": 420, "width_mm": 360, "height_mm": 285},
                },
                {
                    "first": 61,
                    "count": 19,
                    "type": "CT",
                    "container": "EXMU1234567",
                    "contents": [{"line": 2, "quantity": 20}],
                    "net_mass_g": 19000,
                    "gross_mass_g": 21200,
                    "dimensions": {"length_mm": 600, "width_mm": 400, "height_mm": 455},
                },
                {
                    "first": 80,
                    "count": 1,
                    "type": "CT",
                    "container": "EXMU1234567",
                    "contents": [{"line": 2, "quantity": 20}],
                    "net_mass_g": 19000,
                    "gross_mass_g": 21200,
                    "dimensions": {"length_mm": 600, "width_mm": 400, "height_mm": 460},
                },
            ],
            "declaration": {
                "text": {
                    "en": "We declare that the particulars given in this invoice are true and correct.",
                    "vi": "Chúng tôi cam kết các thông tin trong hóa đơn này là đúng sự thật.",
                },
                "signatory": "Shen Yue 沈玥",
                "position": {"en": "Export manager", "vi": "Trưởng phòng xuất khẩu"},
                "place": "Ningbo",
            },
            "evidence": [
                {
                    "kind": "inspection",
                    "lot": LOTS[0],
                    "index": 41,
                    "event_id": "a1" * 32,
                    "leaf_hash": "b2" * 32,
                },
                {"kind": "authorization", "index": 12, "event_id": "c3" * 32, "leaf_hash": "d4" * 32},
            ],
            "ledger": {
                "origin": "demo.lotproof.example/34750f98bd59fcfc",
                "tree_size": 96,
                "root": "e5" * 32,
            },
            "not_applicable": [{"field": "supersedes", "reason": "first version"}],
        }
    )


def nigeria() -> dict[str, Any]:
    """Used phones and chairs to Nigeria: English alone, with Chinese names, one line in one crate each."""
    facts = vietnam()
    buyer = {
        "roles": ["buyer", "consignee"],
        "name": "Adébáyo & Sons Electronics Ltd.",
        "address": ["14 Otigba Street, Computer Village", "Ikeja, Lagos"],
        "country": "NG",
        "registrations": [{"scheme": "rc", "value": "1234567"}],
        "contact": {"phone": "+234 1 555 0142"},
    }
    phones, chairs = facts["lines"]
    phones |= {"condition": "refurbished", "national_codes": [], "quantity": 250, "serials": None}
    phones |= {"unit_price": "41.5", "amount_minor": 1037500, "net_mass_g": 105000, "gross_mass_g": 122500}
    chairs |= {
        "model": "K2 扶手椅",
        "description": {"en": "Upholstered armchair, wooden frame", "zh": "软垫扶手椅 木框"},
        "condition": "opened",
        "label_state": None,
        "hs6": "940161",
        "quantity": 12,
        "unit": "SET",
        "unit_price": "33",
        "amount_minor": 39600,
        "net_mass_g": 204000,
        "gross_mass_g": 240000,
        "composition": [],
        "construction": None,
    }
    return facts | {
        "language": "en",
        "documents": [
            {"kind": "commercial_invoice", "number": "XY/2026/0118", "code": INVOICE_CODE},
            {"kind": "packing_list", "number": "XY/2026/0118-P", "code": PACKING_CODE},
        ],
        "references": [{"kind": "purchase_order", "number": "ADB-77"}],
        "parties": [SELLER, buyer],
        "terms": {"incoterm": "FCA", "incoterms_year": 2020, "place": "Ningbo Xingye warehouse"},
        "payment": {"en": "100 % before shipment"},
        "bank": None,
        "route": {
            "mode": "sea",
            "export_country": "CN",
            "destination_country": "NG",
            "transit_countries": [],
        },
        "containers": [],
        "charges": [
            {
                "kind": "charge",
                "code": "PC",
                "name": {"en": "Export packing"},
                "amount_minor": 15000,
                "included": True,
            }
        ],
        "packages": [
            {
                "first": 1,
                "count": 5,
                "type": "CT",
                "marks": "ADB LAGOS",
                "contents": [{"line": 1, "quantity": 50}],
                "net_mass_g": 21000,
                "gross_mass_g": 24500,
                "dimensions": {"length_mm": 600, "width_mm": 400, "height_mm": 400},
            },
            {
                "first": 6,
                "count": 1,
                "type": "CR",
                "sscc": "395060001343520001",
                "contents": [{"line": 2, "quantity": 12}],
                "net_mass_g": 204000,
                "gross_mass_g": 240000,
                "dimensions": {"length_mm": 2200, "width_mm": 1150, "height_mm": 1900},
            },
        ],
        "declaration": {
            "text": {"en": "We declare that the particulars given in this invoice are true and correct."},
            "signatory": "Shen Yue 沈玥",
        },
    }


def many_lines(count: int = 60) -> dict[str, Any]:
    """A shipment whose documents take several pages: as many lines, each in a carton of its own."""
    facts = vietnam()
    line = facts["lines"][1] | {"quantity": 7, "amount_minor": 7980, "net_mass_g": 6650, "gross_mass_g": 7420}
    package = facts["packages"][2] | {"net_mass_g": 6650, "gross_mass_g": 7420}
    return facts | {
        "lines": [line | {"lot": f"lot:{n + 1:020d}", "model": f"Parka {n + 1}"} for n in range(count)],
        "packages": [
            package | {"first": n + 1, "contents": [{"line": n + 1, "quantity": 7}]} for n in range(count)
        ],
    }


def made(facts: dict[str, Any]) -> ShipmentDossier:
    return assemble(facts)
