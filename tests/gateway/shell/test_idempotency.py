"""One key, one effect: however often, from wherever and with whatever body it is sent again."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from gateway import wiring
from gateway.errors import Refused, RequestRefused
from gateway.problems import Problem, as_json
from gateway.settings import Settings
from gateway.shell.idempotency import LIFETIME, InFlight, Once, key_of
from gateway.store import requests, trade
from gateway.wiring import Installation
from ledger.errors import StorageUnavailable
from ledger.record import Ledger
from tests.conftest import POSTGRESQL, SQLITE
from tests.gateway.shell.conftest import Program
from tests.gateway.web import ask, find

STORM = 100
LOT = "lot:" + "s" * 20


def _sent(value: str) -> str | None:
    return key_of(Headers({"idempotency-key": value}), required=True)


@pytest.mark.parametrize(
    ("sent", "key"),
    [('"a b"', "a b"), ("8e03978e-40d5", "8e03978e-40d5"), ('"say \\"hi\\""', 'say "hi"'), ('"\\\\"', "\\")],
)
def test_a_key_is_a_structured_string_or_a_token(sent: str, key: str) -> None:
    assert _sent(sent) == key


@pytest.mark.parametrize(
    "sent", ["", '""', '"open', "a b", '"a\tb"', "clé", "x" * 256, '"' + "x" * 300 + '"']
)
def test_what_is_neither_is_refused(sent: str) -> None:
    with pytest.raises(RequestRefused, match="invalid-header"):
        _sent(sent)


def test_two_keys_are_none() -> None:
    twice = Headers(raw=[(b"idempotency-key", b"a"), (b"idempotency-key", b"a")])
    with pytest.raises(RequestRefused, match="invalid-header"):
        key_of(twice, required=True)


def test_stock_and_money_move_with_a_key_only(buyer: Program) -> None:
    for path in ("/v1/reservations", "/v1/orders"):
        answer = buyer.call("POST", path, {})
        assert (answer.status_code, answer.json()["slug"]) == (400, "idempotency-key-missing")


def _holds(shop: Installation) -> int:
    return int(ask(shop.home, "SELECT count(*) FROM reservations"))


def test_the_same_request_is_answered_the_same_and_done_once(buyer: Program, shop: Installation) -> None:
    offer, before = buyer.offer(), _holds(shop)
    wanted = {"listing": offer["id"], "quantity": offer["moq"]}
    first = buyer.once("/v1/reservations", wanted, '"k1"')
    again = buyer.once("/v1/reservations", dict(reversed(wanted.items())), "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    for name in ("etag", "location", "content-type"):
        assert first.headers[name] == again.headers[name]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert _holds(shop) == before + 1


def test_another_body_under_the_key_is_refused(buyer: Program, shop: Installation) -> None:
    offer = buyer.offer()
    wanted = {"listing": offer["id"], "quantity": offer["moq"]}
    assert buyer.once("/v1/reservations", wanted, "k2").status_code == 201
    before = _holds(shop)
    answer = buyer.once("/v1/reservations", {**wanted, "quantity": offer["moq"] + 1}, "k2")
    assert (answer.status_code, answer.json()["slug"]) == (422, "idempotency-key-reused")
    assert _holds(shop) == before


def test_a_key_is_the_callers_own(buyer: Program, other: Program) -> None:
    mine, theirs = (
        one.once("/v1/reservations", {"listing": offer["id"], "quantity": offer["moq"]}, "shared")
        for one, offer in ((buyer, buyer.offer()), (other, other.offer()))
    )
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_refusal_under_a_key_is_noted_once(buyer: Program, other: Program, shop: Installation) -> None:
    def denied() -> int:
        return int(ask(shop.home, "SELECT count(*) FROM security_events WHERE kind = 'denied'"))

    offer, before = other.offer(), denied()
    hold = other.once("/v1/reservations", {"listing": offer["id"], "quantity": offer["moq"]}, "k5").json()[
        "id"
    ]
    wanted = {"reservation": hold, "po_number": "PO 1", "incoterm": "FCA", "place": "Shenzhen"}
    for _ in range(2):
        assert buyer.once("/v1/orders", wanted, "k6").status_code == 404
    assert denied() == before + 1


def test_what_a_rule_refused_stays_refused_under_its_key(buyer: Program) -> None:
    wanted = {"listing": buyer.offer()["id"], "quantity": 10**9}
    first = buyer.once("/v1/reservations", wanted, "k3")
    again = buyer.once("/v1/reservations", wanted, "k3")
    assert (first.status_code, first.json()["slug"]) == (409, "insufficient-quantity")
    assert first.content == again.content
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["idempotent-replayed"] == "true"


def test_a_reservation_becomes_one_order_whatever_the_key(buyer: Program) -> None:
    offer = buyer.offer()
    hold = buyer.once("/v1/reservations", {"listing": offer["id"], "quantity": offer["moq"]}).json()
    terms = {"reservation": hold["id"], "po_number": "PO-K", "incoterm": "FCA", "place": "Yantian"}
    first, again, fresh = (buyer.once("/v1/orders", terms, key) for key in ("o1", "o1", "o2"))
    assert first.content == again.content
    assert fresh.json()["id"] == first.json()["id"]


def test_a_double_click_holds_once(buyer: Program, shop: Installation) -> None:
    offer, before = buyer.offer(), _holds(shop)
    page = buyer.get(f"/offers/{offer['id']}").text
    key = find(r'name="idempotency_key" value="(\w+)"', page)
    fields = {"quantity": str(offer["moq"]), "idempotency_key": key}
    clicks = [buyer.send(f"/offers/{offer['id']}/reserve", **fields) for _ in range(2)]
    assert [click.status_code for click in clicks] == [303, 303]
    assert clicks[0].headers["location"] == clicks[1].headers["location"]
    assert _holds(shop) == before + 1
    assert key not in buyer.get(f"/offers/{offer['id']}").text, "every page has a key of its own"


def test_a_hundred_at_once_are_one_effect(buyer: Program, shop: Installation) -> None:
    """Some are told that it is being worked on; asking again, all get the one answer."""
    offer, before = buyer.offer(), _holds(shop)
    wanted = {"listing": offer["id"], "quantity": offer["moq"]}
    busy: list[httpx.Response] = []

    def send(_n: int) -> httpx.Response:
        while (answer := buyer.once("/v1/reservations", wanted, "storm")).status_code == 409:
            assert answer.json()["slug"] == "idempotency-key-in-progress"
            assert answer.headers["retry-after"]
            busy.append(answer)
        return answer

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(send, range(STORM)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert _holds(shop) == before + 1


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def twins(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Installation]]:
    """One installation opened twice, as two processes have it: a writer and a memory of its own each."""
    url = ""
    if request.param == POSTGRESQL:
        server = request.getfixturevalue("postgresql")
        url = server.url(server.create())
    settings = Settings(home=tmp_path / "home", database_url=url)
    made = [wiring.create(settings), wiring.open_(settings)]
    now = made[0].clock.now()
    made[0].writer.do(lambda ledger: trade.open_stock(ledger.connection, LOT, STORM, now))
    yield made
    for one in made:
        one.close()


def _once(installation: Installation, key: str, in_flight: InFlight, asked: Any = None) -> Once:
    return Once(
        installation,
        in_flight,
        key=key,
        where=("user:a", "POST", "/v1/x"),
        asked={"n": asked},
        said=lambda problem: as_json(problem, "0f3a"),
    )


def _taking(calls: list[int]) -> Any:
    def unit(ledger: Ledger) -> int:
        calls.append(1)
        assert trade.try_reserve(ledger.connection, LOT, 1)
        return len(calls)

    return lambda: unit


def _reserved(installation: Installation) -> int:
    with installation.database.reading() as connection:
        stock = trade.stock(connection, LOT)
    assert stock is not None
    return stock.reserved


def test_two_processes_do_it_once(twins: list[Installation]) -> None:
    """The second waits for the first one's transaction, and finds its answer there."""
    flights, gate, calls = [InFlight(), InFlight()], threading.Barrier(16), []

    def send(n: int) -> bytes:
        gate.wait()
        once = _once(twins[n % 2], "storm", flights[n % 2])
        while True:
            with suppress(RequestRefused):  # it is being worked on
                return bytes(once.do(_taking(calls), lambda n: PlainTextResponse(f"done {n}")).body)

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(send, range(16))) == {b"done 1"}
    assert _reserved(twins[0]) == 1
    with pytest.raises(RequestRefused, match="idempotency-key-reused"):
        _once(twins[1], "storm", flights[1], asked=2).do(_taking(calls), lambda _: PlainTextResponse(""))


