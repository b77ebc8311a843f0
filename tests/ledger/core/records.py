"""One small signed record with fixed keys, and its altered copies."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.core import canonical, envelope, keys
from ledger.core.envelope import SignedRecord

AUTHOR = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
PARTNER = Ed25519PrivateKey.from_private_bytes(bytes([8]) * 32)
PRIVATE_KEYS = {keys.key_id(key.public_key().public_bytes_raw()): key for key in (AUTHOR, PARTNER)}
AUTHOR_ID, PARTNER_ID = PRIVATE_KEYS

LOT = "lot:00000000000000000001"
OTHER_LOT = "lot:00000000000000000002"
WORK = "work:00000000000000000001"
PARTY = "party:00000000000000000001"
START = "0" * 64
HASH = "ab" * 32


def body(**changes: Any) -> dict[str, Any]:
    """A body that is accepted, with members replaced or added; None leaves a member out."""
    members: dict[str, Any] = {
        "v": 1,
        "type": "lot.received",
        "origin": "log.example/lots",
        "subjects": [{"id": LOT, "seq": 1, "prev": HASH}],
        "refs": [],
        "signers": [
            {"party": PARTY, "key": AUTHOR_ID, "role": "custodian"},
            {"party": PARTY, "key": PARTNER_ID, "role": "releasing"},
        ],
        "at": "2026-11-20T01:00:07Z",
        "offset": "+08:00",
        "data": {"declared": 240, "counted": 239},
        "commit": {"delivery_note": HASH},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def signatures(encoded: bytes, members: Mapping[str, Any]) -> list[bytes]:
    message = envelope.signing_input(encoded)
    return [PRIVATE_KEYS[signer["key"]].sign(message) for signer in members["signers"]]


def record(**changes: Any) -> SignedRecord:
    members = body(**changes)
    encoded = canonical.dumps(members)
    return SignedRecord.parse(encoded, signatures(encoded, members))


def public_key(key_id: str) -> bytes:
    return PRIVATE_KEYS[key_id].public_key().public_bytes_raw()
