"""Every setting an operator can make, read once, in ``wiring``. Environment prefix: LOTPROOF_."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """home: the installation's folder. database_url: empty for SQLite inside it.

    DATABASE_URL names the database, too. database_app_role: on PostgreSQL the role that runs the
    application, where another one owns the tables and migrates. public_url: how phones reach this
    server; it stands in every code. key_passphrase: opens the private keys in home, where they were
    made with one. policy: which witnesses must have cosigned before a checkpoint is public; HOME/policy
    when it is not named. publish_interval_s: the shortest time between two checkpoints; freshness_s:
    between two rounds of cosignatures of a log that rests. log_key: ``kms:<key id, ARN or alias>`` of
    an AWS KMS key that signs checkpoints; HOME/keys/log.pem when empty.

    objects: ``s3://bucket/prefix`` for the published log and the documents; folders of home when empty.
    objects_endpoint_url, objects_region: of the server, where boto3's own configuration does not say;
    credentials are found by boto3's own rules. objects_lock_days: how long Object Lock keeps full
    tiles, bundles and archived checkpoints from being deleted by anyone, 0 for not at all.
    """

    model_config = SettingsConfigDict(env_prefix="LOTPROOF_", extra="ignore")

    home: Path = Path("demo")
    database_url: str = Field(
        default="", validation_alias=AliasChoices("LOTPROOF_DATABASE_URL", "DATABASE_URL", "database_url")
    )
    database_app_role: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    key_passphrase: SecretStr = SecretStr("")
    log_key: str = ""
    objects: str = ""
    objects_endpoint_url: str = ""
    objects_region: str = ""
    objects_lock_days: int = Field(default=0, ge=0, le=36_500)
    policy: Path | None = None
    publish_interval_s: float = Field(default=1, gt=0)
    freshness_s: float = Field(default=600, gt=0)

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.home / 'ledger.db'}"
