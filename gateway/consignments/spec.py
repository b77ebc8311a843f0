"""A consignment's description, one TOML file per supplier file: what its sheet means, whose goods they are.

Facts that bind (parties, price, permissions) stand here; what the sheet remarks is shown, never turned
into rights (records.md section 7).
"""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.consignments.text import fold
from gateway.sheets import Encoding, SheetError

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]  # ISO 3166-1 alpha-2
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
Kind = Literal[
    "ignored",  # known and without meaning for us, as a running number
    "text",
    "word",  # one of a closed list, written in many ways
    "imei",
    "serial",
    "style_number",
    "gtin",
    "date",
    "count",
    "length",  # whole millimetres
    "money",
    "mass",
    "dimensions",
    "hs_code",
    "quantity",  # measured: value and unit
    "damage",  # a word, or a word and its length: "dent 30 mm"
]


def _folded(words: object) -> object:
    return {fold(key): value for key, value in words.items()} if isinstance(words, dict) else words


def _folded_texts(texts: object) -> object:
    return tuple(fold(text) for text in texts) if isinstance(texts, list) else texts


FoldedTexts = Annotated[tuple[str, ...], BeforeValidator(_folded_texts)]
Words = Annotated[dict[str, str], BeforeValidator(_folded)]  # as written, folded -> our word


DESCRIBED = frozenset({"category", "brand", "model", "condition", "produced_on"})  # of every article


class InvalidSpec(SheetError):
    """The description itself is malformed; no file can be read with it."""

    code = "consignment-spec-invalid"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


DateOrder = Literal["ymd", "dmy", "mdy", "serial"]  # serial: days since 1899-12-30, as sheets count them
Decimals = Literal[".", ","]


class Column(_Closed):
    """One column: the header as the supplier writes it, and the field it feeds.

    nth: which of several columns with this very header, from 1; None where it stands once.
    required: a row without a value is rejected. optional: a sheet without the column is accepted.
    unit: UN/ECE Rec 20 (MMT, CMK, P1, GRM, KGM, C62). scale: what one of theirs is in that unit.
    minimum, maximum: inclusive, in that unit. dates: order of the parts of a date that does not begin
    with its year. decimals: what stands before the decimals of a number.
    otherwise: our word for any word not listed. empty: our word for an empty cell.
    """

    header: str
    also: tuple[str, ...] = ()
    nth: int | None = None
    field: Slug
    kind: Kind
    into: Literal["article", "measurement", "attributes"] = "article"
    required: bool = False
    optional: bool = False
    words: Words = {}
    otherwise: str | None = None
    empty: str | None = None
    unit: Literal["MMT", "CMK", "P1", "GRM", "KGM", "C62"] | None = None
    scale: Decimal = Decimal(1)
    dates: DateOrder = "ymd"
    decimals: Decimals = "."
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(1_000_000)

    @model_validator(mode="after")
    def _measured_has_a_unit(self) -> Self:
        if self.kind in {"quantity", "mass", "damage"} and self.unit is None:
            raise ValueError(f"{self.header}: a measured column needs a unit")
        return self


class File(_Closed):
    """name: as it came; sheet: worksheet of an XLSX; catalogue: file with facts per GTIN."""

    name: str
    sheet: str | None = None
    encoding: Encoding = "detect"
    catalogue: str | None = None


class Names(_Closed):
    zh: str
    en: str
    vi: str


class Category(_Closed):
    scheme: Slug
    goods: Names


class Price(_Closed):
    """What was paid for everything in the file, whatever its number and state."""

    amount_minor: int = Field(gt=0)
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Age(_Closed):
    """limit_months: goods made longer ago are received, never listed. earliest: no goods are older.

    bare_year: month and day that a year alone stands for.
    """

    limit_months: int
    earliest: date
    bare_year: Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}$")]


class Unique(_Closed):
    fields: tuple[str, ...] = Field(min_length=1)
    reason: Slug


class Marks(_Closed):
    """totals, remarks: how the first cell of such a row begins. missing: cells that say "no value".

    meta: label above the header -> our name for what stands to its right.
    """

    totals: FoldedTexts
    remarks: FoldedTexts
    missing: FoldedTexts
    meta: Words = {}


