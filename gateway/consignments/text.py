"""How text of a sheet is compared and cleaned: suppliers mix widths, spaces and spellings."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """Normalise to NFKC (``１２`` to ``12``), drop invisible characters, and collapse white space."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _SPACES.sub(" ", visible).strip()


def fold(text: str) -> str:
    """Reduce a word to what is compared: cleaned, without case."""
    return clean(text).casefold()


def header_key(text: str) -> str:
    """Reduce a header to what is compared: folded, without any space."""
    return fold(text).replace(" ", "")
