"""A checkpoint is a signed note of three lines, accepted under the log's own name only."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import checkpoint, keys, merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import encode_base64
from ledger.core.note import Note
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, STRANGER, WITNESS, signed_checkpoint, signed_note

# log-formats.md A9, accepted by golang.org/x/mod.
WORKED = """\
log.example/lots
3
OF2jDzkXKCyJOd/4UZV+UZqxhGsTUaFMCts7EWMnQqo=

— log.example/lots \
b6PWQaMr/xyQMl+LaCzTDzw1wJPHXsvLp4mtW9+xoGPL8iDvsXoUxN5tvGcfTresF1YfmHs8yiDFw/7MlpMenuUjxAs=
— witness.example/w1 \
IDJKvgAAAABlU/EAPdxv/qEx8S3NP/T3LXoe1rx+t7pVPzfAmg34cIImU9xjwGMiHolt+G/cSZNhfuG/5/Uh/NQst7lrv3xN8oymBQ==
"""
ROOT = merkle.root_of([merkle.leaf_hash(entry) for entry in (b"alpha", b"beta", b"gamma")])
ROOT_TEXT = encode_base64(ROOT)
LINES = st.text(st.characters(codec="utf-8", exclude_characters=[chr(n) for n in range(32)]), min_size=1)


class TestWorkedExample:
    def test_the_key_signs_the_very_bytes(self) -> None:
        text = Checkpoint(LOG.name, 3, ROOT).text
        assert signed_note(text, WITNESS.cosign(text, time=1_700_000_000)).decode() == WORKED

    def test_it_opens_under_the_log_key(self) -> None:
        assert checkpoint.open_checkpoint(WORKED.encode(), LOG.key) == Checkpoint(LOG.name, 3, ROOT)

    def test_our_own_worked_log_opens_under_its_vkey(self) -> None:
        worked = json.loads((Path(__file__).parent / "worked.json").read_text())
        opened = checkpoint.open_checkpoint(
            worked["checkpoint"].encode(), keys.VerifierKey.parse(worked["vkey"])
        )
        assert (opened.size, opened.root.hex()) == (10, worked["roots"]["10"])

    def test_a_signature_made_elsewhere_is_put_under_the_text(self) -> None:
        head = Checkpoint(LOG.name, 3, ROOT)
        note = checkpoint.signed(head, LOG.key, LOG.sign(head.text).blob)
        assert checkpoint.open_checkpoint(str(note).encode(), LOG.key) == head


class TestSpelling:
    @given(
        LINES,
        st.integers(0, merkle.SIZE_MAX),
        st.binary(min_size=32, max_size=32),
        st.lists(LINES, max_size=3),
    )
    def test_a_checkpoint_reads_back(
        self, origin: str, size: int, root: bytes, extensions: list[str]
    ) -> None:
        made = Checkpoint(origin, size, root, tuple(extensions))
        assert Checkpoint.parse(made.text) == made

    @given(
        st.lists(
            st.sampled_from(["origin", "3", "03", ROOT_TEXT, ROOT_TEXT[:-1], "\n", "\n", ""]), max_size=9
        )
    )
    def test_what_is_read_is_printed_the_same(self, parts: list[str]) -> None:
        text = "".join(parts)
        try:
            read = Checkpoint.parse(text)
        except ProofError:
            return
        assert read.text == text

    def test_the_empty_tree_has_a_checkpoint(self) -> None:
        head = checkpoint.open_checkpoint(signed_checkpoint(0, merkle.EMPTY_ROOT), LOG.key)
        assert (head.size, head.root) == (0, merkle.EMPTY_ROOT)

    def test_extension_lines_are_read_as_part_of_the_signed_text(self) -> None:
        head = Checkpoint(LOG.name, 3, ROOT, ("extension one", "two"))
        assert checkpoint.open_checkpoint(signed_note(head.text), LOG.key) == head
        altered = signed_note(head.text).replace(b"extension one", b"extension 0ne")
        with pytest.raises(ProofError, match="signature does not verify"):
            checkpoint.open_checkpoint(altered, LOG.key)


class TestRefusals:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "\n",
            "origin\n",
            "origin\n3\n",
            f"origin\n3\n{ROOT_TEXT}",
            f"\n3\n{ROOT_TEXT}\n",
            f"origin\n\n{ROOT_TEXT}\n",
            "origin\n3\n\n",
            f"origin\n3\n{ROOT_TEXT}\n\n",
            f"origin\n3\n{ROOT_TEXT}\n\nextension\n",
            f"\norigin\n3\n{ROOT_TEXT}\n",
        ],
        ids=repr,
    )
    def test_a_missing_or_empty_line_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="an origin, a size and a root, one line each"):
            Checkpoint.parse(text)

    @pytest.mark.parametrize(
        "size", ["-1", "+3", "03", " 3", "3 ", "3.0", "0x3", "1_0", "٣", "9223372036854775808", "three"]
    )
    def test_a_size_that_is_not_decimal_is_refused(self, size: str) -> None:
        with pytest.raises(ProofError, match="is not a decimal number below"):
            Checkpoint.parse(f"origin\n{size}\n{ROOT_TEXT}\n")

    @pytest.mark.parametrize("length", [1, 31, 33, 64])
    def test_a_root_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ProofError, match="a checkpoint's root has 32 bytes"):
            Checkpoint.parse(f"origin\n3\n{encode_base64(bytes(length))}\n")

    @pytest.mark.parametrize(
        "root", [ROOT_TEXT[:-1], ROOT_TEXT + " ", ROOT.hex() + "0", ROOT_TEXT[:-2] + "p="]
    )
    def test_a_root_in_bad_base64_is_refused(self, root: str) -> None:
        with pytest.raises(ProofError, match=r"is not (canonical )?base64"):
            Checkpoint.parse(f"origin\n3\n{root}\n")

    def test_another_origin_than_the_key_name_is_refused(self) -> None:
        data = signed_note(Checkpoint("log.example/other", 3, ROOT).text)
        with pytest.raises(ProofError, match=r"checkpoint of 'log\.example/other', not of"):
            checkpoint.open_checkpoint(data, LOG.key)

    def test_another_key_is_refused(self) -> None:
        with pytest.raises(ProofError, match="no signature of a known key"):
            checkpoint.open_checkpoint(WORKED.encode(), STRANGER.key)

    def test_a_signed_note_that_is_no_checkpoint_is_refused(self) -> None:
        with pytest.raises(ProofError, match="an origin, a size and a root"):
            checkpoint.open_checkpoint(signed_note("hello\n"), LOG.key)

    def test_a_flipped_bit_anywhere_opens_nothing(self) -> None:
        data = signed_checkpoint(3, ROOT)
        for bit in range(8 * len(data)):
            altered = bytearray(data)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ProofError):
                checkpoint.open_checkpoint(bytes(altered), LOG.key)

    def test_a_note_prints_the_bytes_it_was_read_from(self) -> None:
        assert str(Note.parse(WORKED.encode())) == WORKED
