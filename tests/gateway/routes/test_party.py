"""The home of a party: its own goods and permissions, and nobody else's."""

import re
from typing import Any

from gateway.pages.building.party import place_of
from gateway.people import sessions
from gateway.people.printed_logins import issue_login
from gateway.store import own_subjects, party_names, trade
from gateway.wiring import Installation
from gateway.workflows.accrue_fees import fees
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.dependents import names_under
from tests.gateway.outsiders import outsider
from tests.gateway.web import Caller, heading


def visitor(installation: Installation, role: Any, party: str) -> Caller:
    caller = Caller(installation)
    answer = caller.post(issue_login(installation, role, party=party))
    assert answer.headers["location"] == sessions.HOME[role]
    return caller


def parties_of(installation: Installation, kind: str) -> list[str]:
    with installation.database.reading() as connection:
        return [party for party, _, _ in party_names.of_kinds(connection, (kind,))]


def selling_brand(installation: Installation) -> tuple[str, str]:
    """A brand whose goods were sold under its own grant: (party, that grant)."""
    with installation.database.reading() as connection:
        for accrual in fees(connection):
            state = log.subject(connection, accrual.authorization).state  # type: ignore[union-attr]
            if state.parent is None:
                return state.grantor, accrual.authorization
    raise AssertionError("the story sells under grants")


def test_every_party_lands_at_home(copied: Installation) -> None:
    roles = {"brand": "brand", "agent": "supplier", "supplier": "supplier", "inspector": "inspector",
             "refurbisher": "refurbisher"}  # fmt: skip
    for kind, role in roles.items():
        party = parties_of(copied, kind)[0]
        home = visitor(copied, role, party).get("/party")
        with copied.database.reading() as connection:
            name = party_names.name_of(connection, party, "en")
        assert (home.status_code, name in heading(home)) == (200, True), kind


def test_a_supplier_sees_its_own_lots_alone(copied: Installation) -> None:
    one, other = parties_of(copied, "supplier")[:2]
    caller = visitor(copied, "supplier", one)
    with copied.database.reading() as connection:
        mine = {name for name, _ in own_subjects.lots_of(connection, one)}
        theirs = {name for name, _ in own_subjects.lots_of(connection, other)} - mine
    shown = {f"lot:{bare}" for bare in re.findall(r"/party/lots/([0-9a-z]{20})", caller.get("/party").text)}
    assert shown
    assert shown <= mine
    foreign = next(iter(theirs)).partition(":")[2]
    assert caller.get(f"/party/lots/{foreign}").status_code == 404
    assert caller.get(f"/party/lots/{next(iter(shown)).partition(':')[2]}").status_code == 200
    assert caller.get("/party/goods").status_code == 404, "the brand's page"
    assert caller.get(f"/party/lots/{'0' * 20}").status_code == 404


def test_goods_that_a_supplier_keeps_are_not_called_received() -> None:
    """Of direct supply: they can be worked on where they are, and nobody has counted them."""
    lot = LotState.model_construct(
        exit=None, recalls=[], parent=None, children=[], quantity=5, sold=0, delivered=False, listings=0,
        inspection=None, grade=None, received=False, supply_mode="direct", merged_from=[],
    )  # fmt: skip
    assert place_of(lot) == ("declared", "busy")


def test_l7_the_brand_sees_its_chains_as_a_tree_with_their_states(copied: Installation) -> None:
    brand, grant = selling_brand(copied)
    caller = visitor(copied, "brand", brand)
    page = caller.get("/party/permissions").text
    with copied.database.reading() as connection:
        grants = own_subjects.grants(connection)
    below = [name for name, state in grants.items() if state.parent == grant]
    assert below
    for name in (grant, *below):
        assert f"/party/permissions/{name.partition(':')[2]}" in page
    for name, state in grants.items():
        if state.grantor != brand and state.parent not in (
            None,
            *(n for n, s in grants.items() if s.grantor == brand),
        ):
            assert f"/party/permissions/{name.partition(':')[2]}" not in page
    stranger = visitor(copied, "brand", next(one for one in parties_of(copied, "brand") if one != brand))
    assert stranger.get(f"/party/permissions/{grant.partition(':')[2]}").status_code == 404


def test_l10_the_brand_sees_the_fee_that_is_due_to_it(copied: Installation) -> None:
    brand, grant = selling_brand(copied)
    with copied.database.reading() as connection:
        due = [one for one in fees(connection) if one.authorization == grant]
    (currency,) = {one.currency for one in due}
    assert currency == "USD"
    total = sum(one.amount_minor for one in due)
    assert (
        f"{total // 100:,}.{total % 100:02d}"
        in visitor(copied, "brand", brand).get("/party/permissions").text
    )


def test_a_brand_sees_its_goods_by_market_and_no_buyer(copied: Installation) -> None:
    brand, grant = selling_brand(copied)
    page = visitor(copied, "brand", brand).get("/party/goods").text
    with copied.database.reading() as connection:
        lots = set(names_under(connection, grant))
        sold = {
            key: units for key, units in own_subjects.sold_by_market(connection).items() if key[0] in lots
        }
        companies = trade.companies(connection)
        orders = trade.orders(connection)
    assert sold
    for units in sold.values():
        assert units > 0
    text = re.sub(r"<[^>]*>", " ", page)
    for company in companies:
        assert company.name not in text
    for order in orders:
        assert order.po_number not in text
        assert f"{order.total_minor // 100:,}" not in text


def test_an_insurer_looks_up_a_lot_that_it_was_told_of_and_covers_it(copied: Installation) -> None:
    insurer = outsider(copied, "Coverall", "insurer")
    caller = visitor(copied, "insurer", insurer.party)
    with copied.database.reading() as connection:
        lot = trade.listings(connection)[0].lot
    assert caller.get("/party", params={"lot": "lot:nothing"}).status_code == 404
    found = caller.get("/party", params={"lot": lot})
    assert found.headers["location"] == f"/party/lots/{lot.partition(':')[2]}"
    assert f"/do/insure?on={lot}" in caller.get(found.headers["location"]).text
    fields = {
        "csrf_token": caller.token,
        "on": lot,
        "policy_number": "P-1",
        "cover": "12000.50",
        "cover_currency": "USD",
        "valid_from": "2026-11-20",
        "valid_until": "2027-11-19",
    }
    answer = caller.post("/do/insure", data=fields)
    assert answer.status_code == 303
    assert "US$12,000.50" in caller.get(answer.headers["location"]).text
