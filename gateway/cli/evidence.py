"""Audit a log, export it."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.options import AsJson, Home, settings

export = typer.Typer(help="Write what this installation can show.", no_args_is_help=True)


def audit(
    source: Annotated[
        str | None,
        typer.Argument(help="A log URL, a folder of tiles, a zip of one, a database or a home."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="What you trust: a tlog-policy file, never taken from the source.")
    ] = None,
    vkey: Annotated[str | None, typer.Option(help="Short form of a policy: one log key, no witness.")] = None,
    saved: Annotated[
        Path | None,
        typer.Option(help="The checkpoint you saw last.", show_default="checkpoint beside the policy"),
    ] = None,
    home: Home = None,
    json_: AsJson = False,
) -> None:
    """Check everything: signatures, key scopes, chains, quantities, tree, tiles, heads, grades.

    Without SOURCE it reads the home and HOME/auditor/policy. Exit 0 verified, 3 something is there
    and wrong, 4 something needed is missing.
    """
    from gateway.workflows.audit_log import audit_source

    begun = time.monotonic()
    console = Console(stderr=True)
    with Progress(
        TextColumn("auditing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console,
        disable=json_ or not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("audit", total=None)
        report = audit_source(
            settings(home),
            source,
            policy_file=policy,
            vkey=vkey,
            saved_file=saved,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if json_:
        typer.echo(json.dumps(report.to_json() | {"seconds": round(time.monotonic() - begun, 3)}))
        raise typer.Exit(report.exit_code)
    words = {"verified": "VERIFIED", "failed": "FAILED", "unverified": "COULD NOT VERIFY"}
    typer.echo(f"{words[report.verdict]}  {report.source}")
    if report.origin:
        typer.echo(f"log          {report.origin}")
        typer.echo(f"tree         {report.tree_size} entries, root {report.root.hex()}")
    for finding in report.findings:
        typer.echo(f"finding      {finding}")
    for name in report.checked:
        typer.echo(f"checked      {name}")
    for name in report.not_checked:
        typer.echo(f"not checked  {name}")
    if report.beyond_checkpoint:
        typer.echo(f"not checked  {report.beyond_checkpoint} entries are not under a checkpoint yet")
    raise typer.Exit(report.exit_code)


@export.command("log")
def export_log(
    out: Annotated[Path, typer.Option("-o", "--output", help="Folder to write to.")],
    home: Home = None,
) -> None:
    """Write a complete static mirror of the published log: checkpoint, tiles, entry bundles."""
    from gateway import wiring
    from ledger.adapters.folder import Folder
    from ledger.mirror import mirror

    installation = wiring.open_(settings(home))
    checkpoint = mirror(installation.log, Folder(out), installation.vkey)
    typer.echo(f"{checkpoint.size} entries of {checkpoint.origin} in {out}")
    typer.echo(f"check it with: lotproof audit {out} --policy {installation.policy_path}", err=True)
