"""What every answer passes through: headers, host names, limits, and the page for what breaks."""

import pytest

from tests.gateway.web import Caller, heading

EVERYWHERE = ["/", "/static/site.css", "/log/checkpoint", "/nowhere", "/catalogue", "/livez", "/v1/entries/0"]


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_the_security_headers(looker: Caller, path: str) -> None:
    headers = looker.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert len(headers["x-request-id"]) == 16


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::2]", "localhost@evil"])
def test_a_foreign_host_name_is_refused(looker: Caller, host: str) -> None:
    assert looker.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:8000", "LOCALHOST:1"])
def test_loopback_is_answered_on_any_port(looker: Caller, host: str) -> None:
    assert looker.get("/livez", headers={"host": host}).status_code == 200


def test_a_body_too_large_is_refused_before_it_is_read(looker: Caller) -> None:
    assert looker.post("/v1/orders", content=b"x" * 70_000).status_code == 413
    assert looker.post("/v1/records", content=b"x" * 5_000_000).status_code == 413


def test_a_body_of_unknown_length_ends_at_the_limit(looker: Caller) -> None:
    async def endless():
        for _ in range(100):
            yield b"x" * 10_000

    json = {"content-type": "application/json"}
    assert looker.post("/v1/orders", content=endless(), headers=json).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "9" * 20])
def test_a_length_that_is_no_number_is_refused(looker: Caller, length: str) -> None:
    headers = {"content-length": length.encode()}
    assert looker.post("/v1/records", content=b"", headers=headers).status_code in (400, 413)


def test_head_is_get_without_the_body(looker: Caller) -> None:
    answer = looker.request("HEAD", "/log/checkpoint")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] != "0"


def test_what_breaks_is_a_page_with_a_number_and_no_traceback(caller: Caller, monkeypatch) -> None:
    monkeypatch.setattr("gateway.routes.public.HomeView", lambda **_: 1 / 0)
    answer = caller.get("/")
    assert (answer.status_code, heading(answer)) == (500, "Something broke on our side")
    assert answer.headers["x-request-id"] in answer.text
    assert "ZeroDivision" not in answer.text
    assert "default-src" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/q/%00", "/q/%ED%A0%80", "/auditor/entries/%D9%A3", "/01/x/10/y", "/d/a/1"]
)
def test_odd_paths_are_not_found_and_never_an_error(looker: Caller, path: str) -> None:
    assert looker.get(path).status_code == 404


@pytest.mark.parametrize("index", ["-1", "01", "1.0", "1e3", "+1", "99999999999999999999", "9" * 15, "٣", ""])
def test_an_index_has_one_spelling(looker: Caller, index: str) -> None:
    assert looker.get(f"/v1/entries/{index}").status_code == 404
    if index:
        assert looker.get(f"/auditor/entries/{index}").status_code == 404


def test_a_language_that_was_asked_for_is_remembered(caller: Caller) -> None:
    assert '<html lang="vi">' in caller.get("/?lang=vi").text
    assert '<html lang="vi">' in caller.get("/").text
    assert (
        '<html lang="zh-CN">'
        in Caller(caller.installation).get("/", headers={"accept-language": "fr, zh-TW;q=0.8"}).text
    )


def test_alive_touches_nothing_and_ready_says_what_fails(caller: Caller) -> None:
    assert caller.get("/readyz").json() == {"ready": True, "failing": []}
    (caller.installation.home / "log" / "checkpoint").unlink()
    answer = caller.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failing"]
    assert caller.get("/livez").status_code == 200
