"""On SQLite subjects and openings are kept in the order they come; only their indexes are by id."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _copied(with_rowid=True)


def downgrade() -> None:
    _copied(with_rowid=False)


def _copied(*, with_rowid: bool) -> None:
    """PostgreSQL keeps rows so anyway."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_table(
        "new_subjects",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
        sqlite_with_rowid=with_rowid,
    )
    op.create_table(
        "new_openings",
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("event_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("commitment"),
        sa.UniqueConstraint("event_id", "field"),
        sqlite_with_rowid=with_rowid,
    )
    for name in ("subjects", "openings"):
        op.execute(f"INSERT INTO new_{name} SELECT * FROM {name}")  # noqa: S608 - our own names
        op.drop_table(name)
        op.rename_table(f"new_{name}", name)
