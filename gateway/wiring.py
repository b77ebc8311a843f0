"""The only place that chooses adapters and reads settings.

HOME/config.json       origin, clock, ids of the operator's own parties; written once
HOME/ledger.db         the database, unless database_url says otherwise
HOME/keys/             private keys of the operator, one file a role, mode 0600; log-next.pem while
                       the log changes its key
HOME/others/           in the demo: the other companies' own computers
HOME/log/              what is published: checkpoint, tiles, entry bundles
HOME/objects/          documents and evidence, by content; like HOME/log in S3 where settings say so
HOME/auditor/          policy, and the last tree the auditor saw
HOME/policy            which witnesses must have cosigned before a checkpoint is public; absent: none
HOME/signed-head       the checkpoint signed last, remembered outside the database
HOME/mail/             letters, where no mail server is named
HOME/publishing.lock   held by the one process that publishes
"""

import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.clock import StoryClock, WallClock
from gateway.log_signers import LogSigners
from gateway.mail import Mailer, MailFolder, SmtpMailer
from gateway.migrate import check, upgrade
from gateway.publication import Publication, PublishedElsewhere
from gateway.settings import Settings
from ledger.adapters.folder import Folder
from ledger.adapters.key_file import KeyFile
from ledger.author import new_id
from ledger.core import policy as policies
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy
from ledger.errors import ProofError, StorageError
from ledger.log_keys import LedgerKeys
from ledger.ports import Clock, ErasableStore, ObjectStore, Signer
from ledger.publish import Publisher
from ledger.quorum import Quorum
from ledger.standby import Standby
from ledger.store.database import Database
from ledger.store.log import read_head
from ledger.verify import Verifier
from ledger.writer import Writer

CONFIG_VERSION = 1
DEMO_PREFIX = "demo."
ORIGIN_HOST = f"{DEMO_PREFIX}lotproof.example"
OPERATOR_KEYS = ("log", "heads", "registrar", "warehouse", "sales")
PUBLISHER_KEYS = ("log", "heads")  # of these, whoever answers strangers opens none


@dataclass(frozen=True, slots=True)
class Config:
    """What never changes about an installation. vkey: of the log's first key."""

    origin: str
    vkey: str
    clock_offset_us: int
    registrar: str
    operator: str

    @property
    def is_demo(self) -> bool:
        """Whether the goods and the people are invented; printed logins let in here only."""
        return self.origin.startswith(DEMO_PREFIX)


class Installation:
    """One home, opened: its database, keys, log and files."""

    def __init__(self, settings: Settings, config: Config, *, publishes: bool = True) -> None:
        """publishes: False in a process that leaves it to another one, and never opens PUBLISHER_KEYS."""
        self.publishes = publishes
        self.stopping = threading.Event()  # set when the process ends: whoever waits stops waiting
        self.settings = settings
        self.config = config
        self.home = settings.home
        self.clock = StoryClock(timedelta(microseconds=config.clock_offset_us))
        self.wall_clock: Clock = WallClock()  # of people: sessions, links, keys
        self.database = Database(settings.database)
        self.writer = Writer(self.database, self.clock)
        self.log: ObjectStore = _objects(settings, "log", lock_days=settings.objects_lock_days)
        if settings.objects and not publishes:
            self.log = Standby(self.log, self.database)
        self.files = _objects(settings, "objects")
        self._verifier: tuple[bytes, Verifier] | None = None

    @cached_property
    def publisher(self) -> Publication:
        """What makes things visible: this process, or the one that it waits for."""
        if self.publishes:
            return self.signing_publisher
        advice = f"lotproof publish --watch --home {self.home}"
        return PublishedElsewhere(self.database, self.log, self.vkey, advice=advice, stopping=self.stopping)

    @cached_property
    def signing_publisher(self) -> Publisher:
        """Opens the log's keys. Raises StorageError when that cannot be done."""
        return Publisher(
            self.database,
            self.writer,
            self.log,
            log_signer=self.signer("log"),
            heads_signer=self.signer("heads"),
            clock=self.clock,
            lock_file=self.home / "publishing.lock",
            beside=Folder(self.home),
            quorum=self.quorum,
            other_log_signer=self.log_signers.of,
        )

    @cached_property
    def log_signers(self) -> LogSigners:
        """The log's private keys at hand, as they are now: two while one follows the other."""
        settings = self.settings
        return LogSigners(
            self.home / "keys",
            load=lambda file: KeyFile.load(file, passphrase=_passphrase(settings)),
            make=lambda file: KeyFile.generate(file, passphrase=_passphrase(settings)),
            remote=[_kms(name) for name in (settings.log_key, settings.log_key_next) if name],
            elsewhere=(bool(settings.log_key), bool(settings.log_key_next)),
        )

    @cached_property
    def quorum(self) -> Quorum | None:
        """The witnesses that publication needs; None when no policy asks for any."""
        policy = self.publication_policy
        if policy is None:
            return None
        return Quorum(policy, self.database, self.writer, self.log, wall_clock=WallClock())

    @cached_property
    def publication_policy(self) -> Policy | None:
        """The operator's tlog-policy, from ``settings.policy`` or HOME/policy. Raises StorageError."""
        path = self.settings.policy or self.home / "policy"
        try:
            return policies.parse(path.read_bytes())
        except FileNotFoundError as error:
            if self.settings.policy is None:
                return None
            raise StorageError(f"the publication policy {path} is not there") from error
        except (OSError, ProofError) as error:
            raise StorageError(f"the publication policy {path} cannot be used: {error}") from error

    @cached_property
    def mailer(self) -> Mailer:
        """Raises StorageError when the settings name no mail server that we can speak to."""
        url = self.settings.mail.get_secret_value()
        return SmtpMailer(url) if url else MailFolder(self.home / "mail")

    @cached_property
    def vkey(self) -> LedgerKeys:
        """What opens the log's checkpoints: the key it began with, and those that followed it."""
        return LedgerKeys(self.database, VerifierKey.parse(self.config.vkey), self.log)

    @property
    def policy_path(self) -> Path:
        return self.home / "auditor" / "policy"

    @property
    def public_url(self) -> str:
        settings = self.settings
        return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")

    def signer(self, name: str) -> Signer:
        """One of the operator's keys, or ``others/<slug>``."""
        if name in PUBLISHER_KEYS and not self.publishes:
            raise StorageError(f"this process leaves publishing to another and does not open {name}.pem")
        if name not in self._signers:
            folder = "keys" if name in OPERATOR_KEYS else "others"
            path = self.home / folder / f"{name}.pem"
            self._signers[name] = _signer(self.settings, name, path)
        return self._signers[name]

    def new_signer(self, name: str) -> Signer:
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
    def _signers(self) -> dict[str, Signer]:
        return {}


