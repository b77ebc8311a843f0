"""Lot packs that were built for nobody in particular, kept while the tree they were built from is visible.

Only what the public sees is kept: what is opened for somebody may be erased at any moment.
"""

import threading
from collections import OrderedDict
from typing import Final

from gateway.workflows.export_lot import Pack

BYTES_MAX: Final = 32 * 1024 * 1024


class KeptPacks:
    """The packs used last, by lot, of one visible checkpoint."""

    def __init__(self, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._lock = threading.Lock()
        self._note = b""
        self._packs: OrderedDict[str, Pack] = OrderedDict()

    def get(self, note: bytes, lot: str) -> Pack | None:
        """note: of the visible checkpoint."""
        with self._lock:
            pack = self._packs.get(lot) if note == self._note else None
            if pack is not None:
                self._packs.move_to_end(lot)
            return pack

    def keep(self, note: bytes, lot: str, pack: Pack) -> None:
        with self._lock:
            if note != self._note:
                self._note = note
                self._packs.clear()
            self._packs[lot] = pack
            while sum(len(one.content) for one in self._packs.values()) > self._bytes_max:
                self._packs.popitem(last=False)
