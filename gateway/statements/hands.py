"""Which key signs for a party, and whose keys a caller may have used here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from gateway.people.identity import Identity
from gateway.people.organisations import PARTIES
from gateway.statements.action import FieldRefused
from gateway.wiring import OPERATOR_KEYS, Installation
from ledger.author import Place
from ledger.core.keys import key_id
from ledger.lots.state import KeyState
from ledger.ports import Signer
from ledger.store import log

OPERATOR_FILES: Final = ("warehouse", "sales")
OTHERS: Final = "others"


def place(connection: Connection, party: str, type_: str, role: str) -> Place:
    """The newest key of ``party`` that stands and may sign records of that type in that role.

    Raises FieldRefused ``no-key``, naming party and role.
    """
    scope = f"{type_}:{role}"
    fit = [key for key in keys_of(connection, party) if scope in key.scopes]
    if not fit:
        raise FieldRefused("", "no-key", party=party, role=role)
    return Place(party, max(fit, key=lambda key: key.registered_at).id, role)


def may_sign(connection: Connection, party: str, type_: str, role: str) -> bool:
    scope = f"{type_}:{role}"
    return any(scope in key.scopes for key in keys_of(connection, party))


def keys_of(connection: Connection, party: str) -> list[KeyState]:
    """The keys of a party that neither ended nor are distrusted."""
    every = log.keys_of(connection, party)
    return [key for key in every if key.ended_at is None and key.distrust_from is None]


def at_hand(installation: Installation, connection: Connection, identity: Identity) -> Mapping[str, Signer]:
    """Key id -> signer, of the keys that this very caller may have used on this machine.

    Staff of the operator: its warehouse and its sales key. In a demo, people of another company: that
    company's own key in HOME/others, which stands in for their own computer. Nobody else's, ever.
    """
    config = installation.config
    if identity.owes or not identity.organisation:
        return {}
    if identity.organisation == config.operator:
        if identity.role != "operator":
            return {}
        return operator_signers(installation)
    if not config.is_demo:
        return {}
    file = stand_in(installation, connection, identity.organisation)
    return _by_id([installation.signer(file.stem)]) if file else {}


def operator_signers(installation: Installation) -> Mapping[str, Signer]:
    """Key id -> signer of the operator's two keys."""
    return _by_id([installation.signer(name) for name in OPERATOR_FILES])


def stand_in(installation: Installation, connection: Connection, party: str) -> Path | None:
    """In a demo, the key file that plays the party's own computer; None where it has none here."""
    if not installation.config.is_demo:
        return None
    slug = connection.execute(select(PARTIES.c.slug).where(PARTIES.c.party == party)).scalar_one_or_none()
    if not slug or slug in OPERATOR_KEYS or Path(slug).name != slug:
        return None
    file = installation.home / OTHERS / f"{slug}.pem"
    return file if file.is_file() else None


def _by_id(signers: list[Signer]) -> Mapping[str, Signer]:
    return {key_id(signer.public_key): signer for signer in signers}
