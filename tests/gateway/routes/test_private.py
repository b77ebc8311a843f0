"""Private facts are found, shown and erased by the operator alone; afterwards every page says so."""

import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import goods, trade
from gateway.wiring import Installation
from gateway.workflows import erase
from gateway.workflows.audit_log import audit_source
from gateway.workflows.gate import judge_lot, verdict_on
from gateway.workflows.recheck import recheck
from ledger.store import log
from tests.gateway.web import Caller, ask, find, tamper
from tests.gateway.workflows.test_erase import holding, repaired_phone


def erased_phone(caller: Caller) -> tuple[str, str]:
    """An article erased through the console: its path and its code."""
    phone = repaired_phone(caller.installation)
    path = f"/operator/private/articles/{phone.id}"
    answer = caller.send(path, reason="personal_data", understood="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    code = ask(caller.installation.home, "SELECT code FROM code_links WHERE article = ?", phone.id)
    return path, code


def published(installation: Installation) -> None:
    installation.publisher.publish()
    report = audit_source(installation.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def test_an_article_is_found_by_its_whole_identifier_alone(caller: Caller) -> None:
    phone = repaired_phone(caller.installation)
    identifier = phone.facts["identifier"]
    caller.signed_in("operator")
    found = caller.send("/operator/private", q=f" {identifier} ")
    assert f'href="/operator/private/articles/{phone.id}"' in found.text
    assert "articles/" not in caller.send("/operator/private", q=identifier[:-1]).text
    page = caller.get(f"/operator/private/articles/{phone.id}").text
    assert page.count(identifier) >= 1
    assert page.count('class="card"') >= 4, "declared, inspected, split, mended"


def test_a_company_is_found_by_part_of_its_name_and_a_lot_by_its_id(caller: Caller) -> None:
    caller.signed_in("operator")
    name = ask(caller.installation.home, "SELECT name_zh FROM parties WHERE kind = 'supplier'")
    found = caller.send("/operator/private", q=name[1:4]).text
    href = find(r'href="(/operator/private/records/[0-9a-f]{64})"', found)
    assert name in caller.get(href).text
    lot = ask(caller.installation.home, "SELECT lot FROM orders")
    for query in (lot, lot.partition(":")[2]):
        assert "/operator/private/lots/" in caller.send("/operator/private", q=query).text
    page = caller.get(f"/operator/private/lots/{lot.partition(':')[2]}").text
    assert "/operator/private/records/" in page
    answer = caller.send("/operator/private", q="%").text
    assert "/operator/private/records/" not in answer
    assert 'value="%"' in answer, "what was asked for stays in the form"


def test_a_buyer_is_found_through_what_was_sold(caller: Caller) -> None:
    home = caller.installation.home
    sold = ask(home, "SELECT sold_event FROM orders ORDER BY id")
    where = "SELECT companies.name FROM orders JOIN companies ON companies.id = orders.company"
    name = ask(home, f"{where} WHERE sold_event = ?", sold)
    assert sold in caller.signed_in("operator").send("/operator/private", q=name[:6]).text


def test_fields_are_erased_one_by_one_and_needed_ones_never(caller: Caller) -> None:
    caller.signed_in("operator")
    event = ask(caller.installation.home, "SELECT sold_event FROM orders")
    path = f"/operator/private/records/{event}"
    before = caller.get(path).text
    assert 'value="price"' in before
    assert 'value="quantity"' not in before, "later records are judged by it"
    answer = caller.post(
        path,
        data={
            "csrf_token": caller.token,
            "field": ["price", "buyer"],
            "reason": "trade_secret",
            "understood": "yes",
        },
    )
    assert answer.status_code == 303
    after = caller.get(answer.headers["location"]).text
    assert 'value="price"' not in after
    assert 'value="order"' in after
    assert "a trade secret" in after
    forced = caller.send(path, field="quantity", reason="trade_secret", understood="yes")
    assert forced.status_code == 422
    published(caller.installation)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"field": "price", "understood": "yes"}, "Choose a reason."),
        ({"field": "price", "understood": "yes", "reason": "boredom"}, "Choose a reason."),
        ({"field": "price", "reason": "personal_data"}, "Tick this box to go on."),
        ({"understood": "yes", "reason": "personal_data"}, "Choose at least one detail."),
        ({"field": "seal", "understood": "yes", "reason": "personal_data"}, "Some of this was erased"),
    ],
)
def test_a_form_that_is_not_complete_erases_nothing_and_keeps_what_was_said(
    caller: Caller, sent: dict[str, str], message: str
) -> None:
    caller.signed_in("operator")
    event = ask(caller.installation.home, "SELECT sold_event FROM orders")
    size = ask(caller.installation.home, "SELECT size FROM log_state")
    answer = caller.send(f"/operator/private/records/{event}", **sent)
    assert answer.status_code == 422
    assert message in re.sub(r"<[^>]+>", "", answer.text)
    ticked = re.findall(r'value="(\w+)" checked', answer.text)
    kept = {value for value in sent.values() if value in ("price", "personal_data", "yes")}
    assert set(ticked) == kept
    assert ask(caller.installation.home, "SELECT size FROM log_state") == size


