"""Where lots came from and what became of them, for families of any form and size."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from ledger.lots.lineage import ancestors, descendants, reach, recalls, until
from ledger.lots.state import UNTOLD, LotState, Recall

MANY = 10_000


def family(edges: Mapping[int, list[int]]) -> dict[str, LotState]:
    """edges: lot -> the lots that it was made of."""
    names = {*edges, *(source for sources in edges.values() for source in sources)}
    children: dict[int, list[int]] = {name: [] for name in names}
    for name, sources in edges.items():
        for source in sources:
            children[source].append(name)
    return {
        str(name): UNTOLD.model_copy(
            update={
                "merged_from": [str(s) for s in edges.get(name, [])],
                "children": [str(c) for c in children[name]],
            }
        )
        for name in names
    }


def test_ten_thousand_lots_are_each_asked_for_once() -> None:
    lots = family({n: [(n - 1) // 3] for n in range(1, MANY)})
    asked: list[str] = []

    def state_of(name: str) -> LotState | None:
        asked.append(name)
        return lots.get(name)

    assert len(list(descendants("0", state_of))) == MANY - 1
    assert len(asked) == len(set(asked)) == MANY


def test_a_line_of_ten_thousand_is_no_recursion() -> None:
    lots = family({n: [n - 1] for n in range(1, MANY)})
    assert list(ancestors(str(MANY - 1), lots.get)) == [str(n) for n in reversed(range(MANY - 1))]


def test_a_lot_that_two_parents_share_counts_once() -> None:
    lots = family({1: [0], 2: [0], 3: [1, 2]})
    assert list(ancestors("3", lots.get)) == ["1", "2", "0"]
    assert reach("0", lots.get) == ["0", "1", "2", "3"]


def test_an_ancestors_history_counts_up_to_the_last_units_that_it_gave() -> None:
    lots = family({1: [0], 2: [0], 3: [1, 2]})
    born = {"0": 1, "1": 5, "2": 8, "3": 9}
    assert until("3", lots.get, born.__getitem__) == [("0", 8), ("1", 9), ("2", 9), ("3", 2**63)]
    assert until("1", lots.get, born.__getitem__) == [("0", 5), ("1", 2**63)]


def test_a_recall_of_an_ancestor_holds_until_it_ends() -> None:
    lots = family({1: [0], 2: [1]})
    recall = Recall(event_id="ab" * 32, index=3, by="brand", key="cd" * 32, reason="safety")
    lots["0"] = lots["0"].model_copy(update={"recalls": [recall]})
    assert list(recalls("2", lots.get)) == [("0", recall)]
    assert list(recalls("2", family({1: [0], 2: [1]}).get)) == []


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=30))
def test_ancestors_and_descendants_mirror_each_other(sources: list[list[int]]) -> None:
    lots = family({n: sorted({s for s in own if s < n}) for n, own in enumerate(sources)} | {0: []})
    for name in lots:
        assert all(name in ancestors(child, lots.get) for child in descendants(name, lots.get))
        assert all(name in descendants(above, lots.get) for above in ancestors(name, lots.get))
