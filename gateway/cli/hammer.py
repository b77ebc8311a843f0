"""Load on an installation, checked as it runs."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from gateway.cli.options import AsJson, settings

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.workflows.hammer import Figures, HammerReport, Plan

BEYOND_HOME = ("database_url", "objects", "log_key", "policy")  # settings that another installation shares


def hammer(
    writes_per_second: Annotated[
        float, typer.Option(min=0, help="The goal, of all writers together; 0: as many as they can.")
    ] = 100.0,
    readers: Annotated[int, typer.Option(min=0, max=64, help="Reading processes.")] = 2,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to write.")] = 10.0,
    writers: Annotated[int, typer.Option(min=1, max=256, help="Writing threads.")] = 8,
    reads_per_second: Annotated[
        float, typer.Option(min=0, help="A limit for all readers together; 0: none.")
    ] = 0.0,
    visible_within: Annotated[
        float, typer.Option(min=0.1, help="Seconds after which an acknowledged entry must be visible.")
    ] = 30.0,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="The installation to write to.", show_default="one made for this run"),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Read the log here instead of from the home; alone: only read.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="What the readers trust.", show_default="HOME/auditor/policy")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Really write to an installation that exists, for ever.")
    ] = False,
    json_: AsJson = False,
) -> None:
    """Write and read under load, checking every proof; exit 1 when a goal is missed or a proof fails.

    Without --home everything happens in an installation of its own that is removed afterwards; what
    a log has taken stays in it for ever, so one that exists is written to only with --yes.
    """
    from gateway.workflows.hammer import Plan

    plan = Plan(seconds, writes_per_second, readers, writers, reads_per_second, visible_within)
    if url is not None and home is None:
        if policy is None or not readers:
            raise typer.BadParameter("only to read takes --policy, which a server cannot give, and --readers")
        _finish(_read_only(plan, url, policy, json_=json_), json_=json_)
        return
    if not yes:
        _check_own(settings(home), exists=home is not None)
    if home is not None:
        chosen = settings(home)
        _finish(_hammered(plan, chosen, url, policy, json_=json_), json_=json_)
        return
    scratch = Path(tempfile.mkdtemp(prefix="lotproof-hammer-"))
    chosen = settings(scratch / "home")
    report = None
    try:
        report = _hammered(plan, chosen, url, policy, json_=json_)
    finally:
        if report is not None and not report.reasons:
            shutil.rmtree(scratch)
        else:
            typer.echo(f"kept to be looked at: {chosen.home}", err=True)
    _finish(report, json_=json_)


def _check_own(chosen: "Settings", *, exists: bool) -> None:
    """exists: the home was named, and may hold something."""
    if exists and (chosen.home / "config.json").exists():
        raise typer.BadParameter(f"{chosen.home} holds an installation, whose log keeps it all: say --yes")
    for name in BEYOND_HOME:
        if getattr(chosen, name):
            setting = f"LOTPROOF_{name.upper()}"
            raise typer.BadParameter(f"{setting} reaches beyond the run's own home: unset it, or say --yes")


def _hammered(
    plan: "Plan", chosen: "Settings", url: str | None, policy: Path | None, *, json_: bool
) -> "HammerReport":
    from gateway import wiring
    from gateway.workflows.hammer import hammer as run
    from gateway.workflows.parties import open_log

    installation = wiring.create(chosen)
    try:
        open_log(installation)
        installation.publisher.publish()
        return run(
            plan,
            installation=installation,
            where=chosen if url is None else _prefix(url),
            trust=(policy or installation.policy_path).read_bytes(),
            progress=_Line(json_=json_),
        )
    finally:
        installation.close()


def _read_only(plan: "Plan", url: str, policy: Path, *, json_: bool) -> "HammerReport":
    from gateway.workflows.hammer import hammer as run

    return run(
        plan,
        installation=None,
        where=_prefix(url),
        trust=policy.read_bytes(),
        progress=_Line(json_=json_),
    )


def _prefix(url: str) -> str:
    return url.removesuffix("/").removesuffix("/checkpoint")


class _Line:
    """One line on stderr that says how it goes: rewritten on a terminal, else a new one every second."""

    def __init__(self, *, json_: bool) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._silent = json_ and not self._console.is_terminal

    def __call__(self, figures: "Figures") -> None:
        if not self._silent:
            end = "\r" if self._console.is_terminal else "\n"
            self._console.print(_words(figures), end=end, soft_wrap=True)


def _words(figures: "Figures") -> str:
    write, read = figures.write_ms, figures.read_ms
    return (
        f"{figures.seconds:6.1f} s  writes {figures.writes_per_second:7.1f}/s "
        f"p50 {write.p50:.1f} p95 {write.p95:.1f} ms  reads {figures.reads_per_second:7.1f}/s "
        f"p50 {read.p50:.1f} p95 {read.p95:.1f} ms  tree {figures.tree_size}, "
        f"waiting to be visible {figures.waits_s:.1f} s   "
    )


def _finish(report: "HammerReport", *, json_: bool) -> None:
    if json_:
        typer.echo(json.dumps(report.to_json()))
    else:
        figures = report.figures
        typer.echo("PASSED" if not report.reasons else "FAILED")
        for name, count, rate, ms in (
            ("writes", figures.writes, figures.writes_per_second, figures.write_ms),
            ("reads", figures.reads, figures.reads_per_second, figures.read_ms),
        ):
            typer.echo(f"{name:8} {count} ({rate:g} a second), p50 {ms.p50:g} ms, p95 {ms.p95:g} ms, "
                       f"longest {ms.max:g} ms")  # fmt: skip
        typer.echo(
            f"visible  p50 {figures.visible_ms.p50:g} ms, p95 {figures.visible_ms.p95:g} ms after the answer"
        )
        typer.echo(f"tree     {figures.tree_size} entries; {report.checked} acknowledged ones found in it")
        if figures.retried:
            typer.echo(f"retried  {figures.retried} calls that the storage did not answer")
        for reason in report.reasons:
            typer.echo(f"reason   {reason}")
    raise typer.Exit(1 if report.reasons else 0)
