"""PostgreSQL through psycopg 3: what a connection must promise before it may hold the log.

Readers run REPEATABLE READ, READ ONLY: one snapshot a transaction. The writer runs READ COMMITTED
and locks the head row first, so whatever it reads after that was committed before it, and a second
writer waits. Under a stricter level it would fail where it can wait.
"""

from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL

from ledger.errors import StorageError

LOCK_TIMEOUT_MS = 5_000  # for the head row; as long as SQLite's busy timeout
ABANDONED_MS = 60_000  # a writer that hangs inside a transaction loses it, and with it the head row
CONNECT = {
    "connect_timeout": 5,
    "client_encoding": "utf8",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "lotproof",
}
READERS = 10  # kept open; as many again on demand

# Each of them off loses what was acknowledged, or lets a failed write pass.
_DEMANDED = {"fsync": "on", "full_page_writes": "on", "data_sync_retry": "off", "server_encoding": "UTF8"}


def engine(url: URL, *, writing: bool) -> Engine:
    """The password in ``url`` is percent-encoded where it holds characters of a URL."""
    made = create_engine(
        url,
        connect_args=CONNECT,
        pool_pre_ping=True,
        pool_size=1 if writing else READERS,
        max_overflow=4 if writing else READERS,
    )

    @event.listens_for(made, "connect")
    def _connected(driver: Any, _record: Any) -> None:
        driver.autocommit = True
        _assert_durable(driver)
        driver.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
        driver.execute(f"SET idle_in_transaction_session_timeout = {ABANDONED_MS if writing else 0}")
        driver.autocommit = False
        if writing:
            driver.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        else:
            driver.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            driver.read_only = True

    return made


def is_alive(driver: Any) -> bool:
    """Whether the server has hung up on an idle connection, as far as this side was told; sends nothing."""
    try:
        driver.pgconn.consume_input()  # what the server said on leaving
        driver.pgconn.consume_input()  # and that it left
    except psycopg.OperationalError:
        return False
    return not driver.closed and driver.pgconn.status == psycopg.pq.ConnStatus.OK


def _assert_durable(driver: Any) -> None:
    """Raises StorageError when a commit on this connection could be lost."""
    names = (*_DEMANDED, "synchronous_commit")
    query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    found = dict(zip(names, driver.execute(query).fetchone(), strict=True))
    for name, wanted in _DEMANDED.items():
        if found[name] != wanted:
            raise StorageError(
                f"PostgreSQL runs with {name}={found[name]}, and records would not be safe there; "
                f"the server needs {name}={wanted}"
            )
    if found["synchronous_commit"] == "off":  # a session may ask for more than its role or database does
        driver.execute("SET synchronous_commit = on")
        if driver.execute("SHOW synchronous_commit").fetchone() != ("on",):
            raise StorageError("PostgreSQL refuses synchronous_commit=on; a commit there could be lost")
