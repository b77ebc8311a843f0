"""The vocabulary of the catalogue: what is searched by, who is shown what, letters about kept searches."""

from typing import Final

FIELDS: Final = {
    "q": "Search",
    "inspection": "Inspected at least",
    "warehouse": "Warehouse",
    "depth": "Stock depth",
    "event": "Sale",
    "hs": "HS code",
    "price_min": "Price from",
    "price_max": "Price up to",
    "qty_min": "Pieces at least",
    "verified_since": "Verified since",
}

FORM_ERRORS: Final = {
    "search-needs-name": "Give the search a name.",
    "searches-full": "No more searches can be kept. Delete one first.",
}

FLASHES: Final = {
    "search-kept": "The search is kept.",
    "search-deleted": "The search is deleted.",
    "search-letters": "Changed: see below whether letters come.",
}

LETTERS: Final = {
    "found-subject": "New in your search “%(name)s”: %(count)s",
    "found-text": "new offers that fit your search “%(name)s”: %(count)s."
    " You get at most one such letter a day.",
    "found-more": "See them, or end these letters:",
}

JOB_KINDS: Final = {"tell_searches": "Tell of new offers in kept searches"}
SCHEDULES: Final = {"searches": "Looks for new offers in kept searches"}

TABLES: Final = {
    "depths": {
        "shallow": "Assortment: many products, few pieces of each",
        "medium": "Larger quantities of few products",
    },
    "shown_for": {
        "tier": "Reserved for companies of your level",
        "audience": "Chosen for your company",
        "allowed": "Offered to a few companies",
    },
    "sorts": {
        "-published_at": "Newest first",
        "price": "Price, lowest first",
        "-price": "Price, highest first",
        "-available": "Most pieces first",
    },
}
