"""PostgreSQL: what a connection must promise, who may write, and how many rows go in at once."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger.errors import StorageError, StorageUnavailable
from ledger.store import log
from ledger.store.database import Database
from ledger.store.guards import HISTORY
from ledger.store.log import CHAIN, SUBJECTS
from ledger.store.postgresql import LOCK_TIMEOUT_MS
from ledger.store.statements import BULK_MIN, Statement, Write
from ledger.writer import Writer
from tests.ledger.world import World
from tests.postgresql import NoServer, Server

pytestmark = pytest.mark.databases("postgresql")


@pytest.fixture
def careless(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that somebody made quick."""
    try:
        server = Server(**{request.param: "off"})
    except NoServer as missing:
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.mark.parametrize("careless", ["fsync", "full_page_writes"], indirect=True)
def test_a_server_that_may_lose_a_commit_is_refused(careless: Server, request: pytest.FixtureRequest) -> None:
    database = careless.database("postgres")
    setting = request.node.callspec.params["careless"]
    with pytest.raises(StorageError, match=f"needs {setting}=on"):
        database.writing()
    with pytest.raises(StorageError, match=f"needs {setting}=on"), database.reading():
        pass
    database.close()


@pytest.mark.parametrize("scope", ["DATABASE {name}", "ROLE hasty"])
def test_a_commit_waits_for_the_disk_whatever_the_role_or_database_says(
    postgresql: Server, scope: str
) -> None:
    name = postgresql.create()
    if not postgresql.sql("SELECT 1 FROM pg_roles WHERE rolname = 'hasty'"):
        postgresql.sql("CREATE ROLE hasty LOGIN SUPERUSER PASSWORD 'x'")
    postgresql.sql(f"ALTER {scope.format(name=name)} SET synchronous_commit = off")
    database = Database(postgresql.url(name, user="hasty:x"))
    for engine in (database.reader, database.writer):
        with engine.connect() as one, engine.connect() as other:
            for connection in (one, other):
                assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    database.close()