def create(settings: Settings) -> Installation:
    """Make a new home; of one that exists only the database's schema is brought up to date."""
    path = settings.home / "config.json"
    if path.exists():
        upgrade(settings.database, app_role=settings.database_app_role)
        return open_(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    keys = settings.home / "keys"
    signers: dict[str, Signer] = {}
    for name in OPERATOR_KEYS:
        file = keys / f"{name}.pem"
        is_kept = file.exists()  # an earlier start was cut off before it wrote config.json
        if is_kept or (name == "log" and settings.log_key):
            signers[name] = _signer(settings, name, file)
        else:
            signers[name] = KeyFile.generate(file, passphrase=_passphrase(settings))
    public = signers["log"].public_key
    origin = settings.origin or f"{ORIGIN_HOST}/{sha256(public).hexdigest()[:16]}"
    is_story = origin.startswith(DEMO_PREFIX)
    vkey = str(VerifierKey(origin, public))
    auditor = Folder(settings.home / "auditor")
    auditor.replace("policy", f"# The log that this auditor trusts.\nlog {vkey}\nquorum none\n".encode())
    upgrade(settings.database, app_role=settings.database_app_role)
    database = Database(settings.database)
    try:
        _refuse_other_log(database, None)
    finally:
        database.close()
    config: dict[str, Any] = {
        "version": CONFIG_VERSION,
        "origin": origin,
        "vkey": vkey,
        "clock_offset_us": StoryClock.offset_now() // timedelta(microseconds=1) if is_story else 0,
        "registrar": new_id("party"),
        "operator": new_id("party"),
    }
    # The last file written makes the home an installation; before it, a new start begins again.
    Folder(settings.home).replace("config.json", json.dumps(config, indent=1).encode())
    return open_(settings)


def open_(settings: Settings, *, publishes: bool = True, whole: bool = True) -> Installation:
    """Open an existing home. Raises StorageError with the fix when there is none.

    publishes: False where another process holds the log's keys. whole: False for whoever comes to
    repair the database, whose head row may say anything.
    """
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
    installation = Installation(settings, config, publishes=publishes)
    try:
        check(installation.database, settings.home)
        if whole:
            _refuse_other_log(installation.database, config.origin)
    except StorageError:
        installation.close()
        raise
    return installation


def _objects(settings: Settings, name: str, *, lock_days: int = 0) -> ErasableStore:
    """A folder of the home, or the same folder in S3."""
    if not settings.objects:
        return Folder(settings.home / name)
    from ledger.adapters import s3  # boto3 takes its time, and few need it

    return s3.connect(
        settings.objects,
        name,
        endpoint_url=settings.objects_endpoint_url,
        region=settings.objects_region,
        lock_days=lock_days,
    )


def _refuse_other_log(database: Database, origin: str | None) -> None:
    """A home and its database belong together. origin: of the home's log; None where it has none yet."""
    with database.reading() as connection:
        head = read_head(connection)
    if head is not None and head.state.origin != origin:
        raise StorageError(
            f"the database holds the log {head.state.origin}, which is not this home's: name the database "
            "that belongs to it in LOTPROOF_DATABASE_URL, or put the home back that belongs to the database"
        )


def _signer(settings: Settings, name: str, file: Path) -> Signer:
    """A key of the home; the log's may be in AWS KMS instead, where the settings say so."""
    if name == "log" and settings.log_key:
        return _kms(settings.log_key)
    return KeyFile.load(file, passphrase=_passphrase(settings))


def _kms(name: str) -> Signer:
    from ledger.adapters import kms  # boto3 takes its time, and few need it

    return kms.connect(name)


def _passphrase(settings: Settings) -> bytes | None:
    text = settings.key_passphrase.get_secret_value()
    return text.encode() or None
