"""``lotproof keys rotate-log``: the log's own key, from one to the next."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.key_files import KeyOption, PassphraseFile, opened, opened_all, read_json, write_json
from gateway.cli.options import Home, settings
from gateway.cli.signing import tell_next

if TYPE_CHECKING:
    from gateway.wiring import Installation
    from gateway.workflows.rotate_log import HandedOver


def rotate_log(
    prepared: Annotated[
        Path | None, typer.Argument(help="The prepared record, when other registrars have signed it.")
    ] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="End the overlap: the former key signs nothing any more.")
    ] = False,
    out: Annotated[
        Path, typer.Option("-o", "--output", help="Where to write what others have yet to sign.")
    ] = Path("log-key.prepared.json"),
    key: KeyOption = None,
    home: Home = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Change the key that signs checkpoints, while everything runs.

    Makes HOME/keys/log-next.pem (or takes the KMS key of LOTPROOF_LOG_KEY_NEXT), records
    log.key_changed, and from then on every checkpoint bears both signatures. Repeat it after a crash.
    Tell everybody the new vkey; then --finish, and destroy the former key.
    """
    from gateway import wiring
    from gateway.workflows import rotate_log as workflow

    installation = wiring.open_(settings(home))
    if finish:
        done, retired = workflow.finish(installation)
        typer.echo(f"vkey     {done.key}")
        typer.echo(f"finished from the next checkpoint on {done.former.id.hex()} signs nothing")
        _tell_retired(installation, retired)
        return
    if prepared is not None:
        from ledger.pending import Pending

        pending = Pending.from_json(read_json(prepared))
        typer.echo(f"entry    {workflow.record(installation, pending).index}")
    else:
        own = installation.home / "keys" / "registrar.pem"
        at_hand = [*([opened(own, None)] if own.exists() else []), *opened_all(key, passphrase_file)]
        wanted = workflow.prepare(installation, at_hand)
        if wanted is not None and wanted.missing:
            write_json(out, wanted.to_json())
            typer.echo(f"prepared {out}")
            tell_next(wanted, out)
            typer.echo(f"and then: lotproof keys rotate-log {out}", err=True)
            return
        if wanted is not None:
            typer.echo(f"entry    {workflow.record(installation, wanted).index}")
    _tell(workflow.hand_over(installation), installation.home)


def _tell(done: "HandedOver", home: Path) -> None:
    typer.echo(f"vkey     {done.key}")
    typer.echo(f"former   {done.former}")
    typer.echo(f"signed by both from entry {done.index} on; the first such tree has {done.size} entries")
    typer.echo(
        "Keep a backup: lotproof keys show log-next. Give the new vkey to witnesses and auditors; when they "
        f"have it: lotproof keys rotate-log --finish --home {home}",
        err=True,
    )


def _tell_retired(installation: "Installation", retired: Path | None) -> None:
    if retired is not None:
        typer.echo(f"retired  {retired}")
        typer.echo("destroy it, and its paper backup", err=True)
    if installation.settings.log_key:
        typer.echo(
            "now set LOTPROOF_LOG_KEY to the new key, without LOTPROOF_LOG_KEY_NEXT, and start again",
            err=True,
        )
