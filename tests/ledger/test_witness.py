"""A witness cosigns what only grew, and never two histories (C2SP tlog-witness)."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import COSIGNATURE_ED25519, CosignatureVerifier, open_cosignature, timestamp_of
from ledger.core.encoding import encode_base64
from ledger.core.keys import VerifierKey
from ledger.core.merkle import EMPTY_ROOT
from ledger.core.note import LogVerifier, Note, Signature
from ledger.errors import LyingLog, MissingEvidence, ProofError, Rollback, StorageUnavailable
from ledger.store.witnessed import FORKS_MAX, WitnessFile
from ledger.witness import Answer, Witness
from tests.conftest import REPOSITORY
from tests.ledger.core.signers import LOG, STRANGER, NoteSigner, signed_note
from tests.ledger.fakes import STORY_START, MemoryClock
from tests.ledger.witnessing import (
    FORK,
    HISTORY,
    LENGTH,
    NAME,
    SIGNER,
    SIZE,
    body_of,
    conflict,
    note_of,
    policy_of,
    request,
    witness_in,
)

KEY = VerifierKey(NAME, SIGNER.public_key, COSIGNATURE_ED25519)
START = int(STORY_START.timestamp())
SEED = 20261121


@pytest.fixture
def clock() -> MemoryClock:
    return MemoryClock()


@pytest.fixture
def opened(tmp_path: Path, clock: MemoryClock) -> Iterator[tuple[Witness, WitnessFile]]:
    witness, file = witness_in(tmp_path, clock=clock)
    yield witness, file
    file.close()


@pytest.fixture
def witness(opened: tuple[Witness, WitnessFile]) -> Witness:
    return opened[0]


@pytest.fixture
def file(opened: tuple[Witness, WitnessFile]) -> WitnessFile:
    return opened[1]


def _said(answer: Answer, status: int, words: str) -> None:
    assert (answer.status, answer.media_type) == (status, "text/plain; charset=utf-8")
    assert words in answer.body


def _at(witness: Witness, size: int) -> Witness:
    """``witness`` after it cosigned HISTORY up to ``size``."""
    assert witness.add_checkpoint(request(HISTORY, 0, size)).status == 200
    return witness


def test_the_recorded_exchanges_get_the_required_answers(conformance: Path, tmp_path: Path) -> None:
    """conformance/log: status 403 or 400 for the altered signature, 404 for the unknown origin."""
    recorded = json.loads((conformance / "log" / "witness_add_checkpoint_sequence.json").read_bytes())
    key = VerifierKey(recorded["log_origin"], bytes.fromhex(recorded["log_ed25519_pub_hex"]))
    witness, file = witness_in(tmp_path, policy=policy_of(str(key)))
    answers = [witness.add_checkpoint(exchange["body"].encode()) for exchange in recorded["sequence"]]
    file.close()
    required = [{200}, {403, 400}, {404}, {422}, {422}, {200}, {409}, {200}, {409}]
    assert len(answers) == len(required)
    for answer, statuses in zip(answers, required, strict=True):
        assert answer.status in statuses, answer
    assert answers[6] == conflict(3)
    assert answers[8] == conflict(5)
    for exchange, answer in zip(recorded["sequence"], answers, strict=True):
        if answer.status == 200:
            text = exchange["body"].partition("\n\n")[2].partition("\n\n")[0] + "\n"
            open_cosignature(text, answer.body.encode(), witness.key)


class TestCosigning:
    def test_the_answer_is_one_line_that_verifies_over_the_checkpoint(self, witness: Witness) -> None:
        answer = witness.add_checkpoint(request(HISTORY, 0, 7))
        assert answer.status == 200
        assert answer.body.startswith(f"— {NAME} ")
        assert answer.body.count("\n") == 1
        cosignature = open_cosignature(Note.parse(note_of(HISTORY, 7)).text, answer.body.encode(), KEY)
        assert (cosignature.line, cosignature.timestamp) == (answer.body, START)

    def test_it_goes_on_from_every_size_to_every_larger_one(self, tmp_path: Path) -> None:
        for old in range(1, 18):
            for size in range(old, 20):
                witness, file = witness_in(tmp_path / f"{old}-{size}")
                _at(witness, old)
                assert witness.add_checkpoint(request(HISTORY, old, size)).status == 200, (old, size)
                head = file.cosigned(LOG.name)
                assert head is not None
                assert (head.size, head.root) == (size, HISTORY.root(size))
                file.close()

    def test_the_same_tree_again_is_cosigned_at_the_newer_time(
        self, witness: Witness, clock: MemoryClock
    ) -> None:
        _at(witness, 7)
        clock.move(seconds=600)
        answer = witness.add_checkpoint(request(HISTORY, 7, 7))
        assert _timestamp(answer) == START + 600

    def test_an_empty_log_can_be_cosigned_and_grow(self, witness: Witness) -> None:
        empty = signed_note(Checkpoint(LOG.name, 0, EMPTY_ROOT).text)
        assert witness.add_checkpoint(body_of(0, [], empty)).status == 200
        assert witness.add_checkpoint(request(HISTORY, 0, 3)).status == 200

    def test_extension_lines_are_cosigned_with_the_rest(self, witness: Witness) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3), ("an extension",)).text
        answer = witness.add_checkpoint(body_of(0, [], signed_note(text)))
        open_cosignature(text, answer.body.encode(), KEY)

    def test_an_origin_of_any_characters_is_fine(self, tmp_path: Path) -> None:
        odd = NoteSigner("日志.example/ñ", bytes(range(1, 33)))
        witness, file = witness_in(tmp_path, policy=policy_of(odd.vkey))
        text = Checkpoint(odd.name, 1, HISTORY.root(1)).text
        note = str(Note(text, (odd.sign(text),))).encode()
        assert witness.add_checkpoint(body_of(0, [], note)).status == 200
        file.close()

    def test_two_logs_do_not_touch_each_other(self, tmp_path: Path) -> None:
        witness, file = witness_in(tmp_path, policy=policy_of(LOG.vkey, STRANGER.vkey))
        _at(witness, 9)
        text = Checkpoint(STRANGER.name, 2, FORK.root(2)).text
        note = str(Note(text, (STRANGER.sign(text),))).encode()
        assert witness.add_checkpoint(body_of(0, [], note)).status == 200
        heads = witness.cosigned()
        assert {origin: head.size for origin, head in heads.items() if head} == {
            LOG.name: 9,
            STRANGER.name: 2,
        }
        file.close()

    def test_nothing_is_cosigned_when_the_memory_is_full(self, witness: Witness, file: WitnessFile) -> None:
        _at(witness, 5)
        file._connection.execute(f"PRAGMA max_page_count={file.pragma('page_count')}")
        text = Checkpoint(LOG.name, 6, HISTORY.root(6), ("long" * 20_000,)).text
        path = merkle.consistency_path(5, 6, HISTORY.hashes(6))
        with pytest.raises(StorageUnavailable, match="full"):
            witness.add_checkpoint(body_of(5, path, signed_note(text)))
        assert witness.add_checkpoint(request(FORK, 5, 6)).status == 200, "5 is where the two part"


class TestRotation:
    """A log changes its key: for a while two keys are trusted, and either will do."""

    NEW = NoteSigner(LOG.name, bytes(range(50, 82)))

    @pytest.fixture
    def both(self, tmp_path: Path) -> Iterator[Witness]:
        witness, file = witness_in(tmp_path, policy=policy_of(LOG.vkey, self.NEW.vkey))
        yield witness
        file.close()

    @pytest.mark.parametrize("signers", [(LOG,), (NEW,), (LOG, NEW), (NEW, STRANGER, LOG)])
    def test_any_trusted_signature_is_enough(self, both: Witness, signers: tuple[NoteSigner, ...]) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        note = Note(text, tuple(signer.sign(text) for signer in signers))
        assert both.add_checkpoint(body_of(0, [], str(note).encode())).status == 200
        kept = Note.parse(_monitored(both))
        assert [s.key_id for s in kept.signatures] == [
            *(signer.key.id for signer in signers if signer != STRANGER),
            KEY.id,
        ]

    def test_a_trusted_signature_that_fails_spoils_the_good_one(self, both: Witness) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        broken = self.NEW.sign(text + "x")
        note = str(Note(text, (LOG.sign(text), broken))).encode()
        _said(both.add_checkpoint(body_of(0, [], note)), 403, "signature does not verify")


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "size", "status"),
        [
            (8, 7, 400),  # old beyond the checkpoint
            (0, 7, 409),
            (4, 7, 409),
            (6, 7, 409),
            (0, 3, 409),  # smaller than what was cosigned
            (3, 3, 409),
            (0, 5, 409),
        ],
    )
    def test_an_old_size_that_is_not_ours(self, witness: Witness, old: int, size: int, status: int) -> None:
        answer = _at(witness, 5).add_checkpoint(request(HISTORY, old, size))
        assert answer.status == status
        if status == 409:
            assert answer == conflict(5)

    def test_before_the_first_checkpoint_the_size_is_0(self, witness: Witness) -> None:
        assert witness.add_checkpoint(request(HISTORY, 3, 7)) == conflict(0)

    def test_an_unknown_origin_is_404_whatever_its_signature(self, witness: Witness) -> None:
        text = Checkpoint("log.example/other", 3, HISTORY.root(3)).text
        for signer in (LOG, STRANGER):
            note = str(Note(text, (signer.sign(text),))).encode()
            _said(witness.add_checkpoint(body_of(0, [], note)), 404, "does not know the log")

    @pytest.mark.parametrize(
        "signer",
        [
            STRANGER,
            NoteSigner(LOG.name, bytes(32)),  # our name, another key
            NoteSigner(LOG.name, LOG.seed, COSIGNATURE_ED25519),  # our key, as a cosigner
        ],
        ids=["stranger", "same-name", "same-key-other-type"],
    )
    def test_no_signature_of_the_log_is_403(self, witness: Witness, signer: NoteSigner) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        note = str(Note(text, (signer.sign(text),))).encode()
        _said(witness.add_checkpoint(body_of(0, [], note)), 403, "no signature of a known key")

    def test_a_forged_signature_is_403_before_anything_is_said_about_sizes(self, witness: Witness) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        forged = str(Note(text, (Signature(LOG.name, LOG.key.id, bytes(64)),))).encode()
        _said(_at(witness, 5).add_checkpoint(body_of(9, [], forged)), 403, "does not verify")

    def test_a_proof_that_does_not_lead_there_is_422(self, witness: Witness) -> None:
        _at(witness, 5)
        path = merkle.consistency_path(5, 11, HISTORY.hashes(11))
        assert len(path) > 2
        wrong: dict[str, list[bytes]] = {
            "none": [],
            "short": path[:-1],
            "long": [*path, bytes(32)],
            "swapped": [path[1], path[0], *path[2:]],
            "altered": [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]],
            "of another size": merkle.consistency_path(5, 12, HISTORY.hashes(12)),
            "longest": [bytes(32)] * 63,
        }
        for name, other in wrong.items():
            answer = witness.add_checkpoint(body_of(5, other, note_of(HISTORY, 11)))
            assert answer.status == 422, name
            assert "consistency proof" in answer.body
        assert witness.add_checkpoint(request(HISTORY, 5, 11)).status == 200

    def test_from_nothing_the_proof_is_empty(self, witness: Witness) -> None:
        answer = witness.add_checkpoint(body_of(0, [bytes(32)], note_of(HISTORY, 3)))
        _said(answer, 422, "from size 0 the proof is empty")

    def test_the_same_tree_needs_an_empty_proof(self, witness: Witness, file: WitnessFile) -> None:
        answer = _at(witness, 5).add_checkpoint(body_of(5, [bytes(32)], note_of(HISTORY, 5)))
        _said(answer, 422, "empty consistency proof")
        assert file.evidence() == [], "a tree that we cosigned ourselves is no evidence"

    def test_an_empty_tree_has_one_root(self, witness: Witness, file: WitnessFile) -> None:
        note = signed_note(Checkpoint(LOG.name, 0, bytes(32)).text)
        _said(witness.add_checkpoint(body_of(0, [], note)), 422, "two roots for one tree size 0")
        assert [found.kind for found in file.evidence()] == ["fork"]


NOTE = note_of(HISTORY, 7).decode()
HASH = encode_base64(bytes(32))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 0",
        "old 0\n",
        "old 0\n\n",
        f"\nold 0\n\n{NOTE}",
        f"old\n\n{NOTE}",
        f"old \n\n{NOTE}",
        f"old  0\n\n{NOTE}",
        f"old 0 \n\n{NOTE}",
        f"old\t0\n\n{NOTE}",
        f"Old 0\n\n{NOTE}",
        f"old 00\n\n{NOTE}",
        f"old +0\n\n{NOTE}",
        f"old -1\n\n{NOTE}",
        f"old 0x0\n\n{NOTE}",
        f"old 1_0\n\n{NOTE}",
        f"old ٣\n\n{NOTE}",
        f"old 0.0\n\n{NOTE}",
        f"old {2**63}\n\n{NOTE}",
        f"old {'9' * 5000}\n\n{NOTE}",
        f"old 0\r\n\r\n{NOTE}",
        f"old 0\n\r\n{NOTE}",
        f"old 0\n{NOTE}",
        f"old 0\n{HASH}\n{NOTE}",
        f"old 0\n{HASH[:-1]}\n\n{NOTE}",
        f"old 0\n{HASH[:-2]}B=\n\n{NOTE}",  # trailing bits
        f"old 0\n {HASH}\n\n{NOTE}",
        f"old 0\n{HASH} \n\n{NOTE}",
        f"old 0\n{encode_base64(bytes(31))}\n\n{NOTE}",
        f"old 0\n{encode_base64(bytes(33))}\n\n{NOTE}",
        f"old 0\n{HASH}{HASH}\n\n{NOTE}",
        "old 0\n" + f"{HASH}\n" * 64 + f"\n{NOTE}",
        f"old 0\n\n\n{NOTE}",
        f"old 0\n\n{NOTE}\n",
        f"old 0\n\n{NOTE}x",
        f"old 0\n\n{NOTE}"[:-1],
        f"old 0\n\n{NOTE}".replace("\n\n— ", "\n— "),
        f"old 0\n\n{NOTE}".replace("— ", "- "),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n07\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n+7\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n7 \n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n-7\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", f"\n{2**63}\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n7\r\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n7\n\n"),
        f"old 0\n\n{NOTE}".replace("\n7\n", "\n"),
        f"old 0\n\n{NOTE}".replace(f"{LOG.name}\n", "\n", 1),
        f"old 0\n\n{NOTE}".replace("=\n\n", "=\n\nextension\x00\n\n"),
        f"old 0\n\n{NOTE}".replace("=\n\n", "=\n\n\n\n"),
    ],
)
def test_a_malformed_request_is_400(witness: Witness, body: str) -> None:
    _at(witness, 5)
    answer = witness.add_checkpoint(body.encode())
    assert answer.status == 400, answer
    assert witness.cosigned()[LOG.name].size == 5  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [b"\xff", b"old 0\n\xff\n\n" + NOTE.encode(), b"old 0\n\n\xff" + NOTE.encode(), b"\x00" * 70_000],
)
def test_bytes_that_are_no_text_are_400(witness: Witness, body: bytes) -> None:
    assert witness.add_checkpoint(body).status == 400


def test_no_mutation_of_a_request_raises_or_is_cosigned_as_another_tree(witness: Witness) -> None:
    """Every byte of a good request changed, removed and doubled: an answer each time, and never a fork."""
    _at(witness, 5)
    chance = random.Random(SEED)
    good = request(HISTORY, 5, 11)
    statuses = set()
    for position in range(len(good)):
        for mutant in (
            good[:position] + bytes([chance.randrange(256)]) + good[position + 1 :],
            good[:position] + good[position + 1 :],
            good[: position + 1] + good[position:],
        ):
            if mutant == good:
                continue
            answer = witness.add_checkpoint(mutant)
            statuses.add(answer.status)
            assert answer.status in {400, 403, 404, 409, 422}, (SEED, position, mutant)
            assert witness.cosigned()[LOG.name].root == HISTORY.root(5)  # type: ignore[union-attr]
    assert statuses >= {400, 403, 404, 422}


class TestMonitoring:
    def test_the_latest_checkpoint_carries_the_log_and_ours_and_nobody_else(self, witness: Witness) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        witness.add_checkpoint(body_of(0, [], signed_note(text, STRANGER.sign(text))))
        note = Note.parse(_monitored(witness))
        assert note.text == text
        assert len(note.verified_by([LogVerifier(LOG.key), CosignatureVerifier(KEY)])) == 2
        assert [s.name for s in note.signatures] == [LOG.name, NAME]

    def test_a_signature_that_stands_twice_is_kept_once(self, witness: Witness) -> None:
        text = Checkpoint(LOG.name, 3, HISTORY.root(3)).text
        witness.add_checkpoint(body_of(0, [], signed_note(text, LOG.sign(text))))
        assert [s.name for s in Note.parse(_monitored(witness)).signatures] == [LOG.name, NAME]

    @pytest.mark.parametrize("name", ["", "0" * 64, LOG.name, "é", "../witness.db"])
    def test_nothing_else_is_there(self, witness: Witness, name: str) -> None:
        assert _at(witness, 3).checkpoint(name) is None

    def test_nothing_is_there_before_the_first_cosignature(self, witness: Witness) -> None:
        assert _monitored(witness) is None


class TestEvidence:
    """F12: two views of one log. The witness refuses the second, and keeps both."""

    def test_another_root_at_the_size_cosigned_is_422_and_both_are_kept(
        self, witness: Witness, file: WitnessFile
    ) -> None:
        _at(witness, 9)
        body = request(FORK, 9, 9)
        _said(witness.add_checkpoint(body), 422, "two roots for one tree size 9")
        (found,) = file.evidence()
        assert (found.kind, found.origin, found.size, found.root) == ("fork", LOG.name, 9, FORK.root(9))
        assert found.body == body
        assert found.known == _monitored(witness)
        assert Checkpoint.parse(Note.parse(found.known).text).root == HISTORY.root(9)

    def test_the_fork_is_kept_even_when_its_sender_did_not_know_our_size(
        self, witness: Witness, file: WitnessFile
    ) -> None:
        answer = _at(witness, 9).add_checkpoint(request(FORK, 0, 9))
        assert answer == conflict(9)
        assert [found.kind for found in file.evidence()] == ["fork"]

    def test_a_larger_tree_of_another_history_is_refused_and_kept(
        self, witness: Witness, file: WitnessFile
    ) -> None:
        _at(witness, 9)
        assert witness.add_checkpoint(request(FORK, 9, 12)).status == 422
        assert [(found.kind, found.size) for found in file.evidence()] == [("unproven", 12)]

    def test_a_bad_proof_of_a_good_tree_is_forgotten_when_the_good_one_comes(
        self, witness: Witness, file: WitnessFile
    ) -> None:
        _at(witness, 9)
        witness.add_checkpoint(body_of(9, [], note_of(HISTORY, 12)))
        assert len(file.evidence()) == 1
        witness.add_checkpoint(request(HISTORY, 9, 12))
        assert file.evidence() == []

    def test_what_the_log_did_not_sign_is_not_kept(self, witness: Witness, file: WitnessFile) -> None:
        _at(witness, 9)
        text = Checkpoint(LOG.name, 9, FORK.root(9)).text
        for signature in (STRANGER.sign(text), Signature(LOG.name, LOG.key.id, bytes(64))):
            assert (
                witness.add_checkpoint(body_of(9, [], str(Note(text, (signature,))).encode())).status == 403
            )
        assert file.evidence() == []

    def test_it_is_kept_once_and_there_is_an_end_to_it(self, witness: Witness, file: WitnessFile) -> None:
        _at(witness, 9)
        for n in (1, 1, *range(2, FORKS_MAX + 20)):
            note = signed_note(Checkpoint(LOG.name, 9, n.to_bytes(32, "big")).text)
            assert witness.add_checkpoint(body_of(9, [], note)).status == 422
        assert [int.from_bytes(found.root, "big") for found in file.evidence()] == [*range(1, FORKS_MAX + 1)]


class TestTime:
    """F13: the time of our cosignatures of one log never runs back, whatever the clock does."""

    def test_a_clock_set_back_leaves_the_last_time_in_place(
        self, witness: Witness, clock: MemoryClock
    ) -> None:
        _at(witness, 5)
        clock.move(days=-400)
        assert _timestamp(witness.add_checkpoint(request(HISTORY, 5, 5))) == START
        assert _timestamp(witness.add_checkpoint(request(HISTORY, 5, 6))) == START
        clock.move(days=400, seconds=3)
        assert _timestamp(witness.add_checkpoint(request(HISTORY, 6, 7))) == START + 3

    def test_two_witness_processes_with_two_clocks_agree_on_the_later_one(self, tmp_path: Path) -> None:
        early, one = witness_in(tmp_path, clock=MemoryClock())
        late, two = witness_in(tmp_path, clock=MemoryClock(STORY_START + timedelta(seconds=90)))
        assert _timestamp(late.add_checkpoint(request(HISTORY, 0, 5))) == START + 90
        assert _timestamp(early.add_checkpoint(request(HISTORY, 5, 6))) == START + 90
        one.close()
        two.close()

    def test_a_clock_before_1970_does_not_break_the_format(
        self, witness: Witness, clock: MemoryClock
    ) -> None:
        clock.move(days=-366 * 60)
        assert _timestamp(witness.add_checkpoint(request(HISTORY, 0, 5))) == 0


class TestRace:
    """A13: N and N+K submitted together never roll the witness back."""

    @pytest.mark.parametrize("writers", [1, 2], ids=["one-process", "two-connections"])
    def test_threads(self, tmp_path: Path, writers: int) -> None:
        opened = [witness_in(tmp_path) for _ in range(writers)]
        _at(opened[0][0], 4)
        with ThreadPoolExecutor(8) as pool:
            for start in range(4, LENGTH - 4, 4):
                bodies = [request(HISTORY, start, start + more) for more in (1, 2, 3, 4)] * 2
                calls = [
                    pool.submit(opened[n % writers][0].add_checkpoint, body) for n, body in enumerate(bodies)
                ]
                answers = [call.result() for call in calls]
                _check_race(answers, start, opened[0][1])
                size = opened[0][1].cosigned(LOG.name).size  # type: ignore[union-attr]
                assert opened[0][0].add_checkpoint(request(HISTORY, size, start + 4)).status == 200
        for _, file in opened:
            file.close()

    def test_two_forks_at_once_are_never_both_cosigned(self, tmp_path: Path) -> None:
        opened = [witness_in(tmp_path) for _ in range(2)]
        _at(opened[0][0], 5)
        with ThreadPoolExecutor(8) as pool:
            bodies = [request(log, 5, 9) for log in (HISTORY, FORK)] * 4
            calls = [pool.submit(opened[n % 2][0].add_checkpoint, body) for n, body in enumerate(bodies)]
            answers = [call.result() for call in calls]
        cosigned = {n % 2 for n, answer in enumerate(answers) if answer.status == 200}
        assert len(cosigned) == 1
        assert [found.kind for found in opened[0][1].evidence()] == ["fork"]
        for _, file in opened:
            file.close()

    def test_processes(self, tmp_path: Path) -> None:
        witness, file = witness_in(tmp_path)
        _at(witness, 4)
        children = [_child(tmp_path, "race", str(n)) for n in range(3)]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        answers = []
        for child in children:
            said, _ = child.communicate(timeout=120)
            assert child.returncode == 0
            answers += [tuple(map(int, line.split())) for line in said.splitlines()]
        grown = [size for old, size, status in answers if status == 200 and size > old]
        assert sorted(grown) == sorted(set(grown)), "no size was reached twice from below"
        assert max(grown) == LENGTH
        assert {status for _, _, status in answers} == {200, 409}
        head = file.cosigned(LOG.name)
        assert head is not None
        assert (head.size, head.root) == (LENGTH, HISTORY.root(LENGTH))
        file.close()


def test_a_kill_between_persisting_and_answering_costs_the_answer_only(tmp_path: Path) -> None:
    with _child(tmp_path, "die") as child:
        said, _ = child.communicate(timeout=120)
    assert (child.returncode, said) == (-signal.SIGKILL, "ready\n"), "it died before it could answer"
    witness, file = witness_in(tmp_path)
    head = file.cosigned(LOG.name)
    assert head is not None
    assert (head.size, head.root) == (9, HISTORY.root(9))
    assert witness.add_checkpoint(request(FORK, 0, 9)) == conflict(9)
    assert witness.add_checkpoint(request(FORK, 9, 9)).status == 422
    assert witness.add_checkpoint(request(HISTORY, 9, 9)).status == 200
    file.close()


def test_kills_at_any_moment_never_lose_a_cosignature_that_was_given(tmp_path: Path) -> None:
    """The child submits forks and refreshes for ever; after each kill the file knows all it answered."""
    print("seed", SEED)
    chance = random.Random(SEED)
    given: dict[int, str] = {}
    for _ in range(12):
        with _child(tmp_path, "grow", str(chance.randrange(2**31))) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            for _ in range(chance.randrange(1, 30)):
                _note_given(child.stdout.readline(), given)
            os.kill(child.pid, signal.SIGKILL)
            for line in child.stdout:
                _note_given(line, given)
    _, file = witness_in(tmp_path)
    head = file.cosigned("log.example/endless")
    assert head is not None
    assert head.size >= max(given)
    assert given.get(head.size, head.root.hex()) == head.root.hex()
    file.close()
    assert len(given) > 12


class MemoryFollower:
    """Says of a tree what it is told to say."""

    log_keys: Sequence[tuple[int, bytes]] = ()

    def __init__(self) -> None:
        self.says: Exception | None = None
        self.asked: list[int] = []

    def reach(self, checkpoint: Checkpoint) -> None:
        self.asked.append(checkpoint.size)
        if self.says is not None:
            raise self.says


class TestReplaying:
    @pytest.fixture
    def follower(self) -> MemoryFollower:
        return MemoryFollower()

    @pytest.fixture
    def replaying(self, tmp_path: Path, follower: MemoryFollower) -> Iterator[Witness]:
        file = WitnessFile(tmp_path / "witness.db")
        yield Witness(
            file, policy_of(LOG.vkey), name=NAME, signer=SIGNER, clock=MemoryClock(),
            followers={LOG.name: follower},
        )  # fmt: skip
        file.close()

    def test_it_cosigns_what_was_replayed(self, replaying: Witness, follower: MemoryFollower) -> None:
        _at(replaying, 5)
        assert replaying.add_checkpoint(request(HISTORY, 5, 9)).status == 200
        assert follower.asked == [5, 9]

    def test_it_replays_nothing_that_it_would_not_cosign(
        self, replaying: Witness, follower: MemoryFollower
    ) -> None:
        _at(replaying, 5)
        for body in (request(HISTORY, 0, 9), request(FORK, 5, 4), body_of(5, [], note_of(FORK, 9))):
            assert replaying.add_checkpoint(body).status in (400, 409, 422)
        assert follower.asked == [5]

    @pytest.mark.parametrize(("error", "kind"), [(LyingLog, "replay"), (ProofError, "unproven")])
    def test_entries_that_do_not_hold_are_422_with_the_reason_and_kept(
        self, replaying: Witness, follower: MemoryFollower, error: type[Exception], kind: str
    ) -> None:
        _at(replaying, 5)
        follower.says = error("/body/data/root: the heads tree is another")
        answer = replaying.add_checkpoint(request(HISTORY, 5, 9))
        _said(answer, 422, "the heads tree is another")
        (found,) = replaying._file.evidence()
        assert (found.kind, found.size, found.body) == (kind, 9, request(HISTORY, 5, 9))
        assert replaying.cosigned()[LOG.name].size == 5  # type: ignore[union-attr]

    @pytest.mark.parametrize("error", [MissingEvidence("tile is not there"), StorageUnavailable("later")])
    def test_what_cannot_be_told_now_is_503_with_a_time_to_come_back(
        self, replaying: Witness, follower: MemoryFollower, error: Exception
    ) -> None:
        _at(replaying, 5)
        follower.says = error
        answer = replaying.add_checkpoint(request(HISTORY, 5, 9))
        _said(answer, 503, str(error))
        assert answer.retry_after_s > 0
        assert replaying._file.evidence() == []
        follower.says = None
        assert replaying.add_checkpoint(request(HISTORY, 5, 9)).status == 200

    def test_what_others_cosign_during_the_replay_is_seen(self, tmp_path: Path) -> None:
        """The replay takes its time outside the transaction; everything is compared anew after it."""
        other, other_file = witness_in(tmp_path)

        class Meanwhile(MemoryFollower):
            def reach(self, checkpoint: Checkpoint) -> None:
                assert other.add_checkpoint(request(FORK, 5, 12)).status == 200

        _at(other, 5)
        file = WitnessFile(tmp_path / "witness.db")
        slow = Witness(
            file, policy_of(LOG.vkey), name=NAME, signer=SIGNER, clock=MemoryClock(),
            followers={LOG.name: Meanwhile()},
        )  # fmt: skip
        assert slow.add_checkpoint(request(HISTORY, 5, 9)) == conflict(12)
        file.close()
        other_file.close()


class TestForgotten:
    """An old copy of the memory was put back: the log itself shows what we have cosigned since."""

    @pytest.mark.parametrize(("log", "size"), [(HISTORY, 9), (FORK, 7)], ids=["larger", "same size"])
    def test_a_cosignature_that_we_do_not_remember_stops_us(
        self, witness: Witness, log: Any, size: int
    ) -> None:
        text = Checkpoint(LOG.name, size, log.root(size)).text
        shown = signed_note(text, _our_cosignature(text))
        _at(witness, 7)
        with pytest.raises(Rollback, match="an old copy was put back"):
            witness.check_published(shown)

    def test_what_we_remember_or_never_signed_says_nothing(self, witness: Witness) -> None:
        text = Checkpoint(LOG.name, 5, HISTORY.root(5)).text
        _at(witness, 7)
        for shown in (
            _monitored(witness),
            signed_note(text, _our_cosignature(text)),
            note_of(HISTORY, 30),
            signed_note(text, Signature(NAME, KEY.id, bytes(72))),
            b"",
            b"<html>",
        ):
            assert shown is not None
            witness.check_published(shown)


def _our_cosignature(text: str) -> Signature:
    seed = SIGNER._key.private_bytes_raw()
    return NoteSigner(NAME, seed, COSIGNATURE_ED25519).cosign(text)


def _monitored(witness: Witness) -> Any:
    (name,) = witness._by_hash
    return witness.checkpoint(name)


def _timestamp(answer: Answer) -> int:
    assert answer.status == 200, answer
    note = Note.parse(b"x\n\n" + answer.body.encode())
    return timestamp_of(note.signatures[0].blob)


def _check_race(answers: list[Answer], start: int, file: WitnessFile) -> None:
    reached = {start}
    for answer in answers:
        assert answer.status in (200, 409), answer
        if answer.status == 409:
            assert answer.media_type == SIZE
            reached.add(int(answer.body))
    assert sum(answer.status == 200 for answer in answers) >= 1
    head = file.cosigned(LOG.name)
    assert head is not None
    assert head.size == max(reached - {start})
    assert head.root == HISTORY.root(head.size)


def _note_given(line: str, given: dict[int, str]) -> None:
    words = line.split()
    if len(words) == 2 and len(words[1]) == 64 and line.endswith("\n"):
        assert given.setdefault(int(words[0]), words[1]) == words[1], "two roots of one size were cosigned"


def _child(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ledger.witness_child", str(folder), *arguments],
        cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
