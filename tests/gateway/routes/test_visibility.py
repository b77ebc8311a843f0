"""I6: a buyer never learns of an offer outside its audience; not by a list, a count, a price or a status.

Random rules over the offers of one market and three companies; every route that a buyer may call and that
could tell. A route that is new and stands in none of the lists below fails the first test.
"""

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import update

from gateway import wiring
from gateway.people.tokens import new_id
from gateway.permissions import ROUTES
from gateway.settings import Settings
from gateway.store import audiences, catalogue_copies, people, sale_events, saved_searches, trade
from gateway.store.audiences import Chosen
from gateway.store.trade import LISTINGS, Company, Listing
from gateway.trade.events import SaleEvent
from gateway.trade.search import Search
from gateway.trade.visibility import VISIBILITIES, Viewer
from gateway.wiring import Installation
from gateway.workflows import index_offer, keep_search
from tests.gateway.web import Caller

MARKET: Final = "US"
EVENT: Final = "sev_visibility"
UNKNOWN: Final = "lst_00000000000000000000"
TIERS: Final = {"cmp_us": 1, "cmp_second": 2, "cmp_third": 3}
# What is a company's own and names no offer in its address: its holds, purchases and papers are tested
# with their own routes. An offer that became hidden after it was held stays the holder's.
OWN: Final = frozenset(
    {"reservation", "order", "shipment", "purchase", "code", "search", "user", "membership"}
)
# Lists of what may be offered, or of what a company did; each is fetched and searched for hidden ids.
LISTS: Final = frozenset(
    {
        "/catalogue", "/v1/listings", "/v1/listings/facets", "/v1/saved-searches", "/events", "/basket",
        "/orders", "/purchases", "/shipments", "/company", "/v1/reservations", "/v1/orders",
        "/v1/purchases", "/v1/shipments", "/v1/company",
    }
)  # fmt: skip
# Forms and calls that name no offer, or name it in the body (tested below).
CALLS: Final = frozenset(
    {
        "/catalogue/searches", "/v1/saved-searches", "/v1/reservations", "/v1/reservations/batch",
        "/v1/orders", "/v1/purchases", "/basket", "/company", "/company/invitations", "/v1/company",
    }
)  # fmt: skip
FORMS: Final = {"reserve": {"quantity": "5"}, "sample": {"pieces": "1"}}
JSONS: Final[dict[str, dict[str, Any]]] = {"sample": {"pieces": 1}}


def _buyers_routes() -> Iterator[tuple[str, str]]:
    """What the rules open to buyers and not to everybody who signed in."""
    for route, rule in ROUTES.items():
        if "buyer" in rule.roles and len(rule.roles) < 8:
            method, _, path = route.partition(" ")
            yield method, path


def _of_one() -> list[tuple[str, str]]:
    """Routes with an offer in their address, the public ones too."""
    shared = [
        ("GET", path)
        for method, _, path in (route.partition(" ") for route in ROUTES)
        if method == "GET" and path.startswith("/l/{listing}")
    ]
    return [one for one in _buyers_routes() if "{listing}" in one[1]] + shared


def test_every_route_of_a_buyer_is_known_here() -> None:
    for method, path in _buyers_routes():
        named = set(re.findall(r"\{(\w+)\}", path))
        known = (
            "listing" in named
            or path == "/events/{event}"
            or (named - {"form"} and named - {"form"} <= OWN)
            or (not named and path in (LISTS if method == "GET" else CALLS))
        )
        assert known, f"{method} {path} may tell of an offer: say here how that is tested"


@dataclass(frozen=True, slots=True)
class World:
    """callers: by company. seen: ids of the offers that each may see and that stand."""

    installation: Installation
    callers: dict[str, Caller]
    listings: dict[str, Listing]
    seen: dict[str, frozenset[str]]

    def hidden(self, company: str) -> list[str]:
        """What it may not see, and what does not stand."""
        return sorted(set(self.listings) - self.seen[company])

    def outside(self, company: str) -> set[str]:
        """What it may not see, whether it stands or not."""
        viewer = Viewer(company, MARKET, TIERS[company])
        with self.installation.database.reading() as connection:
            return {
                one.id
                for one in self.listings.values()
                if audiences.audience_of(connection, one).why(viewer) is None
            }


