"""A1-A8: keys and signatures that somebody would like to pass off, against the writer and the audit.

Each attack is tried on a log that takes the honest form of the same record, and leaves nothing behind.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.author import Draft, Hand, write
from ledger.core import canonical, cosignature, keys
from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import signing_input
from ledger.core.keys import check_public_key
from ledger.errors import InvalidRecord, NotYourLot, ProofError, StaleSubject
from ledger.record import Submission
from ledger.store import log
from ledger.store.log import read_head
from ledger.store.view import StoredView
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import LOT, ORIGIN, PARTIES, World, but, ident, registrar, signer

AUTHOR = signer("supplier", "supplier")
L = 2**252 + 27742317777372353535851937790883648493  # order of the base point (RFC 8032 §5.1)
P = 2**255 - 19
IDENTITY = (1).to_bytes(32, "little")
SMALL_ORDER = [  # the eight points, each y with both sign bits: RFC 7748's curve has no others
    bytes.fromhex(text)
    for text in (
        "00" * 32,
        "00" * 31 + "80",
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 30 + "7f",
        "ec" + "ff" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
NOT_CANONICAL = [(y | sign << 255).to_bytes(32, "little") for y in range(P, 2**255) for sign in (0, 1)]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A log that takes a declaration, and in which these tests may leave nothing."""
    world = World(tmp_path_factory.mktemp("keys")).play("granted")
    yield world
    world.close()


def size_of(world: World) -> int:
    with world.database.reading() as connection:
        head = read_head(connection)
    assert head is not None
    return head.size


def declaration(world: World) -> Draft:
    return but(world.declared(data={"manifest": None}, rows=()), committed={"price": None})


def bent(body: bytes, change: Callable[[dict[str, Any]], None], by: MemorySigner = AUTHOR) -> Submission:
    """The body with a change, canonical again, honestly signed by its author."""
    value: Any = canonical.loads(body)
    change(value)
    made = canonical.dumps(value)
    return Submission(made, (by.sign(signing_input(made)),))


def refused(world: World, submission: Submission, match: str, kind: type[Exception] = InvalidRecord) -> None:
    size = size_of(world)
    with pytest.raises(kind, match=match):
        world.writer.record(submission)
    assert size_of(world) == size, "nothing is stored"


class TestA1AlgorithmSwap:
    """The algorithm is that of the key, for ever; a record has no member that could name one."""

    @pytest.mark.parametrize("algorithm", ["HS256", "none", "ES256", "EdDSA"])
    @pytest.mark.parametrize("place", ["/", "/signers/0"])
    def test_a_record_that_names_an_algorithm_is_refused(
        self, standing: World, algorithm: str, place: str
    ) -> None:
        def name(value: dict[str, Any]) -> None:
            (value if place == "/" else value["signers"][0])["alg"] = algorithm

        body = standing.submission(declaration(standing)).body
        refused(standing, bent(body, name), "alg: Extra inputs")

    def test_what_another_algorithm_makes_is_no_signature(self, standing: World) -> None:
        """An HMAC under the public key, which everybody knows, and an ECDSA signature."""
        import hmac

        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256

        honest = standing.submission(declaration(standing))
        message = signing_input(honest.body)
        mac = hmac.digest(AUTHOR.public_key, message, "sha512")
        ecdsa = ec.generate_private_key(ec.SECP256R1()).sign(message, ec.ECDSA(SHA256()))
        refused(standing, replace(honest, signatures=(mac,)), "/sigs: /sigs/0")
        refused(standing, replace(honest, signatures=(ecdsa,)), "/sigs: an Ed25519 signature has 64 bytes")
        refused(standing, replace(honest, signatures=()), "/sigs: 0 signatures for 1 signers")


class TestA2MalleatedSignature:
    def test_s_plus_l_is_refused_and_s_accepted(self, tmp_path: Path) -> None:
        world = World(tmp_path).play("granted")
        honest = world.submission(declaration(world))
        (signature,) = honest.signatures
        for times in (1, 2, 7):
            s = int.from_bytes(signature[32:], "little") + times * L
            twin = signature[:32] + s.to_bytes(32, "little")
            refused(world, replace(honest, signatures=(twin,)), "/sigs: /sigs/0")
        assert world.writer.record(honest).created
        world.close()

    def test_two_signatures_of_one_body_are_one_record(self, tmp_path: Path) -> None:
        """The event id is that of the body, so that no signature, however made, is a second name."""
        world = World(tmp_path).play("granted")
        honest = world.submission(declaration(world))
        first = world.writer.record(honest)
        size = size_of(world)
        again = world.writer.record(replace(honest))
        assert (again.event_id, again.index, again.created) == (first.event_id, first.index, False)
        assert size_of(world) == size
        world.close()


