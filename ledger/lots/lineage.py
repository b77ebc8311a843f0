"""What a lot came of and what came of it: splits, merges, bundles and returns as one directed graph.

A lot knows its sources and its children, so every walk asks for each lot once and for no other.
"""

from collections.abc import Callable, Iterator

from ledger.lots.state import LotState, Recall, View

StateOf = Callable[[str], LotState | None]  # None: no such lot, or not to be had here


def states(view: View) -> StateOf:
    """The lots of a view, by id."""

    def state_of(lot: str) -> LotState | None:
        subject = view.subject(lot)
        return subject.state if subject is not None and isinstance(subject.state, LotState) else None

    return state_of


def ancestors(lot: str, state_of: StateOf) -> Iterator[str]:
    """Every lot that ``lot`` came of, each once, nearest first (breadth first)."""
    return _walk(lot, state_of, lambda state: state.sources)


def descendants(lot: str, state_of: StateOf) -> Iterator[str]:
    """Every lot that came of ``lot``, each once, nearest first (breadth first)."""
    return _walk(lot, state_of, lambda state: state.children)


def recalls(lot: str, state_of: StateOf) -> Iterator[tuple[str, Recall]]:
    """The recalls that hold for a lot now, its own first: (the lot that was recalled, the recall)."""
    for name in (lot, *ancestors(lot, state_of)):
        state = state_of(name)
        if state is not None:
            for recall in state.recalls:
                yield name, recall


def reach(lot: str, state_of: StateOf) -> list[str]:
    """Every lot that a recall of ``lot`` holds for. Whoever bought of one of them has to be told."""
    return [lot, *descendants(lot, state_of)]


def until(lot: str, state_of: StateOf, born: Callable[[str], int]) -> list[tuple[str, int]]:
    """(lot, last index of its chain that belongs to the history of ``lot``), the lot itself last.

    born: index of a lot's first record. An ancestor's records count up to the last split, merge or
    return that gave units to a lot of this lineage; the lot's own count without end.
    """
    line: dict[str, int] = {lot: 2**63}
    todo = [lot]
    while todo:
        name = todo.pop()
        state = state_of(name)
        left = born(name)
        for source in state.sources if state else ():
            if line.get(source, -1) < left:
                line[source] = left
                todo.append(source)
    own = line.pop(lot)
    return [*sorted(line.items(), key=lambda item: born(item[0])), (lot, own)]


def _walk(lot: str, state_of: StateOf, next_of: Callable[[LotState], list[str]]) -> Iterator[str]:
    seen, layer = {lot}, [lot]
    while layer:
        below: list[str] = []
        for name in layer:
            state = state_of(name)
            for other in next_of(state) if state else ():
                if other not in seen:
                    seen.add(other)
                    below.append(other)
        yield from below
        layer = below
