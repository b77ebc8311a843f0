"""Labels as they are seen in the world: turned, blurred, pale, noisy or torn, at 150 dpi."""

from pathlib import Path

import pytest

from tests.exporters.labels.reading import expected, rates, sights

COUNT = 60  # `make torture` reads 1,000


def test_labels_of_every_format_are_read_as_they_can_be_by_two_readers(tmp_path: Path) -> None:
    """zxing-cpp made the symbols, too; zbar had no part in them."""
    found = rates(list(sights(COUNT, seed=1)), tmp_path)
    assert sum(found.seen.values()) == COUNT
    for kind, pixels_a_module in found.seen:
        if pixels_a_module >= 3.0:  # below that the part that reads is told of many only
            assert found.zxing[kind, pixels_a_module] >= expected(kind, pixels_a_module)
            assert found.zbar is None or found.zbar[kind, pixels_a_module] >= 0.98
    if found.zbar is None:
        pytest.skip("zbarimg is not installed: zxing-cpp alone has read the labels")
