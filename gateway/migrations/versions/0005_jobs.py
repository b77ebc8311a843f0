"""What is to be done outside a request: the outbox, its schedules, its effects."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("n", BIGINT, nullable=False),
        sa.Column("id", words(40), nullable=False),
        sa.Column("kind", words(40), nullable=False),
        sa.Column("subject", words(80), nullable=False),
        sa.Column("line", words(8), nullable=False),
        sa.Column("unique_key", words(160), nullable=True),
        sa.Column("arguments", LONG, nullable=False),
        sa.Column("state", words(10), nullable=False),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", words(120), nullable=False),
        sa.Column("lease_token", words(32), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("handed_over_at", MOMENT, nullable=True),
        sa.Column("is_cancelling", sa.Boolean(), nullable=False),
        sa.Column("progress_done", BIGINT, nullable=False),
        sa.Column("progress_total", BIGINT, nullable=False),
        sa.Column("progress_unit", words(20), nullable=False),
        sa.Column("resume_at", LONG, nullable=False),
        sa.Column("result", LONG, nullable=False),
        sa.Column("reason", words(30), nullable=False),
        sa.Column("detail", LONG, nullable=False),
        sa.Column("request_id", words(64), nullable=False),
        sa.Column("started_by", words(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("unique_key"),
    )
    op.create_index("jobs_in_line", "jobs", ["subject", "n"])
    op.create_index("jobs_by_state", "jobs", ["state", "run_after"])
    op.create_index("jobs_finished", "jobs", ["finished_at"])
    op.create_table(
        "schedules",
        sa.Column("name", words(40), nullable=False),
        sa.Column("next_due", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("mark", BIGINT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", words(120), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("silent_since", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "refused_messages",
        sa.Column("why", words(30), nullable=False),
        sa.Column("count", BIGINT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("why"),
    )


def downgrade() -> None:
    for name in ("refused_messages", "relay", "schedules", "jobs"):
        op.drop_table(name)
