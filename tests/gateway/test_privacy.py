"""Tiles are public: nothing of the samples' private columns may be found in them.

Searched as whole JSON tokens, as substrings from eight characters on, and as unsalted hashes.
"""

import csv
import io
import json
from collections.abc import Iterator
from hashlib import md5, sha1, sha256
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from gateway.consignments import load_file
from gateway.store.goods import CODES
from gateway.wiring import Installation
from ledger.adapters.folder import Folder
from ledger.core import tiles

PRIVATE_COLUMNS = {
    "phones-cancelled-order.xlsx": ("IMEI",),
    "apparel-whole-warehouse.csv": ("款号", "条形码", "吊牌价", "成分"),
    "appliances-returns.csv": ("serial_no", "Tester", "L x W x H (mm)"),
    "phone-catalogue.csv": ("un38_3_summary", "battery"),
}
# Above the header, and what the consignment files and the story add.
PRIVATE_VALUES = (
    "XY-2025-0117", "XY-AUTH-2026-0117", "640000", "64000000", "5000000", "500000000",
    "包仓价 5,000,000 元，不论数量与品相；北辰未授权越南", "星野通讯技术有限公司", "91440300MA0FAKE175",
    "Công ty TNHH Phân phối Sao Biển", "Adeola Wholesale Ltd.", "Harbor Discount Group LLC",
    "cmp_vn", "SB-2026-1120", "HDG-88120", "Hai Phong", "Lagos Apapa", "FCA Shenzhen",
)  # fmt: skip


def _rows(name: str) -> list[list[str]]:
    data = load_file(name)
    if name.endswith(".xlsx"):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0)
        return [[str(cell) for cell in row] for row in sheet.to_python()]
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.reader(io.StringIO(data.decode(encoding))))
        except UnicodeDecodeError:
            continue
    raise AssertionError(name)


def _private_values() -> set[str]:
    values = set(PRIVATE_VALUES)
    for name, columns in PRIVATE_COLUMNS.items():
        rows = _rows(name)
        header = next(row for row in rows if columns[0] in row)
        places = [header.index(column) for column in columns]
        for row in rows[rows.index(header) + 1 :]:
            values |= {row[place].strip() for place in places if len(row) > place}
    return {value for value in values if len(value) >= 3}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(member)
    else:
        yield str(value)


@pytest.fixture(scope="module")
def leaves(told_home: Any) -> list[bytes]:
    log = Folder(told_home / "log")
    size = int(log.get("checkpoint").split(b"\n")[1])
    return [
        entry
        for tile in tiles.tiles_of(size)
        if tile.level < 0
        for entry in tiles.parse_bundle(log.get(tile.path), tile.width)
    ]


def test_the_search_itself_finds_what_is_public(leaves: list[bytes]) -> None:
    """A search that can find nothing proves nothing."""
    text = b"".join(leaves).decode()
    assert "星野" in text
    assert "06952123010012" in text


def test_no_private_value_stands_in_a_tile_as_a_token(leaves: list[bytes]) -> None:
    tokens = {token for leaf in leaves for token in _strings(json.loads(leaf))}
    assert not tokens & _private_values()


def test_no_private_value_of_eight_characters_stands_in_a_tile(leaves: list[bytes]) -> None:
    text = b"\n".join(leaves).decode()
    assert not [value for value in _private_values() if len(value) >= 8 and value in text]


def test_no_unsalted_hash_of_a_private_value_stands_in_a_tile(leaves: list[bytes]) -> None:
    text = b"\n".join(leaves).decode()
    forms = [(v, form) for v in _private_values() for form in (v, json.dumps(v, ensure_ascii=False))]
    assert not [
        value
        for value, form in forms
        for algorithm in (sha256, sha1, md5)
        if algorithm(form.encode()).hexdigest() in text
    ]


def test_no_code_on_goods_stands_in_a_tile(told: Installation, leaves: list[bytes]) -> None:
    text = b"\n".join(leaves).decode()
    with told.database.reading() as connection:
        codes = list(connection.execute(select(CODES.c.code)).scalars())
    assert codes
    assert not [code for code in codes if code in text]
