"""A verifier that we did not write accepts the told story's mirror, and no altered one."""

import subprocess
from pathlib import Path

import pytest

from gateway.wiring import Installation
from ledger.adapters.folder import Folder
from ledger.mirror import mirror
from tests.interop.conftest import go_verifier

__all__ = ["go_verifier"]


def _verify(go_verifier: Path, folder: Path, vkey: str) -> subprocess.CompletedProcess[str]:
    command = [str(go_verifier), str(folder), vkey]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_go_accepts_the_exported_mirror(told: Installation, tmp_path: Path, go_verifier: Path) -> None:
    mirror(told.log, Folder(tmp_path / "log"), told.vkey)
    found = _verify(go_verifier, tmp_path / "log", told.config.vkey)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/entries/000"])
def test_go_refuses_a_flipped_byte(
    told: Installation,
    tmp_path: Path,
    go_verifier: Path,
    name: str,
) -> None:
    mirror(told.log, Folder(tmp_path / "log"), told.vkey)
    path = tmp_path / "log" / name
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(bytes(data))
    assert _verify(go_verifier, tmp_path / "log", told.config.vkey).returncode != 0
