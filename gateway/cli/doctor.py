"""Say what is wrong and what to do; take back history that was published and is lost here."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.options import AsJson, Home, settings

if TYPE_CHECKING:
    from gateway.wiring import Installation
    from gateway.workflows.doctor import Check


def doctor(
    home: Home = None,
    recover: Annotated[
        bool, typer.Option("--recover", help="Take back the published entries that are missing here.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option("--from", help="A mirror of the log: folder, zip or URL.", show_default="our own files"),
    ] = None,
    json_: AsJson = False,
) -> None:
    """Check database, history, keys, clock, disk, publisher and witnesses.

    Exit 0 when nothing is wrong, 1 when something is, 5 when this database stands behind what was shown.
    """
    from gateway import wiring
    from gateway.workflows.doctor import examine, exit_code

    installation = wiring.open_(settings(home))
    recovered = _recovered(installation, source, quiet=json_) if recover else None
    checks = examine(installation)
    code = exit_code(checks)
    if json_:
        found = {"exit": code, "checks": [check.to_json() for check in checks], "recovered": recovered}
        typer.echo(json.dumps(found))
        raise typer.Exit(code)
    if recovered is not None:
        typer.echo(_words(recovered))
    for check in checks:
        _tell(check)
    raise typer.Exit(code)


def _recovered(installation: "Installation", source: str | None, *, quiet: bool) -> dict[str, Any]:
    from gateway.workflows.recovery import take_back

    console = Console(stderr=True)
    with Progress(
        TextColumn("taking entries back"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, disable=quiet or not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("recover", total=None)
        found = take_back(
            installation, source, lambda done, total: bar.update(task, completed=done, total=total)
        )
    return {"start": found.start, "end": found.end, "committed": found.committed}


def _words(recovered: dict[str, Any]) -> str:
    start, end, committed = recovered["start"], recovered["end"], recovered["committed"]
    if start == end:
        return "recovered  nothing was missing\n"
    return (
        f"recovered  entries {start}..{end - 1}, verified against the signed checkpoint and replayed\n"
        f"           {committed} of them commit to values that were never public, nor were the gateway's\n"
        "           own rows (orders, offers, stock, codes) of that time: take them from a newer backup, or\n"
        "           they are lost (docs/recover.md)\n"
    )


def _tell(check: "Check") -> None:
    typer.echo(f"{check.level:<9}{check.name:<11}{check.text}")
    if check.fix:
        typer.echo(f"{'':<20}fix: {check.fix}")
