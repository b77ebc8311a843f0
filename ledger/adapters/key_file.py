"""Private keys as PKCS#8 PEM files, readable by their owner only."""

import os
import stat
from pathlib import Path

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


class KeyFile:
    """A Signer whose key came from a file."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def __repr__(self) -> str:
        return f"KeyFile({self.public_key.hex()[:16]})"

    @classmethod
    def generate(cls, path: Path, *, passphrase: bytes | None = None) -> "KeyFile":
        """A new key in a new file of mode 0600; an existing file is never touched."""
        key = Ed25519PrivateKey.generate()
        encryption: KeySerializationEncryption = NoEncryption()
        if passphrase:
            encryption = BestAvailableEncryption(passphrase)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
            file.flush()
            os.fsync(file.fileno())
        return cls(key)

    @classmethod
    def load(cls, path: Path, *, passphrase: bytes | None = None) -> "KeyFile":
        """Raises StorageError when others may read the file or it holds no Ed25519 key."""
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                raise StorageError(f"{path.name} is readable by others; fix: chmod 600 {path}")
            key = load_pem_private_key(path.read_bytes(), passphrase)
        except (OSError, ValueError, TypeError) as error:
            raise StorageError(f"{path}: no usable key: {error}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise StorageError(f"{path} holds no Ed25519 key")
        return cls(key)
