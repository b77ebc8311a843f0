"""Answers kept for requests that are sent again, the key that page markers are sealed with, and their order."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _words(length: int | None = None) -> sa.types.TypeEngine[str]:
    collated = sa.String(length, collation="C") if length else sa.Text(collation="C")
    return (sa.String(length) if length else sa.Text()).with_variant(collated, "postgresql")


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("id", _words(64), primary_key=True),
        sa.Column("asked", _words(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", _words(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_kept_answers_expires_at", "kept_answers", ["expires_at"])
    keys = op.create_table(
        "server_keys",
        sa.Column("name", _words(40), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )
    op.create_index("reservations_of_company", "reservations", ["company", "expires_at", "id"])
    op.create_index("orders_of_company", "orders", ["company", "placed_at", "id"])
    op.bulk_insert(keys, [{"name": "cursors", "value": secrets.token_bytes(32)}])


def downgrade() -> None:
    op.drop_index("orders_of_company", "orders")
    op.drop_index("reservations_of_company", "reservations")
    op.drop_table("server_keys")
    op.drop_table("kept_answers")
