"""L12: a plan and its seed are recorded before any result; the page asks for exactly the drawn units."""

import re

import pytest

from ledger.lots import sampling
from ledger.lots.plans import known_tables
from tests.gateway.measuring.bench import Bench
from tests.gateway.measuring.conftest import assigned
from tests.gateway.measuring.test_bench import send_sheet, sheet_of
from tests.gateway.web import Caller, find

PLAN = {"inspection_level": "II", "severity": "normal", "aql": "2.5", "minimum_grade": "B"}


def planned(inspector: Caller, category: str = "phone") -> Bench:
    bench = assigned(inspector.installation, category)
    answer = inspector.send(f"{bench.href}/sample", **PLAN)
    assert answer.status_code == 303, answer.text
    return bench


def test_L12_the_plan_is_the_tables_and_the_seed_is_drawn_when_it_is_stated(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "phone")
    looked = inspector.get(f"{bench.href}/sample", params=PLAN).text
    plan = next(iter(known_tables().values())).plan(
        bench.goods.quantity, level="II", severity="normal", aql="2.5"
    )
    assert f"<b>{plan.sample_size}</b>Units in the sample" in looked
    assert "seed =" not in looked
    assert inspector.send(f"{bench.href}/sample", **PLAN).status_code == 303
    sample = bench.state.sample
    assert sample is not None
    assert (sample.accept, sample.reject) == (plan.accept, plan.reject)
    page = inspector.get(f"{bench.href}/sample").text
    assert find(r"seed = (\w{64})", page) == sample.seed
    again = inspector.send(f"{bench.href}/sample", **PLAN)
    assert again.status_code == 409, "one plan a work order"


def test_L12_the_same_seed_draws_the_units_that_the_page_shows(inspector: Caller) -> None:
    bench = planned(inspector)
    sample = bench.state.sample
    assert sample is not None
    drawn = sampling.draw(
        bytes.fromhex(sample.seed), lot_size=sample.lot_size, sample_size=sample.sample_size
    )
    page = inspector.get(f"{bench.href}/sample").text
    assert [int(unit) for unit in re.findall(r"/articles/u(\d+)", page)] == drawn
    other = next(unit for unit in range(sample.lot_size) if unit not in drawn)
    assert inspector.get(bench.article(f"u{other}")).status_code == 404
    assert inspector.get(bench.article("r0")).status_code == 404


@pytest.mark.parametrize("category", ["phone", "apparel"])
def test_L12_and_L13_a_sample_is_stated_whole_and_shows_as_a_sample(inspector: Caller, category: str) -> None:
    bench = planned(inspector, category)
    early = inspector.send(f"{bench.href}/result")
    assert early.status_code == 422
    assert "Nothing is measured yet." in early.text
    assert send_sheet(bench, inspector, sheet_of(bench, inspector)).status_code == 303
    page = inspector.get(f"{bench.href}/sample").text
    verdict = find(r"The sample is (accepted|rejected)", page)
    stated = inspector.send(f"{bench.href}/result")
    assert stated.status_code == 303, stated.text
    found = bench.goods.inspection
    assert found is not None
    assert found.sample is not None
    assert (found.coverage, found.sample.verdict) == ("sample", verdict)


def test_L13_a_part_is_never_called_full(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "phone")
    answers = bench.answers(bench.items[0])
    assert inspector.send(bench.article("r0"), seen="0", token="a", **answers).status_code == 303
    refused = inspector.send(f"{bench.href}/result")
    assert refused.status_code == 422
    assert "Some units have no result." in refused.text
    assert inspector.send(f"{bench.href}/result", partial="yes").status_code == 303
    found = bench.goods.inspection
    assert found is not None
    assert found.coverage == "documents"
