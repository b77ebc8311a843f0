"""A key in AWS KMS signs checkpoints, and every way in which it does not is told clearly.

The server is moto's (``kms_server``); what moto cannot be brought to answer comes from sockets of our own.
"""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ledger.adapters import kms
from ledger.adapters.kms import MESSAGE_BYTES_MAX, KmsKey
from ledger.core import keys
from ledger.errors import StorageError, StorageUnavailable
from tests.ledger.adapters.kms_server import REGION, client, inside, made, set_credentials, teach_ed25519

SPKI = bytes.fromhex("302a300506032b6570032100")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    made_ = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made_.start()
    host, port = made_.get_host_and_port()
    yield f"http://{host}:{port}"
    made_.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    set_credentials(monkeypatch)


@pytest.fixture
def ed25519_in_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    teach_ed25519(monkeypatch)


def _connected(server: str, identity: str) -> KmsKey:
    return kms.connect(f"kms:{identity}", endpoint_url=server, region=REGION)


@pytest.mark.usefixtures("ed25519_in_moto")
def test_a_key_in_kms_signs_what_every_verifier_accepts(server: str) -> None:
    identity = made(server)
    signer = _connected(server, identity)
    for message in (b"x", b"log.example/lots\n1\nAAAA\n", bytes(range(256)) * 16):
        keys.verify(signer.public_key, signer.sign(message), message)
    assert repr(signer) == f"KmsKey({identity})"
    assert signer.public_key == inside(identity).private_key.public_key()[len(SPKI) :]


@pytest.mark.usefixtures("ed25519_in_moto")
def test_a_key_is_found_by_its_alias_and_its_arn(server: str) -> None:
    identity = made(server)
    asked = client(server)
    asked.create_alias(AliasName="alias/log", TargetKeyId=identity)
    arn = asked.describe_key(KeyId=identity)["KeyMetadata"]["Arn"]
    found = {_connected(server, name).public_key for name in (identity, "alias/log", arn)}
    assert len(found) == 1


@pytest.mark.usefixtures("ed25519_in_moto")
def test_more_than_kms_takes_is_refused_before_it_is_sent(server: str) -> None:
    identity = made(server)
    signer = _connected(server, identity)
    signer.sign(bytes(MESSAGE_BYTES_MAX))
    with pytest.raises(StorageError, match="at most 4096 bytes"):
        signer.sign(bytes(MESSAGE_BYTES_MAX + 1))


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P521", "RSA_2048"])
def test_a_key_of_another_kind_is_refused(server: str, spec: str) -> None:
    """moto as it is: real P-256, P-521 and RSA keys."""
    with pytest.raises(StorageError, match="cannot sign with Ed25519; make one with key spec ECC_NIST_EDW"):
        _connected(server, made(server, spec))


@pytest.mark.parametrize(
    ("damaged", "match"),
    [
        (lambda data: data[:-1], "no Ed25519 key"),
        (lambda data: data + b"\0", "no Ed25519 key"),
        (lambda data: b"\x31" + data[1:], "no Ed25519 key"),
        (lambda data: data[len(SPKI) :], "no Ed25519 key"),
        (lambda _data: SPKI + bytes(32), "small order"),
        (lambda _data: SPKI + b"\xff" * 32, "not in canonical form"),
    ],
)
@pytest.mark.usefixtures("ed25519_in_moto")
def test_its_public_key_is_checked_as_strictly_as_any_other(server: str, damaged, match: str) -> None:
    identity = made(server)
    inside(identity).private_key.damage_public = damaged
    with pytest.raises(StorageError, match=match):
        _connected(server, identity)


@pytest.mark.parametrize(
    "damaged",
    [
        lambda data: data[:-1],
        lambda data: bytes(64),
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data[32:] + data[:32],
    ],
)
@pytest.mark.usefixtures("ed25519_in_moto")
def test_what_is_no_signature_of_this_key_never_comes_out(server: str, damaged) -> None:
    identity = made(server)
    signer = _connected(server, identity)
    inside(identity).private_key.damage = damaged
    with pytest.raises(StorageError, match="nothing was signed"):
        signer.sign(b"message")
    inside(identity).private_key.damage = lambda data: data
    signer.sign(b"message")


@pytest.mark.usefixtures("ed25519_in_moto")
def test_a_key_that_is_gone_needs_a_person_and_is_not_retried(server: str) -> None:
    with pytest.raises(StorageError, match="NotFoundException") as absent:
        _connected(server, "00000000-0000-0000-0000-000000000000")
    assert not isinstance(absent.value, StorageUnavailable)
    with pytest.raises(StorageError, match="write kms:<key id"):
        kms.connect("kms:")
    with pytest.raises(StorageError, match="names no key"):
        kms.connect("arn:aws:kms:eu-central-1:1:key/1")


def test_without_a_region_or_credentials_the_advice_is_given(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageError, match="region") as no_region:
        kms.connect("kms:alias/log")
    assert not isinstance(no_region.value, StorageUnavailable)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it remembers credentials
    with pytest.raises(StorageError, match="set AWS credentials"):
        kms.connect("kms:alias/log", endpoint_url=server, region=REGION)


class Answers(BaseHTTPRequestHandler):
    """Answers every request with the server's ``status`` and ``code``."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        of: Any = self.server
        of.asked += 1
        body = b'{"__type": "%s", "message": "not now"}' % of.code.encode()
        self.send_response(of.status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def answering() -> Iterator[Any]:
    server_: Any = HTTPServer(("127.0.0.1", 0), Answers)
    server_.status, server_.code, server_.asked = 500, "KMSInternalException", 0
    thread = threading.Thread(target=server_.serve_forever)
    thread.start()
    yield server_
    server_.shutdown()
    thread.join()
    server_.server_close()


@pytest.mark.parametrize(
    ("status", "code", "passes"),
    [
        (500, "KMSInternalException", True),
        (500, "KeyUnavailableException", True),
        (503, "DependencyTimeoutException", True),
        (502, "", True),
        (400, "ThrottlingException", True),
        (400, "AccessDeniedException", False),
        (400, "DisabledException", False),
        (400, "KMSInvalidStateException", False),
    ],
)
def test_what_passes_by_itself_is_told_from_what_needs_a_person(
    answering: Any, monkeypatch: pytest.MonkeyPatch, status: int, code: str, passes: bool
) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # between the client's own attempts
    answering.status, answering.code = status, code
    with pytest.raises(StorageError, match=f"{status} {code}") as refused:
        _connected(f"http://127.0.0.1:{answering.server_port}", "alias/log")
    assert isinstance(refused.value, StorageUnavailable) == passes
    assert answering.asked == (kms.ATTEMPTS_MAX if passes else 1)


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kms, "READ_TIMEOUT_S", 0.05)
    monkeypatch.setattr(kms, "ATTEMPTS_MAX", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StorageUnavailable, match="kms:alias/log"):
            _connected(address, "alias/log")
    with pytest.raises(StorageUnavailable, match="kms:alias/log"):
        _connected(address, "alias/log")  # nobody listens there any more
