"""What every test may lean on: conformance data of others, read where it lies, never copied."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder of conformance data; its absence is said out loud."""
    folder = Path(os.environ.get("CONFORMANCE_DIR", REPOSITORY.parent / "shared" / "conformance"))
    if not folder.is_dir():
        pytest.skip(f"conformance data is not at {folder}: set CONFORMANCE_DIR")
    return folder
