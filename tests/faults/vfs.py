"""A disk that loses power, fails and fills up: an apsw VFS that knows what has reached the platter.

Per file it keeps the bytes that the last xSync made durable and the writes since. A power cut keeps,
loses or tears (by sectors of 512 bytes) each of those writes on its own. It models the loss of
un-synced writes in each file, not disks that lie about a sync nor an order between files.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
KEPT, LOST = 0.4, 0.8  # below: the write stays whole; below: it is gone; else it is torn
Change = tuple[int, bytes] | int  # (offset, data) written, or the size truncated to
Fault = Callable[[], Exception]


class PowerCut(Exception):
    """The machine went off in the middle of a call."""


@dataclass(slots=True)
class _File:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)
    was_synced: bool = False

    def sync(self) -> None:
        for change in self.pending:
            _apply(self.durable, change)
        self.pending.clear()
        self.was_synced = True

    def after_cut(self, chance: random.Random) -> bytes | None:
        """What stands on the platter; None when not even the file's name does."""
        if not self.was_synced and chance.random() < 0.5:
            return None
        left = bytearray(self.durable)
        for change in self.pending:
            _apply_torn(left, change, chance)
        return bytes(left)


class Disk:
    """Counts the calls that change files; ``faults`` says which of them fail, and how.

    faults: 1-based number of the call -> the error it raises. A PowerCut ends it all: nothing that
    comes after it is kept. SQLite passes over some errors (of a delete): ask ``is_off``.
    """

    def __init__(self, faults: dict[int, Fault], chance: random.Random) -> None:
        self.calls = 0
        self._faults = faults
        self._chance = chance
        self._files: dict[str, _File] = {}
        self._removed: dict[str, _File] = {}
        self.is_off = False

    def wrote(self, name: str, change: Change) -> None:
        if self._works():
            self._files[name].pending.append(change)

    def synced(self, name: str) -> None:
        """A failed sync is told once; the system takes its pages for clean, and they may never arrive."""
        try:
            if self._works():
                self._sync(name)
        except PowerCut:
            raise
        except Exception:
            pending = self._files[name].pending
            pending[:] = [change for change in pending if self._chance.random() < 0.5]
            self._sync(name)
            raise

    def opened(self, name: str) -> None:
        if name not in self._files:
            path = Path(name)
            self._files[name] = _File(bytearray(path.read_bytes() if path.exists() else b""))

    def removed(self, name: str) -> None:
        if self._works() and name in self._files:
            self._removed[name] = self._files.pop(name)

    def cut(self) -> None:
        """Switch the machine off between two calls."""
        self.is_off = True

    def image(self, folder: Path) -> None:
        """Write into ``folder`` what a machine finds that is switched on again."""
        folder.mkdir(parents=True, exist_ok=True)
        back = {name: file for name, file in self._removed.items() if self._chance.random() < 0.5}
        for name, file in (back | self._files).items():
            data = file.after_cut(self._chance)
            if data is not None:
                (folder / Path(name).name).write_bytes(data)

    def _sync(self, name: str) -> None:
        if not self._files[name].was_synced:
            self._removed.clear()  # SQLite syncs the folder with the first sync of a new journal or WAL
        self._files[name].sync()

    def _works(self) -> bool:
        """Whether this call reaches the disk; raises what is planned for it."""
        if self.is_off:
            return False
        self.calls += 1
        fault = self._faults.get(self.calls)
        if fault is None:
            return True
        error = fault()
        self.is_off = isinstance(error, PowerCut)
        raise error


@contextmanager
def opened(path: Path, disk: Disk) -> Iterator[apsw.Connection]:
    """A connection to the database at ``path`` whose every write goes through ``disk``."""
    vfs = _Vfs(f"faulty-{id(disk)}", disk)
    connection = apsw.Connection(str(path), vfs=vfs.name)
    try:
        yield connection
    finally:
        disk.cut()  # whatever closing still writes
        connection.close(force=True)
        vfs.unregister()


class _Vfs(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self.name = name
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: "str | apsw.URIFilename | None", flags: list[int]) -> "apsw.VFSFile":
        if name is None:
            return apsw.VFSFile("", name, flags)  # a temporary file: nobody misses it after a cut
        text = name if isinstance(name, str) else name.filename()
        file = _VfsFile(name, text, flags, self._disk)
        self._disk.opened(text)
        return file

    def xDelete(self, name: str, syncdir: bool) -> None:
        with suppress(PowerCut):  # SQLite would pass over it, and apsw print it
            self._disk.removed(name)
        super().xDelete(name, syncdir)


class _VfsFile(apsw.VFSFile):
    def __init__(self, name: "str | apsw.URIFilename", text: str, flags: list[int], disk: Disk) -> None:
        self._name = text
        self._disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.wrote(self._name, (offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._disk.wrote(self._name, newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._disk.synced(self._name)


def _apply(data: bytearray, change: Change) -> None:
    if isinstance(change, int):
        del data[change:]
        return
    offset, written = change
    data.extend(bytes(max(0, offset - len(data))))
    data[offset : offset + len(written)] = written


def _apply_torn(data: bytearray, change: Change, chance: random.Random) -> None:
    fate = chance.random()
    if fate < KEPT or (fate >= LOST and isinstance(change, int)):
        _apply(data, change)
    elif fate >= LOST and not isinstance(change, int):
        offset, written = change
        for start in range(0, len(written), SECTOR):
            if chance.random() < 0.5:
                _apply(data, (offset + start, written[start : start + SECTOR]))