class TestA3Replay:
    def test_the_same_record_again_is_the_same_receipt(self, tmp_path: Path) -> None:
        world = World(tmp_path).play("declared")
        entry, sent, size = world.entries[-1], world.submissions[-1], size_of(world)
        again = world.writer.record(sent)
        assert (again.index, again.event_id, again.leaf_hash) == (
            entry.index,
            entry.event_id,
            entry.leaf_hash,
        )
        assert not again.created
        assert size_of(world) == size
        world.close()

    def test_its_signature_is_worth_nothing_on_another_lot(self, standing: World) -> None:
        honest = standing.submission(declaration(standing))
        other = canonical.loads(honest.body)
        assert isinstance(other, dict)
        subjects: Any = other["subjects"]
        subjects[0]["id"] = ident("lot", "another")
        moved = Submission(canonical.dumps(other), honest.signatures)
        refused(standing, moved, "/sigs: /sigs/0")

    def test_it_is_worth_nothing_in_another_log(self, standing: World) -> None:
        """Not even with the signature renewed: the origin stands in what is signed."""
        body = standing.submission(declaration(standing)).body

        def move(value: dict[str, Any]) -> None:
            value["origin"] = "log.example/another"

        refused(standing, bent(body, move), "/origin: is a record of 'log.example/another'")

    def test_it_does_not_stand_twice_in_a_chain(self, tmp_path: Path) -> None:
        """A record whose place in the chain is taken is stale, whoever sends it."""
        world = World(tmp_path).play("granted")
        first, second = (world.submission(declaration(world)) for _ in range(2))
        late = bent(second.body, lambda value: value["data"].update(quantity=7))
        world.writer.record(first)
        refused(world, late, LOT, StaleSubject)
        world.close()


class TestA4CrossContextSignature:
    """Ed25519 signs bytes; the first of them say what for. A signature of another purpose is none."""

    @pytest.mark.parametrize(
        "name", ["body alone", "event id", "key request", "without newline", "next version"]
    )
    def test_a_signature_over_other_bytes_of_the_same_record_is_refused(
        self, standing: World, name: str
    ) -> None:
        honest = standing.submission(declaration(standing))
        message = {
            "body alone": honest.body,
            "event id": b"lotproof/event-id/v1\n" + honest.body,
            "key request": b"lotproof/key-request/v1\n" + honest.body,
            "without newline": b"lotproof/event/v1" + honest.body,
            "next version": b"lotproof/event/v2\n" + honest.body,
        }[name]
        refused(standing, replace(honest, signatures=(AUTHOR.sign(message),)), "/sigs: /sigs/0")
        assert message != signing_input(honest.body)

    def test_a_record_can_not_be_read_as_a_checkpoint_nor_as_a_cosignature(self) -> None:
        """What the log and witnesses sign begins with a line of its own, never with ours."""
        text = Checkpoint(ORIGIN, 7, bytes(32)).text.encode()
        cosigned = cosignature.message(1_700_000_000, text.decode())
        for message in (text, cosigned):
            assert not message.startswith(b"lotproof/event/v1\n")
        with pytest.raises(ProofError):
            keys.verify(AUTHOR.public_key, AUTHOR.sign(text), signing_input(text))

    def test_an_origin_that_would_make_a_checkpoint_look_like_a_record_is_no_key_name(self) -> None:
        """``origin`` is the first line of a checkpoint: a line that our prefix begins cannot be one."""
        made = Checkpoint("lotproof/event/v1", 7, bytes(32)).text.encode()
        assert made.startswith(b"lotproof/event/v1\n")  # so the bytes after it must never be a body
        with pytest.raises(InvalidRecord):
            canonical.loads(made.removeprefix(b"lotproof/event/v1\n"))


class TestA5SmallOrderKey:
    @pytest.mark.parametrize("raw", SMALL_ORDER, ids=lambda raw: raw.hex()[:8] + raw.hex()[-2:])
    def test_it_is_refused_at_registration(self, standing: World, raw: bytes) -> None:
        """Its own signature is none; and a rule refuses the key, should somebody pass over that."""
        refused(standing, standing.submission(_registration(standing, raw)), "has small order")
        with pytest.raises(InvalidRecord, match="/data/public_key: Ed25519 public key has small order"):
            standing.judge(_registration(standing, raw))

    @pytest.mark.parametrize("raw", SMALL_ORDER, ids=lambda raw: raw.hex()[:8] + raw.hex()[-2:])
    def test_its_trivial_signature_holds_for_no_message(self, raw: bytes) -> None:
        """R = identity, S = 0 over 64 messages: what ``cryptography`` accepts for some of them."""
        for n in range(64):
            with pytest.raises(ProofError):
                keys.verify(raw, _trivial(bytes([n])), bytes([n]))


