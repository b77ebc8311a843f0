"""A14: a checkpoint's text bent every way; refused, or ignored where C2SP signed-note says so."""

from collections.abc import Callable

import pytest

from ledger.core.checkpoint import Checkpoint
from ledger.core.policy import Policy, parse
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, OTHER_WITNESS, STRANGER, WITNESS, signed_checkpoint, signed_note

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint(LOG.name, 7, ROOT)
TEXT = CHECKPOINT.text
DATA = signed_checkpoint(7, ROOT)
LOG_ONLY = Policy.trusting(LOG.vkey)
COSIGNED = parse(
    f"log {LOG.vkey}\nwitness a {WITNESS.vkey}\nwitness b {OTHER_WITNESS.vkey}\n"
    "group both 2 a b\nquorum both\n".encode()
)
ROOT_LINE = TEXT.split("\n")[2]

# What the log itself signed, bent: a true signature is no excuse for another text.
SIGNED: dict[str, str] = {
    "extra newline in front": "\n" + TEXT,
    "extra newline behind": TEXT + "\n",
    "empty line between": TEXT.replace("\n7\n", "\n\n7\n"),
    "leading zero": TEXT.replace("\n7\n", "\n07\n"),
    "plus sign": TEXT.replace("\n7\n", "\n+7\n"),
    "minus zero": TEXT.replace("\n7\n", "\n-0\n"),
    "space before the size": TEXT.replace("\n7\n", "\n 7\n"),
    "space behind the size": TEXT.replace("\n7\n", "\n7 \n"),
    "hexadecimal": TEXT.replace("\n7\n", "\n0x7\n"),
    "arabic digit": TEXT.replace("\n7\n", "\n٧\n"),
    "fraction": TEXT.replace("\n7\n", "\n7.0\n"),
    "size beyond 63 bits": TEXT.replace("\n7\n", f"\n{2**63}\n"),
    "size of 5000 digits": TEXT.replace("\n7\n", f"\n{'9' * 5000}\n"),
    "other origin": TEXT.replace(LOG.name, "log.example/other"),
    "origin in capitals": TEXT.replace(LOG.name, LOG.name.upper()),
    "origin with a space": TEXT.replace(LOG.name, LOG.name + " "),
    "no origin": TEXT.partition("\n")[2],
    "lines swapped": f"7\n{LOG.name}\n{ROOT_LINE}\n",
    "root without padding": TEXT.replace(ROOT_LINE, ROOT_LINE.rstrip("=")),
    "root with spare bits": TEXT.replace(ROOT_LINE, ROOT_LINE[:-2] + "9="),
    "root of 31 bytes": TEXT.replace(ROOT_LINE, ROOT_LINE[:-4] + "="),
    "root in url alphabet": TEXT.replace(ROOT_LINE, "-" + ROOT_LINE[1:]),
    "only two lines": TEXT.rpartition(ROOT_LINE)[0],
}

BYTES: dict[str, Callable[[bytes], bytes]] = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "one CRLF": lambda data: data.replace(b"\n7\n", b"\n7\r\n"),
    "NUL": lambda data: data.replace(b"\n7\n", b"\n7\x00\n"),
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "newline behind": lambda data: data + b"\n",
    "newline in front": lambda data: b"\n" + data,
    "no last newline": lambda data: data[:-1],
    "text behind": lambda data: data + b"more\n",
    "hyphen for the dash": lambda data: data.replace("— ".encode(), b"- "),
    "no signature": lambda data: data.rpartition("— ".encode())[0],
    "no empty line": lambda data: data.replace(b"\n\n", b"\n"),
    "two empty lines": lambda data: data.replace(b"\n\n", b"\n\n\n"),
    "size grown after signing": lambda data: data.replace(b"\n7\n", b"\n8\n"),
    "a line added after signing": lambda data: data.replace(b"\n\n", b"\nextension\n\n"),
    "not UTF-8": lambda data: data.replace(b"\n7\n", b"\n7\xff\n"),
    "nothing": lambda _: b"",
}


def test_the_checkpoint_that_all_others_are_made_from_opens() -> None:
    assert LOG_ONLY.open(DATA) == CHECKPOINT


@pytest.mark.parametrize("name", SIGNED)
def test_a_text_that_the_log_signed_and_that_is_no_checkpoint_is_refused(name: str) -> None:
    assert SIGNED[name] != TEXT
    with pytest.raises(ProofError):
        LOG_ONLY.open(signed_note(SIGNED[name]))


@pytest.mark.parametrize("name", BYTES)
def test_a_note_bent_after_signing_is_refused(name: str) -> None:
    assert BYTES[name](DATA) != DATA
    with pytest.raises(ProofError):
        LOG_ONLY.open(BYTES[name](DATA))


class TestSignatureLines:
    def test_lines_of_unknown_keys_are_ignored(self) -> None:
        """C2SP signed-note: unknown keys are skipped, a known one must verify."""
        assert (
            LOG_ONLY.open(signed_note(TEXT, STRANGER.sign("anything"), WITNESS.cosign("junk"))) == CHECKPOINT
        )

    def test_one_key_that_signed_twice_is_one_signature(self) -> None:
        assert LOG_ONLY.open(signed_note(TEXT, LOG.sign(TEXT))) == CHECKPOINT
        with pytest.raises(ProofError, match="has not cosigned"):
            COSIGNED.open(signed_note(TEXT, WITNESS.cosign(TEXT), WITNESS.cosign(TEXT, time=1_800_000_000)))

    def test_one_true_and_one_false_signature_of_a_key_are_none(self) -> None:
        for wrong in (LOG.sign("another text\n"), WITNESS.cosign("another text\n")):
            lines = (WITNESS.cosign(TEXT), OTHER_WITNESS.cosign(TEXT))
            assert COSIGNED.open(signed_note(TEXT, *lines)) == CHECKPOINT
            with pytest.raises(ProofError, match="signature does not verify"):
                COSIGNED.open(signed_note(TEXT, *lines, wrong))

    def test_cosignatures_alone_are_no_checkpoint_of_the_log(self) -> None:
        note = signed_note(TEXT, WITNESS.cosign(TEXT), OTHER_WITNESS.cosign(TEXT))
        head, _, lines = note.partition(b"\n\n")
        without_log = head + b"\n\n" + b"".join(lines.splitlines(keepends=True)[1:])
        with pytest.raises(ProofError, match="no signature of a known key"):
            COSIGNED.open(without_log)

    def test_a_cosignature_of_another_size_is_not_one_of_this(self) -> None:
        other = Checkpoint(LOG.name, 8, ROOT).text
        note = signed_note(TEXT, WITNESS.cosign(TEXT), OTHER_WITNESS.cosign(other))
        with pytest.raises(ProofError, match="signature does not verify"):
            COSIGNED.open(note)
