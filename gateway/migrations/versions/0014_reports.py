"""Problems that people report about goods, and photos that the operator shows."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "problem_reports",
        sa.Column("id", _words(40), primary_key=True),
        sa.Column("code", _words(20), nullable=False),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("kind", _words(20), nullable=False),
        sa.Column("text", _long(), nullable=False),
        sa.Column("contact", _words(200), nullable=False),
        sa.Column("photo", _words(40), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("state", _words(10), nullable=False),
        sa.Column("answer", _long(), nullable=False),
        sa.Column("answered_by", _words(80), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=True),
    )
    op.create_index("problem_reports_by_state", "problem_reports", ["state", "reported_at", "id"])
    op.create_index("problem_reports_by_code", "problem_reports", ["code", "state"])
    op.create_index("ix_problem_reports_lot", "problem_reports", ["lot"])
    op.create_table(
        "public_photos",
        sa.Column("file", _words(40), primary_key=True),
        sa.Column("lot", _words(40), nullable=False),
        sa.Column("shown_by", _words(80), nullable=False),
        sa.Column("shown_at", MOMENT, nullable=False),
    )
    op.create_index("ix_public_photos_lot", "public_photos", ["lot"])


def downgrade() -> None:
    op.drop_table("public_photos")
    op.drop_table("problem_reports")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
