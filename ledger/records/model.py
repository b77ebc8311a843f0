"""What the models of all record types share: field grammars and the description of a type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash
from ledger.errors import InvalidRecord

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\z", max_length=40)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\z")]  # ISO 3166-1 alpha-2
Unit = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,3}\z")]  # UN/ECE Rec 20
Gtin = Annotated[str, StringConstraints(pattern=r"^[0-9]{14}\z")]
Positive = Annotated[int, Field(ge=1, le=2**53 - 1)]
Grade = Literal["A", "B", "C", "X", "ungraded"]
Condition = Literal["new", "opened", "returned", "used", "refurbished"]
LabelState = Literal["intact", "missing", "cut"]
Amount = Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?\z")]


@lru_cache(maxsize=4096)
def _real_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z"), AfterValidator(_real_day)]


class Money(Closed):
    """amount_minor in the currency's minor unit (ISO 4217)."""

    amount_minor: Count
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}\z")]


class Manifest(Closed):
    """Rows under one root. count: rows; rows_root: RFC 6962 root in hex."""

    schema_: Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}/[1-9][0-9]{0,3}\z")] = Field(
        alias="schema"
    )
    count: Positive
    rows_root: Hash


@dataclass(frozen=True, slots=True)
class RecordType:
    """One type. author: the role of the first signer; others: roles that may sign beside it.

    commits: committed field -> what its opened value must be. Every field is declared once, public
    in ``model`` or committed here. stem: the name without its version suffix, as key scopes spell it.
    """

    name: str
    model: type[Closed]
    author: str
    others: frozenset[str] = frozenset()
    commits: Mapping[str, TypeAdapter[Any]] = field(default_factory=dict)
    stem: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stem", ".".join(self.name.split(".")[:2]))

    def check_value(self, name: str, value: Any) -> None:
        """Raise InvalidRecord unless ``value`` is a legal value of the committed field."""
        try:
            self.commits[name].validate_python(value, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = "".join(f"/{part}" for part in first["loc"])
            raise InvalidRecord(first["msg"], pointer=f"/open/{name}/value{place}") from error


TEXT: TypeAdapter[Any] = TypeAdapter(Text)
MONEY: TypeAdapter[Any] = TypeAdapter(Money)
COUNT: TypeAdapter[Any] = TypeAdapter(Positive)
TEXTS: TypeAdapter[Any] = TypeAdapter(list[Text])
COUNTRIES: TypeAdapter[Any] = TypeAdapter(list[Country])
AMOUNT: TypeAdapter[Any] = TypeAdapter(Amount)
HASH: TypeAdapter[Any] = TypeAdapter(Hash)
SLUG: TypeAdapter[Any] = TypeAdapter(Slug)
