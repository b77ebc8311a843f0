"""Print a lot's labels from a terminal: the same run, record and checks as from the page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import Home, settings

if TYPE_CHECKING:
    from collections.abc import Collection

    from gateway.wiring import Installation
    from gateway.workflows.print_labels import Wanted


def export_labels(
    lot: Annotated[str, typer.Argument(help="The lot's id, with or without lot: before it.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="The PDF, ZIP or ZPL to write.")],
    format_: Annotated[
        str, typer.Option("--format", help="Label format, such as a4_3x8 or roll_50x30_zpl203.")
    ] = "a4_3x8",
    level: Annotated[
        list[str] | None, typer.Option(help="Kinds of codes: lot, article, style, carton.")
    ] = None,
    reprint: Annotated[
        str, typer.Option(help="Why again: label_damaged, label_lost, misprinted, text_changed.")
    ] = "",
    signed: Annotated[bool, typer.Option(help="Facts and signature in the link.")] = False,
    hidden: Annotated[bool, typer.Option(help="A second code under a scratch field.")] = False,
    language: Annotated[str, typer.Option(help="Of the words on the label: zh-CN, en, vi.")] = "en",
    home: Home = None,
) -> None:
    """Make labels, read each again, record the run, write the file.

    Nothing is written when a label does not read, and nothing is printed twice without a reason.
    """
    from exporters.labels.stock import printings
    from gateway import wiring
    from gateway.i18n import LANGUAGES
    from gateway.pages import label_words
    from gateway.workflows.print_labels import LEVELS, Wanted
    from ledger.adapters.folder import Folder

    _one_of(format_, printings(), "--format")
    _one_of(language, LANGUAGES, "--language")
    levels = tuple(level or ("article", "style"))
    for one in levels:
        _one_of(one, LEVELS, "--level")
    if reprint:
        _one_of(reprint, label_words.REASONS, "--reprint")
    wanted = Wanted(
        lots=(lot if lot.startswith("lot:") else f"lot:{lot}",),
        levels=levels,
        format=format_,
        variant="signed" if signed else "plain",
        hidden=hidden,
        purpose="reprint" if reprint else "first",
        reason=reprint,
        language=language,
    )
    installation = wiring.open_(settings(home))
    count, content = _made(installation, wanted)
    Folder(out.parent).replace(out.name, content)
    typer.echo(f"{count} labels in {out}, {len(content)} bytes, each read again")


def _made(installation: "Installation", wanted: "Wanted") -> tuple[int, bytes]:
    """Order the run and do its job here; whoever else works for this home may be quicker."""
    from gateway.store import labels
    from gateway.tasks import causes
    from gateway.tasks.catalogue import DUTIES
    from gateway.tasks.duties.exports import object_key
    from gateway.tasks.outbox import Cause
    from gateway.tasks.runner import Runner
    from gateway.workflows.print_labels import order_run
    from gateway.workflows.work import Work

    by, now = Cause("cli"), installation.clock.now()
    run = installation.writer.do(
        lambda ledger: order_run(
            Work(installation, ledger),
            wanted,
            by=by.who,
            now=now,
            start=lambda connection, name: causes.labels_wanted(connection, name, now, by),
        )
    )
    Runner(installation, DUTIES).run_next(run.job)
    with installation.database.reading() as connection:
        done = labels.one(connection, run.id)
    if done is None or done.state != "released":
        trouble = done.trouble if done and done.trouble else f"job {run.job} is not done; its page says why"
        typer.echo(f"not released: {trouble}", err=True)
        raise typer.Exit(1)
    return done.labels, installation.files.get(object_key(done.sha256))


def _one_of(value: str, known: "Collection[str]", option: str) -> None:
    if value not in known:
        raise typer.BadParameter(f"is none of {', '.join(known)}", param_hint=option)
