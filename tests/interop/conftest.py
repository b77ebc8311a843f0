"""The Go program that checks a log folder with code that is not ours, built once a run."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "verify.go"
GOPATH = Path("/usr/share/gocode")  # where Debian installs Go libraries
XMOD = GOPATH / "src/golang.org/x/mod/sumdb/tlog"


@pytest.fixture(scope="session")
def go_verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built binary: ``verify DIR VKEY [cosigner vkeys...] [old sizes...]``.

    Exit status 0 means that checkpoint, tiles, bundles, inclusions and consistencies hold.
    """
    go = shutil.which("go")
    if go is None or not XMOD.is_dir():
        pytest.skip(
            "GO IS MISSING, SO NO INDEPENDENT VERIFIER HAS LOOKED AT THE LOG FORMAT: "
            "apt-get install --no-install-recommends golang-go golang-golang-x-mod-dev"
        )
    folder = tmp_path_factory.mktemp("go")
    binary = folder / "verify"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GOCACHE": str(folder / "cache"),
        "GOPATH": str(GOPATH),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
    }
    subprocess.run(
        [go, "build", "-o", str(binary), str(SOURCE)],
        env=environment,
        check=True,
        timeout=300,
    )
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return binary
