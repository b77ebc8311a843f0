"""A statement is recorded when everybody has signed what stands there now, and never otherwise."""

import json
import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from gateway.consignments.spec import PartySpec
from gateway.errors import NotFound, Refused
from gateway.people.identity import Identity
from gateway.statements import hands
from gateway.statements.action import FieldRefused, Proposal
from gateway.store import jobs, people
from gateway.store import statements as store
from gateway.store.people import Membership, User
from gateway.store.statements import Statement
from gateway.wiring import Installation
from gateway.workflows import parties, statements
from gateway.workflows.prepare import Wanted
from gateway.workflows.statements import add_signature, decline, renew, sign_here, state, withdraw
from ledger.errors import InvalidRecord, NotYourLot
from ledger.pending import Pending
from ledger.record import Ledger
from ledger.store import log
from ledger.store.log import ENTRIES
from tests.gateway.outsiders import (
    Outsider,
    declaration,
    outsider,
    person,
    receipt,
    staff,
    warehouse,
)


@pytest.fixture
def supplier(house: Installation) -> Outsider:
    return outsider(house, "Coatworks", "supplier")


def signature_of(who: Outsider, statement: Statement) -> bytes:
    return who.sign(statement.pending["signing_input"])


def declared(house: Installation, supplier: Outsider) -> str:
    """A lot that its supplier declared and signed on its own computer."""
    waiting = state(house, declaration(supplier), by=supplier.identity, action="declare")
    made = add_signature(house, waiting.id, supplier.party, signature_of(supplier, waiting))
    assert made.state == "recorded"
    return made.subject


def size(house: Installation) -> int:
    with house.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one())


def read(house: Installation, statement: Statement) -> Statement:
    with house.database.reading() as connection:
        found = store.find(connection, statement.id, party=None)
    assert found is not None
    return found


def test_a_record_whose_every_key_is_at_hand_is_recorded_at_once(house: Installation) -> None:
    spec = PartySpec(
        key="northmark",
        role="supplier",
        name_zh="北标",
        name_en="Northmark",
        country="CN",
        registration_number="91310000MA1FL4DH6U",
        address="Shanghai",
    )
    party = parties.register(house, spec, "shanghai")
    proposal = declaration(_at_home(house, party))
    made = state(house, proposal, by=person(party, "supplier"), action="declare")
    assert (made.state, made.index) == ("recorded", size(house) - 1)
    kept = read(house, made)
    assert (kept.draft, kept.pending, kept.told) == ({}, {}, {}), (
        "it stands in the ledger, and is erased there"
    )


def test_what_waits_keeps_its_exact_bytes_until_the_other_party_has_signed(
    house: Installation, supplier: Outsider
) -> None:
    lot, before = declared(house, supplier), size(house)
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    assert (waiting.state, size(house)) == ("waiting", before)
    assert [one.party for one in waiting.waits_for] == [supplier.party], "the operator signed at once"

    pending = Pending.from_json(read(house, waiting).pending)
    made = add_signature(house, waiting.id, supplier.party, signature_of(supplier, waiting))
    assert (made.state, made.index, made.event_id) == ("recorded", before, pending.event_id)
    with house.database.reading() as connection:
        leaf = log.leaf(connection, before)
    assert leaf is not None
    assert pending.contents.body in leaf, "the very bytes that were kept"


def test_the_same_signature_twice_changes_nothing(house: Installation, supplier: Outsider) -> None:
    waiting = state(house, declaration(supplier), by=supplier.identity, action="declare")
    signature = signature_of(supplier, waiting)
    first = add_signature(house, waiting.id, supplier.party, signature)
    assert add_signature(house, waiting.id, supplier.party, signature) == first


@pytest.mark.parametrize("whose", ["nobody", "another party", "the operator", "an older body"])
def test_a_signature_that_is_not_the_partys_over_this_body_is_refused(
    house: Installation, supplier: Outsider, whose: str
) -> None:
    lot = declared(house, supplier)
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    other = outsider(house, "Stranger", "supplier")
    older = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    wrong = {
        "nobody": bytes(64),
        "another party": signature_of(other, waiting),
        "the operator": house.signer("warehouse").sign(b"lotproof/event/v1\n"),
        "an older body": signature_of(supplier, older),
    }
    before = size(house)
    with pytest.raises(FieldRefused) as refused:
        add_signature(house, waiting.id, supplier.party, wrong[whose])
    assert refused.value.slug == "signature-wrong"
    assert (read(house, waiting), size(house)) == (waiting, before)


