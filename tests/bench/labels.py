"""Ten thousand labels made and read again, against the bare encoder on two cores.

Ours: one process encodes, places, typesets A4 sheets of 24 and reads every symbol from the finished PDF.
Bare: two processes turn the same texts into modules with ``qrcode``, and nothing else. Beside it, for
whoever wants to know: the bare ``zxing-cpp`` that ours encodes with.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence

from exporters.labels import sheet
from exporters.labels.formats import formats
from gateway.tasks.duties.labels import LABELS_A_PART
from qrcodes import bulk, symbol
from tests.exporters.labels.making import WORDS, made

LABELS = 10_000
BARE = 1_000  # of them; each costs the same
CORES = 2
RATIO_MIN = 0.8
STOCK = "a4_3x8"


def label_ratio() -> float:
    """Labels a second, as a part of the symbols a second of the bare encoder."""
    labels = made(LABELS)
    links = [label.link for label in labels]
    sheet.sheets(labels[:24], formats()[STOCK], WORDS)  # fonts are read once a process
    with multiprocessing.get_context("spawn").Pool(CORES) as pool:
        pool.map(_qrcode, [links[:1]] * CORES)
        bare = _timed(lambda: pool.map(_qrcode, _halves(links[:BARE]))) / BARE
        fast = _timed(lambda: pool.map(_zxing, _halves(links))) / LABELS
    ours = _timed(lambda: _ours(labels)) / LABELS
    ratio = bare / ours
    print(
        f"{LABELS} labels          {ours * 1e6:6.0f} us a label, made and read again; bare qrcode on {CORES} "
        f"cores {bare * 1e6:5.0f} us, ratio {ratio:.2f} (bare zxing-cpp {fast * 1e6:.0f} us, "
        f"ratio {fast / ours:.2f})",
        flush=True,
    )
    return ratio


def _ours(labels: Sequence[sheet.Label]) -> None:
    a_part = LABELS_A_PART // formats()[STOCK].labels_a_page * formats()[STOCK].labels_a_page
    for start in range(0, len(labels), a_part):
        sheet.sheets(labels[start : start + a_part], formats()[STOCK], WORDS)


def _qrcode(links: Sequence[str]) -> None:
    for link in links:
        symbol.modules(link, symbol.ARTICLE_LEVEL)


def _zxing(links: Sequence[str]) -> None:
    for link in links:
        bulk.pixels(link, symbol.ARTICLE_LEVEL)


def _halves(links: Sequence[str]) -> list[Sequence[str]]:
    return [links[start::CORES] for start in range(CORES)]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    label_ratio()
