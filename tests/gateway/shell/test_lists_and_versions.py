"""Lists come in sealed pages; single things come with their version, and are changed only with it."""

import base64

import pytest
from starlette.requests import Request

from gateway.errors import RequestRefused
from gateway.shell import etags
from gateway.shell.cursors import open_cursor, seal
from tests.gateway.shell.conftest import Program
from tests.gateway.web import Caller

KEY = bytes(32)
LISTS = ["/v1/listings", "/v1/orders", "/v1/reservations"]


def test_a_cursor_opens_where_it_was_sealed() -> None:
    position = ["2026-11-20T01:00:00+00:00", "rsv_ü"]
    assert open_cursor(KEY, seal(KEY, position, "list"), "list") == position


@pytest.mark.parametrize("cursor", ["", "x", "é", "=", "A" * 40, seal(KEY, ["a"], "list")[:-2]])
def test_what_was_not_sealed_here_is_refused(cursor: str) -> None:
    with pytest.raises(RequestRefused, match="invalid-cursor"):
        open_cursor(KEY, cursor, "list")


def test_a_flipped_bit_or_another_list_or_key_opens_nothing() -> None:
    sealed = seal(KEY, ["lst_a"], "list")
    raw = bytearray(base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4)))
    for n in range(len(raw)):
        raw[n] ^= 1
        with pytest.raises(RequestRefused, match="invalid-cursor"):
            open_cursor(KEY, base64.urlsafe_b64encode(raw).decode().rstrip("="), "list")
        raw[n] ^= 1
    for key, scope in ((KEY, "other"), (bytes([1]) * 32, "list")):
        with pytest.raises(RequestRefused, match="invalid-cursor"):
            open_cursor(key, sealed, scope)


def _walk(caller: Caller, path: str, limit: int) -> list[str]:
    found, address = [], f"{path}?limit={limit}"
    while address:
        answer = caller.get(address)
        page = answer.json()
        assert len(page["data"]) <= limit
        assert page["has_more"] == (page["next_cursor"] is not None) == ("link" in answer.headers)
        found += [one["id"] for one in page["data"]]
        address = answer.headers.get("link", "<>").partition(">")[0].removeprefix("<")
    return found


def _some_holds(buyer: Program) -> list[str]:
    offer = buyer.offer()
    wanted = {"listing": offer["id"], "quantity": offer["moq"]}
    answers = [buyer.once("/v1/reservations", wanted) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {201}, answers[-1].text
    return [answer.json()["id"] for answer in answers]


def test_walking_by_pages_finds_everything_once_in_order(buyer: Program) -> None:
    made = _some_holds(buyer)
    whole = [one["id"] for one in buyer.get("/v1/reservations?limit=100").json()["data"]]
    assert whole[-5:] == made
    assert _walk(buyer, "/v1/reservations", 2) == whole
    listings = [one["id"] for one in buyer.get("/v1/listings?limit=100").json()["data"]]
    assert len(listings) > 6
    assert _walk(buyer, "/v1/listings", 10) == listings


def test_a_page_marker_is_of_one_list_one_caller_and_one_choice(buyer: Program, other: Program) -> None:
    cursor = buyer.get("/v1/listings?limit=1").json()["next_cursor"]
    assert buyer.get("/v1/listings", params={"cursor": cursor, "limit": 2}).status_code == 200
    for caller, path in ((buyer, "/v1/orders"), (other, "/v1/listings")):
        answer = caller.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["slug"]) == (400, "invalid-cursor")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["0", "101", "1e1", "٣", "9" * 21])
def test_a_page_has_a_size(buyer: Program, path: str, limit: str) -> None:
    answer = buyer.get(f"{path}?limit={limit}")
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-parameter")
    assert answer.json()["errors"][0]["parameter"] == "limit"


