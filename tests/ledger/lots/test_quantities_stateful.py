"""Any sequence of records: quantities and cost are conserved, and every prefix folds to the same.

``python -m tests.torture --round goods`` plays longer ones through a whole installation.
"""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.core.leaf import Leaf
from ledger.lots.lineage import ancestors, descendants, states
from ledger.lots.state import MODELS, Subject, printed
from tests.ledger.goods import CHOICES, Floor, MemoryLog

NUMBER = st.integers(min_value=0, max_value=255)


class Goods(RuleBasedStateMachine):
    """One warehouse from its first delivery on; what is refused must leave everything as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.log = MemoryLog()
        self.floor = Floor(self.log)

    @initialize(quantity=st.integers(min_value=2, max_value=9))
    def two_deliveries(self, quantity: int) -> None:
        for _ in range(2):
            draft = self.floor.declared(quantity)
            self.floor.note(draft, self.log.record(draft))
            assert self.floor.do("receive", len(self.floor.lots) - 1, 1, 0)
            assert self.floor.do("inspect", len(self.floor.lots) - 1, 0, 1)

    @rule(action=st.sampled_from(CHOICES), a=NUMBER, b=NUMBER, c=NUMBER)
    def anything(self, action: str, a: int, b: int, c: int) -> None:
        before, size = self.log.printed(), self.log.replay.size
        taken = self.floor.do(action, a, b, c)
        if not taken and action != "inspect":  # which assigns the work first
            assert self.log.printed() == before, "a refused record left a trace"
            assert self.log.replay.size == size

    @invariant()
    def quantities_balance(self) -> None:
        lots = [(name, self.floor.state(name)) for name in self.floor.lots]
        assert self.floor.book.differences(lots) == []
        assert sum(self.floor.book.units.values()) == 0, "a unit came from nowhere"
        assert all(n >= 0 for account, n in self.floor.book.units.items() if account.place != "source")

    @invariant()
    def cost_is_what_was_paid(self) -> None:
        assert self.floor.book.total_cost().get("CNY", 0) == self.floor.paid
        assert all(cost["CNY"] >= 0 for cost in self.floor.book.costs.values())

    @invariant()
    def every_end_is_one_end(self) -> None:
        for name in self.floor.lots:
            lot = self.floor.state(name)
            assert (lot.exit is None) == (lot.exited == 0)
            assert lot.exit is None or lot.quantity == 0

    def teardown(self) -> None:
        """From every prefix, as a store keeps it, the rest of the log gives the same states."""
        again, kept = self.log.again(), dict[str, Any]()
        for encoded in self.log.leaves:
            again.take(encoded)
            for link in Leaf.parse(encoded).record.body.subjects:
                subject = again.state.subjects[link.id]
                stored = printed(subject.state)
                model = MODELS[link.id.partition(":")[0]]
                state = model.model_validate_json(stored)
                again.state.subjects[link.id] = Subject(head=subject.head, state=state)
                kept[link.id] = stored
        assert kept == self.log.printed()
        state_of = states(self.log.replay)
        for name in self.floor.lots:
            for child in descendants(name, state_of):
                assert name in ancestors(child, state_of)


Goods.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestGoods = Goods.TestCase
