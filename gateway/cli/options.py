"""Options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from gateway.settings import Settings

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the installation.", show_default="LOTPROOF_HOME or ./demo"),
]
LogFormat = Annotated[
    Literal["auto", "json", "console"] | None,
    typer.Option(
        "--log-format",
        help="Logs: JSON lines, or coloured words.",
        show_default="words in a terminal, else JSON",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def settings(home: Path | None = None, **changes: object) -> Settings:
    """Settings from the environment, with what the command line says over them."""
    update: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if home is not None:
        update["home"] = home
    return Settings(**update)
