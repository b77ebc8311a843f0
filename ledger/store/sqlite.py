"""SQLite: a reading engine (deferred, ``query_only``) and a single writing connection.

The writer is WAL, ``synchronous=FULL``, ``BEGIN IMMEDIATE``: with NORMAL a power cut loses
acknowledged records, and a deferred BEGIN loses the race for the lock. SQLite does not say so when a
file system cannot do what a pragma asks for; each is therefore read back.
"""

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from ledger.errors import StorageError
from ledger.store.statements import ours

BUSY_TIMEOUT_MS = 5_000
BEGIN_WRITING = "BEGIN IMMEDIATE"
JOINS = "lotproof_writing"  # in Connection.info: the Connection whose transaction runs on the driver

_Pragmas = dict[str, tuple[str, object]]  # name -> as set, as read
_ALWAYS: _Pragmas = {
    "busy_timeout": (str(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS),
    "foreign_keys": ("ON", 1),
    "recursive_triggers": ("ON", 1),  # else REPLACE deletes history without asking its triggers
}
_WRITING: _Pragmas = {
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),
    "fullfsync": ("ON", 1),
    "secure_delete": ("ON", 1),  # else what is erased stays readable in the free space of its page
    # Ids and hashes fall all over their indexes: a commit of 256 records touches some 500 pages, most of
    # them again and again. They are kept at hand, and copied into the file by the 16 MiB.
    "cache_size": ("-65536", -65536),  # KiB
    "wal_autocheckpoint": ("4000", 4000),  # pages
}
_READING: _Pragmas = {"query_only": ("ON", 1)}


def engine(url: str, *, writing: bool) -> Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False}}
    if writing:
        options["poolclass"] = StaticPool  # one connection; ledger.writer serialises its use
    made = create_engine(url, **options)

    @event.listens_for(made, "connect")
    def _connected(driver: Any, _record: Any) -> None:
        driver.isolation_level = None  # we say BEGIN ourselves, so that DDL rolls back too
        _set_pragmas(driver, _ALWAYS | (_WRITING if writing else _READING))

    @event.listens_for(made, "begin")
    def _begun(connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if connection.info.get(JOINS) is connection and driver.in_transaction:
            return  # joins the transaction that Writing has begun
        cursor = driver.cursor()
        try:
            cursor.execute(BEGIN_WRITING if writing else "BEGIN")
        except connection.dialect.loaded_dbapi.Error as error:
            raise ours(connection, error) from error
        finally:
            cursor.close()

    return made


def _set_pragmas(driver: Any, pragmas: _Pragmas) -> None:
    """Set each and read it back. Raises StorageError when one did not take."""
    cursor = driver.cursor()
    try:
        for name, (value, expected) in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
            row = cursor.execute(f"PRAGMA {name}").fetchone()
            found = None if row is None else row[0]
            if found != expected:
                raise StorageError(
                    f"SQLite answers {name}={found} where {value} was asked for: nothing written here would "
                    "be durable; move the database to a local disk"
                )
    finally:
        cursor.close()
