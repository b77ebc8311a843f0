"""Scanned or typed text to what it refers to, or to a reason why it refers to nothing of ours.

Scanning has two outcomes and neither is an accident, so both are values.
"""

from collections.abc import Collection
from dataclasses import dataclass

from qrcodes.digital_link import CodeLink, DigitalLink, DocumentLink, Link, expand, parse
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
class KeyReference:
    """Something else that GS1 numbers: a pallet (AI 00), a place (414), an asset (8004)."""

    ai: str
    value: str


@dataclass(frozen=True)
class Unreadable:
    """reason: a stable word: ``empty``, ``foreign-host``, or one of InvalidCode and InvalidLink."""

    reason: str


Reference = CodeReference | DocumentReference | GoodsReference | KeyReference


def scan(text: str, *, bases: Collection[str]) -> Reference | Unreadable:
    """Say what ``text`` refers to.

    bases: the link bases this installation prints (``https://host``). A code under any other host
    is ``foreign-host``: it may be a look-alike, so its code is not even looked up. What a link signs in
    its fragment is for ``signed_link`` to judge.
    """
    stripped = text.strip()
    if not stripped:
        return Unreadable("empty")
    try:
        if "://" not in stripped:
            return CodeReference(read_code(stripped))
        link = _link(stripped.partition("#")[0])
    except (InvalidCode, InvalidLink) as error:
        return Unreadable(error.reason)
    if isinstance(link, DigitalLink):
        return _numbered(link)
    if link.base not in bases:
        return Unreadable("foreign-host")
    return _ours(link)


def _ours(link: CodeLink | DocumentLink) -> Reference:
    if isinstance(link, CodeLink):
        return CodeReference(link.code)
    return DocumentReference(link.code, link.page)


def _link(text: str) -> Link:
    try:
        return parse(text)
    except InvalidLink as error:
        if error.reason == "compressed":
            return expand(text)
        raise


def _numbered(link: DigitalLink) -> Reference:
    ai, value = link.elements[0]
    return GoodsReference(value, link.get("10"), link.get("21")) if ai == "01" else KeyReference(ai, value)
