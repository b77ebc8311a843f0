"""Users, their roles and sessions, invitations, keys of programs, refused actions.

A token, a password, a recovery code or a key is stored as its hash only. ``organisation`` is ``cmp_…``
for a buyer's company, ``party:…`` for a party of the ledger, empty for the installation itself.
"""

from datetime import datetime

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

from gateway.store.columns import id_column, text_column
from ledger.store.tables import BIGINT, table, words


def _moment(*, nullable: bool = False, index: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable, index=index)


def _hash() -> Column[str]:
    """SHA-256 in hex."""
    return Column(words(64), primary_key=True)


class UserRow(SQLModel, table=True):
    """A person. email: as ``gateway.people.address`` folds it.

    password_hash: an Argon2 string; None for who comes in by a printed link only. totp_step: the last
    time step that was accepted, so that none is accepted twice.
    """

    __tablename__ = "users"
    id: str = Field(sa_column=id_column())
    email: str = Field(sa_column=text_column(254, unique=True))
    name: str = Field(sa_column=text_column(120))
    language: str = Field(sa_column=text_column(10))
    password_hash: str | None = Field(default=None, sa_column=Column(words(200)))
    totp_secret: str | None = Field(default=None, sa_column=Column(words(64)))
    totp_step: int = Field(sa_column=Column(BIGINT, nullable=False))
    disabled: bool = Field(sa_column=Column(Boolean, nullable=False))
    demo: bool = Field(sa_column=Column(Boolean, nullable=False))
    created_at: datetime = Field(sa_column=_moment())


class RecoveryCodeRow(SQLModel, table=True):
    """One of ten codes that stand in for a lost second factor; a used one is deleted."""

    __tablename__ = "recovery_codes"
    code_hash: str = Field(sa_column=_hash())
    user_id: str = Field(sa_column=text_column(40, index=True))


class MembershipRow(SQLModel, table=True):
    """A user in a role, for an organisation; ended memberships are deleted."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "role", "organisation"),)
    id: str = Field(sa_column=id_column())
    user_id: str = Field(sa_column=text_column(40))
    role: str = Field(sa_column=text_column(20))
    organisation: str = Field(sa_column=text_column(40, index=True))
    created_at: datetime = Field(sa_column=_moment())


class InvitationRow(SQLModel, table=True):
    """A link that makes one membership, once. email: empty when whoever opens it says it.

    nonce: what its token is derived from, 64 hex digits, while a letter with the link is owed; else None.
    """

    __tablename__ = "invitations"
    token_hash: str = Field(sa_column=_hash())
    id: str = Field(sa_column=text_column(40, unique=True))
    email: str = Field(sa_column=text_column(254))
    role: str = Field(sa_column=text_column(20))
    organisation: str = Field(sa_column=text_column(40))
    language: str = Field(sa_column=text_column(10))
    invited_by: str = Field(sa_column=text_column(80))
    created_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    used: bool = Field(sa_column=Column(Boolean, nullable=False))
    nonce: str | None = Field(default=None, sa_column=Column(words(64)))


class LoginRow(SQLModel, table=True):
    """A one-time login of the demo, as the terminal prints it."""

    __tablename__ = "logins"
    token_hash: str = Field(sa_column=_hash())
    user_id: str = Field(sa_column=text_column(40))
    membership: str = Field(sa_column=text_column(40))
    expires_at: datetime = Field(sa_column=_moment())
    used: bool = Field(sa_column=Column(Boolean, nullable=False))


class WebSessionRow(SQLModel, table=True):
    """A signed-in browser. seen_at: to the minute. offered_secret: a second factor being set up."""

    __tablename__ = "web_sessions"
    token_hash: str = Field(sa_column=_hash())
    id: str = Field(sa_column=text_column(40, unique=True))
    user_id: str = Field(sa_column=text_column(40, index=True))
    membership: str = Field(sa_column=text_column(40))
    csrf: str = Field(sa_column=text_column(64))
    second_factor: bool = Field(sa_column=Column(Boolean, nullable=False))
    offered_secret: str | None = Field(default=None, sa_column=Column(words(64)))
    began_at: datetime = Field(sa_column=_moment())
    seen_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment(index=True))
    address: str = Field(sa_column=text_column(60))
    agent: str = Field(sa_column=text_column(120))


class AttemptsRow(SQLModel, table=True):
    """Failed guesses against one subject: an account, an address, a second factor."""

    __tablename__ = "sign_in_attempts"
    subject: str = Field(sa_column=Column(words(80), primary_key=True))
    failures: int = Field(sa_column=Column(Integer, nullable=False))
    last_at: datetime = Field(sa_column=_moment())
    blocked_until: datetime = Field(sa_column=_moment())


class ApiKeyRow(SQLModel, table=True):
    """A key of a program or a device. scopes: ascending, parted by spaces.

    ledger_key: the key id with which the device signs its records, empty when it signs none.
    """

    __tablename__ = "api_keys"
    __table_args__ = (Index("api_keys_of_organisation", "organisation", "role"),)
    id: str = Field(sa_column=id_column())
    prefix: str = Field(sa_column=text_column(8, unique=True))
    secret_hash: str = Field(sa_column=text_column(64))
    name: str = Field(sa_column=text_column(80))
    role: str = Field(sa_column=text_column(20))
    organisation: str = Field(sa_column=text_column(40))
    scopes: str = Field(sa_column=text_column(400))
    ledger_key: str = Field(sa_column=text_column(64))
    created_by: str = Field(sa_column=text_column(40))
    created_at: datetime = Field(sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())
    used_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    revoked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))


class ApplicationRow(SQLModel, table=True):
    """A company that asked to buy. number_check: valid, invalid, not-checked."""

    __tablename__ = "company_applications"
    company: str = Field(sa_column=id_column())
    applicant: str = Field(sa_column=text_column(40))
    number_check: str = Field(sa_column=text_column(20))
    applied_at: datetime = Field(sa_column=_moment())
    decided_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    decided_by: str = Field(sa_column=text_column(80))
    reason: str = Field(sa_column=text_column())


class SecurityEventRow(SQLModel, table=True):
    """Something an administrator may have to look into. address: as ``people.address`` shortens it."""

    __tablename__ = "security_events"
    __table_args__ = (Index("security_events_by_time", "at", "id"),)
    id: str = Field(sa_column=id_column())
    at: datetime = Field(sa_column=_moment())
    kind: str = Field(sa_column=text_column(40))
    principal: str = Field(sa_column=text_column(80, index=True))
    route: str = Field(sa_column=text_column(120))
    address: str = Field(sa_column=text_column(60))
    detail: str = Field(sa_column=text_column(200))


PEOPLE: list[Table] = [
    table(row)
    for row in (
        UserRow, RecoveryCodeRow, MembershipRow, InvitationRow, LoginRow, WebSessionRow, AttemptsRow,
        ApiKeyRow, ApplicationRow, SecurityEventRow,
    )
]  # fmt: skip
