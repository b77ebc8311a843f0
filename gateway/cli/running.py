"""Prepare an installation, play the story, serve it."""

import gc
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli.options import AsJson, Home, LogFormat, settings
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.tasks.housekeeping import Housekeeping
    from gateway.wiring import Installation
    from ledger.audit import Report

STORY_TOLD = "story"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
Host = Annotated[str | None, typer.Option(help="Address to serve on.", show_default="127.0.0.1")]
Port = Annotated[
    int | None, typer.Option(min=1, max=65535, help="Port to serve on.", show_default="8000, or a free one")
]
NoPublisher = Annotated[
    bool, typer.Option("--no-publisher", help="Start no publisher; one runs elsewhere, as publish --watch.")
]


def run(
    home: Home = None,
    once: Annotated[bool, typer.Option("--once", help="Prepare and play the story, do not serve.")] = False,
    json_: AsJson = False,
    host: Host = None,
    port: Port = None,
    no_publisher: NoPublisher = False,
    log_format: LogFormat = None,
) -> None:
    """Prepare a demo installation, work three supplier files through the whole journey, and serve it.

    A second start finds its data and repeats nothing.
    """
    from gateway import wiring

    begun = time.monotonic()
    chosen = _with_port(settings(home, host=host, port=port, log_format=log_format), serving=not once)
    installation, new = _prepared(chosen, once_only=once)
    report = _audited(chosen)
    if json_:
        from gateway.workflows.summary import summarise

        typer.echo(json.dumps(summarise(installation, report, time.monotonic() - begun), ensure_ascii=False))
    if once:
        if not json_:
            _tell_result(installation, report, time.monotonic() - begun, new=new)
        raise typer.Exit(report.exit_code)
    installation.close()
    serving = wiring.open_(chosen, publishes=False)  # the log's keys stay with the publisher
    _serve(
        serving,
        lambda: _tell_links(serving, report, time.monotonic() - begun, new=new),
        no_publisher=no_publisher,
        quiet=sys.stderr.isatty() and log_format is None,  # the links stay in sight
    )


def init(
    home: Home = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="Print a link for one more administrator.")
    ] = False,
    operator: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Register who runs it: operator.toml, see docs."),
    ] = None,
) -> None:
    """Make an empty installation: keys, database, an opened log, the auditor's policy.

    Prints a link that makes one person administrator, once, within seven days; later only where there
    is no administrator yet, or when asked for. LOTPROOF_ORIGIN names the log of real goods; without it
    the installation is a demonstration. Repeated, it brings the database up to date and opens nothing
    twice; --operator may come with the first time or a later one (docs/accounts.md).
    """
    from gateway import wiring
    from gateway.people.invitations import invite_administrator
    from gateway.workflows.operator import name_operator, operator_of, parse_operator
    from gateway.workflows.parties import open_log

    named = parse_operator(operator.read_bytes()) if operator else None
    installation = wiring.create(settings(home))
    open_log(installation)
    if named:
        name_operator(installation, named)
    checkpoint = installation.publisher.publish()
    typer.echo(f"log     {checkpoint.origin}")
    typer.echo(f"vkey    {installation.config.vkey}")
    typer.echo(f"policy  {installation.policy_path}")
    if operator_of(installation) is None and not installation.config.is_demo:
        typer.echo(
            "lotproof: nobody has said who runs this log: no staff can be invited and nothing imported "
            "before lotproof init --operator FILE (docs/accounts.md)",
            err=True,
        )
    link = invite_administrator(installation, one_more=administrator)
    if link is not None:
        typer.echo(f"administrator  {installation.public_url}{link}")
        typer.echo("lotproof: whoever opens that link first is administrator; it works once", err=True)


def serve(
    home: Home = None,
    host: Host = None,
    port: Port = None,
    no_publisher: NoPublisher = False,
    log_format: LogFormat = None,
) -> None:
    """Serve an installation that exists, with a publisher beside it.

    The server itself never opens the log's keys. A database that stands behind what was shown is
    served read only, and the exit code is 5.
    """
    from gateway import wiring

    chosen = _with_port(settings(home, host=host, port=port, log_format=log_format), serving=True)
    installation = wiring.open_(chosen, publishes=False)
    _serve(
        installation,
        lambda: typer.echo(f"serving {installation.public_url}", err=True),
        no_publisher=no_publisher,
    )


