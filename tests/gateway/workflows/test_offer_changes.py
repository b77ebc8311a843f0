"""An offer's way from draft to its end: each step written down, the gate asked, nothing claimed unproven."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import ListingWithdrawn, LotNotVerified, Refused
from gateway.policies import load
from gateway.store import offer_states, trade
from gateway.store.trade import LISTINGS, Listing
from gateway.wiring import Installation
from gateway.workflows import offer_changes
from gateway.workflows.gate import judge_lot, verdict_on
from gateway.workflows.list_lot import MEMBERS, Display
from gateway.workflows.offer_changes import Act
from gateway.workflows.offer_terms import Stated
from gateway.workflows.parties import operator_hand
from gateway.workflows.recheck import ended, recheck
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.settle_stock import settle_stock
from gateway.workflows.take_record import take
from ledger import author
from ledger.author import Draft
from ledger.record import Submission
from ledger.store import log
from ledger.store.view import StoredView

BY = Act("user:u1", note="said so")


def _offer(installation: Installation, category: str = "apparel", at_least: int = 20) -> Listing:
    """An offer in the United States of which so many pieces are left."""
    with installation.database.reading() as connection:
        for one in trade.listings(connection):
            subject, stock = log.subject(connection, one.lot), trade.stock(connection, one.lot)
            if (
                subject is not None
                and (subject.state.category, one.market) == (category, "US")
                and stock is not None
                and stock.available >= at_least
            ):
                return one
    raise AssertionError(category)


def _now(installation: Installation, id_: str) -> tuple[Listing, list[tuple[str, str, str, str]]]:
    with installation.database.reading() as connection:
        found = trade.listing(connection, id_)
        changes = offer_states.changes(connection, id_)
    assert found is not None
    return found, [(change.before, change.after, change.reason, change.who) for change in changes]


def _set(installation: Installation, id_: str, **values: Any) -> None:
    def unit(ledger: Any) -> None:
        ledger.connection.execute(LISTINGS.update().where(LISTINGS.c.id == id_).values(**values))

    installation.writer.do(unit)


def _sent(installation: Installation, type_: str, lot: str, data: Any, committed: Any, opened: bool) -> None:
    """A record signed by the house's own key, sent ready-made as a program sends it."""
    with installation.database.reading() as connection:
        view = StoredView(connection, log.read_head(connection))
        subject = view.subject(lot)
        assert subject is not None
        draft = Draft(
            type_,
            [operator_hand(installation, "sales", "seller")],
            data,
            [lot],
            subject.state.authorizations if type_ == "lot.listed" else (),
            committed,
            (),
            None,
        )
        sent = author.write(draft, origin=installation.config.origin, at=installation.clock.now(), view=view)
    take(installation, sent if opened else Submission(sent.body, sent.signatures))


def test_a_draft_becomes_an_offer_when_the_gate_lets_it_through(copied: Installation) -> None:
    old = _offer(copied)
    wording = '{"en":{"title":"Knitwear, light marks"}}'
    until = (copied.clock.now() + timedelta(days=3)).date().isoformat()
    display = Display("tier", 2, "", until, wording)
    made = offer_changes.draft(copied, old.lot, "US", Stated(), display, "user:u1")
    assert (made.status, made.head, made.version) == ("draft", "", 1)
    with pytest.raises(Refused, match="is draft"):
        offer_changes.publish(copied, made.id, BY)
    offer_changes.hand_in(copied, made.id, BY)
    offer_changes.publish(copied, made.id, BY)
    published, history = _now(copied, made.id)
    assert history == [
        ("", "draft", "drafted", "user:u1"),
        ("draft", "in_review", "handed-in", "user:u1"),
        ("in_review", "published", "gate-passed", "user:u1"),
    ]
    assert (published.visibility, published.tier_min, published.offered_until) == ("tier", 2, until)
    assert published.head
    assert published.reference
    before, replaced = _now(copied, old.id)  # one offer a market
    assert (before.status, replaced[-1][2]) == ("withdrawn", "replaced")


