"""golang.org/x/mod, the code behind Go's checksum database, accepts our logs and refuses altered ones.

log-formats.md Part C. The empty tree is outside that library's domain; it is tested in test_merkle.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.core import merkle, tiles
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import encode_base64
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from tests.interop.static_log import StaticLog
from tests.ledger.core.signers import LOG, OTHER_WITNESS, STRANGER, WITNESS, signed_note

SIZES = (1, 2, 255, 256, 257, 65535, 65536, 65537)
SMALL = 300  # two bundles, two tiles of level 0 and one of level 1
INDEXES = (0, 1, 2, 254, 255, 256, 40000, 65279, 65280, 65534, 65535, 65536)
# Entries of every length class: empty, short, and the longest a bundle can hold.
ENTRIES = [b"", b"x" * tiles.ENTRY_BYTES_MAX, *(f"entry {n}".encode() for n in range(2, max(SIZES)))]


@pytest.fixture(scope="module")
def log() -> StaticLog:
    return StaticLog(ENTRIES)


@pytest.fixture(scope="module")
def folders(log: StaticLog, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    return {size: log.write(tmp_path_factory.mktemp(f"log-{size}"), size) for size in (*SIZES, SMALL)}


Verify = Callable[..., str]


@pytest.fixture
def verify(go_verifier: Path) -> Verify:
    def run(*arguments: object) -> str:
        """What the program prints; raises CalledProcessError when it refuses."""
        command = [str(go_verifier), *(str(argument) for argument in arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout

    return run


def _refused(verify: Verify, message: str, *arguments: object) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        verify(*arguments)
    assert caught.value.returncode != 0
    assert message in caught.value.stderr


@pytest.mark.parametrize("size", SIZES)
def test_go_accepts_checkpoint_tiles_bundles_inclusions_and_every_older_size(
    size: int, log: StaticLog, folders: dict[int, Path], verify: Verify
) -> None:
    saved = [f"{old}={encode_base64(log.root(old))}" for old in SIZES if old <= size]
    said = verify("-sample=500", folders[size], LOG.vkey, WITNESS.vkey, *saved)
    assert said.startswith(f"ok: size {size}, root {encode_base64(log.root(size))}, 2 signatures, ")
    assert said.endswith(f"{len(saved)} old sizes\n")


def test_go_accepts_every_inclusion_and_every_older_size_of_a_small_log(
    folders: dict[int, Path], verify: Verify
) -> None:
    said = verify(folders[SMALL], LOG.vkey, *range(1, SMALL + 1))
    assert f"{SMALL} inclusions, {SMALL} old sizes" in said


@pytest.mark.parametrize("size", SIZES)
def test_the_hashes_of_our_proof_files_are_those_that_go_computes(
    size: int, log: StaticLog, folders: dict[int, Path], verify: Verify
) -> None:
    for index in (index for index in INDEXES if index < size):
        path = tuple(merkle.inclusion_path(index, size, log.hashes(size)))
        proof = InclusionProof(index, path, log.checkpoint(size))
        proof.verify(ENTRIES[index], Policy.trusting(LOG.vkey))
        lines = bytes(proof).partition(b"\n\n")[0].decode().split("\n")[2:]
        assert verify(f"-inclusion={index}", "-sample=1", folders[size], LOG.vkey).split() == lines


@pytest.mark.parametrize("size", SIZES)
def test_the_hashes_that_a_witness_gets_are_those_that_go_computes(
    size: int, log: StaticLog, folders: dict[int, Path], verify: Verify
) -> None:
    for old in (old for old in SIZES if old <= size):
        path = merkle.consistency_path(old, size, log.hashes(size))
        printed = verify(f"-consistency={old}", "-sample=1", folders[size], LOG.vkey)
        assert printed.split() == [encode_base64(hash_) for hash_ in path]


def test_a_full_tile_may_have_replaced_the_partial_one(
    log: StaticLog, folders: dict[int, Path], tmp_path: Path, verify: Verify
) -> None:
    """An old checkpoint over a log that has grown and dropped its partial tiles."""
    folder = tmp_path / "grown"
    shutil.copytree(folders[257], folder)
    for partial in list(folder.rglob("*.p")):
        if partial.parent.name != "1":
            shutil.rmtree(partial)
    for tile in (tiles.Tile(0, 1), tiles.Tile(-1, 1)):
        (folder / tile.path).write_bytes(log.read(tile))
    verify(folder, LOG.vkey)


class TestAlteredLogs:
    """Each alteration alone makes the program exit with an error."""

    @pytest.fixture
    def folder(self, folders: dict[int, Path], tmp_path: Path) -> Path:
        copy = tmp_path / "log"
        shutil.copytree(folders[SMALL], copy)
        return copy

    def test_the_log_is_accepted_before_it_is_altered(self, folder: Path, verify: Verify) -> None:
        verify(folder, LOG.vkey, WITNESS.vkey)

    @pytest.mark.parametrize("tile", [tiles.Tile(-1, 0), tiles.Tile(-1, 1, 44)], ids=lambda tile: tile.path)
    def test_an_altered_entry_is_refused(self, folder: Path, verify: Verify, tile: tiles.Tile) -> None:
        _flip_last_bit(folder / tile.path)
        _refused(verify, "is not the one in the tree", folder, LOG.vkey)

    @pytest.mark.parametrize(
        ("tile", "message"),
        [
            (tiles.Tile(0, 0), "entry 255 is not the one in the tree"),  # x/mod 0.7.0 lets this tile pass
            (tiles.Tile(0, 1, 44), "downloaded inconsistent tile"),
            (tiles.Tile(1, 0, 1), "downloaded inconsistent tile"),
        ],
        ids=lambda value: getattr(value, "path", ""),
    )
    def test_an_altered_tile_is_refused(
        self, folder: Path, verify: Verify, tile: tiles.Tile, message: str
    ) -> None:
        _flip_last_bit(folder / tile.path)
        _refused(verify, message, folder, LOG.vkey)

    @pytest.mark.parametrize("size", [65535, 65537])
    def test_every_kind_of_tile_of_a_large_log_is_looked_at(
        self, folders: dict[int, Path], log: StaticLog, tmp_path: Path, verify: Verify, size: int
    ) -> None:
        folder = tmp_path / "large"
        shutil.copytree(folders[size], folder)
        for tile in [tile for tile in tiles.tiles_of(size) if tile.index in (0, 1, 77, 255, 256)]:
            _flip_last_bit(folder / tile.path)
            _refused(verify, "", "-sample=1", folder, LOG.vkey)
            (folder / tile.path).write_bytes(log.read(tile))
        verify("-sample=1", folder, LOG.vkey)

    def test_an_entry_altered_together_with_its_hash_is_refused(
        self, folder: Path, log: StaticLog, verify: Verify
    ) -> None:
        forged = StaticLog([*ENTRIES[:256], b"forged", *ENTRIES[257:SMALL]])
        for tile in (tiles.Tile(-1, 1, 44), tiles.Tile(0, 1, 44)):
            (folder / tile.path).write_bytes(forged.read(tile))
        _refused(verify, "downloaded inconsistent tile", folder, LOG.vkey)
        assert forged.root(SMALL) != log.root(SMALL)

    @pytest.mark.parametrize("kind", ["tile/entries", "tile/0", "tile/1"])
    def test_a_missing_file_is_refused(self, folder: Path, verify: Verify, kind: str) -> None:
        shutil.rmtree(folder / kind)
        _refused(verify, "no such file", folder, LOG.vkey)

    def test_a_bundle_cut_short_or_too_long_is_refused(self, folder: Path, verify: Verify) -> None:
        file = folder / tiles.Tile(-1, 0).path
        data = file.read_bytes()
        file.write_bytes(data[:-1])
        _refused(verify, "cut short", folder, LOG.vkey)
        file.write_bytes(data + b"\x00\x00")
        _refused(verify, "bytes after the last entry", folder, LOG.vkey)

    @pytest.mark.parametrize("change", [-32, -1, 1, 32])
    def test_a_tile_of_another_length_is_refused(self, folder: Path, verify: Verify, change: int) -> None:
        file = folder / tiles.Tile(0, 1, 44).path
        file.write_bytes((file.read_bytes() + bytes(32))[: 44 * 32 + change])
        _refused(verify, "", folder, LOG.vkey)

    def test_an_altered_root_is_refused_for_its_signature(self, folder: Path, verify: Verify) -> None:
        file = folder / "checkpoint"
        lines = file.read_text().split("\n")
        lines[2] = encode_base64(bytes(32))
        file.write_text("\n".join(lines))
        _refused(verify, "invalid signature", folder, LOG.vkey)

    def test_an_altered_root_that_is_signed_again_is_refused_by_the_tiles(
        self, folder: Path, verify: Verify
    ) -> None:
        forged = signed_note(Checkpoint(LOG.name, SMALL, bytes(32)).text)
        (folder / "checkpoint").write_bytes(forged)
        _refused(verify, "downloaded inconsistent tile", folder, LOG.vkey)

    def test_another_size_that_is_signed_again_is_refused(
        self, folder: Path, log: StaticLog, verify: Verify
    ) -> None:
        forged = signed_note(Checkpoint(LOG.name, SMALL - 1, log.root(SMALL)).text)
        (folder / "checkpoint").write_bytes(forged)
        _refused(verify, "", folder, LOG.vkey)

    @pytest.mark.parametrize("line", [4, 5], ids=["log", "witness"])
    def test_an_altered_signature_is_refused(self, folder: Path, verify: Verify, line: int) -> None:
        """In the middle of the base64, away from the trailing bits that Go lets pass."""
        file = folder / "checkpoint"
        lines = file.read_text().split("\n")
        place = len(lines[line]) - 20
        other = "A" if lines[line][place] != "A" else "B"
        lines[line] = lines[line][:place] + other + lines[line][place + 1 :]
        file.write_text("\n".join(lines))
        _refused(verify, "invalid signature", folder, LOG.vkey, WITNESS.vkey)

    def test_a_missing_cosignature_is_refused_when_it_is_asked_for(
        self, folder: Path, verify: Verify
    ) -> None:
        _refused(verify, "2 of 3 keys have signed", folder, LOG.vkey, WITNESS.vkey, OTHER_WITNESS.vkey)

    def test_another_log_key_is_refused(self, folder: Path, verify: Verify) -> None:
        _refused(verify, "note has no verifiable signatures", folder, STRANGER.vkey)

    def test_a_checkpoint_of_another_origin_is_refused(
        self, folder: Path, log: StaticLog, verify: Verify
    ) -> None:
        forged = signed_note(Checkpoint("log.example/other", SMALL, log.root(SMALL)).text)
        (folder / "checkpoint").write_bytes(forged)
        _refused(verify, 'checkpoint of "log.example/other"', folder, LOG.vkey)

    def test_an_older_root_that_was_another_is_refused(
        self, folder: Path, log: StaticLog, verify: Verify
    ) -> None:
        """A history rewritten since an auditor saved a checkpoint."""
        verify(folder, LOG.vkey, f"255={encode_base64(log.root(255))}")
        saved = f"255={encode_base64(log.root(254))}"
        _refused(verify, "old size 255=", folder, LOG.vkey, saved)

    @pytest.mark.parametrize("old", [0, SMALL + 1])
    def test_an_older_size_that_cannot_be_is_refused(self, folder: Path, verify: Verify, old: int) -> None:
        _refused(verify, "not between 1 and 300", folder, LOG.vkey, old)


def _flip_last_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
