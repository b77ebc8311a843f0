"""What a letter says, before anybody's language is known."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """name: of the phrases in ``words.LETTERS``. path: below the public URL. facts: what they fill in."""

    name: str
    path: str
    facts: Mapping[str, str]
