"""A log changes its key: both sign the handover, an old policy comes to trust the new key through it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.audit import MirrorSource, audit
from ledger.audit_report import Report
from ledger.copies import ObjectsCopy
from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint, open_checkpoint, signed, signed_by_all
from ledger.core.encoding import encode_base64
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import Handover, LogKeys
from ledger.core.note import Note
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from ledger.errors import InvalidRecord, ProofError, StorageError, StorageUnavailable
from ledger.follow import Follower
from ledger.fsck import Repair, fsck
from ledger.handovers import follow, published
from ledger.log_keys import LedgerKeys, stored_keys
from ledger.mirror import mirror
from ledger.rotate import record_log_key
from ledger.store import checkpoints
from ledger.store.witnessed import WitnessFile
from ledger.witness import Witness
from tests.ledger.fakes import MemoryObjectStore, MemorySigner
from tests.ledger.rotating import (
    FIRST,
    SECOND,
    THIRD,
    Hands,
    announce,
    grow,
    key_changed,
    publisher_of,
    rotated,
    trusting,
    vkey,
)
from tests.ledger.world import World

pytestmark = pytest.mark.databases("sqlite", "postgresql")
STRANGER = MemorySigner("stranger's log key")


@pytest.fixture
def declared(world: World) -> World:
    return world.play("declared")


def objects_of(world: World) -> dict[str, bytes]:
    assert isinstance(world.objects, MemoryObjectStore)
    return world.objects.objects


def signers_of(note: bytes) -> set[bytes]:
    return {line.key_id for line in Note.parse(note).signatures}


def ids(*signers: MemorySigner) -> set[bytes]:
    return {vkey(signer).id for signer in signers}


def keys_now(world: World) -> LogKeys:
    with world.database.reading() as connection:
        return stored_keys(connection)


def audited(world: World, policy: Policy, *, saved: bytes | None = None) -> Report:
    return audit(MirrorSource("mirror", world.objects), policy, saved=saved)


class TestPublishing:
    def test_both_keys_sign_from_the_record_on_until_the_former_one_is_let_go(self, declared: World) -> None:
        hands = Hands()
        publisher = publisher_of(declared, hands)
        publisher.publish()
        assert signers_of(objects_of(declared)["checkpoint"]) == ids(FIRST)
        hands.held.append(SECOND)
        publisher.publish()
        assert signers_of(objects_of(declared)["checkpoint"]) == ids(FIRST), "a key at hand is no record"
        announce(declared, SECOND)
        handover = publisher.publish()
        grow(declared, "overlap")
        overlap = publisher.publish()
        for checkpoint in (handover, overlap):
            note = objects_of(declared)[f"checkpoints/{checkpoint.size}"]
            assert signers_of(note) == ids(FIRST, SECOND)
            for one in (FIRST, SECOND):
                assert open_checkpoint(note, vkey(one)) == checkpoint
        hands.held.remove(FIRST)
        grow(declared, "afterwards")
        publisher.publish()
        assert signers_of(objects_of(declared)["checkpoint"]) == ids(SECOND)
        assert declared.audit().verdict == "verified"

    @pytest.mark.parametrize("left", [FIRST, SECOND], ids=["without the new", "without the former"])
    def test_the_handover_waits_for_both_keys(self, declared: World, left: MemorySigner) -> None:
        hands = Hands([left])
        announce(declared, SECOND)
        publisher = publisher_of(declared, hands)
        publisher._log_signer = left
        with pytest.raises(StorageError, match=r"is not the log's key .*, which must sign"):
            publisher.publish()
        assert objects_of(declared) == {}
        hands.held[:] = [SECOND, FIRST]
        assert publisher.publish() == open_checkpoint(objects_of(declared)["checkpoint"], vkey(SECOND))

    def test_a_second_change_waits_for_the_handover_of_the_first(self, declared: World) -> None:
        entry = announce(declared, SECOND)
        with pytest.raises(InvalidRecord, match=f"log key of entry {entry.index} has not taken over yet"):
            announce(declared, THIRD)
        hands = Hands([FIRST, SECOND])
        publisher_of(declared, hands).publish()
        announce(declared, THIRD)
        hands.held.append(THIRD)
        publisher_of(declared, hands).publish()
        assert keys_now(declared).every() == (vkey(FIRST), vkey(SECOND), vkey(THIRD))
        assert audited(declared, trusting(FIRST)).verdict == "verified"
        assert audited(declared, trusting(SECOND)).verdict == "verified"
        assert audited(declared, trusting(THIRD)).verdict == "verified"

    def test_only_whoever_holds_the_new_key_records_it(self, declared: World) -> None:
        submission = declared.submission(key_changed(SECOND))
        with pytest.raises(InvalidRecord, match=r"rotate-log alone records log\.key_changed"):
            declared.writer.record(submission)
        with pytest.raises(InvalidRecord, match="/data/log_key: is not the key at hand"):
            record_log_key(declared.writer, submission, THIRD)
        first = record_log_key(declared.writer, submission, SECOND)
        assert record_log_key(declared.writer, submission, SECOND).index == first.index

    @pytest.mark.parametrize("persist", [False, True], ids=["lost", "stored-but-reported-lost"])
    def test_every_put_of_the_handover_may_fail(self, declared: World, persist: bool) -> None:
        hands = Hands([FIRST, SECOND])
        publisher_of(declared, Hands()).publish()
        announce(declared, SECOND)
        store = declared.objects
        assert isinstance(store, MemoryObjectStore)
        before, failures = len(FIRST.signed), 0
        while True:
            store.fail_once(after_puts=failures, persist=persist)
            try:
                publisher_of(declared, hands).publish()  # a new process each time
            except StorageUnavailable:
                failures += 1
                continue
            break
        assert failures >= 3
        assert len(FIRST.signed) - before == 1, "one signature a key and size, however often it was retried"
        assert audited(declared, trusting(FIRST)).verdict == "verified"

    def test_no_reader_sees_the_new_key_before_its_handover(self, declared: World) -> None:
        rotated(declared)
        store = declared.objects
        assert isinstance(store, MemoryObjectStore)
        shown = [n for n, key in enumerate(store.puts) if key == "checkpoint"]
        assert shown[0] < store.puts.index("log-keys/1") < shown[1]


class TestAuditing:
    @pytest.mark.parametrize("finished", [False, True], ids=["overlap", "finished"])
    @pytest.mark.parametrize("trusted", [(FIRST,), (SECOND,), (SECOND, FIRST), (FIRST, SECOND)])
    def test_a_policy_with_either_key_verifies(
        self, declared: World, trusted: tuple[MemorySigner, ...], finished: bool
    ) -> None:
        rotated(declared, finished=finished)
        report = audited(declared, trusting(*trusted))
        assert (report.verdict, report.findings) == ("verified", [])
        assert "log keys" in report.checked

    def test_the_tree_seen_before_the_change_is_gone_on_from(self, declared: World) -> None:
        publisher_of(declared, Hands()).publish()
        saved = objects_of(declared)["checkpoint"]
        rotated(declared)
        for trusted in (FIRST, SECOND):
            report = audited(declared, trusting(trusted), saved=saved)
            assert report.verdict == "verified", report.findings
            assert report.consistent_from == open_checkpoint(saved, vkey(FIRST)).size

    def test_a_mirror_carries_the_handover(self, declared: World) -> None:
        rotated(declared)
        copy = MemoryObjectStore()
        mirror(declared.objects, copy, LedgerKeys(declared.database, vkey(FIRST)))
        assert audit(MirrorSource("copy", copy), trusting(FIRST)).verdict == "verified"

    def test_without_the_handover_the_new_key_is_not_trusted(self, declared: World) -> None:
        rotated(declared)
        del objects_of(declared)["log-keys/1"]
        report = audited(declared, trusting(FIRST))
        assert [(f.kind, f.stage) for f in report.findings] == [("wrong", "checkpoint")]
        report = audited(declared, trusting(SECOND, FIRST))
        assert report.verdict == "unverified"
        assert "log-keys/1, in which the log's key vouches for another, is not there" in str(
            report.findings[0]
        )

    def test_the_former_key_signs_nothing_any_more(self, declared: World) -> None:
        """Whoever stole it signs the true tree, and a larger one: neither is accepted."""
        rotated(declared)
        note = objects_of(declared)["checkpoint"]
        checkpoint = open_checkpoint(note, vkey(SECOND))
        false = signed(checkpoint, vkey(FIRST), FIRST.sign(checkpoint.text.encode()))
        objects_of(declared)["checkpoint"] = str(false).encode()
        for policy in (trusting(FIRST), trusting(SECOND), trusting(FIRST, SECOND)):
            report = audited(declared, policy)
            assert [(f.kind, f.stage) for f in report.findings] == [("wrong", "checkpoint")]
        with pytest.raises(ProofError, match="no signature of a known key"):
            open_checkpoint(str(false).encode(), LedgerKeys(declared.database, vkey(FIRST)))

    def test_an_archived_checkpoint_of_the_former_key_is_a_finding(self, declared: World) -> None:
        rotated(declared)
        size = open_checkpoint(objects_of(declared)["checkpoint"], vkey(SECOND)).size
        checkpoint = open_checkpoint(objects_of(declared)[f"checkpoints/{size}"], vkey(SECOND))
        false = signed(checkpoint, vkey(FIRST), FIRST.sign(checkpoint.text.encode()))
        objects_of(declared)[f"checkpoints/{size}"] = str(false).encode()
        report = audited(declared, trusting(FIRST))
        assert [(f.kind, f.stage) for f in report.findings] == [("wrong", "checkpoints")]


def forged(world: World, change: Callable[[Handover], tuple[int, bytes, bytes]]) -> None:
    """Put another handover in the place of the published one."""
    one = Handover.parse(objects_of(world)["log-keys/1"])
    proof = InclusionProof.parse(objects_of(world)["log-keys/1"])
    index, leaf, note = change(one)
    objects_of(world)["log-keys/1"] = bytes(InclusionProof(index, proof.path, note, leaf))


class TestHandovers:
    @pytest.mark.parametrize(
        "signer", [SECOND, FIRST, STRANGER], ids=["new alone", "former alone", "stranger"]
    )
    def test_both_keys_sign_it(self, declared: World, signer: MemorySigner) -> None:
        rotated(declared)

        def change(one: Handover) -> tuple[int, bytes, bytes]:
            key = VerifierKey(one.checkpoint.origin, signer.public_key)
            note = signed(one.checkpoint, key, signer.sign(one.checkpoint.text.encode()))
            return one.index, one.leaf, str(note).encode()

        forged(declared, change)
        report = audited(declared, trusting(FIRST))
        assert report.verdict == "failed"
        assert "no signature of a known key" in str(report.findings[0])

    def test_its_tree_is_one_that_the_log_went_through(self, declared: World) -> None:
        """Both keys in a thief's hands, another tree: what the entries give is something else."""
        rotated(declared)

        def change(one: Handover) -> tuple[int, bytes, bytes]:
            false = Checkpoint(one.checkpoint.origin, one.checkpoint.size, bytes(32))
            text = false.text.encode()
            made = [(vkey(signer), signer.sign(text)) for signer in (FIRST, SECOND)]
            return one.index, one.leaf, str(signed_by_all(false, made)).encode()

        forged(declared, change)
        report = audited(declared, trusting(FIRST))
        assert report.verdict == "failed"

    def test_every_byte_of_it_matters(self, declared: World) -> None:
        rotated(declared)
        whole = objects_of(declared)["log-keys/1"]
        for place in range(0, len(whole), 7):
            data = bytearray(whole)
            data[place] ^= 1
            objects_of(declared)["log-keys/1"] = bytes(data)
            try:
                found = follow([vkey(FIRST)], list(published(declared.objects)))
            except ProofError:
                continue
            assert found in ((), (vkey(SECOND),)), place
            assert found == () or Handover.parse(bytes(data)).key == vkey(SECOND)

    def test_it_is_made_again_when_it_is_gone(self, declared: World) -> None:
        hands = rotated(declared)
        whole = objects_of(declared).pop("log-keys/1")
        publisher_of(declared, hands).publish()
        assert objects_of(declared)["log-keys/1"] == whole


