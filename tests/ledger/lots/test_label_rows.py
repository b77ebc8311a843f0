"""Labels: a code's first one is told from every later one; private rows stand for what was printed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ledger.author import Draft, described, salted_rows
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.rowforms import check_labels
from ledger.records.labels import LABELS, LabelsPrinted
from tests.ledger.goods import Floor, MemoryLog
from tests.ledger.world import but, hand

CODES = [f"{n:02x}" * 32 for n in range(1, 5)]


def issued(lot: str, codes: Sequence[str], level: str = "article") -> Draft:
    hands = [hand("operator", "custodian", "floor")]
    return Draft("codes.issued", hands, {"level": level, "codes": list(codes)}, [lot])


def printed(
    lot: str, rows: Sequence[Mapping[str, Any]], *, reason: str | None = None, **changes: Any
) -> Draft:
    salted = salted_rows(rows)
    data = {
        "labels": sum(row.get("copies", 1) for row in rows),
        "purpose": "reprint" if reason else "first",
        "reason": reason,
        "format": "a4_3x8",
        "manifest": described(salted, LABELS),
    }
    draft = Draft("labels.printed", [hand("operator", "custodian", "floor")], data, [lot], rows=[salted])
    return but(draft, **changes)


def rows_of(codes: Sequence[str], **more: Any) -> list[dict[str, Any]]:
    return [{"code": code, **more} for code in codes]


@pytest.fixture
def floor() -> Floor:
    return Floor(MemoryLog())


@pytest.fixture
def lot(floor: Floor) -> str:
    name = floor.lot("AAAA")
    floor.take(issued(name, CODES[:3]))
    return name


def test_first_labels_are_as_many_as_codes_and_every_other_one_says_why(floor: Floor, lot: str) -> None:
    floor.take(printed(lot, rows_of(CODES[:2])))
    assert floor.state(lot).labels == {"first": 2}
    message = floor.refused(printed(lot, rows_of(CODES[:2])))
    assert "4 codes labelled for the first time, 3 issued: the others are reprints" in message
    floor.take(printed(lot, rows_of(CODES[:2]), reason="label_damaged"))
    floor.take(printed(lot, rows_of(CODES[2:3])))
    assert floor.state(lot).labels == {"first": 3, "reprint": 2}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"data": {"reason": "label_lost"}}, InvalidRecord, "/data/reason: a reprint, and nothing else"),
        ({"data": {"purpose": "reprint"}}, InvalidRecord, "/data/reason: a reprint, and nothing else"),
        ({"data": {"labels": 1}}, InvalidRecord, "/data: has one row of labels/1 a code"),
        ({"data": {"format": "A4"}}, InvalidRecord, "/data/format"),
        ({"data": {"code": CODES[0]}}, InvalidRecord, "/data/code"),
        ({"hands": [hand("stranger", "custodian", "thief")]}, NotYourLot, "not the lot's custodian"),
    ],
)
def test_a_run_that_does_not_add_up_is_refused(
    floor: Floor, lot: str, changes: dict[str, Any], error: type[InvalidRecord], message: str
) -> None:
    assert message in floor.refused(printed(lot, rows_of(CODES[:2]), **changes), error)


def test_a_lot_without_codes_has_no_labels(floor: Floor) -> None:
    bare = floor.lot("A")
    assert "the lot has no codes" in floor.refused(printed(bare, rows_of(CODES[:1]), reason="label_lost"))


def test_labels_follow_the_goods_through_a_split_and_a_sale(floor: Floor, lot: str) -> None:
    (child,) = floor.take(floor.split(lot, [2, 2], grade="A"))
    floor.take(printed(lot, rows_of(CODES[:1])))
    assert (floor.state(lot).labels, floor.state(child).labels) == ({"first": 1}, {})
    assert floor.state(child).quantity == 2, "nothing of the goods changes"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*rows_of(CODES[:1]), *rows_of(CODES[:1])], "/rows/1/code: a run names each code once"),
        (rows_of(["no hash"]), "/rows/0: is no label"),
        (rows_of(CODES[:1], hidden="short"), "/rows/0: is no label"),
        (rows_of(CODES[:1], copies=0), "/rows/0: is no label"),
        (rows_of(CODES[:1], note="for Mrs Wang"), "/rows/0: is no label"),
        (rows_of(CODES[:1], copies=2, hidden="ab" * 32), "/rows/0/copies: a hidden code stands on one label"),
    ],
)
def test_a_row_that_is_no_label_is_refused(rows: list[dict[str, Any]], message: str) -> None:
    salted = salted_rows(rows)
    data = LabelsPrinted.model_validate(
        {
            "labels": sum(row.get("copies", 1) or 1 for row in rows),
            "purpose": "first",
            "format": "a4_3x8",
            "manifest": described(salted, LABELS),
        }
    )
    with pytest.raises(InvalidRecord) as refused:
        check_labels(data, salted.rows)
    assert message in str(refused.value)


def test_rows_that_sum_to_other_labels_are_refused() -> None:
    salted = salted_rows(rows_of(CODES[:2], copies=3))
    data = LabelsPrinted.model_validate(
        {"labels": 7, "purpose": "first", "format": "a4_3x8", "manifest": described(salted, LABELS)}
    )
    with pytest.raises(InvalidRecord, match="/data/labels: the rows give 6"):
        check_labels(data, salted.rows)


def test_erased_rows_are_not_judged() -> None:
    salted = salted_rows(rows_of(CODES[:2]))
    data = LabelsPrinted.model_validate(
        {"labels": 9, "purpose": "first", "format": "a4_3x8", "manifest": described(salted, LABELS)}
    )
    assert not check_labels(data, [salted.rows[0], None])
