"""Whatever comes in is read one way, or refused by name: headers, addresses, forms, bodies."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Scope

from gateway.errors import NotFound, RequestRefused
from gateway.problem_kinds import MEMBER_ERRORS
from gateway.shell import bodies, queries
from tests.gateway.shell.conftest import Program
from tests.gateway.web import Caller

JSON = {"content-type": "application/json"}
DEEP = "[" * 20_000
BODIES = [
    (b"", "json-empty"),
    (b"{", "json-syntax"),
    (b'\xef\xbb\xbf{"listing":"a","quantity":1}', "json-syntax"),
    (b"{'a':1}", "json-syntax"),
    (b"\xff\xfe{\x00}\x00", "json-not-utf-8"),
    (b'{"quantity":1,"quantity":2}', "json-member-twice"),
    (b'{"quantity":NaN}', "json-not-an-integer"),
    (b'{"quantity":-Infinity}', "json-not-an-integer"),
    (b'{"quantity":1e999}', "json-not-an-integer"),
    (b'{"quantity":5.0}', "json-not-an-integer"),
    (b'{"quantity":9007199254740993}', "json-integer-too-large"),
    (b'{"quantity":' + b"9" * 5_000 + b"}", "json-integer-too-large"),
    (DEEP.encode(), "json-too-deep"),
    (b'{"listing":"\\ud800","quantity":1}', "json-surrogate"),
    (b'{"\\udfff":1}', "json-surrogate"),
    (b'{"listing":"a\\u0000b","quantity":1}', "json-nul"),
    (b'{"listing":"a\\u001b[2J","quantity":1}', "json-control"),
    (b'{"listing":"a","quantity":1,"is_admin":true}', "extra_forbidden"),
    (b'{"listing":"a","quantity":1,"price":1,"status":"paid"}', "extra_forbidden"),
    (b'{"listing":"a","quantity":"5"}', "int_type"),
    (b'{"listing":"a","quantity":true}', "int_type"),
    (b'{"listing":1,"quantity":5}', "string_type"),
    (b'{"listing":"a","quantity":0}', "greater_than_equal"),
    (b'{"listing":"a"}', "missing"),
    (b'{"quantity":5}', "missing"),
    (b'{"listing":"a","quantity":5,"amount":{"value":"1","unit":"kg"}}', "extra_forbidden"),
    (b"null", "model_attributes_type"),
    (b"[]", "model_attributes_type"),
    (b'"text"', "model_attributes_type"),
]


def _send(buyer: Program, content: bytes, **headers: str) -> Any:
    named = JSON | buyer.headers | {"idempotency-key": "hostile"} | headers
    return buyer.post("/v1/reservations", content=content, headers=named)


@pytest.mark.parametrize(
    ("content", "code"), BODIES, ids=[f"{code}-{n}" for n, (_, code) in enumerate(BODIES)]
)
def test_a_body_that_is_not_what_it_should_be_is_told_why(buyer: Program, content: bytes, code: str) -> None:
    answer = _send(buyer, content, **{"accept-language": "zh"})
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-request")
    error = answer.json()["errors"][0]
    assert error["code"] == code
    assert not error["message"].isascii(), "in Chinese"
    assert code in MEMBER_ERRORS


def test_a_pointer_names_the_member(buyer: Program) -> None:
    answer = _send(buyer, b'{"listing":"a","quantity":1,"a/b~c":2}')
    assert answer.json()["errors"][0]["pointer"] == "/a~1b~0c"


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/xml",
    ],
)
def test_json_says_that_it_is_json(buyer: Program, media_type: str) -> None:
    answer = _send(buyer, b'{"listing":"a","quantity":1}', **{"content-type": media_type})
    assert (answer.status_code, answer.json()["slug"]) == (415, "unsupported-media-type")


def test_a_form_says_that_it_is_a_form(buyer: Program) -> None:
    answer = buyer.post("/offers/lst_x/reserve", content=b"{}", headers=JSON)
    assert answer.status_code == 415


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
def test_what_is_packed_is_not_unpacked(buyer: Program, coding: str) -> None:
    answer = _send(buyer, b"x", **{"content-encoding": coding})
    assert (answer.status_code, answer.json()["slug"]) == (415, "unsupported-media-type")


def test_a_stranger_is_not_told_how_a_body_is_read(stranger: Caller) -> None:
    answer = stranger.post("/v1/orders", content=b"{", headers=JSON)
    assert (answer.status_code, answer.json()["slug"]) == (403, "login-needed")


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("colour=red", "unknown-parameter"),
        ("sort=price;drop", "unknown-parameter"),
        ("limit=1&limit=2", "repeated-parameter"),
        ("limit=%zz", "bad-encoding"),
        ("limit=%", "bad-encoding"),
        ("cursor=%ff", "bad-encoding"),
        ("cursor=%00", "bad-encoding"),
        ("cursor=a%0d%0aset-cookie:x", "bad-encoding"),
        ("cursor=' or 1=1--", "invalid-cursor"),
        ("x=" + "a" * 9_000, "address-too-long"),
    ],
)
def test_a_query_is_known_by_name_and_clean(buyer: Program, query: str, slug: str) -> None:
    answer = buyer.get(f"/v1/orders?{query}")
    assert answer.json()["slug"] == slug
    assert answer.status_code == (414 if slug == "address-too-long" else 400)


def test_the_parameter_is_named(buyer: Program) -> None:
    told = buyer.get("/v1/orders?colour=red").json()
    assert (told["parameter"], told["detail"]) == ("colour", "Leave colour out.")


@pytest.mark.parametrize("path", ["/?fbclid=1", "/q/?code=x&utm_source=poster", "/login?next=x&gclid=1"])
def test_what_others_add_to_a_link_does_not_close_it(stranger: Caller, path: str) -> None:
    assert stranger.get(path).status_code != 400


def test_pages_know_their_parameters_too(stranger: Caller) -> None:
    answer = stranger.get("/auditor/entries?before=1&colour=red")
    assert (answer.status_code, "unknown-parameter" in answer.text) == (400, True)
    assert stranger.get("/auditor/entries?lang=vi").status_code == 200


@pytest.mark.parametrize(
    "id_",
    [
        "0",
        "-1",
        "9" * 40,
        "٣",
        "%00",
        "%ED%A0%80",
        "%zz",
        "..%2f..",
        "a%0ab",
        "order:",
        "'--",
        "é",
        "%F0%9F%98%80",
    ],
)
@pytest.mark.parametrize(
    "path", ["/v1/orders/{}", "/v1/reservations/{}", "/v1/listings/{}", "/v1/lots/{}/history"]
)
def test_an_id_that_nothing_has_is_not_found(buyer: Program, path: str, id_: str) -> None:
    answer = buyer.get(path.format(id_))
    assert (answer.status_code, answer.json()["slug"]) == (404, "not-found")


@pytest.mark.parametrize("text", ["a%00b", "%ff", "%ed%a0%80", "%1b[2J", "%c2%9b"])
def test_a_form_is_clean_text(buyer: Program, text: str) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    content = f"csrf_token={buyer.headers['x-csrf-token']}&quantity={text}".encode()
    answer = buyer.post("/offers/lst_x/reserve", content=content, headers=form)
    assert (answer.status_code, "bad-encoding" in answer.text) == (400, True)
    assert "quantity: " in answer.text, "the field is named"


def test_headers_are_few_and_short(stranger: Caller) -> None:
    for headers in (
        {f"x-{n}": "1" for n in range(200)},
        {"x-long": "a" * 40_000},
        {"cookie": "a=" + "b" * 40_000},
    ):
        answer = stranger.get("/v1/entries/0", headers=headers)
        assert (answer.status_code, answer.json()["slug"]) == (431, "headers-too-large")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PROPFIND", "X" * 30])
def test_another_method_is_refused(stranger: Caller, method: str) -> None:
    answer = stranger.request(method, "/v1/entries/0")
    assert (answer.status_code, answer.json()["slug"]) == (405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
@pytest.mark.parametrize("path", ["/", "/v1/entries/0", "/v1/listings", "/q/x"])
def test_other_sites_may_not_read(buyer: Program, origin: str, path: str) -> None:
    assert "access-control-allow-origin" not in buyer.get(path, headers={"origin": origin}).headers
    flight = {"origin": origin, "access-control-request-method": "POST"}
    assert "access-control-allow-origin" not in buyer.request("OPTIONS", path, headers=flight).headers


def _scope(path: bytes, query: bytes = b"") -> Scope:
    return {"raw_path": path, "path": path.decode("latin-1"), "query_string": query}


def test_an_address_is_judged_as_it_was_sent() -> None:
    queries.check_address(_scope(b"/q/%C3%A9", b"code=%E2%82%AC+x"))
    with pytest.raises(NotFound):
        queries.check_address(_scope(b"/q/%C3"))
    with pytest.raises(RequestRefused, match="bad-encoding"):
        queries.check_address(_scope(b"/q/", b"%"))


async def _received(messages: list[Message | float], limit: int) -> bytes:
    """What arrives through the limit. A float: seconds of silence."""
    waiting = iter(messages)

    async def receive() -> Message:
        message = next(waiting)
        if isinstance(message, float):
            await asyncio.sleep(message)
            message = next(waiting)
        return message

    bounded, got = bodies.limited(receive, limit, arrival_s=0.05), b""
    while True:
        message = await bounded()
        got += message.get("body", b"")
        if not message.get("more_body"):
            return got


def _part(size: int, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


def test_a_body_ends_where_the_limit_is_and_when_its_time_is_up() -> None:
    assert asyncio.run(_received([_part(4), _part(4, more=False)], 8)) == b"x" * 8
    with pytest.raises(bodies.Stopped) as stopped:
        asyncio.run(_received([_part(4)] * 100, 8))
    assert (stopped.value.status_code, stopped.value.refusal.facts) == (413, {"limit": 8})
    with pytest.raises(bodies.Stopped) as stopped:
        asyncio.run(_received([_part(1), 30.0, _part(1, more=False)], 8))
    assert stopped.value.refusal.code == "request-timeout"


def test_a_body_that_breaks_off_is_nobodys_error(stranger: Caller) -> None:
    """The caller hung up in the middle: there is nobody to answer, and nothing is a 500."""
    sent: list[Message] = []
    named = {b"host": b"localhost", b"content-type": b"application/json", b"content-length": b"99"}
    scope: Scope = {
        "type": "http", "method": "POST", "path": "/v1/records", "raw_path": b"/v1/records",
        "query_string": b"", "headers": list(named.items()), "http_version": "1.1", "scheme": "http",
        "server": ("localhost", 80), "client": ("127.0.0.1", 5), "root_path": "",
    }  # fmt: skip
    parts = iter([_part(3), {"type": "http.disconnect"}])

    async def receive() -> Message:
        return next(parts)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(stranger.app(scope, receive, send))
    assert [message for message in sent if message.get("status", 0) >= 500] == []
