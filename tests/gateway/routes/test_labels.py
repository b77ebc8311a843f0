"""Labels: chosen and printed by a form, read again and recorded by a job; a hidden code claims once."""

import json
import re
import signal
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
import pytest

from exporters.errors import UnreadableLabels
from gateway import wiring
from gateway.settings import Settings
from gateway.shell.rates import Rates
from gateway.store import claims, goods, jobs, labels
from gateway.store.claims import HiddenCode
from gateway.store.labels import LabelRun
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.duties import labels as duty
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord
from ledger.store import log
from qrcodes import bulk, signed_link
from qrcodes.hidden import hidden_digest, printed_hidden
from qrcodes.serial import code_hash
from tests.gateway.tasks.label_child import A_PART
from tests.gateway.web import Caller, ask, errors, heading

LABELS = "/operator/labels"


@pytest.fixture
def operator(copied: Installation) -> Caller:
    work(copied)  # what the story left behind
    return Caller(copied).signed_in("operator")


@pytest.fixture
def lot(copied: Installation) -> str:
    """The lot with the most articles: another may have a single one."""
    most = "SELECT lot FROM code_links WHERE level = 'article' GROUP BY lot ORDER BY count(*) DESC, lot"
    return str(ask(copied.home, most))


def work(installation: Installation) -> None:
    runner = Runner(installation, DUTIES)
    while runner.run_next() != "nothing":
        pass


def asked(lot: str, **changes: str) -> dict[str, str]:
    fields = {
        "lots": lot, "level_article": "yes", "format": "a4_3x8", "purpose": "first", "variant": "plain",
        "language": "en", "do": "print",
    }  # fmt: skip
    return fields | changes


def newest(installation: Installation) -> LabelRun:
    with installation.database.reading() as connection:
        return labels.latest(connection, limit=1)[0]


def content_of(operator: Caller, run: LabelRun) -> bytes:
    answer = operator.get(f"{LABELS}/{run.id.partition(':')[2]}/file")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content


def links_on(pdf: bytes) -> list[str]:
    found: list[str] = []
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            found += [one.text for one in bulk.read(page.render(scale=200 / 72, grayscale=True).to_pil())]
    return found


def records_of(installation: Installation, lot: str) -> list[dict[str, object]]:
    """Data of every ``labels.printed`` of a lot, oldest first."""
    with installation.database.reading() as connection:
        found = [Leaf.parse(log.leaf(connection, index) or b"") for index, _, _ in log.chain(connection, lot)]
    return [leaf.record.body.data for leaf in found if leaf.record.body.type == "labels.printed"]


def codes_of(installation: Installation, lot: str) -> list[str]:
    with installation.database.reading() as connection:
        return [link.code for link in goods.codes_of(connection, lot) if link.level == "article"]


def test_a_lot_is_printed_from_its_page_and_recorded_without_a_code_in_clear(
    copied: Installation, operator: Caller, lot: str
) -> None:
    page = operator.get(f"/operator/lots/{lot.partition(':')[2]}")
    assert f'href="{LABELS}?lot={lot.partition(":")[2]}"' in page.text
    assert lot in operator.get(f"{LABELS}?lot={lot.partition(':')[2]}").text
    answer = operator.send(LABELS, **asked(lot))
    assert answer.status_code == 303, errors(answer)
    assert operator.get(f"{LABELS}").text.count("Being made") == 1
    work(copied)
    codes = codes_of(copied, lot)
    job = operator.get(answer.headers["location"])
    assert "Open the file" in job.text
    served = operator.get(f"{answer.headers['location']}/file")
    assert served.headers["content-type"] == "application/pdf"
    run = newest(copied)
    assert (run.state, run.labels) == ("released", len(codes))
    content = content_of(operator, run)
    assert content == served.content
    assert sorted(links_on(content)) == sorted(f"{copied.public_url}/q/{code}" for code in codes)
    (record,) = records_of(copied, lot)
    assert (record["labels"], record["purpose"], record["format"]) == (len(codes), "first", "a4_3x8")
    assert not any(code in json.dumps(record) for code in codes)
    assert not any(code_hash(code).hex() in json.dumps(record) for code in codes)
    history = operator.get(f"/operator/lots/{lot.partition(':')[2]}").text
    assert "Labels printed" in history


