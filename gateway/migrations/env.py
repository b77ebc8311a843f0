"""Alembic runs here; the engine is ours, so that DDL on SQLite rolls back when it fails."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

import gateway.store.schema
import ledger.store.tables
from ledger.store.database import Database

assert gateway.store.schema
assert ledger.store.tables

database = Database(context.config.get_main_option("sqlalchemy.url") or "")
try:
    with database.writer.connect() as connection:
        if connection.dialect.name == "postgresql":  # held until the connection is closed: one at a time
            connection.execute(text("SELECT pg_advisory_lock(hashtext('lotproof migrations'))"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            # On SQLite the one writing transaction of them all is the lock: between two of them another
            # process could get in, and both would do the next step.
            transaction_per_migration=connection.dialect.name == "postgresql",
            transactional_ddl=True,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()
finally:
    database.close()