class TestTheKeysOfADatabase:
    def test_a_key_that_the_former_one_did_not_sign_for_is_refused(self, declared: World) -> None:
        """Somebody with the database in hand puts an entry and a checkpoint there."""
        rotated(declared)
        size = keys_now(declared).changes[0].handover
        assert size is not None
        with declared.database.reading() as connection:
            head = checkpoints.of_size(connection, size)
        assert head is not None
        checkpoint = open_checkpoint(head.note, vkey(SECOND))
        alone = signed(checkpoint, vkey(SECOND), SECOND.sign(checkpoint.text.encode()))
        declared.tamper(
            "UPDATE checkpoints SET note = :note WHERE size = :size", note=str(alone).encode(), size=size
        )
        with pytest.raises(StorageError, match="the keys of the log cannot be read"):
            keys_now(declared)

    def test_the_first_key_is_pinned_from_outside(self, declared: World) -> None:
        with (
            declared.database.reading() as connection,
            pytest.raises(StorageError, match="entry 0 names another log key"),
        ):
            stored_keys(connection, vkey(SECOND))

    def test_a_tree_at_the_handover_needs_both(self, declared: World) -> None:
        rotated(declared)
        keys = keys_now(declared)
        (change,) = keys.changes
        assert change.handover is not None
        assert keys.required(change.index) == (vkey(FIRST),)
        assert (
            keys.required(change.index + 1) == keys.required(change.handover) == (vkey(FIRST), vkey(SECOND))
        )
        assert keys.required(change.handover + 1) == (vkey(SECOND),)


