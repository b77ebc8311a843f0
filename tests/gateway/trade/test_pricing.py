"""G2, G3, G29, G31: bands by group, grade, channel and reference; what the worked prices come to."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.pages import words
from gateway.policies import load
from gateway.trade.channels import parse_channels
from gateway.trade.pricing import Quote, Reference, ReferenceKind, quote, unit_reference
from gateway.trade.quantities import BY_PIECE, Pack

ON = date(2026, 11, 20)
POLICY = load.prices()


def reference(piece_minor: int, pieces: int = 1, *, kind: ReferenceKind = "official_site") -> Reference:
    return Reference(kind, "a shop", ON, "CNY", piece_minor * pieces, pieces)


def priced(
    grade: str,
    channel: str,
    of: Reference,
    asked: int | None = None,
    *,
    category: str = "phone",
    pack: Pack = BY_PIECE,
    currency: str = "CNY",
) -> Quote | None:
    return quote(
        POLICY, category=category, grade=grade, channel=channel, condition="new", currency=currency,
        reference=of, pack=pack, asked_minor=asked,
    )  # fmt: skip


def price(*args: object, **more: object) -> Quote:
    found = priced(*args, **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_g3_a_phone_of_grade_a_costs_six_tenths_of_its_official_price() -> None:
    phone = price("A", "outlet", reference(POLICY.reference["X7 Pro"]))
    assert phone.unit_price_minor == 399900 * 6 // 10
    assert (phone.ratio, phone.in_band) == (Fraction(6, 10), True)


def test_g3_a_sofa_of_grade_b_for_2000_of_4999_is_four_tenths() -> None:
    sofa = price("B", "live_stream", reference(499900), 200000, category="sofa")
    assert sofa.in_band
    assert round(sofa.ratio * 10, 1) == Fraction(4)


def test_g3_a_garment_of_grade_c_goes_for_ten_a_piece() -> None:
    of = reference(5000, kind="list_price")
    garment = price("C", "market_trader", of, 1000, category="apparel")
    assert (garment.ratio, garment.in_band) == (Fraction(1, 5), True)
    assert garment.band.group == "apparel"
    by_weight = price("C", "market_trader", of, 4000, category="apparel", pack=Pack("kg", 250))
    assert by_weight.ratio == garment.ratio, "four of 250 g a kilogram at ten each"


def test_g3_one_garment_is_100_in_grade_a_and_60_in_grade_b() -> None:
    """Against the same list price of 160, each within its own band and outside the other's."""
    of = reference(16000, kind="list_price")
    assert price("A", "outlet", of, 10000, category="apparel").in_band
    assert price("B", "wholesale", of, 6000, category="apparel").in_band
    assert not price("A", "outlet", of, 6000, category="apparel").in_band
    assert not price("B", "wholesale", of, 10000, category="apparel").in_band


def test_g2_a_price_a_cent_outside_its_band_is_outside() -> None:
    of = reference(100_01, 3)
    least, most = price("A", "outlet", of).limits_minor
    found = [price("A", "outlet", of, one).in_band for one in (least - 1, least, most, most + 1)]
    assert found == [False, True, True, False]


def test_g2_the_table_is_versioned_and_its_hash_stands_among_the_policies() -> None:
    assert (POLICY.id, POLICY.version) == ("prices", "2")
    assert {"channels", "prices"} <= set(load.versions())


def test_g29_every_channel_has_words_and_every_band_names_known_ones() -> None:
    policy = load.channels()
    assert {code for code in policy.codes if words.message_id("sales_channels", code) is None} == set()
    assert {code for band in POLICY.bands for code in band.channels} <= set(policy.codes)
    assert {market.channel for market in load.markets().markets} <= set(policy.codes)


def test_g29_a_grade_without_a_row_for_the_channel_has_no_price() -> None:
    assert priced("A", "market_trader", reference(1000)) is None
    assert priced("C", "outlet", reference(1000)) is None
    assert priced("A", "outlet", reference(1000), pack=Pack("kg", 250)) is None, "A is not sold by weight"


def test_g29_a_channel_stands_in_the_register_once() -> None:
    text = b"""id="c"\nversion="1"\neffective=2026-01-01\nsource="x"\nmoq=5
    [order_minimum]\npieces=5\namounts={}
    [[channels]]\ncode="a"\nkind="trader"\n[[channels]]\ncode="a"\nkind="trader"\n"""
    with pytest.raises(ValueError, match="twice"):
        parse_channels(text)


@pytest.mark.parametrize("kind", ["marketplace", "local_new"])
def test_g31_a_band_holds_for_the_references_that_it_names(kind: ReferenceKind) -> None:
    assert priced("A", "outlet", reference(1000, kind=kind)) is None
    assert (priced("A", "export", reference(1000, kind=kind)) is not None) == (kind == "local_new")


@pytest.mark.parametrize("wrong", [{"source": ""}, {"total_minor": 0}, {"pieces": 0}])
def test_g31_there_is_no_reference_without_a_source_and_an_amount(wrong: dict[str, object]) -> None:
    known = {"kind": "list_price", "source": "x", "on": ON, "currency": "CNY", "total_minor": 1, "pieces": 1}
    with pytest.raises(AssertionError):
        Reference(**{**known, **wrong})  # type: ignore[arg-type]


def test_g31_a_currency_without_a_rate_has_no_price() -> None:
    assert priced("A", "outlet", reference(1000), currency="EUR") is None


def test_a_band_whose_own_share_lies_outside_it_is_no_band() -> None:
    row = POLICY.bands[0].model_dump() | {"ratio": Decimal("0.71")}
    with pytest.raises(ValidationError, match="outside"):
        type(POLICY.bands[0]).model_validate(row)


REFERENCES = st.builds(
    lambda total, pieces: Reference("list_price", "x", ON, "CNY", total, pieces),
    st.integers(1, 10**10), st.integers(1, 10**5),
)  # fmt: skip
BANDS = st.sampled_from(
    [
        (band, channel, basis)
        for band in POLICY.bands
        for channel in band.channels
        for basis in band.bases
        if "list_price" in band.reference_kinds and band.group == "any"
    ]
)


@given(
    REFERENCES,
    BANDS,
    st.integers(1, 10**4),
    st.sampled_from(["CNY", "USD"]),
    st.sampled_from(["new", "used"]),
)
def test_g2_what_is_proposed_never_leaves_its_band(
    of: Reference, row: tuple[object, str, str], size: int, currency: str, condition: str
) -> None:
    """Save where not one whole minor unit lies in the band: then it is said to be outside."""
    band, channel, basis = row
    pack = Pack(basis, size) if basis != "piece" else BY_PIECE  # type: ignore[arg-type]
    found = quote(
        POLICY, category="phone", grade=band.grade, channel=channel, condition=condition,  # type: ignore[attr-defined]
        currency=currency, reference=of, pack=pack,
    )  # fmt: skip
    assert found is not None
    least, most = found.limits_minor
    assert found.in_band == (least <= most)


@given(REFERENCES, BANDS, st.integers(0, 10**9))
def test_g2_no_price_outside_the_shares_passes(
    of: Reference, row: tuple[object, str, str], asked: int
) -> None:
    band, channel, _ = row
    found = price(band.grade, channel, of, asked)  # type: ignore[attr-defined]
    whole = unit_reference(of, Decimal(1), BY_PIECE)
    inside = Fraction(found.band.min_ratio) * whole <= asked <= Fraction(found.band.max_ratio) * whole
    assert found.in_band == inside
