"""Links that a letter can carry, and since when an object has no row."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = "invitations"


def upgrade() -> None:
    """Links that were given out before stay as they are: no letter is owed for them."""
    op.add_column("invitations", sa.Column("nonce", _hex(), nullable=True))
    op.create_table(
        "unnamed_objects",
        sa.Column("sha256", _hex(), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.bulk_insert(_server_keys(), [{"name": KEY, "value": secrets.token_bytes(32)}])


def downgrade() -> None:
    keys = _server_keys()
    op.execute(keys.delete().where(keys.c.name == KEY))
    op.drop_table("unnamed_objects")
    op.drop_column("invitations", "nonce")


def _server_keys() -> sa.TableClause:
    return sa.table("server_keys", sa.column("name", sa.String()), sa.column("value", sa.LargeBinary()))


def _hex() -> sa.String:
    """64 digits."""
    return sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
