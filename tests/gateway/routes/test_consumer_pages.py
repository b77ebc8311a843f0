"""What the page of a code says beside its record, what it is given to check, and what it never does."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.pages.building.article import is_gone, verdict_of
from gateway.pages.views import Reason
from gateway.store import claims
from gateway.store.claims import HiddenCode
from gateway.wiring import Installation
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.web import Caller, ask, entry_of, find, heading, lot_of, repaired_code, tamper

SECURITY = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
}
LANGUAGES = ("zh-CN", "en", "vi")


@pytest.fixture
def code(told_home: Path) -> str:
    return repaired_code(told_home)


def words(answer: httpx.Response) -> str:
    return " ".join(answer.text.split())


def recorded(installation: Installation, type_: str, lot: str, **data: Any) -> None:
    def unit(ledger: Ledger) -> None:
        authority = operator_hand(installation, "warehouse", "authority")
        Work(installation, ledger).record(type_, [authority], data, subjects=[lot])

    installation.writer.do(unit)
    installation.publisher.publish()


def test_the_page_says_who_certifies_what_and_how_independent_they_are(looker: Caller, code: str) -> None:
    text = words(looker.get(f"/q/{code}"))
    certified = text.partition("Who certifies what")[2].partition("Who holds the keys")[0]
    assert "Permission to sell" in certified
    assert "by the owner of the brand" in certified
    assert certified.count("Inspection report") == 2
    assert "Repair report" in certified
    assert "by somebody who works for those who hold the goods" in certified
    assert "31 Dec 2027" in certified


def test_the_page_says_who_holds_each_key(looker: Caller, told_home: Path, code: str) -> None:
    listed = words(looker.get(f"/q/{code}")).partition("Who holds the keys")[2].partition("</details>")[0]
    lot = lot_of(told_home, code)
    index = entry_of(told_home, lot, "lot.inspected")
    leaf = json.loads(ask(told_home, "SELECT leaf FROM entries WHERE idx = ?", index))
    assert leaf["body"]["signers"][0]["key"][:16] in listed
    assert "held by the party that they speak for" in listed


def test_a41_recalled_goods_are_said_before_anything_else_in_every_language(
    caller: Caller, copied: Installation, home: Path
) -> None:
    code = repaired_code(home)
    recorded(copied, "lot.recalled", lot_of(home, code), reason="safety")
    for language, said in zip(LANGUAGES, ("已被召回", "have been recalled", "bị triệu hồi"), strict=True):
        answer = caller.get(f"/q/{code}?lang={language}")
        main = answer.text.partition("<main")[2]
        assert said in find(r"<h1>(.*?)</h1>", main)
        assert main.index('class="verdict recalled"') < main.index("<h2>")
        assert 'href="#wrong"' in main.partition("</section>")[0]
    english = words(caller.get(f"/q/{code}?lang=en"))
    assert "Stop using it, switch it off" in english.partition('id="wrong"')[2]
    verdict = english.partition('class="verdict')[2].partition("</section>")[0]
    index = entry_of(home, lot_of(home, code), "lot.recalled")
    assert re.search(rf"A danger to people.*stated by .*Entry {index}", verdict), "who says it"


@pytest.mark.parametrize(
    ("reason", "advice"),
    [("legal", "a legal one"), ("quality", "a fault in quality"), ("counterfeit", "said to be counterfeit")],
)
def test_a41_what_to_do_fits_the_reason_of_the_recall(
    caller: Caller, copied: Installation, home: Path, reason: str, advice: str
) -> None:
    code = repaired_code(home)
    recorded(copied, "lot.recalled", lot_of(home, code), reason=reason)
    told = words(caller.get(f"/q/{code}?lang=en")).partition('id="wrong"')[2]
    assert advice in told
    assert "switch it off" not in told
    assert "Do not give it away or sell it on." in told


def test_a_long_history_is_folded_and_all_of_it_is_one_link_away(
    caller: Caller, copied: Installation, home: Path
) -> None:
    code = repaired_code(home)
    lot = lot_of(home, code)

    def forty_times(ledger: Ledger) -> None:
        hand = operator_hand(copied, "warehouse", "authority")
        work = Work(copied, ledger)
        for _ in range(40):
            recall = work.record("lot.recalled", [hand], {"reason": "legal"}, subjects=[lot])
            data = {"record": recall.event_id, "reason": "remedied"}
            work.record("lot.released", [hand], data, subjects=[lot])

    copied.writer.do(forty_times)
    copied.publisher.publish()
    for language in LANGUAGES:
        short = caller.get(f"/q/{code}?lang={language}")
        assert len(short.content) + len(caller.get("/static/site.css").content) <= 30_000
        assert f'href="/q/{code}?all=yes"' in short.text
    whole = caller.get(f"/q/{code}?all=yes&lang=en").text
    assert whole.count('<li class="" id="e') >= 80
    assert caller.get(f"/q/{code}?all=yes&after=nonsense").status_code == 200
    assert caller.get(f"/v1/codes/{code}").json()["records"] == whole.count('<li class="" id="e')


def test_a_claimed_code_says_when_and_that_the_record_is_unaltered(
    caller: Caller, copied: Installation, home: Path
) -> None:
    code = repaired_code(home)
    assert f"/q/{code}/claim" not in caller.get(f"/q/{code}").text

    def printed(ledger: Ledger) -> None:
        claims.add(ledger.connection, [HiddenCode(code, "run", "a" * 64)])

    copied.writer.do(printed)
    assert f'href="/q/{code}/claim"' in caller.get(f"/q/{code}").text

    def claimed(ledger: Ledger) -> None:
        at = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
        assert claims.claim(ledger.connection, code, "a" * 64, at) == "claimed"

    copied.writer.do(claimed)
    answer = caller.get(f"/q/{code}")
    assert heading(answer) == "Somebody has claimed this code already"
    assert "The record is unaltered." in answer.text
    assert "21 Nov 2026, 08:30 UTC" in answer.text
    assert f"/q/{code}/claim" not in answer.text
    index = entry_of(home, lot_of(home, code), "lot.refurbished")
    tamper(home, "DELETE FROM entries WHERE idx = ?", index)
    worse = caller.get(f"/q/{code}")
    assert heading(worse) == "Part of this record is missing", "what is wrong with the record comes first"
    assert f"could not be read. Entry {index}<" in worse.text, "a number alone says nothing"
    assert "21 Nov 2026, 08:30 UTC" in worse.text


@pytest.mark.parametrize(
    ("slugs", "claimed", "notice", "verdict"),
    [
        ((), False, "", "unaltered"),
        ((), False, "wrong-market", "unaltered"),
        ((), False, "many-places", "seen-too-often"),
        ((), False, "too-often", "seen-too-often"),
        ((), True, "too-often", "already-claimed"),
        (("key-distrusted",), True, "", "distrusted"),
        (("goods-gone",), True, "", "gone"),
        (("details-missing",), True, "", "part-missing"),
        (("details-missing", "goods-gone"), False, "", "gone"),
        (("recall", "goods-gone", "details-missing"), True, "too-often", "recalled"),
        (("recall", "code-not-of-lot"), True, "too-often", "changed"),
    ],
)
def test_the_gravest_verdict_is_the_one_that_is_said(
    slugs: tuple[str, ...], claimed: bool, notice: str, verdict: str
) -> None:
    reasons = [Reason(slug=slug) for slug in slugs]
    assert verdict_of("unaltered", reasons, claimed=claimed, notice=notice) == verdict
    assert verdict_of("changed", reasons, claimed=claimed, notice=notice) == "changed"


def test_a41_goods_are_gone_when_all_were_destroyed_or_lost_and_not_when_they_were_sold(
    told: Installation, code: str
) -> None:
    with told.database.reading() as connection:
        subject = log.subject(connection, lot_of(told.home, code))
    assert subject is not None
    assert isinstance(subject.state, LotState)
    none_left = subject.state.model_copy(update={"quantity": 0})
    assert not is_gone(none_left), "they are other lots' now"
    for exit_, gone in (("destroyed", True), ("lost", True), ("donation", False), ("merged", False)):
        assert is_gone(none_left.model_copy(update={"exit": exit_})) == gone
    assert not is_gone(subject.state.model_copy(update={"exit": "destroyed", "quantity": 1}))


@pytest.mark.parametrize("language", LANGUAGES)
def test_q4_the_public_page_has_no_price_no_buyer_and_no_way_into_ordering(
    looker: Caller, told_home: Path, code: str, language: str
) -> None:
    text = looker.get(f"/q/{code}?lang={language}").text
    hrefs = re.findall(r'(?:href|src|action)="([^"]*)"', text)
    assert not [one for one in hrefs if re.match(r"/(offers|catalogue|orders|reservations|operator)", one)]
    for name in ("Adeola Wholesale", "Sao Biển", "FCA", "USD"):
        assert name not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_light_asks_nobody_else_and_never_says_genuine(
    looker: Caller, told_home: Path, language: str
) -> None:
    sheet = len(looker.get("/static/site.css").content)
    weights = {}
    for category in ("phone", "apparel", "sofa", "refrigerator", "microwave", "washing_machine"):
        one = ask(
            told_home,
            "SELECT code FROM code_links JOIN articles ON articles.id = article WHERE category = ?",
            category,
        )
        answer = looker.get(f"/q/{one}?lang={language}")
        weights[category] = len(answer.content) + sheet
        links = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
        assert not [link for link in links if not re.match(r"[/?#](?!/)", link)]
        assert not re.search("genuine|authentic|正品|chính hãng|hàng thật", answer.text.lower())
    assert max(weights.values()) < 30_000, weights


def test_an_article_is_proved_by_what_was_measured_and_by_no_number_of_its_own(
    looker: Caller, told_home: Path, code: str
) -> None:
    proof = looker.get(f"/v1/codes/{code}/proof").json()
    assert (proof["code"], proof["lot"], proof["level"]) == (code, lot_of(told_home, code), "article")
    assert len(proof["rows"]) == 2
    for row in proof["rows"]:
        assert set(row["row"]) <= {"n", "salt", "src", "measured", "override", "label_state"}
    statement = "SELECT identifier FROM articles JOIN code_links ON article = articles.id WHERE code = ?"
    private = ask(told_home, statement, code)
    assert private not in json.dumps(proof)
    lot = ask(told_home, "SELECT code FROM code_links WHERE level = 'lot'")
    assert looker.get(f"/v1/codes/{lot}/proof").json()["rows"] == []


def test_a42_a_changed_code_leads_nowhere(looker: Caller, code: str) -> None:
    other = code[:-1] + ("0" if code[-1] != "0" else "1")
    for path in (f"/check?code={other}", f"/v1/codes/{other}/proof", f"/q/{other}", f"/q/{other}/report"):
        answer = looker.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers


def test_a38_a49_a50_no_page_around_a_code_leads_out_or_lets_others_in(looker: Caller, code: str) -> None:
    asked = {"origin": "https://evil.example"}
    for path in (
        f"/q/{code}",
        "/check",
        f"/check?code={code}",
        f"/q/{code}/report",
        f"/v1/codes/{code}/proof",
    ):
        answer = looker.get(path, headers=asked)
        assert answer.status_code == 200, path
        assert {name: answer.headers[name] for name in SECURITY} == SECURITY, path
        assert "access-control-allow-origin" not in answer.headers, path
        assert answer.headers["cache-control"] in ("no-store", "private, no-cache")
    for typed in ("//evil.example", "https://evil.example", "..%2f..", "<script>"):
        answer = looker.get("/check", params={"code": typed})
        assert answer.status_code in (404, 422)
        assert "location" not in answer.headers
        assert "<script>" not in answer.text
    assert looker.get(f"/q/{code}", headers={"host": "evil.example"}).status_code == 400


def test_the_worker_is_given_out_where_codes_open_and_answers_for_them_alone(looker: Caller) -> None:
    answer = looker.get("/q/check-worker.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "service-worker-allowed" not in answer.headers
    kept = re.findall(r'"(/static/[^"$`]+)"', answer.text)
    modules = re.findall(r"const MODULES = \[(.*?)\]", answer.text)[0].replace('"', "").split(", ")
    for path in [*kept, *(f"/static/check-{name}.js" for name in modules)]:
        assert looker.get(path).status_code == 200, path
    imported = {
        name
        for path in Path("gateway/static").glob("check*.js")
        for name in re.findall(r'from "\./check-(\w+)\.js"', path.read_text("utf-8"))
    }
    assert imported == set(modules), "what the kept page needs without a network"


def test_whom_to_turn_to_stands_on_the_page(caller: Caller, copied: Installation, home: Path) -> None:
    code = repaired_code(home)
    assert "has named no contact here" in caller.get(f"/q/{code}").text
    copied.settings.contact = "Sao Biển <script>, 028 1234 5678"
    other = Caller(copied)
    assert "<bdi>Sao Biển &lt;script&gt;, 028 1234 5678</bdi>" in other.get(f"/q/{code}").text
    assert "Sao Biển &lt;script&gt;" in other.get(f"/q/{code}/report").text
