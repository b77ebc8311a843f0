"""Every setting an operator can make, read once, in ``wiring``. Environment prefix: LOTPROOF_."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """home: the installation's folder. database_url: empty for SQLite inside it.

    public_url: how phones reach this server; it stands in every code. key_passphrase: opens the
    private keys in home, where they were made with one.
    """

    model_config = SettingsConfigDict(env_prefix="LOTPROOF_", extra="ignore")

    home: Path = Path("demo")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    key_passphrase: SecretStr = SecretStr("")
