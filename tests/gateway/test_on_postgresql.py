"""The whole journey with the database on PostgreSQL, as an operator starts it: by one variable."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.shell.unchanged import Unchanged
from gateway.store import goods, scans
from gateway.wiring import Installation
from gateway.workflows import scan_history
from gateway.workflows.audit_log import audit_source
from tests.conftest import REPOSITORY
from tests.gateway.workflows.test_sell import sell_the_last_twenty_to_eighty
from tests.gateway.workflows.test_shared_verdicts import (
    find_an_altered_byte,
    refuse_after_a_recall_in_one_commit,
)
from tests.gateway.workflows.test_shipments import plan_with_sixteen
from tests.gateway.workflows.trade_machine import run_trade_machine, sell_naively_to_eighty
from tests.postgresql import Server

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]


def lotproof(home: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments, "--home", str(home)],
        cwd=REPOSITORY,
        env={**os.environ, "LOTPROOF_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def told(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    """(home, database, summary) of a story that was told on PostgreSQL. Write to a copy."""
    home, name = tmp_path_factory.mktemp("story") / "home", postgresql.create()
    done = lotproof(home, postgresql.url(name).replace("+psycopg", ""), "run", "--once", "--json")
    assert done.returncode == 0, done.stderr
    return home, name, json.loads(done.stdout)


@pytest.fixture
def copied(
    told: tuple[Path, str, dict[str, Any]], postgresql: Server, tmp_path: Path
) -> Iterator[Installation]:
    """A copy of the home and of the database that a test may change."""
    home, name, _ = told
    shutil.copytree(home, tmp_path / "home")
    url = postgresql.url(postgresql.create(name))
    installation = wiring.open_(Settings(home=tmp_path / "home", database_url=url))
    yield installation
    installation.close()


def test_the_story_is_told_and_its_audit_is_verified(
    told: tuple[Path, str, dict[str, Any]], postgresql: Server
) -> None:
    home, name, summary = told
    assert summary["audit"]["verdict"] == "verified"
    assert summary["units"] == 1184 + 100_000 + 260
    assert not list(home.glob("*.db*")), "nothing of it is in SQLite"
    again = lotproof(home, postgresql.url(name), "audit", "--json")
    assert (again.returncode, json.loads(again.stdout)["verdict"]) == (0, "verified"), again.stderr


def test_a_second_start_finds_its_data_and_repeats_nothing(copied: Installation) -> None:
    url, home = copied.settings.database_url, copied.home
    before = (home / "log" / "checkpoint").read_bytes()
    done = lotproof(home, url, "run", "--once")
    assert done.returncode == 0, done.stderr
    assert "repeated nothing" in done.stdout
    assert (home / "log" / "checkpoint").read_bytes() == before


def test_eighty_buyers_for_twenty_units_get_exactly_twenty(copied: Installation) -> None:
    sell_the_last_twenty_to_eighty(copied)
    copied.publisher.publish()
    report = audit_source(copied.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert (report.verdict, report.findings) == ("verified", [])


def test_whatever_people_do_nothing_is_promised_twice_and_a_naive_shop_oversells(
    copied: Installation,
) -> None:
    run_trade_machine(copied)
    assert sell_naively_to_eighty(copied) == 80


def test_one_altered_byte_of_a_kept_history_is_found(copied: Installation) -> None:
    find_an_altered_byte(copied)


def test_a_recall_earlier_in_the_same_commit_refuses_the_hold(copied: Installation) -> None:
    refuse_after_a_recall_in_one_commit(copied)


def test_sixteen_planners_never_ship_more_than_was_sold(copied: Installation) -> None:
    plan_with_sixteen(copied)


def test_readings_are_counted_and_told_apart_from_a_database_that_rests(copied: Installation) -> None:
    unchanged = Unchanged(copied)
    with copied.database.reading() as connection:
        code = goods.any_code(connection)
    now = copied.wall_clock.now()
    notes = {scan_history.Note.of(code, now, "CN", f"203.0.{n}.1"): 2 for n in range(30)}
    before = unchanged.stamp()
    assert before == unchanged.stamp() is not None
    for _ in range(2):
        scan_history.write(copied, notes)
        assert before != unchanged.stamp()
    with copied.database.reading() as connection:
        found = scan_history.seen(connection, code, now)
        (alert,) = scans.alerts(connection, limit=9)
    assert (found.count, found.recent, found.countries, found.notice) == (120, 120, 1, "many-places")
    assert (alert.code, alert.measured, alert.raised_at.tzinfo is not None) == (code, 30, True)
    assert copied.writer.do(lambda ledger: scan_history.age(copied, ledger.connection)) == 0
