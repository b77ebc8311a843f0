"""A RabbitMQ of our own, from the system's package: its node, data, ports and cookie live in one folder.

It runs as whoever runs the test, answers on loopback only, and dies with the test process. Its port
mapper (epmd) is its own, too: the system's one is neither asked nor left running.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")  # what the package's wrapper starts as another user
STARTING_S = 120
CONFIG = """listeners.tcp.default = 127.0.0.1:{port}
loopback_users = none
log.console = false
log.file.level = warning
disk_free_limit.absolute = 50MB
collect_statistics_interval = 60000
"""

# Reads until the test process is gone, however it went, and then ends this one broker and no other.
WATCH = """
cat > "/dev/null"
[ -e "$1/pid" ] && kill -KILL "-$(cat "$1/pid")"
[ -e "$1/epmd.pid" ] && kill -TERM "$(cat "$1/epmd.pid")"
rm -rf "$1"
"""


class NoBroker(Exception):
    """The system has no RabbitMQ."""


class Broker:
    """Starts on construction; ``stop`` takes its data away, ``halt`` does not."""

    def __init__(self) -> None:
        epmd = shutil.which("epmd")
        if not PROGRAM.exists() or epmd is None:
            raise NoBroker("RabbitMQ is not tested: it is not installed (apt-get install rabbitmq-server)")
        self.folder = Path(tempfile.mkdtemp(prefix="mq"))
        self.port, mapper, distribution = _free_ports(3)
        config = self.folder / "rabbitmq.conf"
        config.write_text(CONFIG.format(port=self.port))
        (self.folder / "plugins").write_text("[].")
        self._environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.folder),  # of the cookie
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"lp{secrets.token_hex(3)}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        }
        self._mapper = subprocess.Popen([epmd, "-port", str(mapper), "-address", "127.0.0.1"])
        (self.folder / "epmd.pid").write_text(str(self._mapper.pid))
        self._watch = subprocess.Popen(
            ["sh", "-c", WATCH, "watch", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._server: subprocess.Popen[bytes] | None = None
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        """Return when it answers on its port."""
        log = (self.folder / "console").open("ab")
        self._server = subprocess.Popen(
            [str(PROGRAM)],
            env=self._environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        (self.folder / "pid").write_text(str(self._server.pid))
        until = time.monotonic() + STARTING_S
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"RabbitMQ did not start: {(self.folder / 'console').read_text()[-2000:]}")
            time.sleep(0.05)

    def halt(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it; with SIGKILL it crashes. Its data stay."""
        if self._server is not None:
            os.killpg(self._server.pid, number)
            self._server.wait()
            self._server = None

    def stop(self) -> None:
        self.halt(signal.SIGKILL)
        self._mapper.terminate()
        self._mapper.wait()
        (self.folder / "pid").unlink(missing_ok=True)
        (self.folder / "epmd.pid").unlink(missing_ok=True)
        self._watch.communicate()  # its input ends: it removes the folder

    def _answers(self) -> bool:
        """It takes connections some moments before it speaks: the header is asked for an answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(probe.recv(1))
        except OSError:
            return False


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