class TestA6NonCanonicalKey:
    @pytest.mark.parametrize("raw", NOT_CANONICAL, ids=lambda raw: raw.hex()[:4] + raw.hex()[-2:])
    def test_every_second_spelling_of_a_point_is_refused(self, standing: World, raw: bytes) -> None:
        with pytest.raises(ProofError, match="canonical"):
            check_public_key(raw)
        refused(standing, standing.submission(_registration(standing, raw)), "canonical form")
        with pytest.raises(InvalidRecord, match=r"/data/public_key: .* canonical form"):
            standing.judge(_registration(standing, raw))

    def test_all_of_them_were_tried(self) -> None:
        assert len(NOT_CANONICAL) == 2 * 19

    @pytest.mark.parametrize(
        "text", ["", "ab", "AB" * 32, "0x" + "ab" * 31, " " + "ab" * 32, "ab" * 33, "ab" * 31 + "a\n"]
    )
    def test_every_other_spelling_of_its_hex_is_refused(self, standing: World, text: str) -> None:
        draft = standing.key("stranger", "fresh", ["lot.declared:supplier"])
        submission = _signed_anew(standing, but(draft, data={"public_key": text}), draft.hands)
        refused(standing, submission, "/data/public_key")


class TestA7KeyWithoutPossession:
    def test_a_victims_key_is_not_registered_without_its_signature(self, standing: World) -> None:
        """The registrar signs, the thief names a key that it only knows the public half of."""
        victim, thief = MemorySigner("victim"), MemorySigner("thief")
        draft = standing.key("stranger", "fresh", ["lot.declared:supplier"])
        party = PARTIES["stranger"]
        claimed = but(draft, data={"public_key": victim.public_key.hex()})
        for hands in (
            [registrar()],
            [registrar(), Hand(party, thief, "new_key")],
            [registrar(), Hand(PARTIES["supplier"], victim, "new_key")],
            [Hand(party, victim, "new_key"), registrar()],
        ):
            with pytest.raises(InvalidRecord):
                standing.record(replace(claimed, hands=hands))
        forged = standing.submission(replace(claimed, hands=[registrar(), Hand(party, victim, "new_key")]))
        stolen = replace(forged, signatures=(forged.signatures[0], thief.sign(signing_input(forged.body))))
        refused(standing, stolen, "/sigs: /sigs/1")

    def test_a_key_that_somebody_has_is_nobody_elses(self, tmp_path: Path) -> None:
        world = World(tmp_path).play("granted")
        taken = signer("supplier", "supplier")
        draft = world.key("stranger", "fresh", ["lot.declared:supplier"])
        hands = [registrar(), Hand(PARTIES["stranger"], taken, "new_key")]
        again = but(replace(draft, hands=hands), data={"public_key": taken.public_key.hex()})
        with pytest.raises(InvalidRecord, match="registered already"):
            world.record(again)
        world.close()

    def test_a_key_signs_for_no_other_party(self, standing: World) -> None:
        draft = declaration(standing)
        stolen = replace(draft, hands=[Hand(PARTIES["stranger"], AUTHOR, "supplier")])
        refused(standing, standing.submission(stolen), "key belongs to another party", NotYourLot)

    def test_a_key_signs_nothing_that_it_is_not_registered_for(self, standing: World) -> None:
        other = signer("brand", "grantor")
        draft = replace(declaration(standing), hands=[Hand(PARTIES["brand"], other, "supplier")])
        refused(standing, standing.submission(draft), "has no scope lot.declared:supplier", NotYourLot)

    def test_what_a_forged_directory_lets_in_the_audit_finds(self, tmp_path: Path) -> None:
        """The operator widens a key's scopes in its own tables: the writer believes that."""
        world = World(tmp_path).play("granted")
        brand = signer("brand", "grantor")
        world.tamper(
            "UPDATE keys SET state = "
            "replace(state, 'authorization.revoked:grantor', 'lot.declared:supplier') WHERE key_id = :key",
            key=brand.id,
        )
        world.close()
        world = World(tmp_path, world.objects)  # as after a restart: nothing is remembered
        draft = but(declaration(world), refs=[])
        entry = world.record(replace(draft, hands=[Hand(PARTIES["brand"], brand, "supplier")]))
        world.publisher.publish()
        report = world.audit()
        assert report.verdict == "failed"
        assert any(f"entry {entry.index}" in str(finding) for finding in report.findings), report.findings
        assert any("has no scope lot.declared:supplier" in str(finding) for finding in report.findings)
        world.close()


