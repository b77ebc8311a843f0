"""Pages of accounts in every state, with names and texts that pages must survive."""

from dataclasses import replace
from datetime import UTC, datetime

from gateway.pages.building.people import INVITED
from gateway.pages.views import Frame, Page, Visitor
from gateway.pages.views.forms import form_of
from gateway.pages.views.people import (
    AccountView,
    ApiKeysView,
    CompaniesView,
    CompanyLine,
    CompanyState,
    CompanyView,
    EventLine,
    EventsView,
    InvitationLine,
    InvitationsView,
    InvitationView,
    JoinView,
    KeyLine,
    MembershipLine,
    PeopleView,
    Place,
    RecoveryCodesView,
    SecondFactorView,
    SessionLine,
    SignInView,
    UserLine,
    UserView,
)
from gateway.people.events import KINDS
from gateway.people.keys import LIFETIMES
from gateway.permissions import SCOPES

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
LONG = "Công ty TNHH Thương mại và Dịch vụ Xuất nhập khẩu Phân phối Sao Biển Hải Phòng"
STRANGER = Frame(path="/sign-in", origin="demo.lotproof.example/0f3a", tree_size=47, demo=True)


def _frame(role, name, path) -> Frame:
    return replace(STRANGER, path=path, visitor=Visitor(role=role, name=name), csrf_token="csrf-1")


ADMINISTRATOR = _frame("administrator", "王伟", "/people")
BUYER = _frame("buyer", LONG, "/account")
EMPTY = form_of({})
WRONG = form_of({"email": "nobody"}, {"": "sign-in-wrong"})
BUYING = Place(kind="buyer", name=LONG)
MEMBERSHIPS = (
    MembershipLine(id="mbr_1", role="buyer", place=BUYING, current=True),
    MembershipLine(id="mbr_2", role="registrar", place=Place(kind="registrar")),
)
SESSIONS = (
    SessionLine(
        id="ses_1", began_at=NOW, seen_at=NOW, address="203.0.113.0/24", agent="Chrome, Linux", current=True
    ),
    SessionLine(id="ses_2", began_at=NOW, seen_at=NOW, address="2001:db8:1::/48", agent="", current=False),
)
KEYS = tuple(
    KeyLine(
        id=f"key_{state}",
        name="ERP <b>" if state == "stands" else "Bàn kiểm tra số 4",
        prefix="a2b3c4d5",
        role="device" if state == "expired" else "buyer",
        scopes=SCOPES[:3],
        state=state,
        created_at=NOW,
        expires_at=NOW,
        used_at=NOW if state == "stands" else None,
        ledger_key="0f" * 32 if state == "expired" else "",
    )
    for state in ("stands", "expired", "revoked")
)
ACCOUNT = AccountView(
    email="nguyen.thi.lan.very.long.address@phan-phoi-sao-bien.example",
    name="Nguyễn Thị Lan",
    language="vi",
    has_password=True,
    has_factor=True,
    has_keys=True,
    codes_left=1,
    memberships=MEMBERSHIPS,
    sessions=SESSIONS,
    company=CompanyState(name=LONG, state="refused", reason="工商登记中查不到该公司"),
    profile=form_of({"name": "Nguyễn Thị Lan", "language": "vi"}),
)
USERS = tuple(
    UserLine(
        id=f"usr_{name}",
        name=name,
        email=f"{name}@people.example",
        memberships=MEMBERSHIPS,
        disabled=name == "Ana",
        demo=name == "Demo",
        has_factor=name == "Lan",
    )
    for name in ("Ana", "Demo", "Lan", "王伟")
)
COMPANY = CompanyLine(
    id="cmp_1",
    name=LONG,
    country="NG",
    registration_number="RC-1199887",
    number_check="not-checked",
    state="pending",
    applied_at=NOW,
)
JOIN = JoinView(form=EMPTY, countries=("CN", "NG", "VN"))
INVITATION = InvitationView(
    state="ready", form=EMPTY, action="/invitations/00ff", role="registrar",
    place=Place(kind="registrar"), email="lan@people.example", needs_factor=True,
)  # fmt: skip
INVITATIONS = InvitationsView(
    invitations=(
        InvitationLine(
            id="inv_1", email="", role="administrator", place=Place(kind="house"),
            invited_by="lotproof init", expires_at=NOW,
        ),
        InvitationLine(
            id="inv_2", email="lan@people.example", role="buyer", place=BUYING, invited_by="王伟",
            expires_at=NOW,
        ),
    ),
    roles=INVITED,
    places=(("", Place(kind="house")), ("cmp_1", BUYING)),
    waiting=2,
    form=form_of(
        {"email": "x", "language": "vi"}, {"email": "email-unreadable", "organisation": "role-unfit"}
    ),
    made="http://127.0.0.1:8000/invitations/" + "0f" * 32,
)  # fmt: skip
API_KEYS = ApiKeysView(
    keys=KEYS, roles=("operator", "device"), scopes=SCOPES, lifetimes=tuple(LIFETIMES),
    form=form_of(
        {"name": "", "scopes": "orders:write"}, {"name": "text-missing", "scopes": "scopes-missing"}
    ),
    made="lp_a2b3c4d5_" + "A" * 43,
)  # fmt: skip
COMPANY_PAGE = CompanyView(
    company=COMPANY, address="14 Creek Road; Apapa, Lagos", applicant="Adeola", applicant_email="a@x.example",
    decided_at=None, decided_by="", reason="", waiting=1, form=EMPTY,
)  # fmt: skip
USER = UserView(
    user=USERS[2], created_at=NOW, sessions=SESSIONS, keys=KEYS, waiting=0, error="last-administrator"
)

