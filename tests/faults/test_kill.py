"""SIGKILL at any moment: what was acknowledged stays, what was shown stays true."""

from pathlib import Path

from tests.faults.killing import check_home, kill_again_and_again

SEED = 20261120
KILLS = 30


def test_thirty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged, published = kill_again_and_again(tmp_path, seed=SEED, times=KILLS)
    assert len(acknowledged) > KILLS, "most children lived long enough to record"
    assert published
    report = check_home(tmp_path, acknowledged, published)
    assert (report.exit_code, report.findings) == (0, [])
