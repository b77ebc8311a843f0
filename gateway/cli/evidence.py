"""Audit a log, export it."""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from gateway.cli.options import AsJson, Home, settings

if TYPE_CHECKING:
    from ledger.audit_report import Report

MEMORY_MB_MIN = 128  # the program alone takes most of it
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
    since: Annotated[
        Path | None,
        typer.Option(help="A checkpoint: print a letter about what came since. The file is left as it is."),
    ] = None,
    letter: Annotated[
        Path | None, typer.Option(help="Write that letter to a file; as HTML when its name ends in .html.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, help="Processes to share the work.", show_default="one a core")
    ] = None,
    memory: Annotated[
        int, typer.Option(min=MEMORY_MB_MIN, help="Megabytes that all of them may take together.")
    ] = 200,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Your file to go on from next time. Naming it for a URL, folder or zip goes on from it.",
            show_default="state beside the saved checkpoint",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Look at everything, whatever the state holds.")
    ] = False,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Look only at what came since the last verified audit.")
    ] = False,
    home: Home = None,
    json_: AsJson = False,
) -> None:
    """Check everything: signatures, key scopes, chains, quantities, tree, tiles, heads, grades.

    Without SOURCE it reads the home and HOME/auditor/policy. Exit 0 verified, 3 something is there
    and wrong, 4 something needed is missing.

    Everything is looked at every time, unless you say otherwise: what was verified in a database may
    have been altered since. --incremental proves that the log extends the one verified last and
    checks only what is new; the report says what was not looked at again. An audit of everything that
    was killed goes on where it last stood.
    """
    from gateway.workflows.audit_log import Effort, audit_source

    if full and incremental:
        raise typer.BadParameter("--full and --incremental exclude each other")
    if since and saved:
        raise typer.BadParameter("--since and --saved exclude each other")
    if letter and not since:
        raise typer.BadParameter("--letter needs --since")
    begun = time.monotonic()
    with _progress() as tell, _left_as_it_is(since) as copy:
        report = audit_source(
            settings(home),
            source,
            policy_file=policy,
            vkey=vkey,
            saved_file=copy or saved,
            progress=tell,
            effort=Effort(processes or os.cpu_count() or 1, memory, state, full, incremental),
        )
    if json_:
        typer.echo(json.dumps(report.to_json() | {"seconds": round(time.monotonic() - begun, 3)}))
        raise typer.Exit(report.exit_code)
    if since:
        _tell_since(report, since, letter)
        raise typer.Exit(report.exit_code)
    words = {"verified": "VERIFIED", "failed": "FAILED", "unverified": "COULD NOT VERIFY"}
    typer.echo(f"{words[report.verdict]}  {report.source}")
    if report.origin:
        typer.echo(f"log          {report.origin}")
        typer.echo(f"tree         {report.tree_size} entries, root {report.root.hex()}")
    for finding in report.findings:
        typer.echo(f"finding      {finding}")
    for note in report.notes:
        typer.echo(f"note         {note}")
    for name in report.checked:
        typer.echo(f"checked      {name}")
    for name in report.not_checked:
        typer.echo(f"not checked  {name}")
    if report.resumed_from:
        typer.echo(f"gone on from {report.resumed_from} entries, verified before")
    if report.beyond_checkpoint:
        typer.echo(f"not checked  {report.beyond_checkpoint} entries are not under a checkpoint yet")
    raise typer.Exit(report.exit_code)


@contextmanager
def _left_as_it_is(since: Path | None) -> Iterator[Path | None]:
    """A copy of the checkpoint: a verified audit replaces the one it was given."""
    if since is None:
        yield None
        return
    if not since.is_file():
        raise typer.BadParameter(f"{since} is not there", param_hint="--since")
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copy(since, Path(folder) / "checkpoint"))


def _tell_since(report: "Report", since: Path, letter: Path | None) -> None:
    from gateway.workflows import audit_letter
    from ledger.errors import ProofError

    try:
        before = audit_letter.since(since.read_bytes())
    except ProofError as error:
        raise typer.BadParameter(f"{since} is no checkpoint: {error}", param_hint="--since") from error
    now = datetime.now(UTC)
    if letter is None:
        typer.echo(audit_letter.as_markdown(report, before, now), nl=False)
        return
    write = audit_letter.as_html if letter.suffix == ".html" else audit_letter.as_markdown
    letter.write_text(write(report, before, now), encoding="utf-8")
    typer.echo(f"{report.verdict}: {letter}", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal's stderr: entries, rate, time left and the hour of the end."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("auditing"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("audit", total=None)

        def tell(done: int, total: int) -> None:
            if bar.tasks[0].total is None:
                bar.reset(task, completed=done, total=total)  # what an earlier audit did is no speed of ours
            bar.update(task, completed=done)

        yield tell


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """``2140/s, ends 14:05:31``."""
        if not task.speed or task.time_remaining is None:
            return Text("")
        ends = datetime.now().astimezone() + timedelta(seconds=task.time_remaining)
        return Text(f"{task.speed:.0f}/s, ends {ends:%H:%M:%S}")


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
