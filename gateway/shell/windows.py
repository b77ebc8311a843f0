"""Moving windows in this process's memory, for the limiter of ``limits``.

That package's own memory keeps every key for ever and starts a thread to forget entries; this one
keeps the keys used last, on a clock that nobody sets, and can take an entry back.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from limits.storage import MovingWindowSupport, Storage

KEYS_MAX: Final = 50_000


class Windows(Storage, MovingWindowSupport):
    """For each key the moments of what was counted, oldest first."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, keys_max: int = KEYS_MAX) -> None:
        super().__init__()
        self.now = now
        self._keys_max = keys_max
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, deque[float]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` more, if that stays within ``limit`` in the last ``expiry`` seconds."""
        with self._lock:
            moments = self._current(key, expiry)
            if len(moments) + amount > limit:
                return False
            moments.extend([self.now()] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - its interface
        """When the oldest entry of the window was counted, and how many there are."""
        with self._lock:
            moments = self._current(key, expiry)
            return (moments[0] if moments else self.now(), len(moments))

    def give_back(self, key: str) -> None:
        """Take the newest entry back."""
        with self._lock:
            if self._kept.get(key):
                self._kept[key].pop()

    def _current(self, key: str, expiry: int) -> deque[float]:
        moments = self._kept.setdefault(key, deque())
        self._kept.move_to_end(key)
        while moments and moments[0] <= self.now() - expiry:
            moments.popleft()
        while len(self._kept) > self._keys_max:
            self._kept.popitem(last=False)
        return moments

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    # The interface asks for fixed windows, too; no limiter of ours counts that way, so none gets an answer.
    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise NotImplementedError("moving windows only")

    def get(self, key: str) -> int:
        return len(self._kept.get(key, ()))

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError("moving windows only")

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._kept)
            self._kept.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)
