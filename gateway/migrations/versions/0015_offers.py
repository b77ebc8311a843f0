"""By what an offer is priced, in which steps it is ordered, and the reference its price stands against."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PACKED = ("listings", "orders")


def upgrade() -> None:
    for name in PACKED:  # what stands there already was priced by the piece
        op.add_column(name, sa.Column("basis", _words(10), nullable=False, server_default="piece"))
        op.add_column(name, sa.Column("size", COUNT, nullable=False, server_default="1"))
    op.add_column("listings", sa.Column("multiple", COUNT, nullable=False, server_default="1"))
    op.add_column("listings", sa.Column("mixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("listings", sa.Column("price_policy", _words(64), nullable=False, server_default=""))
    op.add_column("listings", sa.Column("reference", _long(), nullable=False, server_default=""))
    op.add_column("listings", sa.Column("override_reason", _long(), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("override_reason", "reference", "price_policy", "mixed", "multiple"):
        op.drop_column("listings", column)
    for name in PACKED:
        op.drop_column(name, "size")
        op.drop_column(name, "basis")


def _words(length: int) -> sa.String:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
