"""A profile compiles to the description that the reader takes, and says everything that it lacks."""

from datetime import date
from typing import Any

import pytest

from gateway.consignments.consignment import Consignment
from gateway.consignments.fields import categories, fields
from gateway.consignments.profile import (
    Mapped,
    Profile,
    compile_profile,
    fits,
    parse_profile,
    problems_of,
)
from gateway.consignments.spec import InvalidSpec
from gateway.pages import words
from gateway.workflows.read_consignment import read_consignment
from ledger.lots.grading import grade, load_schemes
from tests.gateway.sheet_files import csv_file

DAY = date(2026, 11, 20)
HEADERS = ["货号", "品牌", "品名", "成色", "外观", "生产日期", "数量", "净重"]
FIELDS = ["style_number", "brand", "model", "condition", "damage", "produced_on", "quantity", "net_mass_g"]
GOOD = ["F1", "北辰", "三人沙发", "全新", "", "2025-03-01", "3", "48.5"]


TWICE = (Mapped(header="a", field="model"), Mapped(header="b", field="model"))


def profile(**changes: Any) -> Profile:
    made = Profile(
        name="泾禾家具",
        supplier="party:x",
        columns=tuple(
            Mapped(header=header, field=field) for header, field in zip(HEADERS, FIELDS, strict=True)
        ),
        words={
            "brand": {"北辰": "北辰"},
            "condition": {"全新": "new", "旧": "used"},
            "damage": {"": "none", "划痕": "scratch"},
        },
        constants={"category": "sofa", "origin_country": "CN"},
        supply_mode="buyout",
        surplus_cause="customer_returns",
    )
    return made.model_copy(update=changes)


def read(said: Profile, *rows: list[str]) -> Consignment:
    spec = compile_profile(said, id_="prf-1", file="f", amount_minor=1_000, currency="CNY", age_months_max=36)
    return read_consignment(spec, csv_file([HEADERS, *rows]), catalogue=None, story_date=DAY)


def test_furniture_is_read_and_graded_by_its_scheme() -> None:
    found = read(profile(), GOOD, ["F2", "北辰", "双人沙发", "旧", "划痕 3 cm", "2025", "1", "30"])
    assert found.rejections == ()
    assert [article.style_number for article in found.articles] == ["F1", "F2"]
    assert [article.net_mass_g for article in found.articles] == [48_500, 30_000]
    assert found.articles[1].measurement["damage_size"] == {"value": "30", "unit": "MMT"}
    schemes = load_schemes()
    assert [grade(schemes["furniture"], one.measurement).grade for one in found.articles] == ["A", "C"]
    assert [(lot.key, lot.declared) for lot in found.lots] == [((("category", "sofa"), ("brand", "北辰")), 4)]


def test_a_word_that_nobody_mapped_rejects_its_row_and_is_never_guessed() -> None:
    found = read(profile(), GOOD, ["F2", "北辰", "沙发", "九成新", "", "2025", "1", "30"])
    assert [(one.row, one.column, one.reason) for one in found.rejections] == [
        (3, "成色", "condition-unknown")
    ]


@pytest.mark.parametrize(
    ("change", "where", "slug"),
    [
        ({"supplier": ""}, "supplier", "supplier-missing"),
        ({"name": " "}, "name", "profile-name-missing"),
        ({"supply_mode": "lend"}, "supply_mode", "supply-mode-missing"),
        ({"surplus_cause": ""}, "surplus_cause", "surplus-cause-missing"),
        ({"constants": {}}, "category", "field-missing"),
        ({"constants": {"category": "boat"}}, "category", "constant-unfit"),
        ({"constants": {"category": "sofa", "net_mass_g": "-1"}}, "net_mass_g", "constant-unfit"),
        ({"constants": {"category": "sofa", "hs_code": "12"}}, "hs_code", "constant-unfit"),
        ({"constants": {"category": "sofa", "password": "x"}}, "constants", "meaning-unknown"),
        ({"consigned_until": "2027-01-01"}, "consigned_until", "consigned-until-unfit"),
        ({"columns": TWICE}, "columns", "field-twice"),
        ({"columns": (Mapped(header="a", field="shoe size"),)}, "columns", "meaning-unknown"),
        ({"columns": (Mapped(header="a", field="net_mass_g", unit="mm"),)}, "columns", "unit-unfit"),
        ({"columns": ()}, "columns", "nothing-mapped"),
    ],
)  # fmt: skip
def test_every_lack_is_named_and_nothing_is_compiled(change: dict[str, Any], where: str, slug: str) -> None:
    said = profile(**change)
    assert (where, slug) in [(one.where, one.slug) for one in problems_of(said, amount_minor=1)]
    with pytest.raises(InvalidSpec, match=slug):
        compile_profile(said, id_="prf-1", file="f", amount_minor=1, currency="CNY", age_months_max=36)