def test_a_label_is_not_printed_twice_unless_somebody_says_why(
    copied: Installation, operator: Caller, lot: str
) -> None:
    assert operator.send(LABELS, **asked(lot)).status_code == 303
    again = operator.send(LABELS, **asked(lot))
    assert again.status_code == 422
    assert "All of these were printed already" in again.text
    work(copied)
    silent = operator.send(LABELS, **asked(lot, purpose="reprint"))
    assert "Say why they are printed again." in silent.text
    code = codes_of(copied, lot)[0]
    one = asked(lot, purpose="reprint", reason="label_damaged", codes=code.upper())
    assert operator.send(LABELS, **one).status_code == 303
    work(copied)
    assert links_on(content_of(operator, newest(copied))) == [f"{copied.public_url}/q/{code}"]
    first, second = records_of(copied, lot)
    assert (first.get("reason"), second["reason"], second["labels"]) == (None, "label_damaged", 1)
    for where in (LABELS, f"/operator/lots/{lot.partition(':')[2]}", f"/q/{code}"):
        assert "Label damaged" in operator.get(where).text, where


def test_a_form_that_asks_for_nothing_says_so_at_its_fields(operator: Caller, lot: str) -> None:
    for changes, words in (
        ({"lots": ""}, "Fill this in."),
        ({"lots": "lot:" + "0" * 20}, "No lot has this id."),
        ({"level_article": ""}, "Choose at least one kind of code."),
        ({"format": "a3"}, "Choose one of these."),
        ({"codes": "0" * 20}, "One of these codes was not issued here."),
        ({"purpose": "reprint", "reason": "label_lost"}, "None of these was printed before."),
        ({"variant": "signed", "format": "a4_5x13"}, "The symbol would be too small"),
        ({"hidden": "yes", "format": "roll_50x30"}, "no room for a scratch field"),
        ({"hidden": "yes", "level_article": "", "level_lot": "yes"}, "Only articles that nobody has claimed"),
    ):
        answer = operator.send(LABELS, **asked(lot, **changes))
        assert answer.status_code == 422, changes
        assert words in answer.text, changes


def test_the_first_label_is_shown_before_it_is_printed(
    copied: Installation, operator: Caller, lot: str
) -> None:
    shown = operator.send(LABELS, **asked(lot, do="preview", variant="signed", hidden="yes"))
    assert shown.status_code == 200
    found = re.search(r'src="(/operator/labels/\w+/preview\.svg[^"]+)"', shown.text)
    assert found
    picture = operator.get(found[1].replace("&amp;", "&"))
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg")
    with copied.database.reading() as connection:
        assert labels.count(connection) == 0, "looking prints nothing"


