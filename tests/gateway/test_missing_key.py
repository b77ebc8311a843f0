"""The log's key is gone: people go on reading, nothing unsigned appears, and somebody is told what to do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from gateway import wiring
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows import keys
from gateway.workflows.audit_log import audit_source
from gateway.workflows.parties import open_log, register_operator
from ledger.adapters.key_file import KeyFile
from ledger.errors import StorageError, StorageUnavailable
from ledger.store import checkpoints, log
from tests.gateway.web import Caller
from tests.ledger.adapters.kms_server import REGION, inside, made, set_credentials, teach_ed25519


def _standing(installation: Installation) -> tuple[Any, Any, bytes]:
    with installation.database.reading() as connection:
        head = log.read_head(connection)
        return head, checkpoints.latest(connection), installation.log.get("checkpoint")


def _reopened(installation: Installation, **changes: Any) -> Installation:
    installation.close()
    return wiring.open_(Settings(home=installation.home, **changes))


def _grow(installation: Installation) -> None:
    """One more record, so that there is something to publish."""
    with installation.database.reading() as connection:
        key = next(known.key for known in keys.keys_of(connection) if known.role == "party")
    pending = keys.revoke(installation, key, "left", None, [installation.signer("registrar")])
    installation.writer.record(pending.submission())


def _take_away(home: Path) -> None:
    (home / "keys" / "log.pem").unlink()


def _open_to_all(home: Path) -> None:
    (home / "keys" / "log.pem").chmod(0o644)


def _lock(home: Path) -> None:
    path = home / "keys" / "log.pem"
    seed = KeyFile.load(path).seed
    path.unlink()
    KeyFile.restore(path, seed, passphrase=b"correct horse")


def _replace(home: Path) -> None:
    path = home / "keys" / "log.pem"
    path.unlink()
    KeyFile.generate(path)


@pytest.mark.parametrize(
    ("what", "changes", "match"),
    [
        (_take_away, {}, r"log\.pem: no usable key: No such file"),
        (_open_to_all, {}, "readable by others; fix: chmod 600"),
        (_lock, {}, "is encrypted, and no passphrase was given"),
        (_lock, {"key_passphrase": SecretStr("battery")}, "the passphrase does not open it"),
        (_replace, {}, "the key at hand is not the log's key"),
    ],
)
def test_without_its_key_the_log_is_read_and_nothing_is_signed(
    copied: Installation, what: Any, changes: dict[str, Any], match: str
) -> None:
    _grow(copied)
    before = _standing(copied)
    what(copied.home)
    installation = _reopened(copied, **changes)
    with pytest.raises(StorageError, match=match):
        installation.publisher.publish()
    assert _standing(installation) == before, "no entry, no checkpoint"
    caller = Caller(installation)
    for path in ("/", "/auditor", "/auditor/entries", "/log/checkpoint"):
        assert caller.get(path).status_code == 200
    installation.close()


def test_with_the_key_back_everything_that_waited_is_published(copied: Installation) -> None:
    _grow(copied)
    _lock(copied.home)
    installation = _reopened(copied, key_passphrase=SecretStr("correct horse"))
    with installation.database.reading() as connection:
        head = log.read_head(connection)
    assert head is not None
    assert installation.publisher.publish().size > head.size
    installation.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedMotoServer]:
    set_credentials(monkeypatch)
    teach_ed25519(monkeypatch)
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    yield started
    started.stop()


def test_a_log_whose_key_is_in_kms_publishes_audits_and_outlives_an_outage(
    server: ThreadedMotoServer, tmp_path: Path
) -> None:
    host, port = server.get_host_and_port()
    key = made(f"http://{host}:{port}")
    settings = Settings(home=tmp_path / "home", log_key=f"kms:{key}")
    installation = wiring.create(settings)
    open_log(installation)
    first = installation.publisher.publish()
    assert not (tmp_path / "home" / "keys" / "log.pem").exists(), "the key is nowhere but in KMS"
    assert installation.vkey.first.public_key == inside(key).private_key.public_key()[-32:]
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]

    again = wiring.create(settings)  # a second start finds the same log
    assert again.config.origin == first.origin
    again.close()

    before = _standing(installation)
    facts = dict.fromkeys(("name_zh", "name_en", "address", "registration_number", "city"), "Warehouse")
    register_operator(installation, {**facts, "country": "CN"})
    with pytest.MonkeyPatch.context() as outage:
        outage.setattr(type(installation.signer("log")), "sign", _unavailable)
        with pytest.raises(StorageUnavailable, match="not now"):
            installation.publisher.publish()
    assert _standing(installation)[1:] == before[1:], "nothing was signed, nothing is shown"
    assert installation.publisher.publish().size > first.size
    installation.close()


def _unavailable(_self: object, _message: bytes) -> bytes:
    raise StorageUnavailable("not now")
