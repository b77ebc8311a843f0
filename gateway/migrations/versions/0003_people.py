"""Users, their roles and sessions, invitations, keys of programs, refused actions.

Sessions and printed links were of a role; now they are of a user. Both live for hours: those that stand
are dropped, and whoever was signed in signs in again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LONG = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
NEW = (
    "users", "recovery_codes", "memberships", "invitations", "sign_in_attempts", "api_keys",
    "company_applications", "security_events",
)  # fmt: skip


def upgrade() -> None:
    op.drop_table("web_sessions")
    op.drop_table("logins")
    _accounts()
    _ways_in()
    _programs_and_companies()


def _accounts() -> None:
    op.create_table(
        "users",
        _words("id", 40, key=True),
        sa.Column("email", _type(254), nullable=False, unique=True),
        _words("name", 120),
        _words("language", 10),
        sa.Column("password_hash", _type(200), nullable=True),
        sa.Column("totp_secret", _type(64), nullable=True),
        sa.Column("totp_step", BIGINT, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        _moment("created_at"),
    )
    op.create_table("recovery_codes", _words("code_hash", 64, key=True), _words("user_id", 40))
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])
    op.create_table(
        "memberships",
        _words("id", 40, key=True),
        _words("user_id", 40),
        _words("role", 20),
        _words("organisation", 40),
        _moment("created_at"),
        sa.UniqueConstraint("user_id", "role", "organisation"),
    )
    op.create_index("ix_memberships_organisation", "memberships", ["organisation"])


def _ways_in() -> None:
    op.create_table(
        "invitations",
        _words("token_hash", 64, key=True),
        sa.Column("id", _type(40), nullable=False, unique=True),
        _words("email", 254),
        _words("role", 20),
        _words("organisation", 40),
        _words("language", 10),
        _words("invited_by", 80),
        _moment("created_at"),
        _moment("expires_at"),
        sa.Column("used", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "logins",
        _words("token_hash", 64, key=True),
        _words("user_id", 40),
        _words("membership", 40),
        _moment("expires_at"),
        sa.Column("used", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "web_sessions",
        _words("token_hash", 64, key=True),
        sa.Column("id", _type(40), nullable=False, unique=True),
        _words("user_id", 40),
        _words("membership", 40),
        _words("csrf", 64),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("offered_secret", _type(64), nullable=True),
        _moment("began_at"),
        _moment("seen_at"),
        _moment("expires_at"),
        _words("address", 60),
        _words("agent", 120),
    )
    op.create_index("ix_web_sessions_user_id", "web_sessions", ["user_id"])
    op.create_index("ix_web_sessions_expires_at", "web_sessions", ["expires_at"])
    op.create_table(
        "sign_in_attempts",
        _words("subject", 80, key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("last_at"),
        _moment("blocked_until"),
    )


def _programs_and_companies() -> None:
    op.create_table(
        "api_keys",
        _words("id", 40, key=True),
        sa.Column("prefix", _type(8), nullable=False, unique=True),
        _words("secret_hash", 64),
        _words("name", 80),
        _words("role", 20),
        _words("organisation", 40),
        _words("scopes", 400),
        _words("ledger_key", 64),
        _words("created_by", 40),
        _moment("created_at"),
        _moment("expires_at"),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
    )
    op.create_index("api_keys_of_organisation", "api_keys", ["organisation", "role"])
    op.create_table(
        "company_applications",
        _words("company", 40, key=True),
        _words("applicant", 40),
        _words("number_check", 20),
        _moment("applied_at"),
        sa.Column("decided_at", MOMENT, nullable=True),
        _words("decided_by", 80),
        sa.Column("reason", LONG, nullable=False),
    )
    op.create_table(
        "security_events",
        _words("id", 40, key=True),
        _moment("at"),
        _words("kind", 40),
        _words("principal", 80),
        _words("route", 120),
        _words("address", 60),
        _words("detail", 200),
    )
    op.create_index("security_events_by_time", "security_events", ["at", "id"])
    op.create_index("ix_security_events_principal", "security_events", ["principal"])


def downgrade() -> None:
    for table in ("web_sessions", "logins", *reversed(NEW)):
        op.drop_table(table)
    op.create_table(
        "logins",
        _words("token_hash", 64, key=True),
        _words("role", 20),
        sa.Column("company", _type(40), nullable=True),
        _moment("expires_at"),
        sa.Column("used", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "web_sessions",
        _words("token_hash", 64, key=True),
        _words("role", 20),
        sa.Column("company", _type(40), nullable=True),
        _words("csrf", 64),
        _moment("expires_at"),
    )


def _words(name: str, length: int, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, _type(length), nullable=False, primary_key=key)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, MOMENT, nullable=False)


def _type(length: int) -> sa.String:
    """Text in the order of its code points on both databases."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")
