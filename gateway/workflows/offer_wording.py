"""What an offer says of its goods in its own words: read, written, and held against the records."""

import json
from collections.abc import Mapping
from typing import Final

from gateway.errors import Refused
from gateway.policies import load
from gateway.trade.claims import LANGUAGES, Evidence, Overclaim, overclaims
from gateway.workflows.gate import Judged
from ledger.core import canonical

TITLE_MAX: Final = 120  # characters
TEXT_MAX: Final = 2_000
FIELDS: Final[Mapping[str, int]] = {"title": TITLE_MAX, "text": TEXT_MAX}
Wording = Mapping[str, Mapping[str, str]]  # language of ``LANGUAGES`` -> title, text


def evidence_of(judged: Judged) -> Evidence:
    """What the records of a lot prove; nothing of it can be typed."""
    lot = judged.facts.lot
    looked = lot.inspection is not None and not lot.changed_since_inspection
    return Evidence(
        grade=lot.grade if looked else None,
        condition=lot.condition,
        level=judged.level,
        repaired=bool(lot.refurbishers or lot.repairs),
        battery_replaced=lot.repairs.get("battery_replaced", 0) > 0 if looked else None,
        wiped=lot.repairs.get("data_wiped", 0) >= lot.quantity if lot.quantity else None,
        label_state=lot.label_state,
        permitted=bool(judged.facts.chain)
        or any(supplier.party.kind == "brand" for supplier in judged.facts.suppliers),
    )


def check_wording(judged: Judged, wording: Wording) -> list[Overclaim]:
    """What the texts claim beyond the evidence; empty: they may stand."""
    return overclaims(wording, evidence_of(judged), load.claims())


def require_wording(judged: Judged, wording: Wording) -> None:
    """Raises Refused ``claims-too-much`` with the words, their language and what is lacking."""
    found = check_wording(judged, wording)
    if found:
        raise Refused("claims-too-much", f"{found[0].words!r} is not proven", claims=claims_told(found))


def claims_told(found: list[Overclaim]) -> list[dict[str, object]]:
    """As a problem's facts hold them."""
    return [
        {
            "language": one.language,
            "field": one.field,
            "words": one.words,
            "claim": one.claim,
            "lacking": list(one.lacking),
        }
        for one in found
    ]


def kept(wording: Wording) -> str:
    """Canonical JSON of what is said; "" for nothing. Raises InvalidRecord for text nobody can write down."""
    said: dict[str, canonical.JsonValue] = {}
    for language in LANGUAGES:
        texts = {field: wording.get(language, {}).get(field, "").strip() for field in FIELDS}
        some: dict[str, canonical.JsonValue] = {field: text for field, text in texts.items() if text}
        if some:
            said[language] = some
    return canonical.dumps(said).decode() if said else ""


def told(text: str) -> Wording:
    """What ``kept`` wrote."""
    found: Wording = json.loads(text) if text else {}
    return found


def in_language(text: str, language: str) -> Mapping[str, str]:
    """Title and text for a reader: of the own language, else English, else whatever there is."""
    wording = told(text)
    for key in (language.partition("-")[0], "en", *sorted(wording)):
        if key in wording:
            return wording[key]
    return {}
