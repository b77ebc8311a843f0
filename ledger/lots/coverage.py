"""How well a lot was looked at, as its records prove it: the level that a listing shows."""

from typing import Literal

from ledger.lots.state import LotState

Level = Literal["none", "documents", "sample", "full", "third_party", "insurer"]
LEVELS: tuple[Level, ...] = ("none", "documents", "sample", "full", "third_party", "insurer")  # weakest first


def level(lot: LotState, day: str) -> Level:
    """The level on ``day`` (YYYY-MM-DD), never more than is proven.

    none: never inspected, or changed since. sample: drawn by a plan that was recorded before, and not
    rejected; without a plan nobody can tell how units were picked, so it counts as documents. full: a
    result for every unit there was. third_party: either of them, signed beside the inspector by a party
    that neither owns nor holds the goods. insurer: a policy on that inspection holds on ``day``.
    """
    looked, found = looked_at(lot), lot.inspection
    if found is None or looked == "none":
        return looked
    policy = lot.insurance
    if (
        policy is not None
        and policy.inspection == found.event_id
        and policy.valid_from <= day <= policy.valid_until
    ):
        return "insurer"
    return "third_party" if found.independent and looked != "documents" else looked


def looked_at(lot: LotState) -> Level:
    """How much of the goods somebody looked at, whoever signed or insured it: documents, sample or full.

    An insured look at the papers is a look at the papers: what asks for goods that were seen asks here.
    """
    found = lot.inspection
    if found is None or lot.changed_since_inspection:
        return "none"
    if found.coverage == "full":
        return "full"
    accepted = found.sample is not None and found.sample.verdict != "rejected"
    return "sample" if accepted else "documents"


def at_least(lot: LotState, wanted: Level, day: str) -> bool:
    """Whether the lot shows ``wanted`` or better on ``day``."""
    return LEVELS.index(level(lot, day)) >= LEVELS.index(wanted)