def test_an_unreadable_label_keeps_the_whole_run_back(
    copied: Installation, operator: Caller, lot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault stands in for a printer's font, a layout or an encoder gone wrong."""

    def smeared(_content: bytes, links: list[str], _stock: object) -> None:
        raise UnreadableLabels([len(links) - 1])

    monkeypatch.setattr("exporters.labels.sheet.check_sheets", smeared)
    operator.send(LABELS, **asked(lot, hidden="yes"))
    work(copied)
    run = newest(copied)
    assert run.state == "refused"
    assert records_of(copied, lot) == []
    assert operator.get(f"{LABELS}/{run.id.partition(':')[2]}/file").status_code == 404
    assert "do not read back" in operator.get(LABELS).text
    with copied.database.reading() as connection:
        assert not any(claims.is_claimable(connection, code) for code in codes_of(copied, lot))
    monkeypatch.undo()
    assert operator.send(LABELS, **asked(lot)).status_code == 303, "its codes count as not printed"


def test_a_run_that_the_ledger_refuses_leaves_its_codes_to_be_printed(
    copied: Installation, operator: Caller, lot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody sold the goods while their labels were drawn."""

    def no(*_arguments: object, **_facts: object) -> None:
        raise InvalidRecord("the goods have left", pointer="/subjects/0")

    monkeypatch.setattr("gateway.tasks.duties.labels.release", no)
    operator.send(LABELS, **asked(lot, hidden="yes"))
    work(copied)
    run = newest(copied)
    assert (run.state, run.trouble) == ("refused", "/subjects/0: the goods have left")
    monkeypatch.undo()
    assert operator.send(LABELS, **asked(lot)).status_code == 303, "its codes count as not printed"


def test_a_run_whose_job_was_given_up_leaves_no_hidden_code_and_its_codes_to_be_printed(
    copied: Installation, operator: Caller, lot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.tasks.duties.labels.render", lambda *_: 1 / 0)
    operator.send(LABELS, **asked(lot, hidden="yes"))
    run = newest(copied)
    copied.writer.do(lambda ledger: jobs.update(ledger.connection, run.job, ("waiting",), max_attempts=1))
    work(copied)
    assert operator.send(LABELS, **asked(lot)).status_code == 422, "it may be tried again"
    assert operator.send(f"/operator/jobs/{run.job}/cancel").status_code == 303
    assert newest(copied).state == "refused"
    with copied.database.reading() as connection:
        assert not any(one.hidden for one in labels.labels_of(connection, run.id))
    monkeypatch.undo()
    assert operator.send(LABELS, **asked(lot)).status_code == 303


def test_a_signed_label_is_checked_with_the_registered_key_alone(
    copied: Installation, operator: Caller, lot: str
) -> None:
    operator.send(LABELS, **asked(lot, variant="signed", format="a4_3x8"))
    work(copied)
    text = links_on(content_of(operator, newest(copied)))[0]
    link, fragment = signed_link.split(text)
    code = link.rpartition("/")[2]
    with copied.database.reading() as connection:
        known = log.keys(connection)
    keys = [bytes.fromhex(one.public_key) for one in known if "labels.printed:custodian" in one.scopes]
    found = signed_link.verify(code, fragment, keys)
    with copied.database.reading() as connection:
        index, _, event_id = log.chain(connection, lot)[-2]
        item = goods.one(connection, goods.code(connection, code).article or 0)  # type: ignore[union-attr]
    assert item is not None
    grade = item.grade if item.grade != "ungraded" else "-"
    assert (found.facts.level, found.facts.grade) == ("article", grade)
    head = (index, bytes.fromhex(event_id)[:14])
    assert (found.facts.index, found.facts.event_id) == head, "the lot's record before the run's own"
    assert operator.get(f"/q/{code}").status_code == 200


def test_a_hidden_code_claims_its_label_once_and_the_outer_code_says_so(
    copied: Installation, operator: Caller, lot: str
) -> None:
    operator.send(LABELS, **asked(lot, hidden="yes"))
    with copied.database.reading() as connection:
        drawn = {one.code: one.hidden for one in labels.labels_of(connection, newest(copied).id)}
    work(copied)
    with copied.database.reading() as connection:
        kept = labels.labels_of(connection, newest(copied).id)
    assert all(drawn.values())
    assert not any(one.hidden for one in kept), "the database holds digests only once the run is out"
    code, hidden = next(iter(drawn.items()))
    stranger = Caller(copied)
    assert heading(stranger.get(f"/q/{code}/claim")) == "Enter the hidden code"
    other = stranger.post(f"/q/{code}/claim", data={"hidden": next(h for h in drawn.values() if h != hidden)})
    assert other.status_code == 422
    assert "This is not the hidden code of this label." in other.text
    typo = stranger.post(f"/q/{code}/claim", data={"hidden": hidden[:-1]})
    assert typo.status_code == 422
    done = stranger.post(f"/q/{code}/claim", data={"hidden": printed_hidden(hidden).upper()})
    assert (done.status_code, heading(done)) == (200, "You are the first to show this code")
    late = stranger.post(f"/q/{code}/claim", data={"hidden": hidden})
    assert (late.status_code, heading(late)) == (409, "Already claimed")
    assert heading(stranger.get(f"/q/{code}/claim")) == "Already claimed"
    with copied.database.reading() as connection:
        claimed = claims.claim_of(connection, code)
        assert claimed is not None
        assert claimed.claimed_at.date() == datetime.now(UTC).date(), "not by the story's clock"
        assert sum(claims.claim_of(connection, one) is not None for one in drawn) == 1


def test_asking_for_a_claim_tells_nothing_of_a_code_and_guessing_is_counted(
    copied: Installation, lot: str
) -> None:
    """A40: known, unknown and hidden-less codes get one answer; too many wrong ones get none."""
    known = codes_of(copied, lot)[0]
    copied.writer.do(
        lambda ledger: claims.add(
            ledger.connection, [HiddenCode(known, "run:x", hidden_digest(known, "0" * 12))]
        )
    )
    stranger = Caller(copied)
    stranger.app.state.rates = Rates(1)
    guess = {"hidden": "1" * 12}
    answers = [
        re.sub(r"[0-9a-z]{4}(-[0-9a-z]{1,4}){5}|[0-9a-z]{20}", "CODE", text)
        for code in (known, codes_of(copied, lot)[1], "0" * 20)
        for text in (stranger.post(f"/q/{code}/claim", data=guess).text,)
    ]
    assert len(set(answers)) == 1
    statuses = {stranger.post(f"/q/{known}/claim", data=guess).status_code for _ in range(130)}
    assert statuses == {422, 429}
    assert stranger.post(f"/q/{known}/claim", data={"hidden": "0" * 12}).status_code == 429


def test_the_audit_holds_after_labels_were_printed_and_printed_again(
    copied: Installation, operator: Caller, lot: str
) -> None:
    operator.send(LABELS, **asked(lot, hidden="yes"))
    work(copied)
    operator.send(LABELS, **asked(lot, purpose="reprint", reason="misprinted"))
    work(copied)
    report = audit_source(copied.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def test_a_roll_for_a_thermal_printer_and_copies_for_each_piece_of_a_style(
    copied: Installation, operator: Caller
) -> None:
    with copied.database.reading() as connection:
        row = connection.execute(
            goods.CODES.select()
            .join(goods.ARTICLES, goods.ARTICLES.c.id == goods.CODES.c.article)
            .where(goods.CODES.c.level == "style", goods.ARTICLES.c.quantity.between(3, 200))
            .order_by(goods.ARTICLES.c.quantity)
        ).first()
        assert row is not None
        item = goods.one(connection, row.article)
    assert item is not None
    one = asked(row.lot, level_article="", level_style="yes", codes=row.code, format="roll_50x30_zpl203")
    assert operator.send(LABELS, **one, a_piece="yes").status_code == 303
    work(copied)
    run = newest(copied)
    content = content_of(operator, run)
    assert content.count(b"^XA") == run.labels == item.quantity
    (record,) = records_of(copied, row.lot)
    assert record["labels"] == item.quantity


def test_a_killed_run_keeps_the_parts_that_were_made(
    copied: Installation, operator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever died at the second part had made the first: it is not made again."""
    with copied.database.reading() as connection:
        articles = goods.CODES.select().where(goods.CODES.c.level == "article")
        lots = {row.lot for row in connection.execute(articles)}
    lot = max(lots, key=lambda name: len(codes_of(copied, name)))
    count = len(codes_of(copied, lot))
    assert count > 2 * A_PART
    operator.send(LABELS, **asked(lot))
    home = copied.home
    copied.close()
    child = subprocess.run(
        [sys.executable, "-m", "tests.gateway.tasks.label_child", str(home)], timeout=120, check=False
    )
    assert child.returncode == -signal.SIGKILL

    again = wiring.open_(Settings(home=home))
    assert newest(again).state == "waiting"
    monkeypatch.setattr(duty, "LABELS_A_PART", A_PART)
    made: list[int] = []
    render = duty.render
    monkeypatch.setattr(duty, "render", lambda texts, *rest: made.append(len(texts)) or render(texts, *rest))
    Runner(again, DUTIES).sweep()
    _make_due(again)
    work(again)
    assert newest(again).state == "released"
    assert sum(made) == count - A_PART
    content = content_of(Caller(again).signed_in("operator"), newest(again))
    with zipfile.ZipFile(BytesIO(content)) as parts:
        links = [link for name in parts.namelist() for link in links_on(parts.read(name))]
    assert len(links) == len(set(links)) == count
    assert len(records_of(again, lot)) == 1
    again.close()


def _make_due(installation: Installation) -> None:
    """The pause before the next attempt is over."""
    now = installation.clock.now()
    installation.writer.do(
        lambda ledger: ledger.connection.execute(
            jobs.JOBS.update().where(jobs.JOBS.c.state == "retrying").values(run_after=now)
        )
    )
