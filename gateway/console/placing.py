"""Where a lot stands on its way from the door to an offer, and the one thing to do with it next.

Pure and total: the same facts give the same place. The ledger's rules and the gate decide what may be
done; this only says what is due.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from ledger.lots.rules import SELLABLE_GRADES
from ledger.lots.state import LotState

Stage = Literal[
    "receive",  # declared, and not here yet
    "assign",  # nobody is told to look at it
    "inspect",  # an inspection is under way
    "repair",  # a repair is under way
    "split",  # inspected, and still one heap
    "label",  # nothing is printed for it
    "offer",  # its records let it be offered somewhere
    "blocked",  # they let it be offered nowhere
    "offered",
    "apart",  # too old ever to be offered
    "sold",  # every unit of it
    "gone",
]
Flag = Literal["waiting", "recalled", "overage", "ageing"]
# In the order of the work; what is offered or gone waits for nobody at the bench.
QUEUES: Final[tuple[str, ...]] = (
    "receive", "assign", "inspect", "split", "repair", "waiting", "label", "offer", "blocked", "recalled",
    "overage", "ageing",
)  # fmt: skip
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
AGEING_MONTHS: Final = 24  # goods older than this sell badly, clothes hardly at all

# What a reason of the gate asks of the people here; where several do, the first in this order.
_REMEDIES: Final[Mapping[str, str]] = {
    "recalled": "release",
    "consignment-ended": "end-consignment",
    "needs-reinspection": "assign-inspection",
    "not-inspected": "assign-inspection",
    "inspection-stale": "assign-inspection",
    "inspected-by-seller": "assign-inspection",
    "direct-not-inspected": "assign-inspection",
    "full-inspection-required": "assign-inspection",
    "sample-rejected": "assign-inspection",
    "sample-unplanned": "assign-inspection",
    "ungraded": "assign-inspection",
    "safety-unclassified": "classify",
    "unit-codes-missing": "issue-codes",
    "grade-not-sellable": "dispose",
    "over-age": "dispose",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """slug: of an action, "" where others have to act first. why: slug of the table ``next_steps``."""

    slug: str
    why: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the lot's own state.

    open_work: kinds of work under way. recalled: it, or a lot that it came of. reasons: slugs of the gate
    for the market that asks least; empty where it may be offered somewhere. keeper: the party that works
    here; what another keeps, that other works on.
    """

    open_work: frozenset[str] = frozenset()
    recalled: bool = False
    waiting: bool = False
    reasons: Sequence[str] = ()
    keeper: str = ""


def stage(lot: LotState, around: Around) -> Stage:
    """The first thing that is not done yet."""
    if not lot.is_leaf:
        return "gone"
    if lot.sold is not None and lot.sold >= lot.quantity:
        return "sold"
    if not lot.at_hand:
        return "receive"
    if "inspection" in around.open_work:
        return "inspect"
    if "refurbishment" in around.open_work:
        return "repair"
    if lot.overage:
        return "apart"
    if lot.listings:
        return "offered"
    if lot.inspection is None or lot.changed_since_inspection:
        return "assign"
    if is_to_split(lot):
        return "split"
    if lot.grade in SELLABLE_GRADES and not lot.codes.get("lot"):
        return "label"
    return "blocked" if around.reasons else "offer"


def is_to_split(lot: LotState) -> bool:
    """Whether every unit was graded and they are not of one kind yet; goods sold unsorted stay together."""
    if lot.inspection is None or lot.changed_since_inspection or lot.mixed:
        return False
    graded = sum(lot.unclaimed.values()) == lot.quantity
    return graded and (lot.grade is None or lot.key is None)


def flags(lot: LotState, around: Around, today: date) -> frozenset[Flag]:
    """Queues that a lot may stand in beside the one of its stage."""
    found: set[Flag] = set()
    if not lot.is_leaf:
        return frozenset({"waiting"} if around.waiting else ())
    if around.waiting:
        found.add("waiting")
    if around.recalled:
        found.add("recalled")
    if lot.overage:
        found.add("overage")
    if lot.received and stage(lot, around) != "sold" and is_ageing(lot.produced_from, today):
        found.add("ageing")
    return frozenset(found)


def is_ageing(produced: str, today: date) -> bool:
    """Whether goods made on ``produced`` (YYYY-MM-DD) are older than ``AGEING_MONTHS``."""
    return age_months(produced, today) >= AGEING_MONTHS


def age_months(produced: str, today: date) -> int:
    """Whole months since ``produced``; 0 for a day to come."""
    made = date.fromisoformat(produced)
    months = (today.year - made.year) * 12 + today.month - made.month - (today.day < made.day)
    return max(0, months)


def next_step(lot: LotState, around: Around) -> NextStep:
    """The one thing to do next, and why; a statement that waits for others comes before all."""
    if around.waiting:
        return NextStep("", "waits-for-signature")
    if around.recalled and lot.is_leaf:
        return NextStep("", "recalled")
    place = stage(lot, around)
    if place == "gone":
        return NextStep("found", "lost") if lot.exit == "lost" else NextStep("", "gone")
    if place in _KEEPERS and lot.custody != around.keeper:
        return NextStep("", "kept-elsewhere")
    if place == "assign":
        repaired = lot.inspection is not None and bool(lot.refurbishers)
        return NextStep("assign-inspection", "reinspect" if repaired else "assign")
    if place == "blocked":
        slug = next((_REMEDIES[one] for one in _REMEDIES if one in around.reasons), "")
        return NextStep(slug, "blocked")
    return NextStep(_STEPS[place], place)


_STEPS: Final[Mapping[Stage, str]] = {
    "receive": "receive",
    "inspect": "measure",
    "repair": "measure",
    "split": "split-found",
    "label": "issue-codes",
    "offer": "offer",
    "offered": "",
    "apart": "dispose",
    "sold": "",
}
_KEEPERS: Final[frozenset[Stage]] = frozenset({"assign", "split", "label", "apart"})
