"""One spelling for each value: what Python's own decoders let through is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import encoding
from ledger.errors import ProofError

NOT_DECIMAL = (
    "",
    "-1",
    "-0",
    "+5",
    " 5",
    "5 ",
    "5\n",
    " +5\n",
    "1_000",
    "00",
    "01",
    "0x10",
    "1e3",
    "1.0",
    "٣",
    "１",
    "²",
    "1\x00",
    "9223372036854775808",
    "9999999999999999999",
    "10000000000000000000",
    "1" * 5000,
)


class TestBase64:
    @given(st.binary())
    def test_bytes_read_back(self, data: bytes) -> None:
        assert encoding.decode_base64(encoding.encode_base64(data)) == data

    @given(st.text(alphabet="ABQgw+/=-_ \n", max_size=9))
    def test_what_is_read_is_printed_the_same(self, text: str) -> None:
        try:
            data = encoding.decode_base64(text)
        except ProofError:
            return
        assert encoding.encode_base64(data) == text

    @pytest.mark.parametrize("text", ["QR==", "QQ==QQ==", "QUJ=", "QUK=QQ=="])
    def test_unused_trailing_bits_and_inner_padding_are_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match=r"is not (canonical )?base64"):
            encoding.decode_base64(text)

    def test_the_bits_that_python_drops_are_refused(self) -> None:
        assert encoding.decode_base64("QQ==") == b"A"
        for last in "RSTUVWXYZabcdef":
            with pytest.raises(ProofError, match="is not canonical base64"):
                encoding.decode_base64(f"Q{last}==")

    @pytest.mark.parametrize(
        "text",
        [
            "Q",
            "QQ",
            "QQ=",
            "QQ===",
            "=QQ=",
            "QUI",
            "Q Q==",
            "QQ==\n",
            " QQ==",
            "Q!Q==",
            "__8=",
            "--8=",
            "ＱＱ==",
            "é",
        ],
    )
    def test_other_alphabets_white_space_and_missing_padding_are_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="is not base64"):
            encoding.decode_base64(text)

    def test_a_lone_surrogate_is_refused(self) -> None:
        with pytest.raises(ProofError, match="is not base64"):
            encoding.decode_base64("\udc80")


class TestHex:
    @given(st.binary(max_size=64))
    def test_bytes_read_back(self, data: bytes) -> None:
        assert encoding.decode_hex(data.hex(), len(data)) == data

    @pytest.mark.parametrize(
        "text", ["", "a", "abc", "AB", "aB", "0x", " a", "a ", "ab\n", "٣٣", "gg", "abab"]
    )
    def test_anything_but_two_lower_case_digits_a_byte_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="is not 2 lower-case hex digits"):
            encoding.decode_hex(text, 1)

    def test_white_space_between_bytes_is_refused(self) -> None:
        assert bytes.fromhex("ab cd") == b"\xab\xcd", "Python skips it"
        with pytest.raises(ProofError, match="is not 6 lower-case hex digits"):
            encoding.decode_hex("ab  cd", 3)


class TestDecimal:
    @given(st.integers(0, 2**63 - 1))
    def test_numbers_read_back(self, number: int) -> None:
        assert encoding.decode_decimal(str(number)) == number

    @pytest.mark.parametrize("text", NOT_DECIMAL, ids=lambda text: repr(text[:24]))
    def test_what_int_would_accept_or_63_bits_cannot_hold_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="is not a decimal number below"):
            encoding.decode_decimal(text)

    @given(st.text(max_size=20))
    def test_what_is_read_is_printed_the_same(self, text: str) -> None:
        try:
            number = encoding.decode_decimal(text)
        except ProofError:
            return
        assert str(number) == text
