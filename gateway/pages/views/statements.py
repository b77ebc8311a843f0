"""What people state: the form of an action, and statements on their way from signer to signer."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.pages.views.forms import Form
from gateway.pages.views.values import Fact, Link, Value


@dataclass(frozen=True, kw_only=True)
class Choice:
    """label: outside text, or a slug of the vocabulary ``table``."""

    value: str
    label: str
    table: str = ""
    chosen: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """One field of an action. kind: of ``statements.action.Kind``. label, hint: message ids.

    values: what stands in it; of a file that is kept already, its hash.
    """

    name: str
    kind: str
    label: str
    hint: str
    required: bool
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    currency: str = ""
    minimum: int | None = None
    maximum: int | None = None

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """What follows from the answers. caption, heads, note: message ids; worded: first cells are, too."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    worded: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ActionView:
    """``/do/{action}``. why_not: slug of ``not_now``, where it cannot be done now.

    asks_again: what is confirmed (a digest of it), "" before that; every answer then stands in hidden
    fields, and one button states it. refusal: what the ledger said, in English.
    """

    action: str
    type: str
    action_href: str
    back_href: str
    on: tuple[str, ...]
    subjects: tuple[Link, ...]
    questions: tuple[Question, ...]
    form: Form
    key: str
    currencies: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()  # of the countries: those that are sold to, which stand first
    why_not: str = ""
    asks_again: str = ""
    is_grave: bool = False
    shown: tuple[ShownTable, ...] = ()
    refusal: str = ""
    refused_party: str = ""  # of a key that is missing
    refused_role: str = ""
    stuck: Link | None = None  # of several subjects, the one that stands in the way of all

    @property
    def sends_file(self) -> bool:
        return any(one.kind == "file" for one in self.questions)


@dataclass(frozen=True, kw_only=True)
class SignerLine:
    """A place of a statement. name: of the party, outside text."""

    name: str
    role: str
    key: str
    waits: bool
    is_you: bool


@dataclass(frozen=True, kw_only=True)
class StatedLine:
    """A statement in a list. waits_for: names of those who have not signed yet."""

    href: str
    action: str
    type: str
    about: str
    author: str
    state: str
    tone: str
    at: datetime
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatementsView:
    """``/statements``: what waits for the reader's signature, and what its party has to do with."""

    waiting: tuple[StatedLine, ...]
    others: tuple[StatedLine, ...]
    next_href: str = ""


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """``/statements/{id}``.

    sealed: committed values, open to whoever signs them. body: the exact bytes, as text. signing_input:
    base64 of what is signed. key: id of the reader's key that it waits for, "" when it does not.
    stands_in: whether a key of the reader's own party lies on this machine: of the operator, or in a demo.
    """

    id: str
    action: str
    type: str
    state: str
    tone: str
    author: str
    at: datetime
    about: tuple[Link, ...]
    signers: tuple[SignerLine, ...]
    facts: tuple[Fact, ...]
    sealed: tuple[Fact, ...]
    rows: int
    body: str
    event_id: str
    key: str
    signing_input: str
    is_stale: bool
    is_renewed: bool
    stands_in: bool
    is_demo: bool
    may_withdraw: bool
    reason: str
    entry: int | None
    form: Form = field(default_factory=Form)

    @property
    def href(self) -> str:
        return f"/statements/{self.id}"

    @property
    def command(self) -> str:
        """What its signer types."""
        return f"lotproof sign statement-{self.id}.json --key FILE"


StatingPage = ActionView | StatementsView | StatementView
