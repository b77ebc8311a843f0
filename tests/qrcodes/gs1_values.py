"""Values for every AI that may lead or qualify a link, drawn from the rules of the AI itself."""

from hypothesis import strategies as st

from qrcodes.gs1 import IDENTIFIERS, PRIMARY_KEYS, Part
from qrcodes.gs1_checks import SET_82, check_digit, check_pair

CHARACTERS = {"N": "0123456789", "X": SET_82, "Y": "#-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
SPECIAL = {
    "zero": st.just("0"),
    "pieceoftotal": st.sampled_from(["0101", "0203", "9999"]),
    "importeridx": st.sampled_from("Aa0_-"),
    "nozeroprefix": st.integers(0, 10**12 - 1).map(str),
}


@st.composite
def _part(draw: st.DrawFn, part: Part) -> str:
    for name in part.checks:
        if name in SPECIAL:
            return draw(SPECIAL[name])
    if part.optional and draw(st.booleans()):
        return ""
    text = draw(st.text(CHARACTERS[part.characters], min_size=part.shortest, max_size=part.longest))
    if "gcppos1" in part.checks and part.characters != "N":
        text = ("9521" + text)[: part.longest]
    if "csum" in part.checks:
        return text[:-1] + check_digit(text[:-1])
    if "csumalpha" in part.checks:
        return text[:-2] + check_pair(text[:-2]) if len(text) >= 6 else "9521" + check_pair("9521")
    return text


@st.composite
def values(draw: st.DrawFn, ai: str) -> str:
    return "".join(draw(_part(part)) for part in IDENTIFIERS[ai].parts)


@st.composite
def elements(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """Of a path: any primary key, and any part of one of its sequences of qualifiers."""
    key = draw(st.sampled_from([ai for ai in PRIMARY_KEYS if ai != "415"]))  # which never goes without 8020
    sequence = draw(st.sampled_from(IDENTIFIERS[key].qualifiers or ((),)))
    kept = [ai for ai in sequence if draw(st.booleans())]
    return tuple((ai, draw(values(ai))) for ai in (key, *kept))
