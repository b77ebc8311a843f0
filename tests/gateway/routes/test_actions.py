"""Forms that state something: shown to whom they concern, kept on an error, stated once."""

import re
from typing import Any

import pytest

from gateway.people.printed_logins import issue_login
from gateway.policies import load
from gateway.statements import catalogue
from gateway.store import files, own_subjects, party_names, trade
from gateway.store import statements as store
from gateway.wiring import Installation
from gateway.workflows.audit_log import audit_source
from gateway.workflows.gate import judge_lot, today, verdict_on
from gateway.workflows.recheck import recheck
from ledger.store import log
from ledger.store.dependents import names_under
from tests.gateway.outsiders import Outsider, outsider
from tests.gateway.web import Caller, errors, find, heading

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"
GRANT: dict[str, Any] = {
    "brands": "Northmark",
    "categories": ["phone", "apparel"],
    "territories_denied": ["CN", "VN"],
    "label_clause": "intact_only",
    "valid_from": "2026-11-20",
    "valid_until": "2027-11-19",
    "fee_percent": "5",
    "fee_base": "sale",
    "may_delegate": "yes",
}


def visitor(installation: Installation, role: Any, party: str) -> Caller:
    caller = Caller(installation)
    assert caller.post(issue_login(installation, role, party=party)).status_code == 303
    return caller


def post(caller: Caller, path: str, fields: dict[str, Any], **options: Any) -> Any:
    return caller.post(path, data={"csrf_token": caller.token, **fields}, **options)


def confirmed(page: Any) -> str:
    """What the page that asks once more lets its reader confirm."""
    return find(r'name="confirmed" value="([0-9a-f]{64})"', str(page.text))


@pytest.fixture
def brand(house: Installation) -> Outsider:
    return outsider(house, "Northmark", "brand", ["Northmark"])


@pytest.fixture
def agent(house: Installation) -> Outsider:
    return outsider(house, "Wanderer", "agent")


def test_a_grant_is_stated_with_its_contract_and_waits_for_the_brands_own_key(
    house: Installation, brand: Outsider, agent: Outsider
) -> None:
    caller = visitor(house, "brand", brand.party)
    fields = {**GRANT, "grantee": agent.party}
    answer = post(caller, "/do/grant", fields, files={"document": ("c.pdf", PDF, "application/pdf")})
    assert answer.status_code == 303, errors(answer)
    page = caller.get(answer.headers["location"])
    assert "Waits for signatures" in page.text
    assert "Wanderer" in page.text, "what is committed is open to whoever signs it"
    with house.database.reading() as connection:
        (statement,) = store.waiting_for(connection, brand.party)
        committed = statement.draft["committed"]
        assert files.owned(connection, committed["document"], owner=brand.party)
    assert (committed["fee_rate"], committed["grantee"]) == ("0.05", agent.party)


def test_an_answer_that_does_not_fit_keeps_the_others_and_says_which(
    house: Installation, brand: Outsider, agent: Outsider
) -> None:
    caller = visitor(house, "brand", brand.party)
    fields = {**GRANT, "grantee": agent.party, "valid_until": "2025-01-01", "quantity_ceiling": "500"}
    answer = post(caller, "/do/grant", fields)
    assert answer.status_code == 422
    assert 'name="quantity_ceiling" type="text" value="500"' in answer.text
    assert re.search(r'value="apparel" checked', answer.text)
    assert re.search(r'id="f-valid_until-error"', answer.text)
    answer = post(caller, "/do/grant", {**fields, "quantity_ceiling": "many", "brands": "Otherbrand"})
    assert re.search(r'id="f-quantity_ceiling-error"', answer.text)
    assert re.search(r'id="f-brands-error"', answer.text)
    assert _nothing(house, brand.party)


def test_a_form_that_is_sent_twice_states_once(house: Installation, brand: Outsider, agent: Outsider) -> None:
    caller = visitor(house, "brand", brand.party)
    fields = {**GRANT, "grantee": agent.party, "idempotency_key": "one-form"}
    first, second = (post(caller, "/do/grant", fields) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    with house.database.reading() as connection:
        assert len(store.of_party(connection, brand.party)) == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<html><script>alert(1)</script>", id="a page"),
        pytest.param(b"PK\x03\x04" + bytes(60), id="A51 an archive"),
        pytest.param(b"\xff\xd8\xff" + bytes(40), id="A52 half a picture"),
    ],
)
def test_a_hostile_contract_is_refused_and_nothing_of_it_is_kept(
    house: Installation, brand: Outsider, agent: Outsider, data: bytes
) -> None:
    caller = visitor(house, "brand", brand.party)
    fields = {**GRANT, "grantee": agent.party}
    answer = post(caller, "/do/grant", fields, files={"document": ("c.pdf", data, "application/pdf")})
    assert (answer.status_code, bool(errors(answer))) == (422, True)
    assert _nothing(house, brand.party)
    assert list(house.files.keys("files")) == []


