"""Labels to print, with every script that our users write."""

import random
from collections.abc import Iterator

from exporters.labels.formats import Format
from exporters.labels.sheet import LabelWords
from qrcodes.hidden import new_hidden, printed_hidden
from qrcodes.label import Label, label
from qrcodes.serial import new_code

BASE = "https://demo.lotproof.example"
WORDS = LabelWords("Nhãn", "等级", "Cào tại đây")
NAMES = ("星野 S21 手机 · 128 GB", "Điện thoại Xingye S21 đã tân trang", "Xingye S21", "")


def made(
    count: int, *, hidden: bool = False, fragment: str = "", level: str = "article", seed: int | None = None
) -> list[Label]:
    """seed: for codes that are the same in every run; drawn when it is not given."""
    chance = random.SystemRandom() if seed is None else random.Random(seed)
    return [
        label(
            BASE,
            new_code(chance.randbytes(13)),
            level=level,  # type: ignore[arg-type]
            grade="ABC"[n % 3],
            name=NAMES[n % len(NAMES)],
            hidden=printed_hidden(new_hidden(chance.randbytes(8))) if hidden else "",
            fragment=fragment,
        )
        for n in range(count)
    ]


def pages_of(stock: Format, count: int) -> Iterator[int]:
    """Labels on each page."""
    for start in range(0, count, stock.labels_a_page):
        yield min(stock.labels_a_page, count - start)
