"""When and where codes were opened, for ninety days, and what was remarkable about it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "scanned_codes",
        sa.Column("code", _words(20), primary_key=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("first_country", _words(2), nullable=False),
        sa.Column("readings", BIGINT, nullable=False),
    )
    op.create_table(
        "scan_days",
        sa.Column("code", _words(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("country", _words(2), nullable=False),
        sa.Column("network", _words(16), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("readings", BIGINT, nullable=False),
        sa.PrimaryKeyConstraint("code", "day", "country", "network"),
        sqlite_with_rowid=False,
    )
    op.create_index("scan_days_by_day", "scan_days", ["day"])
    op.create_table(
        "scan_slots",
        sa.Column("code", _words(20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("country", _words(2), nullable=False),
        sa.Column("network", _words(16), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "at", "country", "network"),
        sqlite_with_rowid=False,
    )
    op.create_index("scan_slots_by_time", "scan_slots", ["at"])
    op.create_table(
        "scan_salts",
        sa.Column("period", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
    )
    _alerts()


def downgrade() -> None:
    for name in ("scan_alerts", "scan_salts", "scan_slots", "scan_days", "scanned_codes"):
        op.drop_table(name)


def _alerts() -> None:
    op.create_table(
        "scan_alerts",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("code", _words(20), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("level", _words(10), nullable=False),
        sa.Column("notice", _words(20), nullable=False),
        sa.Column("rule", _words(20), nullable=False),
        sa.Column("measured", BIGINT, nullable=False),
        sa.Column("allowed", BIGINT, nullable=False),
        sa.Column("detail", _words(20), nullable=False),
        sa.Column("readings", BIGINT, nullable=False),
        sa.Column("places", BIGINT, nullable=False),
        sa.Column("countries", BIGINT, nullable=False),
        sa.Column("policy", _words(40), nullable=False),
        sa.Column("policy_sha256", _words(64), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("state", _words(10), nullable=False),
        sa.Column("reason", _words(500), nullable=False),
        sa.Column("closed_by", _words(80), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
    )
    op.create_index("scan_alerts_by_state", "scan_alerts", ["state", "raised_at", "id"])
    op.create_index("scan_alerts_of_code", "scan_alerts", ["code", "state"])
    op.create_index("ix_scan_alerts_lot", "scan_alerts", ["lot"])


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
