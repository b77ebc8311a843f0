"""golang.org/x/mod accepts what our witness signs, under keys that it is given and no others."""

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.core import merkle
from ledger.core.encoding import encode_base64
from tests.interop.static_log import StaticLog
from tests.ledger.core.signers import LOG, WITNESS, signed_note
from tests.ledger.fakes import MemoryClock
from tests.ledger.witnessing import body_of, note_of, witness_in

SIZES = (1, 2, 255, 256, 257, 300)
ENTRIES = [f"entry {n}".encode() for n in range(max(SIZES))]


def test_every_checkpoint_that_our_witness_shows_is_accepted(go_verifier: Path, tmp_path: Path) -> None:
    """Also one cosigned again at a later time, and with the proofs that Go computes itself."""
    log, clock = StaticLog(ENTRIES), MemoryClock()
    witness, file = witness_in(tmp_path / "witness", clock=clock)
    monitored = sha256(LOG.name.encode()).hexdigest()
    old = 0
    for size in (*SIZES, SIZES[-1]):
        folder = log.write(tmp_path / f"log-{size}", size)
        path = merkle.consistency_path(old, size, log.hashes(size)) if old else []
        if 0 < old < size:
            assert [encode_base64(hash_) for hash_ in path] == _go(
                go_verifier, f"-consistency={old}", "-sample=1", folder, LOG.vkey
            ).split()
        answer = witness.add_checkpoint(body_of(old, path, note_of(log, size)))
        assert answer.status == 200, answer
        shown = witness.checkpoint(monitored)
        assert shown is not None
        (folder / "checkpoint").write_bytes(shown)
        assert f"size {size}, " in _go(go_verifier, "-sample=9", folder, LOG.vkey, witness.key)
        text = shown.decode().partition("\n\n")[0] + "\n"
        (folder / "checkpoint").write_bytes(signed_note(text) + answer.body.encode())
        assert "2 signatures" in _go(go_verifier, "-sample=9", folder, LOG.vkey, witness.key)
        with pytest.raises(subprocess.CalledProcessError):
            _go(go_verifier, "-sample=9", folder, LOG.vkey, WITNESS.vkey)
        old = size
        clock.move(seconds=600)
    file.close()


def _go(verifier: Path, *arguments: object) -> str:
    command = [str(verifier), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout
