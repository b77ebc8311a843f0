"""Our table of application identifiers says what the dictionary of GS1 says, and values are held to it."""

import re
from pathlib import Path

import pytest

from qrcodes import gs1
from qrcodes.errors import InvalidLink
from qrcodes.gs1_checks import CHECKS, FORM_ONLY, check_digit, check_pair


def test_the_table_is_the_dictionary(conformance: Path) -> None:
    """Every AI of the release, with its parts, flags, qualifiers and companions."""
    text = (conformance / "gs1" / "gs1_syntax" / "gs1-syntax-dictionary.txt").read_text("utf-8")
    lines = [line.partition("#")[0].split() for line in text.splitlines() if re.match(r"\d", line)]
    assert f"# Release: {_release()}" in text
    seen = set()
    for name, *words in lines:
        first, _, last = name.partition("-")
        for number in range(int(first), int(last or first) + 1):
            ai = str(number).zfill(len(first))
            assert _spelled(gs1.IDENTIFIERS[ai]) == _normal(list(words)), ai
            seen.add(ai)
    assert seen == set(gs1.IDENTIFIERS)


def _release() -> str:
    table = Path(gs1.__file__).with_name("gs1_identifiers.toml").read_text("utf-8")
    found = re.search(r'^release = "(.*)"$', table, re.MULTILINE)
    assert found
    return found[1]


def _normal(words: list[str]) -> set[str]:
    flags = words.pop(0) if re.fullmatch(r"[*?]+", words[0]) else ""
    parts = [word for word in words if re.match(r"\[?[NXYZ]", word)]
    rest = {word for word in words if word not in parts}
    return {" ".join(parts), *flags, *rest}


def _spelled(identifier: gs1.Identifier) -> set[str]:
    parts = []
    for part in identifier.parts:
        size = f"{part.longest}" if part.shortest == part.longest else f"..{part.longest}"
        plain = f"{part.characters}{size}"
        shown = f"[{plain}]" if part.optional else plain
        parts.append(",".join([shown, *part.checks]))
    found = {" ".join(parts)}
    found |= {flag for flag, stands in (("*", identifier.predefined), ("?", identifier.attribute)) if stands}
    found |= {"req=" + ",".join(group) for group in identifier.needs}
    if identifier.bars:
        found.add("ex=" + ",".join(identifier.bars))
    if identifier.qualifiers is not None:
        ways = "|".join(",".join(sequence) for sequence in identifier.qualifiers)
        found.add("dlpkey" + ("=" + ways if ways else ""))
    return found


def test_every_check_of_the_table_exists() -> None:
    """Half of this is asserted when the table is read; the other half: none is there for nothing."""
    used = {name for found in gs1.IDENTIFIERS.values() for part in found.parts for name in part.checks}
    assert used == CHECKS.keys() | FORM_ONLY


@pytest.mark.parametrize(
    "number",
    [
        "00614141123452", "09506000134352", "12312312312333", "106141412345678908", "9520123456788",
        "02345673", "795260646688514634", "123456789012345675",
    ],
)  # fmt: skip
def test_check_digits_of_published_numbers(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]


@pytest.mark.parametrize(
    "text",
    [
        "1987654Ad4X4bL5ttr2310c2K", "12345678901234567890123NT", "12345_ABCDEFGHIJKLMCP", "00000!HV",
        "99999zzzzzzzzzzzzzzzzzzT2", "12345_0123456789:;<=>?62", "22",
    ],
)  # fmt: skip
def test_check_pairs_of_published_numbers(text: str) -> None:
    """Source: the examples of the GS1 Barcode Syntax Dictionary."""
    assert check_pair(text[:-2]) == text[-2:]


@pytest.mark.parametrize(
    ("ai", "value", "reason"),
    [
        ("1", "x", "identifier"),
        ("23", "x", "identifier"),
        ("01", "0950600013435", "length"),
        ("01", "09506000134353", "check-digit"),
        ("01", "0950600013435x", "characters"),
        ("01", "０9506000134352", "characters"),
        ("10", "", "length"),
        ("10", "x" * 21, "length"),
        ("10", "a b", "characters"),
        ("10", "a^b", "characters"),
        ("8010", "9521a", "characters"),
        ("8010", "952", "value"),
        ("8004", "95A1", "value"),
        ("8013", "1987654Ad4X4bL5ttr2310c2X", "check-digit"),
        ("8013", "2", "check-digit"),
        ("8003", "19521012345007", "value"),
        ("8006", "095060001343520302", "value"),
        ("8006", "095060001343520002", "value"),
        ("8011", "012", "value"),
        ("8030", "ab+c", "characters"),
        ("17", "251301", "value"),
        ("17", "250230", "value"),
        ("7003", "2502282460", "value"),
        ("8007", "GB82WEST12345698765433", "value"),
        ("4321", "2", "value"),
        ("4309", "18000000010000000000", "value"),
        ("4330", "001000+", "value"),
        ("7252", "3", "value"),
        ("7241", "11", "value"),
        ("7258", "3/2", "value"),
        ("8001", "00000000000000", "value"),
        ("4300", "%4", "value"),
        ("8014", "9521012345", "check-digit"),
        ("7030", "95", "length"),
    ],
)
def test_a_value_is_refused_by_name(ai: str, value: str, reason: str) -> None:
    with pytest.raises(InvalidLink) as refusal:
        gs1.check_value(ai, value)
    assert (refusal.value.reason, refusal.value.component) == (reason, ai)


@pytest.mark.parametrize(
    ("ai", "value"),
    [
        ("17", "251200"), ("17", "240229"), ("253", "9526064000028"), ("253", "9526064000028000001"),
        ("7003", "2502282359"), ("8007", "GB82WEST12345698765432"), ("8008", "25022823"),
        ("8008", "250228235959"), ("423", "156704"), ("7040", "1ABC"), ("4309", "18000000003600000000"),
        ("4330", "001000-"), ("8011", "0"), ("8030", "ab_c="), ("10", "!\"%&'()*+,-./:;<=>?"),
        ("8010", "9521#-/A"), ("7258", "2/3"), ("4300", "%E4"),
    ],
)  # fmt: skip
def test_a_value_is_taken(ai: str, value: str) -> None:
    gs1.check_value(ai, value)


@pytest.mark.parametrize(
    ("path", "attributes", "stray"),
    [
        (["01"], ["255"], "01"),
        (["00"], ["17"], "17"),
        (["01"], ["250"], "250"),
        (["01"], ["3103", "3102"], "3103"),
        (["00"], ["02"], "02"),
        (["415"], [], "415"),
        (["01", "10"], ["8030"], "8030"),
    ],
)
def test_companions_that_exclude_each_other_or_are_missing(
    path: list[str], attributes: list[str], stray: str
) -> None:
    with pytest.raises(InvalidLink) as refusal:
        gs1.check_companions(path, attributes)
    assert (refusal.value.reason, refusal.value.component) == ("companion", stray)


@pytest.mark.parametrize(
    ("path", "attributes"),
    [
        (["01", "21"], ["8030", "250"]),
        (["00"], ["02", "37", "10"]),
        (["415", "8020"], []),
        (["01"], ["3103", "3922"]),
        (["8006", "22"], []),
    ],
)
def test_companions_that_belong_together(path: list[str], attributes: list[str]) -> None:
    gs1.check_companions(path, attributes)


@pytest.mark.parametrize("text", ["", "01", "(01)", "(01)1(", "()1", "(01)1(a)2", "x(01)1", "(01)1)("])
def test_text_that_is_no_elements(text: str) -> None:
    with pytest.raises(InvalidLink, match="brackets"):
        gs1.read_elements(text)


def test_a_bracket_inside_a_value_is_escaped() -> None:
    assert gs1.read_elements(r"(10)a\(b)c(21)\x") == (("10", "a(b)c"), ("21", "\\x"))
