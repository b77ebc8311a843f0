"""Letters to buyers about shipments and holds: what left, arrived or runs late, what went back and why."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from gateway.i18n import Formatter, translations
from gateway.pages import words
from gateway.store import goods, offer_states, shipments, trade
from gateway.store.trade import Reservation
from gateway.tasks.duties.letter_text import Text
from gateway.tasks.kinds import Letter
from gateway.trade import lateness
from gateway.workflows.late_shipments import OPEN

NAMES_MAX: Final = 3  # products that a letter names


def shipment_text(connection: Connection, told: Letter, language: str, now: datetime) -> Text | None:
    """None of what is not so any more: a delay is told while it is one."""
    id_, _, _week = told.about.partition("@")
    found = shipments.get(connection, id_)
    legs = shipments.legs(connection, id_) if found is not None else []
    if found is None or found.state == "cancelled" or not legs:
        return None
    way = lateness.way(legs, promised_at=found.promised_at, now=now)
    if told.template == "shipment_late" and (found.state not in OPEN or not way.late):
        return None
    formats = Formatter(language)
    lines = shipments.lines(connection, id_)
    orders = [trade.order(connection, line.order_id) for line in lines]
    numbers = dict.fromkeys(order.po_number for order in orders if order is not None)
    facts = {
        "number": found.number,
        "order": ", ".join(numbers),
        "pieces": formats.number(sum(line.quantity for line in lines)),
        "place": legs[-1].destination,
        "expected": formats.moment(way.expected_at),
        "promised": formats.moment(found.promised_at),
    }
    path = f"/shipments/{found.id.partition(':')[2]}"
    return Text(told.template.replace("_", "-"), path, facts)


def hold_text(connection: Connection, about: str, language: str) -> Text | None:
    """None while it stands, or once it became an order."""
    hold = trade.reservation(connection, about)
    if hold is None or hold.state != "released":
        return None
    facts = {
        "goods": _named(connection, hold.lot),
        "pieces": Formatter(language).number(hold.quantity),
        "reason": _why(connection, hold, language),
    }
    return Text("hold-released", "/basket", facts)


def _why(connection: Connection, hold: Reservation, language: str) -> str:
    """What ended the offer; where that still stands, the goods themselves are not there any more."""
    listing = trade.listing(connection, hold.listing)
    ended = listing is not None and listing.status not in ("published", "paused")
    history = offer_states.changes(connection, hold.listing)
    said = history[-1].reason if ended and history else ""
    known = (words.message_id(table, said) for table in ("reasons", "offer_reasons"))
    message = next((one for one in known if one is not None), words.message_id("letters", "goods-gone"))
    assert message is not None
    return translations(language).gettext(message)


def _named(connection: Connection, lot: str) -> str:
    """Brand and model, as the makers write them."""
    items = goods.of_lot(connection, lot)
    names = dict.fromkeys(f"{one.facts['brand'] or ''} {one.facts['model'] or ''}".strip() for one in items)
    shown = [name for name in names if name][:NAMES_MAX]
    return ", ".join(shown) + (" …" if len(names) > NAMES_MAX else "") or lot
