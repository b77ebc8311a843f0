"""What a shipment's papers say was tested, inspected and allowed, and by whom."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from exporters.parts import Part, Wording
from exporters.scalars import Count, Country, DecimalText, Hex32, LotId, Natural, Text, Word


class RecordRef(Part):
    """The ledger record that states a fact: its entry, and the hash of its leaf."""

    index: Natural
    leaf_hash: Hex32


class ArticleTest(Part):
    """One article and its outcome (Dir. 2012/19/EU Annex VI 3). article: serial, IMEI or item code."""

    article: Text
    year: Annotated[int, Field(ge=1970, le=2100)] | None = None  # of production, if it is known
    result: Literal["pass", "fail"]
    tested_on: date


class FunctionalityTests(Part):
    """The tests of one line's articles. tester: who answers for the evidence, with an address."""

    category: Wording  # of equipment, as the tests of its class are named
    kinds: Annotated[tuple[Wording, ...], Field(min_length=1)]
    tester: Text
    tester_address: Text
    articles: Annotated[tuple[ArticleTest, ...], Field(min_length=1)]
    record: RecordRef | None = None


class BatteryTestSummary(Part):
    """What the UN 38.3 test summary says (Manual of Tests and Criteria 38.3.5)."""

    manufacturer: Text
    manufacturer_contact: Text
    laboratory: Text
    laboratory_contact: Text
    report: Text
    reported_on: date
    manual_edition: Text
    passed: tuple[Annotated[str, Field(pattern=r"^T[1-8]\z")], ...]
    signatory: Text


class Tally(Part):
    """Defects of one class in the sample, and how many were allowed."""

    defect: Literal["critical", "major", "minor"]
    found: Natural
    allowed: Natural


class Inspection(Part):
    """One inspection of a lot, as its record states it."""

    lot: LotId
    inspector: Text
    inspected_on: date
    place: Text | None = None
    scheme: Text  # id and version of the rules that were applied
    level: Text | None = None  # of the sampling plan
    sample: Count
    quantity: Count
    tallies: tuple[Tally, ...]
    grade: Text | None = None
    result: Literal["accepted", "rejected"]
    record: RecordRef


class Authorization(Part):
    """What the brand allowed: who may sell which goods where, and until when."""

    brand: Text
    grantor: Text
    grantee: Text
    scope: Wording
    lots: Annotated[tuple[LotId, ...], Field(min_length=1)]
    countries: tuple[Country, ...]  # where the goods may be sold; empty for everywhere
    excluded_countries: tuple[Country, ...]
    labels: Literal["keep", "remove"] | None = None
    valid_from: date
    valid_to: date | None = None
    record: RecordRef


class Reuse(Part):
    """What the holder declares of goods for direct re-use (Annex VI 1). contract: a reference's kind."""

    contract: Word
    fully_functional: Literal[True]
    protection: Wording  # packaging and stacking against damage


class LotBalance(Part):
    """What the ledger says is left of a lot for this shipment, in pieces of the lot's own unit."""

    lot: LotId
    available: Natural
    record: RecordRef | None = None


class ExchangeRate(Part):
    """For statutory values only; no price is ever converted. rate: ``to`` for one of the invoice's."""

    to: Annotated[str, Field(pattern=r"^[A-Z]{3}\z")]
    rate: DecimalText
    source: Text
    day: date
