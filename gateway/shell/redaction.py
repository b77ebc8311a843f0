"""What never reaches a log: secrets by the name they stand under or by their form, and control characters."""

import re
from collections.abc import Mapping
from typing import Any, Final

REDACTED: Final = "[redacted]"
DEPTH_MAX: Final = 6

_NAMES = re.compile(
    r"authorization|cookie|password|passwd|passphrase|secret|token|csrf|api_?key|recovery_code|totp",
    re.IGNORECASE,
)
_FORMS = re.compile(
    r"(?P<kept>\b(?:bearer|basic)\s+|\blp_[a-z0-9]{8}_|/login/|/invitations?/"
    r"|\b(?:password|passphrase|secret|token|csrf_token)[\"']?\s*[=:]\s*[\"']?"
    r"|://[^/\s:@]*:)"
    r"[^\s\"'&@,;]+",
    re.IGNORECASE,
)


def redact(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: the event without secrets, every text of it on one printable line."""
    return {name: _clean(name, value, 0) for name, value in event.items() if not name.startswith("_")} | {
        name: value for name, value in event.items() if name.startswith("_")
    }


def scrub(text: str) -> str:
    """Without what looks like a secret, and with control and direction characters escaped."""
    text = _FORMS.sub(lambda found: found["kept"] + REDACTED, text)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _clean(name: str, value: Any, depth: int) -> Any:
    if _NAMES.search(name):
        return REDACTED
    if isinstance(value, str):
        return scrub(value)
    if depth > DEPTH_MAX:
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", member, depth + 1) for member in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub(repr(value))
