"""Every reason of the gate has words, and words for what mends it."""

import re
from pathlib import Path
from typing import get_args

import pytest

import gateway.trade.eligibility
from gateway.i18n import LANGUAGES, read_catalogue
from gateway.pages import words
from ledger.lots.permission import Fault

GATE = Path(gateway.trade.eligibility.__file__).read_text(encoding="utf-8")
SLUGS = sorted({*re.findall(r'Reason\("([a-z0-9-]+)"', GATE), *get_args(Fault)})


def test_the_slugs_are_found() -> None:
    assert {"chain-broken", "import-ban", "supplier-unregistered", "authorization-exhausted"} <= set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_reason_says_what_is_wrong_and_what_mends_it_in_every_language(slug: str) -> None:
    wrong, mends = words.message_id("reasons", slug), words.message_id("remedies", slug)
    assert wrong is not None
    assert mends is not None
    for tag in LANGUAGES:
        catalogue = read_catalogue(tag)
        assert catalogue[wrong].string
        assert catalogue[mends].string
