"""Sign a prepared record outside the gateway, and send a signed one."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.key_files import PassphraseFile, complain, opened, read_json, write_json
from gateway.cli.options import AsJson, Home, settings

if TYPE_CHECKING:
    from gateway.wiring import Installation
    from ledger.pending import Pending

Prepared = Annotated[Path, typer.Argument(help="A prepared record, from records:prepare or from keys.")]


def sign(
    prepared: Prepared,
    key: Annotated[Path, typer.Option("--key", help="The key file to sign with.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where to write it.", show_default="into the same file"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign a prepared record: shows in words what is signed, and asks.

    Needs no network and no installation; the key stays where it is. Nothing is sent: see record.
    """
    from gateway.cli.in_words import in_words
    from ledger.pending import Pending

    pending = Pending.from_json(read_json(prepared))
    signer = opened(key, passphrase_file)
    for line in in_words(pending, pending.place_of(signer.public_key)):
        typer.echo(line)
    if not yes and not typer.confirm("Sign this?", err=True):
        complain("nothing was signed")
    signed = pending.signed_by(signer)
    write_json(out or prepared, signed.to_json())
    tell_next(signed, out or prepared)


def record(
    file: Annotated[Path, typer.Argument(help="A signed record; - for stdin.")],
    url: Annotated[
        str | None,
        typer.Option("--url", help="A gateway to send it to, instead of recording it in the home."),
    ] = None,
    home: Home = None,
    json_: AsJson = False,
) -> None:
    """Record a signed statement: durable and sequenced on return.

    The very same record again changes nothing and says where it stands.
    """
    from ledger.record import Submission

    value = read_json(file)
    submission = (
        Submission.from_json(value)
        if isinstance(value, dict) and "signing_input" not in value
        else _read(value).submission()
    )
    if url is None:
        from gateway import wiring

        installation = wiring.open_(settings(home))
        answer = record_here(installation, submission)
    else:
        from gateway.cli.sending import send

        answer = send(url, submission)
    typer.echo(json.dumps(answer) if json_ else said_of(answer))


def record_here(installation: "Installation", submission: Any) -> dict[str, Any]:
    from gateway.workflows.take_record import take

    entry = take(installation, submission)
    return {
        "index": entry.index,
        "event_id": entry.event_id,
        "leaf_hash": entry.leaf_hash.hex(),
        "created": entry.created,
    }


def said_of(answer: dict[str, Any]) -> str:
    again = "" if answer["created"] else " (stood there already)"
    return f"entry {answer['index']}{again}\nevent {answer['event_id']}\nleaf  {answer['leaf_hash']}"


def tell_next(pending: "Pending", path: Path) -> None:
    """Who signs next, or that it can be recorded; on stderr."""
    for place in pending.missing:
        typer.echo(f"still to sign: {place.role}, {place.party}, key {place.key}", err=True)
    if pending.missing:
        typer.echo(f"with: lotproof sign {path} --key FILE", err=True)
    else:
        typer.echo(f"all have signed; next: lotproof record {path}", err=True)


def _read(value: Any) -> "Pending":
    from ledger.pending import Pending

    return Pending.from_json(value)
