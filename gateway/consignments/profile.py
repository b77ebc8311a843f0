"""An import profile: how one supplier writes its sheets, as a person confirmed it.

It says in data what a ``consignment.toml`` says, and compiles to the same ``ConsignmentSpec``; the price
is of one file and stands beside it. A profile never changes: each change is a new version.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.consignments.fields import BRAND, categories, column, fields, marks
from gateway.consignments.spec import (
    DESCRIBED,
    Age,
    Column,
    ConsignmentSpec,
    DateOrder,
    Decimals,
    File,
    InvalidSpec,
    Names,
    Price,
)
from gateway.consignments.text import clean, fold, header_key
from ledger.core import canonical

Short = Annotated[str, Field(max_length=200)]
EARLIEST: Final = date(2000, 1, 1)
BARE_YEAR: Final = "01-01"
IDENTITIES: Final = ("imei", "serial", "style_number")  # the first that is mapped tells goods apart
PRICED_IN: Final = "CNY"  # of list prices that offers are reckoned from
CURRENCIES: Final = ("CNY", "USD", "EUR", "VND")
WITHOUT_MINOR: Final = frozenset({"VND"})  # ISO 4217: no decimals
SUPPLY_MODES: Final = ("buyout", "consign", "direct")
CAUSES: Final = (
    "promotion_overstock", "season_end", "reseller_dead_stock", "cancelled_order", "forecast_error",
    "customer_returns",
)  # fmt: skip
CONSTANTS: Final = (  # what may be said once of all goods whose row does not say it
    "category", "brand", "model", "condition", "produced_on", "origin_country", "origin_channel", "hs_code",
    "net_mass_g", "gross_mass_g", "label_state", "un38_3", "battery_wh",
)  # fmt: skip
_CONDITION_GRADED: Final = frozenset({"appliance", "furniture"})  # schemes that read the condition


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Mapped(_Closed):
    """One column of the sheet. nth: of several with this header. field: of fields(), "" for not used.

    unit: of UNITS, "" where the field has none.
    """

    header: Short
    nth: int = Field(default=1, ge=1, le=300)
    field: Short = ""
    unit: Short = ""
    dates: DateOrder = "ymd"
    decimals: Decimals = "."


class Profile(_Closed):
    """supplier: party id. sheet: of a workbook, "" for a CSV. words: field -> folded word -> ours.

    constants: of CONSTANTS, as text. consigned_until: last day of a consignment, "" for none.
    """

    name: Short = ""
    supplier: Short = ""
    sheet: Short = ""
    columns: tuple[Mapped, ...] = Field(default=(), max_length=300)
    words: dict[Short, dict[Short, Short]] = {}
    constants: dict[Short, Short] = {}
    supply_mode: Short = ""
    surplus_cause: Short = ""
    consigned_until: Short = ""

    @property
    def sha256(self) -> str:
        """Of its canonical JSON: which version was used, for reports."""
        return sha256(canonical.dumps(self.model_dump(mode="json"))).hexdigest()

    def mapped(self, field: str) -> Mapped | None:
        return next((one for one in self.columns if one.field == field), None)

    def is_given(self, field: str) -> bool:
        return bool(self.constants.get(field)) or self.mapped(field) is not None


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a profile from being used. where: ``columns``, a constant or another member; slug: why.

    detail: the header, field or word it is about.
    """

    where: str
    slug: str
    detail: str = ""


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """Raises InvalidSpec naming the first member that does not fit."""
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise InvalidSpec(f"{place}: {first['msg']}") from error


def problems_of(
    profile: Profile, *, amount_minor: int | None = None, currency: str = PRICED_IN, is_paid: bool = False
) -> list[Problem]:
    """Everything that has to be put right before a file can be read by it; empty when nothing has.

    amount_minor: price for the whole file, None while nobody has said it; what is bought outright needs
    one. is_paid: with an earlier file.
    """
    found = [
        *_column_problems(profile),
        *_missing(profile),
        *_constant_problems(profile),
        *_terms(profile),
    ]
    if currency not in CURRENCIES:
        found.append(Problem("currency", "currency-unfit"))
    if profile.supply_mode == "buyout" and amount_minor is None and not is_paid:
        found.append(Problem("price", "price-missing"))
    return found


def _column_problems(profile: Profile) -> Iterator[Problem]:
    used = [one.field for one in profile.columns if one.field]
    for one in profile.columns:
        field = fields().get(one.field)
        if one.field and field is None:
            yield Problem("columns", "meaning-unknown", one.field)
        elif field is not None and one.unit and one.unit not in field.units:
            yield Problem("columns", "unit-unfit", one.header)
    for name in sorted({name for name in used if used.count(name) > 1}):
        if fields().get(name) is None or fields()[name].kind != "ignored":
            yield Problem("columns", "field-twice", name)
    if not used:
        yield Problem("columns", "nothing-mapped")


def _missing(profile: Profile) -> Iterator[Problem]:
    for name in ("category", "brand", "model", "condition", "produced_on"):
        if not profile.is_given(name):
            yield Problem(name, "field-missing", name)


def _constant_problems(profile: Profile) -> Iterator[Problem]:
    for name, text in profile.constants.items():
        if name not in CONSTANTS:
            yield Problem("constants", "meaning-unknown", name)
        elif text and not _fits(name, text):
            yield Problem(name, "constant-unfit", name)


