"""What a destination will ask for goods, and what is known of it already: one list, each with its source.

Rules are data (``rules/*.toml``). The engine is pure and total: the same case under the same rules gives
the same findings, in the order of the rules. A fact that nobody stated is unknown, which is neither a
yes nor a no: it keeps a case from being ready, and keeps nobody from drafting.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Severity = Literal["block", "warn", "info"]
Outcome = Literal["pass", "fail", "unknown"]
Status = Literal["verified", "secondary", "unverified", "own"]  # own: a rule of the house
Operator = Literal[
    "stated", "true", "equals", "none_of", "one_of", "at_most", "above", "hs_code", "incoterm_fits"
]  # fmt: skip

_HS: Final = re.compile(r"[0-9]{6}([0-9]{2}){0,3}", re.ASCII)
_SEA_TERMS: Final = frozenset({"FAS", "FOB", "CFR", "CIF"})
_NOT_A_CHAPTER: Final = frozenset({"00", "77", "98", "99"})  # 77 is kept free; 98 and 99 are national


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A fact that these goods cannot have, and why."""

    reason: str


class Missing:
    """Nobody stated it."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
Fact = str | int | bool | date | Decimal | Missing | NotApplicable


@dataclass(frozen=True, slots=True)
class Goods:
    """Goods that share their facts. name: how a reader knows them. What is not in facts is missing."""

    name: str
    facts: Mapping[str, Fact]

    def fact(self, name: str) -> Fact:
        return self.facts.get(name, MISSING)


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked about. destination: ISO 3166, of a member state where a rule names the EU.

    mode: road, rail, sea, air or "". facts: of the consignment as a whole. day: whose rules count.
    """

    destination: str
    incoterm: str
    mode: str
    day: date
    goods: tuple[Goods, ...]
    facts: Mapping[str, Fact]

    def fact(self, goods: Goods, name: str) -> Fact:
        """Of the goods, else of the consignment."""
        found = goods.fact(name)
        if not isinstance(found, Missing):
            return found
        own: dict[str, Fact] = {"incoterm": self.incoterm, "mode": self.mode}
        return own.get(name, self.facts.get(name, MISSING))


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Closed):
    """A predicate of a closed list over one fact, against ``value`` or ``values``.

    withdrawn: of ``hs_code``, codes that the nomenclature has no more.
    """

    fact: str
    op: Operator
    value: int | Decimal | str | None = None
    values: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


class Rule(_Closed):
    """destinations, modes, incoterms, conditions, hs_prefixes: to which the rule is confined; none: to all.

    when: what else has to hold for the rule to be asked. family: among rules of one family the longest HS
    prefix that fits is asked alone. source, checked_on: without them a rule advises and blocks nothing.
    """

    id: str = Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{2,40}$")
    family: str = ""
    destinations: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    incoterms: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    hs_prefixes: tuple[str, ...] = ()
    when: tuple[Question, ...] = ()
    requires: tuple[Question, ...] = Field(min_length=1)
    severity: Severity
    effective_from: date | None = None
    effective_to: date | None = None
    source: str = ""
    url: str = ""
    checked_on: date | None = None
    status: Status

    @model_validator(mode="after")
    def _in_order(self) -> "Rule":
        if self.effective_from and self.effective_to and self.effective_from > self.effective_to:
            raise ValueError("effective_from is after effective_to")
        return self

    @property
    def weighs(self) -> Severity:
        """The severity that it has: nothing blocks on hearsay."""
        if self.severity == "block" and (
            not self.source or not self.checked_on or self.status == "unverified"
        ):
            return "info"
        return self.severity

    def is_in_force(self, day: date) -> bool:
        return not (
            (self.effective_from and day < self.effective_from)
            or (self.effective_to and day > self.effective_to)
        )


class RulePack(_Closed):
    """unions: code -> member states, for rules that name a union."""

    id: str
    version: str
    effective: date
    source: str
    unions: Mapping[str, tuple[str, ...]] = {}
    rules: tuple[Rule, ...]


