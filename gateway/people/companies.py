"""Companies that want to buy: they apply, an administrator approves or refuses with a reason."""

from dataclasses import dataclass

from gateway.errors import NotFound, Refused
from gateway.people import attempts, events, passwords, registration
from gateway.people.address import counted
from gateway.people.browser import Browser
from gateway.people.invitations import Newcomer, new_user
from gateway.people.throttle import Subject
from gateway.people.tokens import new_id
from gateway.store import applications, people, trade
from gateway.store.people import Membership
from gateway.store.trade import Company
from gateway.wiring import Installation
from ledger.record import Ledger

PENDING, APPROVED, REFUSED = "pending", "approved", "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a company says of itself. country: ISO 3166-1 alpha-2."""

    name: str
    country: str
    address: str
    registration_number: str


def apply(installation: Installation, company: Candidate, who: Newcomer, browser: Browser) -> int:
    """Write down a company that waits, and its first user; seconds to wait when too many come at once.

    Somebody who has an account already is told nothing else than a stranger is, and nothing is written
    under that account: nobody can be signed up, or found out, by others.
    """
    wait_s = attempts.take(installation, Subject("join", counted(browser.address)))
    if wait_s:
        return wait_s
    check = registration.check(company.country, company.registration_number)
    digest = passwords.hashed(who.password)

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        user = new_user(who, digest, installation)
        if not people.add_user(connection, user):
            return
        id_ = new_id("cmp")
        row = Company(
            id_, company.name, company.country, company.address, company.registration_number, PENDING
        )
        trade.add_company(connection, row)
        applications.add(connection, id_, user.id, check, now)
        people.add_membership(connection, Membership(new_id("mbr"), user.id, "buyer", id_, now))
        events.note(
            connection,
            "company-applied",
            at=now,
            principal=f"user:{user.id}",
            address=browser.kept_address,
            detail=id_,
        )

    installation.writer.do(unit)
    return 0


def decide(installation: Installation, company: str, *, approved: bool, reason: str, by: str) -> None:
    """Approve or refuse; it holds for the company's very next request.

    Raises NotFound; Refused ``already-decided`` when a colleague was faster.
    """

    def unit(ledger: Ledger) -> None:
        connection, now = ledger.connection, installation.wall_clock.now()
        if applications.application(connection, company) is None:
            raise NotFound(company)
        status = APPROVED if approved else REFUSED
        if not applications.decide(connection, company, status, reason=reason, by=by, now=now):
            raise Refused("already-decided", f"{company} was decided before")
        events.note(connection, "company-decided", at=now, principal=by, detail=f"{company} {status}")

    installation.writer.do(unit)
