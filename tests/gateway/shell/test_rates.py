"""How often one may ask: by address and by who is signed in, told in advance, and never for our failures."""

import pytest

from gateway.problems import TooManyRequests
from gateway.shell.rates import AMOUNTS, Rates, class_of, masked
from gateway.shell.windows import Windows
from tests.gateway.shell.conftest import Program
from tests.gateway.web import Caller


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/log/tile/0/000", ""),
        ("GET", "/livez", ""),
        ("GET", "/readyz", "read"),
        ("GET", "/", "read"),
        ("HEAD", "/orders", "read"),
        ("HEAD", "/catalogue", "costly"),
        ("HEAD", "/lots/x/pack.zip", "pack"),
        ("GET", "/v1/listings", "costly"),
        ("GET", "/lots/x/pack.zip", "pack"),
        ("GET", "/auditor/log.zip", "pack"),
        ("POST", "/v1/records", "records"),
        ("POST", "/v1/records:prepare", "costly"),
        ("POST", "/v1/orders", "write"),
        ("DELETE", "/v1/reservations/x", "write"),
    ],
)
def test_a_request_costs_what_it_costs_us(method: str, path: str, name: str) -> None:
    assert class_of(method, path) == name


def test_a_window_moves_and_forgets() -> None:
    watch = Watch()
    windows = Windows(now=watch)
    assert [windows.acquire_entry("a", 2, 60) for _ in range(3)] == [True, True, False]
    watch.now_s += 30
    assert windows.get_moving_window("a", 2, 60) == (1_000.0, 2)
    watch.now_s += 30
    assert windows.acquire_entry("a", 2, 60)
    assert windows.get_moving_window("a", 2, 60) == (1_060.0, 1)


def test_memory_is_bounded_whoever_asks() -> None:
    windows = Windows(now=Watch(), keys_max=100)
    for n in range(1_000):
        windows.acquire_entry(f"address-{n}", 5, 60)
    assert windows.reset() == 100


def test_an_address_of_version_6_is_its_network() -> None:
    assert masked("2001:db8:1:2:3:4:5:6") == masked("2001:db8:1:2::1") != masked("2001:db8:1:3::1")
    assert masked("::ffff:192.0.2.1") == masked("192.0.2.1") == "192.0.2.1"
    assert masked("not an address") == "unknown"


def test_what_failed_on_our_side_is_given_back() -> None:
    rates = Rates(now=Watch())
    for _ in range(5 * AMOUNTS["pack"]):
        toll = rates.toll("GET", "/lots/x/pack.zip")
        toll.principal("user:a")
        toll.refund()
    toll.principal("user:a")
    assert '"pack";r=19' in toll.headers()["ratelimit"]


def test_who_waits_is_let_in_again() -> None:
    watch = Watch()
    rates = Rates(now=watch)
    for _ in range(AMOUNTS["pack"]):
        rates.toll("GET", "/lots/x/pack.zip").principal("user:a")
        watch.now_s += 1
    with pytest.raises(TooManyRequests) as refused:
        rates.toll("GET", "/lots/x/pack.zip").principal("user:a")
    assert refused.value.retry_after_s == 40
    rates.toll("GET", "/lots/x/pack.zip").principal("user:b")
    watch.now_s += refused.value.retry_after_s
    rates.toll("GET", "/lots/x/pack.zip").principal("user:a")


def test_nothing_is_counted_where_the_operator_says_so() -> None:
    toll = Rates(0).toll("GET", "/")
    for _ in range(2_000):
        toll.address("192.0.2.1")
    assert toll.headers() == {}


def test_an_answer_says_what_is_left(buyer: Program) -> None:
    buyer.app.state.rates = Rates(now=Watch())
    headers = buyer.get("/v1/orders").headers
    assert headers["ratelimit-policy"] == '"read-address";q=1200;w=60, "read";q=600;w=60'
    assert headers["ratelimit"] == '"read-address";r=1199;t=60, "read";r=599;t=60'
    assert "ratelimit" not in buyer.get("/livez").headers


def test_a_scraper_is_told_to_wait(buyer: Program, stranger: Caller) -> None:
    """Each caller has an own count; one address has one for all that come from it."""
    buyer.app.state.rates = stranger.app.state.rates = Rates(10 / AMOUNTS["read"], now=Watch())
    statuses = [buyer.get("/v1/orders").status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    refused = buyer.get("/v1/orders")
    assert refused.json()["slug"] == "rate-limited"
    assert refused.headers["retry-after"] == "60"
    assert refused.json()["seconds"] == 60
    assert refused.headers["ratelimit"].startswith('"read-address";r=7')
    left = [stranger.get("/v1/entries/0").status_code for _ in range(9)]
    assert left == [200] * 7 + [429] * 2, "the other ten were the program's"


def test_an_outage_locks_nobody_out(buyer: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    buyer.app.state.rates = Rates(10 / AMOUNTS["read"], now=Watch())
    with monkeypatch.context() as broken:
        broken.setattr("gateway.store.trade.orders_page", lambda *_: 1 / 0)
        assert {buyer.get("/v1/orders").status_code for _ in range(30)} == {500}
    assert buyer.get("/v1/orders").status_code == 200
