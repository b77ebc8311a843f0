"""The only place that chooses adapters and reads settings.

HOME/config.json       origin, clock, ids of the operator's own parties; written once
HOME/ledger.db         the database, unless database_url says otherwise
HOME/keys/             private keys of the operator, one file a role, mode 0600
HOME/others/           in the demo: the other companies' own computers
HOME/log/              what is published: checkpoint, tiles, entry bundles
HOME/objects/          documents and evidence, by content
HOME/auditor/          policy, and the last tree the auditor saw
HOME/publishing.lock   held by the one process that publishes
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.clock import StoryClock
from gateway.migrate import upgrade
from gateway.settings import Settings
from ledger.adapters.folder import Folder
from ledger.adapters.key_file import KeyFile
from ledger.author import new_id
from ledger.core.keys import VerifierKey
from ledger.errors import StorageError
from ledger.publish import Publisher
from ledger.store.database import Database
from ledger.verify import Verifier
from ledger.writer import Writer

CONFIG_VERSION = 1
ORIGIN_HOST = "demo.lotproof.example"
OPERATOR_KEYS = ("log", "heads", "registrar", "warehouse", "sales")


@dataclass(frozen=True, slots=True)
class Config:
    """What never changes about an installation."""

    origin: str
    vkey: str
    clock_offset_us: int
    registrar: str
    operator: str


class Installation:
    """One home, opened: its database, keys, log and files."""

    def __init__(self, settings: Settings, config: Config) -> None:
        self.settings = settings
        self.config = config
        self.home = settings.home
        self.clock = StoryClock(timedelta(microseconds=config.clock_offset_us))
        self.database = Database(settings.database_url or f"sqlite:///{self.home / 'ledger.db'}")
        self.writer = Writer(self.database, self.clock)
        self.log = Folder(self.home / "log")
        self.files = Folder(self.home / "objects")
        self._verifier: tuple[bytes, Verifier] | None = None

    @cached_property
    def publisher(self) -> Publisher:
        return Publisher(
            self.database,
            self.writer,
            self.log,
            log_signer=self.signer("log"),
            heads_signer=self.signer("heads"),
            clock=self.clock,
            lock_file=self.home / "publishing.lock",
        )

    @property
    def vkey(self) -> VerifierKey:
        return VerifierKey.parse(self.config.vkey)

    @property
    def policy_path(self) -> Path:
        return self.home / "auditor" / "policy"

    @property
    def public_url(self) -> str:
        settings = self.settings
        return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")

    def signer(self, name: str) -> KeyFile:
        """One of the operator's keys, or ``others/<slug>``."""
        if name not in self._signers:
            folder = "keys" if name in OPERATOR_KEYS else "others"
            path = self.home / folder / f"{name}.pem"
            self._signers[name] = KeyFile.load(path, passphrase=_passphrase(self.settings))
        return self._signers[name]

    def new_signer(self, name: str) -> KeyFile:
        """A key for another company of the demo; the one on file when it has one already."""
        path = self.home / "others" / f"{name}.pem"
        if not path.exists():
            KeyFile.generate(path, passphrase=_passphrase(self.settings))
        return self.signer(name)

    def verifier(self) -> Verifier:
        """For the visible checkpoint; kept until another one is visible."""
        note = self.log.get("checkpoint")
        if self._verifier is None or self._verifier[0] != note:
            self._verifier = (note, Verifier(self.log, self.vkey))
        return self._verifier[1]

    def close(self) -> None:
        self.database.close()

    @cached_property
    def _signers(self) -> dict[str, KeyFile]:
        return {}


def create(settings: Settings) -> Installation:
    """Make a new home; one that exists is opened and nothing in it is touched."""
    path = settings.home / "config.json"
    if path.exists():
        return open_(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    keys = settings.home / "keys"
    signers = {}
    for name in OPERATOR_KEYS:
        file = keys / f"{name}.pem"
        if file.exists():  # an earlier start was cut off before it wrote config.json
            signers[name] = KeyFile.load(file, passphrase=_passphrase(settings))
        else:
            signers[name] = KeyFile.generate(file, passphrase=_passphrase(settings))
    public = signers["log"].public_key
    origin = f"{ORIGIN_HOST}/{sha256(public).hexdigest()[:16]}"
    vkey = str(VerifierKey(origin, public))
    auditor = Folder(settings.home / "auditor")
    auditor.replace("policy", f"# The log that this auditor trusts.\nlog {vkey}\nquorum none\n".encode())
    upgrade(settings.database_url or f"sqlite:///{settings.home / 'ledger.db'}")
    config: dict[str, Any] = {
        "version": CONFIG_VERSION,
        "origin": origin,
        "vkey": vkey,
        "clock_offset_us": StoryClock.offset_now() // timedelta(microseconds=1),
        "registrar": new_id("party"),
        "operator": new_id("party"),
    }
    # The last file written makes the home an installation; before it, a new start begins again.
    Folder(settings.home).replace("config.json", json.dumps(config, indent=1).encode())
    return open_(settings)


def open_(settings: Settings) -> Installation:
    """Open an existing home. Raises StorageError with the fix when there is none."""
    path = settings.home / "config.json"
    try:
        value = json.loads(path.read_text())
        version = value.pop("version")
        config = Config(**value)
    except FileNotFoundError as error:
        raise StorageError(
            f"{settings.home} holds no installation; make one with: lotproof init --home {settings.home}"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise StorageError(f"{path} is damaged: {error}") from error
    if version != CONFIG_VERSION:
        raise StorageError(f"{path} is of version {version}, this program reads {CONFIG_VERSION}")
    return Installation(settings, config)


def _passphrase(settings: Settings) -> bytes | None:
    text = settings.key_passphrase.get_secret_value()
    return text.encode() or None
