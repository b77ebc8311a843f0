"""Keys of programs and devices: of an organisation, scoped, expiring, revoked by whoever works there."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.people import events
from gateway.people.identity import Identity, of_key
from gateway.people.tokens import hashed, new_id, new_key, parse_key, same
from gateway.permissions import ROUTES, SECOND_FACTOR, Role, Scope
from gateway.store import api_keys
from gateway.store.api_keys import ApiKey
from gateway.wiring import Installation
from ledger.errors import LedgerError
from ledger.record import Ledger

LIFETIMES: Final[dict[str, timedelta]] = {
    "30-days": timedelta(days=30),
    "90-days": timedelta(days=90),
    "a-year": timedelta(days=365),
}
USED_EVERY: Final = timedelta(minutes=1)
HOSTS_OF_DEVICES: Final[frozenset[Role]] = frozenset({"operator", "inspector", "refurbisher"})
BEARER: Final = "bearer"
_NOBODY: Final = hashed("nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """lifetime: of ``LIFETIMES``. ledger_key: hex of a registered key id, of a device that signs."""

    name: str
    role: Role
    scopes: frozenset[Scope]
    lifetime: str
    ledger_key: str = ""


def roles_for(identity: Identity) -> tuple[Role, ...]:
    """Which keys somebody may make: of the own role, and of the devices of a party that has some.

    None where a second factor is asked for, which no key has, and none for the house, which sends
    no orders.
    """
    if identity.role in SECOND_FACTOR or not identity.organisation or identity.scopes is not None:
        return ()
    own: tuple[Role, ...] = (identity.role,) if scopes_for(identity.role) else ()
    return (*own, "device") if identity.role in HOSTS_OF_DEVICES else own


def scopes_for(role: Role) -> tuple[Scope, ...]:
    """The scopes that open anything to a role, by name."""
    return tuple(sorted({rule.scope for rule in ROUTES.values() if rule.scope and role in rule.roles}))


def make(installation: Installation, identity: Identity, wanted: Wanted) -> str:
    """Make a key and return it whole; it is shown this once. Raises NotFound when it may not be made."""
    allowed = wanted.role in roles_for(identity) and wanted.scopes <= set(scopes_for(wanted.role))
    if not allowed or not wanted.scopes or wanted.lifetime not in LIFETIMES:
        raise NotFound("key")
    text, now = new_key(), installation.wall_clock.now()
    key = ApiKey(
        id=new_id("key"),
        prefix=text.prefix,
        secret_hash=hashed(text.secret),
        name=wanted.name,
        role=wanted.role,
        organisation=identity.organisation,
        scopes=" ".join(sorted(wanted.scopes)),
        ledger_key=wanted.ledger_key,
        created_by=identity.principal.removeprefix("user:"),
        created_at=now,
        expires_at=now + LIFETIMES[wanted.lifetime],
    )

    def unit(ledger: Ledger) -> None:
        api_keys.add(ledger.connection, key)
        detail = f"{key.id} {key.role} {key.scopes}"
        events.note(ledger.connection, "key-made", at=now, principal=identity.principal, detail=detail)

    installation.writer.do(unit)
    return str(text)


def revoke(installation: Installation, identity: Identity, key_id: str) -> None:
    """It opens nothing from here on. Raises NotFound for a key that is not one's organisation's."""

    def unit(ledger: Ledger) -> None:
        now = installation.wall_clock.now()
        roles = roles_for(identity)
        if not api_keys.revoke(ledger.connection, key_id, identity.organisation, roles, now):
            raise NotFound(key_id)
        events.note(ledger.connection, "key-revoked", at=now, principal=identity.principal, detail=key_id)

    installation.writer.do(unit)


def known(connection: Connection, header: str, now: datetime) -> tuple[Identity, ApiKey] | None:
    """Whose key an ``Authorization`` header carries; None when it is none that stands.

    A key that does not exist is compared, too: an answer's time does not tell which prefixes there are.
    """
    scheme, _, value = header.partition(" ")
    text = parse_key(value.strip()) if scheme.lower() == BEARER else None
    if text is None:
        return None
    found = api_keys.by_prefix(connection, text.prefix)
    right = same(found[0].secret_hash if found else _NOBODY, hashed(text.secret))
    if found is None or not right or not found[0].stands(now):
        return None
    key, company_status = found
    return of_key(key, company_status), key


def used(installation: Installation, key: ApiKey) -> None:
    """Remember that it was used, at most once a minute."""
    now = installation.wall_clock.now()
    if key.used_at is not None and now - key.used_at < USED_EVERY:
        return
    with suppress(LedgerError):
        installation.writer.do(lambda ledger: api_keys.used(ledger.connection, key.id, now))