def test_nothing_is_erased_without_the_token_or_by_others(caller: Caller) -> None:
    phone = repaired_phone(caller.installation)
    path, sent = f"/operator/private/articles/{phone.id}", {"reason": "personal_data", "understood": "yes"}
    assert caller.post(path, data=sent).status_code == 403
    caller.signed_in("operator")
    assert caller.post(path, data=sent).status_code == 403
    assert caller.post("/operator/private", data={"q": "x"}).status_code == 403
    buyer = Caller(caller.installation).signed_in("buyer", "cmp_vn")
    assert buyer.send(path, **sent).status_code == 404
    with caller.installation.database.reading() as connection:
        assert erase.rows_about(connection, phone)


@pytest.mark.parametrize("path", ["records/" + "0" * 64, "records/x", "articles/0", "articles/x", "lots/x"])
def test_what_is_not_there_is_not_there(caller: Caller, path: str) -> None:
    assert caller.signed_in("operator").get(f"/operator/private/{path}").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-CN", "vi"])
def test_a_consumer_reads_that_details_were_erased_and_the_record_is_unaltered(
    caller: Caller, language: str
) -> None:
    phone = repaired_phone(caller.installation)
    path, code = erased_phone(caller.signed_in("operator"))
    index = find(r"/auditor/entries/(\d+)", caller.get(path).text)
    published(caller.installation)
    page = Caller(caller.installation).get(f"/q/{code}?lang={language}").text
    assert 'class="verdict unaltered"' in page
    assert f'href="/auditor/entries/{index}"' in page
    assert {"en": "Details were erased", "zh-CN": "信息已于", "vi": "đã bị xóa"}[language] in page
    assert phone.facts["identifier"] not in page
    assert {"en": "no longer recomputed", "zh-CN": "不再重新计算", "vi": "không còn được tính lại"}[
        language
    ] in page
    lot_page = caller.get(f"/operator/lots/{phone.lot.partition(':')[2]}?lang={language}").text
    assert f'href="/auditor/entries/{index}"' in lot_page


def test_its_sibling_is_shown_as_before(caller: Caller) -> None:
    home = caller.installation.home
    phone = repaired_phone(caller.installation)
    sibling = ask(
        home,
        "SELECT code FROM code_links JOIN articles ON articles.id = code_links.article "
        "WHERE articles.lot = ? AND articles.id <> ? ORDER BY code",
        phone.lot,
        phone.id,
    )
    before = _without_time(caller.get(f"/q/{sibling}").text)
    assert 'class="verdict unaltered"' in before
    erased_phone(caller.signed_in("operator"))
    published(caller.installation)
    after = Caller(caller.installation).get(f"/q/{sibling}").text
    assert 'class="verdict unaltered"' in after
    assert "no longer recomputed" not in after
    answers = r'(?s)<dl class="answers">.*?</dl>'
    assert re.findall(answers, _without_time(after)) == re.findall(answers, before)


def test_a_loss_that_no_entry_explains_stays_a_loss(caller: Caller) -> None:
    phone = repaired_phone(caller.installation)
    code = ask(caller.installation.home, "SELECT code FROM code_links WHERE article = ?", phone.id)
    tamper(
        caller.installation.home,
        "UPDATE manifest_rows SET data = NULL WHERE event_id = ? AND n = ?",
        bytes.fromhex(phone.source_event),
        phone.source_n,
    )
    page = caller.get(f"/q/{code}").text
    assert 'class="verdict part-missing"' in page
    assert "Details were erased" not in page


def test_an_erasure_that_nobody_signed_explains_nothing(caller: Caller) -> None:
    """The row is gone and an entry names it, whose signature is another record's."""
    path, code = erased_phone(caller.signed_in("operator"))
    home = caller.installation.home
    for index, leaf in _erasures(home):
        text = leaf.decode()
        signature = find(r'"sigs":\["([^"]+)"', text)
        other = "A" * (len(signature) - 2) + "=="
        tamper(
            home, "UPDATE entries SET leaf = ? WHERE idx = ?", text.replace(signature, other).encode(), index
        )
    page = Caller(caller.installation).get(f"/q/{code}").text
    assert "Details were erased" not in page
    assert 'class="verdict unaltered"' not in page
    assert "Details were erased" not in caller.get(path).text


