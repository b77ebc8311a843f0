"""A proof file shows one entry in one checkpoint, and has one spelling (C2SP tlog-proof)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import merkle, policy
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import encode_base64
from ledger.core.policy import Policy
from ledger.core.proof import HEADER, InclusionProof
from ledger.errors import ProofError
from tests.ledger.core import trees
from tests.ledger.core.signers import LOG, STRANGER, WITNESS, signed_checkpoint
from tests.ledger.core.test_checkpoint import ROOT, WORKED

# log-formats.md A9: index 1 of "alpha", "beta", "gamma".
BETA = f"""\
c2sp.org/tlog-proof@v1
index 1
KhWNiv1I4/iMtBld/bKp5IF9lfpX/TREDZP5quXE+Cs=
THnQ1i989cqIdBVfLTuHXyYl2iuzq8hrvWgz8lupDlE=

{WORKED}""".encode()
TRUSTED = policy.parse(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n".encode())
PROOFS = st.builds(
    InclusionProof,
    st.integers(0, merkle.SIZE_MAX),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
    st.binary(max_size=100),
    st.none() | st.binary(max_size=40),
)
HASH = encode_base64(bytes(32))


def _proof_of(index: int, entries: list[bytes]) -> InclusionProof:
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    path = tuple(trees.path(index, leaves))
    return InclusionProof(index, path, signed_checkpoint(len(entries), trees.mth(leaves)))


class TestWorkedExample:
    def test_it_reads_verifies_and_prints(self) -> None:
        proof = InclusionProof.parse(BETA)
        assert proof.verify(b"beta", TRUSTED) == Checkpoint(LOG.name, 3, ROOT)
        assert bytes(proof) == BETA

    def test_the_path_is_the_defined_one(self) -> None:
        leaves = [merkle.leaf_hash(entry) for entry in (b"alpha", b"beta", b"gamma")]
        assert InclusionProof.parse(BETA).path == tuple(trees.path(1, leaves))

    def test_a_flipped_bit_anywhere_verifies_nothing(self) -> None:
        for bit in range(8 * len(BETA)):
            data = bytearray(BETA)
            data[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ProofError):
                InclusionProof.parse(bytes(data)).verify(b"beta", TRUSTED)

    def test_a_proof_cut_short_verifies_nothing(self) -> None:
        for length in range(len(BETA)):
            with pytest.raises(ProofError):
                InclusionProof.parse(BETA[:length]).verify(b"beta", TRUSTED)

    def test_the_unused_bits_of_a_hash_are_not_free(self) -> None:
        """32 bytes leave two bits unused; a lax decoder reads `...E=` and `...F=` alike."""
        with pytest.raises(ProofError, match="is not canonical base64"):
            InclusionProof.parse(BETA.replace(b"upDlE=", b"upDlF="))


class TestSpelling:
    @given(PROOFS)
    def test_a_proof_reads_back(self, proof: InclusionProof) -> None:
        assert InclusionProof.parse(bytes(proof)) == proof

    @given(
        st.lists(
            st.sampled_from(
                ["index 0\n", "index 01\n", "extra QQ==\n", f"{HASH}\n", "\n", "\n", "x", "extra \n"]
            ),
            max_size=8,
        )
    )
    def test_what_is_read_is_printed_the_same(self, parts: list[str]) -> None:
        data = f"{HEADER}\n{''.join(parts)}".encode()
        try:
            proof = InclusionProof.parse(data)
        except ProofError:
            return
        assert bytes(proof) == data

    @given(st.binary(max_size=200))
    def test_any_bytes_raise_nothing_but_our_own_error(self, data: bytes) -> None:
        for start in (b"", HEADER.encode() + b"\nindex 0\n"):
            with pytest.raises(ProofError):
                InclusionProof.parse(start + data).verify(b"", TRUSTED)


class TestVerification:
    @pytest.mark.parametrize("size", range(1, 18))
    def test_every_entry_of_a_small_tree_is_shown_and_no_other(self, size: int) -> None:
        entries = [f"entry {n}".encode() for n in range(size)]
        trusted = Policy.trusting(LOG.vkey)
        for index, entry in enumerate(entries):
            proof = _proof_of(index, entries)
            assert InclusionProof.parse(bytes(proof)).verify(entry, trusted).size == size
            with pytest.raises(ProofError, match="the roots differ"):
                proof.verify(b"another entry", trusted)

    def test_a_tree_of_one_entry_needs_no_hash(self) -> None:
        proof = _proof_of(0, [b"only"])
        assert bytes(proof).startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\nlog.example/lots\n1\n")

    def test_extra_is_carried_and_proves_nothing(self) -> None:
        proof = _proof_of(0, [b"only"])
        extended = InclusionProof(proof.index, proof.path, proof.checkpoint, b"anything at all")
        assert InclusionProof.parse(bytes(extended)).extra == b"anything at all"
        assert extended.verify(b"only", Policy.trusting(LOG.vkey)).size == 1

    def test_an_index_outside_the_tree_is_refused(self) -> None:
        proof = _proof_of(0, [b"only"])
        for index in (1, merkle.SIZE_MAX):
            with pytest.raises(ProofError, match="is outside a tree of 1"):
                InclusionProof(index, (), proof.checkpoint).verify(b"only", Policy.trusting(LOG.vkey))

    def test_another_index_is_refused(self) -> None:
        proof = _proof_of(1, [b"same", b"same"])
        proof.verify(b"same", Policy.trusting(LOG.vkey))
        other = _proof_of(1, [b"one", b"two"])
        with pytest.raises(ProofError, match="the roots differ"):
            InclusionProof(0, other.path, other.checkpoint).verify(b"two", Policy.trusting(LOG.vkey))

    def test_size_and_root_come_from_the_verified_checkpoint_alone(self) -> None:
        proof = _proof_of(1, [b"one", b"two"])
        forged = Checkpoint(LOG.name, 1, merkle.leaf_hash(b"forged")).text
        data = f"{forged}\n{LOG.sign('something else').line}".encode()
        with pytest.raises(ProofError, match="signature does not verify"):
            InclusionProof(0, (), data).verify(b"forged", Policy.trusting(LOG.vkey))
        assert proof.verify(b"two", Policy.trusting(LOG.vkey)).size == 2

    def test_a_log_that_the_policy_does_not_list_is_refused(self) -> None:
        with pytest.raises(ProofError, match="the policy lists no log"):
            InclusionProof.parse(BETA).verify(b"beta", Policy.trusting(STRANGER.vkey))

    def test_a_missing_cosignature_is_refused(self) -> None:
        with pytest.raises(ProofError, match="the quorum 'w1' has not cosigned"):
            _proof_of(0, [b"only"]).verify(b"only", TRUSTED)


class TestRefusals:
    @pytest.mark.parametrize(
        "header", ["", "c2sp.org/tlog-proof@v2", "c2sp.org/tlog-proof@v1 ", "C2SP.org/tlog-proof@v1"]
    )
    def test_another_header_line_is_refused(self, header: str) -> None:
        with pytest.raises(ProofError, match="proof does not start with c2sp"):
            InclusionProof.parse(BETA.replace(HEADER.encode(), header.encode()))

    @pytest.mark.parametrize(
        "extra", ["extra Q", "extra QR==", "extra  QQ==", "extra QQ== ", "extra Q_==", "extra é"]
    )
    def test_bad_base64_in_extra_is_refused(self, extra: str) -> None:
        with pytest.raises(ProofError, match=r"is not (canonical )?base64|proof is not ASCII"):
            InclusionProof.parse(BETA.replace(b"index 1", f"{extra}\nindex 1".encode()))

    @pytest.mark.parametrize(
        "line", ["Q", "QR==", HASH + " ", " " + HASH, HASH[:-1], HASH[:-2] + "B=", "index 2"]
    )
    def test_bad_base64_in_a_hash_is_refused(self, line: str) -> None:
        with pytest.raises(ProofError, match=r"is not (canonical )?base64"):
            InclusionProof.parse(f"{HEADER}\nindex 1\n{line}\n\n{WORKED}".encode())

    @pytest.mark.parametrize("length", [1, 31, 33, 64])
    def test_a_hash_of_another_length_is_refused(self, length: int) -> None:
        line = encode_base64(bytes(length))
        with pytest.raises(ProofError, match="a hash that is not 32 bytes"):
            InclusionProof.parse(f"{HEADER}\nindex 1\n{line}\n\n{WORKED}".encode())

    def test_more_than_63_hashes_are_refused(self) -> None:
        lines = f"{HASH}\n" * 64
        with pytest.raises(ProofError, match="or too many"):
            InclusionProof.parse(f"{HEADER}\nindex 1\n{lines}\n{WORKED}".encode())

    @pytest.mark.parametrize(
        "index",
        ["", "-1", "-0", "+1", "01", "00", "one", "1 ", " 1", "0x1", "1_0", "1.0", "9223372036854775808"],
    )
    def test_an_index_that_is_not_decimal_is_refused(self, index: str) -> None:
        with pytest.raises(ProofError, match="is not a decimal number below"):
            InclusionProof.parse(BETA.replace(b"index 1", f"index {index}".encode()))

    @pytest.mark.parametrize(
        "lines", ["", f"{HASH}\n", "Index 1\n", "index\n", "index\t1\n", f"{HASH}\nindex 1\n"]
    )
    def test_a_missing_index_line_is_refused(self, lines: str) -> None:
        with pytest.raises(ProofError, match="proof has no index line"):
            InclusionProof.parse(f"{HEADER}\n{lines}\n{WORKED}".encode())

    def test_extra_after_the_index_is_refused(self) -> None:
        with pytest.raises(ProofError, match="is not base64"):
            InclusionProof.parse(f"{HEADER}\nindex 1\nextra QQ==\n\n{WORKED}".encode())

    def test_a_second_extra_is_refused(self) -> None:
        with pytest.raises(ProofError, match="proof has no index line"):
            InclusionProof.parse(f"{HEADER}\nextra QQ==\nextra QQ==\nindex 1\n\n{WORKED}".encode())

    def test_a_missing_empty_line_is_refused(self) -> None:
        with pytest.raises(ProofError, match="proof has no empty line before its checkpoint"):
            InclusionProof.parse(f"{HEADER}\nindex 1\n{HASH}\n".encode())
        with pytest.raises(ProofError, match=r"is not base64|is not ASCII"):
            InclusionProof.parse(BETA.replace(b"\n\nlog", b"\nlog"))

    def test_windows_line_ends_are_refused(self) -> None:
        with pytest.raises(ProofError, match="proof has no empty line"):
            InclusionProof.parse(BETA.replace(b"\n", b"\r\n"))

    def test_a_lead_that_is_not_ascii_is_refused(self) -> None:
        with pytest.raises(ProofError, match="proof is not ASCII"):
            InclusionProof.parse(f"{HEADER}\nindex １\n\n{WORKED}".encode())

    def test_a_checkpoint_that_is_none_is_refused(self) -> None:
        proof = InclusionProof.parse(f"{HEADER}\nindex 0\n\nhello\n".encode())
        with pytest.raises(ProofError, match="note has no signature block"):
            proof.verify(b"entry", TRUSTED)
