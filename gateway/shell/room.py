"""How many visits are answered at once, so that a crowd waits in line and not on one another.

A visit keeps one reading connection and now and then needs a second one. If more began than there are
connections, each would hold one and wait for another: nobody would be answered until the pool gave up.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

PLACES: Final = 6  # twice as many connections, and some for what is no visit, fit any pool of ours


class Room:
    """The places of one process, in each event loop its own."""

    def __init__(self, places: int = PLACES) -> None:
        self._places = places
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a free one, first come first served, on the loop: nobody who waits holds a thread."""
        loop = asyncio.get_running_loop()
        if loop not in self._of_loop:
            self._of_loop[loop] = asyncio.Semaphore(self._places)
        async with self._of_loop[loop]:
            yield