def test_an_older_inspection_never_stands_in_for_one_that_is_gone(caller: Caller) -> None:
    """Erasing the last inspection alone would let a page show the grade before the repair."""
    phone = repaired_phone(caller.installation)
    code = ask(caller.installation.home, "SELECT code FROM code_links WHERE article = ?", phone.id)
    with caller.installation.database.reading() as connection:
        about = erase.rows_about(connection, phone)
        last, _ = next((r, n) for r, n in reversed(about) if r.type.name == "lot.inspected")
        count = len(log.manifest_rows(connection, last.record.event_id))
    assert count
    tamper(
        caller.installation.home,
        "UPDATE manifest_rows SET data = NULL WHERE event_id = ?",
        bytes.fromhex(last.record.event_id),
    )
    assert 'class="verdict part-missing"' in caller.get(f"/q/{code}").text


def test_goods_that_nothing_proves_any_more_are_not_offered(caller: Caller) -> None:
    installation = caller.installation
    with installation.database.reading() as connection:
        lot = next(
            listing.lot
            for listing in trade.listings(connection)
            if any(item.serialised for item in goods.of_lot(connection, listing.lot))
        )
        item = goods.of_lot(connection, lot)[0]
    caller.signed_in("operator").send(
        f"/operator/private/articles/{item.id}", reason="personal_data", understood="yes"
    )
    published(installation)
    withdrawn = {listing.lot: [reason.slug for reason in why] for listing, why in recheck(installation)}
    assert withdrawn == {lot: ["details-erased"]}
    installation.publisher.publish()
    with installation.database.reading() as connection:
        judged = judge_lot(installation, connection, lot, verdict_on(installation, connection, lot))
        assert judged is not None
        assert judged.facts.goods.erased == 1
    assert "nothing proves them any more" in caller.get(f"/operator/lots/{lot.partition(':')[2]}").text


def test_the_drill_leaves_nothing_behind(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """Database, objects, tiles, jobs and logs: neither the value nor what opens its commitment."""
    caplog.set_level(logging.DEBUG)
    installation = caller.installation
    phone = repaired_phone(installation)
    identifier = phone.facts["identifier"]
    with installation.database.reading() as connection:
        rows = [
            row
            for record, numbers in erase.rows_about(connection, phone)
            for row in _row_bytes(connection, record.record.event_id)
            if numbers and row is not None and identifier.encode() in row
        ]
        party = connection.execute(erase.PARTIES.select().where(erase.PARTIES.c.kind == "supplier")).first()
        event = log.chain(connection, party.party)[0][2]
        opening = log.opening(connection, event, "address")
    assert rows
    assert opening is not None
    assert party.address
    salts = {find(r'"salt":"([0-9a-f]{64})"', row.decode()) for row in rows}
    needles = [identifier, *salts, opening.salt.hex(), party.address]
    assert all(holding(installation.home, needle) for needle in needles[:2]), "found while it is there"
    assert _holding_bytes(installation.home, opening.salt)
    caller.signed_in("operator").send("/operator/private", q=identifier)
    erased_phone(caller)
    caller.send(
        f"/operator/private/records/{event}", field="address", reason="personal_data", understood="yes"
    )
    published(installation)
    assert erase.purge_due(installation)
    assert [(needle, holding(installation.home, needle)) for needle in needles if needle] == [
        (needle, []) for needle in needles if needle
    ]
    assert not _holding_bytes(installation.home, opening.salt)
    assert not [needle for needle in needles if needle in caplog.text]


def _without_time(page: str) -> str:
    return re.sub(r"<time[^>]*>[^<]*</time>", "", page)


def _erasures(home: Path) -> list[tuple[int, bytes]]:
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        return database.execute("SELECT idx, leaf FROM entries WHERE type = 'erasure.recorded'").fetchall()


def _row_bytes(connection, event_id: str) -> list[bytes | None]:
    statement = "SELECT data FROM manifest_rows WHERE event_id = ?"
    return list(connection.exec_driver_sql(statement, (bytes.fromhex(event_id),)).scalars())


def _holding_bytes(home: Path, value: bytes) -> bool:
    return any(value in path.read_bytes() for path in home.rglob("*") if path.is_file())