def test_a_reader_holds_a_snapshot_and_the_writer_sees_what_was_committed(database: Database) -> None:
    level = text("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
    with database.reading() as connection:
        assert tuple(connection.execute(level).one()) == ("repeatable read", "on")
    with database.writer.begin() as connection:
        assert tuple(connection.execute(level).one()) == ("read committed", "off")
        found = connection.execute(text("SHOW lock_timeout")).scalar_one()
        assert found == f"{LOCK_TIMEOUT_MS // 1000}s"


def test_a_password_may_hold_any_character(postgresql: Server) -> None:
    name = postgresql.create()
    if not postgresql.sql("SELECT 1 FROM pg_roles WHERE rolname = 'odd one'"):
        postgresql.sql("CREATE ROLE \"odd one\" LOGIN PASSWORD 'p@ss/w:rd#%41?&''é'")
    right = (
        f"postgresql://odd%20one:p%40ss%2Fw%3Ard%23%2541%3F%26%27%C3%A9@127.0.0.1:{postgresql.port}/{name}"
    )
    for url in (right, Database(right).url):
        database = Database(url)
        with database.reading() as connection:
            assert connection.execute(text("SELECT current_user")).scalar_one() == "odd one"
        database.close()
    wrong = Database(right.replace("%2541", "A"))
    with pytest.raises(StorageUnavailable, match="password authentication failed") as caught, wrong.reading():
        pass
    assert "p@ss" not in str(caught.value)
    wrong.close()


@pytest.mark.parametrize("table", HISTORY)
def test_history_is_never_truncated(database: Database, table: str) -> None:
    """Not even an empty one, and not by way of another table."""
    with (
        pytest.raises(IntegrityError, match=f"{table} are never changed"),
        database.writer.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE subjects, {table} CASCADE"))


def test_two_who_open_the_log_at_once_open_one(world: World) -> None:
    """There is no head row to lock yet: the table is."""
    submission = world.submission(world.opened())
    other_database = world.another_database()
    other = Writer(other_database, world.clock)
    together = threading.Barrier(2)
    answers: list[object] = []

    def open_with(writer: Writer) -> None:
        together.wait()
        try:
            answers.append(writer.record(submission))
        except Exception as error:  # noqa: BLE001 - looked at below
            answers.append(error)

    threads = [threading.Thread(target=open_with, args=(writer,)) for writer in (world.writer, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((answer.index, answer.created) for answer in answers) == [(0, False), (0, True)]  # type: ignore[attr-defined]
    other_database.close()


def test_a_second_opener_waits_for_the_first(world: World) -> None:
    other = world.another_database()
    with world.database.writer.begin() as first, other.writer.begin() as second:
        assert log.lock_head(first) is None
        second.execute(text("SET LOCAL lock_timeout = 1"))
        with pytest.raises(StorageUnavailable, match="lock timeout"):
            log.lock_head(second)
    other.close()


def test_a_writer_whose_server_hung_up_connects_again(world: World, postgresql: Server) -> None:
    """While nothing is begun nothing is lost, and the caller need not know."""
    world.play("opened")
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    assert postgresql.sql(ended.format(world.database.writer.url.database))
    before = world.writer._writing
    entry = world.record(world.party("supplier"))
    assert (entry.index, entry.created) == (1, True)
    assert world.writer._writing is before


def test_a_statement_whose_columns_were_widened_may_be_run_again(database: Database) -> None:
    """A migration under a running program: the plan it had prepared no longer holds."""
    number = Statement(text("SELECT n FROM widened"))
    with database.writer.begin() as connection:
        connection.execute(text("CREATE TABLE widened (n integer)"))
        connection.execute(text("INSERT INTO widened VALUES (7)"))
    writing = database.writing()
    for _ in range(7):
        assert number.row(writing.connection) == (7,)
    writing.commit()
    with database.writer.begin() as connection:
        connection.execute(text("ALTER TABLE widened ALTER COLUMN n TYPE bigint"))
    with pytest.raises(StorageUnavailable, match="cached plan"):
        number.row(writing.connection)
    writing.close()
    again = database.writing()
    assert number.row(again.connection) == (7,)
    again.close()


@pytest.mark.parametrize("count", [1, BULK_MIN - 1, BULK_MIN, 300])
def test_rows_in_bulk_are_the_rows_one_by_one(database: Database, count: int) -> None:
    """COPY and arrays keep every byte and every character as a plain INSERT does."""
    chain = [
        {
            "idx": 2**40 + n,
            "subject": f"lot:\\N\t{n}\n'\"é中",
            "seq": n,
            "event_id": bytes([n % 256, 0, 255, 92]) * 8,
        }
        for n in range(count)
    ]
    subjects = [row | {"state": '{"a":"\\\\ é 中 \t"}'} for row in chain]
    with database.writer.begin() as connection:
        Write(CHAIN).do_many(connection, chain)
        Write(SUBJECTS, replaces=True).do_many(connection, subjects)
        changed = [row | {"seq": row["seq"] + 1, "state": "{}"} for row in subjects]
        kept = [dict(row._mapping) for row in connection.execute(SUBJECTS.select().order_by(SUBJECTS.c.idx))]
        Write(SUBJECTS, replaces=True).do_many(connection, changed)
        after = [dict(row._mapping) for row in connection.execute(SUBJECTS.select().order_by(SUBJECTS.c.idx))]
        found = [dict(row._mapping) for row in connection.execute(CHAIN.select().order_by(CHAIN.c.idx))]
    assert (found, kept, after) == (chain, subjects, changed)


def test_a_row_that_stands_already_stops_a_copy(database: Database) -> None:
    rows = [{"idx": 1, "subject": "lot:x", "seq": 1, "event_id": bytes(32)}] * BULK_MIN
    with pytest.raises(StorageError, match="duplicate key"), database.writer.begin() as connection:
        Write(CHAIN).do_many(connection, rows)


def test_a_stream_is_kept_by_the_server(database: Database) -> None:
    """Reading a million entries must not bring a million entries here."""
    numbers = Statement(text("SELECT * FROM generate_series(1, 1200)"))
    held = text("SELECT count(*) FROM pg_cursors WHERE name LIKE 'lotproof%'")
    with database.reading() as connection:
        stream = numbers.stream(connection)
        assert next(stream) == (1,)
        assert connection.execute(held).scalar_one() == 1
        assert [n for (n,) in stream] == list(range(2, 1201))
        assert connection.execute(held).scalar_one() == 0


def test_a_failed_read_in_a_shared_commit_is_no_ones_fault(world: World) -> None:
    """Whoever shares a transaction that the server gave up is told to send again."""
    world.play("opened")
    with world.database.writer.begin() as connection:
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1/0"))
        with pytest.raises(StorageUnavailable, match="aborted"):
            log.read_head(connection)


def test_every_text_is_in_the_order_of_its_code_points(database: Database) -> None:
    """Whatever language the server was set up in."""
    columns = text(
        "SELECT table_name, column_name, collation_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
    )
    with database.reading() as connection:
        found = [tuple(row) for row in connection.execute(columns)]
    assert len(found) > 15
    assert {collation for *_, collation in found} == {"C"}
