"""A company asks to buy, sees nothing until somebody approves it, and is told why when nobody does."""

from datetime import timedelta

import pytest

from gateway.people.tokens import new_id
from gateway.store import applications, people
from tests.gateway.people.conftest import PENDING, Doors, MovableClock
from tests.gateway.web import Caller, errors, heading

PASSWORD = "copper kite winter"


def _form(**other: str) -> dict[str, str]:
    return {
        "company": "Sao Biển", "country": "VN", "address": "25 Lê Thánh Tông\r\n Hải Phòng ",
        "registration_number": "0100233488", "name": "Trần Minh",
        "email": f"{new_id('new')}@people.example", "password": PASSWORD, "password_again": PASSWORD,
    } | other  # fmt: skip


def _joined(doors: Doors, **other: str) -> tuple[Caller, str]:
    """The applicant, signed in, and the company's id."""
    form = _form(**other)
    answer = doors.browser().post("/join", data=form)
    assert heading(answer) == "Your application has arrived"
    caller = doors.browser()
    signed_in = caller.post("/sign-in", data={"email": form["email"], "password": PASSWORD})
    assert signed_in.headers["location"] == "/account"
    with doors.house.database.reading() as connection:
        user = people.user_by_email(connection, form["email"])
        assert user is not None
        return caller, people.memberships(connection, user.id)[0].organisation


@pytest.fixture
def administrator(doors: Doors) -> Caller:
    return doors.within(doors.person("administrator", "", factor=True))


def test_a_company_that_waits_sees_its_state_and_no_offer(doors: Doors) -> None:
    caller, _ = _joined(doors)
    assert "The company waits for approval." in caller.get("/account").text
    for path in ("/catalogue", "/offers/lst_0", "/orders", "/reservations/rsv_0", f"/documents/{'0' * 20}"):
        answer = caller.get(path)
        assert (answer.status_code, "buyer-not-approved" in answer.text) == (403, True), path
    assert caller.get("/v1/listings").json()["slug"] == "buyer-not-approved"


def test_an_approved_company_sees_the_catalogue_with_its_next_request(doors: Doors, administrator) -> None:
    caller, company = _joined(doors)
    assert company in administrator.get("/people/companies").text
    page = administrator.get(f"/people/companies/{company}").text
    assert "0100233488" in page
    assert "Check digits fit" in page
    assert "25 Lê Thánh Tông; Hải Phòng" in page
    answer = administrator.send(f"/people/companies/{company}", decision="approve")
    assert answer.status_code == 303
    assert caller.get("/catalogue").status_code == 200


def test_a_refusal_needs_a_reason_and_the_company_reads_it(doors: Doors, administrator) -> None:
    caller, company = _joined(doors)
    empty = administrator.send(f"/people/companies/{company}", decision="refuse", reason=" ")
    assert (empty.status_code, len(errors(empty))) == (422, 1)
    administrator.send(f"/people/companies/{company}", decision="refuse", reason="Not in the register <b>")
    page = caller.get("/account").text
    assert "The company was refused." in page
    assert "Not in the register &lt;b&gt;" in page
    assert caller.get("/catalogue").status_code == 403


def test_of_two_decisions_the_first_stands(doors: Doors, administrator) -> None:
    _, company = _joined(doors)
    administrator.send(f"/people/companies/{company}", decision="approve")
    late = administrator.send(f"/people/companies/{company}", decision="refuse", reason="late")
    assert "A colleague has decided already." in late.text
    with doors.house.database.reading() as connection:
        found = applications.application(connection, company)
    assert found is not None
    assert found.status == "approved"


def test_a_number_nobody_can_check_is_said_to_be_unchecked(doors: Doors, administrator) -> None:
    _, company = _joined(doors, country="NG", registration_number="RC-1199887")
    page = administrator.get(f"/people/companies/{company}").text
    assert "Not checked: no check digits are published for this country" in page


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("registration_number", "0100233487", "its check digits do not fit"),
        ("registration_number", "", "Fill this in."),
        ("country", "XX", "Choose one of these."),
        ("country", "", "Choose one of these."),
        ("company", "x" * 121, "This is too long."),
        ("company", "Evil\u202eCo", "Use ordinary characters only."),
        ("address", "\r\n", "Fill this in."),
        ("email", "nobody", "Enter a whole e-mail address"),
        ("password_again", "another one here", "The two passwords differ."),
    ],
)
def test_mistakes_are_told_at_their_field_and_the_rest_is_kept(doors: Doors, field, value, message) -> None:
    answer = doors.browser().post("/join", data=_form(**{field: value}))
    assert answer.status_code == 422
    assert message in answer.text
    assert len(errors(answer)) == 1
    assert 'value="Trần Minh"' in answer.text
    assert PASSWORD not in answer.text


def test_who_has_an_account_is_not_found_out_and_not_changed(doors: Doors) -> None:
    """The answer is that of a stranger; nothing is written under somebody else's address."""
    person = doors.person()
    stranger = doors.browser().post("/join", data=_form())
    known = doors.browser().post("/join", data=_form(email=person.email))
    assert (known.status_code, known.text) == (stranger.status_code, stranger.text)
    with doors.house.database.reading() as connection:
        user = people.user(connection, person.user)
        assert user is not None
        assert user.name == "Nguyễn Thị Lan"
        assert len(people.memberships(connection, person.user)) == 1
    answer = doors.browser().post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 422


def test_one_address_cannot_fill_the_list(doors: Doors, clock: MovableClock) -> None:
    answers = [doors.browser().post("/join", data=_form()).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    clock.ahead = timedelta(seconds=11)
    assert doors.browser().post("/join", data=_form()).status_code == 200


@pytest.mark.parametrize("extra", ["status", "tier", "role", "organisation"])
def test_nobody_approves_themselves(doors: Doors, extra: str) -> None:
    """Mass assignment (A28)."""
    answer = doors.browser().post("/join", data=_form(**{extra: "approved"}))
    assert answer.status_code == 422
    assert "invalid-request" in answer.text


def test_only_an_administrator_decides(doors: Doors) -> None:
    for person in (doors.person(), doors.person("operator", doors.house.config.operator)):
        caller = doors.signed_in(person)
        assert caller.get("/people/companies").status_code == 404
        answer = caller.send(f"/people/companies/{PENDING}", decision="approve")
        assert answer.status_code == 404
