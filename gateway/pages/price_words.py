"""The vocabulary of price lists, prices elsewhere, sale events, and of who sees which offer."""

from typing import Final

REASONS: Final = {"below-brand-minimum": "The price is below the brand's minimum"}

REMEDIES: Final = {
    "below-brand-minimum": "Raise the price, or have the brand state another minimum with its source."
}

FORM_ERRORS: Final = {
    "holder-unknown": "Choose for whom the list is: a company, a tier from 1 to 9, or a market.",
    "dates-reversed": "It ends before it begins.",
    "priority-unreadable": "Enter a whole number from 0 to 1,000.",
    "amount-unreadable": "Enter an amount with a point before the decimals, and no more of them than the "
    "currency has.",
    "listing-not-priced": "No standing offer of this list's market and currency is meant.",
    "dearer-for-more": "More pieces would cost more a piece than fewer. Look at the other steps of this "
    "offer.",
    "below-brand-minimum": "The brand does not let a piece be sold for so little.",
    "price-without-reference": "There is no such reference price for all pieces, or no band for it. "
    "State one, or choose another.",
    "price-list-closed": "The list is closed.",
    "price-sheet-unreadable": "The first row of the sheet has to name listing, min_qty and price.",
    "lot-unknown": "No lot has this id.",
    "market-needed": "Choose the market that the price was seen in.",
    "moment-unreadable": "Enter a day and an hour.",
    "hours-unreadable": "Enter a whole number of hours.",
    "sale-too-long": "An event lasts a month at most.",
    "sale-over": "It would be over already.",
    "too-many-sales": "Too many events are planned or open. End one first.",
    "sale-closed": "The event is over.",
    "sale-not-open": "The event has not begun yet.",
    "sale-still-open": "Goods move into the pool once the event is over.",
    "listing-not-standing": "This offer does not stand any more.",
    "in-another-sale": "The offer is in another event that is not over.",
    "why-missing": "Say why.",
    "tier-unknown": "Enter a tier from 1 to 9.",
    "company-unfit": "Choose an approved company of the offer's market.",
    "listing-not-private": "Only a standing offer for chosen companies is pushed.",
}

FLASHES: Final = {
    "price-list-made": "The list was made. Enter its prices below.",
    "price-list-closed": "The list was closed.",
    "price-entered": "The price was entered.",
    "price-removed": "The price was taken out.",
    "reference-stated": "The price was stated.",
    "reference-withdrawn": "The price was withdrawn.",
    "sale-planned": "The event was planned. Put offers into it below.",
    "sale-add": "The offer was put into the event.",
    "sale-remove": "The offer was taken out of the event.",
    "sale-close": "The event was closed.",
    "sale-cancel": "The event was cancelled.",
    "sale-pool": "What was left is in the pool now.",
    "audience-changed": "Who may see the offer was changed.",
    "audience-pushed": "Companies were chosen.",
}

NAVIGATION: Final = {"prices": "Prices", "events": "Sale events"}

JOB_KINDS: Final = {"push_offers": "Show private offers to more companies"}

SCHEDULES: Final = {
    "sales": "Sale events begin and end",
    "pushes": "Private offers are shown to more companies",
}

REFERENCE_KINDS: Final = {"brand_minimum": "The brand's minimum price"}

TABLES: Final = {
    "holder_kinds": {
        "company": "One company",
        "tier": "A tier of companies and those above",
        "market": "Everybody in a market",
    },
    "price_list_states": {
        "standing": "In force",
        "later": "Not in force yet",
        "over": "Run out",
        "closed": "Closed",
    },
    "sale_states": {
        "planned": "Planned",
        "open": "Open now",
        "closed": "Over",
        "cancelled": "Cancelled",
    },
    "offer_audiences": {
        "public": "Anybody may see the goods",
        "members": "Every approved company of the market",
        "tier": "The long-term pool",
        "private": "Chosen companies alone",
    },
    "offer_audience_notes": {
        "public": "Without the price. Approved companies of the market see it with the price, too.",
        "members": "Nobody else learns of it.",
        "tier": "Approved companies of the market from a tier on.",
        "private": "Those that their own orders speak for, and those that you add.",
    },
    "audience_events": {
        "visible-public": "Anybody may see the goods",
        "visible-members": "For every approved company of the market",
        "visible-tier": "Into the long-term pool, from tier",
        "visible-private": "For chosen companies alone",
        "company-added": "Company added",
        "company-removed": "Company removed",
    },
    "match_parts": {
        "category": "Buys such goods",
        "brand": "Bought this brand before",
        "grade": "Bought this grade",
        "price": "Usual price of a piece",
        "freight": "Freight",
        "ageing": "The goods are getting old",
    },
    "match_facts": {
        "category": "pieces of this category",
        "brand": "pieces of this brand",
        "grade": "orders of this very grade",
        "price": "paid on average",
        "freight": "per cent of the price",
        "ageing": "days since they came in",
    },
    "shown_because": {
        "tier": "Its tier",
        "audience": "It was chosen",
        "allowed": "It is on the list of the offer",
        "everybody": "Everybody in the market sees it",
    },
}