def test_whoever_waited_for_the_first_prepares_nothing(twins: list[Installation]) -> None:
    """Preparing verifies a history: twenty clicks in a row must not do that twenty times."""
    flight, prepared, calls = InFlight(), [], []
    begun, go_on = threading.Event(), threading.Event()

    def prepare() -> Any:
        prepared.append(1)
        begun.set()
        assert go_on.wait(60)
        return _taking(calls)()

    def click(_: int) -> bytes:
        once = Once(
            twins[0], flight, key="clicks", where=("user:a", "POST", "/offers/x/reserve"), asked={},
            said=None, wait_s=60,
        )  # fmt: skip
        return bytes(once.do(prepare, lambda n: PlainTextResponse(str(n))).body)

    with ThreadPoolExecutor(6) as threads:
        clicks = [threads.submit(click, n) for n in range(6)]
        assert begun.wait(60)
        go_on.set()
        assert {one.result(60) for one in clicks} == {b"1"}
    assert len(prepared) == 1


def test_a_refusal_leaves_nothing_of_its_unit_behind(twins: list[Installation]) -> None:
    def unit(ledger: Ledger) -> None:
        assert trade.try_reserve(ledger.connection, LOT, 7)
        raise Refused("below-moq", "no", minimum=9)

    once = _once(twins[0], "refused", InFlight())
    first, again = (once.do(lambda: unit, lambda _: PlainTextResponse("")) for _ in range(2))
    assert (first.status_code, first.body) == (422, again.body)
    assert _reserved(twins[0]) == 0


