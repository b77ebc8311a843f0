"""The sequenced leaf: a record plus the log's own link (records.md 2).

{"body":{...},"log":{"i":7,"prev":"<leaf hash of entry 6>","rec":"2026-11-20T01:00:07Z"},"sigs":["..."]}
"""

from dataclasses import dataclass
from typing import Any

from ledger.core import canonical, merkle
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import Closed, Count, SignedRecord, parse_at, validated
from ledger.core.subjects import START, Hash
from ledger.core.tiles import ENTRY_BYTES_MAX
from ledger.errors import InvalidRecord, ProofError

FIRST_PREVIOUS = START
_BODY = b'{"body":'


class LogLink(Closed):
    """i: this entry's index. prev: leaf hash of the entry before. rec: the log's own time."""

    i: Count
    prev: Hash
    rec: str


class _Members(Closed):
    body: dict[str, Any]
    log: LogLink
    sigs: list[str]


@dataclass(frozen=True, slots=True)
class Leaf:
    """encoded: the bytes in the tree. hash: RFC 6962 leaf hash, 32 bytes."""

    encoded: bytes
    index: int
    previous: str
    recorded_at: str
    record: SignedRecord
    hash: bytes

    @classmethod
    def parse(cls, encoded: bytes) -> "Leaf":
        """Read a leaf strictly; only canonical bytes are accepted. Signatures are not judged."""
        if len(encoded) > ENTRY_BYTES_MAX:
            raise InvalidRecord(f"leaf is longer than {ENTRY_BYTES_MAX} bytes")
        value = canonical.loads(encoded)
        members = validated(_Members, value)
        parse_at(members.log.rec)
        try:
            signatures = [decode_base64(text) for text in members.sigs]
        except ProofError as error:
            raise InvalidRecord(str(error), pointer="/sigs") from error
        tail = _tail(members.log.i, members.log.prev, members.log.rec, members.sigs)
        body = encoded[len(_BODY) : -len(tail)]  # canonical, so the members stand in this order
        record = SignedRecord.of(members.body, body, signatures)
        return cls(
            encoded, members.log.i, members.log.prev, members.log.rec, record, merkle.leaf_hash(encoded)
        )


def sequenced(record: SignedRecord, *, index: int, previous: str, recorded_at: str) -> Leaf:
    """Give ``record`` its place. previous: hex leaf hash of entry ``index - 1``."""
    signatures = [encode_base64(signature) for signature in record.signatures]
    encoded = _BODY + record.encoded + _tail(index, previous, recorded_at, signatures)
    if len(encoded) > ENTRY_BYTES_MAX:
        raise InvalidRecord(f"leaf is longer than {ENTRY_BYTES_MAX} bytes")
    return Leaf(encoded, index, previous, recorded_at, record, merkle.leaf_hash(encoded))


def _tail(index: int, previous: str, recorded_at: str, signatures: list[str]) -> bytes:
    quoted = ",".join(f'"{text}"' for text in signatures)
    return f',"log":{{"i":{index},"prev":"{previous}","rec":"{recorded_at}"}},"sigs":[{quoted}]}}'.encode()
