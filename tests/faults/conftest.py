"""What the store writes, recorded once for all tests that replay it on a faulty disk."""

import pytest

from tests.faults.recording import Recording, calls_of, record_journey


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    made = record_journey(tmp_path_factory.mktemp("recorded"))
    assert len(made.commits) > 50
    assert len(set(made.states)) == len(made.states), "a state tells how many commits it holds"
    return made


@pytest.fixture(scope="session")
def calls(recording: Recording, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Calls of one replay that a fault can be planned for."""
    return calls_of(recording, tmp_path_factory.mktemp("calls") / "live")
