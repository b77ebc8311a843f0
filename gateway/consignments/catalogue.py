"""A supplier's product catalogue: what customs asks about a GTIN and a packing list never says.

``gtin,name,hs_code,origin,net_g,gross_g,battery,battery_wh,battery_packing,un38_3_summary``
"""

from stdnum import ean

from gateway.consignments.cells import number
from gateway.consignments.consignment import Product
from gateway.consignments.text import clean
from gateway.sheets import MissingHeaders, UnreadableSheet, read_sheet

HEADERS = (
    "gtin",
    "name",
    "hs_code",
    "origin",
    "net_g",
    "gross_g",
    "battery",
    "battery_wh",
    "battery_packing",
    "un38_3_summary",
)


def read_catalogue(data: bytes) -> dict[str, Product]:
    """Read a catalogue in any order of columns, by GTIN. A fact that is absent stays None.

    Raises MissingHeaders; UnreadableSheet for a GTIN that is wrong or stands twice: a catalogue
    is ours to trust for documents, so that one wrong line spoils it.
    """
    rows = read_sheet(data).rows
    found = [clean(cell).lower() for cell in rows[0].cells] if rows else []
    missing = [header for header in HEADERS if header not in found]
    if missing:
        raise MissingHeaders(missing, row=1, found=found)
    products: dict[str, Product] = {}
    for row in rows[1:]:
        facts = {header: clean(cell) for header, cell in zip(found, row.cells, strict=False)}
        if not any(facts.values()):
            continue
        product = _product(facts, row.number)
        if product.gtin in products:
            raise UnreadableSheet(f"catalogue row {row.number}: {product.gtin} stands twice")
        products[product.gtin] = product
    return products


def _product(facts: dict[str, str], row: int) -> Product:
    gtin = facts.get("gtin", "")
    if not ean.is_valid(gtin):
        raise UnreadableSheet(f"catalogue row {row}: {gtin!r} is no GTIN")
    return Product(
        gtin=gtin,
        name=facts.get("name", ""),
        hs_code=facts.get("hs_code") or None,
        origin_country=facts.get("origin") or None,
        net_mass_g=_grams(facts.get("net_g", ""), row),
        gross_mass_g=_grams(facts.get("gross_g", ""), row),
        battery=facts.get("battery") or None,
        battery_wh=facts.get("battery_wh") or None,
        battery_packing=facts.get("battery_packing") or None,
        un38_3_summary=facts.get("un38_3_summary") or None,
    )


def _grams(text: str, row: int) -> int | None:
    if not text:
        return None
    grams = number(text)
    if grams is None or grams <= 0 or grams != int(grams):
        raise UnreadableSheet(f"catalogue row {row}: {text!r} is no mass in whole grams")
    return int(grams)
