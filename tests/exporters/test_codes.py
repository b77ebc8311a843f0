"""The codes we print are the codes of the lists they come from."""

import re
from pathlib import Path

import pytest
from babel import Locale

from exporters import codes
from exporters.errors import UnknownCode

GC = "trade/ubl-2.4-os/cl/gc/default"


def listed(conformance: Path, name: str) -> set[str]:
    text = (conformance / GC / f"{name}-2.4.gc").read_text()
    return set(re.findall(r'ColumnRef="code">\s*<SimpleValue>([^<]+)<', text))


def test_units_packages_and_countries_stand_in_the_official_lists(conformance: Path) -> None:
    """Source: UBL 2.4 code lists (Rec 20 rev. 12e, Rec 21 rev. 10e, ISO 3166-1)."""
    assert set(codes.UNITS) <= listed(conformance, "UnitOfMeasureCode")
    assert set(codes.PACKAGES) <= listed(conformance, "PackagingTypeCode")
    countries = {code for code in listed(conformance, "CountryIdentificationCode") if len(code) == 2}
    assert countries == codes.COUNTRIES


def test_every_country_has_a_name_in_every_language() -> None:
    assert len(codes.COUNTRIES) == 249
    for code in codes.COUNTRIES:
        assert set(codes.country(code)) == {"en", "vi", "zh"}
        assert code in Locale("en").territories
    assert codes.country("VN") == {"en": "Vietnam", "vi": "Việt Nam", "zh": "越南"}


def test_the_eleven_incoterms_and_their_places() -> None:
    """Source: ICC Incoterms 2020 (trade-documents.md 1.8)."""
    assert {term.code for term in codes.INCOTERMS.values() if term.mode == "sea"} == {
        "FAS",
        "FOB",
        "CFR",
        "CIF",
    }
    assert len(codes.INCOTERMS) == 11
    assert codes.incoterm("FCA").place == "place_of_delivery"
    assert codes.incoterm("FOB").place == "port_of_loading"
    assert codes.incoterm("CIF").place == "port_of_destination"
    assert codes.incoterm("DAP").place == "place_of_destination"


@pytest.mark.parametrize(
    ("lookup", "code", "message"),
    [
        (codes.incoterm, "DAT", "eleven Incoterms 2020"),
        (codes.incoterm, "fob", "eleven Incoterms 2020"),
        (codes.unit, "PCS", "Rec 20"),
        (codes.package, "CTN", "Rec 21"),
        (codes.country, "UK", "ISO 3166-1"),
        (codes.country, "EU", "ISO 3166-1"),
    ],
)
def test_codes_outside_the_lists_are_refused(lookup: object, code: str, message: str) -> None:
    assert callable(lookup)
    with pytest.raises(UnknownCode, match=message):
        lookup(code)


def test_check_digits_of_gtin_and_sscc() -> None:
    assert codes.is_gtin("09506000134352")
    assert not codes.is_gtin("09506000134353")
    assert not codes.is_gtin("9506000134352")
    assert codes.is_sscc("106141412345678908")  # GS1 General Specifications, example of AI 00
    assert not codes.is_sscc("106141412345678907")
    assert not codes.is_sscc("10614141234567890")
