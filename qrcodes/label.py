"""What a label says, whatever it is printed on.

A label carries its link as a symbol, and in clear text the host (fakes use look-alike hosts), the
grade and the code with its check character, for people without a camera.
"""

from dataclasses import dataclass
from typing import Literal

from qrcodes.digital_link import CodeLink
from qrcodes.serial import printed
from qrcodes.symbol import ARTICLE_LEVEL, CARTON_LEVEL, Level

CodeLevel = Literal["lot", "article", "style", "carton"]  # as `codes.issued` names them

_SYMBOL_LEVELS: dict[CodeLevel, Level] = {
    "article": ARTICLE_LEVEL,
    "style": ARTICLE_LEVEL,
    "lot": CARTON_LEVEL,  # it is fixed to cartons and pallets
    "carton": CARTON_LEVEL,
}


@dataclass(frozen=True)
class Label:
    link: str
    host: str  # with port and path, as a person would type it
    printed_code: str
    symbol_level: Level
    grade: str | None = None  # absent until the lot is graded
    name: str = ""  # of the goods; left out where the label has no room
    hidden: str = ""  # the second code, as printed under a scratch field


def label(
    base: str,
    code: str,
    *,
    level: CodeLevel,
    grade: str | None = None,
    name: str = "",
    hidden: str = "",
    fragment: str = "",
) -> Label:
    """Say what the label for ``code`` shows. base: ``https://host``, without trailing slash.

    hidden: see ``hidden.printed_hidden``. fragment: of a signed link, without ``#``. Raises InvalidLink
    when base or code is not exact.
    """
    link = CodeLink(base, code)
    return Label(
        link=f"{link}#{fragment}" if fragment else str(link),
        host=clear_host(base),
        printed_code=printed(code),
        symbol_level=_SYMBOL_LEVELS[level],
        grade=grade,
        name=name,
        hidden=hidden,
    )


def clear_host(base: str) -> str:
    """The part of a link that says whose it is: ``https://example.com/x`` is ``example.com/x``."""
    return base.partition("://")[2]
