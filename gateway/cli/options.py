"""Options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.settings import Settings

Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of the installation.", show_default="LOTPROOF_HOME or ./demo"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def settings(home: Path | None = None, **changes: object) -> Settings:
    """Settings from the environment, with what the command line says over them."""
    update: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    if home is not None:
        update["home"] = home
    return Settings(**update)
