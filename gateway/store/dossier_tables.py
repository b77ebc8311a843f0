"""Versions of a shipment's dossier, the files that were made of each, and what people stated for them."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Integer, Table
from sqlmodel import Field, SQLModel

from gateway.store.columns import text_column
from ledger.store.tables import BIGINT, table, words


def _moment(*, nullable: bool = False) -> Column[datetime]:
    return Column(DateTime(timezone=True), nullable=nullable)


def _shipment() -> Column[str]:
    return Column(words(40), primary_key=True)


def _version() -> Column[int]:
    return Column(Integer, primary_key=True, autoincrement=False)


class DossierRow(SQLModel, table=True):
    """One version. is_draft: its files carry the mark, and nothing of it stands in the ledger.

    sha256: of the dossier's canonical JSON. rule_pack: the rules that were asked. level: slug of
    ``readiness.Level``. manifest: canonical JSON of what was made, how it was validated and what was not.
    revoked_at: since when none of its papers counts any more, with who said so and why.
    """

    __tablename__ = "dossiers"
    shipment: str = Field(sa_column=_shipment())
    version: int = Field(sa_column=_version())
    is_draft: bool
    sha256: str = Field(sa_column=text_column(64, index=True))
    rule_pack: str = Field(sa_column=text_column(60))
    level: str = Field(sa_column=text_column(20))
    manifest: str = Field(sa_column=text_column())
    at: datetime = Field(sa_column=_moment())
    by: str = Field(sa_column=text_column(80))
    revoked_at: datetime | None = Field(default=None, sa_column=_moment(nullable=True))
    revoked_by: str = Field(sa_column=text_column(80))
    revoked_reason: str = Field(sa_column=text_column())


class DossierFileRow(SQLModel, table=True):
    """A file of a version. name: the renderer's id, or ``dossier``, ``serials``. event_id: "" unrecorded.

    code: of the document it belongs to, "" of none. The bytes are an object named by their SHA-256.
    """

    __tablename__ = "dossier_files"
    shipment: str = Field(sa_column=_shipment())
    version: int = Field(sa_column=_version())
    name: str = Field(sa_column=Column(words(60), primary_key=True))
    kind: str = Field(sa_column=text_column(40))
    code: str = Field(sa_column=text_column(20, index=True))
    filename: str = Field(sa_column=text_column(120))
    media_type: str = Field(sa_column=text_column(100))
    pages: int = Field(sa_column=Column(Integer, nullable=False))
    size: int = Field(sa_column=Column(BIGINT, nullable=False))
    sha256: str = Field(sa_column=text_column(64))
    renderer: str = Field(sa_column=text_column(60))
    event_id: str = Field(sa_column=text_column(64))


class ShipmentFactRow(SQLModel, table=True):
    """What a person stated of a shipment for its papers: the number of another's paper, a declaration."""

    __tablename__ = "shipment_facts"
    shipment: str = Field(sa_column=_shipment())
    name: str = Field(sa_column=Column(words(40), primary_key=True))
    value: str = Field(sa_column=text_column())
    at: datetime = Field(sa_column=_moment())
    by: str = Field(sa_column=text_column(80))


DOSSIERS: list[Table] = [table(row) for row in (DossierRow, DossierFileRow, ShipmentFactRow)]
