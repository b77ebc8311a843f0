"""Values that many views hold; templates write each in the visitor's language."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount in minor units (ISO 4217)."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class UnitPrice:
    """A price of one piece in major units; it may have more decimals than the currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class Mass:
    mass_g: int


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A measured value as it stands in a record: decimal string and UN/ECE Recommendation 20 unit."""

    value: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Percent:
    """A share in hundredths: 87 is 87 %."""

    value: int


@dataclass(frozen=True, kw_only=True)
class Word:
    """A slug of one table in ``gateway.pages.words``; without an entry there the slug itself is shown."""

    table: str
    slug: str


@dataclass(frozen=True, kw_only=True)
class Territory:
    """An ISO 3166 code, or EU."""

    code: str


@dataclass(frozen=True, kw_only=True)
class Hash:
    """A digest, event id or key id in hexadecimal or base64."""

    text: str


# A bare str is text written by others: escaped, isolated from the direction of its surroundings.
Written = Word | Territory | Hash
Measured = Money | UnitPrice | Mass | Measurement | Percent
Value = str | int | date | datetime | Written | Measured


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One named value. ``name`` is a slug of ``table``."""

    name: str
    value: Value
    table: str = "fields"  # of gateway.pages.words
    corrected_to: Value | None = None  # the value above is then struck through


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why something is not so: a slug, and the particular that stands behind it (a grade, a rule id)."""

    slug: str
    detail: str = ""
    table: str = ""  # of gateway.pages.words, where the detail is a slug itself
    entry: int | None = None  # of the record that it is about
    party_kind: str = ""  # of words.PARTY_KINDS: who states it in that record
    party_short: str = ""
    source: str = ""  # the law behind the rule that ``detail`` names
    checked_on: date | None = None  # the day on which that source was looked up


@dataclass(frozen=True, kw_only=True)
class Signer:
    """One signer of a record, as the public may know it."""

    role: str  # slug of words.ROLES
    party_kind: str  # slug of words.PARTY_KINDS
    party_short: str  # first characters of the pseudonym, without "party:"
    key_id: str  # hex, 64 characters
    custody: Literal["self", "operator"]  # who holds the key
    performed_by: str = ""  # pseudonym of the worker, shortened
    distrusted: bool = False  # the key counts as compromised where it signed this


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link whose text is outside text (an id, a name)."""

    text: str
    href: str