def test_a_signature_for_a_body_that_was_composed_anew_is_told_apart(
    house: Installation, supplier: Outsider
) -> None:
    lot = declared(house, supplier)
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    old = signature_of(supplier, waiting)
    _recall_and_release(house, supplier, lot)
    renewed = renew(house, waiting.id, supplier.identity)
    assert (renewed.renewed, renewed.state) == (1, "waiting")
    with pytest.raises(Refused) as refused:
        add_signature(house, waiting.id, supplier.party, old, event_id=waiting.event_id)
    assert refused.value.code == "statement-renewed"


def test_a_statement_that_moves_on_under_the_signer_is_composed_anew_and_signed_again(
    house: Installation, supplier: Outsider
) -> None:
    lot = declared(house, supplier)
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    _recall_and_release(house, supplier, lot)

    late = add_signature(house, waiting.id, supplier.party, signature_of(supplier, waiting))
    assert (late.state, late.renewed) == ("waiting", 1)
    assert [one.party for one in late.waits_for] == [supplier.party], "the operator's key signed again"
    assert Pending.from_json(late.pending).body.data == Pending.from_json(waiting.pending).body.data
    assert late.subject == waiting.subject

    made = add_signature(house, waiting.id, supplier.party, signature_of(supplier, late))
    assert made.state == "recorded"


def test_what_can_no_longer_be_recorded_says_why(house: Installation, supplier: Outsider) -> None:
    lot = declared(house, supplier)
    one = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    other = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    add_signature(house, one.id, supplier.party, signature_of(supplier, one))
    late = add_signature(house, other.id, supplier.party, signature_of(supplier, other))
    assert late.state == "refused"
    assert "was received already" in late.reason
    assert (late.draft, late.pending) == ({}, {}), "nothing private is left of it"


