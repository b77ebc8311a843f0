"""The goods of a shipment dossier: invoice lines, and the packages they lie in."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from exporters.customs import ChinaLine
from exporters.parts import Part, Wording
from exporters.proofs import BatteryTestSummary, FunctionalityTests
from exporters.scalars import (
    ContainerNumber,
    Count,
    Country,
    DecimalText,
    Gtin,
    Hex32,
    Hs6,
    LotId,
    Natural,
    PackageType,
    Sscc,
    Text,
    Unit,
    spelled,
)


class Fibre(Part):
    part: Wording | None = None  # shell, lining, …; absent for the whole garment
    fibre: Wording
    percent: DecimalText


class DangerousGoods(Part):
    un_number: Annotated[str, spelled(r"UN[0-9]{4}")]
    shipping_name: Text | None = None
    packing_instruction: Text | None = None
    watt_hours: DecimalText | None = None  # per battery
    state_of_charge_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    state_of_charge_measured_on: date | None = None
    section: Annotated[str, spelled(r"I[AB]?|II")] | None = None  # of the packing instruction
    cells: Count | None = None  # per battery
    batteries: Count | None = None  # per article
    chemistry: Literal["lithium_ion", "lithium_metal", "sodium_ion"] | None = None
    damaged_or_recalled: bool | None = None
    test_summary: BatteryTestSummary | None = None


class NationalCode(Part):
    country: Country
    code: Annotated[str, spelled(r"[0-9]{8,13}")]


class SerialList(Part):
    """The list of serials or IMEIs that travels beside the documents, by its hash."""

    count: Count
    sha256: Hex32


class Line(Part):
    """One invoice line; packages refer to it by its number, which is its 1-based position."""

    lot: LotId
    gtin: Gtin | None = None
    brand: Text | None = None
    model: Text | None = None
    description: Wording | None = None
    condition: Literal["new", "opened", "returned", "used", "refurbished"] | None = None
    grade: Text | None = None
    label_state: Literal["intact", "missing", "cut"] | None = None
    hs6: Hs6 | None = None
    national_codes: tuple[NationalCode, ...]
    origin: Country | None = None
    quantity: Count
    unit: Unit
    unit_price: DecimalText | None = None  # per unit, in the dossier's currency
    amount_minor: Natural | None = None  # quantity x unit_price, rounded half up once
    net_mass_g: Natural | None = None  # of the whole line
    gross_mass_g: Natural | None = None
    composition: tuple[Fibre, ...]
    construction: Literal["knit", "woven"] | None = None
    dangerous_goods: DangerousGoods | None = None
    serials: SerialList | None = None
    origin_criterion: Text | None = None
    tests: FunctionalityTests | None = None
    china: ChinaLine | None = None


class Content(Part):
    """line: 1-based line number. quantity: pieces of it in each package of the group."""

    line: Count
    quantity: Count


class Dimensions(Part):
    length_mm: Count
    width_mm: Count
    height_mm: Count


class PackageGroup(Part):
    """``count`` equal packages, numbered ``first`` and on; contents and masses are of each one."""

    first: Count
    count: Count
    type: PackageType
    sscc: Sscc | None = None  # of a single package
    marks: Text | None = None
    container: ContainerNumber | None = None
    contents: Annotated[tuple[Content, ...], Field(min_length=1)]
    net_mass_g: Natural | None = None
    gross_mass_g: Natural | None = None
    dimensions: Dimensions | None = None
