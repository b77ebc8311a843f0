"""A label says whose link it is and what a person without a camera can type."""

import pytest

from qrcodes.errors import InvalidLink
from qrcodes.label import Label, label

CODE = "0123456789abcdefghjk"


def test_an_article_label() -> None:
    assert label("https://demo.lotproof.example", CODE, level="article", grade="A") == Label(
        link=f"https://demo.lotproof.example/q/{CODE}",
        host="demo.lotproof.example",
        printed_code="0123-4567-89ab-cdef-ghjk-w",
        symbol_level="Q",
        grade="A",
    )


def test_a_carton_label_has_larger_modules_and_may_have_no_grade() -> None:
    made = label("http://127.0.0.1:8000", CODE, level="carton")
    assert (made.symbol_level, made.grade, made.host) == ("M", None, "127.0.0.1:8000")


def test_a_label_without_an_exact_code_is_refused() -> None:
    with pytest.raises(InvalidLink, match="exact code"):
        label("https://demo.lotproof.example", CODE.upper(), level="lot")
