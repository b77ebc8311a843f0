"""What registrars do with keys: register, rotate, admit, revoke; each prepared for all who must sign."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gateway.cli.key_files import (
    KeyOption,
    PassphraseFile,
    complain,
    opened,
    opened_all,
    read_json,
    write_json,
)
from gateway.cli.options import Home, settings
from gateway.cli.signing import record_here, said_of, tell_next

if TYPE_CHECKING:
    from gateway.wiring import Installation
    from ledger.key_request import KeyRequest
    from ledger.pending import Pending
    from ledger.ports import Signer

RequestFile = Annotated[Path, typer.Argument(help="A request as `lotproof keys request` wrote it.")]
Out = Annotated[
    Path | None, typer.Option("-o", "--output", help="Where to write what others have yet to sign.")
]


def register(
    request_file: RequestFile, out: Out = None, key: KeyOption = None, home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:  # fmt: skip
    """Register the key of a request: the registrar signs here, the new key where it is kept."""
    from gateway.workflows import keys as workflow

    _act("register", request_file, out, key, home, passphrase_file, workflow.register)


def rotate(
    request_file: RequestFile, out: Out = None, key: KeyOption = None, home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:  # fmt: skip
    """Replace a key by that of a request: registrar, old key and new key sign; the old one ends."""
    from gateway.workflows import keys as workflow

    _act("rotate", request_file, out, key, home, passphrase_file, workflow.rotate)


def admit(
    request_file: RequestFile,
    quorum: Annotated[
        int, typer.Option(min=1, max=5, help="How many registrars every act needs from now on.")
    ],
    out: Out = None,
    key: KeyOption = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make the key of a request one more registrar; every registrar signs."""
    from gateway.workflows import keys as workflow

    def make(installation: "Installation", asked: "KeyRequest", at_hand: "list[Signer]") -> "Pending":
        return workflow.admit(installation, asked, quorum, at_hand)

    _act("admit", request_file, out, key, home, passphrase_file, make)


def revoke(
    identity: Annotated[
        str, typer.Argument(metavar="KEY", help="Id of the key, or enough of its beginning.")
    ],
    reason: Annotated[str, typer.Option(help="lost, compromised, left or superseded.")],
    distrust_from: Annotated[
        int | None,
        typer.Option("--distrust-from", min=0, help="From which entry on its records count as distrusted."),
    ] = None,
    out: Out = None,
    key: KeyOption = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Revoke a key: from the next entry on it signs nothing.

    With --distrust-from its records from there on are marked on every page, and no offer rests on
    them; reaching back takes two registrars.
    """
    from gateway import wiring
    from gateway.workflows import keys as workflow

    installation = wiring.open_(settings(home))
    pending = workflow.revoke(
        installation,
        _whole(installation, identity),
        _reason(reason),
        distrust_from,
        _at_hand(installation, key, passphrase_file),
    )
    _finish(installation, pending, out or Path("revocation.prepared.json"))


def _act(
    word: str,
    request_file: Path,
    out: Path | None,
    key: list[Path] | None,
    home: Path | None,
    passphrase_file: Path | None,
    make: Any,
) -> None:
    from gateway import wiring
    from ledger.key_request import KeyRequest

    asked = KeyRequest.from_json(read_json(request_file))
    installation = wiring.open_(settings(home))
    typer.echo(f"{word}: key {asked.key} for {asked.party}, held by {asked.custody}", err=True)
    pending = make(installation, asked, _at_hand(installation, key, passphrase_file))
    _finish(installation, pending, out or request_file.with_suffix(".prepared.json"))


def _finish(installation: "Installation", pending: "Pending", out: Path) -> None:
    """Record what all have signed; else write it down for the others."""
    if not pending.missing:
        typer.echo(said_of(record_here(installation, pending.submission())))
        return
    write_json(out, pending.to_json())
    typer.echo(f"prepared  {out}")
    tell_next(pending, out)


def _at_hand(
    installation: "Installation", key: list[Path] | None, passphrase_file: Path | None
) -> "list[Signer]":
    """The home's own registrar key, where it has one, and those of --key."""
    registrar = installation.home / "keys" / "registrar.pem"
    own = [opened(registrar, None)] if registrar.exists() else []
    return [*own, *opened_all(key, passphrase_file)]


def _whole(installation: "Installation", beginning: str) -> str:
    """The key id that ``beginning`` begins."""
    from gateway.workflows.keys import keys_of

    with installation.database.reading() as connection:
        found = [one.key for one in keys_of(connection) if one.key.startswith(beginning)]
    if len(beginning) < 8 or len(found) != 1:
        complain(f"{beginning!r} is the beginning of {len(found)} keys; give at least 8 digits of one")
    return found[0]


def _reason(text: str) -> Literal["lost", "compromised", "left", "superseded"]:
    match text:
        case "lost" | "compromised" | "left" | "superseded":
            return text
    raise typer.BadParameter("lost, compromised, left or superseded", param_hint="--reason")
