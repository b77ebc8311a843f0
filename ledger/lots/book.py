"""Units and cost of every lot, posted movement by movement: neither is ever created or lost.

Cost enters with the goods, goes wherever they go by largest remainder, and stays with those that are
sold, lost or destroyed: so the accounts always sum to what was paid. It belongs to finance and stands in
no record but as commitments; whoever keeps a book has the prices.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ledger.core.canonical import JsonValue
from ledger.core.subjects import kind_of
from ledger.lots.cost import allocate
from ledger.lots.movements import HERE, SHORT, SOLD, SOURCE, UNIDENTIFIED, Account, Movement, movements
from ledger.lots.state import UNTOLD, Head, LotState, Subject
from ledger.records.registry import Typed

Cost = Mapping[str, int]  # currency -> minor units


class Book:
    """Accounts by lot and place. unknown: lots of which a moved quantity is not open."""

    def __init__(self) -> None:
        self.units: Counter[Account] = Counter()
        self.costs: dict[Account, Counter[str]] = {}
        self.unknown: set[str] = set()

    def carry(self, lot: str, cost: Cost) -> None:
        """Add to what the units that are here have cost: the price, freight, a repair."""
        self.costs.setdefault(Account(lot, HERE), Counter()).update(cost)

    def post(self, moves: Sequence[Movement], *, weights: Sequence[int] | None = None) -> None:
        """Move units and the cost that they carry. moves: of one record.

        weights: what each movement's units are worth, then what the units that stay are, where cost
        is not to follow the number of units; for the movements of one split. What never arrived
        carries no cost: it was not there to be paid for.

        Raises ValueError when an account has not what leaves it; then nothing has moved.
        """
        known = [move for move in moves if move.quantity is not None]
        self._check(known)
        self.unknown |= {move.source.lot for move in moves if move.quantity is None}
        if weights is not None:
            self._share(known, weights)
            self._count(known)
            return
        for group in _by_step(known):
            staying = self.units[group[0].source] - sum(move.quantity or 0 for move in group)
            leaving = [0 if move.target.place == SHORT else move.quantity or 0 for move in group]
            self._share(group, [*leaving, max(staying, 0)])
            self._count(group)

    def enter(self, typed: Typed, opened: Mapping[str, JsonValue]) -> None:
        """Post what a record moves, and carry the price of a declaration. Records come in log order.

        opened: its committed values, as far as they are to be had. Raises ValueError as ``post`` does.
        """
        self.post(movements(typed, self._before(typed), opened))
        price = opened.get("price")
        if typed.type.name == "lot.declared" and isinstance(price, dict):
            (lot,) = typed.record.body.subjects
            self.carry(lot.id, {price["currency"]: price["amount_minor"]})

    def _before(self, typed: Typed) -> dict[str, Subject | None]:
        """The lots of an accepted record as it found them: as far as its movements depend on it."""
        found: dict[str, Subject | None] = {}
        for link in typed.record.body.subjects:
            if kind_of(link.id) != "lot" or link.seq == 0:
                found[link.id] = None
                continue
            sold, here = self.units[Account(link.id, SOLD)], self.units[Account(link.id, HERE)]
            state = UNTOLD.model_copy(
                update={
                    "quantity": here + sold,
                    "unidentified": self.units[Account(link.id, UNIDENTIFIED)],
                    "sold": None if link.id in self.unknown else sold,
                }
            )
            head = Head(seq=link.seq - 1, event_id=link.prev, index=0)
            found[link.id] = Subject(head=head, state=state)
        return found

    def lot(self, name: str) -> dict[str, int]:
        """Units of a lot by place; places without any are left out."""
        return {place: n for (lot, place), n in sorted(self.units.items()) if lot == name and n}

    def cost(self, account: Account) -> Cost:
        return self.costs.get(account, Counter())

    def total_cost(self) -> Cost:
        """Of all accounts together: what was paid for everything ever bought."""
        total: Counter[str] = Counter()
        for cost in self.costs.values():
            total.update(cost)
        return total

    def differences(self, states: Iterable[tuple[str, LotState]]) -> list[str]:
        """Where lots as the records fold them are not what the movements sum to; [] when all agree."""
        found = []
        for name, lot in states:
            places = self.lot(name)
            sold = places.get("sold", 0)
            pairs = {"quantity": (lot.quantity, places.get(HERE, 0) + sold)}
            if name not in self.unknown:
                pairs["sold"] = (lot.sold or 0, sold)
            if lot.exit not in (None, "merged"):
                pairs["exited"] = (lot.exited, places.get(lot.exit or "", 0))
            found += [f"{name}: {what} {a}, moved {b}" for what, (a, b) in pairs.items() if a != b]
        return found

    def _check(self, moves: Sequence[Movement]) -> None:
        left = {account: self.units[account] for move in moves for account in (move.source, move.target)}
        for source, target, quantity in moves:
            assert quantity is not None
            left[source] -= quantity
            left[target] += quantity
            if source.place != SOURCE and left[source] < 0:
                raise ValueError(f"{source.lot} has not {quantity} units {source.place}")

    def _share(self, moves: Sequence[Movement], weights: Sequence[int]) -> None:
        if not moves or moves[0].source.place == SOURCE:
            return
        cost = self.costs.get(moves[0].source)
        if not cost:
            return
        for currency, amount in list(cost.items()):
            *shares, staying = allocate(amount, weights)
            for move, share in zip(moves, shares, strict=True):
                self.costs.setdefault(move.target, Counter())[currency] += share
            cost[currency] = staying

    def _count(self, moves: Sequence[Movement]) -> None:
        for source, target, quantity in moves:
            assert quantity is not None
            self.units[source] -= quantity
            self.units[target] += quantity


def _by_step(moves: Sequence[Movement]) -> Iterable[Sequence[Movement]]:
    """Neighbouring movements out of one account into other lots share its cost in one division.

    A count changes its own lot first: those movements follow each other.
    """
    group: list[Movement] = []
    for move in moves:
        together = group and move.source == group[-1].source and move.target.lot != move.source.lot
        if group and not together:
            yield group
            group = []
        group.append(move)
    if group:
        yield group