PEOPLE_PAGES: dict[str, tuple[Page, Frame]] = {
    "sign-in": (SignInView(form=EMPTY), STRANGER),
    "sign-in-wrong": (SignInView(form=WRONG), STRANGER),
    "sign-in-wait": (SignInView(form=form_of({}, {"": "must-wait"}), wait_s=640), STRANGER),
    "second-factor": (SecondFactorView(form=form_of({}, {"code": "code-wrong"}), codes_left=9), BUYER),
    "second-factor-new": (
        SecondFactorView(form=EMPTY, secret="ABCD EFGH IJKL MNOP QRST UVWX YZ23 4567"),
        BUYER,
    ),
    "recovery-codes": (
        RecoveryCodesView(codes=("abcde-fghjk-mnpqr-stuvw",) * 10, next_href="/account"),
        BUYER,
    ),
    "invitation": (INVITATION, STRANGER),
    "invitation-joins": (replace(INVITATION, has_account=True, needs_factor=False, place=BUYING), STRANGER),
    "invitation-open": (
        replace(INVITATION, email="", wait_s=9, form=form_of({"name": "x"}, {"password": "password-common"})),
        STRANGER,
    ),
    "invitation-used": (InvitationView(state="used"), STRANGER),
    "invitation-expired": (InvitationView(state="expired"), STRANGER),
    "invitation-unknown": (InvitationView(state="unknown"), STRANGER),
    "join": (JOIN, STRANGER),
    "join-wrong": (
        replace(
            JOIN,
            form=form_of(
                {"country": "VN"}, {"registration_number": "number-invalid", "country": "choice-unknown"}
            ),
        ),
        STRANGER,
    ),
    "join-sent": (JoinView(sent=True), STRANGER),
    "account": (ACCOUNT, BUYER),
    "account-waiting": (
        replace(ACCOUNT, company=CompanyState(name=LONG, state="pending"), has_factor=False, has_keys=False),
        replace(BUYER, flash="password-changed"),
    ),
    "account-wrong": (
        replace(ACCOUNT, password=form_of({}, {"current": "password-wrong"}), wait_s=10, has_password=True),
        BUYER,
    ),
    "account-printed": (replace(ACCOUNT, has_password=False, company=None), BUYER),
    "api-keys": (API_KEYS, BUYER),
    "api-keys-empty": (replace(API_KEYS, keys=(), made="", roles=("buyer",), form=EMPTY), BUYER),
    "people": (PeopleView(users=USERS, waiting=2), ADMINISTRATOR),
    "people-empty": (PeopleView(users=(), waiting=0), ADMINISTRATOR),
    "invitations": (INVITATIONS, replace(ADMINISTRATOR, path="/people/invitations")),
    "invitations-empty": (replace(INVITATIONS, invitations=(), made="", form=EMPTY), ADMINISTRATOR),
    "user": (USER, ADMINISTRATOR),
    "user-disabled": (
        replace(USER, user=replace(USERS[0], memberships=()), sessions=(), keys=(), error=""),
        ADMINISTRATOR,
    ),
    "companies": (
        CompaniesView(waiting=(COMPANY,), decided=(replace(COMPANY, state="refused", number_check="valid"),)),
        replace(ADMINISTRATOR, path="/people/companies", flash="company-decided"),
    ),
    "companies-empty": (CompaniesView(waiting=(), decided=()), ADMINISTRATOR),
    "company": (replace(COMPANY_PAGE, form=form_of({}, {"reason": "text-missing"})), ADMINISTRATOR),
    "company-decided": (
        replace(
            COMPANY_PAGE,
            company=replace(COMPANY, state="approved"),
            decided_at=NOW,
            decided_by="王伟",
            reason="ok <script>",
            form=form_of({}, {"": "already-decided"}),
        ),
        ADMINISTRATOR,
    ),
    "events": (
        EventsView(
            events=tuple(
                EventLine(
                    at=NOW,
                    kind=kind,
                    who="Lan" if number % 2 else "key:key_a2b3",
                    who_href="/x" if number % 2 else "",
                    route="POST /people/users/{user}/memberships/{membership}/end",
                    address="203.0.113.0/24",
                    detail="" if number % 3 else "buyer-not-approved",
                )
                for number, kind in enumerate(KINDS)
            ),
            kinds=KINDS,
            kind="denied",
            waiting=0,
            next_href="/people/events?after=sev_1",
        ),
        replace(ADMINISTRATOR, path="/people/events"),
    ),
    "events-empty": (EventsView(events=(), kinds=KINDS, kind="", waiting=0), ADMINISTRATOR),
}
