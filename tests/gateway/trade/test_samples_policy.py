"""Samples below the smallest order: few, once, and never instead of an order that could be placed."""

from dataclasses import asdict

import pytest

from gateway.policies import load
from gateway.trade.quantities import Pack, Steps
from gateway.trade.samples_policy import SamplePolicy, sample_terms

POLICY = SamplePolicy.model_validate(
    {**load.samples().model_dump(), "pieces_max": 3, "share_max": "0.02", "price_factor": "1.5"}
)


@pytest.mark.parametrize(
    ("left", "pieces"),
    [(1_000, 3), (149, 2), (99, 1), (50, 1)],  # two in a hundred, at least one, at most three
)
def test_a_sample_is_a_small_share_of_what_is_left(left: int, pieces: int) -> None:
    terms = sample_terms(POLICY, Steps(24, 24), Pack(), unit_price_minor=8_001, left=left, taken=False)
    assert terms is not None
    assert asdict(terms) == {"pieces": pieces, "unit_price_minor": 12_002}  # half up


@pytest.mark.parametrize(
    ("changed"),
    [
        {"taken": True},
        {"left": 0},
        {"steps": Steps(2)},  # the smallest order is no more than a sample
        {"left": 1},  # all that is left may be ordered whole
        {"pack": Pack("kg", 250)},
        {"pack": Pack("lot", 400)},
    ],
)
def test_no_sample_is_due(changed: dict) -> None:
    asked = {"steps": Steps(24), "pack": Pack(), "left": 400, "taken": False, "unit_price_minor": 8_000}
    found = {**asked, **changed}
    assert sample_terms(POLICY, found.pop("steps"), found.pop("pack"), **found) is None
