"""A station's key is stolen: revoke it, see every lot that rested on it change, inspect again, see it heal.

The story has two inspecting companies. The first one's key is reported compromised from its very first
inspection on; goods that the second one inspected afterwards stand.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.errors import LotNotVerified, NotFound
from gateway.pages.building.article import consumer_view, subject_of
from gateway.policies import load
from gateway.store import goods, tables, trade
from gateway.trade.eligibility import Reason
from gateway.wiring import Installation
from gateway.workflows import inspect_lot, keys
from gateway.workflows.audit_log import audit_source
from gateway.workflows.gate import judge_lot, rests_on_distrusted, today, verdict_on
from gateway.workflows.list_lot import list_lot
from gateway.workflows.recheck import recheck
from gateway.workflows.sell import reserve
from gateway.workflows.work import Work
from ledger.author import new_id
from ledger.core.keys import key_id
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, NotYourLot
from ledger.key_request import KeyRequest
from ledger.lots.distrust import distrusted_records, first_distrusted
from ledger.lots.schemes import load_schemes
from ledger.lots.state import LotState
from ledger.store import log
from ledger.store.tables import table
from tests.gateway.web import Caller, heading
from tests.ledger.fakes import MemorySigner

PARTIES = table(tables.PartyRow)
DISTRUSTED = Reason("record-distrusted")


@dataclass(frozen=True)
class Drill:
    """The story after its first inspector's key was revoked, reaching back.

    affected: lots that rest on it; offered: lots that were on offer before.
    """

    installation: Installation
    stolen: str
    since: int
    thief: str
    other: str
    affected: frozenset[str]
    offered: frozenset[str]


def _read(installation: Installation, ask: Callable[[Connection], Any]) -> Any:
    with installation.database.reading() as connection:
        return ask(connection)


def _inspections(connection: Connection) -> list[Leaf]:
    head = log.read_head(connection)
    assert head is not None
    leaves = (Leaf.parse(encoded) for _, encoded in log.leaves(connection, 0, head.size))
    return [leaf for leaf in leaves if leaf.record.body.type == "lot.inspected"]


def _current(connection: Connection) -> dict[str, LotState]:
    return {
        name: subject.state
        for name, subject in log.subjects_of_kind(connection, "lot")
        if subject.state.is_leaf
    }


def _second_registrar(installation: Installation) -> MemorySigner:
    second = MemorySigner("second registrar")
    request = KeyRequest(
        origin=installation.config.origin,
        kind="registrar",
        party=new_id("party"),
        public_key=second.public_key.hex(),
        scopes=[],
        custody="self",
    )
    pending = keys.admit(installation, request, 1, [installation.signer("registrar"), second])
    installation.writer.record(pending.submission())
    return second


@pytest.fixture
def drill(copied: Installation) -> Drill:
    inspections = _read(copied, _inspections)
    by_party: dict[str, list[Leaf]] = {}
    for leaf in inspections:
        by_party.setdefault(leaf.record.body.author.party, []).append(leaf)
    # The first inspector of the phones; the other one inspected the refurbished ones again.
    thief = inspections[0].record.body.author.party
    other = next(
        leaf.record.body.author.party
        for leaf in inspections
        if leaf.record.body.author.party != thief and not _is_first(copied, leaf)
    )
    stolen, since = inspections[0].record.body.author.key, inspections[0].index
    affected = {
        name
        for name, state in _read(copied, _current).items()
        if state.inspection is not None and state.inspection.by[0].key == stolen
    }
    assert 1 < len(affected) < len(_read(copied, _current)), "some rest on the stolen key, some do not"
    offered = {listing.lot for listing in _read(copied, trade.listings)}
    second = _second_registrar(copied)
    pending = keys.revoke(copied, stolen, "compromised", since, [copied.signer("registrar"), second])
    copied.writer.record(pending.submission())
    copied.publisher.publish()
    return Drill(copied, stolen, since, thief, other, frozenset(affected), frozenset(offered))


def _is_first(installation: Installation, leaf: Leaf) -> bool:
    """Whether an inspection is the first of its lot's line."""
    lot = next(link.id for link in leaf.record.body.subjects if link.id.startswith("lot:"))
    with installation.database.reading() as connection:
        subject = log.subject(connection, lot)
    assert subject is not None
    return subject.state.parent is None


