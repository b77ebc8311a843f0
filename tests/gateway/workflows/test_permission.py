"""What happens to offers when the brand's permission changes under them."""

from typing import Any

import pytest

from gateway.errors import InsufficientQuantity, LotNotVerified
from gateway.pages.building.offers import offered
from gateway.policies import load
from gateway.store import trade
from gateway.store.trade import Listing
from gateway.wiring import Installation
from gateway.workflows import shipments as steps
from gateway.workflows.accrue_fees import fees
from gateway.workflows.audit_log import audit_source
from gateway.workflows.gate import judge_lot, today, verdict_on
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.recheck import recheck
from gateway.workflows.score_suppliers import tally_of
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.shipments import Wish
from gateway.workflows.work import Work
from ledger.errors import MissingEvidence
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.dependents import names_under
from ledger.store.log import OPENINGS
from tests.gateway.workflows.test_shipments import BY, bought, ready, staff
from tests.ledger.world import drop_guards


def _phone_offers(installation: Installation) -> tuple[list[Listing], LotState]:
    """Every offer of phones, and the first one's lot."""
    with installation.database.reading() as connection:
        found = [(x, _state(connection, x.lot)) for x in trade.listings(connection)]
    phones = [x for x, state in found if state.category == "phone"]
    return phones, next(state for x, state in found if x == phones[0])


def _state(connection: Any, lot: str) -> LotState:
    subject = log.subject(connection, lot)
    assert subject is not None
    state: LotState = subject.state
    return state


def _write(installation: Installation, type_: str, link: str, data: dict[str, Any], **committed: Any) -> None:
    """As the link's grantor."""

    def unit(ledger: Any) -> None:
        work = Work(installation, ledger)
        subject = log.subject(work.connection, link)
        assert subject is not None
        grantor = hand(installation, subject.state.grantor, "grantor")
        work.record(type_, [grantor], data, subjects=[link], committed=committed)

    installation.writer.do(unit)


