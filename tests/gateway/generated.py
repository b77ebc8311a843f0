"""The client that ``make client`` makes, and what is done through it."""

import importlib
import json
import secrets
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from gateway.app import description
from gateway.people.identity import Identity
from gateway.people.keys import Wanted, make
from gateway.permissions import Role, Scope
from gateway.shell.openapi import of_programs
from gateway.wiring import Installation
from tests.conftest import REPOSITORY

CONFIG = REPOSITORY / "tests" / "openapi_client.yml"
PACKAGE = "lotproof_client"
SCOPES: dict[str, frozenset[Scope]] = {
    "buyer": frozenset({"catalogue:read", "orders:read", "orders:write", "documents:read"}),
    "operator": frozenset({"orders:read", "orders:write", "prices:write", "records:write"}),
}


def generate(folder: Path) -> None:
    """Make the package in ``folder``; a warning of the generator is an error."""
    folder.mkdir()
    (folder / "openapi.json").write_text(json.dumps(of_programs(description())), "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--meta", "none", "--path", "openapi.json", "--output-path", PACKAGE, "--config", str(CONFIG)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def key_of(installation: Installation, role: Role = "buyer", organisation: str = "cmp_vn") -> str:
    person = Identity(principal=f"user:{role}", name="Lan", role=role, organisation=organisation)
    return make(installation, person, Wanted(name="ERP", role=role, scopes=SCOPES[role], lifetime="30-days"))


class Api:
    """The generated functions, called by the names of their operations."""

    def __init__(self, package: ModuleType, client: Any) -> None:
        self.client = client
        self.models = importlib.import_module(f"{PACKAGE}.models")
        self._package = package

    def __call__(self, tag: str, operation: str, *path: str, **options: Any) -> Any:
        """Returns the model of the answer; one that was not 2xx fails with the problem."""
        answer = self.asked(tag, operation, *path, **options)
        assert answer.status_code < 300, answer.content.decode()
        assert answer.parsed is not None
        return answer.parsed

    def body(self, model: str, **members: Any) -> Any:
        """A model of what is sent, from plain values."""
        return getattr(self.models, model).from_dict(members)

    def asked(self, tag: str, operation: str, *path: Any, **options: Any) -> Any:
        """The answer as it came, whatever it says."""
        module = importlib.import_module(f"{PACKAGE}.api.{tag}.{operation}")
        return module.sync_detailed(*path, client=self.client, **options)

    def once(self, tag: str, operation: str, *path: Any, **options: Any) -> Any:
        """As a call, with a key under which it is done once."""
        return self(tag, operation, *path, idempotency_key=once(), **options)


def once() -> str:
    return f'"{secrets.token_hex(8)}"'
