"""Keys of programs: shown once, stored hashed, scoped, expiring, and never a 500 (A45)."""

from datetime import timedelta

import pytest

from gateway.people import keys
from gateway.routes import packs
from gateway.store import api_keys, people, trade
from gateway.store.api_keys import ApiKey
from tests.gateway.people.conftest import APPROVED, Doors, MovableClock
from tests.gateway.web import Caller, find

UNKNOWN = f"lp_aaaaaaaa_{'A' * 43}"


def _made(caller: Caller, role: str = "buyer", *scopes: str, lifetime: str = "30-days", **more: str) -> str:
    answer = _ask(caller, role, *scopes, lifetime=lifetime, **more)
    assert answer.status_code == 200, answer.text
    return find(r'class="secret">([^<]+)<', answer.text)


def _ask(caller: Caller, role: str, *scopes: str, lifetime: str = "30-days", **more: str):
    form = {"csrf_token": caller.token, "name": "ERP", "role": role, "lifetime": lifetime, **more}
    return caller.post("/account/keys", data={**form, "scopes": list(scopes)})


def _with(doors: Doors, key: str, method: str = "GET", path: str = "/v1/listings", **options):
    return doors.browser().request(method, path, headers={"authorization": f"Bearer {key}"}, **options)


def test_a_key_opens_what_its_scopes_say_and_nothing_else(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    assert _with(doors, key).status_code == 200
    assert _with(doors, key).json()["data"] == []
    answer = _with(doors, key, "GET", "/v1/orders")
    assert (answer.status_code, answer.json()["slug"]) == (403, "scope-needed")


def test_a_key_may_carry_several_scopes(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read", "orders:read")
    assert {_with(doors, key, "GET", path).status_code for path in ("/v1/listings", "/v1/orders")} == {200}


def test_a_program_posts_without_a_form_token(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "orders:write")
    options = {"json": {"listing": "lst_0", "quantity": 5}}
    headers = {"authorization": f"Bearer {key}", "idempotency-key": "a-1"}
    answer = doors.browser().post("/v1/reservations", headers=headers, **options)
    assert (answer.status_code, answer.json()["slug"]) == (404, "not-found")


def test_a_browser_still_needs_its_token(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    answer = caller.post(
        "/v1/reservations", json={"listing": "lst_0", "quantity": 5}, headers={"idempotency-key": "a-1"}
    )
    assert (answer.status_code, answer.json()["slug"]) == (403, "csrf")


def test_a_key_opens_no_page_and_no_account(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    for path in ("/catalogue", "/account", "/account/keys"):
        answer = _with(doors, key, "GET", path)
        assert (answer.status_code, "key-not-here" in answer.text) == (403, True)


def test_only_prefix_and_hash_are_stored(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    _, prefix, secret = key.split("_", 2)
    with doors.house.database.reading() as connection:
        rows = [tuple(map(str, row)) for row in connection.execute(api_keys.KEYS.select())]
    assert any(prefix in row for row in rows)
    assert not any(secret in value for row in rows for value in row)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", f"Bearer {UNKNOWN}", f"Bearer  {UNKNOWN}x", "Basic eDp5", "Bearer lp_",
     b"Bearer \xff\xfe\x80", b"Bearer lp_\xc3\xa9", "Bearer " + "A" * 7000, "Bearer ' OR 1=1 --",
     f"Digest {UNKNOWN}", "Bearer \N{NO-BREAK SPACE}".encode("latin-1")],
)  # fmt: skip
def test_whatever_is_no_key_is_refused_in_the_same_words(doors: Doors, header) -> None:
    answer = doors.browser().get("/v1/listings", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["slug"] == "key-refused"


def test_two_keys_in_one_request_are_none(doors: Doors) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    headers = [("authorization", f"Bearer {key}"), ("authorization", f"Bearer {UNKNOWN}")]
    assert doors.browser().get("/v1/listings", headers=headers).status_code == 401


def test_a_key_beside_a_session_is_judged_alone(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    assert caller.get("/v1/listings").status_code == 200
    assert caller.get("/v1/listings", headers={"authorization": f"Bearer {UNKNOWN}"}).status_code == 401


def test_a_wrong_secret_and_an_unknown_prefix_answer_alike(doors: Doors, monkeypatch) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    compared = []
    real = keys.same
    monkeypatch.setattr(keys, "same", lambda one, other: compared.append(one) or real(one, other))
    answers = [_with(doors, f"{key[:12]}{'A' * 43}"), _with(doors, UNKNOWN)]
    assert len(compared) == 2
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1]


def test_a_key_ends_by_itself(doors: Doors, clock: MovableClock) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read", lifetime="30-days")
    clock.ahead = timedelta(days=29)
    assert _with(doors, key).status_code == 200
    clock.ahead = timedelta(days=30, seconds=1)
    assert _with(doors, key).status_code == 401


def test_a_revoked_key_opens_nothing_from_the_next_request_on(doors: Doors) -> None:
    caller = doors.signed_in(doors.person())
    key = _made(caller, "buyer", "catalogue:read")
    prefix = key.split("_")[1]
    with doors.house.database.reading() as connection:
        found = api_keys.by_prefix(connection, prefix)
    assert found is not None
    assert caller.send(f"/account/keys/{found[0].id}/revoke").status_code == 303
    assert _with(doors, key).status_code == 401


def test_another_companys_key_does_not_exist(doors: Doors) -> None:
    """A27."""
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")
    with doors.house.database.reading() as connection:
        found = api_keys.by_prefix(connection, key.split("_")[1])
    assert found is not None
    doors.house.writer.do(
        lambda ledger: trade.add_company(
            ledger.connection, trade.Company("cmp_rival", "Rival", "VN", "x", "2", "approved")
        )
    )
    rival = doors.signed_in(doors.person("buyer", "cmp_rival"))
    assert found[0].prefix not in rival.get("/account/keys").text
    assert rival.send(f"/account/keys/{found[0].id}/revoke").status_code == 404
    assert _with(doors, key).status_code == 200


def test_last_used_is_written_once_a_minute(doors: Doors, clock: MovableClock) -> None:
    key = _made(doors.signed_in(doors.person()), "buyer", "catalogue:read")

    def stored() -> ApiKey:
        with doors.house.database.reading() as connection:
            found = api_keys.by_prefix(connection, key.split("_")[1])
        assert found is not None
        return found[0]

    assert stored().used_at is None
    _with(doors, key)
    first = stored().used_at
    _with(doors, key)
    assert stored().used_at == first
    clock.ahead = timedelta(minutes=1, seconds=1)
    _with(doors, key)
    assert stored().used_at > first


def test_a_key_falls_with_the_approval_and_with_its_maker(doors: Doors) -> None:
    person = doors.person()
    key = _made(doors.signed_in(person), "buyer", "catalogue:read")

    def status(value: str) -> None:
        doors.house.writer.do(
            lambda ledger: ledger.connection.execute(
                api_keys.COMPANIES.update().where(api_keys.COMPANIES.c.id == APPROVED).values(status=value)
            )
        )

    status("refused")
    answer = _with(doors, key)
    assert (answer.status_code, answer.json()["slug"]) == (403, "buyer-not-approved")
    status("approved")
    assert _with(doors, key).status_code == 200
    administrator = doors.within(doors.person("administrator", "", factor=True))
    administrator.send(f"/people/users/{person.user}", action="disable")
    assert _with(doors, key).status_code == 401


@pytest.mark.parametrize(
    ("role", "scopes", "more"),
    [
        ("administrator", ["catalogue:read"], {}),
        ("operator", ["records:write"], {}),
        ("buyer", [], {}),
        ("buyer", ["records:write"], {}),
        ("buyer", ["catalogue:read", "everything"], {}),
        ("buyer", ["catalogue:read"], {"lifetime": "for-ever"}),
        ("buyer", ["catalogue:read"], {"name": ""}),
        ("buyer", ["catalogue:read"], {"ledger_key": "0" * 64}),
    ],
)
def test_nobody_makes_a_key_that_may_more_than_its_maker(doors: Doors, role, scopes, more) -> None:
    caller = doors.signed_in(doors.person())
    answer = _ask(caller, role, *scopes, **more)
    assert answer.status_code == 422
    assert "1 thing has to be put right" in answer.text
    assert 'class="secret"' not in answer.text


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_roles_of_the_house_have_no_keys(doors: Doors, role) -> None:
    person = doors.person(role, "", factor=True)
    caller = doors.within(person)
    assert caller.get("/account/keys").status_code == 404
    assert "/account/keys" not in caller.get("/account").text


def test_a_station_has_a_key_of_its_own_and_names_the_key_it_signs_with(doors: Doors) -> None:
    operator = doors.house.config.operator
    caller = doors.signed_in(doors.person("operator", operator))
    unknown = _ask(caller, "device", "records:write", ledger_key="0" * 64)
    assert unknown.status_code == 422
    assert "No key of your party is registered under this id." in unknown.text
    key = _made(caller, "device", "records:write", name="Bench 4")
    answer = _with(doors, key, "POST", "/v1/records:prepare", json={})
    assert (answer.status_code, answer.json()["slug"]) == (422, "invalid-request"), "let in, and read"
    assert _with(doors, key).status_code == 404, "a device buys nothing"


def test_whose_key_it_was_stands_in_the_events(doors: Doors) -> None:
    person = doors.person()
    _made(doors.signed_in(person), "buyer", "catalogue:read")
    administrator = doors.within(doors.person("administrator", "", factor=True))
    assert "API key made" in administrator.get("/people/events?kind=key-made").text
    with doors.house.database.reading() as connection:
        assert people.user(connection, person.user) is not None


def test_a_key_opens_no_private_part_of_a_public_page(doors: Doors) -> None:
    """A key for photos must not be one for every lot's committed values."""
    seen = []
    caller = doors.signed_in(doors.person("operator", doors.house.config.operator))
    key = _made(caller, "operator", "files:write")
    with pytest.MonkeyPatch.context() as patch:
        real = packs._receiver
        patch.setattr(packs, "_receiver", lambda role: seen.append(role) or real(role))
        _with(doors, key, "GET", f"/lots/{'0' * 20}/pack.zip")
        caller.get(f"/lots/{'0' * 20}/pack.zip")
    assert seen == [None, "operator"]
