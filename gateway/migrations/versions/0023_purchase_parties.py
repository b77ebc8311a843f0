"""Where the goods of a purchase go, and whom the carrier tells: of each purchase by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

COLUMNS = ("consignee", "notify_party")


def upgrade() -> None:
    # Purchases that were placed before go on as they were read until now: where their company says.
    for name in COLUMNS:
        op.add_column("purchases", sa.Column(name, _long(), nullable=False, server_default=""))
        op.execute(
            sa.text(
                f"UPDATE purchases SET {name} = "  # noqa: S608 - our own names
                f"COALESCE((SELECT company_rules.{name} FROM company_rules "
                "WHERE company_rules.company = purchases.company), '')"
            )
        )


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("purchases", name)


def _long() -> sa.Text:
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
