"""Write down what the gateway's API is, for programs that make clients of it."""

import json
from pathlib import Path
from typing import Annotated

import typer


def openapi(
    out: Annotated[
        Path | None, typer.Option("--out", help="A file to write.", show_default="standard output")
    ] = None,
    programs: Annotated[
        bool, typer.Option("--programs", help="Without the pages: only what programs call.")
    ] = False,
) -> None:
    """Print the OpenAPI 3.1 description that every installation serves at /v1/openapi.json.

    No installation is needed.
    """
    from gateway.app import description
    from gateway.shell.openapi import of_programs

    described = description()
    text = json.dumps(of_programs(described) if programs else described, indent=1, ensure_ascii=False)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
