"""An auditor finds everything, in words and as it stands, without asking anybody's leave."""

import json

import pytest

from tests.gateway.web import Caller, ask, heading


def test_the_log_says_where_everything_is(looker: Caller) -> None:
    text = looker.get("/auditor").text
    installation = looker.installation
    assert installation.verifier().checkpoint.root.hex() in text
    for name in (installation.config.origin, "quorum none", "lotproof audit http", "/log/checkpoint"):
        assert name in text
    assert (
        looker.get("/log/" + text.split('href="/log/tile', 1)[1].split('"')[0].join(["tile", ""])).status_code
        == 200
    )


@pytest.mark.parametrize("language", ["zh-CN", "en", "vi"])
def test_one_entry_of_every_type_is_said_in_words(looker: Caller, told_home, language: str) -> None:
    types = [row["type"] for row in _entries_by_type(looker)]
    assert len(types) >= 15
    for type_ in types:
        index = ask(told_home, "SELECT max(idx) FROM entries WHERE type = ?", type_)
        answer = looker.get(f"/auditor/entries/{index}?lang={language}")
        assert answer.status_code == 200
        assert heading(answer) != type_, "no word for this type"
        words = answer.text.split("<pre>")[0]
        for slug in ("_sha256<", "may_delegate<", "valid_from<", "worker_party<", "rows_root<", "<dt>depth"):
            assert slug not in words, type_


def _entries_by_type(looker: Caller) -> list[dict[str, str]]:
    options = looker.get("/auditor/entries").text.split('<option value="')[2:]
    return [{"type": option.split('"')[0]} for option in options]


def test_entries_are_found_by_type_and_subject(looker: Caller, told_home) -> None:
    lot = ask(told_home, "SELECT lot FROM orders")
    found = looker.get(f"/auditor/entries?subject={lot}&type=lot.sold").text
    assert found.count('href="/auditor/entries/') == 1
    assert "No entry matches." in looker.get("/auditor/entries?type=no.such").text


def test_pages_lead_to_the_first_entry(looker: Caller) -> None:
    path, seen = "/auditor/entries", 0
    while path:
        text = looker.get(path).text
        seen += text.count('<th scope="row"')
        path = (
            text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0] if 'rel="next"' in text else ""
        )
        path = path.replace("&amp;", "&")
    assert seen == looker.installation.verifier().checkpoint.size


@pytest.mark.parametrize(
    "query", ["subject=%27%20OR%201=1--", "type=%25%25", "before=x", "subject=" + "a" * 99]
)
def test_odd_filters_do_nothing(looker: Caller, query: str) -> None:
    assert looker.get(f"/auditor/entries?{query}").status_code in (404, 422)


def test_the_raw_record_is_the_leaf(looker: Caller) -> None:
    leaf = looker.get("/v1/entries/3")
    assert leaf.headers["content-type"] == "application/json"
    assert json.loads(leaf.content)["log"]["i"] == 3
