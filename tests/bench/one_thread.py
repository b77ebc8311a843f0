"""An audit on one thread: the bare reference has no second one to verify signatures on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from unittest import mock

from ledger.audit_signatures import SignatureChecks
from ledger.core.envelope import SignedRecord
from ledger.errors import ProofError


class OneThread(SignatureChecks):
    """Verifies where it stands."""

    def add(self, index: int, record: SignedRecord, public_keys: Mapping[str, bytes]) -> None:
        try:
            record.verify(public_keys.__getitem__)
        except ProofError as error:
            self._failure = self._failure or (index, error)


@contextmanager
def one_thread() -> Iterator[None]:
    with mock.patch("ledger.audit.SignatureChecks", OneThread):
        yield