def test_our_own_failure_is_not_kept(twins: list[Installation]) -> None:
    calls: list[int] = []

    def failing(ledger: Ledger) -> None:
        assert trade.try_reserve(ledger.connection, LOT, 7)
        raise StorageUnavailable("busy")

    once = _once(twins[0], "later", InFlight())
    with pytest.raises(StorageUnavailable):
        once.do(lambda: failing, lambda _: PlainTextResponse(""))
    assert once.do(_taking(calls), lambda n: PlainTextResponse(str(n))).body == b"1"
    assert _reserved(twins[0]) == 1


def _forgotten(installation: Installation) -> int:
    now = installation.wall_clock.now()
    return installation.writer.do(lambda ledger: requests.forget(ledger.connection, now))


def test_a_key_is_forgotten_after_a_day(twins: list[Installation]) -> None:
    installation, calls = twins[0], []
    once = _once(installation, "old", InFlight())
    once.do(_taking(calls), lambda n: PlainTextResponse(str(n)))
    assert _forgotten(installation) == 0
    real = installation.wall_clock

    class Tomorrow:
        @staticmethod
        def now() -> Any:
            return real.now() + LIFETIME + timedelta(seconds=1)

    installation.wall_clock = Tomorrow()
    assert once.do(_taking(calls), lambda n: PlainTextResponse(str(n))).body == b"2"
    assert _forgotten(installation) == 0, "the new one stands for another day"
    installation.wall_clock = real
    assert once.do(_taking(calls), lambda n: PlainTextResponse(str(n))).body == b"2"
    with_time = real.now() + 3 * LIFETIME
    gone = installation.writer.do(lambda ledger: requests.forget(ledger.connection, with_time))
    assert gone == 1


def test_a_problem_is_answered_as_it_was_said() -> None:
    answer = as_json(Problem(409, "listing-withdrawn"), "0f3a", "vi")
    assert answer.headers["content-language"] == "vi"
