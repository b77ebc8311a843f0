"""Sheets that nobody has seen before are proposed right, and read to the last row by the proposal."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection

from gateway.consignments.profile import compile_profile
from gateway.files.intake import sheet_in
from gateway.wiring import Installation
from gateway.workflows.describe_file import look, proposed_profile, vocabulary, with_words
from gateway.workflows.read_consignment import read_consignment
from tests.gateway.consignments.unseen import KINDS, LANGUAGES, Unseen, unseen

SEEDS = range(len(KINDS) * len(LANGUAGES) * 3)
NOT_OURS = ("", "remark", "row_number")
RIGHT_MIN = 0.98  # of all columns; measured: every one of 5,586 in 360 files


@pytest.fixture
def connection(told: Installation) -> Iterator[Connection]:
    with told.database.reading() as connection:
        yield connection


def right(file: Unseen) -> int:
    found = {one.header: one.field for one in look(file.data).proposal.columns}
    return sum(
        found[header] == field or (not field and found[header] in NOT_OURS)
        for header, field in file.expected.items()
    )


def test_nearly_every_column_of_unseen_sheets_is_proposed_right() -> None:
    files = [unseen(seed) for seed in SEEDS]
    columns = sum(len(file.expected) for file in files)
    assert sum(map(right, files)) >= RIGHT_MIN * columns


@pytest.mark.parametrize("seed", SEEDS)
def test_an_unseen_sheet_is_read_by_its_proposal_with_nothing_mapped_by_hand(
    connection: Connection, seed: int
) -> None:
    """Said by hand is only what no sheet says: whose goods, how they come, what a whole sheet is about."""
    file = unseen(seed)
    looked = look(file.data)
    profile = proposed_profile(looked.proposal).model_copy(
        update={
            "name": file.name,
            "supplier": "party:x",
            "supply_mode": "consign",
            "surplus_cause": "season_end",
            "constants": {"category": file.category} if file.category else {},
        }
    )
    profile = with_words(profile, vocabulary(connection, profile, looked.sheet))
    spec = compile_profile(
        profile, id_="profile", file=file.name, amount_minor=None, currency="CNY", age_months_max=36
    )
    read = read_consignment(spec, sheet_in(file.data), catalogue=None, story_date=date(2026, 11, 20))
    assert read.rejections == (), file.name
    assert len(read.articles) == file.rows
    assert all(article.brand == "北辰" for article in read.articles)
    assert {article.produced_on.year for article in read.articles} == {2025}
    assert all(1_000 <= (article.net_mass_g or 0) < 50_000 for article in read.articles)
    sides = {side for article in read.articles for side in article.dimensions_mm or ()}
    assert all(400 <= side < 2_100 for side in sides), "centimetres and millimetres are told apart"
