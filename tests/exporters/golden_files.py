"""The text of finished documents as it was last reviewed.

A changed golden file is reviewed like a contract. ``python -m tests.exporters.golden_files`` writes
them anew; read the difference before it is committed.
"""

import textwrap
from pathlib import Path

from exporters.catalogue import RENDERERS
from exporters.dossier import assemble
from tests.exporters import reading, shipments

FOLDER = Path(__file__).parent / "golden"


def read(name: str) -> str:
    return " ".join((FOLDER / f"{name}.txt").read_text().split())


def write() -> None:
    for name in ("vietnam", "nigeria"):
        for renderer in RENDERERS.values():
            text = reading.text(renderer.render(assemble(getattr(shipments, name)())).content)
            lines = textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)
            target = FOLDER / f"{renderer.kind.replace('_', '-')}-{name}.txt"
            target.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
