"""What was published and cosigned; on PostgreSQL, wide columns, one order of text, and guards."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    "CREATE TRIGGER published_never_update BEFORE UPDATE ON published BEGIN SELECT RAISE(ABORT, 'published are never changed'); END",
    "CREATE TRIGGER published_never_delete BEFORE DELETE ON published BEGIN SELECT RAISE(ABORT, 'published are never changed'); END",
    "CREATE TRIGGER published_never_replace BEFORE INSERT ON published WHEN EXISTS (SELECT 1 FROM published WHERE size = NEW.size) BEGIN SELECT RAISE(ABORT, 'published are never changed'); END",
    "CREATE TRIGGER entries_never_replace BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE event_id = NEW.event_id) BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    "CREATE TRIGGER chain_never_replace BEFORE INSERT ON chain WHEN EXISTS (SELECT 1 FROM chain WHERE idx = NEW.idx AND subject = NEW.subject) OR EXISTS (SELECT 1 FROM chain WHERE subject = NEW.subject AND seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'chain are never changed'); END",
)

POSTGRESQL_GUARDS = (
    """CREATE OR REPLACE FUNCTION lotproof_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% are never changed', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    "CREATE TRIGGER entries_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION lotproof_never_changed()",
    """CREATE OR REPLACE FUNCTION lotproof_entries_are_gapless() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  low bigint;
  high bigint;
  rows bigint;
BEGIN
  SELECT min(idx), max(idx), count(*) INTO low, high, rows FROM added;
  IF rows > 0 AND (
    low < 0 OR high - low + 1 <> rows
    OR (low > 0 AND NOT EXISTS (SELECT 1 FROM entries WHERE idx = low - 1))
  ) THEN
    RAISE EXCEPTION 'entries are gapless' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$""",
    "CREATE TRIGGER entries_are_gapless AFTER INSERT ON entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lotproof_entries_are_gapless()",
    "CREATE TRIGGER checkpoints_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION lotproof_never_changed()",
    """CREATE OR REPLACE FUNCTION lotproof_checkpoints_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
  IF NEW.size <= (SELECT coalesce(max(size), -1) FROM checkpoints) THEN
    RAISE EXCEPTION 'checkpoints only grow' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$""",
    "CREATE TRIGGER checkpoints_only_grow BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION lotproof_checkpoints_only_grow()",
    "CREATE TRIGGER chain_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON chain FOR EACH STATEMENT EXECUTE FUNCTION lotproof_never_changed()",
    "CREATE TRIGGER published_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON published FOR EACH STATEMENT EXECUTE FUNCTION lotproof_never_changed()",
)

