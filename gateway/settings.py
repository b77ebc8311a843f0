"""Every setting an operator can make, read once, in ``wiring``. Environment prefix: LOTPROOF_."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _named(proxies: str) -> str:
    """``*`` would believe everybody, and then the first address of the header: the one its sender chose."""
    for one in filter(None, (part.strip() for part in proxies.split(","))):
        try:
            ip_network(one)
        except ValueError as error:
            raise ValueError(f"trusted_proxies: {one[:60]} is no address and no network") from error
    return proxies


class Settings(BaseSettings):
    """home: the installation's folder. database_url: empty for SQLite inside it.

    DATABASE_URL names the database, too. database_app_role: on PostgreSQL the role that runs the
    application, where another one owns the tables and migrates. origin: the name of the log that ``init``
    opens, as ``example.com/surplus``; without one the installation is a demonstration, whose goods and
    people are invented. public_url: how phones reach this
    server; it stands in every code. key_passphrase: opens the private keys in home, where they were
    made with one. policy: which witnesses must have cosigned before a checkpoint is public; HOME/policy
    when it is not named. publish_interval_s: the shortest time between two checkpoints; freshness_s:
    between two rounds of cosignatures of a log that rests. log_key: ``kms:<key id, ARN or alias>`` of
    an AWS KMS key that signs checkpoints; HOME/keys/log.pem when empty. log_key_next: the KMS key that
    follows it, while the log changes its key; HOME/keys/log-next.pem when empty.

    rate_factor: multiplies how often a caller may ask, 0 for as often as it likes. metrics_token: opens
    /metrics to whoever sends it as a bearer token; without one only this machine itself reads them.
    trusted_proxies: addresses or networks, by comma, whose X-Forwarded-For and X-Forwarded-Proto are
    believed; empty: nobody's, and whoever connects is the caller.
    country_header: name of the header in which such a proxy says two letters of the caller's country; it has
    to overwrite what callers send. Empty: nobody is asked, and countries stay unknown.
    log_format: JSON lines, coloured words, or words in a terminal and JSON elsewhere.

    objects: ``s3://bucket/prefix`` for the published log and the documents; folders of home when empty.
    objects_endpoint_url, objects_region: of the server, where boto3's own configuration does not say;
    credentials are found by boto3's own rules. objects_lock_days: how long Object Lock keeps full
    tiles, bundles and archived checkpoints from being deleted by anyone, 0 for not at all.

    broker_url: ``amqp://user:password@host:port/vhost`` of a RabbitMQ that hands jobs to workers; empty:
    the server does them itself. mail: ``smtp://`` or ``smtps://`` of a mail server; empty: letters lie
    in HOME/mail. mail_from: who letters are from. contact: whom consumers may turn to, as a line of text
    (an address, a telephone number); it stands on the public page of every code.
    schemas_dir: the folder ``xsdrt`` of UBL 2.4, against which XML papers are validated; without one that
    validator is listed as not run.
    """

    model_config = SettingsConfigDict(env_prefix="LOTPROOF_", extra="ignore")

    home: Path = Path("demo")
    database_url: str = Field(
        default="", validation_alias=AliasChoices("LOTPROOF_DATABASE_URL", "DATABASE_URL", "database_url")
    )
    database_app_role: str = ""
    origin: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    key_passphrase: SecretStr = SecretStr("")
    log_key: str = ""
    log_key_next: str = ""
    objects: str = ""
    objects_endpoint_url: str = ""
    objects_region: str = ""
    objects_lock_days: int = Field(default=0, ge=0, le=36_500)
    policy: Path | None = None
    schemas_dir: Path | None = None
    rate_factor: float = Field(default=1, ge=0, le=1000)
    metrics_token: SecretStr = SecretStr("")
    trusted_proxies: Annotated[str, AfterValidator(_named)] = ""
    country_header: str = Field(default="", max_length=60, pattern=r"^[A-Za-z0-9-]*$")
    log_format: Literal["auto", "json", "console"] = "auto"
    publish_interval_s: float = Field(default=1, gt=0)
    freshness_s: float = Field(default=600, gt=0)
    broker_url: SecretStr = SecretStr("")
    mail: SecretStr = SecretStr("")
    mail_from: str = "Lotproof <noreply@localhost>"
    contact: str = Field(default="", max_length=200)

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.home / 'ledger.db'}"
