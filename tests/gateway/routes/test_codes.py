"""A code opens what was signed about the goods; whatever was altered is said, and nothing crashes."""

import random
from pathlib import Path

import pytest

from gateway.shell.rates import AMOUNTS, Rates
from ledger.core import merkle
from qrcodes.serial import ALPHABET, check_character, printed
from tests.gateway.web import Caller, ask, entry_of, heading, lot_of, repaired_code, tamper

UNALTERED = "This record is unaltered"
CHANGED = "This record has been changed"
MISSING = "Part of this record is missing"
COULD_NOT = "This could not be checked"


def _words(caller: Caller, code: str) -> str:
    return " ".join(caller.get(f"/q/{code}").text.split())


def test_an_articles_page_answers_what_people_ask(looker: Caller, told_home: Path) -> None:
    code = repaired_code(told_home)
    answer = looker.get(f"/q/{code}")
    assert (answer.status_code, heading(answer)) == (200, UNALTERED)
    text = " ".join(answer.text.split())
    for part in ("This one article", "original part of the brand", "Charge cycles", "<b>100%</b>",
                 "purged (NIST SP 800-88 Purge)", "Complete up to entry", "holds its own key",
                 "key kept by the operator", printed(code), "Shenzhen"):  # fmt: skip
        assert part in text, part
    assert "No record" not in text


def test_a_styles_code_speaks_of_the_style_and_a_lots_of_the_lot(looker: Caller, told_home: Path) -> None:
    style = ask(told_home, "SELECT code FROM code_links WHERE level = 'style'")
    lot = ask(
        told_home, "SELECT code FROM code_links WHERE level = 'lot' AND lot = ?", lot_of(told_home, style)
    )
    assert "One style of" in _words(looker, style)
    assert "One of a lot of" in _words(looker, lot)
    assert "Was the battery replaced?" not in _words(looker, style)


@pytest.mark.parametrize("language", ["zh-CN", "en", "vi"])
def test_every_kind_of_page_is_said_in_words_and_small(
    looker: Caller, told_home: Path, language: str
) -> None:
    sheet = len(looker.get("/static/site.css").content)
    for category in ("phone", "apparel", "sofa", "refrigerator", "microwave", "washing_machine"):
        code = ask(
            told_home,
            "SELECT code FROM code_links JOIN articles ON articles.id = article WHERE category = ?",
            category,
        )
        answer = looker.get(f"/q/{code}?lang={language}")
        assert answer.status_code == 200
        assert len(answer.content) + sheet < 30_000
        for raw in (
            "customer_returns",
            "oem_cancelled",
            "retail_store",
            "_tested",
            "fabric_",
            "boots-",
            "None",
        ):
            assert raw not in answer.text, (category, raw)


@pytest.mark.parametrize(
    "spell", [str.upper, printed, lambda c: c + check_character(c), lambda c: f" {c[:4]} {c[4:]}"]
)
def test_a_typed_code_leads_to_its_one_address(looker: Caller, told_home: Path, spell) -> None:
    code = repaired_code(told_home)
    answer = looker.get("/q/", params={"code": spell(code)})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/q/{code}")


@pytest.mark.parametrize(
    "typed", ["", "abc", "0" * 22, "u" * 20, "//evil.example", "<script>", "\u212a" * 20]
)
def test_what_cannot_be_a_code_is_a_page_that_says_so(looker: Caller, typed: str) -> None:
    answer = looker.get("/q/", params={"code": typed})
    assert (answer.status_code, heading(answer)) == (404, "Not in our records")
    assert "This cannot be one of our codes" in answer.text
    assert "<script>" not in answer.text


def test_a_code_that_was_never_issued_is_proved_absent(looker: Caller) -> None:
    answer = looker.get(f"/q/{'0' * 20}")
    assert answer.status_code == 404
    assert "Complete up to entry" in answer.text


def test_codes_cannot_be_found_by_trying(caller: Caller, monkeypatch) -> None:
    monkeypatch.setitem(AMOUNTS, "guess", 5)
    caller.app.state.rates = Rates()
    draw = random.Random(1)
    statuses = [caller.get(f"/q/{''.join(draw.choices(ALPHABET, k=20))}").status_code for _ in range(7)]
    assert statuses == [404] * 5 + [429] * 2


def test_a_flipped_byte_of_a_record_is_said(caller: Caller, home: Path) -> None:
    code = repaired_code(home)
    index = entry_of(home, lot_of(home, code), "lot.inspected")
    leaf = bytearray(ask(home, "SELECT leaf FROM entries WHERE idx = ?", index))
    leaf[leaf.index(b'"count":') + 8] ^= 1
    tamper(home, "UPDATE entries SET leaf = ? WHERE idx = ?", bytes(leaf), index)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == CHANGED
    assert f"A record differs from what was signed. Entry {index}" in " ".join(answer.text.split())
    assert caller.get(f"/v1/codes/{code}").json()["verdict"] == "changed"


def test_a_record_that_is_gone_is_said(caller: Caller, home: Path) -> None:
    code = repaired_code(home)
    index = entry_of(home, lot_of(home, code), "lot.refurbished")
    tamper(home, "DELETE FROM entries WHERE idx = ?", index)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == MISSING
    assert f"Entry {index} could not be read" in answer.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"cycles": 0', '"cycles": 1'),
        ('"part_origin": "original"', '"part_origin": "compatible"'),
        ('"origin_channel": "', '"origin_channel": "x'),
        ('"scratch": {"value": "', '"scratch": {"value": "1'),
        ('"identifier": "', '"identifier": "1'),
    ],
)
def test_a_detail_altered_beside_the_records_is_said(
    caller: Caller, home: Path, before: str, after: str
) -> None:
    code = repaired_code(home)
    of_code = "id = (SELECT article FROM code_links WHERE code = ?)"
    tamper(home, f"UPDATE articles SET facts = replace(facts, ?, ?) WHERE {of_code}", before, after, code)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == CHANGED
    assert "A detail kept beside the records differs from what was signed." in answer.text


