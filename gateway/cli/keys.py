"""Keys: make, show, back up on paper, list, and ask for registration."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import log_key, registrars
from gateway.cli.key_files import (
    PassphraseFile,
    chosen_passphrase,
    complain,
    opened,
    write_json,
)
from gateway.cli.options import AsJson, Home, settings

if TYPE_CHECKING:
    from ledger.adapters.key_file import KeyFile

keys = typer.Typer(help="Keys: make, back up, register, rotate, revoke.", no_args_is_help=True)
keys.command("register")(registrars.register)
keys.command("rotate")(registrars.rotate)
keys.command("admit")(registrars.admit)
keys.command("revoke")(registrars.revoke)
keys.command("rotate-log")(log_key.rotate_log)

Name = Annotated[str, typer.Argument(help="Name of the key: HOME/keys/NAME.pem, unless --file says where.")]
File = Annotated[Path | None, typer.Option("--file", help="The key file.", show_default="HOME/keys/NAME.pem")]
Paper = Annotated[
    bool, typer.Option("--paper/--public", help="With the paper backup, or the public half only.")
]


@keys.command("new")
def new(
    name: Name,
    file: File = None,
    home: Home = None,
    paper: Paper = True,
    passphrase_file: PassphraseFile = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="No passphrase: who reads the file has the key.")
    ] = False,
) -> None:
    """Make a key in a new file of mode 0600 and print its fingerprint and a paper backup.

    An existing file is never touched. The passphrase is asked for, or read from
    LOTPROOF_KEY_PASSPHRASE or --passphrase-file; it never stands on the command line.
    """
    from ledger.adapters.key_file import KeyFile

    path = _path(name, file, home)
    if path.exists():
        complain(f"{path} exists; a key file is never replaced")
    passphrase = None if unencrypted else chosen_passphrase(passphrase_file)
    _show(KeyFile.generate(path, passphrase=passphrase), path, paper=paper)


@keys.command("show")
def show(
    name: Name = "",
    file: File = None,
    home: Home = None,
    paper: Paper = True,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Print the fingerprint of a key, and its paper backup: whoever has that has the key."""
    path = _path(name, file, home)
    _show(opened(path, passphrase_file), path, paper=paper)


@keys.command("restore")
def restore(
    name: Name,
    paper_file: Annotated[
        Path, typer.Option("--from", help="File with the typed paper backup; - for stdin.")
    ] = Path("-"),
    file: File = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
    unencrypted: Annotated[bool, typer.Option("--unencrypted", help="No passphrase.")] = False,
) -> None:
    """Type a paper backup in again: a new key file with the old key.

    Each line carries a check, so a slip is found in its line.
    """
    from ledger.adapters.key_file import KeyFile
    from ledger.core.paper import parse_seed

    path = _path(name, file, home)
    if path.exists():
        complain(f"{path} exists; a key file is never replaced")
    text = typer.get_text_stream("stdin").read() if str(paper_file) == "-" else paper_file.read_text("utf-8")
    seed = parse_seed(text)
    passphrase = None if unencrypted else chosen_passphrase(passphrase_file)
    _show(KeyFile.restore(path, seed, passphrase=passphrase), path, paper=False)


@keys.command("list")
def list_(home: Home = None, json_: AsJson = False) -> None:
    """Every key that the log knows: whose, for what, who holds it, from when to when."""
    from dataclasses import asdict

    from gateway import wiring
    from gateway.workflows.keys import keys_of

    installation = wiring.open_(settings(home))
    with installation.database.reading() as connection:
        found = keys_of(connection)
    if json_:
        typer.echo(json.dumps({"origin": installation.config.origin, "keys": [asdict(one) for one in found]}))
        return
    for one in found:
        typer.echo(one.key)
        typer.echo(
            f"  {one.role:<10}{one.party}, held by {'its party' if one.custody == 'self' else 'the operator'}"
        )
        if one.scopes:
            typer.echo(f"  {'signs':<10}{', '.join(one.scopes)}")
        for what, index in (
            ("registered", one.registered_at),
            ("ended", one.ended_at),
            ("distrusted", one.distrusted_from),
        ):
            if index is not None:
                typer.echo(f"  {what:<10} {'from' if what == 'distrusted' else 'at'} entry {index}")


@keys.command("request")
def request(
    out: Annotated[Path, typer.Option("-o", "--output", help="Where to write the request.")],
    name: Name = "",
    file: File = None,
    party: Annotated[str, typer.Option(help="Id of the party that the key is for, party:…")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="What it shall sign, type:role; may be repeated.")
    ] = None,
    custody: Annotated[str, typer.Option(help="Who holds it: self or operator.")] = "self",
    replaces: Annotated[
        str | None, typer.Option(help="Id of the key that it replaces, 64 hex digits.")
    ] = None,
    registrar: Annotated[
        bool, typer.Option("--registrar", help="Ask to become a registrar of the log instead.")
    ] = False,
    origin: Annotated[
        str | None, typer.Option(help="Origin of the log.", show_default="that of the home")
    ] = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Ask for registration: a file signed by the key itself, for the registrar.

    It proves that whoever asks holds the key. The key stays here.
    """
    from ledger.author import new_id
    from ledger.core.envelope import validated
    from ledger.key_request import KeyRequest

    signer = opened(_path(name, file, home), passphrase_file)
    members: dict[str, Any] = {
        "origin": origin or _origin(home),
        "kind": "registrar" if registrar else "party",
        "party": party or (new_id("party") if registrar else ""),
        "public_key": signer.public_key.hex(),
        "scopes": sorted(set(scope or ())),
        "custody": custody,
        "replaces": replaces,
    }
    made = validated(KeyRequest, members)
    write_json(out, made.to_json(signer))
    typer.echo(f"fingerprint  {made.key}")
    typer.echo(f"party        {made.party}")
    typer.echo(f"request      {out}")
    typer.echo("give it to the registrar, and read the fingerprint to them over another line", err=True)


def _path(name: str, file: Path | None, home: Path | None) -> Path:
    if file is not None:
        return file
    if not name or Path(name).name != name or name.startswith("."):
        complain("name a key of the home, or a key file with --file")
    return settings(home).home / "keys" / f"{name}.pem"


def _show(key: "KeyFile", path: Path, *, paper: bool) -> None:
    from ledger.core.keys import key_id
    from ledger.core.paper import print_seed

    typer.echo(f"fingerprint  {key_id(key.public_key)}")
    typer.echo(f"public key   {key.public_key.hex()}")
    typer.echo(f"file         {path}")
    if paper:
        typer.echo("")
        typer.echo(print_seed(key.seed), nl=False)
        typer.echo(
            "whoever has these six lines has the key: print them, lock them away, clear the screen", err=True
        )


def _origin(home: Path | None) -> str:
    from gateway import wiring

    return wiring.open_(settings(home)).config.origin
