"""A43: whoever tries codes is counted by his line and his network, by whatever door he tries."""

from collections.abc import Iterator

import pytest

from gateway.shell.rates import AMOUNTS, Rates
from gateway.wiring import Installation
from tests.gateway.scanning import Phones
from tests.gateway.web import repaired_code

NEVER = "0" * 20
GTIN = "09506000134352"
DOORS = (
    ("GET", f"/q/{NEVER}"),
    ("HEAD", f"/q/{NEVER}"),
    ("GET", f"/v1/codes/{NEVER}"),
    ("GET", f"/v1/codes/{NEVER}/proof"),
    ("GET", f"/check?code={NEVER}"),
    ("GET", f"/q/{NEVER}/report"),
    ("GET", f"/01/{GTIN}/21/{NEVER}"),
    ("HEAD", f"/01/{GTIN}/21/{NEVER}"),
    ("POST", f"/q/{NEVER}/claim"),
)


@pytest.fixture
def phones(copied: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Phones]:
    monkeypatch.setitem(AMOUNTS, "guess", len(DOORS))
    return Phones(copied, rates=Rates())


def _try(phones: Phones, method: str, path: str, address: str) -> int:
    form = {"data": {"hidden": "0000-0000-0000-0"}} if method == "POST" else {}
    return phones.open(path, address, method=method, **form).status_code


def test_a43_all_doors_to_a_code_share_one_count(phones: Phones, copied: Installation) -> None:
    """One line has 2^64 addresses, and each door is tried from another of them."""
    code = repaired_code(copied.home)
    assert phones.open(f"/q/{code}", "2001:db8:7::1").status_code == 200, "kept, and given again below"
    for n, (method, path) in enumerate(DOORS):
        assert _try(phones, method, path, f"2001:db8:7::{n + 1:x}") in (404, 422), path
    for method, path in DOORS:
        assert _try(phones, method, path, "2001:db8:7::ffff") == 429, path
    assert phones.open(f"/q/{code}", "2001:db8:7::abcd").status_code == 429, "one that exists, too"
    assert phones.open(f"/q/{code}", "2001:db8:7:1::1").status_code == 200, "the neighbour's line"


def test_a43_a_code_that_exists_is_no_guess(phones: Phones, copied: Installation) -> None:
    code = repaired_code(copied.home)
    for _ in range(len(DOORS) + 2):
        assert phones.open(f"/q/{code}").status_code == 200