# On SQLite an INTEGER has 64 bits already, and text the order of its bytes.
CHANGED = {
    "articles": (
        "id TYPE bigint",
        'consignment TYPE VARCHAR(64) COLLATE "C"',
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'source_event TYPE VARCHAR(64) COLLATE "C"',
        "quantity TYPE bigint",
        'category TYPE VARCHAR(40) COLLATE "C"',
        'grade TYPE VARCHAR(10) COLLATE "C"',
        'identifier TYPE VARCHAR(60) COLLATE "C"',
        'facts TYPE TEXT COLLATE "C"',
    ),
    "chain": (
        "idx TYPE bigint",
        'subject TYPE VARCHAR(40) COLLATE "C"',
        "seq TYPE bigint",
    ),
    "checkpoints": (
        "size TYPE bigint",
        'signed_at TYPE VARCHAR(20) COLLATE "C"',
    ),
    "code_links": (
        'code TYPE VARCHAR(20) COLLATE "C"',
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'level TYPE VARCHAR(10) COLLATE "C"',
        "article TYPE bigint",
    ),
    "codes": (
        "idx TYPE bigint",
        'subject TYPE VARCHAR(40) COLLATE "C"',
    ),
    "companies": (
        'id TYPE VARCHAR(40) COLLATE "C"',
        'name TYPE TEXT COLLATE "C"',
        'country TYPE VARCHAR(2) COLLATE "C"',
        'address TYPE TEXT COLLATE "C"',
        'registration_number TYPE VARCHAR(40) COLLATE "C"',
        'status TYPE VARCHAR(20) COLLATE "C"',
    ),
    "consignments": (
        'sha256 TYPE VARCHAR(64) COLLATE "C"',
        'spec TYPE VARCHAR(40) COLLATE "C"',
        'file TYPE TEXT COLLATE "C"',
        'report TYPE TEXT COLLATE "C"',
    ),
    "documents": (
        'code TYPE VARCHAR(20) COLLATE "C"',
        'shipment TYPE VARCHAR(40) COLLATE "C"',
        'order_id TYPE VARCHAR(40) COLLATE "C"',
        'kind TYPE VARCHAR(40) COLLATE "C"',
        'number TYPE VARCHAR(60) COLLATE "C"',
        'filename TYPE VARCHAR(120) COLLATE "C"',
        'media_type TYPE VARCHAR(60) COLLATE "C"',
        'sha256 TYPE VARCHAR(64) COLLATE "C"',
        'dossier_sha256 TYPE VARCHAR(64) COLLATE "C"',
        'event_id TYPE VARCHAR(64) COLLATE "C"',
        'issued_on TYPE VARCHAR(10) COLLATE "C"',
        'superseded_by TYPE VARCHAR(20) COLLATE "C"',
    ),
    "entries": (
        "idx TYPE bigint",
        'type TYPE VARCHAR(64) COLLATE "C"',
    ),
    "grants": (
        '"authorization" TYPE VARCHAR(40) COLLATE "C"',
        'channels TYPE TEXT COLLATE "C"',
    ),
    "keys": (
        'key_id TYPE VARCHAR(64) COLLATE "C"',
        'party TYPE VARCHAR(40) COLLATE "C"',
        'state TYPE VARCHAR COLLATE "C"',
    ),
    "listings": (
        'id TYPE VARCHAR(40) COLLATE "C"',
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'market TYPE VARCHAR(2) COLLATE "C"',
        'channel TYPE VARCHAR(40) COLLATE "C"',
        'currency TYPE VARCHAR(3) COLLATE "C"',
        "unit_price_minor TYPE bigint",
        "moq TYPE bigint",
        'head TYPE VARCHAR(64) COLLATE "C"',
        'status TYPE VARCHAR(20) COLLATE "C"',
    ),
    "log_state": (
        "size TYPE bigint",
        'last_rec TYPE VARCHAR(20) COLLATE "C"',
        'state TYPE VARCHAR COLLATE "C"',
        "heads_through TYPE bigint",
        "heads_count TYPE bigint",
        'heads_top TYPE VARCHAR COLLATE "C"',
    ),
    "logins": (
        'token_hash TYPE VARCHAR(64) COLLATE "C"',
        'role TYPE VARCHAR(20) COLLATE "C"',
        'company TYPE VARCHAR(40) COLLATE "C"',
    ),
    "lot_stock": (
        'lot TYPE VARCHAR(40) COLLATE "C"',
        "on_hand TYPE bigint",
        "reserved TYPE bigint",
        "allocated TYPE bigint",
        "shipped TYPE bigint",
    ),
    "manifest_rows": ('part TYPE VARCHAR(40) COLLATE "C"',),
    "openings": ('field TYPE VARCHAR(64) COLLATE "C"',),
    "orders": (
        'id TYPE VARCHAR(40) COLLATE "C"',
        'reservation TYPE VARCHAR(40) COLLATE "C"',
        'company TYPE VARCHAR(40) COLLATE "C"',
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'market TYPE VARCHAR(2) COLLATE "C"',
        "quantity TYPE bigint",
        "unit_price_minor TYPE bigint",
        'currency TYPE VARCHAR(3) COLLATE "C"',
        'po_number TYPE VARCHAR(60) COLLATE "C"',
        'incoterm TYPE VARCHAR(3) COLLATE "C"',
        'place TYPE VARCHAR(60) COLLATE "C"',
        'head TYPE VARCHAR(64) COLLATE "C"',
        'sold_event TYPE VARCHAR(64) COLLATE "C"',
        'state TYPE VARCHAR(20) COLLATE "C"',
        'shipment TYPE VARCHAR(40) COLLATE "C"',
    ),
    "parties": (
        'party TYPE VARCHAR(40) COLLATE "C"',
        'slug TYPE VARCHAR(60) COLLATE "C"',
        'kind TYPE VARCHAR(20) COLLATE "C"',
        'name_zh TYPE TEXT COLLATE "C"',
        'name_en TYPE TEXT COLLATE "C"',
        'country TYPE VARCHAR(2) COLLATE "C"',
        'city TYPE VARCHAR(60) COLLATE "C"',
        'address TYPE TEXT COLLATE "C"',
        'registration_number TYPE VARCHAR(40) COLLATE "C"',
    ),
    "reservations": (
        'id TYPE VARCHAR(40) COLLATE "C"',
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'listing TYPE VARCHAR(40) COLLATE "C"',
        'company TYPE VARCHAR(40) COLLATE "C"',
        "quantity TYPE bigint",
        'state TYPE VARCHAR(12) COLLATE "C"',
    ),
    "stock_movements": (
        "id TYPE bigint",
        'lot TYPE VARCHAR(40) COLLATE "C"',
        'kind TYPE VARCHAR(12) COLLATE "C"',
        "quantity TYPE bigint",
        'cause TYPE VARCHAR(40) COLLATE "C"',
    ),
    "story_steps": (
        'step TYPE VARCHAR(80) COLLATE "C"',
        'result TYPE TEXT COLLATE "C"',
    ),
    "subjects": (
        'subject TYPE VARCHAR(40) COLLATE "C"',
        "seq TYPE bigint",
        "idx TYPE bigint",
        'state TYPE VARCHAR COLLATE "C"',
    ),
    "web_sessions": (
        'token_hash TYPE VARCHAR(64) COLLATE "C"',
        'role TYPE VARCHAR(20) COLLATE "C"',
        'company TYPE VARCHAR(40) COLLATE "C"',
        'csrf TYPE VARCHAR(64) COLLATE "C"',
    ),
}
SEQUENCES = ("articles_id_seq", "stock_movements_id_seq")
FUNCTIONS = ("lotproof_never_changed", "lotproof_entries_are_gapless", "lotproof_checkpoints_only_grow")
BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WITNESS = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.String(20).with_variant(sa.String(20, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "published",
        sa.Column("size", BIGINT, autoincrement=False, nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", BIGINT, autoincrement=False, nullable=False),
        sa.Column("witness", WITNESS, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("ts", BIGINT, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness"),
    )
    op.create_table(
        "witness_state",
        sa.Column("witness", WITNESS, nullable=False),
        sa.Column("last_size", BIGINT, nullable=False),
        sa.PrimaryKeyConstraint("witness"),
    )
    op.create_table(
        "publishing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", BIGINT, nullable=False),
        sa.Column("holder", WITNESS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in SQLITE_TRIGGERS:
            op.execute(sa.text(statement))
        return
    for table, columns in CHANGED.items():
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"ALTER COLUMN {column}" for column in columns))
    for sequence in SEQUENCES:
        op.execute(f"ALTER SEQUENCE {sequence} AS bigint")
    for statement in POSTGRESQL_GUARDS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("publishing", "witness_state", "cosignatures", "published"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER entries_never_replace")
        op.execute("DROP TRIGGER chain_never_replace")
        return
    op.execute("DROP TRIGGER checkpoints_only_grow ON checkpoints")
    op.execute("DROP TRIGGER entries_are_gapless ON entries")
    for table in ("entries", "checkpoints", "chain"):
        op.execute(f"DROP TRIGGER {table}_never_change ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}()")
    for sequence in SEQUENCES:
        op.execute(f"ALTER SEQUENCE {sequence} AS integer")
    for table, columns in CHANGED.items():
        before = (column.replace("bigint", "integer").replace('"C"', '"default"') for column in columns)
        op.execute(f"ALTER TABLE {table} " + ", ".join(f"ALTER COLUMN {column}" for column in before))
