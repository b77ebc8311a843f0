"""The signed steps of one lot, and who signed them."""

from datetime import datetime, timedelta, timezone
from hashlib import sha256

from gateway.pages.views import Correction, Fact, Mass, Percent, Signer, Step, Word

CHINA = timezone(timedelta(hours=8))


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def signer(role: str, kind: str, short: str, custody: str = "operator", worker: str = "") -> Signer:
    return Signer(
        role=role,
        party_kind=kind,
        party_short=short,
        key_id=digest(short),
        custody="self" if custody == "self" else "operator",
        performed_by=worker,
    )


BRAND = signer("grantor", "brand", "q3v8km", "self")
SUPPLIER = signer("supplier", "dealer", "7hn2rd", "self")
WAREHOUSE = signer("custodian", "warehouse", "b84x1c", worker="p0tz7e")
INSPECTOR = signer("inspector", "inspector", "n5w9ga", "self", worker="m2k4vy")
WORKSHOP = signer("refurbisher", "refurbisher", "d6e0sj", "self", worker="x9c3ah")
SELLER = signer("seller", "operator", "y1m7fb")
EXPORTER = signer("exporter", "exporter", "k2z5tp")
CARRIER = signer("carrier", "carrier", "w8r3nq", "self")


def step(index, type_, day, city, *signers, facts=(), **more) -> Step:
    return Step(
        index=index,
        type=type_,
        at=datetime(2026, 11, day, 9, 30, tzinfo=CHINA),
        city=city,
        country="CN",
        signers=signers,
        event_id=digest(f"event {index}"),
        record_href=f"/v1/entries/{index}",
        facts=facts,
        **more,
    )


def fact(name, value, corrected_to=None) -> Fact:
    return Fact(name=name, value=value, corrected_to=corrected_to)


HISTORY = (
    step(
        14,
        "lot.declared",
        2,
        "深圳",
        SUPPLIER,
        facts=(
            fact("quantity", 1200),
            fact("condition", Word(table="conditions", slug="returned")),
            fact("surplus_cause", Word(table="surplus_causes", slug="cancelled-order")),
        ),
    ),
    step(
        15,
        "lot.received",
        4,
        "Guangzhou",
        WAREHOUSE,
        SUPPLIER,
        facts=(fact("declared", 1200), fact("counted", 1188, 1187), fact("unidentified", 12, 13)),
        correction=Correction(index=17, reason="one box was counted twice"),
    ),
    step(16, "work.assigned", 4, "Guangzhou", WAREHOUSE),
    step(17, "correction.recorded", 5, "Guangzhou", WAREHOUSE),
    step(
        19,
        "lot.inspected",
        6,
        "Guangzhou",
        INSPECTOR,
        facts=(fact("coverage", Percent(value=100)), fact("score_min", 60)),
    ),
    step(22, "lot.split", 7, "Guangzhou", WAREHOUSE, facts=(fact("children", 9),)),
    step(23, "work.assigned", 7, "Guangzhou", WAREHOUSE),
    step(
        27,
        "lot.refurbished",
        10,
        "东莞",
        WORKSHOP,
        facts=(fact("steps", Word(table="steps", slug="battery-replaced")),),
    ),
    step(28, "work.assigned", 10, "Guangzhou", WAREHOUSE),
    step(
        31,
        "lot.inspected",
        12,
        "Guangzhou",
        INSPECTOR,
        facts=(fact("grade", Word(table="grades", slug="B")), fact("score", 85)),
    ),
    step(
        33,
        "codes.issued",
        13,
        "Guangzhou",
        WAREHOUSE,
        facts=(fact("level", Word(table="code_levels", slug="article")), fact("codes", 96)),
    ),
    step(36, "lot.listed", 14, "义乌", SELLER),
    step(41, "lot.sold", 18, "义乌", SELLER, facts=(fact("grade", Word(table="grades", slug="B")),)),
    step(
        44,
        "lot.packed",
        20,
        "义乌",
        WAREHOUSE,
        CARRIER,
        facts=(fact("packages", 8), fact("mass_g", Mass(mass_g=34752))),
    ),
)
