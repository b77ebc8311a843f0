"""The pages of one's own account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.people import (
    AccountView,
    ApiKeysView,
    CompanyState,
    KeyLine,
    MembershipLine,
    Place,
    SessionLine,
)
from gateway.people import keys, organisations, sessions
from gateway.people.identity import Identity
from gateway.store import api_keys, applications, people, trade
from gateway.store import sessions as store
from gateway.store.api_keys import ApiKey
from gateway.wiring import Installation


@dataclass(frozen=True, slots=True)
class Filled:
    """Forms of the page that come back with errors."""

    profile: Form | None = None
    password: Form | None = None
    factor: Form | None = None


def account_view(
    installation: Installation, connection: Connection, identity: Identity, filled: Filled, *, wait_s: int
) -> AccountView:
    session = identity.session
    assert session is not None
    user = people.user(connection, session.user_id)
    assert user is not None
    return AccountView(
        email=user.email,
        name=user.name,
        language=user.language,
        has_password=user.password_hash is not None,
        has_factor=user.totp_secret is not None,
        has_keys=bool(keys.roles_for(identity)),
        codes_left=people.recovery_codes_left(connection, user.id),
        memberships=memberships(installation, connection, user.id, current=session.membership),
        sessions=session_lines(installation, connection, user.id, current=session.id),
        company=_company_state(connection, identity),
        profile=filled.profile or form_of({"name": user.name, "language": user.language}),
        password=filled.password or Form(),
        factor=filled.factor or Form(),
        wait_s=wait_s,
    )


def keys_view(
    connection: Connection, identity: Identity, now: datetime, *, form: Form | None = None, made: str = ""
) -> ApiKeysView:
    roles = keys.roles_for(identity)
    found = api_keys.of_organisation(connection, identity.organisation, *roles)
    return ApiKeysView(
        keys=tuple(key_line(key, now) for key in found),
        roles=roles,
        scopes=tuple(sorted({scope for role in roles for scope in keys.scopes_for(role)})),
        lifetimes=tuple(keys.LIFETIMES),
        form=form or form_of({"lifetime": "90-days"}),
        made=made,
    )


def memberships(
    installation: Installation, connection: Connection, user_id: str, *, current: str = ""
) -> tuple[MembershipLine, ...]:
    return tuple(
        MembershipLine(
            id=one.id,
            role=one.role,
            place=place(installation, connection, one.organisation),
            current=one.id == current,
        )
        for one in people.memberships(connection, user_id)
    )


def place(installation: Installation, connection: Connection, organisation: str) -> Place:
    found = organisations.find(installation, connection, organisation)
    return Place(kind=found.kind, name=found.name) if found else Place(kind="house", name=organisation)


def session_lines(
    installation: Installation, connection: Connection, user_id: str, *, current: str = ""
) -> tuple[SessionLine, ...]:
    found = store.of_user(connection, user_id, installation.wall_clock.now(), idle=sessions.IDLE)
    return tuple(
        SessionLine(
            id=one.id,
            began_at=one.began_at,
            seen_at=one.seen_at,
            address=one.address,
            agent=one.agent,
            current=one.id == current,
        )
        for one in found
    )


def key_line(key: ApiKey, now: datetime) -> KeyLine:
    state = "revoked" if key.revoked_at else "stands" if key.stands(now) else "expired"
    return KeyLine(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        role=key.role,
        scopes=tuple(key.scopes.split()),
        state=state,
        created_at=key.created_at,
        expires_at=key.expires_at,
        used_at=key.used_at,
        ledger_key=key.ledger_key,
    )


def _company_state(connection: Connection, identity: Identity) -> CompanyState | None:
    company = trade.company(connection, identity.company) if identity.company else None
    if company is None:
        return None
    applied = applications.application(connection, company.id)
    return CompanyState(name=company.name, state=company.status, reason=applied.reason if applied else "")
