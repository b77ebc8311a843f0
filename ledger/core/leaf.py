"""The sequenced leaf: a record plus the log's own link (records.md 2).

{"body":{...},"log":{"i":7,"prev":"<leaf hash of entry 6>","rec":"2026-11-20T01:00:07Z"},"sigs":["..."]}
"""

from dataclasses import dataclass
from typing import Any

import orjson

from ledger.core import canonical, merkle
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import Closed, Count, SignedRecord, parse_at, validated
from ledger.core.subjects import HASH, START, Hash
from ledger.core.tiles import ENTRY_BYTES_MAX
from ledger.errors import InvalidRecord, ProofError

FIRST_PREVIOUS = START
_BODY = b'{"body":'
_LINKED = b',"log":{'


class LogLink(Closed):
    """i: this entry's index. prev: leaf hash of the entry before. rec: the log's own time."""

    i: Count
    prev: Hash
    rec: str


class _Members(Closed):
    body: dict[str, Any]
    log: LogLink
    sigs: list[str]


_MEMBERS, _LINK = frozenset(_Members.model_fields), frozenset(LogLink.model_fields)


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
        value: Any = canonical.loads(encoded, walk=False)
        if not _formed(value):
            canonical.check_shape(value)
            validated(_Members, value)  # names what is wrong
        link, sigs = value["log"], value["sigs"]
        index, previous, recorded_at = link["i"], link["prev"], link["rec"]
        parse_at(recorded_at)
        try:
            signatures = [decode_base64(text) for text in sigs]
        except ProofError as error:
            raise InvalidRecord(str(error), pointer="/sigs") from error
        tail = _tail(index, previous, recorded_at, sigs)
        body = encoded[len(_BODY) : -len(tail)]  # canonical, so the members stand in this order
        record = SignedRecord.of(value["body"], body, signatures)
        return cls(encoded, index, previous, recorded_at, record, merkle.leaf_hash(encoded))

    @classmethod
    def trusting(cls, encoded: bytes) -> "Leaf":
        """As ``parse``, of bytes that another process parses meanwhile: nothing is checked here.

        What follows from it counts only once the other one has found it good. On bytes that ``parse``
        refuses this may raise anything, or nothing. The record comes without its signatures.
        """
        value = orjson.loads(encoded)
        link = value["log"]
        body = encoded[len(_BODY) : encoded.rindex(_LINKED)]
        record = SignedRecord.trusting(value["body"], body)
        return cls(encoded, link["i"], link["prev"], link["rec"], record, merkle.leaf_hash(encoded))


def sequenced(record: SignedRecord, *, index: int, previous: str, recorded_at: str) -> Leaf:
    """Give ``record`` its place. previous: hex leaf hash of entry ``index - 1``."""
    signatures = [encode_base64(signature) for signature in record.signatures]
    encoded = _BODY + record.encoded + _tail(index, previous, recorded_at, signatures)
    if len(encoded) > ENTRY_BYTES_MAX:
        raise InvalidRecord(f"leaf is longer than {ENTRY_BYTES_MAX} bytes")
    return Leaf(encoded, index, previous, recorded_at, record, merkle.leaf_hash(encoded))


def _formed(value: Any) -> bool:
    """Whether ``value`` plainly has the form of ``_Members``; when in doubt the model decides."""
    if type(value) is not dict or value.keys() != _MEMBERS:
        return False
    link, sigs = value["log"], value["sigs"]
    return (
        type(value["body"]) is dict
        and (type(link) is dict and link.keys() == _LINK)
        and (type(link["i"]) is int and 0 <= link["i"] <= canonical.INTEGER_MAX)
        and (type(link["prev"]) is str and HASH.fullmatch(link["prev"]) is not None)
        and type(link["rec"]) is str
        and type(sigs) is list
        and all([type(text) is str for text in sigs])  # noqa: C419 - a generator costs as much again
    )


def _tail(index: int, previous: str, recorded_at: str, signatures: list[str]) -> bytes:
    quoted = ",".join(f'"{text}"' for text in signatures)
    return f',"log":{{"i":{index},"prev":"{previous}","rec":"{recorded_at}"}},"sigs":[{quoted}]}}'.encode()
