"""Dossiers of shipments in their versions, their files, and the facts that people stated for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import dossier_tables as rows
from gateway.store.people import as_utc
from ledger.store.tables import table

DOSSIERS, FILES = table(rows.DossierRow), table(rows.DossierFileRow)
FACTS = table(rows.ShipmentFactRow)


@dataclass(frozen=True, slots=True)
class Dossier:
    """As of ``DossierRow``."""

    shipment: str
    version: int
    is_draft: bool
    sha256: str
    rule_pack: str
    level: str
    manifest: str
    at: datetime
    by: str
    revoked_at: datetime | None = None
    revoked_by: str = ""
    revoked_reason: str = ""


@dataclass(frozen=True, slots=True)
class DossierFile:
    """As of ``DossierFileRow``, without the version it belongs to."""

    name: str
    kind: str
    code: str
    filename: str
    media_type: str
    pages: int
    size: int
    sha256: str
    renderer: str
    event_id: str = ""

    @property
    def format(self) -> str:
        return self.name.rpartition(".")[2]


def put(connection: Connection, dossier: Dossier, files: Sequence[DossierFile]) -> None:
    """Write a version down with its files, in place of a draft of the same version."""
    for target in (FILES, DOSSIERS):
        of_it = (target.c.shipment == dossier.shipment, target.c.version == dossier.version)
        connection.execute(target.delete().where(*of_it))
    connection.execute(DOSSIERS.insert(), [_members(dossier)])
    key = {"shipment": dossier.shipment, "version": dossier.version}
    connection.execute(FILES.insert(), [key | _members(file) for file in files])


def add_file(connection: Connection, dossier: Dossier, file: DossierFile) -> None:
    """Beside those of the version; one of the same name stays as it is."""
    if any(one.name == file.name for one in files(connection, dossier.shipment, dossier.version)):
        return
    key = {"shipment": dossier.shipment, "version": dossier.version}
    connection.execute(FILES.insert(), [key | _members(file)])


def of_shipment(connection: Connection, shipment: str) -> list[Dossier]:
    """Every version, the oldest first."""
    statement = select(DOSSIERS).where(DOSSIERS.c.shipment == shipment).order_by(DOSSIERS.c.version)
    return [_dossier(row) for row in connection.execute(statement)]


def issued(connection: Connection, shipment: str) -> Dossier | None:
    """The newest version that was issued, revoked or not."""
    found = [one for one in of_shipment(connection, shipment) if not one.is_draft]
    return found[-1] if found else None


def with_hash(connection: Connection, sha256: str) -> Dossier | None:
    """The issued version with that hash."""
    where = (DOSSIERS.c.sha256 == sha256, DOSSIERS.c.is_draft.is_(False))
    row = connection.execute(select(DOSSIERS).where(*where)).first()
    return None if row is None else _dossier(row)


def files(connection: Connection, shipment: str, version: int) -> list[DossierFile]:
    """By name."""
    where = (FILES.c.shipment == shipment, FILES.c.version == version)
    statement = select(FILES).where(*where).order_by(FILES.c.name)
    return [_file(row) for row in connection.execute(statement)]


def files_of_code(connection: Connection, code: str) -> list[DossierFile]:
    """Every form in which a document was issued."""
    where = (FILES.c.code == code, FILES.c.event_id != "")
    return [_file(row) for row in connection.execute(select(FILES).where(*where).order_by(FILES.c.name))]


def recorded(connection: Connection, shipment: str, name: str, sha256: str, event_id: str) -> None:
    """Note which record names a file."""
    where = (FILES.c.shipment == shipment, FILES.c.name == name, FILES.c.sha256 == sha256)
    connection.execute(FILES.update().where(*where).values(event_id=event_id))


def settle(connection: Connection, shipment: str, sha256: str) -> None:
    """All of a version is signed: it counts from now on."""
    where = (DOSSIERS.c.shipment == shipment, DOSSIERS.c.sha256 == sha256)
    connection.execute(DOSSIERS.update().where(*where).values(is_draft=False))


def revoke(connection: Connection, dossier: Dossier, *, at: datetime, by: str, reason: str) -> Dossier | None:
    """None where it was revoked before."""
    result = connection.execute(
        DOSSIERS.update()
        .where(
            DOSSIERS.c.shipment == dossier.shipment,
            DOSSIERS.c.version == dossier.version,
            DOSSIERS.c.revoked_at.is_(None),
        )
        .values(revoked_at=at, revoked_by=by, revoked_reason=reason)
    )
    if result.rowcount != 1:
        return None
    return replace(dossier, revoked_at=at, revoked_by=by, revoked_reason=reason)


def facts(connection: Connection, shipment: str) -> dict[str, str]:
    """Name -> value, by name."""
    statement = select(FACTS.c.name, FACTS.c.value).where(FACTS.c.shipment == shipment)
    return {row.name: row.value for row in connection.execute(statement.order_by(FACTS.c.name))}


def state_facts(
    connection: Connection, shipment: str, stated: Mapping[str, str], *, at: datetime, by: str
) -> bool:
    """Replace those that are named; "" takes one back. Returns whether anything changed."""
    before = facts(connection, shipment)
    changed = {name: value for name, value in stated.items() if before.get(name, "") != value}
    if not changed:
        return False
    connection.execute(FACTS.delete().where(FACTS.c.shipment == shipment, FACTS.c.name.in_(sorted(changed))))
    fresh = [
        {"shipment": shipment, "name": name, "value": value, "at": at, "by": by}
        for name, value in changed.items()
        if value
    ]
    if fresh:
        connection.execute(FACTS.insert(), fresh)
    return True


def _dossier(row: Any) -> Dossier:
    found = Dossier(**{name: getattr(row, name) for name in Dossier.__slots__})
    revoked_at = None if found.revoked_at is None else as_utc(found.revoked_at)
    return replace(found, at=as_utc(found.at), revoked_at=revoked_at)


def _file(row: Any) -> DossierFile:
    return DossierFile(**{name: getattr(row, name) for name in DossierFile.__slots__})


def _members(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}
