"""F3: any call of the file system fails, once or twice, with an I/O error or for want of space.

Every failure is told to the caller, a commit that was refused left nothing, one that stands is found
when it is asked for again, and a failed sync may have thrown away what it was to write.
"""

from pathlib import Path

import apsw
import pytest

from tests.faults.recording import Recording, fail_calls, found_after

SEED = 20261120
RUNS = 12


@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError], ids=["io error", "disk full"])
@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_a_failing_call_is_told_and_leaves_no_phantom(
    recording: Recording, calls: int, tmp_path: Path, seed: int, error: type[apsw.Error]
) -> None:
    told, after = fail_calls(recording, tmp_path, seed=seed, calls=calls, error=error)
    assert told, f"seed {seed}: no failure reached the caller"
    assert found_after(after, recording) == len(recording.commits), f"seed {seed}"
