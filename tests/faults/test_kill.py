"""F1: SIGKILL at any moment: what was acknowledged stays, what was shown stays true."""

from pathlib import Path

import pytest

from ledger.store.database import Database
from tests.conftest import POSTGRESQL, SQLITE
from tests.faults.killing import check_home, kill_again_and_again

SEED = 20261120
KILLS = 30


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_thirty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path, database: Database) -> None:
    acknowledged, published = kill_again_and_again(tmp_path, seed=SEED, times=KILLS, url=database.url)
    assert len(acknowledged) > KILLS, "most children lived long enough to record"
    assert published
    report = check_home(tmp_path, acknowledged, published, url=database.url)
    assert (report.exit_code, report.findings) == (0, [])
