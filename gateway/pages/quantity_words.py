"""The vocabulary of quantities: lots joined, moved, lost, returned, called back, and how units end."""

from typing import Final

RECORD_TYPES: Final = {
    "lot.recounted": "Counted again",
    "lot.bundled": "Put together into a bundle",
    "lot.moved": "Moved to another site",
    "lot.found": "Found again",
    "lot.destroyed": "Destroyed",
    "lot.unpacked": "Unpacked again",
    "lot.disposed": "Left by another way than an offer",
    "lot.classified": "Marked as touching safety",
    "lot.released": "Recall ended",
}

ROLES: Final = {
    "witness": "Witness",
    "owner": "Owner of the goods",
    "authority": "Who may recall",
}

FIELDS: Final = {
    "parents": "Lots put together",
    "child": "Lot that came of it",
    "from_site": "From site",
    "to_site": "To site",
    "method": "How it was destroyed",
    "waybill": "Waybill",
    "place": "Place",
    "contractor": "Who destroyed it",
    "recipient": "Who took it",
    "safety": "What safety it touches",
    "recall_contact": "Whom to call in a recall",
    "notice": "Hash of the recall notice",
}

SURPLUS_CAUSES: Final = {"several": "Several causes, as the goods of a bundle have"}

REASONS: Final = {
    "missing": "Missing",
    "stolen": "Stolen",
    "damaged": "Damaged",
    "brand_request": "The brand asked for it",
    "unsafe": "Unsafe",
    "unsellable": "Cannot be sold",
    "recalled": "Recalled",
    "authority_order": "Ordered by an authority",
    "cancelled": "Order cancelled before it left",
    "refused": "Refused by the buyer",
    "not_as_described": "Not as described",
    "other": "Another reason",
    "safety": "A danger to people",
    "counterfeit": "Said to be counterfeit",
    "legal": "May not be sold",
    "quality": "A fault in quality",
    "unfounded": "There was nothing to it",
    "remedied": "The fault is mended",
}

GATE_REASONS: Final = {
    "safety-unclassified": "Goods that touch safety, and nobody said whom to call",
    "lot-gone": "The goods of this lot are not here any more",
}

REMEDIES: Final = {
    "safety-unclassified": "Name the safety class and whom to call in a recall.",
    "lot-gone": "Withdraw the offer. Goods that were lost are offered again once they are found.",
}

TABLES: Final = {
    "exits": {
        "destroyed": "Destroyed",
        "divided": "Divided into other lots",
        "donation": "Given away",
        "lost": "Lost",
        "merged": "Put together with other lots",
        "public_discount": "Sold off in public",
        "returned_to_owner": "Returned to its owner",
        "staff_sale": "Sold to staff",
        "third_party_clearance": "Sold to a clearance company",
    },
    "destruction_methods": {
        "shredded": "Shredded",
        "incinerated": "Burnt",
        "dismantled": "Taken apart",
        "recycled": "Recycled",
        "landfilled": "Put into a landfill",
    },
    "safety_classes": {
        "children": "Goods for children",
        "electrical": "Electrical safety",
        "fire": "Fire safety",
        "food_contact": "Contact with food",
        "pressure": "Under pressure",
        "protective": "Protective equipment",
    },
}
