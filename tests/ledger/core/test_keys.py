"""A key is accepted in one encoding only, and never one under which any message would verify."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import keys
from ledger.core.encoding import encode_base64
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, WITNESS

P = 2**255 - 19
SIGN = 2**255
# y of the eight small-order points of edwards25519 in RFC 8032 §5.1.2 order: 0 (twice, by sign),
# 1, -1, and two values of order 8 (each twice, by sign).
SMALL_ORDER_Y = {
    "order 4": "00" * 32,
    "order 1": "01" + "00" * 31,
    "order 2": "ec" + "ff" * 30 + "7f",
    "order 8, first": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order 8, second": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
}
VKEY = "log.example/lots+6fa3d641+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"


def _encoded(y: int) -> bytes:
    return y.to_bytes(32, "little")


class TestPublicKeys:
    @pytest.mark.parametrize("sign", [0, SIGN], ids=["even", "odd"])
    @pytest.mark.parametrize("text", SMALL_ORDER_Y.values(), ids=SMALL_ORDER_Y)
    def test_a_small_order_point_is_refused(self, text: str, sign: int) -> None:
        raw = _encoded(int.from_bytes(bytes.fromhex(text), "little") | sign)
        with pytest.raises(ProofError, match="has small order"):
            keys.check_public_key(raw)
        with pytest.raises(ProofError, match="has small order"):
            keys.load(raw)
        with pytest.raises(ProofError, match="has small order"):
            keys.VerifierKey("name", raw)

    def test_a_signature_that_would_hold_for_many_messages_is_refused(self) -> None:
        """The library accepts it under the point of order 1: R = the identity, S = 0."""
        raw, signature = _encoded(1), _encoded(1) + bytes(32)
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, b"one message")
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, b"another message")
        with pytest.raises(ProofError, match="has small order"):
            keys.verify(raw, signature, b"one message")

    @pytest.mark.parametrize("sign", [0, SIGN], ids=["even", "odd"])
    @pytest.mark.parametrize("y", range(P, 2**255), ids=lambda y: f"p+{y - P}")
    def test_every_y_of_the_field_prime_or_more_is_refused(self, y: int, sign: int) -> None:
        """All 19 of them, so that no key has two encodings."""
        with pytest.raises(ProofError, match="is not in canonical form"):
            keys.check_public_key(_encoded(y | sign))

    @pytest.mark.parametrize("y", [2, 3, P - 2])
    def test_the_neighbours_of_refused_values_are_judged_on_their_own(self, y: int) -> None:
        keys.check_public_key(_encoded(y))

    @pytest.mark.parametrize("length", [0, 31, 33, 64])
    def test_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ProofError, match=f"has 32 bytes, not {length}"):
            keys.check_public_key(bytes(length))

    @given(st.binary(min_size=32, max_size=32))
    def test_every_key_that_can_sign_is_accepted(self, seed: bytes) -> None:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        raw = private.public_key().public_bytes_raw()
        keys.check_public_key(raw)
        keys.verify(raw, private.sign(b"message"), b"message")

    @given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
    def test_any_32_bytes_verify_or_are_refused_with_our_own_error(
        self, raw: bytes, signature: bytes
    ) -> None:
        with pytest.raises(ProofError):
            keys.verify(raw, signature, b"message")

    def test_a_key_id_is_the_hash_of_the_raw_key(self) -> None:
        worked = json.loads((Path(__file__).parent / "worked.json").read_text())
        for key in worked["keys"].values():
            assert keys.key_id(bytes.fromhex(key["public_key"])) == key["key_id"]


class TestSignatures:
    def test_all_151_wycheproof_signatures_are_judged_as_stated(self, conformance: Path) -> None:
        vectors = json.loads((conformance / "log/wycheproof/ed25519_test.json").read_text())
        verdicts = {"valid": 0, "invalid": 0}
        for group in vectors["testGroups"]:
            raw = bytes.fromhex(group["publicKey"]["pk"])
            for case in group["tests"]:
                verdicts[case["result"]] += 1
                message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
                if case["result"] == "valid":
                    keys.verify(raw, signature, message)
                else:
                    with pytest.raises(ProofError, match="signature does not verify"):
                        keys.verify(raw, signature, message)
        assert verdicts == {"valid": 88, "invalid": 63}

    @given(st.integers(0, 511))
    def test_a_flipped_bit_of_a_signature_is_refused(self, bit: int) -> None:
        signature = bytearray(LOG.sign("message").blob)
        signature[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofError, match="signature does not verify"):
            keys.verify(LOG.key.public_key, bytes(signature), b"message")

    @pytest.mark.parametrize("length", [0, 63, 65, 128])
    def test_a_signature_of_another_length_is_refused(self, length: int) -> None:
        signature = LOG.sign("message").blob.ljust(length, b"\x00")[:length]
        with pytest.raises(ProofError, match="signature does not verify"):
            keys.verify(LOG.key.public_key, signature, b"message")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="+", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
    min_size=1,
)


class TestVkeys:
    def test_the_example_of_the_specification_prints_and_reads(self) -> None:
        assert LOG.vkey == VKEY
        assert keys.VerifierKey.parse(VKEY) == LOG.key

    def test_the_type_is_part_of_the_id(self) -> None:
        expected = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
        assert WITNESS.vkey == expected
        assert keys.VerifierKey(WITNESS.name, WITNESS.key.public_key).id != WITNESS.key.id

    @given(NAMES, st.binary(min_size=32, max_size=32), st.integers(0, 255))
    def test_a_vkey_reads_back_also_when_its_base64_has_a_plus(
        self, name: str, seed: bytes, kind: int
    ) -> None:
        raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        key = keys.VerifierKey(name, raw, kind)
        assert keys.VerifierKey.parse(str(key)) == key

    @given(st.integers(0, 8 * len(VKEY) - 1))
    def test_a_flipped_bit_is_refused(self, bit: int) -> None:
        data = bytearray(VKEY.encode())
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofError):
            keys.VerifierKey.parse(data.decode("utf-8", "surrogateescape"))

    @pytest.mark.parametrize("text", ["", "name", "name+00000000", "name 00000000 AQ=="])
    def test_a_missing_part_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="a vkey is <name>"):
            keys.VerifierKey.parse(text)

    @pytest.mark.parametrize(
        "name",
        ["", "a b", "a\u00a0b", "a\u2028b", "a\u3000b", "a\u0085b", "a\tb", "a\nb", "a\x00b", "caf\udce9"],
        ids=ascii,
    )
    def test_a_name_that_no_note_can_carry_is_refused(self, name: str) -> None:
        with pytest.raises(ProofError, match="is not a key name"):
            keys.VerifierKey.parse(f"{name}+6fa3d641+{VKEY.split('+', 2)[2]}")
        with pytest.raises(ProofError, match="is not a key name"):
            keys.VerifierKey(name, LOG.key.public_key)

    def test_a_plus_in_a_name_is_refused(self) -> None:
        with pytest.raises(ProofError, match="is not a key name"):
            keys.VerifierKey("a+b", LOG.key.public_key)

    @pytest.mark.parametrize("id_", ["6fa3d640", "6FA3D641", "6fa3d64", "6fa3d6411", ""])
    def test_an_id_that_does_not_fit_is_refused(self, id_: str) -> None:
        with pytest.raises(ProofError, match="the vkey's id does not fit"):
            keys.VerifierKey.parse(VKEY.replace("6fa3d641", id_))

    @pytest.mark.parametrize("length", [0, 1, 32, 34, 1313])
    def test_another_length_of_key_is_refused(self, length: int) -> None:
        with pytest.raises(ProofError, match="one type byte and 32 key bytes"):
            keys.VerifierKey.parse(f"name+00000000+{encode_base64(bytes(length))}")

    def test_bad_base64_is_refused(self) -> None:
        with pytest.raises(ProofError, match="is not base64"):
            keys.VerifierKey.parse(VKEY[:-1])

    def test_a_weak_key_is_refused_before_its_id_is_looked_at(self) -> None:
        with pytest.raises(ProofError, match="has small order"):
            keys.VerifierKey.parse("name+00000000+" + encode_base64(b"\x01" + bytes(32)))


# One key (its seed is SHA-512 of "a" modulo L), the message "lotproof".
CRAFTED_KEY = bytes.fromhex("88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488")
PLAIN = bytes.fromhex(
    "3e54c441927f9f0ee5e13e34f0b0404c5043651a8f4b7ef087a1c42262a85d0a"
    "28c5f597b45c62f5884d57be63b08c373b68a35295a821208328c7a16de7c20f"
)
R_OF_ORDER_1 = bytes.fromhex(
    "0100000000000000000000000000000000000000000000000000000000000000"
    "fdd111966bf9ad502c8d4083d234e3901d4adf1b6f3bb1f118c1131313953c0a"
)
R_OFF_BY_ORDER_8 = bytes.fromhex(
    "5b61c2e3b93e6c06450f327ea72cdfeb8cde6aa020d2dd827ab3f86e708c8393"
    "ed50bdec045e8f6df9d885fbaf05873b51dd8ca28a3910e4d7fafbaec3191d00"
)
L = 2**252 + 27742317777372353535851937790883648493


def _library_accepts(signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(CRAFTED_KEY).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _we_accept(signature: bytes, message: bytes) -> bool:
    try:
        keys.verify(CRAFTED_KEY, signature, message)
    except ProofError:
        return False
    return True


class TestTwoLibraries:
    """The quick one is asked first; the verdict is always the other one's."""

    @pytest.mark.parametrize(
        ("signature", "holds"),
        [(PLAIN, True), (R_OF_ORDER_1, True), (R_OFF_BY_ORDER_8, False)],
        ids=["plain", "R of order 1", "R off by a point of order 8"],
    )
    def test_crafted_signatures_get_the_same_verdict(self, signature: bytes, holds: bool) -> None:
        assert _library_accepts(signature, b"lotproof") is holds
        assert _we_accept(signature, b"lotproof") is holds

    def test_a_quick_library_that_verifies_with_the_cofactor_is_not_asked(self) -> None:
        assert keys._LIBSODIUM_IS_STRICT is (not keys._opens(CRAFTED_KEY, R_OFF_BY_ORDER_8, b"lotproof"))

    def test_s_beyond_the_order_is_refused(self) -> None:
        s = int.from_bytes(PLAIN[32:], "little") + L
        assert not _we_accept(PLAIN[:32] + s.to_bytes(32, "little"), b"lotproof")

    @given(data=st.data())
    def test_any_altered_signature_or_message_gets_the_verdict_of_the_library(
        self, data: st.DataObject
    ) -> None:
        signature = bytearray(PLAIN)
        for place in data.draw(st.lists(st.integers(0, 63), max_size=2)):
            signature[place] ^= data.draw(st.integers(0, 255))
        cut = bytes(signature[: data.draw(st.sampled_from([0, 32, 63, 64, 64, 64]))])
        message = data.draw(st.sampled_from([b"lotproof", b"lotproo", b"", b"lotproofs"]))
        assert _we_accept(cut, message) is _library_accepts(cut, message)
        assert _we_accept(cut + message[:1], message) is False
