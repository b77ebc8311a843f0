"""Sampling plans as data: one TOML file a version, known by the SHA-256 of its bytes.

A lot's size and the inspection level give a code letter; letter, severity and AQL (acceptance quality
limit, in per cent nonconforming) give a plan, or an arrow to the first plan below or above it.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ledger.errors import InvalidRecord
from ledger.records.inspection import Level, Severity

LETTERS = "ABCDEFGHJKLMNPQR"
_NUMBERS = re.compile(r"(0|[1-9][0-9]{0,2})/([1-9][0-9]{0,2})")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Plan(_Closed):
    """Draw ``sample_size`` units; the lot passes up to ``accept`` nonconforming ones, fails from ``reject``.

    letter: the row that the plan stands in, which an arrow may have led to.
    """

    letter: str
    sample_size: int
    accept: int
    reject: int


class LotSizes(_Closed):
    """Letters of lots of up to ``at_most`` units, one for each level; no bound in the last line."""

    at_most: int | None = None
    letters: str = Field(pattern=r"^[A-HJ-NP-R]{7}$")


class Row(_Closed):
    """size: units to draw; plans: a cell for each AQL, ``Ac/Re``, ``v`` or ``^``."""

    size: int = Field(ge=2)
    plans: tuple[str, ...]

    @field_validator("plans", mode="before")
    @classmethod
    def _cells(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value


class Tables(_Closed):
    """One version of one set of tables; sha256 (hex) is of the file it was read from."""

    id: str
    version: str
    effective: date
    source: str
    levels: tuple[Level, ...]
    lots: tuple[LotSizes, ...]
    aqls: tuple[str, ...]
    normal: dict[str, Row]
    tightened: dict[str, Row]
    reduced: dict[str, Row]
    sha256: str

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.levels != get_args(Level):
            raise ValueError("levels are S-1 to III")
        bounds = [line.at_most for line in self.lots]
        known = [bound for bound in bounds if bound is not None]
        if bounds[-1] is not None or len(known) != len(bounds) - 1 or known != sorted(set(known)):
            raise ValueError("lot sizes ascend, the last without bound")
        for severity in get_args(Severity):
            table: dict[str, Row] = getattr(self, severity)
            if "".join(table) != LETTERS or any(len(row.plans) != len(self.aqls) for row in table.values()):
                raise ValueError(f"{severity} has a row for each letter and a cell for each AQL")
            for column, aql in enumerate(self.aqls):
                for letter in LETTERS:
                    _follow(table, letter, column, f"{severity}, AQL {aql}")
        return self

    def letter(self, lot_size: int, level: Level) -> str:
        """The code letter of a lot of ``lot_size`` units, at least one."""
        line = next(line for line in self.lots if line.at_most is None or lot_size <= line.at_most)
        return line.letters[self.levels.index(level)]

    def plan(self, lot_size: int, *, level: Level, severity: Severity, aql: str) -> Plan:
        """The plan of a lot. A sample that would be no smaller than the lot is the whole lot.

        Raises InvalidRecord for an AQL that the tables do not have.
        """
        if aql not in self.aqls:
            raise InvalidRecord(f"is none of the AQLs {', '.join(self.aqls)}", pointer="/data/aql")
        table: dict[str, Row] = getattr(self, severity)
        found = _follow(table, self.letter(lot_size, level), self.aqls.index(aql), severity)
        return found.model_copy(update={"sample_size": min(found.sample_size, lot_size)})


def _follow(table: Mapping[str, Row], letter: str, column: int, where: str) -> Plan:
    """The plan of a cell, or the one that its arrow leads to. Raises ValueError where none is."""
    at, came = LETTERS.index(letter), ""
    while 0 <= at < len(LETTERS):
        row = table[LETTERS[at]]
        cell = row.plans[column]
        numbers = _NUMBERS.fullmatch(cell)
        if numbers:
            accept, reject = int(numbers[1]), int(numbers[2])
            if accept >= reject or reject > row.size:
                raise ValueError(f"{where}, {LETTERS[at]}: {cell} is no plan")
            return Plan(letter=LETTERS[at], sample_size=row.size, accept=accept, reject=reject)
        if cell not in ("v", "^") or (came and cell != came):
            raise ValueError(f"{where}, {LETTERS[at]}: {cell} leads nowhere")
        came = cell
        at += 1 if cell == "v" else -1
    raise ValueError(f"{where}: the arrow at {letter} leads out of the table")


def parse_tables(data: bytes) -> Tables:
    """Read one file of tables (TOML). Raises InvalidRecord when it is not TOML or not whole."""
    try:
        return Tables.model_validate({**tomllib.loads(data.decode()), "sha256": sha256(data).hexdigest()})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRecord(f"the tables are not TOML: {error}") from error
    except ValidationError as error:
        raise InvalidRecord(f"the tables are malformed: {error.errors()[0]['msg']}") from error


@lru_cache(maxsize=1)
def known_tables() -> Mapping[str, Tables]:
    """Every version of every set of tables that we ship, by the SHA-256 of its file."""
    files = [file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml")]
    return {tables.sha256: tables for tables in (parse_tables(file.read_bytes()) for file in files)}