def test_reaching_back_takes_a_second_registrar_and_a_key_of_this_log(copied: Installation) -> None:
    stolen = _read(copied, _inspections)[0].record.body.author.key
    with pytest.raises(InvalidRecord, match="2 registrars must sign, the log has 1; admit another"):
        keys.revoke(copied, stolen, "compromised", 1, [copied.signer("registrar")])
    with pytest.raises(InvalidRecord, match="is no key of a party"):
        keys.revoke(copied, "ab" * 32, "lost", None, [copied.signer("registrar")])
    second = _second_registrar(copied)
    alone = keys.revoke(copied, stolen, "compromised", 1, [copied.signer("registrar")])
    with pytest.raises(InvalidRecord, match="still waits for the signature of registrar"):
        alone.submission()
    assert alone.signed_by(second).missing == ()


def test_the_gate_withdraws_exactly_the_offers_that_rest_on_the_stolen_key(drill: Drill) -> None:
    offered = _read(drill.installation, trade.listings)
    hit = [listing for listing in offered if listing.lot in drill.affected]
    assert hit
    assert len(hit) < len(offered), "offers on other lots must stand"
    with pytest.raises((LotNotVerified, NotFound)):  # before any recheck, nothing slips through
        reserve(drill.installation, hit[0].id, _company(drill.installation, hit[0].market), hit[0].moq)
    withdrawn = recheck(drill.installation)
    assert {listing.id for listing, _ in withdrawn} == {listing.id for listing in hit}
    assert all(DISTRUSTED in reasons for _, reasons in withdrawn)
    assert recheck(drill.installation) == []
    chains = _read(drill.installation, lambda c: {x.lot: log.chain(c, x.lot) for x in hit})
    assert all(len(chain) > 1 for chain in chains.values()), "nothing was deleted"


def _company(installation: Installation, market: str) -> str:
    return next(c.id for c in _read(installation, trade.companies) if c.country == market)


def test_every_lot_that_rests_on_it_says_so_on_every_page_and_no_other_does(drill: Drill) -> None:
    installation, caller = drill.installation, Caller(drill.installation)
    operator = Caller(installation).signed_in("operator")
    for lot, state in _read(installation, _current).items():
        bare, hit = lot.partition(":")[2], lot in drill.affected
        with installation.database.reading() as connection:
            links = [link for link in goods.codes_of(connection, lot) if link.level == "lot"]
            assert rests_on_distrusted(connection, lot) == hit, lot
            history = installation.verifier().history(connection, lot)
            view = consumer_view(installation, connection, subject_of(connection, links[0]), "en")
        assert history is not None
        assert history.verdict == "unaltered", "nothing was changed"
        assert view.verdict == ("distrusted" if hit else "unaltered"), lot
        assert {reason.slug for reason in view.reasons} == ({"key-distrusted"} if hit else set())
        assert view.grade is None or view.grade.distrusted == hit
        page = caller.get(f"/q/{links[0].code}").text
        assert ("no longer trusted" in page) == hit
        flagged = re.findall(r'<li class="distrusted" id="e(\d+)"', page)
        expected = {r.index for r in history.records if r.trouble == "distrusted"}
        assert {int(text) for text in flagged} == expected, "a replaced inspection keeps its mark"
        assert ("key kept by the operator" in page) or ("holds its own key" in page)
        console = operator.get(f"/operator/lots/{bare}").text
        assert ("rests on a distrusted record" in console) == hit
        assert state.quantity > 0
    entry = caller.get(f"/auditor/entries/{drill.since}").text
    assert "Distrusted: the key that signed this was revoked" in entry
    assert 'class="flag"' in entry
    listing = caller.get("/auditor/entries?type=lot.inspected").text
    assert listing.count(">distrusted<") == sum(
        leaf.record.body.author.key == drill.stolen for leaf in _read(installation, _inspections)
    )


def test_a_buyer_sees_the_offer_go_and_the_order_marked(drill: Drill) -> None:
    orders = _read(drill.installation, trade.orders)
    hit = [order for order in orders if order.lot in drill.affected]
    assert hit, "the story sold goods that this inspector graded"
    for order in orders:
        buyer = Caller(drill.installation).signed_in("buyer", order.company)
        page = buyer.get(f"/orders/{order.id.partition(':')[2]}")
        assert page.status_code == 200
        assert (">distrusted<" in page.text) == (order.lot in drill.affected)
    gone = next(x for x in _read(drill.installation, trade.listings) if x.lot in drill.affected)
    buyer = Caller(drill.installation).signed_in("buyer", _company(drill.installation, gone.market))
    assert buyer.get(f"/offers/{gone.id}").status_code == 404
    assert gone.id not in buyer.get("/catalogue").text