class TestWitnesses:
    """A witness whose policy knows the first key alone."""

    @pytest.fixture
    def opened(self, declared: World, tmp_path: Path) -> Iterator[Callable[..., Witness]]:
        files = []

        def open_(*, replay: bool, reads: bool = True) -> Witness:
            files.append(WitnessFile(tmp_path / f"witness-{len(files)}.db"))
            policy = trusting(FIRST)
            (key,) = policy.log_keys
            follower = Follower(key.name, key.public_key, declared.objects, wait_s=60)
            return Witness(
                files[-1],
                policy,
                name="witness.example/w",
                signer=MemorySigner("witness"),
                clock=declared.clock,
                followers={key.name: follower} if replay else {},
                handovers={key.name: lambda: list(published(declared.objects))} if reads else {},
            )

        yield open_
        for file in files:
            file.close()

    @pytest.mark.parametrize("replay", [False, True], ids=["watching", "replaying"])
    def test_it_goes_on_through_the_change(
        self, declared: World, opened: Callable[..., Witness], replay: bool
    ) -> None:
        witness, hands = opened(replay=replay), Hands()
        publisher = publisher_of(declared, hands)
        size = 0
        for step in ("before", "handover", "overlap", "after"):
            grow(declared, step)
            if step == "handover":
                hands.held.append(SECOND)
                announce(declared, SECOND)
            elif step == "after":
                hands.held.remove(FIRST)
            publisher.publish()
            answer = witness.add_checkpoint(submitted(declared, size))
            assert answer.status == 200, (step, answer.body)
            size = open_checkpoint(objects_of(declared)["checkpoint"], keys_now(declared)).size

    def test_the_former_key_alone_extends_nothing(
        self, declared: World, opened: Callable[..., Witness]
    ) -> None:
        witness = opened(replay=False)
        rotated(declared)
        assert witness.add_checkpoint(submitted(declared, 0)).status == 200
        size = open_checkpoint(objects_of(declared)["checkpoint"], vkey(SECOND)).size
        grow(declared, "stolen")
        publisher_of(declared, Hands([SECOND])).publish()
        checkpoint = open_checkpoint(objects_of(declared)["checkpoint"], vkey(SECOND))
        stolen = signed(checkpoint, vkey(FIRST), FIRST.sign(checkpoint.text.encode()))
        objects_of(declared)["checkpoint"] = str(stolen).encode()
        assert witness.add_checkpoint(submitted(declared, size)).status == 403

    def test_a_replay_refuses_the_former_key_by_the_entries(
        self, declared: World, opened: Callable[..., Witness]
    ) -> None:
        """Without any handover to read, the entries themselves name the key that must sign."""
        rotated(declared)
        checkpoint = open_checkpoint(objects_of(declared)["checkpoint"], vkey(SECOND))
        stolen = signed(checkpoint, vkey(FIRST), FIRST.sign(checkpoint.text.encode()))
        objects_of(declared)["checkpoint"] = str(stolen).encode()
        answer = opened(replay=True, reads=False).add_checkpoint(submitted(declared, 0))
        assert answer.status == 422
        assert "refused on replaying the log" in answer.body

    def test_without_a_handover_an_unknown_key_is_none(
        self, declared: World, opened: Callable[..., Witness]
    ) -> None:
        rotated(declared)
        del objects_of(declared)["log-keys/1"]
        assert opened(replay=False).add_checkpoint(submitted(declared, 0)).status == 403


