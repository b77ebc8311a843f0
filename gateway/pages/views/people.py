"""Pages of accounts: coming in, one's own account, other people's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.pages.views.forms import Form
from gateway.permissions import Role


@dataclass(frozen=True, kw_only=True)
class SignInView:
    """``/sign-in``. wait_s: seconds until the next try is looked at; 0 when it is."""

    form: Form
    wait_s: int = 0


@dataclass(frozen=True, kw_only=True)
class SecondFactorView:
    """``/second-factor``: give a code, or set up an authenticator when there is a secret to show."""

    form: Form
    wait_s: int = 0
    secret: str = ""  # in groups of four; ``/second-factor.svg`` is the same as a QR symbol
    codes_left: int = 0  # recovery codes


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesView:
    """The answer that shows the codes, this once."""

    codes: tuple[str, ...]
    next_href: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where somebody works. kind: slug of words.PLACE_KINDS; name: empty where the kind says it all."""

    kind: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class InvitationView:
    """``/invitations/{token}``: opening the link changes nothing, the form does."""

    state: Literal["ready", "used", "expired", "unknown"]
    form: Form = Form()
    action: str = ""
    role: Role | None = None
    place: Place | None = None
    email: str = ""  # empty: whoever accepts says it
    has_account: bool = False
    needs_factor: bool = False
    wait_s: int = 0


@dataclass(frozen=True, kw_only=True)
class JoinView:
    """``/join``: a company asks to buy. countries: ISO 3166-1, in the order of the reader's language."""

    form: Form = Form()
    countries: tuple[str, ...] = ()
    wait_s: int = 0
    sent: bool = False


@dataclass(frozen=True, kw_only=True)
class MembershipLine:
    id: str
    role: Role
    place: Place
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class SessionLine:
    """place: shortened address; agent: ``Firefox, Linux``, empty when it said nothing known."""

    id: str
    began_at: datetime
    seen_at: datetime
    address: str
    agent: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class CompanyState:
    """Of the reader's own company. state: slug of words.COMPANY_STATES."""

    name: str
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountView:
    """``/account``. failed: the form that comes back with errors, by its name."""

    email: str
    name: str
    language: str
    has_password: bool
    has_factor: bool
    has_keys: bool  # whether a program may have a key in this role
    codes_left: int
    memberships: tuple[MembershipLine, ...]
    sessions: tuple[SessionLine, ...]
    company: CompanyState | None = None
    profile: Form = Form()
    password: Form = Form()
    factor: Form = Form()
    wait_s: int = 0


@dataclass(frozen=True, kw_only=True)
class KeyLine:
    """state: slug of words.KEY_STATES."""

    id: str
    name: str
    prefix: str
    role: Role
    scopes: tuple[str, ...]
    state: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ledger_key: str = ""


@dataclass(frozen=True, kw_only=True)
class ApiKeysView:
    """``/account/keys``. made: a new key, whole, shown this once."""

    keys: tuple[KeyLine, ...]
    roles: tuple[Role, ...]
    scopes: tuple[str, ...]
    lifetimes: tuple[str, ...]
    form: Form = Form()
    made: str = ""


@dataclass(frozen=True, kw_only=True)
class UserLine:
    id: str
    name: str
    email: str
    memberships: tuple[MembershipLine, ...]
    disabled: bool
    demo: bool
    has_factor: bool


@dataclass(frozen=True, kw_only=True)
class PeopleView:
    """``/people``."""

    users: tuple[UserLine, ...]
    waiting: int  # companies


@dataclass(frozen=True, kw_only=True)
class InvitationLine:
    id: str
    email: str
    role: Role
    place: Place
    invited_by: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationsView:
    """``/people/invitations``. made: the link of a new one, whole, shown this once.

    mailed_to: to whom a letter takes it; empty where no mail server is named. has_operator: False while
    nobody has said who runs this log, so that no staff can be invited.
    """

    invitations: tuple[InvitationLine, ...]
    roles: tuple[Role, ...]
    places: tuple[tuple[str, Place], ...]  # (id of the organisation, how it is called)
    waiting: int
    form: Form = Form()
    made: str = ""
    mailed_to: str = ""
    has_operator: bool = True


@dataclass(frozen=True, kw_only=True)
class UserView:
    """``/people/users/{user}``."""

    user: UserLine
    created_at: datetime
    sessions: tuple[SessionLine, ...]
    keys: tuple[KeyLine, ...]
    waiting: int
    error: str = ""  # slug of words.FORM_ERRORS


@dataclass(frozen=True, kw_only=True)
class CompanyLine:
    """state: slug of words.COMPANY_STATES; number_check: of words.NUMBER_CHECKS."""

    id: str
    name: str
    country: str
    registration_number: str
    number_check: str
    state: str
    applied_at: datetime


@dataclass(frozen=True, kw_only=True)
class CompaniesView:
    """``/people/companies``: those that wait, the oldest first, then those that were decided."""

    waiting: tuple[CompanyLine, ...]
    decided: tuple[CompanyLine, ...]


@dataclass(frozen=True, kw_only=True)
class CompanyView:
    """``/people/companies/{company}``."""

    company: CompanyLine
    address: str
    applicant: str
    applicant_email: str
    decided_at: datetime | None
    decided_by: str
    reason: str
    waiting: int
    form: Form = Form()


@dataclass(frozen=True, kw_only=True)
class EventLine:
    """kind: slug of words.EVENT_KINDS. who: a name where it is known, else the principal."""

    at: datetime
    kind: str
    who: str
    who_href: str
    route: str
    address: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class EventsView:
    """``/people/events``, newest first."""

    events: tuple[EventLine, ...]
    kinds: tuple[str, ...]
    kind: str
    waiting: int
    next_href: str = ""


PeoplePage = (
    SignInView
    | SecondFactorView
    | RecoveryCodesView
    | InvitationView
    | JoinView
    | AccountView
    | ApiKeysView
    | PeopleView
    | InvitationsView
    | UserView
    | CompaniesView
    | CompanyView
    | EventsView
)
