"""One thing that a person may state: who, when it is offered, which fields it asks, which record it makes.

Pages and ``/v1/…/actions`` are two faces of the same table (``gateway.statements.catalogue``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import Connection

from gateway.errors import RequestRefused
from gateway.pages.views.values import Value
from gateway.people.identity import Identity
from gateway.permissions import Role
from gateway.wiring import Installation
from gateway.workflows.prepare import Wanted
from ledger.core.canonical import JsonValue

Kind = Literal[
    "text",  # str, one line, at most 200 bytes
    "lines",  # tuple[str, ...]
    "count",  # int
    "money",  # {"amount_minor": int, "currency": str}
    "day",  # date
    "mass",  # int, grams
    "decimal",  # Decimal
    "choice",  # str, one of the options
    "choices",  # tuple[str, ...] of the options
    "party",  # str, a party's id
    "lot",  # str, a lot's id
    "lots",  # tuple[str, ...]
    "file",  # str, SHA-256 of what was sent along
    "countries",  # tuple[str, ...], ISO 3166-1 alpha-2, ascending
    "yes",  # bool
    "worker",  # str, pseudonym ``worker:…``
]
On = Literal["lot", "party", "authorization", "work", "shipment", "nothing"]
HIDDEN: Final = "hidden"
TERRITORY: Final = "territory"  # table of an option whose label is a country's code


class FieldRefused(RequestRefused):
    """An answer that cannot be taken. field: "" for the whole form; slug: of ``words.FORM_ERRORS``.

    told: what the words need beside it, e.g. ``party`` and ``role`` of ``no-key``. reasons: of the gate.
    """

    def __init__(self, field: str, slug: str, *, reasons: Sequence[str] = (), **told: str) -> None:
        error = {"pointer": f"/answers/{field}" if field else "", "code": slug, "facts": told}
        more = {"reasons": list(reasons)} if reasons else {}
        super().__init__("invalid-request", errors=[{**error, **more}])
        self.args = (f"{field or 'form'}: {slug}",)
        self.field = field
        self.slug = slug
        self.told = told


@dataclass(frozen=True, slots=True)
class Option:
    """value: what is sent. label: text of others, or a slug of the words table that ``table`` names."""

    value: str
    label: str
    table: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """What an action looks at. party: of the caller. today: the day by the log's clock.

    subject: id of what it is about, "" for a new one. state: its folded state, None without one.
    """

    installation: Installation
    connection: Connection
    identity: Identity
    party: str
    role: str
    subject: str
    state: Any
    today: date


@dataclass(frozen=True, slots=True)
class Field:
    """One question. label, hint: message ids. options: of choice, choices, party, lot and lots.

    minimum, maximum: of count, mass and decimal; a count is at least 1 where nothing is said.
    default: what stands there first, as it would be typed. currency: the one that is chosen first, of money.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    required: bool = True
    options: Callable[[Ask], Sequence[Option]] | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: Callable[[Ask], str] | None = None
    currency: Callable[[Ask], str] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A table that is shown before something is stated. caption, heads, note: message ids; one cell a head.

    worded: whether the first cell of each row is a message id.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    worded: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The record that the answers ask for. then: of ``after.AFTER``, done with ``told`` when it stands.

    shown: what follows from the answers; a form whose proposal shows something asks once more, as
    before something grave. still: asked in the transaction that states it, whether what no subject's
    head tells of is as it was when this was made.
    """

    wanted: Wanted
    then: str = ""
    told: Mapping[str, JsonValue] = field(default_factory=dict)
    shown: tuple[Shown, ...] = ()
    still: Callable[[Connection], bool] | None = None


Offered = Callable[[Ask], str]
Propose = Callable[[Ask, Mapping[str, Any]], Proposal]


@dataclass(frozen=True, slots=True)
class Action:
    """A row of the table. slug: stable, in addresses; its words: ``actions`` and ``action_notes``.

    type: of the record. offered: "" where it can be done now; else a slug of the table ``not_now`` that
    says why not, or HIDDEN. propose: raises FieldRefused; an optional answer that is absent is None
    (``yes``: False; lists: empty). is_grave: asked once more before it is stated, as is one whose
    proposal shows something. undone_by: slug of the action that takes it back; "" when only a correction
    can. batch: may be done for several subjects at once with the same answers.
    """

    slug: str
    type: str
    roles: frozenset[Role]
    on: On
    fields: tuple[Field, ...]
    offered: Offered
    propose: Propose
    is_grave: bool = False
    undone_by: str = ""
    batch: bool = False
