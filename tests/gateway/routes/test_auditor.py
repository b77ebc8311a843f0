"""An auditor finds everything, in words and as it stands, without asking anybody's leave."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.pages.building import explore
from gateway.settings import Settings
from gateway.workflows import erase
from gateway.workflows.audit_log import audit_source
from tests.gateway.web import Caller, ask, find, heading, tamper
from tests.gateway.workflows.test_erase import repaired_phone


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


def test_entries_are_found_by_party_and_key(looker: Caller, told_home) -> None:
    lot = ask(told_home, "SELECT lot FROM orders")
    text = looker.get(f"/auditor/entries?subject={lot}&type=lot.sold").text
    entry = looker.get(find(r'href="(/auditor/entries/\d+)"', text)).text
    key = find(r"/auditor/entries\?key=([0-9a-f]{64})", entry)
    party = ask(told_home, "SELECT party FROM keys WHERE key_id = ?", key)
    for query in (f"key={key}", f"party={party}", f"key={key}&party={party}"):
        assert "Sold" in looker.get(f"/auditor/entries?{query}&type=lot.sold").text
    other = ask(told_home, "SELECT party FROM keys WHERE party <> ?", party)
    assert "No entry matches." in looker.get(f"/auditor/entries?key={key}&party={other}").text


def test_a_search_that_stops_says_where_and_goes_on(
    looker: Caller, told_home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first key signed long ago: every page looks at a bounded number of entries."""
    monkeypatch.setattr(explore, "LOOKED_AT_MAX", 100)
    monkeypatch.setattr(explore, "CHUNK", 30)
    key = ask(
        told_home,
        "SELECT key_id FROM keys WHERE json_extract(state, '$.scopes[0]') LIKE 'authorization.granted%'",
    )
    path, pages, found = f"/auditor/entries?key={key}", 0, []
    while path:
        text = looker.get(path).text
        pages += 1
        found += re.findall(r'<th scope="row" class="n"><a href="/auditor/entries/(\d+)"', text)
        path = re.findall(r'href="([^"]+)" rel="next"', text)
        path = path[0].replace("&amp;", "&") if path else ""
    assert pages > 3
    size = looker.installation.verifier().checkpoint.size
    signed = [index for index in range(size) if f'"key":"{key}"' in looker.get(f"/v1/entries/{index}").text]
    assert signed
    assert sorted(map(int, found)) == signed


def test_counts_of_types_follow_the_log(copied) -> None:
    counts = explore.TypeCounts()
    statement = "SELECT type, count(*), max(idx) FROM entries GROUP BY type"
    with copied.database.reading() as connection:
        before = counts.at(connection)
        assert before == {t: (c, i) for t, c, i in connection.exec_driver_sql(statement)}
    erase.erase_article(copied, repaired_phone(copied).id, "personal_data")
    with copied.database.reading() as connection:
        after = counts.at(connection)
        assert after == {t: (c, i) for t, c, i in connection.exec_driver_sql(statement)}
    assert after != before


def test_a_subjects_history_is_proved_on_the_spot(looker: Caller, told_home) -> None:
    lot = ask(told_home, "SELECT lot FROM orders")
    text = looker.get(f"/auditor/subjects/{lot}").text
    count = ask(told_home, "SELECT count(*) FROM chain WHERE subject = ?", lot)
    assert text.count("stands in the tree") == count
    assert "these are all its records" in text
    assert looker.get("/auditor/subjects/lot:x").status_code == 404
    assert looker.get("/auditor/subjects/lot:" + "0" * 20).status_code == 404


def test_a_record_cut_from_a_history_is_noticed(caller: Caller) -> None:
    lot = ask(caller.installation.home, "SELECT lot FROM orders")
    last = ask(caller.installation.home, "SELECT max(idx) FROM chain WHERE subject = ?", lot)
    tamper(caller.installation.home, "DELETE FROM chain WHERE subject = ? AND idx = ?", lot, last)
    assert "Nobody proves that these are all the records." in caller.get(f"/auditor/subjects/{lot}").text


def test_a_changed_record_of_a_history_is_not_said_to_stand_in_the_tree(caller: Caller) -> None:
    lot = ask(caller.installation.home, "SELECT lot FROM orders")
    index = ask(caller.installation.home, "SELECT min(idx) FROM chain WHERE subject = ?", lot)
    count = caller.get(f"/auditor/subjects/{lot}").text.count("stands in the tree")
    tamper(
        caller.installation.home,
        "UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '2026', '2025') AS BLOB) WHERE idx = ?",
        index,
    )
    text = caller.get(f"/auditor/subjects/{lot}").text
    assert text.count("stands in the tree") == count - 1
    assert "This entry does not fit the tree or its chain" in text


def test_checkpoints_are_checked_again(caller: Caller) -> None:
    home = caller.installation.home
    sizes = ask(home, "SELECT count(*) FROM checkpoints")
    assert caller.get("/auditor/checkpoints").text.count("The tiles give this root") == min(sizes, 25)
    first = ask(home, "SELECT min(size) FROM checkpoints")
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        other = "SELECT note FROM checkpoints WHERE size > ? ORDER BY size LIMIT 1"
        database.execute(f"UPDATE checkpoints SET note = ({other}) WHERE size = ?", (first, first))
        database.commit()
    assert "The signature or the root does not fit" in caller.get("/auditor/checkpoints").text
    assert caller.get("/auditor/checkpoints?before=1").status_code == 404


def test_the_page_draws_how_the_log_grew(looker: Caller, told_home) -> None:
    text = looker.get("/auditor").text
    assert text.count("<circle") == ask(told_home, "SELECT count(*) FROM checkpoints")
    assert "No witness is configured" in text


def test_keys_say_what_became_of_them(looker: Caller, told_home) -> None:
    text = looker.get("/auditor/keys").text
    assert text.count('<th scope="row"') == ask(told_home, "SELECT count(*) FROM keys")
    assert "in use" in text


def test_the_downloaded_log_is_audited_without_a_network(caller: Caller, tmp_path: Path) -> None:
    answer = caller.get("/auditor/log.zip")
    assert answer.headers["content-type"] == "application/zip"
    file = tmp_path / "log.zip"
    file.write_bytes(answer.content)
    settings = Settings(home=tmp_path / "nobody")
    policy = caller.installation.policy_path
    report = audit_source(settings, str(file), policy_file=policy, vkey=None, saved_file=tmp_path / "seen")
    assert report.verdict == "verified"
    assert caller.get("/auditor/log.zip").content == answer.content
    erase.erase_article(caller.installation, repaired_phone(caller.installation).id, "personal_data")
    caller.installation.publisher.publish()
    assert len(caller.get("/auditor/log.zip").content) > len(answer.content)
    assert len(list((caller.installation.home / "auditor").glob("log-*.zip"))) == 1
