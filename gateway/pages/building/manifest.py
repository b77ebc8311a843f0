"""The goods of an offer row by row, for spreadsheets and programs, followed through their signed rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.offers import Offered
from gateway.pages.building.reading import checking, history_of
from gateway.pages.building.rows import RowBook, contradiction
from gateway.policies import load
from gateway.store.goods import Item
from gateway.trade.pricing import Reference
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import price_for
from gateway.workflows.references import told

IMEI_DIGITS: Final = 15
MODEL_DIGITS: Final = 8  # type allocation code: it names the model, and no single device
MASK: Final = "*"


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """An article, or so many pieces of a style. Texts and whole numbers; None and "" where nobody said.

    number: from 1, in the order of the lot's manifest. identifier: of a single article, masked.
    reference_minor: what one piece costs elsewhere, in the currency of the whole manifest's reference.
    """

    number: int
    brand: str
    model: str
    category: str
    goods: str
    size: str
    colour: str
    storage: str
    composition: str
    grade: str
    condition: str
    label_state: str
    quantity: int
    hs_code: str
    origin_country: str
    net_mass_g: int | None
    gross_mass_g: int | None
    battery_wh: str
    un38_3: str
    gtin: str
    identifier: str
    reference_minor: int | None


COLUMNS: Final = tuple(ManifestRow.__slots__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """net_mass_g, gross_mass_g: of all pieces, None where one is not stated. root: of the signed rows, hex.

    unit_price_minor: of one unit of the offer at its smallest order, agreed with the company that asks.
    """

    listing: str
    lot: str
    root: str
    rows: tuple[ManifestRow, ...]
    pieces: int
    net_mass_g: int | None
    gross_mass_g: int | None
    currency: str
    price_basis: str
    unit_size: int
    unit_price_minor: int
    reference: Reference | None


def manifest_of(installation: Installation, connection: Connection, one: Offered) -> Manifest:
    """Raises NotFound where a row differs from what was signed, as the offer's page does."""
    items, listing = one.judged.items, one.listing
    history = history_of(installation, connection, listing.lot)
    with checking(listing.lot):
        book = RowBook(connection, history)
        if any(contradiction(item, book.trace(item)) for item in items):
            raise NotFound(listing.id)
    reference = told(listing.reference)
    price = price_for(connection, listing, one.company, one.smallest, installation.clock.now())
    signed = one.state.manifest
    return Manifest(
        listing=listing.id,
        lot=listing.lot,
        root=signed.rows_root if signed else "",
        rows=tuple(_row(number, item, reference) for number, item in enumerate(items, start=1)),
        pieces=sum(item.quantity for item in items),
        net_mass_g=_total(items, "net_mass_g"),
        gross_mass_g=_total(items, "gross_mass_g"),
        currency=listing.currency,
        price_basis=listing.basis,
        unit_size=listing.size,
        unit_price_minor=price.unit_price_minor,
        reference=reference,
    )


def as_table(manifest: Manifest) -> list[list[str]]:
    """Header, rows, totals and what the whole is about; texts alone."""
    reference = manifest.reference
    about = [
        ["listing", manifest.listing],
        ["lot", manifest.lot],
        ["rows_root", manifest.root],
        ["unit_price_minor", str(manifest.unit_price_minor)],
        ["currency", manifest.currency],
        ["price_basis", manifest.price_basis],
        ["unit_size", str(manifest.unit_size)],
    ]
    if reference is not None:
        about += [
            ["reference_kind", reference.kind],
            ["reference_source", reference.source],
            ["reference_on", reference.on.isoformat()],
            ["reference_currency", reference.currency],
        ]
    totals = {
        "number": "total",
        "quantity": _text(manifest.pieces),
        "net_mass_g": _text(manifest.net_mass_g),
        "gross_mass_g": _text(manifest.gross_mass_g),
    }
    return [
        list(COLUMNS),
        *([_text(getattr(row, name)) for name in COLUMNS] for row in manifest.rows),
        [totals.get(name, "") for name in COLUMNS],
        [],
        *about,
    ]


def masked(identifier: str) -> str:
    """Of an IMEI what names its model; of any other number nothing but its length."""
    if len(identifier) == IMEI_DIGITS and identifier.isascii() and identifier.isdigit():
        return identifier[:MODEL_DIGITS] + MASK * (IMEI_DIGITS - MODEL_DIGITS)
    return MASK * len(identifier)


def _row(number: int, item: Item, reference: Reference | None) -> ManifestRow:
    facts, attributes = item.facts, item.facts["attributes"]
    return ManifestRow(
        number=number,
        brand=facts["brand"] or "",
        model=facts["model"] or "",
        category=item.category,
        goods=facts["goods"].get("en", ""),
        size=str(attributes.get("size", "")),
        colour=str(attributes.get("colour", "")),
        storage=str(attributes.get("storage", "")),
        composition=str(attributes.get("composition", "")),
        grade=item.grade,
        condition=facts["condition"] or "",
        label_state=facts["label_state"] or "",
        quantity=item.quantity,
        hs_code=facts["hs_code"] or "",
        origin_country=facts["origin_country"] or "",
        net_mass_g=facts["net_mass_g"],
        gross_mass_g=facts["gross_mass_g"],
        battery_wh=facts["battery_wh"] or "",
        un38_3=facts["un38_3"] or "",
        gtin=facts["gtin"] or "",
        identifier=masked(facts["identifier"] or "") if item.serialised else "",
        reference_minor=_reference(item, reference),
    )


def _reference(item: Item, reference: Reference | None) -> int | None:
    """Of the kind that the whole offer was held against; a price of another kind is not mixed in."""
    if reference is None:
        return None
    policy, listed = load.prices(), item.facts["list_price_minor"]
    if reference.kind == "list_price":
        return listed or None
    own: dict[str, Any] = dict(policy.reference) if reference.kind == policy.reference_kind else {}
    return own.get(item.facts["model"])


def _total(items: Sequence[Item], name: str) -> int | None:
    total = 0
    for item in items:
        if item.facts[name] is None:
            return None
        total += item.quantity * item.facts[name]
    return total


def _text(value: str | int | None) -> str:
    return "" if value is None else str(value)
