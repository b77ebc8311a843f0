"""The command line. Data on stdout, progress on stderr; exit codes are part of the interface.

0 ok   1 error   2 usage   3 verification failed   4 could not verify   5 refused (rollback)
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from gateway.cli import (
    demo,
    doctor,
    evidence,
    grade,
    hammer,
    imports,
    keys,
    labels,
    openapi,
    packs,
    repair,
    running,
    signing,
    witness,
    worker,
)
from ledger.errors import LedgerError, Rollback
from ledger.garbage import few_collections

app = typer.Typer(
    name="lotproof",
    help="Surplus lots whose history a stranger can check.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(running.run)
app.command("init")(running.init)
app.command("serve")(running.serve)
app.command("worker")(worker.worker)
app.command("publish")(running.publish)
app.command("doctor")(doctor.doctor)
app.command("fsck")(repair.fsck)
app.command("rebuild")(repair.rebuild)
app.command("witness")(witness.witness)
app.command("import")(imports.import_file)
app.command("grade")(grade.grade)
app.command("hammer")(hammer.hammer)
app.command("audit")(evidence.audit)
app.command("verify")(packs.verify)
app.add_typer(keys.keys, name="keys")
app.command("openapi")(openapi.openapi)
app.command("sign")(signing.sign)
app.command("record")(signing.record)
evidence.export.command("labels")(labels.export_labels)
app.add_typer(evidence.export, name="export")
app.add_typer(demo.app, name="demo")


@app.callback(invoke_without_command=True)
def root(
    show_version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", is_eager=True)
    ] = False,
) -> None:
    if show_version:
        typer.echo(f"lotproof {version('lotproof')}")
        raise typer.Exit


def main() -> None:
    """Run the command line; what is refused on purpose ends in one line, not in a traceback."""
    from exporters.errors import ExportersError
    from gateway.errors import GatewayError
    from gateway.sheets import SheetError

    try:
        with few_collections():  # a fifth of a start went into walking what imports had just made
            app()
    except Rollback as error:
        _complain(error, 5)
    except (LedgerError, GatewayError, ExportersError, SheetError) as error:
        _complain(error, 1)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except OSError as error:
        _complain(error, 1)


def _complain(error: Exception, code: int) -> None:
    typer.echo(f"lotproof: {error}", err=True)
    raise SystemExit(code) from error
