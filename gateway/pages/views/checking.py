"""The page on which a browser checks a lot's pack itself."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class PinnedKey:
    """A key that the check trusts. name: outside text, as the policy or the register has it."""

    kind: Literal["log", "witness", "label"]
    name: str
    fingerprint: str  # SHA-256 of the 32 bytes, hex: what people compare
    public_key: str  # hex, 64 characters
    registered_at: int | None = None  # entry indexes; None for a key of the policy
    ended_at: int | None = None
    distrust_from: int | None = None


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """``/check``: of a code when it is named, else of a pack that somebody kept."""

    code: str = ""  # 20 characters
    shown_code: str = ""  # grouped as it is printed
    page_href: str = ""  # of the code's own page
    pack_href: str = ""
    proof_href: str = ""
    host: str
    policy: str  # the tlog-policy that the check trusts, its text
    known: tuple[str, ...]  # SHA-256 of the pages and programs that packs carry, hex
    keys: tuple[PinnedKey, ...]
    words: tuple[str, ...]  # slugs of words.CHECK_WORDS: what the script may have to say
    made_at: datetime  # how old a kept page is, its reader sees
