"""What the goods of a lot cost elsewhere, who says so and since when."""

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from sqlalchemy import Connection

from gateway.policies import load
from gateway.store.goods import Item
from gateway.store.stated_prices import StatedPrice
from gateway.store.trade import Listing
from gateway.trade.pricing import PROPOSED, STATED_KINDS, Asked, Reference, ReferenceKind
from ledger.core import canonical
from ledger.core.envelope import parse_at
from ledger.core.leaf import Leaf
from ledger.family import line_of
from ledger.store import log

BRAND_MINIMUM = "brand_minimum"  # no reference: the least a brand lets a piece be sold for
SUPPLIERS_WORD = "supplier"  # source of a list price; its day is the declaration's


def asked_by(listing: Listing) -> Asked:
    """The price of a standing offer; of one older than the references, what the band proposes today."""
    if not listing.reference:
        return PROPOSED
    reference = told(listing.reference)
    against = reference.kind if reference is not None and reference.kind in STATED_KINDS else None
    return Asked(listing.pack, listing.unit_price_minor, bool(listing.override_reason), against)


def kept(reference: Reference) -> str:
    """A reference as a listing keeps it, canonical JSON."""
    facts: canonical.JsonValue = {
        "kind": reference.kind,
        "source": reference.source,
        "on": reference.on.isoformat(),
        "currency": reference.currency,
        "total_minor": reference.total_minor,
        "pieces": reference.pieces,
    }
    return canonical.dumps(facts).decode()


def told(text: str) -> Reference | None:
    """What ``kept`` wrote; None of an offer that has none."""
    if not text:
        return None
    facts = json.loads(text)
    return Reference(**{**facts, "on": date.fromisoformat(facts["on"])})


def reference_of(connection: Connection, lot: str, items: Sequence[Item]) -> Reference | None:
    """What the goods cost elsewhere; None where a piece has no such price, or two of different kinds."""
    policy = load.prices()
    kinds: set[ReferenceKind] = set()
    total = pieces = 0
    for item in items:
        listed = item.facts["list_price_minor"]
        each = listed or policy.reference.get(item.facts["model"])
        if not each:
            return None
        kinds.add("list_price" if listed else policy.reference_kind)
        total += each * item.quantity
        pieces += item.quantity
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    source, on = policy.reference_source, policy.reference_checked_on
    if kind != policy.reference_kind:
        source, on = SUPPLIERS_WORD, _declared_on(connection, lot)
    return Reference(kind, source, on, policy.reference_currency, total, pieces)


def reference_against(
    items: Sequence[Item],
    usual: Reference | None,
    stated: Sequence[StatedPrice],
    market: str,
    kind: ReferenceKind | None,
) -> Reference | None:
    """What a price is held against: the reference that the goods came with, or one that somebody stated.

    usual: as of ``reference_of``. kind: None for ``usual``, and where that is missing for a stated price of
    the brand's shop or a list price.
    """
    if kind is None:
        found = (_stated(items, stated, market, one) for one in ("official_site", "list_price"))
        return usual or next((one for one in found if one is not None), None)
    if usual is not None and usual.kind == kind:
        return usual
    return _stated(items, stated, market, kind)


def brand_minimum(
    items: Sequence[Item], stated: Sequence[StatedPrice], market: str, currency: str
) -> Fraction | None:
    """The least that one piece may be sold for, in minor units; None where no brand set one.

    Of several products the dearest minimum holds: the pieces of an offer have one price.
    """
    least: list[Fraction] = []
    for item in items:
        found = _for_item(item, stated, market, BRAND_MINIMUM)
        rate = None if found is None else load.prices().rate(currency, found.currency)
        if found is not None and rate is not None:
            least.append(found.amount_minor * Fraction(rate))
    return max(least, default=None)


def subjects_of(lot: str, items: Sequence[Item]) -> list[str]:
    """What a price may be stated of: the lot, and every model in it."""
    return [lot, *sorted({str(item.facts["model"]) for item in items if item.facts["model"]})]


def _stated(
    items: Sequence[Item], stated: Sequence[StatedPrice], market: str, kind: ReferenceKind
) -> Reference | None:
    """None where it is not stated for every piece, or in two currencies."""
    found = [_for_item(item, stated, market, kind) for item in items]
    told_of = [one for one in found if one is not None]
    if not items or len(told_of) != len(items) or len({one.currency for one in told_of}) != 1:
        return None
    return Reference(
        kind,
        "; ".join(dict.fromkeys(one.source for one in told_of)),
        min(one.stated_on for one in told_of),
        told_of[0].currency,
        sum(one.amount_minor * item.quantity for one, item in zip(told_of, items, strict=True)),
        sum(item.quantity for item in items),
    )


def _for_item(item: Item, stated: Sequence[StatedPrice], market: str, kind: str) -> StatedPrice | None:
    """What is said of the lot before what is said of the model, of this market before of all of them."""
    fitting = [
        one
        for one in stated
        if one.kind == kind
        and one.market in (market, "")
        and (one.subject.startswith("lot:") or one.subject == item.facts["model"])
    ]  # the newest first
    return min(fitting, key=lambda one: (not one.subject.startswith("lot:"), one.market == ""), default=None)


def _declared_on(connection: Connection, lot: str) -> date:
    """The log's day of the record that the lot's history begins with."""
    first = min(chain[0][0] for name, _ in line_of(connection, lot) if (chain := log.chain(connection, name)))
    leaf = log.leaf(connection, first)
    assert leaf is not None  # a chain names it
    return parse_at(Leaf.parse(leaf).recorded_at).date()