def submitted(world: World, old: int) -> bytes:
    """The visible checkpoint as its publisher sends it to a witness at ``old``."""
    note = objects_of(world)["checkpoint"]
    size = Checkpoint.parse(Note.parse(note).text).size
    hashes = tiles.TileHashes(size, lambda tile: world.objects.get(tile.path))
    path = merkle.consistency_path(old, size, hashes) if old else []
    lines = [f"old {old}", *map(encode_base64, path), ""]
    return "".join(f"{line}\n" for line in lines).encode() + note


class TestRepair:
    @pytest.mark.parametrize("damage", [None, b"garbled"], ids=["gone", "garbled"])
    def test_a_damaged_handover_is_found_and_made_again(self, declared: World, damage: bytes | None) -> None:
        rotated(declared)
        whole = objects_of(declared).pop("log-keys/1")
        if damage is not None:
            objects_of(declared)["log-keys/1"] = damage
        kept: dict[str, bytes] = {}
        repair = Repair(lambda _what: None, kept.__setitem__)
        report = fsck(declared.database, declared.objects, vkey(FIRST), repairing=repair)
        assert [finding.field for finding in report.repaired] == ["log-keys/1"]
        assert objects_of(declared)["log-keys/1"] == whole
        assert kept == ({} if damage is None else {"log-keys/1": damage})
        again = fsck(declared.database, declared.objects, vkey(FIRST))
        assert (again.findings, again.not_checked) == ([], [])

    def test_the_note_of_the_handover_keeps_both_signatures(self, declared: World) -> None:
        """The database's copy is garbled; what stands in the archive puts it right, with both lines."""
        rotated(declared)
        size = keys_now(declared).changes[0].handover
        assert size is not None
        right = objects_of(declared)[f"checkpoints/{size}"]
        declared.tamper("UPDATE checkpoints SET note = :note WHERE size = :size", note=b"garbled", size=size)
        repair = Repair(lambda _what: None, lambda _key, _data: None)
        copies = [ObjectsCopy("published", declared.objects)]
        fsck(declared.database, declared.objects, vkey(FIRST), copies=copies, repairing=repair)
        with declared.database.reading() as connection:
            head = checkpoints.of_size(connection, size)
        assert head is not None
        assert head.note == right
        assert signers_of(head.note) == ids(FIRST, SECOND)
