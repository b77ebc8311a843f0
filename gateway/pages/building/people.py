"""The pages of coming in, and of other people's accounts."""

from typing import Final

from sqlalchemy import Connection

from exporters.codes import COUNTRIES
from gateway.i18n import Formatter
from gateway.pages.building.account import key_line, memberships, place, session_lines
from gateway.pages.views.forms import Form
from gateway.pages.views.people import (
    CompaniesView,
    CompanyLine,
    CompanyView,
    EventLine,
    EventsView,
    InvitationLine,
    InvitationsView,
    InvitationView,
    JoinView,
    PeopleView,
    Place,
    SecondFactorView,
    UserLine,
    UserView,
)
from gateway.people import events, organisations
from gateway.people.invitations import COMMAND_LINE, Opened
from gateway.permissions import ROLES, SECOND_FACTOR
from gateway.store import api_keys, applications, people, security_log
from gateway.store.applications import Application
from gateway.store.people import User
from gateway.store.security_log import SecurityEvent
from gateway.store.sessions import StandingSession
from gateway.wiring import Installation

EVENTS_A_PAGE: Final = 50
INVITED: Final = tuple(role for role in ROLES if role != "device")

__all__ = ["COUNTRIES", "InvitationsView"]


def second_factor_view(
    connection: Connection, session: StandingSession, form: Form, *, wait_s: int = 0
) -> SecondFactorView:
    secret = session.offered_secret
    if not secret:
        left = people.recovery_codes_left(connection, session.user_id)
        return SecondFactorView(form=form, wait_s=wait_s, codes_left=left)
    return SecondFactorView(
        form=form,
        wait_s=wait_s,
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )


def invitation_view(opened: Opened, token: str, form: Form, *, wait_s: int = 0) -> InvitationView:
    invitation, organisation = opened.invitation, opened.organisation
    if opened.state != "ready" or invitation is None or organisation is None:
        return InvitationView(state="unknown" if opened.state == "ready" else opened.state)
    return InvitationView(
        state="ready",
        form=form,
        action=f"/invitations/{token}",
        role=invitation.role,
        place=Place(kind=organisation.kind, name=organisation.name),
        email=invitation.email,
        has_account=opened.has_account,
        needs_factor=invitation.role in SECOND_FACTOR and not opened.has_account,
        wait_s=wait_s,
    )


def join_view(language: str, form: Form, *, wait_s: int = 0) -> JoinView:
    name = Formatter(language).territory
    return JoinView(form=form, countries=tuple(sorted(COUNTRIES, key=name)), wait_s=wait_s)


def users_view(installation: Installation, connection: Connection) -> PeopleView:
    return PeopleView(
        users=tuple(_user_line(installation, connection, user) for user in people.users(connection)),
        waiting=_waiting(connection),
    )


def invitations_view(
    installation: Installation, connection: Connection, form: Form, *, made: str = "", email: str = ""
) -> InvitationsView:
    """made, email: the link of whoever was invited just now."""
    every = organisations.every(installation, connection)
    standing = people.open_invitations(connection, installation.wall_clock.now())
    return InvitationsView(
        invitations=tuple(
            InvitationLine(
                id=one.id,
                email=one.email,
                role=one.role,
                place=place(installation, connection, one.organisation),
                invited_by=_name(connection, one.invited_by),
                expires_at=one.expires_at,
            )
            for one in standing
        ),
        roles=INVITED,
        places=tuple((one.id, Place(kind=one.kind, name=one.name)) for one in every),
        waiting=_waiting(connection),
        form=form,
        made=made,
        mailed_to=email if installation.settings.mail.get_secret_value() else "",
        has_operator=any(one.id == installation.config.operator for one in every),
    )


def user_view(
    installation: Installation, connection: Connection, user_id: str, *, error: str = ""
) -> UserView | None:
    user = people.user(connection, user_id)
    if user is None:
        return None
    now = installation.wall_clock.now()
    return UserView(
        user=_user_line(installation, connection, user),
        created_at=user.created_at,
        sessions=session_lines(installation, connection, user_id),
        keys=tuple(key_line(key, now) for key in api_keys.of_user(connection, user_id)),
        waiting=_waiting(connection),
        error=error,
    )


def companies_view(connection: Connection) -> CompaniesView:
    return CompaniesView(
        waiting=tuple(_company_line(one) for one in applications.applications(connection, waiting=True)),
        decided=tuple(_company_line(one) for one in applications.applications(connection, waiting=False)),
    )


def company_view(connection: Connection, company: str, form: Form) -> CompanyView | None:
    found = applications.application(connection, company)
    if found is None:
        return None
    applicant = people.user(connection, found.applicant)
    return CompanyView(
        company=_company_line(found),
        address=found.address,
        applicant=applicant.name if applicant else "",
        applicant_email=applicant.email if applicant else "",
        decided_at=found.decided_at,
        decided_by=_name(connection, found.decided_by),
        reason=found.reason,
        waiting=_waiting(connection),
        form=form,
    )


def events_view(connection: Connection, kind: str, after: str) -> EventsView:
    """after: id of an event; older ones are shown. An id that is not known shows the newest."""
    last = security_log.event(connection, after) if after else None
    before = (last.at, last.id) if last else None
    found = security_log.newest(connection, EVENTS_A_PAGE + 1, kind=kind, before=before)
    shown = found[:EVENTS_A_PAGE]
    query = f"kind={kind}&after={shown[-1].id}" if len(found) > EVENTS_A_PAGE else ""
    return EventsView(
        events=tuple(_event_line(connection, one) for one in shown),
        kinds=events.KINDS,
        kind=kind,
        waiting=_waiting(connection),
        next_href=f"/people/events?{query}" if query else "",
    )


def _event_line(connection: Connection, event: SecurityEvent) -> EventLine:
    kind, _, id_ = event.principal.partition(":")
    return EventLine(
        at=event.at,
        kind=event.kind,
        who=_name(connection, event.principal),
        who_href=f"/people/users/{id_}" if kind == "user" else "",
        route=event.route,
        address=event.address,
        detail=event.detail,
    )


def _name(connection: Connection, principal: str) -> str:
    """Of a user; other principals are shown as they are."""
    user = people.user(connection, principal.removeprefix("user:"))
    return user.name if user else "lotproof init" if principal == COMMAND_LINE else principal


def _user_line(installation: Installation, connection: Connection, user: User) -> UserLine:
    return UserLine(
        id=user.id,
        name=user.name,
        email=user.email,
        memberships=memberships(installation, connection, user.id),
        disabled=user.disabled,
        demo=user.demo,
        has_factor=user.totp_secret is not None,
    )


def _company_line(found: Application) -> CompanyLine:
    return CompanyLine(
        id=found.company,
        name=found.name,
        country=found.country,
        registration_number=found.registration_number,
        number_check=found.number_check,
        state=found.status,
        applied_at=found.applied_at,
    )


def _waiting(connection: Connection) -> int:
    return len(applications.applications(connection, waiting=True))
