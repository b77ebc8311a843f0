"""Statements that wait for the signatures of others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("action", _words(40), nullable=False),
        sa.Column("type", _words(64), nullable=False),
        sa.Column("subject", _words(40), nullable=False),
        sa.Column("author", _words(40), nullable=False),
        sa.Column("creator", _words(40), nullable=False),
        sa.Column("created_by", _words(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", _words(20), nullable=False),
        sa.Column("draft", LONG, nullable=False),
        sa.Column("pending", LONG, nullable=False),
        sa.Column("event_id", _words(64), nullable=False),
        sa.Column("idx", BIGINT, nullable=False),
        sa.Column("renewed", sa.Integer(), nullable=False),
        sa.Column("reason", _words(500), nullable=False),
        sa.Column("then", _words(40), nullable=False),
        sa.Column("told", LONG, nullable=False),
    )
    for column in ("subject", "creator", "event_id"):
        op.create_index(f"ix_statements_{column}", "statements", [column])
    op.create_table(
        "statement_signers",
        sa.Column("statement", _words(40), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("party", _words(40), nullable=False),
        sa.Column("key", _words(64), nullable=False),
        sa.Column("role", _words(64), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_statement_signers_party", "statement_signers", ["party"])


def downgrade() -> None:
    op.drop_table("statement_signers")
    op.drop_table("statements")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
