"""Who asks: one value, whether a browser's session or a program's key proved it."""

from dataclasses import dataclass
from typing import Literal

from gateway.permissions import SECOND_FACTOR, Role
from gateway.store.api_keys import ApiKey
from gateway.store.sessions import StandingSession

COMPANY_PREFIX = "cmp_"
APPROVED = "approved"
Owes = Literal["", "second-factor", "approval"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A caller that is known.

    principal: ``user:<id>`` or ``key:<id>``, the same for every request. organisation: ``cmp_…``,
    ``party:…`` or empty. owes: what has to be done, or waited for, before anything else is open.
    session: of a browser, None for a program. scopes: of a program's key, None for a browser, which may
    do all that its role may.
    """

    principal: str
    name: str
    role: Role
    organisation: str
    owes: Owes = ""
    session: StandingSession | None = None
    scopes: frozenset[str] | None = None

    @property
    def company(self) -> str | None:
        return self.organisation if self.organisation.startswith(COMPANY_PREFIX) else None

    @property
    def csrf(self) -> str:
        """The token that this session's forms carry back; empty for a program, which sends none."""
        return self.session.csrf if self.session else ""


def of_session(session: StandingSession) -> Identity:
    owes_factor = not session.second_factor and (session.role in SECOND_FACTOR or session.has_second_factor)
    return Identity(
        principal=f"user:{session.user_id}",
        name=session.user_name,
        role=session.role,
        organisation=session.organisation,
        owes="second-factor" if owes_factor else _approval(session.role, session.company_status),
        session=session,
    )


def of_key(key: ApiKey, company_status: str | None) -> Identity:
    return Identity(
        principal=f"key:{key.id}",
        name=key.name,
        role=key.role,
        organisation=key.organisation,
        owes=_approval(key.role, company_status),
        scopes=frozenset(key.scopes.split()),
    )


def _approval(role: Role, company_status: str | None) -> Owes:
    return "approval" if role == "buyer" and company_status != APPROVED else ""
