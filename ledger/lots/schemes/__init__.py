"""Grading schemes: rules as data, one TOML file a version, known by the SHA-256 of its bytes.

A scheme is a list of parts, a part a list of rows; the first row that fits is taken. ``grading``
is the engine. Source of the first four: records.md section 8.
"""

import tomllib
from datetime import date
from hashlib import sha256
from importlib import resources
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.errors import InvalidRecord

NUMBER = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,6})?$"  # a plain, non-negative decimal
Number = Annotated[str, Field(pattern=NUMBER)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Row(_Closed):
    """One line of a part: conditions that must all hold, and what follows.

    A row without conditions fits whatever is left; one without score and grade lets pass.
    """

    is_: tuple[Slug, ...] = Field(default=(), alias="is")
    at_most: Number | None = None
    at_least: Number | None = None
    score: int | None = Field(default=None, ge=0, le=100)
    grade: Literal["X", "ungraded"] | None = None
    reason: Slug | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.grade is not None and (self.score is not None or self.reason is None):
            raise ValueError("a row that sets a grade has a reason and no score")
        return self

    @property
    def bounded(self) -> bool:
        return self.at_most is not None or self.at_least is not None


class Part(_Closed):
    """What is judged: ``input`` names the measurement.

    unit: of the measured input, or of ``size``, the quantity measured beside a said input
    (a dent and its length). maximum: largest value that can be true, as 100 for a percentage.
    """

    name: Slug
    input: Slug
    size: Slug | None = None
    unit: str | None = None
    maximum: Number | None = None
    rows: tuple[Row, ...] = Field(min_length=1)

    @property
    def measured(self) -> bool:
        """Whether the input itself is a quantity; otherwise it is a word."""
        return self.unit is not None and self.size is None

    @model_validator(mode="after")
    def _bounds_have_a_unit(self) -> Self:
        if self.unit is None and (self.size or self.maximum or any(row.bounded for row in self.rows)):
            raise ValueError(f"{self.name}: bounds need a unit")
        return self


class Boundary(_Closed):
    grade: Literal["A", "B", "C"]
    at_least: int = Field(ge=0, le=100)


class Scheme(_Closed):
    """One version of one grading scheme; sha256 (hex) is of the file it was read from."""

    id: Slug
    version: str = Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}$")
    effective: date
    source: str
    grades: tuple[Boundary, ...]
    parts: tuple[Part, ...] = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _every_score_has_a_grade(self) -> Self:
        bounds = [boundary.at_least for boundary in self.grades]
        if not bounds or bounds[-1] != 0 or sorted(set(bounds), reverse=True) != bounds:
            raise ValueError("grade boundaries descend to 0")
        if not any(all(row.score is not None or row.grade for row in part.rows) for part in self.parts):
            raise ValueError("no part always gives a score")
        return self


def parse_scheme(data: bytes) -> Scheme:
    """Read one scheme file (TOML).

    Raises InvalidRecord when it is not TOML or breaks the model of a scheme.
    """
    try:
        return Scheme.model_validate({**tomllib.loads(data.decode()), "sha256": sha256(data).hexdigest()})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidRecord(f"the scheme is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "".join(f"/{step}" for step in first["loc"])
        raise InvalidRecord(f"the scheme is malformed: {first['msg']}", pointer=pointer) from error


def all_schemes() -> list[Scheme]:
    """Every version of every scheme that comes with this package, by id and version.

    A file is never edited: what it says next is the next version, in a file of its own.
    """
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
    schemes = [parse_scheme(file.read_bytes()) for file in files]
    return sorted(schemes, key=lambda scheme: (scheme.id, _ordered(scheme.version)))


def load_schemes() -> dict[str, Scheme]:
    """Read the schemes that come with this package, by id; of several versions the last."""
    return {scheme.id: scheme for scheme in all_schemes()}


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
