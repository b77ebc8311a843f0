"""Key files and prepared records as the command line meets them: passphrases, strict JSON, safe writing."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gateway.settings import Settings

if TYPE_CHECKING:
    from ledger.adapters.key_file import KeyFile

ENVIRONMENT = "LOTPROOF_KEY_PASSPHRASE"
SHORTEST = 8  # characters of a new passphrase

PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file",
        help="File whose first line opens the key.",
        show_default=f"{ENVIRONMENT}, or asked",
    ),
]
KeyOption = Annotated[
    list[Path] | None, typer.Option("--key", help="A key file at hand, to sign with; may be repeated.")
]


def opened(path: Path, passphrase_file: Path | None) -> "KeyFile":
    """A key file, with its passphrase from the file, the environment or the prompt, in this order."""
    from ledger.adapters.key_file import KeyFile, is_encrypted

    if not is_encrypted(path):
        return KeyFile.load(path)
    passphrase = _given(passphrase_file)
    if passphrase is None:
        passphrase = _asked(f"Passphrase of {path.name}", f"{path} is encrypted")
    return KeyFile.load(path, passphrase=passphrase)


def opened_all(paths: list[Path] | None, passphrase_file: Path | None) -> "list[KeyFile]":
    return [opened(path, passphrase_file) for path in paths or ()]


def chosen_passphrase(passphrase_file: Path | None) -> bytes:
    """The passphrase of a new key: asked twice, unless a file or the environment says it."""
    given = _given(passphrase_file)
    if given is None:
        given = _asked("Passphrase for the new key", "a new key needs a passphrase", confirm=True)
    if len(given.decode("utf-8", "replace")) < SHORTEST:
        complain(f"a passphrase has at least {SHORTEST} characters")
    return given


def read_json(path: Path) -> Any:
    """A JSON file, ``-`` for stdin, read one way only. Ends the program with the reason."""
    from gateway.routes.strict import strict_json

    try:
        return strict_json(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())
    except ValueError as error:
        complain(f"{path}: {error}")


def write_json(path: Path, value: Any) -> None:
    """Whole under its name, or as it was: a signature is not lost half-way."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("x", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def complain(message: str) -> NoReturn:
    """Say what is wrong and end with 1."""
    typer.echo(f"lotproof: {message}", err=True)
    raise typer.Exit(1)


def _given(passphrase_file: Path | None) -> bytes | None:
    if passphrase_file is not None:
        lines = passphrase_file.read_text(encoding="utf-8").splitlines()
        return lines[0].encode() if lines and lines[0] else None
    text = Settings().key_passphrase.get_secret_value()
    return text.encode() or None


def _asked(prompt: str, why: str, *, confirm: bool = False) -> bytes:
    if not sys.stdin.isatty():
        complain(f"{why}; give it in {ENVIRONMENT}, or name a file with --passphrase-file")
    text: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return text.encode()