class PartySpec(_Closed):
    """key: name inside this file; registration_number: Unified Social Credit Code, 18 characters.

    supplier_type: of a supplier; an OEM needs the brand's consent to an order that the brand cancelled.
    """

    key: Slug
    role: Literal["brand", "agent", "supplier", "inspector", "refurbisher"]
    brand: str | None = None
    name_zh: str
    name_en: str
    country: Country
    registration_number: str
    address: str
    supplier_type: Literal["oem", "dealer", "reseller", "clearer"] | None = None


class AuthorizationSpec(_Closed):
    """One grant, as the brand's licence states it; territories_allowed empty: everywhere not denied."""

    key: Slug
    parent: str | None = None
    grantor: str
    grantee: str
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    channels: tuple[str, ...]
    territories_allowed: tuple[Country, ...] = ()
    territories_denied: tuple[Country, ...] = ()
    valid_from: date
    valid_until: date
    may_delegate: bool
    label_clause: Literal["intact_only", "cut_allowed"]
    fee_rate: str
    document: str


class Tester(_Closed):
    """Who stands behind a name in the sheet's tester column."""

    written: str
    party: str


class ConsignmentSpec(_Closed):
    """Everything needed to read one supplier's files of one kind.

    constants: article fields that the sheet does not carry, as text. measured: article fields that grading
    reads too. lots_by: article fields whose values divide the file into declared lots. unit: Rec 20, H87 =
    piece. released_by_brand: the brand has consented to the sale of the order that it cancelled.
    styled_by_model: rows have no number of their own; the model is what tells one style from another.
    consigned_until: last day of a consignment.
    """

    id: Slug
    title: Names
    unit: Literal["H87"]
    supply_mode: Literal["direct", "consign", "buyout"]
    surplus_cause: Slug
    released_by_brand: bool = False
    styled_by_model: bool = False
    consigned_until: date | None = None
    lots_by: tuple[Literal["category", "brand"], ...]
    measured: tuple[Literal["condition", "label_state"], ...] = ()
    constants: dict[str, str] = {}
    file: File
    price: Price | None = None  # None: nothing is paid for the whole, or the contract says it elsewhere
    age: Age
    marks: Marks
    unique: tuple[Unique, ...]
    categories: dict[str, Category]
    styles: dict[str, Names] = {}
    parties: tuple[PartySpec, ...]
    authorizations: tuple[AuthorizationSpec, ...]
    testers: tuple[Tester, ...] = ()
    columns: tuple[Column, ...]

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        parties = {party.key for party in self.parties}
        named = {name for grant in self.authorizations for name in (grant.grantor, grant.grantee)}
        named |= {tester.party for tester in self.testers}
        if named - parties:
            raise ValueError(f"unknown parties: {sorted(named - parties)}")
        fields = {column.field for column in self.columns} | set(self.constants)
        used = (
            {field for rule in self.unique for field in rule.fields} | set(self.lots_by) | set(self.measured)
        )
        if used - fields:
            raise ValueError(f"unknown fields: {sorted(used - fields)}")
        return self

    @model_validator(mode="after")
    def _every_article_is_described(self) -> Self:
        given = {column.field for column in self.columns if column.required} | set(self.constants)
        if not given >= DESCRIBED:
            raise ValueError(f"neither required columns nor constants: {sorted(DESCRIBED - given)}")
        columns = [column for column in self.columns if column.field == "category"]
        named = {word for column in columns for word in column.words.values()}
        named |= {column.empty for column in columns if column.empty}
        named |= {value for field, value in self.constants.items() if field == "category"}
        if named != set(self.categories):
            raise ValueError(f"categories {sorted(self.categories)} differ from those named: {sorted(named)}")
        return self


def parse_spec(data: bytes) -> ConsignmentSpec:
    """Read a ``consignment.toml``. Raises InvalidSpec."""
    try:
        return ConsignmentSpec.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise InvalidSpec(str(error)) from error
