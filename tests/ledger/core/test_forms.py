"""What is checked by hand for speed says yes to exactly what its model says yes to."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from ledger.core import canonical, envelope, leaf
from tests.ledger.core.records import HASH, LOT, PARTY, START, body, record

NASTY: list[Any] = [
    *(
        "",
        "a",
        "A",
        "lot.received",
        "lot.received.v2",
        "lot.received.v0",
        "x" * 64,
        "x" * 65,
        "a" * 64 + "\n",
    ),
    *(HASH, HASH.upper(), HASH + "\n", HASH[:-1], START, LOT, LOT + "\n", LOT.upper(), PARTY),
    *("worker:00000000000000000009", "worker:0000000000000000000u", "custodian", "custodian\n", "٣" * 64),
    *(0, 1, -1, 2, 2**53 - 1, 2**53, 1.0, True, False, None),
    *([], {}, [[]], [{}], ["a"], {"a": 1}, {"a": HASH}, {"A": HASH}, {"a" * 65: HASH}, {"a\n": HASH}),
    *([None] * 9, [{"id": LOT, "seq": 0, "prev": START}], [{"id": LOT, "event_id": HASH}]),
]


def _full() -> dict[str, Any]:
    return body(refs=[{"id": LOT, "event_id": HASH}], performed_by="worker:00000000000000000009")


def _leaf() -> dict[str, Any]:
    made = leaf.sequenced(record(), index=7, previous=HASH, recorded_at="2026-11-20T01:00:07Z")
    value: Any = canonical.loads(made.encoded)
    return value  # type: ignore[no-any-return]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, member name or index) of everything inside ``value``."""
    for place in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, place
        if isinstance(value[place], dict | list):
            yield from _places(value[place])


def _altered(value: dict[str, Any]) -> Iterator[Any]:
    """``value``, and it with each member left out, doubled, or replaced by each nasty value."""
    yield copy.deepcopy(value)
    for n in range(len(list(_places(value)))):
        for how in ("out", "more", *NASTY):
            made = copy.deepcopy(value)
            container, place = list(_places(made))[n]
            if how == "out":
                del container[place]
            elif how == "more" and isinstance(container, dict):
                container["another"] = container[place]
            elif how == "more":
                container += [container[place]] * 128
            else:
                container[place] = how
            yield made


def _accepted(model: type[BaseModel], value: Any) -> BaseModel | None:
    try:
        return model.model_validate(value)
    except ValidationError:
        return None


def test_a_body_has_the_form_that_its_model_says() -> None:
    both = 0
    for value in _altered(_full()):
        by_hand, by_model = envelope._formed(value), _accepted(envelope.Body, value)
        if "performed_by" in value and value["performed_by"] is None:
            assert by_hand is None, "null stands for absence in the model and nowhere in a record"
            continue
        assert by_hand == by_model, value
        if by_hand is not None and by_model is not None:
            assert by_hand.model_dump() == by_model.model_dump()
            both += 1
    assert both > 20


def test_a_leaf_has_the_form_that_its_model_says() -> None:
    for value in _altered(_leaf()):
        assert leaf._formed(value) == (_accepted(leaf._Members, value) is not None), value


@pytest.mark.parametrize("value", NASTY)
def test_what_is_no_object_has_no_form(value: Any) -> None:
    assert envelope._formed(value) is None
    assert not leaf._formed(value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_value_in_any_place_is_judged_alike(value: Any) -> None:
    for name in body():
        changed = body(**{name: value})
        assert envelope._formed(changed) == _accepted(envelope.Body, changed), changed
