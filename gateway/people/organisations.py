"""For whom somebody works: the parties of the ledger, the companies that buy, the installation itself."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from gateway.people.identity import COMPANY_PREFIX
from gateway.permissions import Role
from gateway.store import tables, trade
from gateway.wiring import Installation
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)
COMPANIES = table(tables.CompanyRow)
OF_THE_HOUSE: Final[frozenset[Role]] = frozenset({"administrator", "auditor"})  # they work for no party
BY_KIND: Final[dict[str, frozenset[Role]]] = {
    "brand": frozenset({"brand"}),
    "supplier": frozenset({"supplier"}),
    "agent": frozenset({"supplier"}),
    "inspector": frozenset({"inspector"}),
    "refurbisher": frozenset({"refurbisher"}),
    "carrier": frozenset({"carrier"}),
    "insurer": frozenset({"insurer"}),
    "operator": frozenset({"operator", "inspector", "refurbisher"}),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """kind: of the ledger's parties, ``buyer``, or ``house`` with an empty id and name."""

    id: str
    kind: str
    name: str


HOUSE: Final = Organisation("", "house", "")


def find(installation: Installation, connection: Connection, id_: str) -> Organisation | None:
    """None when nobody is called that."""
    if not id_:
        return HOUSE
    if id_.startswith(COMPANY_PREFIX):
        company = trade.company(connection, id_)
        return Organisation(id_, "buyer", company.name) if company else None
    if id_ == installation.config.registrar:
        return Organisation(id_, "registrar", "")
    row = connection.execute(
        select(PARTIES.c.kind, PARTIES.c.name_en).where(PARTIES.c.party == id_)
    ).one_or_none()
    return Organisation(id_, row.kind, row.name_en) if row else None


def every(installation: Installation, connection: Connection) -> list[Organisation]:
    """The house, its registrar, the parties by kind and name, the approved companies by name."""
    rows = connection.execute(
        select(PARTIES.c.party, PARTIES.c.kind, PARTIES.c.name_en).order_by(PARTIES.c.kind, PARTIES.c.name_en)
    )
    parties = [Organisation(row.party, row.kind, row.name_en) for row in rows]
    bought = connection.execute(
        select(COMPANIES.c.id, COMPANIES.c.name)
        .where(COMPANIES.c.status == "approved")
        .order_by(COMPANIES.c.name)
    )
    registrar = Organisation(installation.config.registrar, "registrar", "")
    return [HOUSE, registrar, *parties, *(Organisation(row.id, "buyer", row.name) for row in bought)]


def fits(role: Role, organisation: Organisation) -> bool:
    """Whether somebody may have that role there. A device is no person and is never invited."""
    match organisation.kind:
        case "house":
            return role in OF_THE_HOUSE
        case "buyer":
            return role == "buyer"
        case "registrar":
            return role == "registrar"
    return role in BY_KIND.get(organisation.kind, frozenset())