def test_fields_of_another_form_and_forms_from_elsewhere_are_refused(
    house: Installation, brand: Outsider, agent: Outsider
) -> None:
    caller = visitor(house, "brand", brand.party)
    fields = {**GRANT, "grantee": agent.party}
    assert post(caller, "/do/grant", {**fields, "depth": "1"}).status_code == 422
    assert caller.post("/do/grant", data=fields).status_code == 403
    assert caller.post("/do/grant", data={**fields, "csrf_token": "0" * 32}).status_code == 403
    assert _nothing(house, brand.party)


def test_who_may_not_state_it_finds_no_form(house: Installation, brand: Outsider, agent: Outsider) -> None:
    stranger = visitor(house, "supplier", outsider(house, "Stranger", "supplier").party)
    for path in ("/do/grant", "/do/receive", "/do/nothing-of-the-kind", f"/do/consent?on=lot:{'0' * 20}"):
        assert stranger.get(path).status_code == 404, path
    assert visitor(house, "brand", brand.party).get("/do/delegate").status_code == 404
    assert Caller(house).get("/do/grant").status_code == 403


def test_no_action_shows_its_form_to_a_role_that_it_is_not_for(told: Installation) -> None:
    with told.database.reading() as connection:
        inspectors = party_names.of_kinds(connection, ("inspector",))
    caller = visitor(told, "inspector", inspectors[0][0])
    for action in catalogue.ACTIONS.values():
        if "inspector" not in action.roles:
            assert caller.get(f"/do/{action.slug}").status_code == 404, action.slug


def test_the_middle_link_is_revoked_and_page_gate_and_audit_agree(copied: Installation) -> None:
    """Exactly the lots that the form showed beforehand change, within one job cycle."""
    agent, link = _delegated(copied)
    caller = visitor(copied, "supplier", agent)
    on = {"on": link, "reason": "breach"}
    asked = post(caller, "/do/revoke", on)
    assert asked.status_code == 200
    shown = set(re.findall(r"lot:[0-9a-z]{20}", asked.text))
    with copied.database.reading() as connection:
        offers = trade.listings(connection)
        dependent = set(names_under(connection, link))
        assert log.subject(connection, link).state.revoked is False, "asked again first"  # type: ignore[union-attr]
    assert shown
    assert shown <= dependent
    assert {one.lot for one in offers if one.lot in dependent} <= shown

    done = post(caller, "/do/revoke", {**on, "confirmed": confirmed(asked)})
    assert done.status_code == 303, errors(done)
    gone = {listing.lot for listing, _ in recheck(copied)}
    assert gone == {one.lot for one in offers if one.lot in dependent}
    copied.publisher.publish()
    with copied.database.reading() as connection:
        left = {one.lot for one in trade.listings(connection)}
        assert left == {one.lot for one in offers} - gone
        for lot in (next(iter(gone)), next(iter(left))):
            judged = judge_lot(copied, connection, lot, verdict_on(copied, connection, lot))
            assert judged is not None
            slugs = {one.slug for one in judged.reasons(load.markets().markets[0], today(copied))}
            assert ("authorization-revoked" in slugs) == (lot in gone)
    bare = link.partition(":")[2]
    assert "Revoked" in caller.get(f"/party/permissions/{bare}").text
    report = audit_source(copied.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def test_what_the_ledger_refuses_stands_at_its_field(copied: Installation) -> None:
    """A permission that ended meanwhile: the form says so, and nothing is recorded."""
    agent, link = _delegated(copied)
    caller = visitor(copied, "supplier", agent)
    fields = {"on": link, "reason": "breach"}
    fields["confirmed"] = confirmed(post(caller, "/do/revoke", fields))
    assert post(caller, "/do/revoke", fields).status_code == 303
    again = post(caller, "/do/revoke", fields)
    assert again.status_code == 422
    assert "This permission was revoked." in again.text


def test_a_form_is_shown_in_the_readers_language(house: Installation, brand: Outsider) -> None:
    caller = visitor(house, "brand", brand.party)
    titles = {
        language: heading(caller.get(f"/do/grant?lang={language}")) for language in ("zh-CN", "vi", "en")
    }
    assert len(set(titles.values())) == 3
    assert titles["en"] == "Grant a permission to sell"


def _delegated(installation: Installation) -> tuple[str, str]:
    """An agent, and a link of two that it passed on and under which something is offered."""
    with installation.database.reading() as connection:
        grants = own_subjects.grants(connection)
        offered = {one.lot for one in trade.listings(connection)}
        for name, state in grants.items():
            if state.parent is not None and offered & set(names_under(connection, name)):
                return state.grantor, name
    raise AssertionError("the story has such a link")


def _nothing(installation: Installation, party: str) -> bool:
    with installation.database.reading() as connection:
        return store.of_party(connection, party) == []