class Level(IntEnum):
    """draft: a fact is missing. complete: all are stated, one is wrong. ready: nothing blocks."""

    DRAFT = 0
    COMPLETE = 1
    READY = 2

    @property
    def slug(self) -> str:
        return ("draft", "complete", "customs-ready")[self]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one rule. facts: which to state or mend; goods: of which, none where all are well."""

    rule: Rule
    outcome: Outcome
    facts: tuple[str, ...]
    goods: tuple[str, ...]

    @property
    def blocks(self) -> bool:
        return self.rule.weighs == "block" and self.outcome != "pass"


@dataclass(frozen=True, slots=True)
class Readiness:
    """findings: in the order of the rules."""

    case: Case
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        blocking = {finding.outcome for finding in self.findings if finding.rule.weighs == "block"}
        if "unknown" in blocking:
            return Level.DRAFT
        return Level.COMPLETE if "fail" in blocking else Level.READY


def parse_rules(data: bytes) -> RulePack:
    """Read a file of rules; raises ValueError naming the member."""
    return RulePack.model_validate(tomllib.loads(data.decode()))


@cache
def packs() -> tuple[RulePack, ...]:
    """The files beside this module, by name."""
    folder = resources.files(__package__).joinpath("rules")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(parse_rules(folder.joinpath(name).read_bytes()) for name in names)


def readiness(case: Case, rules: Iterable[Rule], unions: Mapping[str, tuple[str, ...]]) -> Readiness:
    """Every rule that is asked of this case on its day, answered.

    unions: as of ``RulePack``, of all packs together. A rule confined by a fact that nobody stated is asked,
    and unknown unless its answer is yes: it may well apply.
    """
    asked = [rule for rule in rules if _is_asked(rule, case, unions)]
    found = []
    for rule in asked:
        answers = []
        for goods in case.goods:
            judged = None if _is_overruled(rule, asked, case, goods) else _judged(rule, case, goods)
            if judged is not None:
                answers.append((goods.name, judged))
        if answers:
            found.append(_finding(rule, answers))
    return Readiness(case, tuple(found))


@dataclass(frozen=True, slots=True)
class _Answer:
    """facts: those that are missing, or not as they have to be."""

    outcome: Outcome
    facts: tuple[str, ...] = ()


_YES: Final = _Answer("pass")


def _finding(rule: Rule, answers: Sequence[tuple[str, _Answer]]) -> Finding:
    """The worst answer of all goods: what is known to be wrong goes before what nobody knows."""
    outcomes = {answer.outcome for _, answer in answers}
    for worst in ("fail", "unknown"):
        if worst in outcomes:
            chosen = [(name, answer) for name, answer in answers if answer.outcome == worst]
            facts = dict.fromkeys(fact for _, answer in chosen for fact in answer.facts)
            names = dict.fromkeys(name for name, _ in chosen)
            return Finding(rule, chosen[0][1].outcome, tuple(facts), tuple(names))
    return Finding(rule, "pass", (), ())


def _is_asked(rule: Rule, case: Case, unions: Mapping[str, tuple[str, ...]]) -> bool:
    """By what is always known: the day, the destination, the Incoterm, and how the goods travel."""
    there = {case.destination, *(name for name, members in unions.items() if case.destination in members)}
    return (
        rule.is_in_force(case.day)
        and (not rule.destinations or not there.isdisjoint(rule.destinations))
        and (not rule.incoterms or case.incoterm in rule.incoterms)
        and (not rule.modes or case.mode in rule.modes or not case.mode)
    )


def _judged(rule: Rule, case: Case, goods: Goods) -> _Answer | None:
    """None where the rule does not concern these goods."""
    concern = _concern(rule, case, goods)
    if concern.outcome == "fail":
        return None
    answer = _all([_ask(question, case, goods) for question in rule.requires])
    if concern.outcome == "unknown" and answer.outcome != "pass":
        return concern  # whether it is asked at all has to be known first
    return answer


def _concern(rule: Rule, case: Case, goods: Goods) -> _Answer:
    """Whether goods are those that the rule is about; fail: they are not."""
    questions = [*rule.when]
    if rule.conditions:
        questions.append(Question(fact="condition", op="one_of", values=rule.conditions))
    answers = [_ask(question, case, goods) for question in questions]
    if rule.hs_prefixes:
        code = case.fact(goods, "hs_code")
        if isinstance(code, Missing):
            answers.append(_Answer("unknown", ("hs_code",)))
        elif _prefix_length(rule, code) == 0:
            answers.append(_Answer("fail"))
    if rule.modes and not case.mode:
        answers.append(_Answer("unknown", ("mode",)))
    return _all(answers)


def _is_overruled(rule: Rule, asked: Sequence[Rule], case: Case, goods: Goods) -> bool:
    """Whether another rule of its family names these goods' code more exactly."""
    if not rule.family:
        return False
    code = case.fact(goods, "hs_code")
    own = _prefix_length(rule, code)
    return any(
        other.family == rule.family and _prefix_length(other, code) > own
        for other in asked
        if other is not rule
    )


def _prefix_length(rule: Rule, code: Fact) -> int:
    fitting = [
        len(prefix) for prefix in rule.hs_prefixes if isinstance(code, str) and code.startswith(prefix)
    ]
    return max(fitting, default=0)


def _all(answers: Sequence[_Answer]) -> _Answer:
    """All have to hold: one no is a no; else one that nobody knows leaves it open."""
    for outcome in ("fail", "unknown"):
        chosen = [answer for answer in answers if answer.outcome == outcome]
        if chosen:
            return _Answer(chosen[0].outcome, tuple(dict.fromkeys(f for one in chosen for f in one.facts)))
    return _YES


def _ask(question: Question, case: Case, goods: Goods) -> _Answer:
    if question.op == "incoterm_fits":
        return _fitting_mode(case)
    fact = case.fact(goods, question.fact)
    if isinstance(fact, NotApplicable):
        return _YES
    if isinstance(fact, Missing):
        return _Answer("unknown", (question.fact,))
    return _YES if _holds(question, fact) else _Answer("fail", (question.fact,))


def _holds(question: Question, fact: str | int | bool | date | Decimal) -> bool:
    match question.op:
        case "stated":
            return fact != ""
        case "true":
            return fact is True
        case "equals":
            return str(fact) == str(question.value)
        case "one_of":
            return str(fact) in question.values
        case "none_of":
            return str(fact) not in question.values
        case "at_most":
            return _number(fact) <= _number(question.value)
        case "above":
            return _number(fact) > _number(question.value)
        case "hs_code":
            return _is_hs_code(str(fact), question.withdrawn)
    raise AssertionError(question.op)


def _fitting_mode(case: Case) -> _Answer:
    """Four of the terms are for sea and inland waterway alone, and name a ship's rail (Incoterms 2020)."""
    if case.incoterm not in _SEA_TERMS:
        return _YES
    if not case.mode:
        return _Answer("unknown", ("mode",))
    return _YES if case.mode == "sea" else _Answer("fail", ("incoterm",))


def _is_hs_code(code: str, withdrawn: Iterable[str]) -> bool:
    """Six digits or a national code of eight to twelve, of a chapter that goods have, not withdrawn."""
    return (
        _HS.fullmatch(code) is not None
        and code[:2] not in _NOT_A_CHAPTER
        and not code.startswith(tuple(withdrawn))
    )


def _number(value: Any) -> Decimal:
    return Decimal(str(value))
