"""What an offer's own words claim of the goods, held against what the records prove.

Pure: texts, evidence and a policy of phrases in; what claims too much out. A phrase is found however it is
dressed up: full-width letters, letters of another alphabet that look alike, invisible characters, missing
accents, letters with blanks between them. A phrase that is denied ("not new", "非全新") claims nothing.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["zh", "en", "vi"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
Need = Literal[
    "new",  # declared as new, and nothing was done to it
    "unopened",  # as new, its brand label intact where it has one
    "grade-a",
    "never-repaired",
    "original-battery",  # inspected one by one, and no battery was replaced
    "permitted",  # a chain of grants from the brand, or the brand's own goods
    "inspected-all",  # every unit was looked at
    "label-intact",
    "wiped",  # a data wipe is recorded
    "never",  # no record of ours can prove it
]
SAID_BEFORE: Final = 40  # characters before a phrase in which a denial is looked for


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Claim(_Closed):
    """Phrases that say the same thing. needs: all of them have to hold. Some language has a phrase."""

    slug: str
    needs: tuple[Need, ...] = Field(min_length=1)
    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    vi: tuple[str, ...] = ()

    @property
    def phrases(self) -> tuple[str, ...]:
        return (*self.zh, *self.en, *self.vi)


class ClaimPolicy(_Closed):
    """denials: what takes a claim back when it stands before it. no_denials: what only looks like one."""

    id: str
    version: str
    effective: date
    source: str
    denials: tuple[str, ...]
    no_denials: tuple[str, ...]
    claims: tuple[Claim, ...]

    @cached_property
    def patterns(self) -> Sequence[tuple[re.Pattern[str], Claim]]:
        """The longest phrase first, so that "almost brand new" is not read as "brand new"."""
        found = [(Folded.of(phrase).text, claim) for claim in self.claims for phrase in claim.phrases]
        return [
            (_pattern(phrase), claim)
            for phrase, claim in sorted(found, key=lambda one: (-len(one[0]), one[0]))
        ]

    @cached_property
    def denied(self) -> re.Pattern[str]:
        """A denial at the end of what stands before a phrase, at most three words of Latin script away."""
        words = "|".join(_literal(Folded.of(one).text) for one in sorted(self.denials, key=len, reverse=True))
        between = "(?:" + "|".join(_BETWEEN_IN_CHINESE) + ")*"
        return re.compile(rf"(?:{words})(?:[ ]?[a-z']+){{0,3}}[ ]?{between}$")

    @cached_property
    def not_denied(self) -> re.Pattern[str]:
        words = "|".join(_literal(Folded.of(one).text) for one in self.no_denials)
        return re.compile(rf"(?:{words})(?:[ ]?[a-z']+){{0,3}}[ ]?$")


def parse_claims(data: bytes) -> ClaimPolicy:
    """Read the policy file; raises ValueError naming the member."""
    return ClaimPolicy.model_validate(tomllib.loads(data.decode()))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records prove of a lot. None: they do not say.

    level: as of ``ledger.lots.coverage``. condition: None of mixed goods.
    """

    grade: str | None
    condition: str | None
    level: str
    repaired: bool
    battery_replaced: bool | None
    wiped: bool | None
    label_state: str | None
    permitted: bool

    def has(self, need: Need) -> bool:
        match need:
            case "new":
                return self.condition == "new" and not self.repaired
            case "unopened":
                return self.has("new") and self.label_state in (None, "intact")
            case "grade-a":
                return self.grade == "A"
            case "never-repaired":
                return not self.repaired
            case "original-battery":
                return self.battery_replaced is False and self.has("inspected-all")
            case "permitted":
                return self.permitted
            case "inspected-all":
                return self.level in ("full", "third_party", "insurer")
            case "label-intact":
                return self.label_state == "intact"
            case "wiped":
                return self.wiped is True
            case "never":
                return False


@dataclass(frozen=True, slots=True)
class Overclaim:
    """words: as they were written. claim: its slug. lacking: what the evidence does not bear out."""

    language: str
    field: str
    words: str
    claim: str
    lacking: tuple[Need, ...]


def overclaims(
    wording: Mapping[str, Mapping[str, str]], evidence: Evidence, policy: ClaimPolicy
) -> list[Overclaim]:
    """Everything that the texts claim and the evidence does not prove.

    wording: language -> field -> text. In the order of languages, fields and texts. Phrases of every
    language are looked for in each: a Vietnamese page may hold Chinese words.
    """
    found = []
    for language, fields in sorted(wording.items()):
        for field, text in fields.items():
            for words, claim in claims_in(text, policy):
                lacking = tuple(need for need in claim.needs if not evidence.has(need))
                if lacking:
                    found.append(Overclaim(language, field, words, claim.slug, lacking))
    return found


