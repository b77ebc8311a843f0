"""The file for those it belongs to; for everybody else a page that checks the paper in their hand."""

from hashlib import sha256
from pathlib import Path

import pytest

from gateway.routes.documents import disposition
from gateway.workflows.ship_order import object_key
from ledger.core.encoding import encode_base64
from tests.gateway.web import Caller, ask, tamper


def _code(home: Path, company: str = "cmp_vn") -> str:
    return ask(
        home,
        "SELECT code FROM documents JOIN orders ON orders.id = order_id "
        "WHERE company = ? AND kind = 'commercial_invoice'",
        company,
    )


@pytest.mark.parametrize(("role", "company"), [("buyer", "cmp_vn"), ("operator", None)])
def test_the_file_comes_with_its_hash_and_its_own_name(caller: Caller, home: Path, role, company) -> None:
    answer = caller.signed_in(role, company).get(f"/documents/{_code(home)}")
    digest = sha256(answer.content).digest()
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["repr-digest"] == f"sha-256=:{encode_base64(digest)}:"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert ask(home, "SELECT sha256 FROM documents WHERE code = ?", _code(home)) == digest.hex()


def test_nobody_else_gets_the_file_or_learns_its_number(caller: Caller, home: Path) -> None:
    code = _code(home)
    number = ask(home, "SELECT number FROM documents WHERE code = ?", code)
    assert caller.get(f"/documents/{code}").status_code == 403
    assert number not in caller.get(f"/d/{code}/1").text
    assert caller.signed_in("buyer", "cmp_ng").get(f"/documents/{code}").status_code == 404
    assert number not in caller.get(f"/d/{code}/1").text
    assert number in caller.signed_in("buyer", "cmp_vn").get(f"/d/{code}/1").text


def test_a_page_of_paper_is_checked_against_the_record(looker: Caller, told_home: Path) -> None:
    code = _code(told_home)
    text = looker.get(f"/d/{code}/1").text
    assert "Issued and current" in text
    assert ask(told_home, "SELECT sha256 FROM documents WHERE code = ?", code) in text
    for path in (f"/d/{code}/2", f"/d/{code}/0", f"/d/{code}/01", f"/d/{code}/x", f"/d/{'0' * 20}/1"):
        assert looker.get(path).status_code == 404


def test_a_file_that_was_altered_is_not_sent(caller: Caller, home: Path) -> None:
    code = _code(home)
    path = home / "objects" / object_key(ask(home, "SELECT sha256 FROM documents WHERE code = ?", code))
    path.write_bytes(path.read_bytes() + b"\n")
    assert caller.signed_in("operator").get(f"/documents/{code}").status_code == 503


def test_a_row_that_is_not_what_was_recorded_claims_nothing(caller: Caller, home: Path) -> None:
    code = _code(home)
    tamper(home, "UPDATE documents SET sha256 = ? WHERE code = ?", "0" * 64, code)
    assert caller.get(f"/d/{code}/1").status_code == 503


def test_a_hostile_name_stays_one_header() -> None:
    header = disposition('a"\r\nX: y/../星.pdf')
    assert "\r" not in header
    assert "\n" not in header
    assert header.count('"') == 2
    assert header.isascii()
