"""How often Python looks for cycles while many records pass, or many modules load: they leave few behind."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def few_collections() -> Iterator[None]:
    """Within it a look after every 50,000 objects; the usual one after 700 is a tenth of an audit."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
