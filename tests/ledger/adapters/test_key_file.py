"""A private key in a file: made once, read by its owner only, never overwritten."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ledger.adapters.key_file import KeyFile
from ledger.core import keys
from ledger.errors import ProofError, StorageError


def test_a_key_reads_back_and_signs(tmp_path: Path) -> None:
    made = KeyFile.generate(tmp_path / "deep" / "log.pem")
    read = KeyFile.load(tmp_path / "deep" / "log.pem")
    assert read.public_key == made.public_key
    keys.verify(made.public_key, read.sign(b"message"), b"message")
    with pytest.raises(ProofError):
        keys.verify(made.public_key, read.sign(b"message"), b"another")


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    KeyFile.generate(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    with pytest.raises(StorageError, match=r"log\.pem is readable by others; fix: chmod 600"):
        KeyFile.load(path)


def test_an_existing_file_is_never_touched(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        KeyFile.generate(path)
    assert path.read_bytes() == b"precious"


def test_a_passphrase_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    made = KeyFile.generate(path, passphrase=b"correct horse")
    assert KeyFile.load(path, passphrase=b"correct horse").public_key == made.public_key
    for wrong in (None, b"battery"):
        with pytest.raises(StorageError, match="no usable key"):
            KeyFile.load(path, passphrase=wrong)


def test_what_is_no_ed25519_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pem"
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, message in ((b"junk", "no usable key"), (other, "holds no Ed25519 key")):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(StorageError, match=message):
            KeyFile.load(path)
    with pytest.raises(StorageError, match="no usable key"):
        KeyFile.load(tmp_path / "absent.pem")


def test_a_key_is_shown_by_its_public_half(tmp_path: Path) -> None:
    made = KeyFile.generate(tmp_path / "log.pem")
    assert repr(made) == f"KeyFile({made.public_key.hex()[:16]})"
