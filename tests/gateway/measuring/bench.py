"""A bench in tests: what an inspector types, taken from what the supplier's file says was measured."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from gateway import policies
from gateway.measuring.questions import questions, typed
from gateway.store import goods
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows.measure import scheme_of
from ledger.lots.state import LotState, WorkState
from ledger.store import log

KINDS = ("phones", "apparel", "appliances")
OPERATOR = tomllib.loads(resources.files(policies).joinpath("story.toml").read_text())["operator"]


@dataclass(frozen=True)
class Bench:
    """A work order and the articles on it."""

    installation: Installation
    work: str
    lot: str
    items: list[Item]

    @property
    def href(self) -> str:
        return f"/measure/{self.work.partition(':')[2]}"

    def article(self, slot: str) -> str:
        return f"{self.href}/articles/{slot}"

    def answers(self, item: Item) -> dict[str, str]:
        """The supplier's own measurements as somebody would type them."""
        scheme = scheme_of(item.category)
        assert scheme is not None
        return typed(questions(scheme), item.facts["measurement"])

    @property
    def state(self) -> WorkState:
        return self._subject(self.work)

    @property
    def goods(self) -> LotState:
        return self._subject(self.lot)

    def now(self) -> list[Item]:
        with self.installation.database.reading() as connection:
            return goods.of_lot(connection, self.lot)

    def _subject(self, name: str) -> Any:
        with self.installation.database.reading() as connection:
            found = log.subject(connection, name)
        assert found is not None
        return found.state