def test_two_signers_at_once_are_both_kept_and_it_is_recorded_once(
    house: Installation, supplier: Outsider
) -> None:
    lot = declared(house, supplier)
    taken = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    add_signature(house, taken.id, supplier.party, signature_of(supplier, taken))
    inspector = outsider(house, "Lookwell", "inspector")
    owner = outsider(house, "Carrywell", "inspector")
    proposal = Proposal(
        Wanted(
            "lot.destroyed",
            (lot,),
            (warehouse(house), inspector.place("witness"), owner.place("witness")),
            {
                "quantity": 10,
                "reason": "brand_request",
                "method": "shredded",
                "mass_g": 8000,
                "certificate": "ab" * 32,
            },
        )
    )
    waiting = state(house, proposal, by=staff(house), action="destroy")
    before, answers = size(house), []

    def sign(who: Outsider) -> None:
        answers.append(add_signature(house, waiting.id, who.party, signature_of(who, waiting)).state)

    threads = [threading.Thread(target=sign, args=(who,)) for who in (inspector, owner)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(answers) == ["recorded", "waiting"]
    assert size(house) == before + 1


def test_nobody_elses_key_is_ever_at_hand(house: Installation, supplier: Outsider) -> None:
    waiting = state(house, declaration(supplier), by=supplier.identity, action="declare")
    with pytest.raises(FieldRefused, match="key-not-here"):
        sign_here(house, waiting.id, supplier.identity)
    with pytest.raises(NotFound):
        sign_here(house, waiting.id, staff(house))  # not the operator's statement at all


def test_only_whoever_waits_declines_and_only_who_stated_it_takes_it_back(
    house: Installation, supplier: Outsider
) -> None:
    lot = declared(house, supplier)
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    stranger = outsider(house, "Stranger", "supplier")
    with pytest.raises(NotFound):
        decline(house, waiting.id, stranger.party, "no", by="user:x")
    with pytest.raises(NotFound):
        decline(house, waiting.id, house.config.operator, "no", by="user:x")
    with pytest.raises(NotFound):
        withdraw(house, waiting.id, supplier.identity)
    ended = decline(house, waiting.id, supplier.party, "only nine were handed over", by="user:x")
    assert (ended.state, ended.reason, ended.pending) == ("declined", "only nine were handed over", {})
    with pytest.raises(Refused) as refused:
        add_signature(house, waiting.id, supplier.party, signature_of(supplier, waiting))
    assert refused.value.code == "statement-closed"

    again = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    assert withdraw(house, again.id, staff(house)).state == "withdrawn"


def test_what_the_ledger_would_refuse_is_refused_before_anybody_signs(
    house: Installation, supplier: Outsider
) -> None:
    lot, before = declared(house, supplier), size(house)
    with pytest.raises(InvalidRecord) as refused:
        state(house, receipt(house, supplier, lot, declared=9), by=staff(house), action="receive")
    assert refused.value.pointer == "/data/declared"
    stranger = outsider(house, "Stranger", "supplier")
    with pytest.raises(NotYourLot):
        state(house, receipt(house, stranger, lot), by=staff(house), action="receive")
    with house.database.reading() as connection:
        assert store.of_subject(connection, lot) == []
        assert log.subject(connection, lot).head.seq == 0  # type: ignore[union-attr]
    assert size(house) == before + 2  # the stranger and its key


def test_several_are_stated_all_or_nothing(house: Installation, supplier: Outsider) -> None:
    lots = [declared(house, supplier) for _ in range(2)]
    proposals = [receipt(house, supplier, lots[0]), receipt(house, supplier, lots[1], counted=0)]
    with pytest.raises(InvalidRecord):
        statements.state_many(house, proposals, by=staff(house), action="receive")
    with house.database.reading() as connection:
        assert store.waiting_for(connection, supplier.party) == []


def test_people_of_a_party_get_a_letter_when_something_waits_and_when_it_ended(
    house: Installation, supplier: Outsider
) -> None:
    lot = declared(house, supplier)
    _works_for(house, "usr_s", supplier.party)
    _works_for(house, "usr_o", house.config.operator, "operator")
    waiting = state(house, receipt(house, supplier, lot), by=staff(house), action="receive")
    assert _letters(house) == [("statement_waits", f"{waiting.id}:0", "usr_s")]
    add_signature(house, waiting.id, supplier.party, signature_of(supplier, waiting))
    assert ("statement_recorded", waiting.id, "usr_o") in _letters(house)


def _at_home(house: Installation, party: str) -> Outsider:
    """A company of the demo, whose key plays its own computer on this machine."""
    with house.database.reading() as connection:
        (key,) = hands.keys_of(connection, party)
    identity = person(party, "supplier")
    return Outsider(party, "supplier", _Elsewhere(bytes.fromhex(key.public_key)), identity)  # type: ignore[arg-type]


@dataclass
class _Elsewhere:
    """A key of which nothing but its public half is needed."""

    public_key: bytes


def _letters(house: Installation) -> list[tuple[str, str, str]]:
    with house.database.reading() as connection:
        rows = connection.execute(select(jobs.JOBS.c.arguments).where(jobs.JOBS.c.kind == "mail")).scalars()
        found = [json.loads(row) for row in rows]
    return [(one["template"], one["about"], one["to"]) for one in found]


def _works_for(house: Installation, user: str, party: str, role: str = "supplier") -> None:
    now = house.wall_clock.now()

    def unit(ledger: Ledger) -> None:
        person_ = User(
            user, f"{user}@x.example", user, "en", None, None, 0, disabled=False, demo=False, created_at=now
        )
        people.add_user(ledger.connection, person_)
        people.add_membership(ledger.connection, Membership(f"m_{user}", user, role, party, now))  # type: ignore[arg-type]

    house.writer.do(unit)


def _recall_and_release(house: Installation, supplier: Outsider, lot: str) -> None:
    """Two records by which the lot moves on, and is in the end as before."""
    recall = Wanted("lot.recalled", (lot,), (supplier.place("authority"),), {"reason": "safety"})
    made = _signed(house, supplier, Proposal(recall), supplier.identity)
    release = Wanted(
        "lot.released",
        (lot,),
        (supplier.place("authority"),),
        {"record": made.event_id, "reason": "unfounded"},
    )
    _signed(house, supplier, Proposal(release), supplier.identity)


def _signed(house: Installation, who: Outsider, proposal: Proposal, by: Identity) -> Statement:
    waiting = state(house, proposal, by=by, action="recall")
    made = add_signature(house, waiting.id, who.party, signature_of(who, waiting))
    assert made.state == "recorded", made.reason
    return made