def publish(
    home: Home = None,
    policy: Annotated[
        Path | None,
        typer.Option(help="Who must have cosigned: a tlog-policy file.", show_default="HOME/policy, if any"),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on publishing until told to stop.")] = False,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
    json_: AsJson = False,
) -> None:
    """Publish every entry sequenced so far, once the witnesses of the policy have cosigned.

    Exit 1 while they have not: the entries are safe, readers keep the old checkpoint. Exit 5 when
    this database stands behind what was shown; then nothing is signed.
    """
    from gateway import wiring
    from gateway.tasks.publishing import Watch

    installation = wiring.open_(settings(home, policy=policy))
    if watch:
        stopping = _stopping(until_input_ends=until_input_ends)
        Watch(
            installation, told=_told, complained=lambda text: typer.echo(f"lotproof: {text}", err=True)
        ).run(stopping)
        installation.close()
        return
    checkpoint = installation.signing_publisher.publish()
    quorum = installation.quorum
    unheard = dict(quorum.unheard) if quorum else {}
    shown = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
    typer.echo(
        json.dumps(shown | {"unheard": unheard})
        if json_
        else f"{checkpoint.origin}: {checkpoint.size} entries, root {checkpoint.root.hex()}"
    )
    for name, why in unheard.items():
        typer.echo(f"lotproof: witness {name} did not cosign: {why}", err=True)


def _told(text: str) -> None:
    try:
        print(text, flush=True)  # noqa: T201 - a pipe must see it at once
    except BrokenPipeError:
        return  # nobody listens any more; what was published stays published


def _stopping(*, until_input_ends: bool) -> threading.Event:
    """Set by SIGTERM, by Ctrl-C, or when whoever started us is gone."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())

    def read_to_the_end() -> None:
        while os.read(0, 1024):  # not through sys.stdin, whose lock would be held when the process ends
            continue
        stopping.set()

    if until_input_ends:
        threading.Thread(target=read_to_the_end, name="input", daemon=True).start()
    return stopping


def _prepared(chosen: Settings, *, once_only: bool) -> "tuple[Installation, bool]":
    """An installation whose story is told; the second value says whether it was told now."""
    from gateway import wiring
    from gateway.workflows.compare import compare
    from gateway.workflows.story import tell
    from gateway.workflows.work import note_of, once
    from ledger.errors import StorageError

    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console,
        disable=not console.is_terminal, transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task("preparing the installation", total=1.0)
        installation = wiring.create(chosen)
        if not installation.config.is_demo:
            raise StorageError("this installation is for real goods and hears no story: use lotproof serve")
        told = note_of(installation, STORY_TOLD) is not None
        if not told or once_only:
            compare(installation, ask=True)  # a log that lost history is not gone on with
        if not told:
            tell(installation, lambda what, share: bar.update(task, description=what, completed=share))
            once(installation, STORY_TOLD, lambda _work: True)
    return installation, not told


def _audited(chosen: Settings) -> "Report":
    from gateway.workflows.audit_log import audit_source

    return audit_source(chosen, None, policy_file=None, vkey=None, saved_file=None)


def _with_port(chosen: Settings, *, serving: bool) -> Settings:
    """Another port when the usual one is taken and nobody asked for a certain one."""
    if not serving or _free(chosen.host, chosen.port):
        return chosen
    if "port" in chosen.model_fields_set:
        typer.echo(f"lotproof: port {chosen.port} is taken; choose another with --port", err=True)
        raise typer.Exit(1)
    with socket.socket(socket.AF_INET6 if ":" in chosen.host else socket.AF_INET) as found:
        found.bind((chosen.host, 0))
        return chosen.model_copy(update={"port": found.getsockname()[1]})


def _free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError:
            return False
    return True


def _serve(installation: "Installation", ready: Any, *, no_publisher: bool, quiet: bool = False) -> None:
    """quiet: log what is wrong only."""
    import uvicorn

    from gateway.app import create_app
    from gateway.people.printed_logins import refuse_invented_users
    from gateway.shell import logs
    from gateway.tasks.housekeeping import Housekeeping
    from gateway.tasks.publisher_process import PublisherProcess

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

    chosen = installation.settings
    refuse_invented_users(installation)
    if chosen.host not in LOOPBACK and not chosen.public_url:
        typer.echo("lotproof: serving beyond this machine; set LOTPROOF_PUBLIC_URL to its address", err=True)
    logs.configure(chosen.log_format, level=logging.WARNING if quiet else logging.INFO)
    config = uvicorn.Config(
        create_app(installation),
        host=chosen.host,
        port=chosen.port,
        log_config=None,
        log_level="warning",
        access_log=False,  # the shell writes its own lines, with templates instead of addresses
        server_header=False,
        proxy_headers=bool(chosen.trusted_proxies),  # else whoever connects could name any address
        forwarded_allow_ips=chosen.trusted_proxies,
    )
    gc.collect()
    gc.freeze()  # what start-up made is no garbage: later collections need not walk it
    housekeeping = Housekeeping(installation)
    publisher = None
    if _may_record(installation, housekeeping):
        housekeeping.start()
        if not no_publisher:
            publisher = PublisherProcess(installation, lambda: _rolled_back(housekeeping))
            publisher.start()
    for number in (signal.SIGTERM, signal.SIGINT):  # the server raises what ended it once more, at its end
        signal.signal(number, lambda _number, _frame: None)
    try:
        Server(config).run()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if publisher is not None:
            publisher.stop()
        housekeeping.stop()
        installation.close()
    if housekeeping.rolled_back:
        raise typer.Exit(5)


def _may_record(installation: "Installation", housekeeping: "Housekeeping") -> bool:
    """Compare with everything that remembers the log; behind it, the server only reads."""
    from gateway.workflows.compare import compare
    from ledger.errors import LedgerError, Rollback

    try:
        for name, why in compare(installation, ask=True).items():
            typer.echo(f"lotproof: witness {name} could not be compared with: {why}", err=True)
    except Rollback as error:
        housekeeping.refuse(error)
        return False
    except LedgerError as error:
        typer.echo(f"lotproof: could not compare: {error}", err=True)
    return True


def _rolled_back(housekeeping: "Housekeeping") -> None:
    from ledger.errors import Rollback

    housekeeping.refuse(Rollback("the publisher found history missing; see: lotproof doctor"))


def _tell_result(installation: "Installation", report: "Report", seconds: float, *, new: bool) -> None:
    checkpoint = installation.verifier().checkpoint
    did = f"story told in {seconds:.0f} s" if new else "found its data, repeated nothing"
    typer.echo(f"{installation.config.origin}: {checkpoint.size} entries; {did}")
    typer.echo(f"audit: {report.verdict}")
    typer.echo(f"policy: {installation.policy_path}")


def _tell_links(installation: "Installation", report: "Report", seconds: float, *, new: bool) -> None:
    from gateway.people.printed_logins import forget_logins, issue_login
    from gateway.workflows.story import example_code
    from qrcodes import symbol

    forget_logins(installation)
    base = installation.public_url
    consumer = f"{base}/q/{example_code(installation)}"
    buyer = issue_login(installation, "buyer", company="cmp_vn")
    home = installation.home
    _tell_result(installation, report, seconds, new=new)
    typer.echo("")
    typer.echo(f"consumer      {consumer}")
    for role, path in (
        ("buyer", buyer),
        ("operator", issue_login(installation, "operator")),
        ("auditor", issue_login(installation, "auditor")),
        ("administrator", issue_login(installation, "administrator")),
    ):
        typer.echo(f"{role:<13} {base}{path}")
    typer.echo("              (the last four let one browser in, within 15 minutes)")
    typer.echo("")
    if sys.stdout.isatty() or shutil.get_terminal_size().columns >= 60:
        typer.echo(symbol.terminal(consumer))
    typer.echo("Try next, in another terminal:")
    for command in ("demo tamper", "audit"):
        typer.echo(f"  .venv/bin/lotproof {command} --home {home}")
    typer.echo("Stop with Ctrl-C; the next start finds everything where it is.")