def test_g1_what_fails_the_gate_is_not_published_and_every_failing_check_is_named(
    copied: Installation, revoked: Callable[[], None]
) -> None:
    old = _offer(copied, "sofa", 1)
    made = offer_changes.draft(copied, old.lot, "US", Stated(), MEMBERS, "user:u1")
    offer_changes.hand_in(copied, made.id, BY)
    revoked()
    with pytest.raises(LotNotVerified) as refused:
        offer_changes.publish(copied, made.id, BY)
    assert {reason.slug for reason in refused.value.reasons} == {"authorization-revoked"}
    assert _now(copied, made.id)[0].status == "in_review"


@pytest.fixture
def revoked(copied: Installation) -> Callable[[], None]:
    from tests.gateway.workflows.test_recheck import _revoke_beichen_appliances

    def revoke() -> None:
        _revoke_beichen_appliances(copied)

    return revoke


def test_a_pause_keeps_new_holds_out_and_leaves_those_that_stand(copied: Installation) -> None:
    one = _offer(copied)
    hold = reserve(copied, one.id, "cmp_us", one.moq)
    offer_changes.pause(copied, one.id, replace(BY, reason="stock_count"))
    with pytest.raises(ListingWithdrawn):
        reserve(copied, one.id, "cmp_us", one.moq)
    assert settle_stock(copied) == []
    assert recheck(copied) == []
    order = confirm(copied, hold.id, "cmp_us", Terms("PO-9", "FCA", "Hangzhou"))
    assert order.quantity == one.moq
    offer_changes.resume(copied, one.id, BY)
    found, history = _now(copied, one.id)
    assert found.status == "published"
    assert [(before, after) for before, after, _, _ in history[-2:]] == [
        ("published", "paused"),
        ("paused", "published"),
    ]
    assert reserve(copied, one.id, "cmp_us", one.moq).state == "active"


def test_a_withdrawal_is_recorded_with_its_reason_and_is_for_good(copied: Installation) -> None:
    one = _offer(copied)
    hold = reserve(copied, one.id, "cmp_us", one.moq)
    with copied.database.reading() as connection:
        before = log.subject(connection, one.lot)
    offer_changes.withdraw(copied, one.id, replace(BY, reason="goods_needed"))
    with copied.database.reading() as connection:
        after = log.subject(connection, one.lot)
    assert before is not None
    assert after is not None
    assert after.state.listings == before.state.listings - 1
    assert hold.id in {released.id for released in settle_stock(copied)}
    for change in (offer_changes.resume, offer_changes.pause, offer_changes.withdraw):
        with pytest.raises(Refused, match="is withdrawn"):
            change(copied, one.id, BY)


def test_words_that_claim_too_much_are_refused_and_what_is_proven_may_stand(copied: Installation) -> None:
    with copied.database.reading() as connection:
        used = next(
            one
            for one in trade.listings(connection)
            if (subject := log.subject(connection, one.lot)) is not None and subject.state.grade == "B"
        )
    with pytest.raises(Refused, match="全新") as refused:
        offer_changes.word(copied, used.id, {"zh": {"title": "全新正品"}}, BY)
    (claim,) = refused.value.facts["claims"]
    assert (claim["language"], claim["words"], claim["claim"]) == ("zh", "全新", "brand-new")
    assert "grade-a" in claim["lacking"]
    found = offer_changes.word(copied, used.id, {"zh": {"title": "正品，轻微使用痕迹"}}, BY)
    assert "正品" in found.wording
    assert offer_changes.word(copied, used.id, {"zh": {"title": "正品，轻微使用痕迹"}}, BY) == found


def test_words_that_a_later_record_no_longer_bears_out_pause_the_offer(copied: Installation) -> None:
    one = _offer(copied)
    _set(copied, one.id, wording='{"en":{"title":"12 month warranty"}}')
    assert recheck(copied) == []
    found, history = _now(copied, one.id)
    assert (found.status, history[-1]) == ("paused", ("published", "paused", "claims-too-much", "gate"))
    with pytest.raises(Refused, match="warranty"):
        offer_changes.resume(copied, one.id, BY)


