"""The vocabulary of the desk of offers: states, reasons, claims and the evidence that they need."""

from typing import Final

REASONS: Final = {"claims-too-much": "Its words claim more than the records prove"}
REMEDIES: Final = {"claims-too-much": "Change its words on the page of the offer, then resume it."}

FORM_ERRORS: Final = {
    "last-day-passed": "This day has passed. Name today or a later day.",
    "claims-too-much": "The words claim more than the records prove: see below which ones.",
    "offer-changed-meanwhile": "Somebody changed the offer meanwhile. Look at it again.",
    "reason-for-change-missing": "Choose why.",
    "words-too-long": "This is too long.",
    "price-needed": "No price band proposes one here. Enter a price.",
    "price-not-a-number": "Enter an amount such as 1299.00.",
    "offer-market-unknown": "Choose a market.",
    "sample-taken": "Your company had its sample of this lot. Order at least the smallest order now.",
    "sample-not-offered": "No sample of this offer is sold. Order at least the smallest order.",
    "sample-too-large": "This is more than a sample.",
}

FLASHES: Final = {
    "offer-moved": "Done. It stands in the offer's history.",
    "offer-worded": "The words are kept.",
    "offer-shown": "From now on it is shown to those whom you chose.",
    "offer-drafted": "The draft is kept. Nobody but you sees it.",
}

NAVIGATION: Final = {"offer-desk": "Offers", "trade-figures": "Sales figures"}

_TEXTS: Final = (
    "Who sees it",
    "Nothing chosen: every approved buyer of the market. Strangers never see a price.",
    "Lowest tier that sees it",
    "Counts where higher tiers alone are chosen above.",
    "Last day of the offer",
    "Nothing entered: until it is sold or withdrawn.",
)

TABLES: Final = {
    "offer_desk_texts": {text: text for text in _TEXTS},
    "offer_states": {
        "draft": "Draft",
        "in_review": "Handed in",
        "published": "On offer",
        "paused": "Paused",
        "sold_out": "Sold out",
        "expired": "Time is over",
        "withdrawn": "Withdrawn",
    },
    "offer_tabs": {
        "ready": "May be offered",
        "blocked": "Blocked",
        "waiting": "Drafts",
        "published": "On offer",
        "paused": "Paused",
        "ended": "Ended",
    },
    "offer_moves": {
        "in_review": "Hand it in",
        "draft": "Send it back",
        "published": "Publish",
        "resumed": "Resume",
        "paused": "Pause",
        "withdrawn": "Withdraw",
    },
    "offer_reasons": {
        "offered": "stated and let through by the gate",
        "drafted": "written down",
        "handed-in": "ready to be looked at",
        "sent-back": "something has to be mended",
        "recorded": "came as a signed record",
        "gate-passed": "the gate let it through",
        "replaced": "a new offer took its place",
        "resumed": "offered again",
        "reworded": "its words were changed",
        "shown-to-others": "shown to others, or for another time",
        "seller_decision": "the seller's decision",
        "price_changed": "the price changed",
        "goods_needed": "the goods are needed elsewhere",
        "stock_count": "the stock is being counted",
        "price_review": "the price is looked at again",
        "question_open": "a question about the goods is open",
        "withdrawn-somewhere": "a record withdrew one of its offers and did not say which",
        "last-day-passed": "its last day has passed",
        "all-sold": "every unit is sold",
        "claims-too-much": "its words claim more than the records prove",
    },
    "offer_hands": {"gate": "the gate", "record": "a record signed elsewhere", "operator": "the house"},
    "visibilities": {
        "public": "Everybody, without its price",
        "members": "Every approved buyer of the market",
        "tier": "Buyers of a higher tier alone",
        "private": "Chosen buyers alone",
    },
    "visibility_notes": {
        "public": "Strangers may see the goods and never a price. "
        "Approved buyers of the market see both and may order.",
        "members": "Approved buyers of the market see it and may order. Nobody else learns that it is there.",
        "tier": "Only buyers of the tier below or a higher one see it. For all others it does not exist.",
        "private": "Only the companies that were chosen one by one see it. For all others it does not exist.",
    },
    "exposure_reasons": {
        "everybody": "seen by every buyer of the market",
        "allowed": "one of the companies that may see it",
        "tier": "its tier is high enough",
        "audience": "chosen for this offer",
    },
    "fix_pages": {
        "articles": "Look at its articles",
        "private": "Look at its private facts",
        "records": "Look at its records",
        "stock": "Look at the supplier's stock",
        "references": "State a reference price",
        "permission": "Look at the permission",
    },
    "projected": {
        "brand": "Brand",
        "grade": "Grade",
        "score": "Score",
        "inspection": "How well it was looked at",
        "condition": "Condition",
        "repaired": "Repaired",
        "battery": "Battery replaced",
        "label": "Brand label",
    },
    "recorded": {
        "yes": "yes, a record says so",
        "none-recorded": "no record says so",
        "not-looked-at": "nobody has looked yet",
    },
    "claims": {
        "brand-new": "that the goods are new",
        "like-new": "that they look like new",
        "unopened": "that nobody opened them",
        "genuine": "that they come from the brand",
        "original-battery": "that the battery is the first one",
        "never-repaired": "that they were never repaired",
        "refurbished-by-maker": "that the maker repaired them",
        "warranty": "that somebody answers for them",
        "inspected-one-by-one": "that every unit was looked at",
        "label-intact": "that the labels are intact",
        "data-wiped": "that the data were wiped",
        "certified": "that an authority certified them",
    },
    "claim_needs": {
        "new": "they are not recorded as new and untouched",
        "unopened": "they are not recorded as new with their label intact",
        "grade-a": "their grade is not A",
        "never-repaired": "a repair is recorded",
        "original-battery": "no inspection of every unit shows it",
        "permitted": "no permission of the brand is recorded",
        "inspected-all": "not every unit was looked at",
        "label-intact": "the label is not recorded as intact",
        "wiped": "no wipe of every unit is recorded",
        "never": "no record can prove it",
    },
    "stock_ages": {
        "month": "up to 30 days",
        "two-months": "31 to 60 days",
        "quarter": "61 to 90 days",
        "half-year": "91 to 180 days",
        "older": "more than 180 days",
        "unknown": "not known",
    },
    "said_fields": {"title": "Title", "text": "Description"},
}
