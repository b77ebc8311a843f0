"""A small volume of one's own, to fill up and to turn read-only."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

FILLER = "filler"
PAGE = 4096


class Volume:
    """A mounted tmpfs. size: in KiB."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self, *, but: int = 0) -> None:
        """Take all space except ``but`` bytes."""
        with (self.path / FILLER).open("ab", buffering=0) as filler, suppress(OSError):
            while True:
                filler.write(bytes(64 * PAGE))
        with (self.path / FILLER).open("r+b") as filler:
            filler.truncate(max(0, filler.seek(0, os.SEEK_END) - but))

    def free(self) -> None:
        (self.path / FILLER).unlink()

    def remount(self, how: str) -> None:
        """how: ``ro`` or ``rw``. Nothing on it may be open for writing."""
        subprocess.run(["mount", "-o", f"remount,{how}", self.path], check=True, capture_output=True)


@contextmanager
def mounted(path: Path, *, size_kib: int) -> Iterator[Volume]:
    """Skips the test, and says so, where this user may not mount."""
    path.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", path]
    made = subprocess.run(["mount", *options], check=False, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no volume to fill: mount says {made.stderr.strip()!r} (it needs root)")
    try:
        yield Volume(path)
    finally:
        subprocess.run(["umount", "--lazy", path], check=True, capture_output=True)