def test_another_companys_things_do_not_exist(buyer: Program, other: Program) -> None:
    hold = _some_holds(buyer)[0]
    assert hold not in _walk(other, "/v1/reservations", 100)
    missing = other.get("/v1/reservations/rsv_00000000000000000000")
    for answer in (
        other.get(f"/v1/reservations/{hold}"),
        other.call("DELETE", f"/v1/reservations/{hold}", if_match="*"),
    ):
        assert (answer.status_code, answer.json()["slug"]) == (404, "not-found")
        assert answer.json().keys() == missing.json().keys()
    assert buyer.get(f"/v1/reservations/{hold}").json()["state"] == "active"


def test_what_did_not_change_is_not_sent_again(buyer: Program, stranger: Caller) -> None:
    paths = [f"/v1/reservations/{_some_holds(buyer)[0]}", f"/v1/listings/{buyer.offer()['id']}"]
    for caller, path in [*((buyer, path) for path in paths), (stranger, "/v1/entries/0")]:
        tag = caller.get(path).headers["etag"]
        assert not tag.startswith("W/")
        for sent in (tag, f'"x", {tag}', f"W/{tag}", "*"):
            again = caller.get(path, headers={"if-none-match": sent})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert caller.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_hold_is_given_back_by_whoever_read_it_last(buyer: Program) -> None:
    path = f"/v1/reservations/{_some_holds(buyer)[0]}"
    tag = buyer.get(path).headers["etag"]
    assert buyer.call("DELETE", path).status_code == 428
    assert buyer.call("DELETE", path, if_match='"stale"').json()["slug"] == "precondition-failed"
    assert buyer.call("DELETE", path, if_match=f"W/{tag}").status_code == 412, "a weak tag matches nothing"
    done = buyer.call("DELETE", path, if_match=tag)
    assert (done.status_code, done.json()["state"]) == (200, "released")
    stale = buyer.call("DELETE", path, if_match=tag)
    assert (stale.status_code, stale.headers["etag"]) == (412, done.headers["etag"])
    again = buyer.call("DELETE", path, if_match=done.headers["etag"])
    assert (again.status_code, again.content) == (200, done.content)


def test_what_became_an_order_is_not_given_back(buyer: Program) -> None:
    hold = _some_holds(buyer)[0]
    terms = {"reservation": hold, "po_number": f"PO-{hold[-6:]}", "incoterm": "FCA", "place": "Yantian"}
    order = buyer.once("/v1/orders", terms)
    assert buyer.get(order.headers["location"]).content == order.content
    assert buyer.get(f"/v1/orders/{order.json()['id']}").headers["etag"] == order.headers["etag"]
    assert order.json()["id"] in _walk(buyer, "/v1/orders", 1)
    answer = buyer.call("DELETE", f"/v1/reservations/{hold}", if_match="*")
    assert (answer.status_code, answer.json()["slug"]) == (409, "reservation-closed")


def test_a_history_is_public_and_is_asked_for_again_by_its_version(stranger: Caller, buyer: Program) -> None:
    path = f"/v1/lots/{buyer.offer()['lot'].partition(':')[2]}/history"
    answer = stranger.get(path)
    assert answer.headers["cache-control"] == "public, no-cache"
    assert stranger.get(path, headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_a_pack_is_built_once_for_a_visible_tree(
    stranger: Caller, buyer: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/lots/{buyer.offer()['lot'].partition(':')[2]}/pack.zip"
    first = stranger.get(path)
    with monkeypatch.context() as patched:
        patched.setattr("gateway.routes.packs.export_lot", lambda *_: pytest.fail("built again"))
        assert stranger.get(path).content == first.content
        assert stranger.get(path, headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert buyer.get(path).content != first.content, "what is opened for somebody is never kept"


def test_conditions_are_read_as_lists() -> None:
    request = Request({"type": "http", "method": "PUT", "headers": [(b"if-match", b'"a", "b"')]})
    etags.check_if_match(request, '"b"')
    with pytest.raises(RequestRefused, match="precondition-failed"):
        etags.check_if_match(request, '"c"')
