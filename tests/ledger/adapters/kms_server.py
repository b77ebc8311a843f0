"""moto's KMS behind a real socket, taught the one key spec that moto 5.2 lacks: Ed25519.

``teach_ed25519`` gives its own backend what AWS documents of it; everything around stays moto's.
"""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto.core import DEFAULT_ACCOUNT_ID
from moto.kms import models
from moto.kms.utils import AbstractPrivateKey, KeySpec, SigningAlgorithm

from ledger.adapters.kms import ALGORITHM

SPEC, REGION = "ECC_NIST_EDWARDS25519", "eu-central-1"


class Ed25519Key(AbstractPrivateKey):
    """What KMS keeps for the spec. damage: changes what is answered, as a faulty device would."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self.damage: Callable[[bytes], bytes] = lambda data: data
        self.damage_public: Callable[[bytes], bytes] = lambda data: data

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        assert signing_algorithm == ALGORITHM
        return self.damage(self._key.sign(message))

    def verify(self, message: bytes, signature: bytes, signing_algorithm: str) -> bool:
        raise NotImplementedError

    def public_key(self) -> bytes:
        encoded = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.damage_public(encoded)


def set_credentials(patch: pytest.MonkeyPatch) -> None:
    """Of nobody, and none of those that this machine may have."""
    patch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    patch.setenv("AWS_ACCESS_KEY_ID", "testing")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        patch.delenv(name, raising=False)


def teach_ed25519(patch: pytest.MonkeyPatch) -> None:
    make, of_key = models.generate_private_key, models.Key.signing_algorithms.fget
    known = [*KeySpec.key_specs(), SPEC]
    patch.setattr(models, "generate_private_key", lambda spec: Ed25519Key() if spec == SPEC else make(spec))
    patch.setattr(KeySpec, "key_specs", classmethod(lambda _cls: known))
    algorithms = [*SigningAlgorithm.signing_algorithms(), ALGORITHM]
    patch.setattr(SigningAlgorithm, "signing_algorithms", classmethod(lambda _cls: algorithms))
    assert of_key is not None
    patch.setattr(
        models.Key,
        "signing_algorithms",
        property(lambda key: [ALGORITHM, "ED25519_PH_SHA_512"] if key.key_spec == SPEC else of_key(key)),
    )


def client(server: str) -> Any:
    return boto3.client("kms", endpoint_url=server, region_name=REGION)


def made(server: str, spec: str = SPEC, usage: str = "SIGN_VERIFY") -> str:
    """The id of a new key."""
    identity: str = client(server).create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    return identity


def inside(identity: str) -> Any:
    """The key as moto keeps it: the server runs in a thread of this process."""
    return models.kms_backends[DEFAULT_ACCOUNT_ID][REGION].keys[identity]
