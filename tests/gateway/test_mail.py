"""Letters are handed over once as far as a receiver can tell, and never in the clear by accident."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.errors import Refused
from gateway.mail import MailFolder, SmtpMailer
from ledger.errors import StorageError, StorageUnavailable


def letter() -> EmailMessage:
    made = EmailMessage()
    made["Message-ID"], made["From"], made["To"] = "<abc@log.example>", "us@a.example", "you@b.example"
    made["Subject"] = "Xin chào 您好"
    made.set_content("您好\n.\nEnd")
    return made


class Post(socketserver.StreamRequestHandler):
    """Enough of RFC 5321 to take a letter; answers RCPT with what the server was told to."""

    def handle(self) -> None:
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            match line.split()[0].upper():
                case b"EHLO":
                    self._say("250-here\r\n250 8BITMIME")
                case b"RCPT":
                    self._say(f"{self.server.answer} so it is")
                case b"DATA":
                    self._say("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.letters.append(b"".join(lines))
                    self._say("250 taken")
                case b"QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def post(answer: int = 250) -> Iterator[tuple[str, list[bytes]]]:
    """(URL, letters taken)."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.answer, server.letters = answer, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", server.letters
        server.shutdown()
        thread.join()


def test_a_letter_in_the_folder_lies_there_once(tmp_path: Path) -> None:
    for _ in range(2):
        MailFolder(tmp_path).send(letter())
    assert [path.name for path in tmp_path.iterdir()] == ["abc.eml"]
    assert b"Message-ID: <abc@log.example>\r\n" in (tmp_path / "abc.eml").read_bytes()


def test_a_mail_server_gets_the_letter_as_it_is() -> None:
    with post() as (url, letters):
        SmtpMailer(url).send(letter())
    (taken,) = letters
    assert b"Message-ID: <abc@log.example>" in taken
    assert b"us@a.example" in taken


@pytest.mark.parametrize(("code", "error"), [(451, StorageUnavailable), (550, Refused)])
def test_a_server_says_whether_to_come_again(code: int, error: type[Exception]) -> None:
    with post(code) as (url, letters), pytest.raises(error, match=str(code)):
        SmtpMailer(url).send(letter())
    assert letters == []


def test_a_server_that_is_away_is_asked_again_later() -> None:
    with pytest.raises(StorageUnavailable, match="does not answer"):
        SmtpMailer("smtp://127.0.0.1:1").send(letter())


@pytest.mark.parametrize("url", ["http://a", "smtp://", "smtp://u:geheim@h:port", "a"])
def test_what_names_no_server_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StorageError) as refused:
        SmtpMailer(url)
    assert "geheim" not in str(refused.value)
