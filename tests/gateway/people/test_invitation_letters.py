"""Whoever is invited by address gets the link by letter; once it is out, the database leads nobody to it."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from gateway.i18n import LANGUAGES
from gateway.people.invitations import invite
from gateway.people.tokens import new_id
from gateway.store import people
from gateway.tasks import kinds
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.runner import Runner
from gateway.wiring import Installation
from tests.gateway.people.conftest import APPROVED, Doors, MovableClock
from tests.gateway.tasks.test_housekeeping import of_kind


def _email() -> str:
    return f"{new_id('new')}@people.example"


def _delivered(installation: Installation, email: str) -> list[EmailMessage]:
    """What lies in the folder for somebody once nothing waits any more."""
    runner = Runner(installation, {kinds.MAIL.name: DUTIES[kinds.MAIL.name]})
    while runner.run_next() != "nothing":
        continue
    letters = [
        message_from_bytes(file.read_bytes(), policy=policy.default)
        for file in (installation.home / "mail").glob("*.eml")
    ]
    return [letter for letter in letters if letter["To"] == email]


def _stored(installation: Installation) -> str:
    """All that an installation's tables say about invitations and their jobs."""
    with installation.database.reading() as connection:
        rows = [tuple(row) for row in connection.execute(people.INVITATIONS.select())]
    return repr(rows) + repr([job.arguments for job in of_kind(installation, "mail")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_carries_the_link_in_the_language_of_the_invitation(doors: Doors, language: str) -> None:
    email = _email()
    path = invite(doors.house, "buyer", APPROVED, email=email, language=language)
    (letter,) = _delivered(doors.house, email)
    said = letter.get_content().split()
    assert f"http://127.0.0.1:8000{path}" in said
    assert letter["Content-Language"] == language
    assert "Biển" in "".join(said)
    assert doors.browser().get(path).status_code == 200


def test_neither_job_nor_table_holds_the_link_and_the_nonce_goes_with_the_letter(doors: Doors) -> None:
    email = _email()
    token = invite(doors.house, "auditor", email=email).rpartition("/")[2]
    assert token not in _stored(doors.house)
    nonces = people.INVITATIONS.c.nonce.is_not(None) & (people.INVITATIONS.c.email == email)
    with doors.house.database.reading() as connection:
        assert connection.execute(people.INVITATIONS.select().where(nonces)).one().email == email
    assert len(_delivered(doors.house, email)) == 1
    with doors.house.database.reading() as connection:
        assert connection.execute(people.INVITATIONS.select().where(nonces)).first() is None


def test_an_invitation_for_anybody_is_written_to_nobody(doors: Doors) -> None:
    before = len(of_kind(doors.house, "mail"))
    invite(doors.house, "auditor")
    assert len(of_kind(doors.house, "mail")) == before


@pytest.mark.parametrize("how", ["withdrawn", "used", "expired"])
def test_no_letter_takes_a_dead_link_to_anybody(doors: Doors, clock: MovableClock, how: str) -> None:
    email = _email()
    path = invite(doors.house, "auditor", email=email)
    with doors.house.database.reading() as connection:
        found = connection.execute(
            people.INVITATIONS.select().where(people.INVITATIONS.c.email == email)
        ).one()
    if how == "withdrawn":
        doors.house.writer.do(lambda ledger: people.withdraw_invitation(ledger.connection, found.id))
    elif how == "used":
        form = {"name": "Ana", "password": "copper kite winter", "password_again": "copper kite winter"}
        assert doors.browser().post(path, data=form).status_code == 303
    else:
        clock.ahead = people.as_utc(found.expires_at) - clock.now()
    assert _delivered(doors.house, email) == []
