"""Our encoder gives the bytes of RFC 8785 on our profile, and everything outside it is refused."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.errors import InvalidRecord

MEMBERS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
INTEGERS = st.integers(-canonical.INTEGER_MAX, canonical.INTEGER_MAX)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.text(
    '\x00\b\t\n\f\r\x1f"\\/\x7f😀\u2028', max_size=8
)
VALUES = st.recursive(
    st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(MEMBERS, inner, max_size=5),
    max_leaves=25,
)


class TestEncoder:
    @given(VALUES)
    def test_it_equals_an_independent_rfc_8785_encoder(self, value: Any) -> None:
        assert canonical.dumps(value) == rfc8785.dumps(value)

    @given(VALUES)
    def test_what_is_printed_reads_back(self, value: Any) -> None:
        assert canonical.loads(canonical.dumps(value)) == value

    @given(st.text('{}[],:"\\au09-1e. \ntruefals', max_size=12))
    def test_what_is_read_is_printed_the_same(self, text: str) -> None:
        try:
            value = canonical.loads(text.encode())
        except InvalidRecord:
            return
        assert canonical.dumps(value) == text.encode() == rfc8785.dumps(value)

    @given(st.binary(max_size=40))
    def test_any_bytes_raise_nothing_but_our_own_error(self, data: bytes) -> None:
        try:
            value = canonical.loads(data)
        except InvalidRecord:
            return
        assert canonical.dumps(value) == data

    @pytest.mark.parametrize("character", range(0x20))
    def test_control_characters_are_escaped_as_rfc_8785_says(self, character: int) -> None:
        short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r"}
        expected = short.get(character, f"\\u{character:04x}")
        assert canonical.dumps(chr(character)) == f'"{expected}"'.encode()

    def test_all_six_reference_cases_agree_once_brought_into_the_profile(self, conformance: Path) -> None:
        """The profile has no null, no float and no free member names: those are renamed or left out.

        Renaming by sorted position keeps RFC 8785's order, which is by UTF-16 code units.
        """
        folder = conformance / "log/jcs-rfc8785/testdata"
        cases = sorted((folder / "input").glob("*.json"))
        assert len(cases) == 6
        for case in cases:
            value = json.loads(case.read_bytes())
            expected = (folder / "output" / case.name).read_bytes()
            assert rfc8785.dumps(value) == expected == _from_hex(folder / "outhex" / f"{case.stem}.txt")
            inside = _in_profile(value)
            assert canonical.dumps(inside) == rfc8785.dumps(inside)
            assert canonical.loads(canonical.dumps(inside)) == inside

    @pytest.mark.parametrize("name", ["french", "structures", "unicode", "weird"])
    def test_the_strings_of_the_reference_cases_stand_in_their_own_bytes(
        self, conformance: Path, name: str
    ) -> None:
        folder = conformance / "log/jcs-rfc8785/testdata"
        expected = (folder / "output" / f"{name}.json").read_bytes()
        for text in _strings(json.loads((folder / "input" / f"{name}.json").read_bytes())):
            assert canonical.dumps(text) in expected

    @pytest.mark.parametrize("name", ["arrays", "french", "structures", "values", "weird"])
    def test_reference_output_outside_the_profile_is_refused(self, conformance: Path, name: str) -> None:
        data = (conformance / f"log/jcs-rfc8785/testdata/output/{name}.json").read_bytes()
        with pytest.raises(InvalidRecord, match=r"is not one of|member name is not"):
            canonical.loads(data)

    @pytest.mark.parametrize("value", [2**53, -(2**53), 2**64, -(2**64)])
    def test_an_integer_beyond_53_bits_is_not_printed(self, value: int) -> None:
        with pytest.raises(InvalidRecord, match="has no canonical form"):
            canonical.dumps({"a": value})

    @pytest.mark.parametrize("text", ["\ud800", "a\udfff"], ids=ascii)
    def test_a_lone_surrogate_is_not_printed(self, text: str) -> None:
        with pytest.raises(InvalidRecord, match="has no canonical form"):
            canonical.dumps([text])


def _from_hex(file: Path) -> bytes:
    return bytes.fromhex(file.read_text())


def _in_profile(value: Any) -> Any:
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return {f"m{n:02d}": _in_profile(member) for n, (_, member) in enumerate(members)}
    if isinstance(value, list):
        return [_in_profile(member) for member in value]
    return 0 if value is None or isinstance(value, float) else value


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for member in value.values() for text in _strings(member))]
    if isinstance(value, list):
        return [text for member in value for text in _strings(member)]
    return [value] if isinstance(value, str) else []


class TestRefusals:
    @pytest.mark.parametrize(
        "data", ["1.0", "0.5", "-0.0", "1e2", "1E2", "9007199254740993.0", "1e400", "-1e-400", "1e99999"]
    )
    def test_a_float_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match=r"float is not one of|is not JSON"):
            canonical.loads(f'{{"a":{data}}}'.encode())

    @pytest.mark.parametrize("data", ["NaN", "Infinity", "-Infinity", "nan"])
    def test_what_is_no_number_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="is not JSON"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize("data", ["null", "[null]", '{"a":null}', '{"a":[1,{"b":null}]}'])
    def test_null_is_refused_everywhere(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="NoneType is not one of"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize(
        "data", ['{"a":1,"a":1}', '{"a":1,"a":2}', '{"b":{"a":1,"a":1}}', '{"a":1,"\\u0061":1}']
    )
    def test_a_duplicate_name_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="not in canonical form"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize(
        "data", [' {"a":1}', '{"a":1} ', '{"a":1}\n', '{ "a":1}', '{"a": 1}', "[1, 2]", "[1,\t2]", "\r\n1"]
    )
    def test_white_space_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="not in canonical form"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize(
        "data", ['{"b":1,"a":1}', '{"a_":1,"a0":1}', '{"aa":1,"a":1}', '{"a":{"d":1,"c":1}}']
    )
    def test_another_order_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="not in canonical form"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize(
        "data",
        [
            '"\\u0041"',
            '"\\/"',
            '"\\u00e9"',
            '"\\ud83d\\ude00"',
            '"\\u000A"',
            '"\\u000a"',
            '"\\u001F"',
            '"\\u007f"',
        ],
    )
    def test_another_spelling_of_a_character_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="not in canonical form"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize("data", ["-0", "[-0]", '{"a":-0}'])
    def test_minus_zero_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match=r"not in canonical form|float is not one of"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize("data", ["01", "+1", "1_0", "0x1", "٣", ".5", "5.", "--1", "1 2"])
    def test_another_spelling_of_a_number_is_refused(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match=r"is not JSON"):
            canonical.loads(data.encode())

    def test_the_largest_integers_are_accepted_and_the_next_refused(self) -> None:
        for sign in ("", "-"):
            assert abs(canonical.loads(f"{sign}9007199254740991".encode())) == 2**53 - 1
            with pytest.raises(InvalidRecord, match=r"integer beyond 2\^53 - 1"):
                canonical.loads(f"{sign}9007199254740992".encode())

    @pytest.mark.parametrize("digits", [19, 20, 21, 400, 5000])
    def test_a_huge_integer_is_refused(self, digits: int) -> None:
        with pytest.raises(InvalidRecord, match=r"integer beyond|float is not one of|is not JSON"):
            canonical.loads(b"9" * digits)

    @pytest.mark.parametrize(
        "data", [b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xed\xa0\x80"', b'"\xff"', b'"\xc0\x80"']
    )
    def test_a_lone_surrogate_and_bad_utf8_are_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidRecord, match="is not JSON"):
            canonical.loads(data)

    @pytest.mark.parametrize(
        "name", ["A", "aB", "", "1a", "_a", "a-b", "a.b", "é", "a b", "a\\n", "😀", "ａ"]
    )
    def test_a_member_name_outside_the_profile_is_refused(self, name: str) -> None:
        with pytest.raises(InvalidRecord, match="member name is not") as caught:
            canonical.loads(f'{{"outer":[{{"{name}":1}}]}}'.encode())
        assert caught.value.pointer == "/outer/0"

    @pytest.mark.parametrize(
        "data",
        ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000],
        ids=["open", "list", "object"],
    )
    def test_a_nesting_of_100000_is_refused_and_not_recursed_into(self, data: str) -> None:
        with pytest.raises(InvalidRecord, match="is not JSON"):
            canonical.loads(data.encode())

    @pytest.mark.parametrize(("before", "after"), [("[", "]"), ('{"a":', "}")], ids=["list", "object"])
    def test_sixteen_levels_are_accepted_and_the_next_refused(self, before: str, after: str) -> None:
        canonical.loads((before * 16 + "1" + after * 16).encode())
        for levels in (17, 900):
            with pytest.raises(InvalidRecord, match="nested deeper than 16"):
                canonical.loads((before * levels + "1" + after * levels).encode())

    @pytest.mark.parametrize(
        "data", [b"", b" ", b"{", b'{"a"}', b"[1,]", b"{a:1}", b"'a'", b"\xef\xbb\xbf1", b"1\x00", b"// \n1"]
    )
    def test_what_is_not_json_is_refused(self, data: bytes) -> None:
        with pytest.raises(InvalidRecord, match="is not JSON"):
            canonical.loads(data)

    @pytest.mark.parametrize(
        "value",
        [None, 1.0, float("nan"), b"bytes", (1, 2), {1, 2}, object()],
        ids=lambda value: type(value).__name__,
    )
    def test_a_python_value_of_another_type_is_refused_by_its_place(self, value: Any) -> None:
        with pytest.raises(
            InvalidRecord, match="is not one of object, array, string, integer, boolean"
        ) as caught:
            canonical.check_shape({"a": [0, {"b": value}]}, "/body")
        assert caught.value.pointer == "/body/a/1/b"


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "plain",
            "星野通讯（深圳）有限公司",
            "Công ty Trách nhiệm",
            "é",
            "a\u00a0b",
            "x" * 200,
            "漢" * 66,
        ],
    )
    def test_ordinary_text_is_accepted(self, text: str) -> None:
        canonical.check_text({"a": [text]})

    @pytest.mark.parametrize("text", ["x" * 201, "漢" * 67, "é" * 101], ids=len)
    def test_more_than_200_bytes_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidRecord, match="text longer than 200 bytes") as caught:
            canonical.check_text({"a": ["", text]}, "/body/data")
        assert caught.value.pointer == "/body/data/a/1"

    @pytest.mark.parametrize(
        "text",
        ["e\u0301", "A\u030a", "\u212b", "\u2126", "\u1112\u1161", "\uf900"],
        ids=ascii,
    )
    def test_text_that_is_not_in_nfc_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidRecord, match="text is not in NFC"):
            canonical.check_text(text)

    @pytest.mark.parametrize("code", [*range(32), 0x7F])
    def test_a_control_character_is_refused(self, code: int) -> None:
        with pytest.raises(InvalidRecord, match="text with a control character"):
            canonical.check_text(f"a{chr(code)}b")

    @pytest.mark.parametrize(
        ("code", "category"),
        [
            (0x80, "Cc"),
            (0x85, "Cc"),
            (0x00AD, "Cf"),
            (0x200B, "Cf"),
            (0x200D, "Cf"),
            (0x200E, "Cf"),
            (0x202E, "Cf"),
            (0x2060, "Cf"),
            (0xFEFF, "Cf"),
            (0xE0041, "Cf"),
            (0xE000, "Co"),
            (0xF0000, "Co"),
            (0xD800, "Cs"),
            (0x2028, "Zl"),
            (0x2029, "Zp"),
            (0xFFFF, "Cn"),
        ],
    )
    def test_characters_that_do_not_show_are_refused(self, code: int, category: str) -> None:
        """U+00AD and U+200B were a dash and a space in Unicode 3.2; they are invisible all the same."""
        with pytest.raises(InvalidRecord, match=rf"character U\+{code:04X} \({category}\) is not allowed"):
            canonical.check_text(f"a{chr(code)}b")

    @pytest.mark.parametrize("code", [0x0221, 0x1E9E, 0x20B9, 0x9FEF, 0x1F600, 0x2C00])
    def test_a_character_younger_than_unicode_3_2_is_refused(self, code: int) -> None:
        """U+1F600 (a smiley) is of Unicode 6.1: an older reader could not tell its normal form."""
        assert unicodedata.category(chr(code)) != "Cn", "assigned today"
        with pytest.raises(InvalidRecord, match=rf"character U\+{code:04X} \(Cn\) is not allowed"):
            canonical.check_text(chr(code))

    @given(st.text(st.characters(codec="utf-8"), max_size=30))
    def test_accepted_text_is_short_normal_and_visible(self, text: str) -> None:
        try:
            canonical.check_text(text)
        except InvalidRecord:
            return
        assert len(text.encode()) <= 200
        assert unicodedata.normalize("NFC", text) == text
        refused = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
        assert not refused & {unicodedata.ucd_3_2_0.category(character) for character in text}

    def test_numbers_and_booleans_are_no_text(self) -> None:
        canonical.check_text({"a": [1, True, {"b": -5}]})
