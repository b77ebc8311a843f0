"""A lot pack as a file: one zip, made from its members by one recipe (docs/lot-pack.md).

pack.json   {"format","lot","members":[{"name","sha256","size"}],"origin","root","tree_size"}
            canonical; the first member. The others follow in the order of their names.

The format is lotproof-pack/2 where the log has changed its key, and members tell of it; else /1.

Members are stored, not deflated, at 1980-01-01, without attributes, extra fields or comments, so the same
members give the same bytes on every machine, and a reader can tell every byte of the file.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.core import canonical
from ledger.core.canonical import JsonValue
from ledger.errors import InvalidRecord, MissingEvidence, ProofError

FORMAT, FORMAT_HANDED_OVER = "lotproof-pack/1", "lotproof-pack/2"
LISTING = "pack.json"
CHECKPOINT, POLICY = "checkpoint", "policy"
WHOLE, OPENINGS, ROWS = "whole.json", "openings.json", "rows.json"
PAGE, PROGRAM = "index.html", "verify_lot.py"
PARTS = frozenset({CHECKPOINT, POLICY, WHOLE, OPENINGS, ROWS, PAGE, PROGRAM})
RECORDS, DOCUMENTS, LOG_KEYS = "records/", "documents/", "log-keys/"
PACK_BYTES_MAX = 2**31 - 1

_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02\x0a\x00", b"PK\x05\x06"
_VERSION = 10  # of zip: stored members need no newer one
_EPOCH = 33  # 1980-01-01 as a DOS date
_HEAD_SIZE = 30


@dataclass(frozen=True, slots=True)
class Pack:
    """members: by name, in the file's order, without pack.json. root: 32 bytes."""

    lot: str
    origin: str
    tree_size: int
    root: bytes
    members: Mapping[str, bytes]


def build(pack: Pack) -> bytes:
    """The bytes of a pack; members may come in any order. Raises InvalidRecord beyond 2 GiB."""
    members = sorted(pack.members.items())
    listing = canonical.dumps(
        {
            "format": format_of(pack.members),
            "lot": pack.lot,
            "members": [_listed(name, data) for name, data in members],
            "origin": pack.origin,
            "root": pack.root.hex(),
            "tree_size": pack.tree_size,
        }
    )
    data = archive([(LISTING, listing), *members])
    if len(data) > PACK_BYTES_MAX:
        raise InvalidRecord(f"the pack of {pack.lot} is larger than {PACK_BYTES_MAX} bytes")
    return data


def format_of(names: Iterable[str]) -> str:
    """The format of a pack with members of these names."""
    return FORMAT_HANDED_OVER if any(name.startswith(LOG_KEYS) for name in names) else FORMAT


def archive(members: Iterable[tuple[str, bytes]]) -> bytes:
    """The one zip of these members, in this order. Source: APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16."""
    body, directory, count = bytearray(), bytearray(), 0
    for name, data in members:
        checksum, size, raw = zlib.crc32(data), len(data), name.encode()
        head = struct.pack("<5H3I2H", _VERSION, 0, 0, 0, _EPOCH, checksum, size, size, len(raw), 0)
        directory += _CENTRAL + head + struct.pack("<3H2I", 0, 0, 0, 0, len(body)) + raw
        body += _LOCAL + head + raw + data
        count += 1
    end = struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + _END + end)


def read(data: bytes) -> Pack:
    """The pack behind ``data``: ``build(read(data)) == data``.

    Raises MissingEvidence naming what a truncated or thinned file lacks, ProofError for every other
    difference from the recipe. What the members say is not judged.
    """
    if len(data) > PACK_BYTES_MAX:
        raise MissingEvidence(f"a pack has at most {PACK_BYTES_MAX} bytes")
    first = _HEAD_SIZE + len(LISTING)
    end = first + int.from_bytes(data[22:26], "little")
    if not first < end <= len(data):
        raise MissingEvidence(f"{LISTING}, the first member, is cut off")
    head = data[first:end]
    listing, listed = _listing(head)
    members: dict[str, bytes] = {}
    names = [one["name"] for one in listed]
    for position, one in enumerate(listed):
        raw = one["name"].encode()
        start = end + _HEAD_SIZE + len(raw)
        end = start + one["size"]
        if data[start - len(raw) : start] != raw or end > len(data):
            raise MissingEvidence(f"not in the pack: {', '.join(names[position:])}")
        content = data[start:end]
        if one != _listed(one["name"], content):
            raise ProofError(f"{one['name']} was changed")
        members[one["name"]] = content
    if listing["format"] != format_of(members):
        raise ProofError(f"{LISTING} names another format than its members have")
    _check_bytes(data, [(LISTING, head), *members.items()])
    root = bytes.fromhex(listing["root"])
    return Pack(listing["lot"], listing["origin"], listing["tree_size"], root, members)


def _check_bytes(data: bytes, members: list[tuple[str, bytes]]) -> None:
    whole = archive(members)
    if whole == data:
        return
    if whole.startswith(data):
        raise MissingEvidence("the directory at the end of the zip is cut off")
    raise ProofError("the zip holds bytes that none of its members explains")


def _listing(data: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        value: Any = canonical.loads(data, walk=False)
    except InvalidRecord as error:
        raise ProofError(f"{LISTING}: {error}") from error
    if not isinstance(value, dict) or "format" not in value:
        raise ProofError(f"{LISTING} is no list of a pack's members")
    if value["format"] not in (FORMAT, FORMAT_HANDED_OVER):
        read = f"{FORMAT} and {FORMAT_HANDED_OVER}"
        raise MissingEvidence(f"this program reads {read}, not {str(value['format'])[:40]!r}")
    forms = {"format": str, "lot": str, "members": list, "origin": str, "root": str, "tree_size": int}
    if {name: type(member) for name, member in value.items()} != forms or not _is_root(value["root"]):
        raise ProofError(f"{LISTING} is no list of a pack's members")
    listed = value["members"]
    forms = {"name": str, "sha256": str, "size": int}
    if any(type(one) is not dict or {n: type(m) for n, m in one.items()} != forms for one in listed):
        raise ProofError(f"{LISTING} is no list of a pack's members")
    names = [one["name"] for one in listed]
    if names != sorted(set(names)) or any(one["size"] < 0 for one in listed):
        raise ProofError(f"{LISTING} lists its members out of order")
    return value, listed


def _is_root(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def _listed(name: str, data: bytes) -> dict[str, JsonValue]:
    return {"name": name, "sha256": sha256(data).hexdigest(), "size": len(data)}
