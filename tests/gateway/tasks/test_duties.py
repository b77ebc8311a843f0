"""What single kinds of jobs owe: letters to the right people, nothing kept for longer than it may."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.i18n import LANGUAGES
from gateway.people.tokens import new_id
from gateway.store import addressees, goods, jobs, people
from gateway.store.addressees import Addressee
from gateway.store.people import Membership, User
from gateway.tasks import causes, kinds
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.duties.letters import Text, written
from gateway.tasks.kinds import Nothing
from gateway.tasks.outbox import enqueue
from gateway.tasks.runner import Duty, Runner
from gateway.wiring import Installation
from gateway.workflows import erase
from ledger.errors import LedgerError
from tests.gateway.tasks.house import BY, COUNT, MANY, cause, find
from tests.gateway.tasks.test_housekeeping import drained, of_kind
from tests.gateway.tasks.test_runner import Moved


def administrator(installation: Installation, language: str = "en") -> str:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    user = User(
        new_id("usr"), "ada@house.example", "Ada\r\nBcc: x", language, None, None, 0, False, False, now
    )

    def unit(ledger) -> None:
        people.add_user(ledger.connection, user)
        people.add_membership(ledger.connection, Membership(new_id("mem"), user.id, "administrator", "", now))

    installation.writer.do(unit)
    return user.id


def parked(installation: Installation) -> str:
    """A recheck that always fails."""

    def act(_attempt, _told):
        raise LedgerError("never")

    kind = replace(kinds.RECHECK, retry=kinds.Retry(attempts=1))
    job = installation.writer.do(
        lambda ledger: enqueue(ledger.connection, kind, Nothing(), now=installation.clock.now(), by=BY)
    )
    assert Runner(installation, {kind.name: Duty(kind, act)}).run_next() == "parked"
    return job


def alarmed(installation: Installation) -> None:
    installation.writer.do(
        lambda ledger: enqueue(ledger.connection, kinds.ALARM, Nothing(), now=installation.clock.now(), by=BY)
    )
    drained(installation)


def test_administrators_get_one_letter_about_each_parked_job(house: Installation) -> None:
    user, job = administrator(house), parked(house)
    for _ in range(3):
        alarmed(house)
    (letter,) = of_kind(house, "mail")
    assert letter.arguments == {"template": "job_parked", "about": job, "to": user}
    (file,) = (house.home / "mail").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "A job needs somebody: Judge the offers again"
    assert mail["Bcc"] is None
    assert f"/operator/jobs/{job}" in mail.get_content()
    assert mail["Content-Language"] == "en"


def test_a_letter_that_came_too_late_is_not_written(house: Installation) -> None:
    user, job = administrator(house), parked(house)
    parked_job, now = find(house, job), house.clock.now()
    house.writer.do(lambda ledger: causes.job_parked(ledger.connection, parked_job, user, now, BY))
    house.writer.do(lambda ledger: jobs.update(ledger.connection, job, ("parked",), state="done"))
    drained(house)
    assert of_kind(house, "mail")[0].result == {"nobody": 1}
    house.writer.do(lambda ledger: people.set_user(ledger.connection, user, disabled=True))
    with house.database.reading() as connection:
        assert addressees.find(connection, user) is None
        assert addressees.with_role(connection, "administrator") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_can_be_written_in_every_language(house: Installation, language: str) -> None:
    facts = {"order": "PO\n7", "pieces": "5", "total": "€ 3", "kind": "x"}
    for name in ("order", "parked"):
        made = written(
            house, "a" * 32, Addressee("李", "li@b.example", language), Text(name, "/orders/x", facts)
        )
        assert made["Message-ID"] == f"<{'a' * 32}@{house.config.origin.partition('/')[0]}>"
        assert "%(" not in made.get_content()
        assert "李" in made.get_content()


def test_finished_jobs_are_forgotten_after_their_time(house: Installation) -> None:
    clock = Moved(house)
    clock.by = -timedelta(days=31)
    old = cause(house, COUNT, 1)
    Runner(house, {COUNT.name: Duty(COUNT, in_transaction=lambda *_: None)}).run_next()
    waits = cause(house, MANY, 2)
    clock.by = -timedelta(days=2)
    drained_routine = house.writer.do(
        lambda ledger: enqueue(ledger.connection, kinds.CLEAN, Nothing(), now=clock.now(), by=BY)
    )
    drained(house)
    clock.by = timedelta(0)
    house.writer.do(lambda ledger: enqueue(ledger.connection, kinds.CLEAN, Nothing(), now=clock.now(), by=BY))
    drained(house)
    with house.database.reading() as connection:
        assert jobs.get(connection, old) is None
        assert jobs.get(connection, drained_routine) is None, "routine is kept for a day"
        assert jobs.get(connection, waits) is not None, "what is not done is not forgotten"


def test_an_erased_identifier_stands_in_no_jobs_reason(copied: Installation) -> None:
    with copied.database.reading() as connection:
        item = goods.one(connection, 1)
    assert item is not None
    identifier = item.facts["identifier"]
    quoting, other = cause(copied, COUNT, 1), cause(copied, COUNT, 2)
    copied.writer.do(
        lambda ledger: jobs.update(ledger.connection, quoting, ("waiting",), detail=f"row 3 ({identifier})")
    )
    copied.writer.do(lambda ledger: jobs.update(ledger.connection, other, ("waiting",), detail="row 3"))
    erase.erase_article(copied, item.id, "personal_data")
    assert (find(copied, quoting).detail, find(copied, other).detail) == ("", "row 3")
    assert [job.state for job in of_kind(copied, "purge")] == ["waiting"], "in the transaction that erased"
    drained(copied)
    assert erase.purge_due(copied)


def test_worker_once_does_what_is_due_and_leaves(copied: Installation) -> None:
    done = CliRunner().invoke(app, ["worker", "--once", "--home", str(copied.home)])
    assert done.exit_code == 0, done.output
    assert "jobs" in done.stdout
    with copied.database.reading() as connection:
        assert set(jobs.counts(connection)) == {"done"}
    again = CliRunner().invoke(app, ["worker", "--once", "--home", str(copied.home)])
    assert again.stdout == "0 jobs\n"


def test_every_kind_of_job_has_somebody_who_does_it() -> None:
    assert set(DUTIES) == set(kinds.ALL)
