"""A supplier's file as it was uploaded: read by the description that was chosen, nothing recorded."""

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, select

from gateway.consignments import SAMPLES, load_file, load_spec
from gateway.consignments.consignment import Consignment
from gateway.consignments.spec import ConsignmentSpec
from gateway.errors import NotFound, Refused
from gateway.files.errors import FileRefused
from gateway.files.intake import sheet_in
from gateway.people.identity import Identity
from gateway.policies import load
from gateway.sheets import SheetError, worksheets
from gateway.statements.hands import may_sign, stand_in
from gateway.store import profiles, tables
from gateway.store.profiles import Draft
from gateway.wiring import Installation
from gateway.workflows.chains import chains_of
from gateway.workflows.declare_elsewhere import declaring_for
from gateway.workflows.describe_file import BY_PROFILE, Looked, spec_of
from gateway.workflows.import_consignment import Told, import_consignment
from gateway.workflows.mend import CONSIGNMENTS, first_file, left_over
from gateway.workflows.read_consignment import read_consignment
from gateway.workflows.story import record_consignment
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)
WAREHOUSE_UNKNOWN: Final = "warehouse"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A file as it would be imported.

    mends: SHA-256 of the file whose rejected rows it brings again, "" for none; skipped: rows that an
    earlier file brought already; mended: those of the first file that this one brings.
    unsigned: the supplier's key is not here, its declarations will wait. keyless: it has none that may sign.
    """

    spec: ConsignmentSpec
    consignment: Consignment
    draft: Draft | None = None
    mends: str = ""
    skipped: int = 0
    mended: tuple[int, ...] = ()
    unsigned: bool = False
    keyless: bool = False


def specs() -> list[ConsignmentSpec]:
    """The descriptions that this installation knows."""
    return [load_spec(name) for name in SAMPLES]


def spec_named(name: str) -> ConsignmentSpec:
    """Raises FileRefused for one that is not known."""
    if name not in SAMPLES:
        raise FileRefused("spec-unknown", "no description of sheets has that name")
    return load_spec(name)


def read_upload(installation: Installation, spec: ConsignmentSpec, data: bytes) -> Consignment:
    """data: the sheet, or an archive that holds it alone. Raises FileRefused, in a form's own words."""
    catalogue = load_file(spec.file.catalogue) if spec.file.catalogue else None
    content = sheet_in(data)
    try:
        read = read_consignment(
            spec, content, catalogue=catalogue, story_date=installation.clock.now().date()
        )
        return replace(read, sha256=_digest(content, read.sheet))
    except SheetError as error:
        raise FileRefused(error.code, str(error)) from error


def rehearse(
    installation: Installation, connection: Connection, file: str, spec: str, data: bytes
) -> Rehearsed:
    """Read an upload as an import would, and record nothing. spec: of SAMPLES, or BY_PROFILE.

    Raises FileRefused; NotFound where nobody has begun to describe the file; InvalidSpec where something
    is still to be said.
    """
    if spec != BY_PROFILE:
        chosen = spec_named(spec)
        return _mended(connection, Rehearsed(chosen, read_upload(installation, chosen, data)))
    draft = profiles.draft(connection, file, owner=None)
    if draft is None:
        raise NotFound(file)
    chosen = spec_of(draft)
    unsigned = stand_in(installation, connection, draft.profile.supplier) is None
    read = read_upload(installation, chosen, data)
    keyless = unsigned and not may_sign(connection, draft.profile.supplier, "lot.declared", "supplier")
    rehearsed = Rehearsed(chosen, read, draft, mends=draft.mends, unsigned=unsigned, keyless=keyless)
    return _mended(connection, rehearsed)


def spec_behind(connection: Connection, looked: Looked) -> str:
    """The description by which the file was read whose rejected rows a sheet brings; "" for a profile."""
    first = first_file(connection, (one.header for one in looked.proposal.columns))
    statement = select(CONSIGNMENTS.c.spec).where(CONSIGNMENTS.c.sha256 == first)
    spec = connection.execute(statement).scalar_one_or_none() if first else None
    return spec if spec in SAMPLES else ""


def record(installation: Installation, rehearsed: Rehearsed, *, by: str) -> list[str]:
    """Record what was rehearsed; returns the ids of its lots. The same file twice is one import.

    Where the supplier signs elsewhere its lots wait, and are goods of the house once it has signed.
    by: the principal for whom it is done.

    Raises Refused ``supplier-must-sign``, ``goods-known``, ``nothing-to-record``.
    """
    draft = rehearsed.draft
    if draft is None:
        return record_consignment(
            installation, rehearsed.spec, rehearsed.consignment, report=report_facts(rehearsed)
        )
    if rehearsed.keyless:
        raise Refused("supplier-must-sign", "the supplier has no key that may sign a declaration")
    with installation.database.reading() as connection:
        told = _told(installation, connection, rehearsed, draft)
    person = Identity(principal=by, name="", role="operator", organisation=installation.config.operator)
    declare = declaring_for(person) if rehearsed.unsigned else None
    return import_consignment(installation, rehearsed.spec, rehearsed.consignment, told, declare)


def report_facts(rehearsed: Rehearsed) -> dict[str, Any]:
    """What a file's report says of how it was read: by which profile, and which file it mends."""
    draft, facts = rehearsed.draft, dict[str, Any]()
    if draft is not None:
        facts["profile"] = {
            "id": draft.saved_as,
            "name": draft.profile.name,
            "version": draft.version,
            "sha256": draft.profile.sha256,
        }
        facts["supplier"] = draft.profile.supplier
    if rehearsed.mends:
        facts["mends"] = rehearsed.mends
        facts["mended_rows"] = list(rehearsed.mended)
        facts["skipped"] = rehearsed.skipped
    return facts


def _mended(connection: Connection, read: Rehearsed) -> Rehearsed:
    """What is left when rows that are here already are left out; they were paid for with the first file."""
    first = read.mends or first_file(connection, read.consignment.columns)
    if not first or first == read.consignment.sha256:
        return read
    left = left_over(connection, read.consignment, first)
    return replace(
        read,
        spec=read.spec.model_copy(update={"price": None}),
        consignment=left.consignment,
        mends=first,
        skipped=left.skipped,
        mended=left.rows,
    )


def _told(installation: Installation, connection: Connection, rehearsed: Rehearsed, draft: Draft) -> Told:
    wanted = {(article.brand, article.category) for article in rehearsed.consignment.articles}
    return Told(
        supplier=draft.profile.supplier,
        chains=chains_of(
            connection,
            draft.profile.supplier,
            wanted,
            day=installation.clock.now().date().isoformat(),
            depth_max=load.permission().depth_max,
        ),
        site=_warehouse(connection, installation.config.operator),
        report=report_facts(rehearsed),
    )


def _warehouse(connection: Connection, operator: str) -> str:
    """The operator's own city as a slug."""
    city = connection.execute(select(PARTIES.c.city).where(PARTIES.c.party == operator)).scalar_one_or_none()
    return re.sub(r"[^a-z0-9]+", "-", (city or "").lower()).strip("-") or WAREHOUSE_UNKNOWN


def _digest(content: bytes, sheet: str) -> str:
    """What tells the same goods sent twice: the file, and of a workbook with several sheets which one."""
    plain = sha256(content)
    if len(worksheets(content)) > 1:
        plain.update(b"\0" + sheet.encode())
    return plain.hexdigest()
