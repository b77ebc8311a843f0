"""Check what is stored against what was signed; put right what is provable; rebuild what can be derived."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.options import AsJson, Home, settings
from ledger.errors import MissingEvidence, ProofError

SHOWN_MAX = 40  # findings printed for people; --json prints them all
WORDS = {
    "whole": "WHOLE",
    "repaired": "REPAIRED",
    "damaged": "DAMAGED",
    "incomplete": "INCOMPLETE",
    "rollback": "ROLLBACK",
}


def fsck(
    repair: Annotated[
        bool, typer.Option("--repair", help="Put right what is provable; publishing waits meanwhile.")
    ] = False,
    repair_from: Annotated[
        str | None,
        typer.Option(
            help="A second copy of damaged entries: a folder, zip, bucket or URL of tiles, a home, a "
            "database. Means --repair.",
            show_default="the published objects",
        ),
    ] = None,
    home: Home = None,
    json_: AsJson = False,
) -> None:
    """Derive tree, tiles and bundles from the database; compare with the objects and signed checkpoints.

    A damaged entry is repaired only by bytes whose hash a signed tree demands, a damaged object only
    by what such entries give. Exit 0 whole or repaired, 3 something is wrong, 4 something is missing,
    5 the database is behind what was shown or holds another history.
    """
    from gateway.workflows.repair import DAMAGED, JOURNAL, check_home

    begun = time.monotonic()
    chosen = settings(home)
    with _bar(hidden=json_) as progress:
        report = check_home(
            chosen, repair=repair or bool(repair_from), repair_from=repair_from, progress=progress
        )
    if json_:
        typer.echo(json.dumps(report.to_json() | {"seconds": round(time.monotonic() - begun, 3)}))
        raise typer.Exit(report.exit_code)
    typer.echo(f"{WORDS[report.verdict]}  {chosen.home}")
    typer.echo(f"log          {report.origin}")
    typer.echo(f"entries      {report.size}, {report.signed_size} of them in the last signed tree")
    done = set(report.repaired)
    for finding in report.findings[:SHOWN_MAX]:
        typer.echo(f"{'repaired' if finding in done else 'finding':<12} {finding}")
    untold = len(report.findings) - SHOWN_MAX + report.untold
    if untold > 0:
        typer.echo(f"             and {untold} more; --json prints them")
    for name in report.checked:
        typer.echo(f"checked      {name}")
    for name in report.not_checked:
        typer.echo(f"not checked  {name}")
    for note in report.notes[:SHOWN_MAX]:
        typer.echo(f"note         {note}")
    if report.repaired:
        typer.echo(f"kept         {chosen.home / JOURNAL}; replaced bytes in {chosen.home / DAMAGED}")
    if report.rollback:
        typer.echo(f"rollback     {report.rollback}; nothing was repaired")
        typer.echo("next         lotproof doctor")
    elif any("cannot be read" in finding.message for finding in report.open):
        typer.echo("next         bring back what cannot be read, then lotproof fsck again")
    elif report.open and not (repair or repair_from):
        typer.echo("next         lotproof fsck --repair")
    elif any("lotproof rebuild" in finding.message for finding in report.open):
        typer.echo("next         lotproof rebuild")
    elif report.open:
        typer.echo("next         lotproof fsck --repair-from another copy of the log, or a backup")
    raise typer.Exit(report.exit_code)


def rebuild(home: Home = None, json_: AsJson = False) -> None:
    """Make the working tables again from the entries: subjects, keys, codes, chain, heads, head row.

    All in one transaction, and only if every entry replays. Exit 3 when one does not, 4 when one is
    missing; then nothing has changed.
    """
    from gateway.workflows.repair import rebuild_home

    begun = time.monotonic()
    try:
        with _bar(hidden=json_) as progress:
            done = rebuild_home(settings(home), progress=progress)
    except (ProofError, MissingEvidence) as error:
        typer.echo(f"lotproof: {error}", err=True)
        raise typer.Exit(3 if isinstance(error, ProofError) else 4) from error
    if json_:
        told = {"entries": done.size, "tables": done.tables, "notes": done.notes}
        typer.echo(json.dumps(told | {"seconds": round(time.monotonic() - begun, 3)}))
        return
    typer.echo(f"{done.size} entries replayed")
    for name, rows in done.tables.items():
        typer.echo(f"made again   {name}, {rows} rows")
    if not done.tables:
        typer.echo("every working table was as the entries give it")
    for note in done.notes:
        typer.echo(f"note         {note}")
    if done.tables:
        typer.echo(
            "next         start lotproof serve and publish again where they run: they remember old states"
        )


@contextmanager
def _bar(*, hidden: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, for people."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, disable=hidden or not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("opening", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
