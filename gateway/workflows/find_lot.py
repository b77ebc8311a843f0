"""What somebody at the bench scanned or typed, to the lots that it may mean."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Connection, select

from gateway.store import goods, trade
from gateway.store.goods import ARTICLES
from gateway.store.trade import ORDERS
from gateway.wiring import Installation
from ledger.core.subjects import is_subject_id
from ledger.store import log
from ledger.store.log import SUBJECTS
from qrcodes.scan import CodeReference, DocumentReference, GoodsReference, scan

FOUND_MAX: Final = 20
PREFIX_MIN: Final = 4  # characters of a lot's id that are worth looking up
ID_LENGTH: Final = 20
By = Literal["code", "document", "lot", "article", "order"]


@dataclass(frozen=True, slots=True)
class Found:
    """A lot, and by what it was found. text: identifier, order number or the like."""

    lot: str
    by: By
    text: str


def find_lots(installation: Installation, connection: Connection, text: str) -> list[Found]:
    """Lots that ``text`` may mean, at most FOUND_MAX; a code means exactly one.

    text: a code or link of ours, a GS1 link, a lot's id or its beginning, IMEI, serial number, style, or
    the number of an order.
    """
    typed = " ".join(text.split())
    if not typed:
        return []
    for found in (
        _by_link(installation, connection, typed),
        _by_id(connection, typed.lower().removeprefix("lot:")),
        _by_identifier(connection, typed),
        _by_order(connection, typed),
    ):
        if found:
            return found[:FOUND_MAX]
    return []


def _by_link(installation: Installation, connection: Connection, text: str) -> list[Found]:
    reference = scan(text, bases=[installation.public_url])
    if isinstance(reference, CodeReference):
        link = goods.code(connection, reference.code)
        return [Found(link.lot, "code", reference.code)] if link else []
    if isinstance(reference, DocumentReference):
        document = trade.document(connection, reference.code)
        order = trade.order(connection, document.order_id) if document else None
        return [Found(order.lot, "document", document.number)] if order and document else []
    if isinstance(reference, GoodsReference):
        by_lot = _by_id(connection, reference.lot) if reference.lot else []
        return by_lot or (_by_identifier(connection, reference.serial) if reference.serial else [])
    return []


def _by_id(connection: Connection, text: str) -> list[Found]:
    name = f"lot:{text}"
    if is_subject_id(name):
        return [Found(name, "lot", text)] if log.subject(connection, name) else []
    if not PREFIX_MIN <= len(text) < ID_LENGTH or not text.isalnum() or not text.isascii():
        return []
    statement = select(SUBJECTS.c.subject).where(SUBJECTS.c.subject >= name, SUBJECTS.c.subject < f"{name}~")
    names = connection.execute(statement.order_by(SUBJECTS.c.subject).limit(FOUND_MAX)).scalars()
    return [Found(one, "lot", one.partition(":")[2]) for one in names]


def _by_identifier(connection: Connection, text: str) -> list[Found]:
    statement = select(ARTICLES.c.lot).where(ARTICLES.c.identifier == text).distinct()
    names = connection.execute(statement.order_by(ARTICLES.c.lot).limit(FOUND_MAX)).scalars()
    return [Found(name, "article", text) for name in names]


def _by_order(connection: Connection, text: str) -> list[Found]:
    statement = select(ORDERS.c.lot).where(ORDERS.c.po_number == text).distinct()
    names = connection.execute(statement.order_by(ORDERS.c.lot).limit(FOUND_MAX)).scalars()
    return [Found(name, "order", text) for name in names]
