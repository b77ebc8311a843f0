"""A prepared record on its way from signer to signer, outside the gateway::

    {"body": "<base64>", "signing_input": "<base64>", "event_id": "<64 hex>",
     "sigs": ["<base64>", null], "open": {"<field>": {"value": …, "salt": "<64 hex>"}},
     "rows": [{"part": "", "rows": ["<base64>"]}]}

``sigs`` follows ``signers`` in the body; null waits for its signature. ``signing_input`` is what an
Ed25519 tool signs. Whoever signs reads the body, never the words beside it: everything else in the
file is checked against it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.core import keys
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.envelope import Body, SignedRecord, signing_input
from ledger.core.envelope import Signer as SignedBy
from ledger.core.keys import SIGNATURE_SIZE, key_id
from ledger.errors import InvalidRecord, ProofError
from ledger.lots import rows as row_rules
from ledger.ports import Signer
from ledger.record import Submission
from ledger.records.registry import Typed, check_for_writing, typed

_BLANK = bytes(SIGNATURE_SIZE)
_MEMBERS = frozenset({"body", "signing_input", "event_id", "sigs", "open", "rows"})


@dataclass(frozen=True, slots=True)
class Pending:
    """A record whose form, openings and rows were checked.

    signatures: None where one is missing; whether the others hold is judged when it is recorded.
    """

    typed: Typed
    signatures: tuple[bytes | None, ...]
    contents: Submission  # body, openings and rows, without signatures

    @classmethod
    def of(cls, contents: Submission, signatures: Sequence[bytes | None]) -> "Pending":
        """Check everything that no signature is needed for. Raises InvalidRecord."""
        if any(signature is not None and len(signature) != SIGNATURE_SIZE for signature in signatures):
            raise InvalidRecord(f"an Ed25519 signature has {SIGNATURE_SIZE} bytes", pointer="/sigs")
        typed_ = typed(SignedRecord.parse(contents.body, [_BLANK] * len(signatures)))
        check_for_writing(typed_, dict(contents.open))
        parts = {item.part: item.rows for item in contents.rows}
        if len(parts) != len(contents.rows):
            raise InvalidRecord("the rows of one manifest come once", pointer="/rows")
        row_rules.check_roots(typed_, parts)
        return cls(typed_, tuple(signatures), replace(contents, signatures=()))

    @classmethod
    def from_json(cls, value: Any) -> "Pending":
        """Read a decoded file strictly. Raises InvalidRecord with a JSON pointer."""
        if not isinstance(value, dict) or value.keys() != _MEMBERS:
            raise InvalidRecord(f"a prepared record has exactly the members {', '.join(sorted(_MEMBERS))}")
        contents = Submission.from_json({**value, "sigs": []})
        try:
            if decode_base64(value["signing_input"]) != signing_input(contents.body):
                raise InvalidRecord("is not the signing input of the body", pointer="/signing_input")
            signatures = tuple(None if text is None else decode_base64(text) for text in value["sigs"])
        except (TypeError, ValueError, AttributeError, ProofError) as error:
            raise InvalidRecord(f"prepared record is malformed: {error}") from error
        pending = cls.of(contents, signatures)
        if value["event_id"] != pending.event_id:
            raise InvalidRecord("is not the id of the body", pointer="/event_id")
        return pending

    @property
    def body(self) -> Body:
        return self.typed.record.body

    @property
    def event_id(self) -> str:
        return self.typed.record.event_id

    @property
    def missing(self) -> tuple[SignedBy, ...]:
        """Who has not signed yet, in the order of the body."""
        signers = zip(self.body.signers, self.signatures, strict=True)
        return tuple(signer for signer, signature in signers if signature is None)

    def place_of(self, public_key: bytes) -> SignedBy:
        """As whom this key signs. Raises InvalidRecord when the record does not wait for it."""
        identity = key_id(public_key)
        found = next((signer for signer in self.body.signers if signer.key == identity), None)
        if found is None:
            waiting = ", ".join(f"{signer.role} {signer.key[:16]}" for signer in self.missing) or "nobody"
            raise InvalidRecord(
                f"key {identity[:16]} is no signer of this record; it waits for {waiting}", pointer="/signers"
            )
        return found

    def signed_by(self, signer: Signer) -> "Pending":
        """With the signature of ``signer`` in its place; an equal one there already stays.

        Raises InvalidRecord when the key is no signer, ProofError when what came back is no signature.
        """
        place = self.place_of(signer.public_key)
        message = signing_input(self.contents.body)
        signature = signer.sign(message)
        keys.verify(signer.public_key, signature, message)  # a faulty device is found out here
        filled = list(self.signatures)
        filled[self.body.signers.index(place)] = signature
        return replace(self, signatures=tuple(filled))

    def submission(self) -> Submission:
        """What is recorded. Raises InvalidRecord naming who has not signed."""
        signatures = tuple(signature for signature in self.signatures if signature is not None)
        if self.missing:
            names = ", ".join(f"{signer.role} {signer.key[:16]}" for signer in self.missing)
            raise InvalidRecord(f"still waits for the signature of {names}", pointer="/sigs")
        return replace(self.contents, signatures=signatures)

    def to_json(self) -> dict[str, Any]:
        """``from_json(p.to_json()) == p``."""
        return {
            "body": encode_base64(self.contents.body),
            "signing_input": encode_base64(signing_input(self.contents.body)),
            "event_id": self.event_id,
            "sigs": [None if text is None else encode_base64(text) for text in self.signatures],
            **opened_json(self.contents),
        }


def submission_json(submission: Submission) -> dict[str, Any]:
    """``{body, sigs, open, rows}`` as ``POST /v1/records`` takes it."""
    return {
        "body": encode_base64(submission.body),
        "sigs": [encode_base64(signature) for signature in submission.signatures],
        **opened_json(submission),
    }


def opened_json(submission: Submission) -> dict[str, Any]:
    """What belongs to a record but not into the log."""
    opened: Mapping[str, Any] = {
        name: {"value": opening.value, "salt": opening.salt.hex()}
        for name, opening in submission.open.items()
    }
    rows = [
        {"part": item.part, "rows": [encode_base64(row) for row in item.rows]} for item in submission.rows
    ]
    return {"open": opened, "rows": rows}