class TestA8KeyOutOfTime:
    def test_a_key_signs_before_its_registration_nothing(self, standing: World) -> None:
        fresh = MemorySigner("fresh")
        draft = replace(declaration(standing), hands=[Hand(PARTIES["supplier"], fresh, "supplier")])
        refused(standing, standing.submission(draft), "is not registered", NotYourLot)

    def test_a_revoked_key_signs_nothing_more_and_what_it_signed_stays(self, tmp_path: Path) -> None:
        world = World(tmp_path).play("declared")
        before = declaration_of(world, "before")
        kept = world.submission(before)  # signed in time, sent too late
        world.record(_revocation("supplier", AUTHOR.id))
        refused(world, kept, "key was rotated or revoked", NotYourLot)
        refused(world, world.submission(declaration_of(world, "after")), "was rotated or revoked", NotYourLot)
        world.publisher.publish()
        report = world.audit()
        assert report.verdict == "verified", [str(finding) for finding in report.findings]
        assert world.state(LOT).declared == 6
        world.close()

    def test_a_rotated_key_ends_and_its_successor_begins_at_the_same_entry(self, tmp_path: Path) -> None:
        world = World(tmp_path).play("declared")
        fresh = MemorySigner("successor")
        data = {
            "key": AUTHOR.id,
            "public_key": fresh.public_key.hex(),
            "scopes": ["lot.declared:supplier"],
            "custody": "self",
        }
        party = PARTIES["supplier"]
        hands = [registrar(), Hand(party, AUTHOR, "old_key"), Hand(party, fresh, "new_key")]
        world.record(Draft("key.rotated", hands, data, [party]))
        refused(world, world.submission(declaration_of(world, "old")), "was rotated or revoked", NotYourLot)
        by_fresh = replace(declaration_of(world, "new"), hands=[Hand(party, fresh, "supplier")])
        assert world.record(by_fresh).created
        world.publisher.publish()
        assert world.audit().verdict == "verified"
        world.close()

    def test_what_is_distrusted_stays_and_nothing_later_relies_on_it(self, tmp_path: Path) -> None:
        """The inspector's key is stolen: the inspection stands in its chain, the lot is not listed."""
        world = World(tmp_path).play("codes")
        thief = signer("inspector", "inspector")
        inspected = next(
            entry
            for entry, sent in zip(world.entries, world.submissions, strict=True)
            if b'"type":"lot.inspected"' in sent.body
        )
        world.record(_revocation("inspector", thief.id, since=inspected.index))
        with pytest.raises(InvalidRecord, match="behind the inspection is distrusted"):
            world.record(world.listed())
        world.publisher.publish()
        report = world.audit()
        assert report.verdict == "verified", "nothing that was recorded became false"
        with world.database.reading() as connection:
            assert log.leaf(connection, inspected.index) is not None
        world.close()


def declaration_of(world: World, name: str) -> Draft:
    return replace(declaration(world), subjects=[ident("lot", name)])


def _revocation(party: str, key: str, *, since: int | None = None) -> Draft:
    data: dict[str, Any] = {"key": key, "reason": "compromised"}
    if since is not None:
        data["distrust_from_index"] = since
    hands = [registrar(1), registrar(2)] if since is not None else [registrar(1)]
    return Draft("key.revoked", hands, data, [PARTIES[party]])


def _trivial(_message: bytes) -> bytes:
    return IDENTITY + bytes(32)


class _Forger:
    """Claims any public key, and has no private one."""

    def __init__(self, public_key: bytes) -> None:
        self.public_key = public_key

    def sign(self, message: bytes) -> bytes:
        return _trivial(message)


def _registration(world: World, raw: bytes) -> Draft:
    draft = world.key("stranger", "fresh", ["lot.declared:supplier"])
    hands = [registrar(), Hand(PARTIES["stranger"], _Forger(raw), "new_key")]
    return but(replace(draft, hands=hands), data={"public_key": raw.hex()})


def _signed_anew(world: World, draft: Draft, hands: Sequence[Any]) -> Submission:
    with world.database.reading() as connection:
        view = StoredView(connection, read_head(connection))
        return write(replace(draft, hands=hands), origin=ORIGIN, at=world.clock.now(), view=view)