def test_l7_the_middle_link_takes_exactly_its_lots_with_it(copied: Installation) -> None:
    """Page, gate and audit agree: in one round the offers are gone, and the log is in order."""
    phones, lot = _phone_offers(copied)
    middle = lot.authorizations[-1]
    assert len(lot.authorizations) == 2
    _write(copied, "authorization.revoked", middle, {"reason": "withdrawn"})
    gone = recheck(copied)
    assert {listing.id for listing, _ in gone} == {listing.id for listing in phones}
    assert {(reasons[0].slug, reasons[0].detail) for _, reasons in gone} == {
        ("authorization-revoked", middle)
    }
    with copied.database.reading() as connection:
        dependent = set(names_under(connection, middle))
        others = [x.lot for x in trade.listings(connection)]
    assert {listing.lot for listing in phones} <= dependent
    assert dependent.isdisjoint(others)
    copied.publisher.publish()
    report = audit_source(copied.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def test_l7_a_territory_that_is_taken_away_ends_the_offers_there(copied: Installation) -> None:
    phones, lot = _phone_offers(copied)
    top = lot.authorizations[0]
    _write(copied, "authorization.narrowed", top, {}, territories_denied=["US"])
    gone = recheck(copied)
    assert {listing.id for listing, _ in gone} == {x.id for x in phones if x.market == "US"} != set()
    assert {(r.slug, r.detail) for _, reasons in gone for r in reasons} == {("territory-excluded", top)}


def test_g9_a_country_that_its_brand_denies_is_refused_at_quote_order_and_shipment(
    copied: Installation,
) -> None:
    """One order is paid, one lot is held, when the brand takes the country away: nothing of it goes on."""
    order = bought(copied, 5, category="phone")
    shipment = ready(copied, steps.plan(copied, [Wish(order.id)], by=BY))
    with copied.database.reading() as connection:
        listing = next(x for x in trade.listings(connection) if (x.lot, x.market) == (order.lot, "US"))
        top = _state(connection, order.lot).authorizations[0]
        assert offered(copied, connection, order.company, listing.id) is not None
    hold = reserve(copied, listing.id, order.company, 5)
    _write(copied, "authorization.narrowed", top, {}, territories_denied=["US"])
    copied.publisher.publish()

    with copied.database.reading() as connection:
        assert offered(copied, connection, order.company, listing.id) is None, "no cost is worked out either"
    for refused in (
        lambda: reserve(copied, listing.id, order.company, 5),
        lambda: confirm(copied, hold.id, order.company, Terms("PO-9", "FCA", "Shenzhen")),
        lambda: steps.dispatch(copied, shipment.id, by=staff(copied)),
    ):
        with pytest.raises(LotNotVerified) as stopped:
            refused()
        assert ("territory-excluded", top) in {(one.slug, one.detail) for one in stopped.value.reasons}


def test_l7_a_ceiling_over_all_lots_bounds_what_is_offered_held_and_sold(copied: Installation) -> None:
    phones, lot = _phone_offers(copied)
    top, offer = lot.authorizations[0], max(phones, key=lambda x: _available(copied, x))
    sold = _judged(copied, offer.lot).facts.chain[0].sold
    assert sold is None  # nobody asks as long as there is no ceiling
    with copied.database.reading() as connection:
        sold = sum(_state(connection, name).sold or 0 for name in names_under(connection, top))
    _write(copied, "authorization.narrowed", top, {}, quantity_ceiling=sold + 6)
    assert _judged(copied, offer.lot).facts.available == 6
    company = {"VN": "cmp_vn", "NG": "cmp_ng", "US": "cmp_us"}[offer.market]
    with pytest.raises(InsufficientQuantity, match="6 are left"):
        reserve(copied, offer.id, company, 7)
    reserve(copied, offer.id, company, 5)
    with pytest.raises(InsufficientQuantity, match="1 are left"):
        reserve(copied, offer.id, company, 5)
    _write(copied, "authorization.narrowed", top, {}, quantity_ceiling=sold)
    gone = recheck(copied)
    assert {listing.id for listing, _ in gone} == {listing.id for listing in phones}
    assert {reasons[0].slug for _, reasons in gone} == {"authorization-exhausted"}


def _available(installation: Installation, listing: Listing) -> int:
    with installation.database.reading() as connection:
        stock = trade.stock(connection, listing.lot)
    return stock.available if stock else 0


def _judged(installation: Installation, lot: str) -> Any:
    with installation.database.reading() as connection:
        judged = judge_lot(installation, connection, lot, verdict_on(installation, connection, lot))
    assert judged is not None
    market = load.markets().market("US")
    assert market is not None
    judged.reasons(market, today(installation))
    return judged


def test_l22_the_gate_counts_on_from_where_it_stood(copied: Installation) -> None:
    """One read of the whole log, then what came since; the same as reading it all again."""
    _, lot = _phone_offers(copied)
    assert lot.supplier is not None
    with copied.database.reading() as connection:
        first = tally_of(copied.database, connection, lot.supplier)
        again = tally_of(copied.database, connection, lot.supplier)
    assert first == again
    assert first.received == 1200
    assert 0 < first.rejected < first.received
    assert first.unopened == 0


def test_l5_every_sale_of_the_story_passed_title(told: Installation) -> None:
    with told.database.reading() as connection:
        lots = [subject.state for _, subject in log.subjects_of_kind(connection, "lot")]
    assert sum(lot.titles_passed for lot in lots) == 3  # the orders of the story


def test_l10_the_storys_sales_accrue_five_per_cent_to_every_grantor_of_their_chains(
    told: Installation,
) -> None:
    """Each link of the story's chains has a fee of 5 %."""
    with told.database.reading() as connection:
        found = fees(connection)
        orders = trade.orders(connection)
        chains = [_state(connection, order.lot).authorizations for order in orders]
    by_sale = {order.sold_event: order.quantity * order.unit_price_minor for order in orders}
    assert sorted(by_sale) == sorted({one.event_id for one in found})
    assert len(found) == sum(len(chain) for chain in chains)
    for one in found:
        assert one.base_minor == by_sale[one.event_id]
        assert abs(one.amount_minor * 20 - one.base_minor) <= 20  # rounded on the running total


def test_l10_a_fee_that_cannot_be_opened_is_not_left_out(copied: Installation) -> None:
    with copied.database.writer.begin() as connection:
        connection.execute(OPENINGS.update().where(OPENINGS.c.field == "fee_rate").values(value=None))
    with copied.database.reading() as connection, pytest.raises(MissingEvidence, match="fee_rate of record"):
        fees(connection)


def test_l22_a_log_that_was_put_back_is_counted_anew(copied: Installation) -> None:
    """A backup without the last complaint: what was counted after it never happened."""
    _, lot = _phone_offers(copied)
    supplier = lot.supplier or ""
    with copied.database.reading() as connection:
        before = tally_of(copied.database, connection, supplier)

    def unit(ledger: Any) -> int:
        work = Work(copied, ledger)
        lots = log.subjects_of_kind(work.connection, "lot")
        sold = next(name for name, s in lots if s.state.titles_passed and s.state.supplier == supplier)
        seller = operator_hand(copied, "sales", "seller")
        data = {"cause": "late", "outcome": "upheld"}
        return work.record(
            "dispute.settled", [seller], data, subjects=[sold], committed={"quantity": 1}
        ).index

    index = copied.writer.do(unit)
    with copied.database.reading() as connection:
        assert tally_of(copied.database, connection, supplier).disputed == before.disputed + 1
    with copied.database.writer.begin() as connection:
        drop_guards(connection)
        connection.execute(log.ENTRIES.delete().where(log.ENTRIES.c.idx >= index))
    with copied.database.reading() as connection:
        assert tally_of(copied.database, connection, supplier) == before