def test_what_is_bought_outright_has_a_price_and_what_is_consigned_need_not() -> None:
    assert [one.slug for one in problems_of(profile())] == ["price-missing"]
    assert problems_of(profile(), is_paid=True) == []
    assert problems_of(profile(supply_mode="consign")) == []


def test_goods_without_a_number_of_their_own_are_told_apart_by_their_model() -> None:
    columns = tuple(one for one in profile().columns if one.field != "style_number")
    found = read(profile(columns=columns), GOOD)
    assert [(one.style_number, one.identifier) for one in found.articles] == [("三人沙发", "三人沙发")]


def test_a_serial_number_stands_for_one_piece() -> None:
    columns = tuple(
        one.model_copy(update={"field": "serial"}) if one.field == "style_number" else one
        for one in profile().columns
    )
    found = read(profile(columns=columns), ["SN001", *GOOD[1:6], "2", "1"], ["SN002", *GOOD[1:6], "1", "1"])
    assert [one.reason for one in found.rejections] == ["quantity-not-one"]


def test_the_second_of_two_columns_with_one_header_may_be_meant() -> None:
    both = (Mapped(header="数量"), Mapped(header="数量", nth=2, field="quantity"))
    said = profile(columns=(*profile().columns[:6], *both))
    spec = compile_profile(said, id_="prf-1", file="f", amount_minor=1, currency="CNY", age_months_max=36)
    rows = [[*HEADERS[:6], "数量", "数量"], [*GOOD[:6], "9", "4"]]
    found = read_consignment(spec, csv_file(rows), catalogue=None, story_date=DAY)
    assert [one.quantity for one in found.articles] == [4]


@pytest.mark.parametrize("quantity", ["-3", "0", "1.5", "1e3", "many"])
def test_counts_that_are_none_are_refused(quantity: str) -> None:
    found = read(profile(), [*GOOD[:6], quantity, GOOD[7]])
    assert len(found.rejections) == 1
    assert found.rejections[0].reason.startswith("quantity-")


def test_prices_in_another_currency_are_kept_as_text_and_never_reckoned_with() -> None:
    columns = (*profile().columns[:7], Mapped(header="净重", field="list_price"))
    spec = compile_profile(
        profile(columns=columns), id_="prf-1", file="f", amount_minor=1, currency="VND", age_months_max=36
    )
    found = read_consignment(
        spec, csv_file([HEADERS, [*GOOD[:7], "1.299.000 ₫"]]), catalogue=None, story_date=DAY
    )
    assert found.articles[0].list_price_minor is None
    assert found.articles[0].attributes["list_price"] == "1.299.000 ₫"


def test_a_profile_is_offered_where_its_columns_are() -> None:
    there = dict.fromkeys(HEADERS, 1)
    assert fits(profile(), there | {"其他": 1})
    assert not fits(profile(), {header: 1 for header in HEADERS if header != "成色"})


def test_a_version_is_known_by_its_hash() -> None:
    said = profile()
    assert parse_profile(said.model_dump(mode="json")).sha256 == said.sha256
    assert profile(name="other").sha256 != said.sha256
    with pytest.raises(InvalidSpec, match="columns/0/header"):
        parse_profile({"columns": [{"header": 3}]})


def test_every_field_unit_and_reason_has_words() -> None:
    for name, field in fields().items():
        assert words.message_id("sheet_fields", name) or words.message_id("fields", name), name
        assert all(words.message_id("sheet_units", unit) for unit in field.units)
    assert all(words.message_id("categories", name) for name in categories())
    assert {one.scheme for one in categories().values()} == set(load_schemes())
