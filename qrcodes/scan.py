"""Scanned or typed text to what it refers to, or to a reason why it refers to nothing of ours.

Scanning has two outcomes and neither is an accident, so both are values.
"""

from collections.abc import Collection
from dataclasses import dataclass

from qrcodes.digital_link import CodeLink, DigitalLink, DocumentLink, parse
from qrcodes.errors import InvalidCode, InvalidLink
from qrcodes.serial import read_code


@dataclass(frozen=True)
class CodeReference:
    """A code on goods, 20 characters; whether it was ever issued is for the ledger to say."""

    code: str


@dataclass(frozen=True)
class DocumentReference:
    """A page of a printed document."""

    code: str
    page: int


@dataclass(frozen=True)
class GoodsReference:
    """A trade item by its GTIN-14, on whatever host its maker printed it."""

    gtin: str
    lot: str | None
    serial: str | None


@dataclass(frozen=True)
class Unreadable:
    """reason: a stable word: ``empty``, ``foreign-host``, or one of InvalidCode and InvalidLink."""

    reason: str


Reference = CodeReference | DocumentReference | GoodsReference


def scan(text: str, *, bases: Collection[str]) -> Reference | Unreadable:
    """Say what ``text`` refers to.

    bases: the link bases this installation prints (``https://host``). A code under any other host
    is ``foreign-host``: it may be a look-alike, so its code is not even looked up.
    """
    stripped = text.strip()
    if not stripped:
        return Unreadable("empty")
    try:
        if "://" not in stripped:
            return CodeReference(read_code(stripped))
        link = parse(stripped)
    except (InvalidCode, InvalidLink) as error:
        return Unreadable(error.reason)
    if isinstance(link, DigitalLink):
        return GoodsReference(_gtin(link), link.get("10"), link.get("21"))
    if link.base not in bases:
        return Unreadable("foreign-host")
    return _ours(link)


def _ours(link: CodeLink | DocumentLink) -> Reference:
    if isinstance(link, CodeLink):
        return CodeReference(link.code)
    return DocumentReference(link.code, link.page)


def _gtin(link: DigitalLink) -> str:
    return link.elements[0][1]