def claims_in(text: str, policy: ClaimPolicy) -> list[tuple[str, Claim]]:
    """The claims of a text as they were written, in its order; what is denied is none."""
    folded = Folded.of(text)
    hits: list[tuple[int, int, Claim, str]] = []
    for one in (folded, *folded.spaced_out()):
        taken: list[tuple[int, int]] = []
        for pattern, claim in policy.patterns:
            for match in pattern.finditer(one.text):
                start, end = match.span()
                if any(start < other_end and end > other_start for other_start, other_end in taken):
                    continue
                taken.append((start, end))
                if not _is_denied(one.text[max(0, start - SAID_BEFORE) : start], policy):
                    first, last = one.places[start], one.places[end - 1] + 1
                    hits.append((first, last, claim, text[first:last]))
    whole = sorted({(first, last, claim.slug): (words, claim) for first, last, claim, words in hits}.items())
    return [found for _, found in whole]


def _is_denied(before: str, policy: ClaimPolicy) -> bool:
    """Within the same clause: what stands before a comma or a full stop denies nothing behind it."""
    clause = re.split(r"[.,;:!?|、。，；：！？\n]", before)[-1]
    if policy.not_denied.search(clause):
        return False
    return bool(policy.denied.search(clause))


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is compared: places[i] is where its i-th character stands in the original."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Folded":
        """Compatibility forms, case, accents, look-alikes and invisible characters out; blanks to one."""
        kept: list[tuple[str, int]] = []
        for place, character in enumerate(text):
            for one in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character)).casefold():
                if unicodedata.category(one) in ("Mn", "Cf", "Me"):
                    continue
                one = _ALIKE.get(one, one)  # noqa: PLW2901 - one after the other, as they are read
                if one.isspace() or one in _JOINTS:
                    if kept and kept[-1][0] != " ":
                        kept.append((" ", place))
                    continue
                kept.append((one, place))
        kept = [pair for n, pair in enumerate(kept) if not _is_gap_in_han(kept, n)]
        return cls("".join(one for one, _ in kept), tuple(place for _, place in kept))

    def spaced_out(self) -> Iterator["Folded"]:
        """Runs of four or more single letters with blanks between them, without the blanks."""
        for match in _SPACED.finditer(self.text):
            pairs = [
                (character, self.places[n])
                for n, character in enumerate(self.text[match.start() : match.end()], match.start())
                if character != " "
            ]
            yield Folded("".join(one for one, _ in pairs), tuple(place for _, place in pairs))


def _is_gap_in_han(kept: Sequence[tuple[str, int]], n: int) -> bool:
    """A blank beside a Chinese character separates nothing."""
    if kept[n][0] != " ":
        return False
    beside = [kept[m][0] for m in (n - 1, n + 1) if 0 <= m < len(kept)]
    return any("\u4e00" <= one <= "\u9fff" for one in beside)


def _pattern(phrase: str) -> re.Pattern[str]:
    """A phrase of Latin letters is whole words; blanks in it may be missing where letters were spaced out."""
    body = _literal(phrase).replace(r"\ ", " ?")
    left = r"(?<![a-z0-9])" if phrase[0].isascii() and phrase[0].isalnum() else ""
    right = r"(?![a-z0-9])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return re.compile(left + body + right)


def _literal(phrase: str) -> str:
    edge = r"\b" if phrase[0].isascii() and phrase[0].isalpha() else ""
    return edge + re.escape(phrase)


_BETWEEN_IN_CHINESE: Final = ("任何", "官方", "厂家", "原厂", "厂商", "是", "为", "额外")
_JOINTS: Final = frozenset("-_*·•~+/\\‐‑‒–—―")
_SPACED: Final = re.compile(r"(?<![a-z0-9])(?:[a-z0-9%] ){3,}[a-z0-9%](?![a-z0-9])")
# Letters of other alphabets that nobody can tell from ours, and one that folding leaves as it is.
_ALIKE: Final[Mapping[str, str]] = {
    "đ": "d", "а": "a", "в": "b", "е": "e", "к": "k", "м": "m", "н": "h", "о": "o", "р": "p", "с": "c",
    "т": "t", "у": "y", "х": "x", "і": "i", "ѕ": "s", "ј": "j", "ԁ": "d", "ո": "n", "ɡ": "g", "ı": "i",
    "α": "a", "ε": "e", "ο": "o", "ρ": "p", "ν": "v", "ι": "i", "τ": "t", "υ": "u", "’": "'",
}  # fmt: skip
