"""What a consumer sees after scanning a code."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from gateway.pages.views.values import Fact, Measurement, Reason, Signer

Verdict = Literal[
    "unaltered",
    "seen-too-often",
    "already-claimed",
    "distrusted",
    "part-missing",
    "gone",
    "recalled",
    "changed",
]  # the worse, the later
Independence = Literal["self", "hired", "brand", "third"]  # words.INDEPENDENCE
Answer = Literal["yes", "no", "no-record"]  # no record is not no


@dataclass(frozen=True, kw_only=True)
class Article:
    """What the code stands for. Text members are outside text."""

    level: Literal["article", "style", "lot"]
    lot_short: str
    name: str
    brand: str
    model: str
    category: str  # slug of words.CATEGORIES; chooses the drawing too
    condition: str  # slug of words.CONDITIONS
    label_state: str = ""  # slug of words.LABEL_STATES; empty where the category has none
    quantity: int = 1  # pieces in the lot, or of the style
    gtin: str = ""


@dataclass(frozen=True, kw_only=True)
class ScorePart:
    name: str  # slug of words.SCORE_PARTS
    score: int | None  # 0 … 100; None for a part that passes or fails, or that was not measured
    measured: Measurement | None = None
    found: str = ""  # slug of words.FINDINGS where nothing is measured in units


@dataclass(frozen=True, kw_only=True)
class ErasedNote:
    """An erasure: the entry that says so, when, why. Proofs are as they were."""

    index: int
    at: datetime
    reason: str  # slug of words.ERASURE_REASONS


@dataclass(frozen=True, kw_only=True)
class GradeOverride:
    """So many units that the inspector gave another grade than the scheme found."""

    found: str  # slug of words.GRADES
    given: str
    reason: str  # in the inspector's words
    count: int


@dataclass(frozen=True, kw_only=True)
class Grade:
    letter: str  # slug of words.GRADES: A, B, C, X, ungraded
    score: int | None
    scheme: str
    scheme_version: str
    inspected_on: date | None
    parts: tuple[ScorePart, ...] = ()
    distrusted: bool = False  # the inspection behind it was signed with a compromised key
    recomputed: bool = True  # False: as recorded, its measurements were erased
    overrides: tuple[GradeOverride, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OriginAnswer:
    """First sold where. Without a channel there is no record of it."""

    channel: str = ""  # slug of words.CHANNELS
    country: str = ""  # ISO 3166
    stated_by: Signer | None = None


@dataclass(frozen=True, kw_only=True)
class RepairAnswer:
    answer: Answer
    steps: tuple[str, ...] = ()  # slugs of words.STEPS
    stated_by: Signer | None = None
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class BatteryAnswer:
    answer: Answer
    stated_by: Signer | None = None
    on: date | None = None
    part_origin: str = ""  # slug of words.PART_ORIGINS
    health_before: int | None = None  # per cent
    health_after: int | None = None
    cycles_before: int | None = None
    cycles_after: int | None = None


@dataclass(frozen=True, kw_only=True)
class WipeAnswer:
    answer: Answer
    method: str = ""  # slug of words.WIPE_METHODS
    stated_by: Signer | None = None
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Answers:
    origin: OriginAnswer
    repair: RepairAnswer
    battery: BatteryAnswer | None = None  # None: goods of this category have none
    wipe: WipeAnswer | None = None
    erased: bool = False  # what would answer was erased, of the article or of some in the lot


@dataclass(frozen=True, kw_only=True)
class Correction:
    index: int  # entry of the correction
    reason: str  # outside text


@dataclass(frozen=True, kw_only=True)
class Step:
    """One record of the history, oldest first."""

    index: int  # entry index
    type: str  # slug of words.RECORD_TYPES
    at: datetime | None = None  # in the author's own offset; None when the record is missing
    city: str = ""
    country: str = ""  # ISO 3166
    signers: tuple[Signer, ...] = ()
    event_id: str = ""  # hex, 64 characters
    record_href: str = ""  # raw record as JSON
    facts: tuple[Fact, ...] = ()
    correction: Correction | None = None
    trouble: Literal["", "missing", "changed", "distrusted", "unpublished"] = ""
    erased: tuple[ErasedNote, ...] = ()  # details behind this record
    left_out: int = 0  # steps before this one that a short page does not show


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """Up to which entry the history is whole, and who says so."""

    through: int
    witnesses: tuple[str, ...] = ()  # names of witnesses that replayed the log; none: the operator alone


@dataclass(frozen=True, kw_only=True)
class Scans:
    """How often the code was opened before, as facts and not as a verdict."""

    first_on: date
    first_country: str  # ISO 3166; empty: not known
    count: int
    notice: str = ""  # slug of words.SCAN_NOTICES, empty where nothing is remarkable
    recent: int = 0  # of the days that are kept
    countries: int = 0  # known ones, of the same days


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What somebody certifies about the goods, with who that is to them."""

    kind: str  # slug of words.CERTIFICATES
    issuer: Signer
    independence: Independence
    on: date
    index: int  # entry of the record
    until: date | None = None
    revoked: bool = False
    verdict: str = ""  # slug of words.AUDIT_VERDICTS, of an auditor's statement


@dataclass(frozen=True, kw_only=True)
class KeyHolder:
    """One key of the history. signer.custody says who holds it; records: how many it signed."""

    signer: Signer
    records: int


@dataclass(frozen=True, kw_only=True)
class CheckLinks:
    bundle_href: str
    checkpoint_href: str
    policy_href: str
    command: str  # what checks the bundle offline
    pack_href: str  # the lot pack, with its own verifier
    page_href: str = ""  # where the browser itself checks; empty: the page has no code


@dataclass(frozen=True, kw_only=True)
class ConsumerView:
    """``/q/{code}`` and ``/lots/{lot}``."""

    verdict: Verdict
    checked_at: datetime
    code: str  # grouped as it is printed; empty when opened by GTIN and lot
    host: str  # printed beside the code
    article: Article
    grade: Grade | None
    answers: Answers
    steps: tuple[Step, ...]
    completeness: Completeness | None
    check: CheckLinks
    reasons: tuple[Reason, ...] = ()  # slugs of words.TROUBLES: why the verdict is not "unaltered"
    scans: Scans | None = None
    erased: tuple[ErasedNote, ...] = ()  # details of the goods that the page is about
    certificates: tuple[Certificate, ...] = ()
    key_holders: tuple[KeyHolder, ...] = ()
    photo_href: str = ""
    claimed_at: datetime | None = None  # when somebody showed the hidden code of the label
    claim_href: str = ""  # where the hidden code is typed; empty: there is none that is not claimed
    report_href: str = ""  # empty: the page has no code
    contact: str = ""  # whom to turn to, as the operator named it: outside text
    rests_on: tuple[int, ...] = ()  # entries that the answers, the grade and the code rest on
    all_href: str = ""  # the page of all steps, where this one leaves something out
    all_steps: int = 0  # how many they are


@dataclass(frozen=True, kw_only=True)
class TimelineView:
    """``/q/{code}?all=yes`` and ``/lots/{lot}?all=yes``: every step, a hundred a page."""

    article: Article
    page_href: str
    steps: tuple[Step, ...]
    all_steps: int
    first: int  # the place of the first one here, from 1
    earlier_href: str = ""
    later_href: str = ""


@dataclass(frozen=True, kw_only=True)
class NotFoundView:
    """A code that is not in our records (404)."""

    code: str  # as it was typed or scanned
    host: str
    well_formed: bool  # False: it cannot be a code of ours, so a typing error is likely
    completeness: Completeness | None = None  # set when the heads tree proves that it was never issued
