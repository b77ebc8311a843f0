"""A Signer whose key never leaves AWS KMS.

The key is made there with key spec ``ECC_NIST_EDWARDS25519`` and usage ``SIGN_VERIFY``; its algorithm
``ED25519_SHA_512`` with message type ``RAW`` is plain Ed25519 (RFC 8032), what every verifier of this
log expects. KMS signs at most 4,096 bytes at once, and the prehashed variant it offers for more is
another algorithm: so it can hold the key that signs checkpoints, and none that signs records.

Signing is a request over the network. Never ask for one while a database transaction is open.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from ledger.core import keys
from ledger.core.keys import KEY_SIZE, check_public_key
from ledger.errors import ProofError, StorageError, StorageUnavailable

SCHEME = "kms:"
MESSAGE_BYTES_MAX = 4096
ALGORITHM = "ED25519_SHA_512"
CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
ATTEMPTS_MAX = 3
# SubjectPublicKeyInfo of an Ed25519 key is these bytes and the key (RFC 8410 §4).
_SPKI = bytes.fromhex("302a300506032b6570032100")
# What passes by itself; every other refusal needs a person.
_PASSING = frozenset(
    {"DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException", "ThrottlingException"}
)

Answer = TypeVar("Answer")


class KmsClient(Protocol):
    """Of boto3's client what is used here."""

    def get_public_key(self, *, KeyId: str) -> Any: ...  # noqa: N803 - AWS spells it so
    def sign(self, *, KeyId: str, Message: bytes, MessageType: str, SigningAlgorithm: str) -> Any: ...  # noqa: N803


class KmsKey:
    """A Signer. key: id, ARN or alias of a KMS key."""

    def __init__(self, client: KmsClient, key: str) -> None:
        """Asks for the public key once. Raises StorageError, StorageUnavailable."""
        self._client = client
        self._key = key
        self.public_key = _public_key(key, self._ask(lambda: client.get_public_key(KeyId=key)))

    def sign(self, message: bytes) -> bytes:
        """64 bytes, verified before they are returned.

        Raises StorageUnavailable when KMS does not answer now, StorageError when it refuses or what it
        answers is no signature of this key.
        """
        if len(message) > MESSAGE_BYTES_MAX:
            raise StorageError(f"{self}: KMS signs at most {MESSAGE_BYTES_MAX} bytes, not {len(message)}")
        answer = self._ask(
            lambda: self._client.sign(
                KeyId=self._key, Message=message, MessageType="RAW", SigningAlgorithm=ALGORITHM
            )
        )
        signature: bytes = answer.get("Signature", b"")
        try:
            keys.verify(self.public_key, signature, message)
        except ProofError as error:
            raise StorageError(f"{self}: {error}; nothing was signed") from error
        return signature

    def __repr__(self) -> str:
        return f"KmsKey({self._key})"

    def _ask(self, request: Callable[[], Answer]) -> Answer:
        try:
            return request()
        except ClientError as error:
            raise _refusal(self._key, error) from error
        except (NoCredentialsError, NoRegionError) as error:
            raise StorageError(f"{SCHEME}{self._key}: {error}; set AWS credentials and a region") from error
        except (BotoCoreError, OSError) as error:
            raise StorageUnavailable(f"{SCHEME}{self._key}: {error}") from error


def connect(place: str, *, endpoint_url: str = "", region: str = "") -> KmsKey:
    """The key at ``kms:<key id, ARN or alias>``. Credentials are found by boto3's own rules.

    endpoint_url: of a server that is not Amazon's.
    """
    key = place.removeprefix(SCHEME)
    if not place.startswith(SCHEME) or not key:
        raise StorageError(f"{place!r} names no key; write {SCHEME}<key id, ARN or alias>")
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS_MAX},
    )
    try:
        client: KmsClient = boto3.client(
            "kms", endpoint_url=endpoint_url or None, region_name=region or None, config=config
        )
    except (BotoCoreError, ValueError) as error:  # ValueError: an endpoint that is no address
        raise StorageError(f"{place}: {error}") from error
    return KmsKey(client, key)


def _public_key(key: str, answer: Any) -> bytes:
    """The 32 raw bytes of an Ed25519 signing key, checked as strictly as any other."""
    usage, algorithms = answer.get("KeyUsage"), answer.get("SigningAlgorithms") or ()
    if usage != "SIGN_VERIFY" or ALGORITHM not in algorithms:
        raise StorageError(
            f"{SCHEME}{key} cannot sign with Ed25519; make one with key spec ECC_NIST_EDWARDS25519 "
            "and usage SIGN_VERIFY"
        )
    encoded = answer.get("PublicKey")
    is_ed25519 = isinstance(encoded, bytes) and encoded.startswith(_SPKI)
    if not is_ed25519 or len(encoded) != len(_SPKI) + KEY_SIZE:
        raise StorageError(f"{SCHEME}{key}: its public key is no Ed25519 key")
    raw = bytes(encoded[len(_SPKI) :])
    try:
        check_public_key(raw)
    except ProofError as error:
        raise StorageError(f"{SCHEME}{key}: {error}") from error
    return raw


def _refusal(key: str, error: ClientError) -> StorageError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = (
        f"{SCHEME}{key}: KMS answered {status} {code}: {error.response.get('Error', {}).get('Message', '')}"
    )
    if status >= 500 or status == 429 or code in _PASSING:
        return StorageUnavailable(message)
    return StorageError(message)