def test_the_audit_stands_and_names_every_distrusted_record(drill: Drill) -> None:
    """What the rules accepted when it was recorded stays accepted; the note says what to distrust."""
    installation = drill.installation
    report = audit_source(installation.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]
    with installation.database.reading() as connection:
        head, known = log.read_head(connection), log.keys(connection)
        assert head is not None
        assert first_distrusted(known) == drill.since
        leaves = [Leaf.parse(encoded) for _, encoded in log.leaves(connection, drill.since, head.size)]
    assert report.notes
    noted = list(distrusted_records(((leaf.index, leaf.record.body) for leaf in leaves), known))
    assert [one.index for one in noted] == [
        leaf.index for leaf in leaves if drill.stolen in {s.key for s in leaf.record.body.signers}
    ]
    assert [(note.entry, note.keys) for note in report.notes] == [(one.index, one.keys) for one in noted]
    assert str(noted[0]) == (
        f"entry {drill.since} (lot.inspected) is signed by the distrusted key {drill.stolen}"
    )


def test_the_revoked_key_signs_nothing_more(drill: Drill) -> None:
    recheck(drill.installation)
    with pytest.raises(NotYourLot, match="was rotated or revoked"):
        _inspect(drill.installation, _unsold(drill), drill.thief)


def _unsold(drill: Drill) -> str:
    """An affected lot that was offered and of which nothing is sold: it may be inspected again."""
    states = _read(drill.installation, _current)
    return next(lot for lot in sorted(drill.affected & drill.offered) if states[lot].sold == 0)


def _inspect(installation: Installation, lot: str, inspector: str) -> None:
    state = _read(installation, _current)[lot]
    used = (state.inspection.scheme if state.inspection else "").partition("/")[0]
    scheme = next(scheme for scheme in load_schemes().values() if scheme.id == used)

    def unit(ledger: Any) -> None:
        work = Work(installation, ledger)
        worker = new_id("worker")
        inspect_lot.inspect(
            work, lot, inspector=inspector, worker=worker, scheme=scheme, today=today(installation)
        )

    installation.writer.do(unit)


def test_a_lot_that_a_good_key_inspects_again_recovers_and_its_past_keeps_its_mark(drill: Drill) -> None:
    installation = drill.installation
    recheck(installation)
    lot = _unsold(drill)
    before = _markets(installation, lot)
    assert before
    assert all(DISTRUSTED in reasons for reasons in before.values())
    _inspect(installation, lot, drill.other)
    installation.publisher.publish()
    after = _markets(installation, lot)
    assert all(DISTRUSTED not in reasons for reasons in after.values())
    market = next(code for code, reasons in after.items() if not reasons)

    def unit(ledger: Any) -> str:
        work = Work(installation, ledger)
        chosen = load.markets().market(market)
        assert chosen is not None
        return list_lot(work, lot, chosen, verdict).id

    verdict = _read(installation, lambda c: verdict_on(installation, c, lot))
    listing = installation.writer.do(unit)
    installation.publisher.publish()
    assert recheck(installation) == []
    caller = Caller(installation)
    with installation.database.reading() as connection:
        code = next(link.code for link in goods.codes_of(connection, lot) if link.level == "lot")
    page = caller.get(f"/q/{code}")
    assert heading(page) == "This record is unaltered"
    assert '<li class="distrusted"' in page.text, "the distrusted inspection is shown for ever"
    assert "Distrusted: the key that signed this was revoked" in page.text
    buyer = Caller(installation).signed_in("buyer", _company(installation, market))
    assert buyer.get(f"/offers/{listing}").status_code == 200
    report = audit_source(installation.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]


def _markets(installation: Installation, lot: str) -> dict[str, list[Reason]]:
    with installation.database.reading() as connection:
        judged = judge_lot(installation, connection, lot, verdict_on(installation, connection, lot))
    assert judged is not None
    return {
        market.code: list(judged.reasons(market, today(installation))) for market in load.markets().markets
    }


def test_a_revocation_from_now_on_leaves_what_was_signed_before(copied: Installation) -> None:
    """A worker leaves: the key ends, and nothing that it signed is in doubt."""
    key = _read(copied, _inspections)[0].record.body.author.key
    pending = keys.revoke(copied, key, "left", None, [copied.signer("registrar")])
    copied.writer.record(pending.submission())
    copied.publisher.publish()
    assert recheck(copied) == []
    assert key_id(bytes.fromhex(_known(copied, key).public_key)) == key
    assert _known(copied, key).ended_at is not None
    with copied.database.reading() as connection:
        assert not any(rests_on_distrusted(connection, lot) for lot in _current(connection))


def _known(installation: Installation, key: str) -> keys.Known:
    return next(known for known in _read(installation, keys.keys_of) if known.key == key)
