"""Witnesses behind loopback sockets: real ones, which can be told to misbehave."""

import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy, parse
from ledger.ports import Clock, ObjectStore
from ledger.publish import Publisher
from ledger.quorum import Quorum
from ledger.store.witnessed import WitnessFile
from ledger.witness import Witness
from tests.ledger.fakes import MemoryClock, MemoryObjectStore, MemorySigner
from tests.ledger.world import LOG_KEY, ORIGIN, World

LOG = VerifierKey(ORIGIN, LOG_KEY.public_key)
Mood = Callable[[str, bytes], tuple[int, bytes] | None]  # path and body -> status and body; None: be honest


class LoopbackWitness:
    """One witness of the test log. name: in the policy; its key is ``<name>.example``."""

    def __init__(
        self, folder: Path, name: str, *, clock: Clock | None = None, log: VerifierKey = LOG
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.name = name
        self.file = WitnessFile(folder / f"{name}.db")
        watched = parse(f"log {log}\nquorum none\n".encode())
        self.clock = clock or MemoryClock()
        self.witness = Witness(
            self.file, watched, name=f"{name}.example", signer=MemorySigner(name), clock=self.clock
        )
        self.mood: Mood = lambda _path, _body: None
        self.asked: list[bytes] = []  # bodies of add-checkpoint
        self._server = self._started(0)
        self.port = self._server.server_address[1]

    @property
    def vkey(self) -> str:
        return str(self.witness.key)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def line(self) -> str:
        return f"witness {self.name} {self.vkey} {self.url}\n"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def start(self) -> None:
        """Come back under the old address."""
        self._server = self._started(self.port)

    def close(self) -> None:
        self.stop()
        self.file.close()

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        """What it says when it is honest."""
        if path == "/add-checkpoint":
            said = self.witness.add_checkpoint(body)
            return said.status, said.body.encode()
        shown = self.witness.checkpoint(path.removeprefix("/").removesuffix("/checkpoint"))
        return (404, b"none\n") if shown is None else (200, shown)

    def _started(self, port: int) -> ThreadingHTTPServer:
        witness = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(witness.mood(self.path, b"") or witness.answer(self.path, b""))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                witness.asked.append(body)
                self._say(witness.mood(self.path, body) or witness.answer(self.path, body))

            def _say(self, said: tuple[int, bytes]) -> None:
                try:
                    self.send_response(said[0])
                    self.send_header("Content-Length", str(len(said[1])))
                    self.end_headers()
                    self.wfile.write(said[1])
                except OSError:
                    return  # the client hung up first, as it should on a slow one

            def log_message(self, *_: object) -> None:
                return

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


def policy_text(witnesses: Sequence[LoopbackWitness], quorum: str) -> str:
    """quorum: the lines after the witnesses."""
    return f"log {LOG}\n" + "".join(witness.line for witness in witnesses) + f"{quorum}\n"


def publisher_under(
    world: World, policy: str, *, beside: ObjectStore | None = None, wall_clock: Clock | None = None
) -> Publisher:
    """The world's publisher under a publication policy."""
    parsed: Policy = parse(policy.encode())
    quorum = Quorum(
        parsed, world.database, world.writer, world.objects, wall_clock=wall_clock or MemoryClock()
    )
    return Publisher(
        world.database,
        world.writer,
        world.objects,
        log_signer=world.log_signer,
        heads_signer=world.heads_signer,
        clock=world.clock,
        beside=MemoryObjectStore() if beside is None else beside,
        quorum=quorum,
    )
