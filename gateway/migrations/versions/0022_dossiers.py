"""Versions of a shipment's dossier, their files, and what people stated for them."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Papers that were issued before stand in documents alone: their dossiers are not made up afterwards.
    op.create_table(
        "dossiers",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("is_draft", sa.Boolean(), nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("rule_pack", _words(60), nullable=False),
        sa.Column("level", _words(20), nullable=False),
        sa.Column("manifest", _long(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", _words(80), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", _words(80), nullable=False),
        sa.Column("revoked_reason", _long(), nullable=False),
    )
    op.create_index("ix_dossiers_sha256", "dossiers", ["sha256"])
    op.create_table(
        "dossier_files",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", _words(60), primary_key=True),
        sa.Column("kind", _words(40), nullable=False),
        sa.Column("code", _words(20), nullable=False),
        sa.Column("filename", _words(120), nullable=False),
        sa.Column("media_type", _words(100), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("size", COUNT, nullable=False),
        sa.Column("sha256", _words(64), nullable=False),
        sa.Column("renderer", _words(60), nullable=False),
        sa.Column("event_id", _words(64), nullable=False),
    )
    op.create_index("ix_dossier_files_code", "dossier_files", ["code"])
    op.create_table(
        "shipment_facts",
        sa.Column("shipment", _words(40), primary_key=True),
        sa.Column("name", _words(40), primary_key=True),
        sa.Column("value", _long(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", _words(80), nullable=False),
    )


def downgrade() -> None:
    for name in ("shipment_facts", "dossier_files", "dossiers"):
        op.drop_table(name)


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
