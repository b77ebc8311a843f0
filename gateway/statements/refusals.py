"""What the ledger refuses, at the field that it is about, or above the form."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import GatewayError, Refused
from gateway.statements.action import Action, FieldRefused
from ledger.errors import InvalidRecord, LedgerError, NotYourLot, StaleSubject

TOLD: Final = (FieldRefused, InvalidRecord, StaleSubject, Refused)  # beside a form; else it is a problem
_POINTER: Final = re.compile(r"/(?:data|open|commit)/([a-z0-9_]+)")
# Members of records that an action asks under another name.
ASKED_AS: Final = {
    "channels_hash": "channels",
    "fee_rate": "fee_percent",
    "may_delegate": "end_delegation",
    "label_clause": "intact_only",
}


@dataclass(frozen=True, slots=True)
class Told:
    """field: "" for the whole form. slug: of ``words.FORM_ERRORS``. said: by the ledger, in English.

    party, role: of a key that is missing.
    """

    field: str
    slug: str
    said: str = ""
    party: str = ""
    role: str = ""


def told_of(action: Action, error: GatewayError | LedgerError) -> Told:
    """error: one of ``TOLD``."""
    match error:
        case FieldRefused():
            party, role = error.told.get("party", ""), error.told.get("role", "")
            return Told(error.field, error.slug, party=party, role=role)
        case StaleSubject():
            return Told("", "subject-moved-on")
        case NotYourLot():
            return Told(field_of(action, error.pointer), "ledger-not-yours", error.message)
        case InvalidRecord():
            return Told(field_of(action, error.pointer), "ledger-refused", error.message)
    return Told("", "ledger-refused", str(error))


def field_of(action: Action, pointer: str) -> str:
    """The field that a JSON pointer into the record is about; "" where none is."""
    found = _POINTER.match(pointer)
    names = {one.name for one in action.fields}
    member = found[1] if found else ""
    asked = member if member in names else ASKED_AS.get(member, "")
    return asked if asked in names else ""
