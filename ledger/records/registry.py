"""Every record type by name, and the check of a body against its type."""

from typing import Any, NamedTuple

from ledger.core import canonical
from ledger.core.commitments import Opening, check_opening
from ledger.core.envelope import Closed, SignedRecord, validated
from ledger.errors import InvalidRecord
from ledger.records import (
    devices,
    evidence,
    inspection,
    intake,
    labels,
    origin,
    parties,
    refurbishment,
    safety,
    supply,
    trade,
)
from ledger.records.model import RecordType

TYPES: dict[str, RecordType] = {
    type_.name: type_
    for module in (
        parties,
        origin,
        intake,
        labels,
        inspection,
        devices,
        refurbishment,
        trade,
        supply,
        safety,
        evidence,
    )
    for type_ in module.TYPES
}


# Values without which a rule of their type could not judge; a record that hides them is refused.
NEEDED_VALUES = {
    "authorization.granted": ("grantee",),
    "consignment.ended": ("unsold",),
    "lot.sold": ("quantity",),
}


class Typed(NamedTuple):
    """A record whose data passed its closed model."""

    record: SignedRecord
    type: RecordType
    data: Any  # an instance of type.model


def typed(record: SignedRecord) -> Typed:
    """Check type, data, roles and committed fields. Raises InvalidRecord with a JSON pointer."""
    body = record.body
    type_ = TYPES.get(body.type)
    if type_ is None:
        raise InvalidRecord(f"no record type {body.type!r}", pointer="/type")
    data: Closed = validated(type_.model, body.data, "/data")
    if body.author.role != type_.author:
        raise InvalidRecord(f"the author signs as {type_.author}", pointer="/signers/0/role")
    for position, signer in enumerate(body.signers):
        if signer.role != type_.author and signer.role not in type_.others:
            raise InvalidRecord(f"{signer.role} does not sign {type_.name}", pointer=f"/signers/{position}")
    for name in body.commit:
        if name not in type_.commits:
            raise InvalidRecord(f"{type_.name} commits to no field {name!r}", pointer=f"/commit/{name}")
    return Typed(record, type_, data)


def check_for_writing(typed_: Typed, opened: dict[str, Opening]) -> None:
    """The checks of a new submission only: text that reads one way, openings that open.

    Raises InvalidRecord. Every opening given must belong to a committed field.
    """
    body = typed_.record.body
    canonical.check_text(body.data, "/data")
    canonical.check_text(body.origin, "/origin")
    for name, opening in opened.items():
        committed = body.commit.get(name)
        if committed is None:
            raise InvalidRecord("opens a field that is not committed", pointer=f"/open/{name}")
        canonical.check_text(opening.value, f"/open/{name}/value")
        typed_.type.check_value(name, opening.value)
        check_opening(name, opening, committed)
