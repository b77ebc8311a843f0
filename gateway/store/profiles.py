"""Import profiles by version, and the files that are being described."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from gateway.consignments.profile import Profile, parse_profile
from gateway.sheets import SheetRow
from gateway.store import profile_tables
from ledger.core import canonical
from ledger.store.tables import table

PROFILES = table(profile_tables.ImportProfileRow)
DRAFTS = table(profile_tables.ImportDraftRow)
REJECTED = table(profile_tables.RejectedRowRow)
HEADERS_ROW = 0
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SavedProfile:
    id: str
    version: int
    profile: Profile
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """See ``ImportDraftRow``."""

    file: str
    owner: str
    profile: Profile
    saved_as: str
    version: int
    amount_minor: int | None
    currency: str
    mends: str
    job: str
    updated_at: datetime


def save(connection: Connection, id_: str, profile: Profile, *, at: datetime, by: str) -> int:
    """The version under which ``profile`` stands: its last one where nothing changed, else a new one."""
    standing = newest(connection, id_)
    if standing is not None and standing.profile.sha256 == profile.sha256:
        return standing.version
    version = 1 if standing is None else standing.version + 1
    connection.execute(
        PROFILES.insert(),
        [
            {
                "id": id_,
                "version": version,
                "supplier": profile.supplier,
                "name": profile.name,
                "document": canonical.dumps(profile.model_dump(mode="json")).decode(),
                "sha256": profile.sha256,
                "created_at": at,
                "created_by": by,
            }
        ],
    )
    return version


def newest(connection: Connection, id_: str) -> SavedProfile | None:
    statement = PROFILES.select().where(PROFILES.c.id == id_).order_by(PROFILES.c.version.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _saved(row)


def at_version(connection: Connection, id_: str, version: int) -> SavedProfile | None:
    statement = PROFILES.select().where(PROFILES.c.id == id_, PROFILES.c.version == version)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _saved(row)


def all_newest(connection: Connection) -> list[SavedProfile]:
    """The last version of every profile, the youngest first."""
    last = select(PROFILES.c.id, func.max(PROFILES.c.version).label("version")).group_by(PROFILES.c.id)
    newest_ = last.subquery()
    statement = (
        PROFILES.select()
        .join(newest_, (PROFILES.c.id == newest_.c.id) & (PROFILES.c.version == newest_.c.version))
        .order_by(PROFILES.c.created_at.desc(), PROFILES.c.id)
    )
    return [_saved(row) for row in connection.execute(statement)]


def put_draft(connection: Connection, draft: Draft) -> None:
    """Insert, or replace what was said of the file before."""
    connection.execute(delete(DRAFTS).where(DRAFTS.c.file == draft.file))
    connection.execute(
        DRAFTS.insert(),
        [
            {
                "file": draft.file,
                "owner": draft.owner,
                "document": draft.profile.model_dump_json(),
                "profile": draft.saved_as,
                "version": draft.version,
                "amount_minor": draft.amount_minor,
                "currency": draft.currency,
                "mends": draft.mends,
                "job": draft.job,
                "updated_at": draft.updated_at,
            }
        ],
    )


def draft(connection: Connection, file: str, *, owner: str | None) -> Draft | None:
    """owner: party id; None: of anybody."""
    statement = DRAFTS.select().where(DRAFTS.c.file == file)
    if owner is not None:
        statement = statement.where(DRAFTS.c.owner == owner)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _draft(row)


def open_drafts(connection: Connection, owner: str, limit: int) -> list[Draft]:
    """Files that wait for somebody to go on, the youngest first."""
    statement = (
        DRAFTS.select()
        .where(DRAFTS.c.owner == owner, DRAFTS.c.job == "")
        .order_by(DRAFTS.c.updated_at.desc(), DRAFTS.c.file)
        .limit(limit)
    )
    return [_draft(row) for row in connection.execute(statement)]


def keep_rejected(
    connection: Connection, consignment: str, headers: Iterable[str], rows: Iterable[SheetRow]
) -> None:
    """Keep the rows of a file that were not taken, under its headers."""
    kept = [(HEADERS_ROW, tuple(headers)), *((row.number, row.cells) for row in rows)]
    for start in range(0, len(kept), ROWS_AT_ONCE):
        connection.execute(
            REJECTED.insert(),
            [
                {"consignment": consignment, "row": n, "cells": json.dumps(cells, ensure_ascii=False)}
                for n, cells in kept[start : start + ROWS_AT_ONCE]
            ],
        )


def drop_rejected(connection: Connection, consignment: str) -> None:
    """Its file is free again, and brings them again."""
    connection.execute(delete(REJECTED).where(REJECTED.c.consignment == consignment))


def rejected(connection: Connection, consignment: str) -> tuple[tuple[str, ...], list[SheetRow]]:
    """Headers and rows as they came; nothing of a file that was imported before they were kept."""
    statement = REJECTED.select().where(REJECTED.c.consignment == consignment).order_by(REJECTED.c.row)
    rows = [SheetRow(row.row, tuple(json.loads(row.cells))) for row in connection.execute(statement)]
    if not rows:
        return (), []
    return rows[0].cells, rows[1:]


def forget(connection: Connection, text: str) -> None:
    """Empty every kept cell that holds ``text``."""
    statement = REJECTED.select().where(REJECTED.c.cells.contains(text, autoescape=True))
    for row in connection.execute(statement).all():
        cells = json.dumps(
            ["" if text in cell else cell for cell in json.loads(row.cells)], ensure_ascii=False
        )
        connection.execute(
            REJECTED.update()
            .where(REJECTED.c.consignment == row.consignment, REJECTED.c.row == row.row)
            .values(cells=cells)
        )


def _saved(row: Any) -> SavedProfile:
    profile = parse_profile(json.loads(row.document))
    return SavedProfile(row.id, row.version, profile, _utc(row.created_at), row.created_by)


def _draft(row: Any) -> Draft:
    values: Mapping[str, Any] = row._asdict()
    return Draft(
        file=values["file"],
        owner=values["owner"],
        profile=parse_profile(json.loads(values["document"])),
        saved_as=values["profile"],
        version=values["version"],
        amount_minor=values["amount_minor"],
        currency=values["currency"],
        mends=values["mends"],
        job=values["job"],
        updated_at=_utc(values["updated_at"]),
    )


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
