"""A whole dossier a second, beside the bare compiles of the same papers; and a packing annex of 10,000 lines.

Ours: facts are checked and assembled, every paper that the dossier has a document for is rendered (papers
of many pages are laid out twice, for their page links), and each is looked at by our own validators.
Bare: Typst compiles each of the same papers once, from inputs that lie ready, and nothing else. Each run
has a reference number of its own, so no layout is remembered from the run before.
"""

import io
import json
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

import xlsxwriter

from exporters import pdf, tables
from exporters.catalogue import CATALOGUE, Renderer
from exporters.dossier import ShipmentDossier, assemble
from exporters.validation import required, validate
from tests.exporters import papers, shipments

RUNS: Final = 5
RATIO_MIN: Final = 0.5
LINES: Final = 10_000
NUMBER: Final = "PO-4411"  # of the order; replaced by one as long

Inputs = tuple[dict[str, str], Any, str]


def dossier_ratio() -> float:
    """Dossiers a second, as a part of what the bare compiles of the same papers reach."""
    inputs = _recorded()
    times: tuple[list[float], list[float]] = ([], [])
    for run in range(RUNS):
        times[0].append(_timed(lambda run=run: _bare(inputs, f"PO-1{run:03}")))
        times[1].append(_timed(lambda run=run: _ours(f"PO-2{run:03}")))
    bare, ours = (statistics.median(part) for part in times)
    ratio = bare / ours
    print(
        f"dossier, {len(inputs)} papers {1 / ours:8.2f} a second, checked; bare Typst {1 / bare:6.2f}, "
        f"ratio {ratio:.2f}",
        flush=True,
    )
    _tell_annex()
    return ratio


def _ours(number: str) -> None:
    dossier = _dossier(number)
    for renderer in _renderers(dossier):
        document = renderer.render(dossier)
        required(validate(document, dossier, kind=renderer.kind, schemas_dir=None))


def _bare(inputs: list[Inputs], number: str) -> None:
    for values, issued_at, symbols in inputs:
        fresh = {name: value.replace(NUMBER, number) for name, value in values.items()}
        pdf._compiler().compile(
            format="pdf",
            sys_inputs=fresh | {"symbols": symbols},
            pdf_standards=["a-3a"],
            timestamp=issued_at,
        )


def _recorded() -> list[Inputs]:
    """What Typst is given for each paper in the end, symbols drawn."""
    seen: dict[str, Inputs] = {}
    compiled = pdf._compiled

    def noting(values: dict[str, str], issued_at: Any, symbols: list[str]) -> tuple[bytes, int]:
        seen[values["facts"]] = (values, issued_at, json.dumps(symbols))
        return compiled(values, issued_at, symbols)

    pdf._compiled = noting
    try:
        dossier = _dossier(NUMBER)
        for renderer in _renderers(dossier):
            renderer.render(dossier)
    finally:
        pdf._compiled = compiled
    return list(seen.values())


def _dossier(number: str) -> ShipmentDossier:
    facts = papers.vietnam()
    facts["references"][0]["number"] = number
    return assemble(facts)


def _renderers(dossier: ShipmentDossier) -> list[Renderer]:
    return [
        renderer
        for renderer in CATALOGUE.values()
        if renderer.format == "pdf" and dossier.document(renderer.kind) and not renderer.missing(dossier)
    ]


def _tell_annex() -> None:
    """Prints the seconds of a packing list of ``LINES`` lines as XLSX, and of xlsxwriter alone."""
    began = time.perf_counter()
    dossier = assemble(shipments.many_lines(LINES))
    assembled = time.perf_counter() - began
    renderer = CATALOGUE["packing_list.xlsx"]
    rendered = _timed(lambda: renderer.render(dossier))
    rows = [list(row) for row in tables.packing_grid(dossier).written()]
    bare = _timed(lambda: _written(rows))
    print(
        f"packing annex         {LINES} lines: assembled {assembled:.1f} s, XLSX {rendered:.1f} s; "
        f"bare xlsxwriter {bare:.1f} s, ratio {bare / rendered:.2f}",
        flush=True,
    )


def _written(rows: list[list[Any]]) -> None:
    book = xlsxwriter.Workbook(sink := io.BytesIO(), {"in_memory": True})
    page = book.add_worksheet()
    for n, row in enumerate(rows):
        page.write_row(n, 0, [str(cell) if cell is not None else "" for cell in row])
    book.close()
    assert sink.getbuffer().nbytes


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    dossier_ratio()