@pytest.fixture(scope="module")
def world(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once: what these tests write (exposures, kept searches) changes nobody's audience."""
    home = tmp_path_factory.mktemp("visibility") / "home"
    shutil.copytree(told_home, home)
    installation = wiring.open_(Settings(home=home))
    yield _world(installation)
    installation.close()


def _world(copied: Installation) -> World:
    dice = random.Random(20261122)
    index_offer.refresh(copied)
    with copied.database.reading() as connection:
        buyer = trade.company(connection, "cmp_us")
        assert buyer is not None
        found = [one for one in trade.listings(connection) if one.market == MARKET]
    copied.writer.do(lambda ledger: _rules(copied, ledger.connection, found, buyer, dice))
    with copied.database.reading() as connection:
        listings = {one.id: one for one in trade.listings(connection) if one.market == MARKET}
        stands = {one for one in listings if _stands(connection, listings[one])}
        seen = {
            company: frozenset(
                one
                for one in stands
                if audiences.audience_of(connection, listings[one]).why(Viewer(company, MARKET, tier))
            )
            for company, tier in TIERS.items()
        }
    callers = {company: Caller(copied).signed_in("buyer", company) for company in TIERS}
    return World(copied, callers, listings, seen)


def _stands(connection: Any, listing: Listing) -> bool:
    stock = trade.stock(connection, listing.lot)
    return stock is not None and stock.available > 0


def _rules(
    installation: Installation, connection: Any, found: list[Listing], buyer: Company, dice: random.Random
) -> None:
    for company, tier in TIERS.items():
        values = {name: getattr(buyer, name) for name in buyer.__slots__}
        if company != buyer.id:
            trade.add_company(connection, Company(**{**values, "id": company, "name": company, "tier": tier}))
    now = installation.clock.now()
    hours = (now - timedelta(hours=1), now + timedelta(days=1))
    sale_events.add(connection, SaleEvent(EVENT, "专场", "Sale", "Đợt bán", *hours, "open"), "user:1", now)
    for one in found:
        audiences.set_visibility(connection, one.id, dice.choice(VISIBILITIES), dice.randint(1, 3))
        for company in dice.sample(sorted(TIERS), dice.randint(0, 2)):
            audiences.choose(connection, Chosen(one.id, company, 700, ("same-brand",), now, "matching"))
        if dice.random() < 0.3:
            effect: audiences.Effect = "allow" if dice.random() < 0.5 else "deny"
            audiences.set_access(connection, one.id, effect, "company", [dice.choice(sorted(TIERS))])
        if dice.random() < 0.3:
            connection.execute(update(LISTINGS).where(LISTINGS.c.id == one.id).values(event=EVENT))
            catalogue_copies.of_listing(connection, one.id)


def _walked(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    found, address = [], f"/v1/listings?limit=7{query}"
    while address:
        answer = caller.get(address)
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        address = answer.headers.get("link", "<>").partition(">")[0].removeprefix("<")
    return found


def _same(answer: httpx.Response, listing: str) -> tuple[Any, ...]:
    """Everything of an answer but what is drawn for each request."""
    text = answer.text.replace(listing, "LISTING")
    for drawn in (
        r'"request_id": ?"[^"]+"',
        r'name="csrf_token" value="\w+"',
        r"<code>[0-9a-f-]{16,}</code>",
    ):
        text = re.sub(drawn, "DRAWN", text)
    request_id = answer.headers.get("x-request-id", "")
    text = text.replace(request_id, "DRAWN") if request_id else text
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("date", "x-request-id", "set-cookie", "content-length") and "ratelimit" not in name
    }
    return answer.status_code, kept, text


def _asked(caller: Caller, token: str, method: str, path: str, listing: str) -> httpx.Response:
    address, last = path.replace("{listing}", listing), path.rpartition("/")[2]
    if method == "GET":
        return caller.get(address)
    headers = {"x-csrf-token": token, "idempotency-key": f"{listing}-{last}"}
    if address.startswith("/v1/"):
        return caller.post(address, json=JSONS[last], headers=headers)
    return caller.post(address, data={"csrf_token": token, **FORMS[last]})


def test_what_is_hidden_is_answered_like_what_does_not_exist(world: World) -> None:
    dice, looked = random.Random(7), 0
    for company, caller in world.callers.items():
        token = caller.token
        hidden = dice.sample(world.hidden(company), 3)
        for method, path in _of_one():
            unknown = _same(_asked(caller, token, method, path, UNKNOWN), UNKNOWN)
            assert unknown[0] == 404, (method, path, unknown)
            for listing in hidden:
                if path.startswith("/l/") and world.listings[listing].visibility == "public":
                    continue  # its goods are for everybody, its price is not
                answer = _asked(caller, token, method, path, listing)
                assert _same(answer, listing) == unknown, (method, path)
                looked += 1
    assert looked > 100


def test_an_offer_named_in_a_body_is_not_there_either(world: World) -> None:
    for company, caller in world.callers.items():
        token = caller.token

        def ask(path: str, wanted: Any, listing: str, caller: Caller = caller, token: str = token) -> Any:
            key = f"{path.rpartition('/')[2]}-{listing}"
            headers = {"x-csrf-token": token, "idempotency-key": key}
            return _same(caller.post(path, json=wanted, headers=headers), listing)

        listing = world.hidden(company)[0]
        for path, body in (
            ("/v1/reservations", lambda one: {"listing": one, "quantity": 5}),
            ("/v1/reservations/batch", lambda one: {"lines": [{"listing": one, "quantity": 5}]}),
        ):
            unknown = ask(path, body(UNKNOWN), UNKNOWN)
            assert unknown[0] == 404
            assert ask(path, body(listing), listing) == unknown


def test_lists_counts_and_pages_hold_what_may_be_seen_and_nothing_else(world: World) -> None:
    for company, caller in world.callers.items():
        seen = world.seen[company]
        walked = _walked(caller)
        assert {one["id"] for one in walked} == seen
        assert len(walked) == len(seen)
        counted = caller.get("/v1/listings/facets").json()
        assert counted["total"] == len(seen)
        for name in ("grade", "category", "brand", "condition", "warehouse", "depth"):
            told = {one["value"]: one["count"] for one in counted["facets"][name]}
            assert told == dict(Counter(one[name] for one in walked)), name
        in_sale = [one for one in walked if one["event"] == EVENT]
        assert counted["facets"]["event"] == ([{"value": EVENT, "count": len(in_sale)}] if in_sale else [])
        for words in ("verified_since=2020-01-01", f"q={walked[0]['brand']}" if walked else "q=none"):
            found = _walked(caller, f"&{words}")
            of_words = caller.get(f"/v1/listings/facets?{words}").json()
            for name in ("grade", "category", "brand", "condition", "warehouse", "depth"):
                told = {one["value"]: one["count"] for one in of_words["facets"][name]}
                assert told == dict(Counter(one[name] for one in found)), (words, name)
        graded = _walked(caller, "&grade=A&sort=price")
        assert [one["id"] for one in graded] == [
            one["id"]
            for one in sorted(walked, key=lambda one: (one["piece_price_minor"], one["id"]))
            if one["grade"] == "A"
        ]


def test_no_page_of_a_buyer_names_a_hidden_offer(world: World) -> None:
    for company, caller in world.callers.items():
        with world.installation.database.reading() as connection:  # what it holds stays its own
            held = {one.listing for one in trade.reservations_page(connection, company, None, 100)}
        hidden = world.outside(company) - held
        assert hidden
        for path in [*sorted(LISTS), f"/events/{EVENT}", "/catalogue?q=a&sort=price"]:
            text = caller.get(path).text
            assert not [one for one in hidden if one in text], path


def test_a_letter_about_a_kept_search_counts_what_its_company_may_see(world: World) -> None:
    for company in TIERS:
        user = _colleague(world.installation, company)
        kept = keep_search.keep(world.installation, f"user:{user}", company, "all", Search(), letters=True)
        with world.installation.database.reading() as connection:
            from_the_start = keep_search.new_in(world.installation, connection, _since_ever(kept))
        assert from_the_start == min(keep_search.TOLD_MAX, len(world.seen[company]))
        _leave(world.installation, user)
        with world.installation.database.reading() as connection:
            assert keep_search.new_in(world.installation, connection, _since_ever(kept)) == 0, "he left"


def _leave(installation: Installation, user: str) -> None:
    left = people.MEMBERSHIPS.delete().where(people.MEMBERSHIPS.c.user_id == user)
    installation.writer.do(lambda ledger: ledger.connection.execute(left))


def _colleague(installation: Installation, company: str) -> str:
    user, now = new_id("usr"), installation.wall_clock.now()
    member = people.Membership(new_id("mbr"), user, "buyer", company, now)
    installation.writer.do(lambda ledger: people.add_membership(ledger.connection, member))
    return user


def _since_ever(kept: Any) -> Any:
    return type(kept)(**{**{name: getattr(kept, name) for name in kept.__slots__}, "told_us": 0})


def test_who_was_shown_what_not_everybody_sees_is_written_down_once(world: World) -> None:
    company, caller = "cmp_third", world.callers["cmp_third"]
    for _ in range(2):
        _walked(caller)
    with world.installation.database.reading() as connection:
        for listing in world.listings:
            shown = audiences.exposures_of(connection, listing)
            logged = [one.why for one in shown if one.company == company]
            audience = audiences.audience_of(connection, world.listings[listing])
            why = audience.why(Viewer(company, MARKET, TIERS[company]))
            expected = [why] if listing in world.seen[company] and why != "everybody" else []
            assert logged == expected


def test_a_search_is_told_of_at_most_once_a_day(world: World) -> None:
    installation = world.installation
    user = _colleague(installation, "cmp_second")
    kept = keep_search.keep(installation, f"user:{user}", "cmp_second", "all", Search(), letters=True)
    searches = saved_searches.SEARCHES

    def write(ledger: Any) -> int:
        ledger.connection.execute(searches.update().where(searches.c.id == kept.id).values(told_us=0))
        return keep_search.write_letters(installation, ledger.connection)

    assert [installation.writer.do(write) for _ in range(2)] == [1, 0]
    with installation.database.reading() as connection:
        told = saved_searches.get(connection, kept.id)
    assert told is not None
    assert told.told_on == installation.clock.now().date().isoformat()
