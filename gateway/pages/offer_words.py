"""The vocabulary of offers: channels, units that goods are priced by, references, and what does not fit."""

from typing import Final

SALES_CHANNELS: Final = {
    "live_stream": "Live stream",
    "clearance_marketplace": "Clearance marketplace",
    "discount_chain": "Discount chain",
    "market_trader": "Market traders",
    "enterprise": "Enterprises, for their own use",
    "direct_export": "Direct supply across the border",
    "staff_sale": "Sale to staff",
}

REASONS: Final = {
    "reference-missing": "There is no one reference price for all of its pieces",
    "channel-without-band": "No price band lets this grade into this channel",
}

REMEDIES: Final = {
    "reference-missing": "Have a list price declared, or add the models to the reference prices.",
    "channel-without-band": "Choose another channel or another unit, or add a price band for them.",
}

FORM_ERRORS: Final = {
    "not-a-multiple": "Orders of this lot come in the steps that are shown here.",
    "mass-not-a-number": "Enter kilograms with a point before the decimals, for example 12.5.",
    "wrong-unit": "The offer is priced by another unit now. Please look at it again.",
    "price-out-of-band": "The price is outside its band. Enter one within it, or say why.",
    "price-not-divisible": "One piece then has no price that can be written out. Take one that divides.",
    "unit-not-stated": "How many pieces such a unit has is not stated for the whole lot.",
    "moq-too-small": "Fewer than the usual smallest order are allowed only together with other lots.",
    "not-whole-cartons": "A carton is not divided: enter whole cartons, in pieces.",
    "other-currency": "Enter the price in the currency of the market.",
    "below-order-minimum": "The order does not reach its minimum yet. Order more lots together.",
}

_TEXTS: Final = (
    "Kept with the offer. Leave it empty for a price within the band.",
    "Kind of reference",
    "In multiples of, in pieces",
    "May be ordered together with other lots",
    "Nothing chosen: by the piece.",
    "Nothing chosen: the usual one of the market.",
    "Of one such unit. Nothing entered: what the price band proposes.",
    "Price",
    "Priced by",
    "Reference price",
    "Sales channel",
    "Smallest order, in pieces",
    "Then a small order of this lot is enough, if all lots of the order reach the minimum.",
    "Why the price lies outside its band",
)

TABLES: Final = {
    "price_units": {
        "piece": "a piece",
        "kg": "a kilogram",
        "carton": "a carton",
        "lot": "for the whole lot",
    },
    "price_bases": {
        "piece": "The piece",
        "kg": "Weight, in kilograms",
        "carton": "The carton",
        "lot": "The whole lot",
    },
    "reference_kinds": {
        "official_site": "Price in the brand's own shop",
        "list_price": "List price",
        "marketplace": "Price on a marketplace",
        "local_new": "Local price of new goods",
    },
    "reference_sources": {
        "official_shops": "looked up in the brands' own shops",
        "supplier": "declared by the supplier",
    },
    "offer_texts": {text: text for text in _TEXTS},
}
