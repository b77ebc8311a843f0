"""A sheet nobody has seen, on its way through the pages: what tests of several modules do with it."""

import re
from collections.abc import Sequence
from html import unescape

import httpx

from tests.gateway.sheet_files import csv_file
from tests.gateway.web import Caller, ask

HEADERS = ["货号", "品名", "品类", "牌子", "成色", "生产日期", "数量", "净重(kg)", "外观", "备注"]
GOODS = [
    ["SF-1", "三人沙发", "沙发", "北辰", "全新", "2025-03-01", "3", "48.5", "", ""],
    ["SF-2", "餐桌", "桌子", "北辰", "展示品", "2025-03-01", "2", "30", "划痕 20mm", ""],
    ["SF-3", "椅子", "餐椅", "Beichen", "全新", "2025-13-01", "x", "5", "", "=1+1"],
]
TERMS = {
    "name": "泾禾家具",
    "supply_mode": "buyout",
    "surplus_cause": "customer_returns",
    "price": "12,000.50",
    "currency": "CNY",
    "k-origin_country": "CN",
}
_SELECT = re.compile(r'<select[^>]*\bname="([^"]+)".*?</select>', re.DOTALL)
_CHOSEN = re.compile(r'<option value="([^"]*)" selected')
_INPUT = re.compile(r"<input\b[^>]*>")


def sheet(rows: Sequence[Sequence[str]] = GOODS, *, headers: Sequence[str] = HEADERS) -> bytes:
    return csv_file(
        [["退货清单"], [], list(headers), *map(list, rows), ["合计", "", "", "", "", "", "5"]], "gb18030"
    )


def supplier(caller: Caller, name: str = "Hangzhou Jinghe%") -> str:
    return str(ask(caller.installation.home, "SELECT party FROM parties WHERE name_en LIKE ?", name))


def upload(caller: Caller, data: bytes) -> httpx.Response:
    fields = {"csrf_token": caller.token, "spec": ""}
    return caller.post("/operator/import", data=fields, files={"file": ("x.csv", data, "text/csv")})


def filled(page: httpx.Response) -> dict[str, str]:
    """What a browser would send of a page's form if nobody changed anything."""
    main, found = page.text.partition("<main")[2], {}
    for select in _SELECT.finditer(main):
        chosen = _CHOSEN.search(select[0])
        found[select[1]] = unescape(chosen[1]) if chosen else ""
    for field in _INPUT.findall(main):
        name = re.search(r'\bname="([^"]+)"', field)
        if name and 'type="hidden"' not in field and 'type="file"' not in field:
            value = re.search(r'\bvalue="([^"]*)"', field)
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def described(caller: Caller, data: bytes, **terms: str) -> str:
    """Upload, confirm the columns as proposed, say the rest; the address of the rehearsal.

    Words that nobody knows are refused, but for those that ``terms`` names by their field.
    """
    answer = upload(caller, data)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    if place.endswith("/columns"):
        answer = caller.send(place, **filled(caller.get(place)))
        assert answer.status_code == 303, answer.text
        place = answer.headers["location"]
    typed = filled(caller.get(place))
    unknown = {name: "-" for name, text in typed.items() if name.startswith("w-") and not text}
    said = {**typed, **unknown, "supplier": supplier(caller), **TERMS, **terms}
    answer = caller.send(place, **said)
    assert answer.status_code == 303, re.findall(r'<a href="#f-([^"]+)">.*?</a>: (.*?)</li>', answer.text)
    return str(answer.headers["location"])


def action(page: httpx.Response) -> str:
    found = re.search(r'<form method="post" action="(/operator/import/[^"]+)"', page.text)
    assert found, "nothing can be imported"
    return unescape(found[1])
