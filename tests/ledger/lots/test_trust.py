"""Keys and registrars are records too: who may sign what is judged by log index alone (records.md 3)."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ledger.author import Draft, Hand
from ledger.errors import InvalidRecord, NotYourLot
from ledger.publish import Publisher
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import PARTIES, World, but, hand, ident, registrar, signer

WorldAt = Callable[[str], World]
NEW = MemorySigner("a new key")
OPERATOR = PARTIES["operator"]
SMALL_ORDER = "01" + "00" * 31
LOG, HEADS, NEWER = MemorySigner("log"), MemorySigner("heads"), MemorySigner("a newer key")


def replaced_registrars(*hands: Hand, signing: Sequence[Hand] = ()) -> Draft:
    """The registrars from now on: ``hands``, who sign with the first of those so far."""
    named = [{"party": h.party, "public_key": h.signer.public_key.hex()} for h in hands]
    signers = {h.signer.id: h for h in (registrar(1), *signing, *hands)}
    data = {"registrars": named, "quorum": 1}
    return Draft("registrars.changed", list(signers.values()), data, [OPERATOR])


def heads_rotated(new: MemorySigner = NEW, old: MemorySigner = HEADS, **changes: Any) -> Draft:
    data = {
        "key": old.id,
        "public_key": new.public_key.hex(),
        "scopes": ["log.heads:heads"],
        "custody": "operator",
    }
    hands = [registrar(), Hand(OPERATOR, old, "old_key"), Hand(OPERATOR, new, "new_key")]
    return but(Draft("key.rotated", hands, data, [OPERATOR]), **changes)


def registered(
    *, public_key: str = "", scopes: Sequence[str] = (), hands: Sequence[Hand] | None = None
) -> Draft:
    data = {"public_key": public_key or NEW.public_key.hex(), "scopes": list(scopes), "custody": "self"}
    signing = [registrar(), Hand(PARTIES["supplier"], NEW, "new_key")] if hands is None else hands
    return Draft("key.registered", signing, data, [PARTIES["supplier"]])


def rotated(**changes: Any) -> Draft:
    old = signer("supplier", "supplier")
    data = {
        "key": old.id,
        "public_key": NEW.public_key.hex(),
        "scopes": ["lot.declared:supplier"],
        "custody": "self",
    }
    party = PARTIES["supplier"]
    hands = [registrar(), Hand(party, old, "old_key"), Hand(party, NEW, "new_key")]
    return but(Draft("key.rotated", hands, data, [party]), **changes)


def revoked(*hands: Hand, since: int | None = None) -> Draft:
    data = {"key": signer("supplier", "supplier").id, "reason": "lost", "distrust_from_index": since}
    return Draft("key.revoked", hands or [registrar()], data, [PARTIES["supplier"]])


class TestEntryZero:
    def test_every_registrar_named_signs(self, world: World) -> None:
        with pytest.raises(NotYourLot, match="/data/registrars/1: every registrar named must sign"):
            world.judge(but(world.opened(), hands=[registrar(1)]))

    def test_a_quorum_can_be_met(self, world: World) -> None:
        with pytest.raises(InvalidRecord, match="/data/quorum"):
            world.judge(but(world.opened(), data={"quorum": 3}))

    def test_a_registrar_is_named_once(self, world: World) -> None:
        draft = world.opened()
        twice = [draft.data["registrars"][0]] * 2
        with pytest.raises(InvalidRecord, match="a registrar is named twice"):
            world.judge(but(draft, data={"registrars": twice}))

    @pytest.mark.parametrize("member", ["log_key", "heads_key"])
    def test_keys_of_different_roles_differ(self, world: World, member: str) -> None:
        same = registrar().signer.public_key.hex()
        with pytest.raises(InvalidRecord, match="keys of different roles must differ"):
            world.judge(but(world.opened(), data={member: same}))

    def test_two_registrars_have_two_keys(self, world: World) -> None:
        draft = world.opened()
        first, second = draft.data["registrars"]
        shared = [first, {**second, "public_key": first["public_key"]}]
        with pytest.raises(InvalidRecord, match="two registrars have one key"):
            world.judge(but(draft, data={"registrars": shared}))

    def test_it_notes_every_root_key(self, world: World) -> None:
        changes = world.judge(world.opened())
        keys = [LOG, HEADS, registrar(1).signer, registrar(2).signer]
        assert changes.log is not None
        assert changes.log.root_keys == sorted(key.public_key.hex() for key in keys)

    @pytest.mark.parametrize("member", ["log_key", "heads_key"])
    def test_a_small_order_key_is_refused(self, world: World, member: str) -> None:
        with pytest.raises(InvalidRecord, match=f"/data/{member}: .*small order"):
            world.judge(but(world.opened(), data={member: SMALL_ORDER}))


class TestRegistrars:
    def test_registrar_acts_need_a_registrar(self, world_at: WorldAt) -> None:
        world = world_at("opened")
        impostor = Hand(registrar().party, NEW, "registrar")
        with pytest.raises(NotYourLot, match="a signer is not a registrar"):
            world.judge(but(world.party("supplier"), hands=[impostor]))

    def changed(self, world: World, hands: Sequence[Hand], quorum: int = 1) -> Draft:
        third = Hand(ident("party", "registrar three"), NEW, "registrar")
        named = [registrar(1), third]
        data = {
            "registrars": [{"party": h.party, "public_key": h.signer.public_key.hex()} for h in named],
            "quorum": quorum,
        }
        assert world is not None
        return Draft("registrars.changed", [*hands, third], data, [OPERATOR])

    def test_a_change_is_signed_by_the_old_quorum_and_every_new_registrar(self, world: World) -> None:
        world.play("keys")
        draft = self.changed(world, [registrar(1), registrar(2)], quorum=2)
        changes = world.judge(draft)
        assert changes.log is not None
        assert changes.log.quorum == 2
        world.record(draft)
        with pytest.raises(NotYourLot, match="2 registrars must sign"):
            world.judge(revoked())
        world.judge(revoked(registrar(1), Hand(ident("party", "registrar three"), NEW, "registrar")))

    def test_a_new_registrar_who_does_not_sign_stays_out(self, world_at: WorldAt) -> None:
        draft = self.changed(world_at("keys"), [registrar(1)])
        with pytest.raises(NotYourLot, match="every registrar named must sign"):
            world_at("keys").judge(but(draft, hands=draft.hands[:1]))

    def test_new_registrars_alone_change_nothing(self, world_at: WorldAt) -> None:
        draft = self.changed(world_at("keys"), [])
        third = draft.hands[-1]
        alone = [{"party": third.party, "public_key": third.signer.public_key.hex()}]
        with pytest.raises(NotYourLot, match="1 of the registrars so far must sign"):
            world_at("keys").judge(but(draft, data={"registrars": alone}))

    def test_the_change_extends_the_operator(self, world_at: WorldAt) -> None:
        draft = self.changed(world_at("keys"), [registrar(1)])
        with pytest.raises(InvalidRecord, match="extends the operator"):
            world_at("keys").judge(but(draft, subjects=[PARTIES["supplier"]]))

    @pytest.mark.parametrize("taken", [MemorySigner("heads"), signer("supplier", "supplier")])
    def test_a_new_log_key_is_nobody_elses(self, world_at: WorldAt, taken: MemorySigner) -> None:
        world = world_at("keys")
        draft = Draft("log.key_changed", [registrar()], {"log_key": NEW.public_key.hex()}, [OPERATOR])
        changes = world.judge(draft)
        assert changes.log is not None
        assert changes.log.log_key == NEW.public_key.hex()
        with pytest.raises(InvalidRecord, match="keys of different roles"):
            world.judge(but(draft, data={"log_key": taken.public_key.hex()}))

    @pytest.mark.parametrize("taken", [LOG, HEADS, signer("supplier", "supplier")])
    def test_a_new_registrar_takes_up_nobodys_key(self, world_at: WorldAt, taken: MemorySigner) -> None:
        third = Hand(ident("party", "registrar three"), taken, "registrar")
        with pytest.raises(InvalidRecord, match="/data/registrars/1/public_key: keys of different roles"):
            world_at("keys").judge(replaced_registrars(registrar(1), third))

    def test_a_revoked_key_makes_no_registrar_and_no_log_key(self, world: World) -> None:
        world.play("keys")
        world.record(revoked())
        old = signer("supplier", "supplier")
        with pytest.raises(InvalidRecord, match="keys of different roles"):
            world.judge(replaced_registrars(registrar(1), Hand(PARTIES["supplier"], old, "registrar")))
        changed = Draft("log.key_changed", [registrar()], {"log_key": old.public_key.hex()}, [OPERATOR])
        with pytest.raises(InvalidRecord, match="keys of different roles"):
            world.judge(changed)

    def test_new_registrars_have_a_key_each(self, world_at: WorldAt) -> None:
        hands = [Hand(ident("party", f"registrar {n}"), NEW, "registrar") for n in range(2)]
        with pytest.raises(InvalidRecord, match="two registrars have one key"):
            world_at("keys").judge(replaced_registrars(*hands))

    def test_a_registrars_key_is_not_handed_to_another(self, world_at: WorldAt) -> None:
        heir = Hand(ident("party", "registrar three"), registrar(2).signer, "registrar")
        with pytest.raises(InvalidRecord, match="/data/registrars/0/public_key: keys of different roles"):
            world_at("keys").judge(replaced_registrars(heir))

    def test_a_root_key_is_never_taken_up_again(self, world: World) -> None:
        """A registrar who left could once register the old key as a party's, or as the log's."""
        world.play("keys")
        world.record(replaced_registrars(registrar(1)))
        left = registrar(2)
        party = PARTIES["supplier"]
        hands = [registrar(), Hand(party, left.signer, "new_key")]
        with pytest.raises(InvalidRecord, match="registered already"):
            world.judge(registered(public_key=left.signer.public_key.hex(), hands=hands))
        old = signer("supplier", "supplier")
        hands = [registrar(), Hand(party, old, "old_key"), Hand(party, left.signer, "new_key")]
        with pytest.raises(InvalidRecord, match="registered already"):
            world.judge(rotated(data={"public_key": left.signer.public_key.hex()}, hands=hands))
        log_key = {"log_key": left.signer.public_key.hex()}
        with pytest.raises(InvalidRecord, match="keys of different roles"):
            world.judge(Draft("log.key_changed", [registrar()], log_key, [OPERATOR]))
        with pytest.raises(InvalidRecord, match="keys of different roles"):
            world.judge(replaced_registrars(registrar(1), left))

    def test_a_log_key_that_was_is_a_root_key_for_ever(self, world_at: WorldAt) -> None:
        draft = Draft("log.key_changed", [registrar()], {"log_key": NEW.public_key.hex()}, [OPERATOR])
        changes = world_at("keys").judge(draft)
        assert changes.log is not None
        assert {LOG.public_key.hex(), NEW.public_key.hex()} <= set(changes.log.root_keys)

    def test_only_a_brand_speaks_for_brand_names(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="only a brand"):
            world_at("opened").judge(world_at("opened").party("supplier", brands=["星野"]))

    def test_a_party_is_registered_once(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="party exists already"):
            world_at("parties").judge(world_at("parties").party("supplier"))


class TestKeys:
    def test_the_new_key_signs_last_for_the_party_it_joins(self, world_at: WorldAt) -> None:
        world = world_at("keys")
        world.judge(registered())
        for hands in (
            [registrar()],
            [registrar(), Hand(OPERATOR, NEW, "new_key")],
            [registrar(), Hand(PARTIES["supplier"], NEW, "new_key"), registrar(2)],
        ):
            with pytest.raises(NotYourLot, match="the new key itself signs last"):
                world.judge(registered(hands=hands))

    def test_a_public_key_is_registered_once_in_a_log_under_one_party(self, world_at: WorldAt) -> None:
        world = world_at("keys")
        for taken in (signer("supplier", "supplier"), signer("brand", "grantor"), MemorySigner("log")):
            hands = [registrar(), Hand(PARTIES["supplier"], taken, "new_key")]
            with pytest.raises(InvalidRecord, match="registered already"):
                world.judge(registered(public_key=taken.public_key.hex(), hands=hands))

    def test_scopes_ascend(self, world_at: WorldAt) -> None:
        for scopes in (["lot.sold:seller", "lot.listed:seller"], ["lot.sold:seller"] * 2):
            with pytest.raises(InvalidRecord, match="/data/scopes: scopes ascend"):
                world_at("keys").judge(registered(scopes=scopes))

    def test_a_small_order_key_is_refused(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="small order"):
            world_at("keys").judge(registered(public_key=SMALL_ORDER))

    def test_a_party_must_exist(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="party does not exist"):
            world_at("opened").judge(registered())

    def test_a_key_signs_only_its_scopes(self, world_at: WorldAt) -> None:
        world = world_at("granted")
        with pytest.raises(NotYourLot, match=r"/signers/0/key: key has no scope lot.declared:supplier"):
            world.judge(world.declared(hands=[hand("operator", "supplier", "seller")]))

    def test_a_key_signs_only_for_its_party(self, world_at: WorldAt) -> None:
        world = world_at("granted")
        borrowed = Hand(OPERATOR, signer("supplier", "supplier"), "supplier")
        with pytest.raises(NotYourLot, match="belongs to another party"):
            world.judge(world.declared(hands=[borrowed]))

    def test_a_key_nobody_registered_signs_nothing(self, world_at: WorldAt) -> None:
        world = world_at("granted")
        with pytest.raises(NotYourLot, match="is not registered"):
            world.judge(world.declared(hands=[Hand(PARTIES["supplier"], NEW, "supplier")]))

    def test_a_rotation_ends_the_old_key_with_its_own_signature(self, world: World) -> None:
        world.play("granted")
        without = [registrar(), Hand(PARTIES["supplier"], NEW, "new_key")]
        with pytest.raises(NotYourLot, match="the old key must sign"):
            world.judge(rotated(hands=without))
        world.record(rotated())
        with pytest.raises(NotYourLot, match="was rotated or revoked"):
            world.judge(world.declared())
        world.judge(world.declared(hands=[Hand(PARTIES["supplier"], NEW, "supplier")]))

    def test_a_party_rotates_its_own_keys(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="/data/key: is not a key of this party"):
            world_at("keys").judge(rotated(data={"key": signer("brand", "grantor").id}))

    def test_a_revoked_key_signs_nothing_from_the_next_index_on(self, world: World) -> None:
        world.play("granted")
        world.judge(world.declared())
        world.record(revoked())
        with pytest.raises(NotYourLot, match="was rotated or revoked"):
            world.judge(world.declared())

    def test_distrust_that_reaches_back_takes_a_second_registrar(self, world_at: WorldAt) -> None:
        world = world_at("granted")
        size = len(world.entries)
        world.judge(revoked(since=size))
        with pytest.raises(NotYourLot, match="2 registrars must sign"):
            world.judge(revoked(since=size - 1))
        changes = world.judge(revoked(registrar(1), registrar(2), since=3))
        assert (changes.keys[0].ended_at, changes.keys[0].distrust_from) == (size, 3)

    def test_distrust_does_not_begin_after_its_own_record(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="/data/distrust_from_index"):
            world_at("granted").judge(revoked(since=len(world_at("granted").entries) + 1))

    def test_a_second_revocation_takes_no_distrust_back(self, world: World) -> None:
        """One registrar alone once undid what two had stated, by revoking again without an index."""
        world.play("granted")
        world.record(revoked(registrar(1), registrar(2), since=3))
        assert world.judge(revoked()).keys[0].distrust_from == 3


class TestTheHeadsKey:
    def test_it_rotates_with_registrars_and_both_keys(self, world: World) -> None:
        """It was once refused for ever, because nobody registers a heads key."""
        world.play("keys")
        world.publisher.publish()
        world.record(heads_rotated())
        with pytest.raises(NotYourLot, match="only the heads key"):
            world.publisher.publish()
        Publisher(
            world.database,
            world.writer,
            world.objects,
            log_signer=LOG,
            heads_signer=NEW,
            clock=world.clock,
        ).publish()
        assert world.audit().verdict == "verified"
        world.judge(heads_rotated(NEWER, NEW))
        with pytest.raises(InvalidRecord, match="is not a key of this party"):
            world.judge(but(heads_rotated(NEWER), hands=[registrar(), Hand(OPERATOR, NEWER, "new_key")]))

    def test_the_new_one_is_a_root_key_and_no_partys(self, world: World) -> None:
        world.play("keys")
        changes = world.judge(heads_rotated())
        assert changes.log is not None
        assert (changes.log.heads_key, changes.log.heads_party) == (NEW.public_key.hex(), OPERATOR)
        assert {HEADS.public_key.hex(), NEW.public_key.hex()} <= set(changes.log.root_keys)
        assert not changes.keys
        world.record(heads_rotated())
        for used in (HEADS, NEW):
            hands = [registrar(), Hand(PARTIES["supplier"], used, "new_key")]
            with pytest.raises(InvalidRecord, match="registered already"):
                world.judge(registered(public_key=used.public_key.hex(), hands=hands))

    @pytest.mark.parametrize(
        "hands",
        [
            [registrar(), Hand(OPERATOR, NEW, "new_key")],
            [registrar(), Hand(PARTIES["supplier"], HEADS, "old_key"), Hand(OPERATOR, NEW, "new_key")],
        ],
        ids=["without it", "for another party"],
    )
    def test_the_old_one_signs(self, world_at: WorldAt, hands: Sequence[Hand]) -> None:
        with pytest.raises(NotYourLot, match="the old key must sign"):
            world_at("keys").judge(heads_rotated(hands=hands))

    def test_registrars_and_the_new_one_sign(self, world_at: WorldAt) -> None:
        draft = heads_rotated()
        with pytest.raises(NotYourLot, match="the new key itself signs last"):
            world_at("keys").judge(but(draft, hands=draft.hands[:2]))
        impostor = Hand(registrar().party, NEWER, "registrar")
        with pytest.raises(NotYourLot, match="a signer is not a registrar"):
            world_at("keys").judge(but(draft, hands=[impostor, *draft.hands[1:]]))

    @pytest.mark.parametrize("taken", [LOG, signer("supplier", "supplier"), registrar(2).signer])
    def test_the_new_one_is_nobody_elses(self, world_at: WorldAt, taken: MemorySigner) -> None:
        with pytest.raises(InvalidRecord, match="registered already"):
            world_at("keys").judge(heads_rotated(taken))

    @pytest.mark.parametrize("scopes", [[], ["lot.sold:seller"], ["log.heads:heads", "lot.sold:seller"]])
    def test_its_scope_is_log_heads_alone(self, world_at: WorldAt, scopes: list[str]) -> None:
        with pytest.raises(InvalidRecord, match=r"/data/scopes: the heads key signs log.heads alone"):
            world_at("keys").judge(heads_rotated(data={"scopes": scopes}))

    def test_the_rotation_extends_the_operator(self, world_at: WorldAt) -> None:
        with pytest.raises(InvalidRecord, match="extends the operator"):
            world_at("keys").judge(heads_rotated(subjects=[PARTIES["supplier"]]))

    def test_it_rotates_nobody_elses_key(self, world_at: WorldAt) -> None:
        hands = rotated().hands
        with_heads = [hands[0], hands[1], Hand(OPERATOR, HEADS, "old_key"), hands[2]]
        with pytest.raises(NotYourLot, match="the old key must sign"):
            world_at("keys").judge(rotated(hands=with_heads))
