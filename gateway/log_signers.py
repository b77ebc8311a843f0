"""The log's private keys that are at hand. Files may come and go while a publisher runs.

HOME/keys/log.pem                the key in force, or the former one while the log changes its key
HOME/keys/log-next.pem           the one that follows it, until the change is finished
HOME/keys/log-retired-<id>.pem   what was in force before: signs nothing any more, to be destroyed
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ledger.core.keys import VerifierKey
from ledger.errors import StorageError
from ledger.ports import Signer

CURRENT, NEXT = "log.pem", "log-next.pem"


class LogSigners:
    """Looks at the files anew each time, so that no process needs to start again for a change of key."""

    def __init__(
        self,
        folder: Path,
        *,
        load: Callable[[Path], Signer],
        make: Callable[[Path], Signer],
        remote: Sequence[Signer],
        elsewhere: tuple[bool, bool],
    ) -> None:
        """remote: keys that are in no file. elsewhere: whether the current, and the next one, is there."""
        self._folder = folder
        self._load = load
        self._make = make
        self._remote = remote
        self._names = [name for name, away in zip((CURRENT, NEXT), elsewhere, strict=True) if not away]
        self._opened: dict[tuple[str, int, int], Signer] = {}

    @property
    def next_file(self) -> Path:
        return self._folder / NEXT

    def successor(self) -> Signer:
        """The key that follows: the settings name it, or it is in its file, made where there is none."""
        if NEXT not in self._names:
            return self._remote[-1]
        return self._load(self.next_file) if self.next_file.exists() else self._make(self.next_file)

    def of(self, public_key: bytes) -> Signer | None:
        """The signer of a public key; None when it is not at hand, or has retired."""
        return next((signer for signer in self._all() if signer.public_key == public_key), None)

    def retire(self, former: VerifierKey) -> Path | None:
        """Put the next key's file in the place of the current one; returns where the former one is now.

        Whenever this dies, ``of`` finds the key in force, and the same call brings it to its end. None
        where the former key is in no file.
        """
        current, retired = self._folder / CURRENT, self._folder / f"log-retired-{former.id.hex()}.pem"
        if not self.next_file.exists():
            return retired if retired.exists() else None
        if current.exists() and self._load(current).public_key == former.public_key and not retired.exists():
            os.link(current, retired)
        self.next_file.replace(current)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return retired if retired.exists() else None

    def _all(self) -> Iterator[Signer]:
        yield from self._remote
        for name in self._names:
            try:
                status = (self._folder / name).stat()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise StorageError(f"{self._folder / name}: {error}") from error
            seen = name, status.st_ino, status.st_mtime_ns
            if seen not in self._opened:
                try:
                    self._opened[seen] = self._load(self._folder / name)
                except StorageError:
                    if (self._folder / name).exists():
                        raise
                    continue  # renamed meanwhile: it is found under its other name
            yield self._opened[seen]