def test_an_offer_ends_with_its_last_day(copied: Installation) -> None:
    one = _offer(copied)
    _set(copied, one.id, offered_until="2026-11-01")
    with pytest.raises(ListingWithdrawn):
        reserve(copied, one.id, "cmp_us", one.moq)
    assert recheck(copied) == []
    found, history = _now(copied, one.id)
    assert (found.status, history[-1]) == ("expired", ("published", "expired", "last-day-passed", "gate"))


def test_an_offer_of_which_every_unit_is_sold_is_sold_out(copied: Installation) -> None:
    one = _offer(copied)
    with copied.database.reading() as connection:
        judged = judge_lot(copied, connection, one.lot, verdict_on(copied, connection, one.lot))
    assert judged is not None
    lot = judged.facts.lot
    sold = replace(judged, facts=replace(judged.facts, lot=lot.model_copy(update={"sold": lot.quantity})))
    found = ended(copied, one, sold)
    assert found is not None
    assert found.after == "sold_out"
    assert ended(copied, one, judged) is None


def test_a_record_that_comes_ready_made_ends_and_makes_offers_here(copied: Installation) -> None:
    one = _offer(copied)
    market, channel = one.market, one.channel
    _sent(
        copied, "lot.withdrawn", one.lot, {"reason": "price_changed"},
        {"market": market, "channel": channel}, opened=True,
    )  # fmt: skip
    gone, history = _now(copied, one.id)
    assert (gone.status, history[-1]) == ("withdrawn", ("published", "withdrawn", "price-changed", "record"))
    price = {"amount_minor": one.unit_price_minor, "currency": one.currency}
    with copied.database.reading() as connection:
        judged = judge_lot(copied, connection, one.lot, verdict_on(copied, connection, one.lot))
    assert judged is not None
    place = load.markets().market(market, channel)
    assert place is not None
    _sent(
        copied, "lot.listed", one.lot, {"verification": judged.verification(place)},
        {"market": market, "channel": channel, "price": price}, opened=True,
    )  # fmt: skip
    with copied.database.reading() as connection:
        (waits,) = offer_states.in_states(connection, {"in_review"}, lot=one.lot)
    assert waits.head
    with pytest.raises(Refused, match="is in_review"):
        offer_changes.publish(copied, waits.id, BY)  # the gate alone decides on what is recorded
    assert recheck(copied) == []
    shown, history = _now(copied, waits.id)
    assert (shown.status, history[-1]) == ("published", ("in_review", "published", "gate-passed", "gate"))
    assert (shown.unit_price_minor, bool(shown.reference)) == (one.unit_price_minor, True)


def test_a_withdrawal_that_does_not_say_which_pauses_all_that_it_may_mean(copied: Installation) -> None:
    one = _offer(copied)
    with copied.database.reading() as connection:
        beside = [found for found in trade.listings(connection, lot=one.lot) if found.id != one.id]
    assert beside, "the story offers the lot in two markets"
    committed = {"market": one.market, "channel": one.channel}
    _sent(copied, "lot.withdrawn", one.lot, {"reason": "seller_decision"}, committed, opened=False)
    assert {_now(copied, found.id)[0].status for found in (one, *beside)} == {"paused"}


def test_two_who_change_the_same_offer_at_once_are_one_change(copied: Installation) -> None:
    one = _offer(copied)

    def twice(ledger: Any) -> None:
        at = copied.clock.now()
        offer_states.move(ledger.connection, one, "paused", who="user:a", reason="stock_count", at=at)
        with pytest.raises(Refused, match="meanwhile"):
            offer_states.move(ledger.connection, one, "withdrawn", who="user:b", reason="x", at=at)

    copied.writer.do(twice)
    assert _now(copied, one.id)[0].status == "paused"
