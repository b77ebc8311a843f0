"""Refuse personal data and free text in what everybody will read for ever (log-formats B6).

A leaf cannot be redacted, so this stands before sequencing. It knows forms, not people: whoever writes
a person's name as a model is not found out. Values that have a grammar of their own (hashes, days,
codes) cannot hold any of it and pass.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from ledger.errors import InvalidRecord

CHARACTERS_MAX: Final = 80  # of a name of goods; longer ones are descriptions
WORDS_MAX: Final = 12
HAN_MAX: Final = 40

_MAIL = re.compile(r"[\w.+-]+\s?[@＠]\s?[\w-]+\s?\.\s?\w", re.UNICODE)
_ADDRESS = re.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.\w|\bmailto:")
# Not behind a letter, digit, dot or hyphen: production and part numbers are written that way.
_ALONE = r"(?<![A-Za-z0-9.\-])"
_PHONES = (
    re.compile(_ALONE + r"(?:0?0?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"),  # mobile, China
    re.compile(r"(?<![A-Za-z0-9])\+[1-9](?:[ ().-]{0,2}[0-9]){7,14}(?![0-9])"),  # E.164
    re.compile(_ALONE + r"\(?0[0-9]{1,3}\)?[ -][0-9]{3,4}[ -]?[0-9]{3,5}(?![0-9])"),  # with its area code
    re.compile(
        r"(?i)(?:\b(?:tel|telephone|phone|mobile|call|fax|whatsapp|wechat|zalo|qq)|电话|手机|微信)"
        r"[^0-9]{0,4}[0-9](?:[ -]?[0-9]){6,}"
    ),
)
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx](?![0-9A-Za-z])")
_SENTENCE = re.compile(r"[。！？；]|[.!?;]\s+\S+.*[.!?]\s*$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GRAMMAR = re.compile(r"[0-9a-f]{64}|[0-9]{14}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+:[0-9a-z]{20}")
# Too short for a sentence, with too few digits for a number that reaches or names somebody, and without
# a mark that an address or a sentence needs: ``trouble`` could find nothing in it.
_PART = r"[^0-9@＠.:/。！？；!?;]*"
_HARMLESS = re.compile(rf"(?=.{{0,24}}\Z)(?:{_PART}[0-9]){{0,6}}{_PART}", re.DOTALL)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, ISO 7064 MOD 11-2


def check_public(data: Any, pointer: str = "/data") -> None:
    """Raise InvalidRecord with a pointer to the first text in ``data`` that says more than a name."""
    if isinstance(data, str):
        found = "" if _HARMLESS.fullmatch(data) else trouble(data)
        if found:
            raise InvalidRecord(
                f"{found} would stay public for ever; put it into a committed field, or leave it out",
                pointer=pointer,
            )
    elif isinstance(data, dict):
        _check_members(data.items(), pointer)
    elif isinstance(data, list):
        _check_members(enumerate(data), pointer)


def _check_members(members: Iterable[tuple[str | int, Any]], pointer: str) -> None:
    for place, member in members:
        kind = type(member)
        if kind is int or kind is bool or (kind is str and _HARMLESS.fullmatch(member)):
            continue  # as most are: every new record passes here
        check_public(member, f"{pointer}/{place}")


@lru_cache(maxsize=4096)
def trouble(text: str) -> str:
    """What ``text`` seems to hold that does not belong into a leaf; "" when it is a name like others."""
    if _GRAMMAR.fullmatch(text):
        return ""
    if _MAIL.search(text) or _ADDRESS.search(text):
        return "an e-mail or web address"
    if any(pattern.search(text) for pattern in _PHONES):
        return "a telephone number"
    if any(_is_identity(number) for number in _IDENTITY.findall(text)):
        return "a person's identity number"
    if (
        len(text) > CHARACTERS_MAX
        or len(text.split()) > WORDS_MAX
        or len(_HAN.findall(text)) > HAN_MAX
        or _SENTENCE.search(text)
    ):
        return "free text"
    return ""


def _is_identity(number: str) -> bool:
    """Whether the last character checks the others, as it does for one number in eleven by chance."""
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[-1].upper() == "10X98765432"[total % 11]
