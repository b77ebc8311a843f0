"""Run a witness: cosign logs that only ever grew, with a key and a memory of its own."""

import json
import logging
import socket
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import AsJson, settings

if TYPE_CHECKING:
    from gateway.witness_folder import Running
    from ledger.core.policy import Policy
    from ledger.store.witnessed import Evidence

PORT = 8100
CONNECTIONS_MAX = 256
CONCLUSIVE = ("fork", "replay")
WHAT = {
    "fork": "two roots for one tree size: the log keeps two histories",
    "replay": "the log signed entries that do not hold",
    "unproven": "its consistency proof or its entries were not good; alone this proves nothing",
}


def witness(
    folder: Annotated[Path, typer.Option("--dir", help="Where this witness keeps its key and its memory.")],
    log: Annotated[
        Path | None,
        typer.Option("--log", help="A tlog-policy file; its log lines say which logs to watch."),
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Read each log and judge every entry before cosigning.")
    ] = False,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on; 0 for a free one.")] = PORT,
    name: Annotated[
        str | None,
        typer.Option(help="Name of the key, chosen at the first start.", show_default="from the key"),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="How operators reach this witness.", show_default="from host and port"),
    ] = None,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Show what was refused and kept, and leave.")
    ] = False,
    json_: AsJson = False,
) -> None:
    """Cosign checkpoints of logs that only ever grew (C2SP tlog-witness).

    The first start makes the key and prints what to send to the operator. With --evidence: exit 3
    when something kept proves that a log lied.
    """
    if evidence:
        raise typer.Exit(_show_evidence(folder, as_json=json_))
    if log is None:
        raise typer.BadParameter("needed to serve: which logs to watch", param_hint="--log")
    _serve(folder, log, name, url, (host, port), replay=replay)


def _serve(
    folder: Path, log: Path, name: str | None, url: str | None, address: tuple[str, int], *, replay: bool
) -> None:
    import uvicorn

    from gateway.clock import WallClock
    from gateway.witness_folder import check_published, open_witness, start_replays
    from gateway.witness_service import create_app

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    logging.getLogger("lotproof.witness").setLevel(logging.INFO)
    policy = _policy(log)
    passphrase = settings().key_passphrase.get_secret_value().encode()
    with _listening(*address) as listener:
        running = open_witness(
            folder, policy, clock=WallClock(), name=name, replay=replay, passphrase=passphrase or None
        )
        try:
            check_published(running)
            start_replays(running)
            host, port = listener.getsockname()[:2]
            _tell(running, url or f"http://{f'[{host}]' if ':' in host else host}:{port}")
            config = uvicorn.Config(
                create_app(running.witness, close=running.close), log_config=None, access_log=False,
                server_header=False, limit_concurrency=CONNECTIONS_MAX, timeout_graceful_shutdown=5,
            )  # fmt: skip
            uvicorn.Server(config).run([listener])
        finally:
            running.close()


def _policy(path: Path) -> "Policy":
    from ledger.core import policy
    from ledger.errors import MissingEvidence, ProofError

    try:
        return policy.parse(path.read_bytes())
    except OSError as error:
        raise MissingEvidence(f"no policy says which logs to watch: {error}") from error
    except ProofError as error:
        raise ProofError(f"{path}: {error}") from error


def _listening(host: str, port: int) -> socket.socket:
    """An operator's policy names this address, so another port than the one asked for is of no use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        typer.echo(f"lotproof: {host}:{port} cannot be served on: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def _tell(running: "Running", url: str) -> None:
    key = running.witness.key
    typer.echo(f"witness {key.name}{', made just now' if running.is_new else ''}")
    typer.echo(f"vkey    {key}")
    for origin, head in running.witness.cosigned().items():
        how = "replaying" if origin in running.followers else "watching"
        typer.echo(f"log     {how} {origin}, {f'tree of {head.size}' if head else 'nothing cosigned yet'}")
    typer.echo("Send this line to the operator of the log, over a way on which it cannot be exchanged:")
    typer.echo(f"witness {key.name} {key} {url}")
    kept = sum(found.kind in CONCLUSIVE for found in running.file.evidence())
    if kept:
        typer.echo(f"lotproof: {kept} pieces of evidence against a log are kept: --evidence", err=True)


def _show_evidence(folder: Path, *, as_json: bool) -> int:
    from ledger.errors import MissingEvidence
    from ledger.store.witnessed import MEMORY, WitnessFile

    path = folder / MEMORY
    if not path.exists():
        raise MissingEvidence(f"{path} is not there: no witness has run in this folder")
    file = WitnessFile(path)
    try:
        found = file.evidence()
    finally:
        file.close()
    if as_json:
        typer.echo(json.dumps({"evidence": [_to_json(one) for one in found]}, ensure_ascii=False))
    else:
        typer.echo("\n".join(map(_words, found)) or "nothing was refused that had a log's signature")
    return 3 if any(one.kind in CONCLUSIVE for one in found) else 0


def _to_json(found: "Evidence") -> dict[str, object]:
    texts = {"root": found.root.hex(), "body": found.body.decode(), "known": found.known.decode()}
    return asdict(found) | texts


def _words(found: "Evidence") -> str:
    seen_at = datetime.fromtimestamp(found.seen_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    parts = [
        f"{found.kind}  {found.origin}, tree of {found.size}, {seen_at}",
        f"  {WHAT[found.kind]}",
        f"  {found.reason}",
        "  refused:",
        *(f"    {line}" for line in found.body.decode().split("\n")),
        "  cosigned by then:",
        *(f"    {line}" for line in found.known.decode().split("\n")),
    ]
    return "\n".join(parts)