def test_an_altered_manifest_row_is_said(caller: Caller, home: Path) -> None:
    code = repaired_code(home)
    index = entry_of(home, lot_of(home, code), "lot.refurbished")
    row = ask(
        home,
        "SELECT data FROM manifest_rows JOIN entries USING (event_id) "
        "WHERE idx = ? AND CAST(data AS TEXT) LIKE '%battery_replaced%'",
        index,
    )
    altered = bytes(row).replace(b'"cycles":0', b'"cycles":9')
    assert altered != bytes(row)
    tamper(home, "UPDATE manifest_rows SET data = ? WHERE data = ?", altered, row)
    assert heading(caller.get(f"/q/{code}")) == CHANGED


def test_a_code_moved_to_another_lot_is_said(caller: Caller, home: Path) -> None:
    code = repaired_code(home)
    other = ask(home, "SELECT lot FROM code_links WHERE lot <> ?", lot_of(home, code))
    tamper(home, "UPDATE code_links SET lot = ?, article = NULL WHERE code = ?", other, code)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == CHANGED
    assert "No record of this lot issued this code." in answer.text


def test_a_code_whose_note_was_lost_still_leads_to_its_lot(caller: Caller, home: Path) -> None:
    code = repaired_code(home)
    tamper(home, "DELETE FROM code_links WHERE code = ?", code)
    assert heading(caller.get(f"/q/{code}")) == MISSING


def test_a_record_left_out_of_the_chain_is_said(caller: Caller, home: Path) -> None:
    """A refurbishment cut out of the lot's chain: every record left is signed, yet they are not all."""
    code = repaired_code(home)
    lot = lot_of(home, code)
    last = ask(home, "SELECT max(idx) FROM chain WHERE subject = ?", lot)
    tamper(home, "DELETE FROM chain WHERE subject = ? AND idx = ?", lot, last)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == CHANGED
    assert "It cannot be proved that these are all the records." in answer.text


@pytest.mark.parametrize("state", ["", "{", "[]", '{"title":1}', "null", '{"category":"phone"}'])
def test_a_state_that_cannot_be_read_claims_nothing(caller: Caller, home: Path, state: str) -> None:
    code = repaired_code(home)
    tamper(home, "UPDATE subjects SET state = ? WHERE subject = ?", state, lot_of(home, code))
    answer = caller.get(f"/q/{code}")
    assert (answer.status_code, heading(answer)) == (503, COULD_NOT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE articles SET facts = '{'",
        "UPDATE articles SET facts = '{}'",
        "UPDATE log_state SET state = 'x'",
        "UPDATE log_state SET heads_top = '['",
        "UPDATE log_state SET heads_through = 3",
        "UPDATE keys SET state = ''",
        "UPDATE chain SET event_id = zeroblob(31)",
        "DELETE FROM heads_nodes",
        "DELETE FROM manifest_rows",
        "DELETE FROM articles",
        "UPDATE entries SET leaf = 'text'",
        "UPDATE entries SET leaf = zeroblob(9)",
    ],
)
def test_no_altered_table_makes_a_page_that_says_all_is_well_or_breaks(
    caller: Caller, home: Path, statement: str
) -> None:
    code = repaired_code(home)
    tamper(home, statement)
    for path in (f"/q/{code}", f"/q/{'0' * 20}", "/auditor", "/auditor/entries", f"/v1/codes/{code}"):
        answer = caller.get(path)
        assert answer.status_code in (200, 404, 503), (path, answer.text)
        assert "internal" not in answer.text
    assert heading(caller.get(f"/q/{code}")) != UNALTERED


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/1/000.p"])
def test_an_altered_tree_claims_nothing(caller: Caller, home: Path, name: str) -> None:
    path = home / "log" / name
    if path.is_dir():  # the widest of the partial tiles is the one that counts
        path = max(path.iterdir(), key=lambda one: int(one.name))
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(bytes(data))
    answer = caller.get(f"/q/{repaired_code(home)}")
    assert (answer.status_code, heading(answer)) == (503, COULD_NOT)


def test_a_leaf_altered_together_with_its_tile_is_no_part_of_the_tree(caller: Caller, home: Path) -> None:
    """The log's own time is signed by nobody, so only the root can tell."""
    code = repaired_code(home)
    index = entry_of(home, lot_of(home, code), "lot.inspected")
    leaf = bytes(ask(home, "SELECT leaf FROM entries WHERE idx = ?", index))
    altered = leaf.replace(b'"rec":"2026', b'"rec":"2025')
    assert altered != leaf
    tamper(home, "UPDATE entries SET leaf = ? WHERE idx = ?", altered, index)
    path = home / "log" / "tile/0/000"
    data = bytearray(path.read_bytes())
    data[32 * index : 32 * index + 32] = merkle.leaf_hash(altered)
    path.write_bytes(bytes(data))
    assert caller.get(f"/q/{code}").status_code == 503
    assert caller.get(f"/v1/entries/{index}").status_code == 503
