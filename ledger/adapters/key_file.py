"""Private keys as PKCS#8 PEM files, readable by their owner only."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.errors import StorageError

_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


class KeyFile:
    """A Signer whose key came from a file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    @property
    def seed(self) -> bytes:
        """The 32 secret bytes, for a backup and for nothing else."""
        return self._key.private_bytes_raw()

    def __repr__(self) -> str:
        return f"KeyFile({self.public_key.hex()[:16]})"

    @classmethod
    def generate(cls, path: Path, *, passphrase: bytes | None = None) -> "KeyFile":
        """A new key in a new file of mode 0600; an existing file is never touched."""
        return cls._keep(Ed25519PrivateKey.generate(), path, passphrase)

    @classmethod
    def restore(cls, path: Path, seed: bytes, *, passphrase: bytes | None = None) -> "KeyFile":
        """As ``generate``, for a key that was kept elsewhere. seed: 32 bytes."""
        return cls._keep(Ed25519PrivateKey.from_private_bytes(seed), path, passphrase)

    @classmethod
    def load(cls, path: Path, *, passphrase: bytes | None = None) -> "KeyFile":
        """Raises StorageError, with the fix, when others may read the file or it opens to no Ed25519 key.

        A passphrase is used where the file is encrypted; a plain one opens without.
        """
        data = _read(path)
        is_encrypted = data.lstrip().startswith(_ENCRYPTED)
        if is_encrypted and not passphrase:
            raise StorageError(f"{path}: no usable key: it is encrypted, and no passphrase was given")
        try:
            key = load_pem_private_key(data, passphrase if is_encrypted else None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            why = "the passphrase does not open it" if is_encrypted else str(error)
            raise StorageError(f"{path}: no usable key: {why}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise StorageError(f"{path} holds no Ed25519 key")
        return cls(key)

    @classmethod
    def _keep(cls, key: Ed25519PrivateKey, path: Path, passphrase: bytes | None) -> "KeyFile":
        """Whole and durable under its name, or not there at all: a key that was shown must not be lost."""
        encryption: KeySerializationEncryption = NoEncryption()
        if passphrase:
            encryption = BestAvailableEncryption(passphrase)
        data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(unfinished, path)  # raises FileExistsError, and never replaces
        finally:
            with suppress(FileNotFoundError):
                unfinished.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return cls(key)


def is_encrypted(path: Path) -> bool:
    """Whether a passphrase is needed. Raises StorageError as ``KeyFile.load`` does."""
    return _read(path).lstrip().startswith(_ENCRYPTED)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise StorageError(f"{path.name} is readable by others; fix: chmod 600 {path}")
            return file.read(1 << 16)
    except OSError as error:
        raise StorageError(f"{path}: no usable key: {error.strerror or error}") from error
