"""When a record takes the ground from under an offer, the offer goes away by itself."""

import json
from typing import Any

import pytest
from sqlalchemy import select, text

from gateway.errors import ListingWithdrawn, LotNotVerified
from gateway.store import tables, trade
from gateway.wiring import Installation
from gateway.workflows import recheck as recheck_module
from gateway.workflows.parties import hand
from gateway.workflows.recheck import recheck
from gateway.workflows.sell import reserve
from gateway.workflows.work import Work
from ledger.errors import MissingEvidence, StorageUnavailable
from ledger.store import log
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)


def _revoke_beichen_appliances(installation: Installation) -> str:
    """The brand takes back the grant under which its appliances are sold."""

    def unit(ledger: Any) -> str:
        work = Work(installation, ledger)
        for name, subject in log.subjects_of_kind(work.connection, "authorization"):
            if "sofa" in subject.state.categories:
                grantor = hand(installation, subject.state.grantor, "grantor")
                work.record("authorization.revoked", [grantor], {"reason": "withdrawn"}, subjects=[name])
                return name
        raise AssertionError

    return str(installation.writer.do(unit))


def test_nothing_is_withdrawn_while_the_evidence_stands(copied: Installation) -> None:
    assert recheck(copied) == []


def test_a_revoked_grant_withdraws_exactly_the_offers_that_stood_on_it(copied: Installation) -> None:
    with copied.database.reading() as connection:
        before = trade.listings(connection)
        categories = {
            x.id: s.state.category for x in before if (s := log.subject(connection, x.lot)) is not None
        }
    authorization = _revoke_beichen_appliances(copied)
    gone = recheck(copied)
    assert {listing.id for listing, _ in gone} == {
        id_ for id_, category in categories.items() if category not in ("phone", "apparel")
    }
    assert all(reasons[0].slug == "authorization-revoked" for _, reasons in gone)
    assert all(reasons[0].detail == authorization for _, reasons in gone)
    assert recheck(copied) == []


def test_between_the_revocation_and_the_recheck_nothing_slips_through(copied: Installation) -> None:
    with copied.database.reading() as connection:
        sofa = next(
            x
            for x in trade.listings(connection)
            if x.market == "US"
            and (s := log.subject(connection, x.lot)) is not None
            and s.state.category == "sofa"
        )
    _revoke_beichen_appliances(copied)
    with pytest.raises(LotNotVerified, match="authorization-revoked"):
        reserve(copied, sofa.id, "cmp_us", sofa.moq)
    recheck(copied)
    with pytest.raises(ListingWithdrawn):
        reserve(copied, sofa.id, "cmp_us", sofa.moq)


def test_the_parties_of_the_story_are_known_by_one_number_each(told: Installation) -> None:
    with told.database.reading() as connection:
        numbers = list(connection.execute(select(PARTIES.c.registration_number)).scalars())
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("how", ["raises", "differs"])
def test_a_lot_that_cannot_be_judged_is_withdrawn_and_the_others_are_judged_all_the_same(
    copied: Installation, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """One lot's evidence is gone; the offers that stand on a revoked grant are withdrawn with it."""
    _revoke_beichen_appliances(copied)
    with copied.database.reading() as connection:
        listings = trade.listings(connection)
        states = {x.lot: s.state for x in listings if (s := log.subject(connection, x.lot)) is not None}
    broken = next(lot for lot, state in states.items() if state.category == "phone")
    if how == "raises":
        ask = recheck_module.verdict_on

        def verdict_on(installation: Installation, connection: Any, lot: str) -> Any:
            if lot == broken:
                raise MissingEvidence("its history cannot be read")
            return ask(installation, connection, lot)

        monkeypatch.setattr(recheck_module, "verdict_on", verdict_on)
    else:
        state = json.dumps({**states[broken].model_dump(mode="json", by_alias=True), "overage": True})
        with copied.database.writer.begin() as connection:
            update = text("UPDATE subjects SET state = :state WHERE subject = :lot")
            connection.execute(update, {"state": state, "lot": broken})
    gone = {listing.lot: reasons[0].slug for listing, reasons in recheck(copied)}
    assert gone.pop(broken) == "chain-broken"
    assert len(gone) > 1
    assert set(gone.values()) == {"authorization-revoked"}


def test_a_store_that_does_not_answer_withdraws_nothing(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verdict_on(*_: object) -> Any:
        raise StorageUnavailable("later")

    monkeypatch.setattr(recheck_module, "verdict_on", verdict_on)
    assert recheck(copied) == []
