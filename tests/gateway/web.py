"""A told installation and a browser without a network: requests go straight into the application."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import httpx

from gateway.app import create_app
from gateway.people.printed_logins import issue_login
from gateway.shell.rates import Rates
from gateway.wiring import Installation

BASE = "http://127.0.0.1:8000"
TRIGGERS = ("entries_never_update", "entries_never_delete", "chain_never_update", "chain_never_delete")


class Caller:
    """Keeps cookies from one request to the next, as a browser does; follows no redirect."""

    def __init__(self, installation: Installation, *, base: str = BASE) -> None:
        self.installation = installation
        self.app = create_app(installation)
        self.app.state.rates = Rates(0)  # tests ask quicker than people; those of the rates bring their own
        self.cookies = httpx.Cookies()
        self._base = base

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self._base, cookies=self.cookies
            ) as client:
                response = await client.request(method, path, **options)
                self.cookies = client.cookies
                return response

        return anyio.run(send)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def signed_in(self, role: Any, company: str | None = None) -> "Caller":
        answer = self.post(issue_login(self.installation, role, company))
        assert answer.status_code == 303, answer.text
        return self

    @property
    def token(self) -> str:
        """The token in this session's forms."""
        return find(r'name="csrf_token" value="(\w+)"', self.get("/auditor").text)

    def send(self, path: str, **fields: str) -> httpx.Response:
        """Post a form of this session."""
        return self.post(path, data={"csrf_token": self.token, **fields})


def find(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in the page"
    return match[1]


def heading(response: httpx.Response) -> str:
    return find(r"<h1>(.*?)</h1>", response.text)


def errors(response: httpx.Response) -> list[str]:
    return re.findall(r'class="error"[^>]*>(?:<svg.*?</svg>)?(.*?)<', response.text)


def ask(home: Path, statement: str, *values: Any) -> Any:
    """The first column of the first row."""
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        row = database.execute(statement, values).fetchone()
    assert row is not None, statement
    return row[0]


def tamper(home: Path, statement: str, *values: Any) -> None:
    """What somebody with the file in hand can do: the triggers go first."""
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        for trigger in TRIGGERS:
            database.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        assert database.execute(statement, values).rowcount > 0
        database.commit()


def repaired_code(home: Path) -> str:
    """A phone with a new battery."""
    return ask(
        home,
        "SELECT code FROM code_links JOIN articles ON articles.id = code_links.article "
        "WHERE facts LIKE '%battery_replaced%' ORDER BY code",
    )


def lot_of(home: Path, code: str) -> str:
    return ask(home, "SELECT lot FROM code_links WHERE code = ?", code)


def entry_of(home: Path, lot: str, type_: str) -> int:
    """The last entry of a type in a lot's own chain or its parent's."""
    return ask(
        home,
        "SELECT entries.idx FROM entries JOIN chain ON chain.idx = entries.idx WHERE entries.type = ? AND "
        "chain.subject IN (?, (SELECT json_extract(state, '$.parent') FROM subjects WHERE subject = ?)) "
        "ORDER BY entries.idx DESC",
        type_,
        lot,
        lot,
    )
