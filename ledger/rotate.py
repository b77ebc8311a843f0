"""Record that the log changes its key. From the next checkpoint on the new key signs, too."""

from ledger.errors import InvalidRecord
from ledger.log_keys import stored_keys
from ledger.ports import Signer
from ledger.record import Entry, Ledger, Submission
from ledger.records.parties import LogKeyChanged
from ledger.writer import Writer

_PROBE = b"lotproof/log-key-at-hand/v1\n"  # no checkpoint: nobody takes its signature for one


def record_log_key(writer: Writer, submission: Submission, successor: Signer) -> Entry:
    """Record a ``log.key_changed`` to the key of ``successor``, which is at hand to publish with.

    The very record again gives its old index. Raises InvalidRecord when the record names another key,
    when the change before is not handed over yet, and whatever recording raises.
    """
    prepared = writer.prepare(submission)
    data = prepared.typed.data
    if not isinstance(data, LogKeyChanged) or data.log_key != successor.public_key.hex():
        raise InvalidRecord("is not the key at hand, with which would be published", pointer="/data/log_key")
    successor.sign(_PROBE)  # a key that cannot sign is found out before the log depends on it

    def record(ledger: Ledger) -> Entry:
        keys = stored_keys(ledger.connection)
        last = keys.changes[-1] if keys.changes else None
        if last is not None and last.handover is None and keys.newest.public_key != successor.public_key:
            raise InvalidRecord(
                f"the log key of entry {last.index} has not taken over yet: publish first",
                pointer="/data/log_key",
            )
        return ledger.record(prepared, own_log_key=True)

    return writer.do(record, alone=True)
