"""``lotproof hammer`` on one home, killed again and again, before one reader who forgets nothing."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from gateway import wiring
from gateway.settings import Settings
from gateway.workflows.audit_log import audit_source
from gateway.workflows.hammer_readers import LogReader
from ledger.core import policy

REPOSITORY = Path(__file__).resolve().parents[2]
LIVES = 6
LOOKS_MAX = 60  # of the reader, in one life
COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()", "hammer", "--yes", "--json"]


def hammered(seed: int, folder: Path) -> tuple[int, int]:
    """LIVES runs, each killed after a random number of looks; returns (looks, tree size)."""
    chance = random.Random(seed)
    home = folder / "home"
    _live(home, chance, None, looks=0)
    settings = Settings(home=home)
    installation = wiring.open_(settings)
    trust = policy.parse(installation.policy_path.read_bytes())
    reader = LogReader(installation.log, trust, chance)
    looks = sum(_live(home, chance, reader, looks=chance.randint(1, LOOKS_MAX)) for _ in range(LIVES))
    size = installation.publisher.publish().size
    assert reader.read() == size
    installation.close()
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.exit_code == 0, report.findings
    return looks, size


def _live(home: Path, chance: random.Random, reader: LogReader | None, *, looks: int) -> int:
    """One run: the first is left to end by itself, the others are killed after ``looks`` new trees."""
    seconds = "1" if reader is None else "600"
    options = ["--home", str(home), "--seconds", seconds, "--readers", "0", "--writes-per-second", "0"]
    with subprocess.Popen([*COMMAND, *options], cwd=REPOSITORY, stdout=subprocess.PIPE) as running:
        if reader is None:
            assert running.wait() == 0
            return 0
        seen = before = reader.read()
        while seen == before:  # until it has come up and published
            assert running.poll() is None, "the run ended by itself"
            seen = reader.read()
        for _ in range(looks):
            reader.read()
        running.send_signal(signal.SIGKILL)
        running.wait()
    return looks
