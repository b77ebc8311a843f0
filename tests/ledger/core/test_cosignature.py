"""A witness signs a time and the whole checkpoint text (C2SP tlog-cosignature, type 0x04)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import cosignature
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import CosignatureVerifier, open_cosignature
from ledger.core.keys import VerifierKey
from ledger.core.note import Note
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, OTHER_WITNESS, WITNESS, signed_note
from tests.ledger.core.test_checkpoint import ROOT, WORKED

TEXT = Checkpoint(LOG.name, 3, ROOT).text
VERIFIER = CosignatureVerifier(WITNESS.key)


def test_the_worked_cosignature_holds() -> None:
    assert Note.parse(WORKED.encode()).verified_by([VERIFIER]) == (VERIFIER,)


def test_the_line_is_id_then_time_then_signature() -> None:
    signature = WITNESS.cosign(TEXT, time=1_700_000_000)
    assert len(signature.key_id + signature.blob) == 76
    assert signature.blob[:8] == (1_700_000_000).to_bytes(8, "big")
    assert signature.line in WORKED


def test_the_message_is_header_time_and_the_whole_text() -> None:
    assert cosignature.message(1_700_000_000, "a\n2\nb\next\n") == (
        b"cosignature/v1\ntime 1700000000\na\n2\nb\next\n"
    )


@given(st.integers(0, 2**63 - 1))
def test_any_time_of_63_bits_holds(time: int) -> None:
    VERIFIER.verify_note(TEXT, WITNESS.cosign(TEXT, time=time).blob)


@given(st.integers(0, 8 * 72 - 1))
def test_a_flipped_bit_of_time_or_signature_is_refused(bit: int) -> None:
    blob = bytearray(WITNESS.cosign(TEXT).blob)
    blob[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ProofError, match=r"does not verify|timestamp is out of range"):
        VERIFIER.verify_note(TEXT, bytes(blob))


def test_a_time_beyond_63_bits_is_refused_though_signed() -> None:
    with pytest.raises(ProofError, match="cosignature timestamp is out of range"):
        VERIFIER.verify_note(TEXT, WITNESS.cosign(TEXT, time=2**63).blob)


@pytest.mark.parametrize("length", [0, 8, 64, 71, 73])
def test_another_length_is_refused(length: int) -> None:
    blob = WITNESS.cosign(TEXT).blob.ljust(length, b"\x00")[:length]
    with pytest.raises(ProofError, match="a cosignature has 72 bytes after its key id"):
        VERIFIER.verify_note(TEXT, blob)


def test_a_plain_signature_over_the_text_is_no_cosignature() -> None:
    blob = WITNESS.cosign(TEXT).blob[:8] + WITNESS.sign(TEXT).blob
    with pytest.raises(ProofError, match="signature does not verify"):
        VERIFIER.verify_note(TEXT, blob)


def test_extension_lines_are_covered() -> None:
    extended = Checkpoint(LOG.name, 3, ROOT, ("extension",)).text
    VERIFIER.verify_note(extended, WITNESS.cosign(extended).blob)
    with pytest.raises(ProofError, match="signature does not verify"):
        VERIFIER.verify_note(TEXT, WITNESS.cosign(extended).blob)


@pytest.mark.parametrize("kind", [0x01, 0x02, 0x05, 0x06, 0xFF])
def test_a_key_of_another_type_is_no_witness_key(kind: int) -> None:
    with pytest.raises(ProofError, match="a timestamped Ed25519 key of type 4"):
        CosignatureVerifier(VerifierKey(WITNESS.name, WITNESS.key.public_key, kind))


def test_the_id_of_a_witness_key_commits_to_its_type() -> None:
    assert VERIFIER.id.hex() == "20324abe"
    text = signed_note(TEXT, WITNESS.cosign(TEXT)).decode()
    assert "— witness.example/w1 IDJKvg" in text


class TestAnswerOfAWitness:
    OLD, NEW = WITNESS.cosign(TEXT, time=5), WITNESS.cosign(TEXT, time=7)

    def test_the_newest_line_of_its_key_is_taken_and_others_are_ignored(self) -> None:
        other = OTHER_WITNESS.cosign(TEXT, time=9)
        lines = "".join(one.line for one in (self.OLD, self.NEW, other)).encode()
        opened = open_cosignature(TEXT, lines, WITNESS.key)
        assert (opened.line, opened.timestamp) == (self.NEW.line, 7)

    @pytest.mark.parametrize(
        ("lines", "match"),
        [
            ("", "no signature block"),
            (OTHER_WITNESS.cosign(TEXT).line, "no signature of a known key"),
            (WITNESS.cosign(TEXT + "more\n").line, "does not verify"),
            (WITNESS.cosign(TEXT).line + WITNESS.cosign(TEXT + "more\n").line, "does not verify"),
            ("text\n\n" + WITNESS.cosign(TEXT).line, "more than signature lines"),
            (WITNESS.cosign(TEXT).line + "text\n", "em dash"),
        ],
    )
    def test_anything_else_is_refused(self, lines: str, match: str) -> None:
        with pytest.raises(ProofError, match=match):
            open_cosignature(TEXT, lines.encode(), WITNESS.key)
