"""How text of a sheet is compared and cleaned: suppliers mix widths, spaces and spellings."""

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_LOOSE = re.compile(r"[\s.,:;?!_'’–—-]+")
_BETWEEN = re.compile(r"\w\s*\*\s*\w")  # L*W*H; a star at the end marks what has to be filled in


@lru_cache(maxsize=8_192)  # a sheet says the same few words in every row
def clean(text: str) -> str:
    """Normalise to NFKC (``１２`` to ``12``), drop invisible characters, and collapse white space."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return _SPACES.sub(" ", visible).strip()


@lru_cache(maxsize=8_192)
def fold(text: str) -> str:
    """Reduce a word to what is compared: cleaned, without case."""
    return clean(text).casefold()


def header_key(text: str) -> str:
    """Reduce a header to what is compared: folded, without any space."""
    return fold(text).replace(" ", "")


def loose_key(text: str) -> str:
    """Reduce a header further, to what is looked up among those known: without dots, dashes, stars."""
    return _LOOSE.sub("", fold(text).replace("×", "x").replace("*", "x" if _BETWEEN.search(text) else ""))