def _fits(name: str, text: str) -> bool:
    field = fields().get(name)
    if name in ("net_mass_g", "gross_mass_g"):
        return text.isascii() and text.isdigit() and 0 < int(text) <= 1_000_000
    if name == "produced_on":
        try:
            return date.fromisoformat(text) >= EARLIEST
        except ValueError:
            return False
    if name == "hs_code":
        return text.isascii() and text.isdigit() and len(text) in (6, 8, 10)
    if field is not None and field.words:
        return text in set(field.words.values())
    return clean(text) == text


def _terms(profile: Profile) -> Iterator[Problem]:
    if not profile.supplier:
        yield Problem("supplier", "supplier-missing")
    if not profile.name.strip():
        yield Problem("name", "profile-name-missing")
    if profile.supply_mode not in SUPPLY_MODES:
        yield Problem("supply_mode", "supply-mode-missing")
    if profile.surplus_cause not in CAUSES:
        yield Problem("surplus_cause", "surplus-cause-missing")
    if profile.consigned_until:
        if profile.supply_mode != "consign":
            yield Problem("consigned_until", "consigned-until-unfit")
        elif not _fits("produced_on", profile.consigned_until):
            yield Problem("consigned_until", "constant-unfit")


def columns_of(profile: Profile, currency: str = PRICED_IN) -> tuple[Column, ...]:
    """The columns as the reader takes them. Those that are not used are left out.

    currency: of the file. List prices in another one than offers are reckoned from are kept as text.
    """
    headers = [header_key(one.header) for one in profile.columns]
    own = next((name for name in IDENTITIES if profile.mapped(name)), None)
    made = []
    for one in profile.columns:
        field = fields().get(one.field)
        if field is None or field.kind == "ignored":
            continue
        if field.kind == "money" and currency != PRICED_IN:
            field = replace(field, kind="text", into="attributes")
        required = field.name == own or (field.name in DESCRIBED and not profile.constants.get(field.name))
        required = required or field.name == "quantity"
        made.append(
            column(
                field,
                one.header,
                nth=one.nth if headers.count(header_key(one.header)) > 1 else None,
                unit=one.unit,
                words=folded_words(profile.words.get(field.name, {})) if field.takes_words else None,
                dates=one.dates,
                decimals=one.decimals,
                required=required,
                optional=not required,
            )
        )
    return tuple(made)


def compile_profile(
    profile: Profile,
    *,
    id_: str,
    file: str,
    amount_minor: int | None,
    currency: str,
    age_months_max: int,
    is_paid: bool = False,
) -> ConsignmentSpec:
    """The description of one file that is read by this profile. Raises InvalidSpec.

    amount_minor, is_paid: as of ``problems_of``.
    """
    found = problems_of(profile, amount_minor=amount_minor, currency=currency, is_paid=is_paid)
    if found:
        raise InvalidSpec("; ".join(f"{one.where}: {one.slug} {one.detail}".strip() for one in found))
    columns = columns_of(profile, currency)
    given = {one.field for one in columns} | {name for name, text in profile.constants.items() if text}
    chosen = _categories(profile)
    schemes = {categories()[name].scheme for name in chosen}
    measured = ["condition"] if schemes & _CONDITION_GRADED else []
    measured += ["label_state"] if "apparel" in schemes and "label_state" in given else []
    try:
        return ConsignmentSpec.model_validate(
            {
                "id": id_,
                "title": Names(zh=profile.name, en=profile.name, vi=profile.name),
                "unit": "H87",
                "supply_mode": profile.supply_mode,
                "surplus_cause": profile.surplus_cause,
                "styled_by_model": not given & set(IDENTITIES),
                "consigned_until": profile.consigned_until or None,
                "lots_by": ("category", "brand"),
                "measured": measured,
                "constants": {name: text for name, text in profile.constants.items() if text},
                "file": File(name=file, sheet=profile.sheet or None),
                "price": None
                if amount_minor is None
                else Price(amount_minor=amount_minor, currency=currency),
                "age": Age(limit_months=age_months_max, earliest=EARLIEST, bare_year=BARE_YEAR),
                "marks": marks(),
                "unique": [
                    {"fields": (name,), "reason": f"{name}-duplicate"}
                    for name in ("imei", "serial")
                    if profile.mapped(name)
                ],
                "categories": {name: categories()[name] for name in sorted(chosen)},
                "parties": (),
                "authorizations": (),
                "columns": columns,
            }
        )
    except ValidationError as error:
        raise InvalidSpec(str(error)) from error


def _categories(profile: Profile) -> set[str]:
    found = {profile.constants["category"]} if profile.constants.get("category") else set()
    if profile.mapped("category"):
        found |= set(profile.words.get("category", {}).values())
    return found & set(categories())


def fits(profile: Profile, headers: Mapping[str, int]) -> bool:
    """Whether a sheet has the columns that a profile needs. headers: header key -> how often it stands."""
    wanted = [one for one in profile.columns if one.field]
    there = [one for one in wanted if headers.get(header_key(one.header), 0) >= one.nth]
    needed = {one.header for one in columns_of(profile) if one.required}
    return needed <= {one.header for one in there} and len(there) * 5 >= len(wanted) * 4


def folded_words(words: Mapping[str, str]) -> dict[str, str]:
    """Theirs -> ours as the reader compares them; what is mapped to nothing is left out."""
    return {fold(text): ours for text, ours in words.items() if ours}


def takes(field: str) -> str:
    """How a person fills a field in: ``brand`` any text, ``words`` one of ours, ``text`` anything else."""
    known = fields()[field]
    return "brand" if field == BRAND else "words" if known.takes_words else "text"
