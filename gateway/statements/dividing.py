"""Lots divided and put together: nothing is added, nothing lost, and every article stays one row."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from gateway.pages.views.values import Value, Word
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal, Shown
from gateway.statements.lots import (
    OPERATOR,
    Effect,
    follow,
    kept,
    lot,
    moved,
    own_place,
    present,
    rows_of,
    units_of,
    whole,
)
from gateway.store import goods
from gateway.store.goods import Item
from gateway.workflows.inspect_lot import key_of
from gateway.workflows.prepare import Facts, Wanted
from ledger.author import new_id
from ledger.lots.rules import SELLABLE_GRADES
from ledger.lots.rules.joining import SHARED, SHARED_IN_MERGE
from ledger.lots.state import LotState
from ledger.records.intake import CHILDREN_MAX
from ledger.store import log

PART_HEADS: Final = ("Grade", "Brand", "Condition", "Label", "Over age", "Units")
LOT_HEADS: Final = ("Lot", "Grade", "Units")
CANDIDATES_MAX: Final = 60  # lots to choose from on one page
Key = tuple[tuple[str, Any], ...]


def _splittable(ask: Ask) -> str:
    state = lot(ask)
    why = kept(ask)
    if why:
        return why
    if state.listings:
        return "offered"
    if state.inspection is None or state.changed_since_inspection:
        return "not-inspected"
    sorted_ = state.grade is not None and state.key is not None and not state.mixed
    return "nothing-to-sort" if sorted_ or state.sold or not any(state.unclaimed.values()) else ""


def _split_found(ask: Ask, _answers: Mapping[str, Any]) -> Proposal:
    """One child for each kind of unit that the inspection found; what is over age stands apart."""
    state = lot(ask)
    if state.manifest is None:
        parts: list[tuple[Key, list[Item], int]] = [
            ((("grade", grade),), [], count) for grade, count in sorted(state.unclaimed.items()) if count
        ]
    else:
        grouped: dict[Key, list[Item]] = defaultdict(list)
        for item in present(ask):
            grouped[key_of(item)].append(item)
        parts = [(key, items, units_of(items)) for key, items in grouped.items()]
    parts.sort(key=lambda part: -part[2])
    made = sorted(((new_id("lot"), *part) for part in parts[:CHILDREN_MAX]), key=lambda part: part[0])
    rest = [item for _, items, _ in parts[CHILDREN_MAX:] for item in items]
    return _split(ask, made, rest, shown=(_parts_shown(parts),))


def _parts_shown(parts: Sequence[tuple[Key, Sequence[Item], int]]) -> Shown:
    rows: list[tuple[Value, ...]] = []
    for key, _, count in parts:
        facts = dict(key)
        rows.append(
            (
                Word(table="grades", slug=facts.get("grade") or "ungraded"),
                facts.get("brand") or "",
                Word(table="conditions", slug=facts["condition"]) if facts.get("condition") else "",
                Word(table="label_states", slug=facts["label_state"]) if facts.get("label_state") else "",
                Word(table="yes_no", slug="yes" if facts.get("overage") else "no"),
                count,
            )
        )
    return Shown("The lots that come of it", PART_HEADS, tuple(rows))


def _split(
    ask: Ask,
    children: Sequence[tuple[str, Key, Sequence[Item], int]],
    rest: Sequence[Item],
    *,
    shown: tuple[Shown, ...] = (),
) -> Proposal:
    """children: id, key, rows and units of each, ascending by id. rest: rows that stay, in order."""
    state = lot(ask)
    left = state.quantity - sum(count for *_, count in children)
    data = {
        "children": [
            {
                "id": name,
                "quantity": count,
                "key": {member: value for member, value in key if value is not None},
            }
            for name, key, _, count in children
        ],
        "remaining": {"quantity": left},
    }
    rows: list[Facts] = []
    if state.manifest is not None:
        rows = [rows_of(items, name) for name, _, items, _ in children]
        if left:
            rows.append(rows_of(rest, ""))
    wanted = Wanted(
        "lot.split",
        [ask.subject, *(name for name, *_ in children)],
        [own_place(ask, "lot.split", "custodian")],
        data,
        rows=rows,
    )
    then = "follow" if rows else ""
    parts = {name: items for name, _, items, _ in children} | ({ask.subject: rest} if left else {})
    return Proposal(wanted, then=then, told=moved(parts) if rows else {}, shown=shown)


def _divisible(ask: Ask) -> str:
    state = lot(ask)
    why = kept(ask)
    if why:
        return why
    if state.listings:
        return "offered"
    if state.mixed:
        return "sold-unsorted"
    return "" if state.quantity - (state.sold or 0) > 1 else HIDDEN


def _split_off(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """Rows that somebody names, or the last ones; the first ones belong to who bought units."""
    state, name = lot(ask), new_id("lot")
    if state.manifest is None:
        if answers["articles"] or not answers["count"]:
            raise FieldRefused("articles" if answers["articles"] else "count", "count-only")
        chosen, rest, count = [], [], answers["count"]
        if count >= state.quantity - (state.sold or 0):
            raise FieldRefused("count", "leave-one")
    else:
        items = present(ask)
        gone = chosen_rows(free_rows(items, state.sold or 0), answers["articles"], answers["count"])
        chosen = [item for item in items if item.id in gone]
        rest = [item for item in items if item.id not in gone]
        count = units_of(chosen)
        if not rest:
            raise FieldRefused("articles" if answers["articles"] else "count", "leave-one")
    shown = Shown(
        "How the units add up",
        ("What", "Units"),
        (
            ("In the lot now", state.quantity),
            ("In the new lot", count),
            ("Left here", state.quantity - count),
        ),
        worded=True,
    )
    return _split(ask, [(name, (), chosen, count)], rest, shown=(shown,))


def free_rows(items: Sequence[Item], sold: int) -> list[Item]:
    """The rows of which nothing is sold: units are sold from the beginning. sold: units."""
    free, passed = [], 0
    for item in items:
        if passed >= sold:
            free.append(item)
        passed += item.quantity
    return free


def chosen_rows(free: Sequence[Item], named: Sequence[str], count: int | None) -> set[int]:
    """Ids of the rows that go. named: identifiers of articles; else ``count`` units. Raises FieldRefused."""
    if not named and count is None:
        raise FieldRefused("count", "text-missing")
    if not named:
        assert count is not None
        return _last_units(free, count)
    wanted = _by_identifier(free, named)
    if count is not None and units_of([item for item in free if item.id in wanted]) != count:
        raise FieldRefused("count", "counts-differ")
    return wanted


def _by_identifier(free: Sequence[Item], named: Sequence[str]) -> set[int]:
    known = {item.facts["identifier"]: item.id for item in free}
    if not set(named) <= known.keys():
        raise FieldRefused("articles", "article-not-free")
    return {known[name] for name in named}


def _last_units(free: Sequence[Item], count: int) -> set[int]:
    """Whole rows that are exactly ``count`` units, from the end."""
    left, found = count, set()
    for item in reversed(free):
        if item.quantity <= left:
            found.add(item.id)
            left -= item.quantity
    if left:
        raise FieldRefused("count", "rows-stay-whole")
    return found


def _joinable(fits: Callable[[LotState], str]) -> Callable[[Ask], str]:
    def offered(ask: Ask) -> str:
        return whole(ask) or fits(lot(ask)) or ("" if any(_others(ask, fits)) else "nothing-alike")

    return offered


def _sellable(state: LotState) -> str:
    """What a bundle is made of: lots that could be offered as they are."""
    if state.overage or state.inspection is None or state.changed_since_inspection:
        return "not-inspected"
    return "" if state.grade in SELLABLE_GRADES else "not-graded"


def _any(_state: LotState) -> str:
    return ""


def _others(ask: Ask, fits: Callable[[LotState], str]) -> Iterator[tuple[str, LotState]]:
    """Other lots that may become one with this one, by id."""
    state = lot(ask)
    shared = SHARED if fits is _sellable else (*SHARED, *SHARED_IN_MERGE)
    for name, subject in log.subjects_of_kind(ask.connection, "lot"):
        other: LotState = subject.state
        if (
            name != ask.subject
            and other.at_hand
            and other.is_leaf
            and not other.listings
            and not other.sold
            and (other.manifest is None) == (state.manifest is None)
            and not fits(other)
            and all(getattr(other, member) == getattr(state, member) for member in shared)
        ):
            yield name, other


def _options(fits: Callable[[LotState], str]) -> Callable[[Ask], Sequence[Option]]:
    def options(ask: Ask) -> Sequence[Option]:
        found = []
        for name, state in _others(ask, fits):
            facts = [name.partition(":")[2][:6], state.brand or "", state.grade or "", str(state.quantity)]
            found.append(Option(name, " · ".join(fact for fact in facts if fact)))
            if len(found) == CANDIDATES_MAX:
                break
        return found

    return options


def _join(type_: str) -> Callable[[Ask, Mapping[str, Any]], Proposal]:
    def propose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
        names = sorted({ask.subject, *answers["others"]})
        if len(names) > CHILDREN_MAX:
            raise FieldRefused("others", "too-many-lots")
        states = {name: subject.state for name, subject in log.subjects_named(ask.connection, names).items()}
        child = new_id("lot")
        total = sum(state.quantity for state in states.values())
        data = {
            "parents": [{"id": name, "quantity": states[name].quantity} for name in names],
            "child": {"id": child, "quantity": total},
        }
        rows: list[Facts] = []
        items: list[Item] = []
        if lot(ask).manifest is not None:
            items = [item for name in names for item in goods.of_lot(ask.connection, name)]
            if units_of(items) != total:
                raise FieldRefused("others", "units-differ")
            rows = [rows_of(items, child, merged=True)]
        chains = {link for state in states.values() for link in state.authorizations}
        wanted = Wanted(
            type_,
            [*names, child],
            [own_place(ask, type_, "custodian")],
            data,
            refs=sorted(chains) if type_ == "lot.bundled" else (),
            rows=rows,
        )
        then = "follow" if rows else ""
        told = moved({child: items}) if rows else {}
        return Proposal(wanted, then=then, told=told, shown=(_joined_shown(names, states, total),))

    return propose


def _joined_shown(names: Sequence[str], states: Mapping[str, LotState], total: int) -> Shown:
    rows: list[tuple[Value, ...]] = [
        (
            name.partition(":")[2][:6],
            Word(table="grades", slug=states[name].grade or "ungraded"),
            states[name].quantity,
        )
        for name in names
    ]
    rows.append((Word(table="sums", slug="all"), "", total))
    return Shown("The lots that become one", LOT_HEADS, tuple(rows))


ACTIONS: Final[tuple[Action, ...]] = (
    Action("split-found", "lot.split", OPERATOR, "lot", (), _splittable, _split_found, batch=True),
    Action(
        "split-off",
        "lot.split",
        OPERATOR,
        "lot",
        (
            Field(
                "count",
                "count",
                "Units for the new lot",
                "Whole rows, from the end of the lot.",
                False,
                None,
                1,
            ),
            Field(
                "articles",
                "lines",
                "Or these articles",
                "One a line, as scanned: IMEI, serial number or style.",
                False,
            ),
        ),
        _divisible,
        _split_off,
        undone_by="merge",
    ),
    Action(
        "merge",
        "lot.merged",
        OPERATOR,
        "lot",
        (
            Field(
                "others",
                "lots",
                "Together with",
                "Lots of the same kind at the same site.",
                options=_options(_any),
            ),
        ),
        _joinable(_any),
        _join("lot.merged"),
        is_grave=True,
    ),
    Action(
        "bundle",
        "lot.bundled",
        OPERATOR,
        "lot",
        (
            Field(
                "others",
                "lots",
                "Together with",
                "Lots that could be offered, also of other brands. The worst grade counts.",
                options=_options(_sellable),
            ),
        ),
        _joinable(_sellable),
        _join("lot.bundled"),
        is_grave=True,
    ),
)
AFTER: Final[Mapping[str, Effect]] = {"follow": follow}
