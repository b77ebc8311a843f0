"""What every answer passes through: headers, host names, limits, and the page for what breaks."""

import re
from pathlib import Path

import pytest

from gateway.pages.render import TEMPLATES_DIR
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
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


@pytest.mark.parametrize("template", sorted(TEMPLATES_DIR.rglob("*.html")), ids=lambda path: path.name)
def test_no_page_needs_more_than_the_policy_allows(template: Path) -> None:
    """The policy lets nothing inline run or style, and nothing come from elsewhere."""
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:|(?:src|href)=.https?://", source)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", source))


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "no-store"),
        ("/v1/listings", "no-store"),
        ("/log/checkpoint", "max-age=2"),
        ("/log/tile/0/000", "max-age=31536000, immutable"),
        ("/v1/entries/0", "public, max-age=31536000, immutable"),
        ("/static/site.css", "public, max-age=300"),
    ],
)
def test_who_may_keep_an_answer_and_for_how_long(looker: Caller, path: str, kept: str) -> None:
    assert looker.get(path).headers["cache-control"] == kept


def test_a_page_varies_with_language_and_visitor(looker: Caller) -> None:
    for path in ("/", "/nowhere", "/v1/listings"):
        assert {"accept-language", "cookie"} <= {
            one.strip().lower() for one in looker.get(path).headers["vary"].split(",")
        }


def test_static_files_are_asked_for_again_by_their_etag(looker: Caller) -> None:
    tag = looker.get("/static/site.css").headers["etag"]
    assert looker.get("/static/site.css", headers={"if-none-match": tag}).status_code == 304


def test_over_https_browsers_are_told_to_stay_there(told: Installation, monkeypatch) -> None:
    settings = told.settings.model_copy(update={"public_url": "https://lots.example"})
    monkeypatch.setattr(told, "settings", settings)
    answer = Caller(told, base="https://lots.example").get("/livez")
    assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")


HOSTS_NOT_OURS = [
    "evil.example", "127.0.0.1.evil.example", "", "[::2]", "localhost@evil", "localhost:80@evil",
    "localhost:x", "localhost:1/v1/x?y", "[::1]x", "localhost:80:80", "127.0.0.1:80\\evil",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS_NOT_OURS)
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
    "path", ["/q/%00", "/q/%ED%A0%80", "/auditor/entries/%D9%A3", "/lots/x", "/goods/1", "/d/a/1"]
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
    runner = Runner(caller.installation, DUTIES)
    while runner.run_next() != "nothing":  # what the story left waiting is late after a while
        pass
    assert caller.get("/readyz").json() == {"ready": True, "failing": [], "degraded": []}
    (caller.installation.home / "log" / "checkpoint").unlink()
    answer = caller.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failing"]
    assert caller.get("/livez").status_code == 200
