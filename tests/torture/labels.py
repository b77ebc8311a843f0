"""A thousand labels of mixed formats at 150 dpi, seen badly, by zxing-cpp and zbar."""

from pathlib import Path

from tests.exporters.labels.reading import expected, rates, sights

LABELS = 1_000


def labels(seed: int, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    found = rates(list(sights(LABELS, seed)), folder)
    told = []
    for key in sorted(found.seen):
        kind, pixels = key
        least = expected(kind, pixels)
        zbar = None if found.zbar is None else found.zbar[key]
        said = "did not run" if zbar is None else f"{zbar:.1%}"
        seen = f"{found.seen[key]} {kind} at {pixels:g} px a module"
        told.append(f"{seen}: zxing {found.zxing[key]:.1%}, zbar {said}")
        assert found.zxing[key] >= least, told[-1]
        assert zbar is None or pixels < 3.0 or zbar >= least, told[-1]
    return "; ".join(told)
