"""A signed note has one spelling, and one altered bit of it verifies nothing (C2SP signed-note)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import keys, note
from ledger.core.cosignature import CosignatureVerifier
from ledger.core.note import LogVerifier, Note, Signature
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, OTHER_WITNESS, STRANGER, WITNESS, NoteSigner, signed_note

TEXT = "first line\n\nafter an empty line: é 漢 😀\n"
DATA = signed_note(TEXT)
LINE = LOG.sign(TEXT).line
CHARACTERS = st.characters(codec="utf-8", exclude_characters=[chr(n) for n in range(32) if n != 10])
TEXTS = st.text(CHARACTERS).map(lambda text: text + "\n")
NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="+", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
    min_size=1,
)
SIGNATURES = st.builds(
    Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)


class TestSpelling:
    @given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=5))
    def test_a_note_reads_back(self, text: str, signatures: list[Signature]) -> None:
        made = Note(text, tuple(signatures))
        assert Note.parse(str(made).encode()) == made

    @given(
        st.lists(
            st.sampled_from(["\n", "\n\n", "a", "— ", "name ", "QUJDREU=\n", "+", " ", "QUJDREV=", LINE]),
            max_size=12,
        )
    )
    def test_what_is_read_is_printed_the_same(self, parts: list[str]) -> None:
        data = "".join(parts).encode()
        try:
            read = Note.parse(data)
        except ProofError:
            return
        assert str(read).encode() == data

    def test_the_text_is_split_off_at_the_last_empty_line(self) -> None:
        assert Note.parse(DATA).text == TEXT
        assert Note.parse(f"a\n\n\n{LINE}".encode()).text == "a\n\n"
        assert Note.parse(f"\n\n{LINE}".encode()).text == "\n"

    def test_a_line_is_em_dash_name_and_base64(self) -> None:
        signature = Signature("name", b"\x01\x02\x03\x04", b"\x05")
        assert signature.line == "— name AQIDBAU=\n"
        assert signature.line.encode().startswith(b"\xe2\x80\x94 ")


class TestVerification:
    def test_a_signature_covers_the_text_with_its_last_newline_and_not_the_empty_line(self) -> None:
        keys.verify(LOG.key.public_key, Note.parse(DATA).signatures[0].blob, TEXT.encode())

    def test_the_verifiers_that_hold_are_named_in_their_own_order(self) -> None:
        data = signed_note(TEXT, STRANGER.sign(TEXT))
        verifiers = [LogVerifier(STRANGER.key), LogVerifier(LOG.key)]
        assert Note.parse(data).verified_by(verifiers) == tuple(verifiers)

    def test_signatures_of_unknown_keys_are_ignored(self) -> None:
        verifier = LogVerifier(LOG.key)
        junk = Signature("other", b"\x00" * 4, b"no signature at all")
        data = signed_note(TEXT, junk, STRANGER.sign(TEXT), WITNESS.cosign(TEXT))
        assert Note.parse(data).verified_by([verifier]) == (verifier,)

    def test_a_known_name_with_another_id_is_unknown(self) -> None:
        other = NoteSigner(LOG.name, bytes(32))
        data = signed_note(TEXT, other.sign("something else\n"))
        Note.parse(data).verified_by([LogVerifier(LOG.key)])
        with pytest.raises(ProofError, match="no signature of a known key"):
            Note.parse(str(Note(TEXT, (other.sign(TEXT),))).encode()).verified_by([LogVerifier(LOG.key)])

    def test_sixteen_and_more_signatures_are_accepted(self) -> None:
        others = [NoteSigner(f"n{n}", bytes([n]) * 32).sign(TEXT) for n in range(99)]
        for count in (15, 99):
            Note.parse(signed_note(TEXT, *others[:count])).verified_by([LogVerifier(LOG.key)])

    def test_a_post_quantum_signature_beside_ours_is_ignored(self) -> None:
        large = Signature("pq.example", b"\x06" * 4, bytes(2428))
        Note.parse(signed_note(TEXT, large)).verified_by([LogVerifier(LOG.key)])

    def test_a_note_without_a_known_signature_is_refused(self) -> None:
        with pytest.raises(ProofError, match="no signature of a known key stands on the note"):
            Note.parse(DATA).verified_by([LogVerifier(STRANGER.key)])
        with pytest.raises(ProofError, match="no signature of a known key stands on the note"):
            Note.parse(DATA).verified_by([])

    def test_a_known_signature_that_fails_rejects_the_whole_note(self) -> None:
        wrong = STRANGER.sign("another text\n")
        verifiers = [LogVerifier(LOG.key), LogVerifier(STRANGER.key)]
        with pytest.raises(ProofError, match=r"stranger\.example: signature does not verify"):
            Note.parse(signed_note(TEXT, wrong)).verified_by(verifiers)

    def test_a_second_signature_of_one_key_that_fails_rejects_the_whole_note(self) -> None:
        with pytest.raises(ProofError, match=r"log\.example/lots: signature does not verify"):
            Note.parse(signed_note(TEXT, LOG.sign("another text\n"))).verified_by([LogVerifier(LOG.key)])

    def test_a_witness_key_is_no_log_key(self) -> None:
        with pytest.raises(ProofError, match="a log key is an Ed25519 key of type 1"):
            LogVerifier(WITNESS.key)

    def test_a_flipped_bit_anywhere_verifies_nothing(self) -> None:
        for bit in range(8 * len(DATA)):
            data = bytearray(DATA)
            data[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ProofError):
                Note.parse(bytes(data)).verified_by([LogVerifier(LOG.key)])

    def test_the_unused_bits_of_the_last_base64_character_are_not_free(self) -> None:
        """68 bytes leave two bits unused: the three other spellings of one signature are refused."""
        assert LINE.endswith("=\n")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        last = alphabet.index(LINE[-3])
        for other in range(last + 1, last + 4):
            altered = LINE[:-3] + alphabet[other] + LINE[-2:]
            with pytest.raises(ProofError, match="is not canonical base64"):
                Note.parse(f"{TEXT}\n{altered}".encode())

    def test_a_note_cut_short_verifies_nothing(self) -> None:
        for length in range(len(DATA)):
            with pytest.raises(ProofError):
                Note.parse(DATA[:length]).verified_by([LogVerifier(LOG.key)])

    @given(st.binary(max_size=200))
    def test_any_bytes_raise_nothing_but_our_own_error(self, data: bytes) -> None:
        with pytest.raises(ProofError):
            Note.parse(data).verified_by([LogVerifier(LOG.key), LogVerifier(STRANGER.key)])


class TestRefusals:
    @pytest.mark.parametrize(
        "text",
        ["", "\n", "\n\n", "text\n", f"text\n{LINE}", LINE, f"\n{LINE}", f"text\n\n{LINE[:-1]}", "text\n\n"],
        ids=repr,
    )
    def test_a_note_without_an_empty_line_and_a_closed_last_line_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="note has no signature block"):
            Note.parse(text.encode())

    def test_an_empty_line_after_the_signatures_is_refused(self) -> None:
        with pytest.raises(ProofError, match="note has no signature block"):
            Note.parse(DATA + b"\n")

    def test_text_after_the_signatures_is_refused(self) -> None:
        with pytest.raises(ProofError, match="does not start with an em dash"):
            Note.parse(DATA + b"\ntext\n")

    @pytest.mark.parametrize("data", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x8a"])
    def test_bytes_that_are_not_utf8_are_refused(self, data: bytes) -> None:
        with pytest.raises(ProofError, match="note is not UTF-8"):
            Note.parse(data + DATA)

    @pytest.mark.parametrize("character", [n for n in range(32) if n != 10])
    def test_a_control_character_is_refused_in_text_and_signatures(self, character: int) -> None:
        for data in (bytes([character]) + DATA, DATA.replace(b"lots ", b"lots" + bytes([character]))):
            with pytest.raises(ProofError, match="note has a control character"):
                Note.parse(data)

    def test_windows_line_ends_are_refused(self) -> None:
        with pytest.raises(ProofError, match="note has a control character"):
            Note.parse(DATA.replace(b"\n", b"\r\n"))

    @pytest.mark.parametrize("dash", ["- ", "– ", "—", "—\u00a0", " — ", ""])
    def test_a_line_that_does_not_start_with_em_dash_and_space_is_refused(self, dash: str) -> None:
        with pytest.raises(ProofError, match="does not start with an em dash"):
            Note.parse(f"{TEXT}\n{dash}{LINE[2:]}".encode())

    @pytest.mark.parametrize("name", ["", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b"], ids=ascii)
    def test_a_key_name_with_a_plus_or_unicode_space_or_none_is_refused(self, name: str) -> None:
        with pytest.raises(ProofError, match="is not a key name"):
            Note.parse(f"{TEXT}\n— {name} QUJDREU=\n".encode())

    @pytest.mark.parametrize("encoded", ["", " ", " QUJDRA=="])
    def test_a_line_without_at_least_one_signature_byte_is_refused(self, encoded: str) -> None:
        with pytest.raises(ProofError, match="signature line is too short"):
            Note.parse(f"{TEXT}\n— name{encoded}\n".encode())

    @pytest.mark.parametrize("encoded", ["QUJDREU", "QUJDREU= ", " QUJDREU=", "QUJD REU=", "QUJDRE*=", "é"])
    def test_bad_base64_is_refused(self, encoded: str) -> None:
        with pytest.raises(ProofError, match="is not base64"):
            Note.parse(f"{TEXT}\n— name {encoded}\n".encode())

    def test_too_many_signatures_are_refused(self) -> None:
        line = "— name QUJDREU=\n"
        Note.parse(f"{TEXT}\n{line * note.SIGNATURES_MAX}".encode())
        with pytest.raises(ProofError, match="note has too many signatures"):
            Note.parse(f"{TEXT}\n{line * (note.SIGNATURES_MAX + 1)}".encode())

    def test_a_note_beyond_a_megabyte_is_refused(self) -> None:
        with pytest.raises(ProofError, match="note is too large"):
            Note.parse(b"x" * note.NOTE_BYTES_MAX + DATA)

    def test_two_cosigners_cannot_be_taken_for_each_other(self) -> None:
        """The blob of one under the name and id of the other is a known signature that fails."""
        blob = WITNESS.cosign(TEXT).blob
        forged = Signature(OTHER_WITNESS.name, OTHER_WITNESS.key.id, blob)
        with pytest.raises(ProofError, match=r"witness\.example/w2: signature does not verify"):
            Note.parse(signed_note(TEXT, forged)).verified_by([CosignatureVerifier(OTHER_WITNESS.key)])
