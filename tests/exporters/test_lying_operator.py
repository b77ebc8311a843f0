"""Both verifiers against an operator who tells the whole log anew (reliability: immudb, threat model).

Everything that the log key and the heads key can make fit, fits. What is left to stand against it are
the parties' signatures, the registrars' quorum, and key scopes judged by index.
"""

from pathlib import Path

import pytest

from exporters.audit_pack import check_words
from exporters.pack import verify_lot
from ledger import pack
from ledger.author import Draft, Hand
from ledger.core.keys import key_id
from ledger.publish import Publisher
from tests.exporters.packs import POLICY, alone, made, ours, problem
from tests.exporters.retold import NEW, Body, Change, key_record, of_type, retold
from tests.ledger.fakes import MemorySigner
from tests.ledger.lots.test_trust import heads_rotated, replaced_registrars, rotated
from tests.ledger.world import PARTIES, World, ident, registrar, signer

INSPECTOR, SUPPLIER = signer("inspector", "inspector"), signer("supplier", "supplier")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The journey; then the inspector's key is revoked back to before it inspected anything."""
    world = World(tmp_path_factory.mktemp("lying")).play("regraded")
    world.record(
        Draft(
            "key.revoked",
            [registrar(1), registrar(2)],
            {"key": INSPECTOR.id, "reason": "compromised", "distrust_from_index": 26},
            [PARTIES["inspector"]],
        )
    )
    world.publisher.publish()
    return world


def test_a_log_told_anew_without_a_lie_verifies(world: World) -> None:
    data = retold(world, lambda _bodies: None)
    assert (alone(data), ours(data)) == (0, 0)


def by_another_key(bodies: list[Body]) -> None:
    """The inspection, signed by the supplier for the supplier."""
    of_type(bodies, "lot.inspected")["signers"][0].update(key=SUPPLIER.id, party=PARTIES["supplier"])


def under_a_borrowed_name(bodies: list[Body]) -> None:
    of_type(bodies, "lot.inspected")["signers"][0]["key"] = SUPPLIER.id


def by_an_unknown_key(bodies: list[Body]) -> None:
    of_type(bodies, "lot.inspected")["signers"][0]["key"] = NEW.id


def signature_of_another(bodies: list[Body]) -> None:
    of_type(bodies, "lot.inspected")["unsigned"] = [0]


def as_a_registrar(bodies: list[Body]) -> None:
    """A role that needs no registered key, in a record that registrars do not sign."""
    of_type(bodies, "lot.inspected")["signers"][0].update(
        key=key_id(registrar(1).signer.public_key),
        party=registrar(1).party,
        role="registrar",
    )


def before_its_key(bodies: list[Body]) -> None:
    """The inspector's key is registered after the inspection."""
    record = key_record(bodies, INSPECTOR.public_key)
    bodies.remove(record)
    bodies.insert(bodies.index(of_type(bodies, "lot.inspected")) + 1, record)


def after_its_end(bodies: list[Body]) -> None:
    """The revocation stands before the inspections, and reaches back no more."""
    record = of_type(bodies, "key.revoked")
    del record["data"]["distrust_from_index"]
    bodies.remove(record)
    bodies.insert(bodies.index(of_type(bodies, "lot.inspected")), record)


def without_possession(bodies: list[Body]) -> None:
    key_record(bodies, INSPECTOR.public_key)["signers"].pop()


def possession_by_another(bodies: list[Body]) -> None:
    key_record(bodies, INSPECTOR.public_key)["unsigned"] = [1]


def too_few_registrars(bodies: list[Body]) -> None:
    of_type(bodies, "log.opened")["data"]["quorum"] = 2


def an_own_registrar(bodies: list[Body]) -> None:
    record = key_record(bodies, INSPECTOR.public_key)
    record["signers"][0].update(key=NEW.id, party=PARTIES["operator"])


def a_registrar_who_did_not_sign(bodies: list[Body]) -> None:
    of_type(bodies, "log.opened")["signers"].pop()


def one_registrar_reaches_back(bodies: list[Body]) -> None:
    of_type(bodies, "key.revoked")["signers"].pop()


def another_partys_key_revoked(bodies: list[Body]) -> None:
    of_type(bodies, "key.revoked")["data"]["key"] = SUPPLIER.id


def heads_by_another(bodies: list[Body]) -> None:
    bodies[-1]["signers"][0]["key"] = MemorySigner("log").id


def another_log_key(bodies: list[Body]) -> None:
    of_type(bodies, "log.opened")["data"]["log_key"] = NEW.public_key.hex()


def a_key_twice(bodies: list[Body]) -> None:
    """The inspector's public key, registered for the supplier once more."""
    record = key_record(bodies, SUPPLIER.public_key)
    first = key_record(bodies, INSPECTOR.public_key)
    record["data"]["public_key"] = first["data"]["public_key"]
    record["signers"][1]["key"] = INSPECTOR.id


LIES: list[Change] = [
    by_another_key, under_a_borrowed_name, by_an_unknown_key, signature_of_another, as_a_registrar,
    before_its_key, after_its_end, without_possession, possession_by_another, too_few_registrars,
    an_own_registrar, a_registrar_who_did_not_sign, one_registrar_reaches_back,
    another_partys_key_revoked, heads_by_another, another_log_key, a_key_twice,
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_about_keys_is_found_by_both(world: World, lie: Change) -> None:
    data = retold(world, lie)
    assert (alone(data), ours(data)) == (3, 3), problem(data)


def test_a_key_that_is_distrusted_since_marks_its_records_and_leaves_the_pack_valid(world: World) -> None:
    data = made(world)
    verified = pack.verify(data, world.policy, check_words)
    marked = [line for line in verify_lot.verify(data, POLICY)["facts"] if line.endswith("DISTRUSTED")]
    assert [int(line.split()[0]) for line in marked] == list(verified.distrusted) != []


def test_a_broken_rule_is_found_by_the_verifier_that_knows_the_rules(world: World) -> None:
    """The stand-alone one says that it does not look at quantities."""

    def more_than_there_was(bodies: list[Body]) -> None:
        of_type(bodies, "lot.received")["data"]["unidentified"] = 0

    data = retold(world, more_than_there_was)
    assert (alone(data), ours(data)) == (0, 3)


def test_keys_that_were_replaced_in_due_form_verify(tmp_path: Path) -> None:
    """A party's key, the registrars and the heads key change; the newest heads are signed by the new key."""
    world = World(tmp_path).play("regraded")
    heads = MemorySigner("heads of next year")
    for draft in (
        rotated(),
        heads_rotated(heads),
        replaced_registrars(registrar(1), Hand(ident("party", "registrar three"), NEW, "registrar")),
    ):
        world.record(draft)
    world.heads_signer = heads
    publisher = Publisher(
        world.database,
        world.writer,
        world.objects,
        log_signer=world.log_signer,
        heads_signer=heads,
        clock=world.clock,
    )
    publisher.publish()
    data = made(world)
    assert (alone(data), ours(data)) == (0, 0), verify_lot.verify(data, POLICY)["problem"]
    shown = "\n".join(verify_lot.verify(data, POLICY)["facts"])
    assert "key.rotated" in shown
    assert "registrars.changed" in shown
