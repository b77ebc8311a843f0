"""L24: a recall reaches every page and every buyer of what came of the recalled lot, each buyer once."""

import re
from email import message_from_bytes, policy
from typing import Any

import pytest

from gateway.i18n import LANGUAGES
from gateway.people.tokens import new_id
from gateway.store import goods, people, trade
from gateway.store.people import Membership, User
from gateway.store.trade import Order
from gateway.tasks.schedule import tick
from gateway.wiring import Installation
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.family import line_of, lots_of
from ledger.lots import lineage
from ledger.record import Ledger
from tests.gateway.tasks.test_housekeeping import drained, of_kind
from tests.gateway.web import Caller


@pytest.fixture
def order(copied: Installation) -> Order:
    """One of the story, of a lot that was split from another."""
    with copied.database.reading() as connection:
        for one in trade.orders(connection):
            if len(line_of(connection, one.lot)) > 1:
                return one
    raise AssertionError("the story sells split lots")


def buyer(installation: Installation, company: str, language: str) -> str:
    now = installation.clock.now()
    user = User(new_id("usr"), f"{language}@buyer.example", "Kim", language, None, None, 0, False, False, now)

    def unit(ledger: Ledger) -> None:
        people.add_user(ledger.connection, user)
        membership = Membership(new_id("mem"), user.id, "buyer", company, now)
        people.add_membership(ledger.connection, membership)

    installation.writer.do(unit)
    return user.id


def recorded(installation: Installation, type_: str, lot: str, **data: Any) -> str:
    """As the custodian; published, as the publisher would a moment later. Returns the event id."""

    def unit(ledger: Ledger) -> str:
        authority = operator_hand(installation, "warehouse", "authority")
        return Work(installation, ledger).record(type_, [authority], data, subjects=[lot]).event_id

    event_id = installation.writer.do(unit)
    installation.publisher.publish()
    return event_id


def followed(installation: Installation) -> None:
    """What the house does when records became visible, twice over."""
    for _ in range(2):
        tick(installation, [])
        drained(installation)


def eldest(installation: Installation, lot: str) -> str:
    with installation.database.reading() as connection:
        return line_of(connection, lot)[0][0]


def templates(installation: Installation, user: str) -> list[str]:
    letters = [job.arguments for job in of_kind(installation, "mail")]
    return [str(one["template"]) for one in letters if one["to"] == user]


def test_l24_buyers_are_told_once_of_a_recall_made_after_the_split_and_once_of_its_end(
    copied: Installation, order: Order
) -> None:
    readers = {tag: buyer(copied, order.company, tag) for tag in LANGUAGES}
    stranger = buyer(copied, "cmp_none", "en")
    followed(copied)
    assert [templates(copied, user) for user in readers.values()] == [[], [], []]
    with copied.database.reading() as connection:
        offered = {one.lot for one in trade.listings(connection)}

    source = eldest(copied, order.lot)
    recall = recorded(copied, "lot.recalled", source, reason="safety")
    followed(copied)
    assert [templates(copied, user) for user in readers.values()] == [["recall"]] * 3
    assert templates(copied, stranger) == []
    said = {mail["Content-Language"]: mail for mail in letters(copied)}
    assert set(said) == set(LANGUAGES)
    assert all(order.po_number in mail["Subject"] for mail in said.values())
    assert "A danger to people" in said["en"].get_content()
    with copied.database.reading() as connection:
        left = {one.lot for one in trade.listings(connection)}
        below = set(lineage.descendants(source, lots_of(connection)))
    assert offered - left == offered & below, "and of those alone"

    recorded(copied, "lot.released", source, record=recall, reason="unfounded")
    followed(copied)
    assert [templates(copied, user) for user in readers.values()] == [["recall_ended", "recall"]] * 3


def letters(installation: Installation) -> list[Any]:
    files = sorted((installation.home / "mail").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def test_l24_a_childs_pages_show_the_recall_of_its_ancestor_first(copied: Installation, order: Order) -> None:
    caller = Caller(copied)
    with copied.database.reading() as connection:
        code = next(link.code for link in goods.codes_of(connection, order.lot))
    assert 'class="verdict unaltered"' in caller.get(f"/q/{code}").text
    recall = recorded(copied, "lot.recalled", eldest(copied, order.lot), reason="safety")

    page = caller.get(f"/q/{code}", headers={"Accept-Language": "en"}).text
    assert 'class="verdict recalled"' in page
    assert "A danger to people" in page
    lot = f"/operator/lots/{order.lot.partition(':')[2]}"
    staff = caller.signed_in("operator").get(lot, headers={"Accept-Language": "en"}).text
    assert re.search(r'role="alert".*These goods have been recalled.*which this one came of', staff)
    assert staff.index('role="alert"') < staff.index("<h1>")

    recorded(copied, "lot.released", eldest(copied, order.lot), record=recall, reason="unfounded")
    assert 'class="verdict unaltered"' in caller.get(f"/q/{code}").text
    assert 'role="alert"' not in caller.get(lot).text
