"""Letters leave the house here: over SMTP, or into a folder where a person can look at them."""

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from gateway.errors import Refused
from ledger.adapters.folder import Folder
from ledger.errors import StorageError, StorageUnavailable

TIMEOUT_S: Final = 10
PORTS: Final = {"smtp": 25, "smtps": 465}
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Mailer(Protocol):
    def send(self, letter: EmailMessage) -> None:
        """Handed over on return. The receiver knows a letter that comes twice by its Message-ID.

        Raises StorageUnavailable when the same letter may be sent again later, Refused when it may not.
        """


class MailFolder:
    """One file a letter, named by its Message-ID: sent twice, it lies there once."""

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)

    def send(self, letter: EmailMessage) -> None:
        name = letter["Message-ID"].strip("<>").partition("@")[0]
        self._folder.replace(f"{name}.eml", letter.as_bytes(policy=SMTP))


class SmtpMailer:
    """``smtp://[user:password@]host[:port]`` with STARTTLS, except on this machine; ``smtps://`` with TLS."""

    def __init__(self, url: str) -> None:
        """Connects to nothing yet. Raises StorageError, which repeats no password."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in PORTS or not parts.hostname or port == -1:
            raise StorageError("LOTPROOF_MAIL is smtp://USER:PASSWORD@HOST:PORT, smtps://…, or empty")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = port or PORTS[parts.scheme]
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, letter: EmailMessage) -> None:
        try:
            with self._connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise _error(min(codes, default=500), "the receiver was refused") from error
        except smtplib.SMTPResponseException as error:
            raise _error(error.smtp_code, "the mail server refused it") from error
        except (smtplib.SMTPException, OSError) as error:
            raise StorageUnavailable(f"the mail server does not answer: {type(error).__name__}") from error

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=secure)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            if not self._tls and self._host not in LOOPBACK:
                server.starttls(context=secure)  # raises where the server cannot: nothing goes in the clear
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def _error(code: int, what: str) -> StorageUnavailable | Refused:
    """RFC 5321 §4.2.1: 4yz may be tried again, 5yz may not."""
    text = f"{what} with {code}"
    return StorageUnavailable(text) if 400 <= code < 500 else Refused("mail-refused", text)
