"""A message is said once, to the session that it is for, in words that we chose."""

import pytest
from starlette.responses import Response

from gateway import flash
from gateway.pages.words import FLASHES

TOKEN = "a" * 64
SLUG = next(iter(FLASHES))


def cookie(response: Response) -> str:
    return response.headers["set-cookie"].partition(";")[0].partition("=")[2]


def sent(slug: str = SLUG, token: str = TOKEN) -> str:
    return cookie(flash.redirect("/x", slug, token))


def test_it_travels_with_a_redirect_and_lives_shorter_than_anybody_reads() -> None:
    response = flash.redirect("/x", SLUG, TOKEN)
    assert (response.status_code, response.headers["location"]) == (303, "/x")
    header = response.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Max-Age=60"} <= {part.strip() for part in header.split(";")}


def test_it_is_read_by_the_session_it_was_sent_to() -> None:
    assert flash.read({flash.COOKIE: sent()}, TOKEN) == SLUG


@pytest.mark.parametrize(
    "value",
    [
        sent(token="b" * 64),
        f"{SLUG}.",
        SLUG,
        "no-such-slug." + sent().partition(".")[2],
        "",
        "…",
        f"{SLUG}.é",
    ],
)
def test_words_of_others_are_not_said(value: str) -> None:
    assert flash.read({flash.COOKIE: value}, TOKEN) == ""


def test_a_stranger_is_told_nothing() -> None:
    assert flash.read({flash.COOKIE: sent(token="")}, "") == ""
    assert flash.read({}, TOKEN) == ""
