"""The words of shipments: states, steps, legs, packing, and what does not fit. Slug to message id."""

from typing import Final

from gateway.pages import papers_words

STATES: Final = {
    "planned": "Planned",
    "packed": "Packed",
    "documents_ready": "Documents ready",
    "dispatched": "Sent off",
    "at_border": "At the border",
    "in_transit": "In transit",
    "delivered": "Delivered",
    "lost": "Lost",
    "returned": "Returned",
    "cancelled": "Cancelled",
}

GROUPS: Final = {
    "here": "In the warehouse",
    "under_way": "On the way",
    "done": "Arrived",
    "off": "Lost, returned or cancelled",
    "all": "All shipments",
}

STEPS: Final = {
    "pick": "Pick and pack",
    "documents": "Make the documents",
    "dispatch": "Let it leave",
    "deliver": "It was delivered",
}

STEP_NOTES: Final = {
    "pick": "Pick the goods, fill and weigh the cartons, then sign for the packages.",
    "documents": "Every paper that the goods need is made from the packages, checked, and recorded by its "
    "hash.",
    "dispatch": "The gate is asked once more. A recall, a withdrawn permission or goods that changed since "
    "their inspection stop it here.",
    "deliver": "Say so when the consignee or the carrier has confirmed it.",
}

EVENTS: Final = {
    "planned": "Planned",
    "picked": "Goods picked",
    "picked-all": "Several goods picked at once",
    "put-back": "Goods put back",
    "cartons-filled": "Cartons filled",
    "carton-weighed": "Carton weighed",
    "pallets-stacked": "Cartons stacked on pallets",
    "pallets-cleared": "Cartons taken off the pallets",
    "containers-named": "Containers and seals entered",
    "packed": "Packages signed for",
    "documents-issued": "Documents issued",
    "stopped": "Stopped by the gate",
    "waits-for-signature": "Waits for the holder of the goods to sign",
    "dispatched": "Sent off",
    "leg-changed": "Times of a leg changed",
    "at-border": "At the border",
    "in-transit": "In transit",
    "delivered": "Delivered",
    "lost": "Lost",
    "returned": "Returned",
    "cancelled": "Cancelled",
}

MODES: Final = {"sea": "By sea", "land": "By road", "air": "By air", "rail": "By rail"}

LEG_STATES: Final = {"done": "Done", "now": "Under way now", "next": "Still to come"}

FAULTS: Final = {
    "carton-empty": "Nothing lies in it.",
    "pieces-differ": "Other pieces are packed than were picked.",
    "mass-missing": "Its gross mass is missing.",
    "gross-below-net": "It weighs less than the goods in it.",
    "pallet-unknown": "Its pallet is not there.",
    "carton-on-no-pallet": "It stands on no pallet, the others do.",
    "pallet-empty": "No carton stands on it.",
    "pallet-too-light": "It weighs less than the cartons on it.",
}

FAULT_PLACES: Final = {"cartons": "Carton no.", "pallets": "Pallet no.", "parts": "Pick line"}

PACKAGE_KINDS: Final = {"carton": "Carton no.", "pallet": "Pallet no."}

FORM_ERRORS: Final = {
    "shipment-not-now": "The shipment has moved on; this cannot be done now.",
    "shipment-moved": "Somebody else changed the shipment meanwhile. Please look at it again.",
    "more-than-allocated": "Fewer pieces of the order are left to ship.",
    "orders-differ": "One shipment leaves from one place, for one company, on the same terms.",
    "order-not-shippable": "The order may not be shipped in its present state.",
    "nothing-to-ship": "Choose an order first.",
    "way-does-not-fit": "The times do not fit together: a leg begins after the one before it has ended, "
    "and nothing has happened in the future.",
    "site-without-custody": "By the ledger the goods are not held at that place. Record where they were "
    "moved to, or plan the shipment anew.",
    "not-picked": "Some goods are not picked yet.",
    "packing-faults": "The packages do not add up. What does not is listed below.",
    "nothing-picked": "Pick goods first.",
    "nothing-filled": "Fill the cartons first.",
    "too-many-cartons": "These would be too many cartons for one shipment. Ship it in parts.",
    "carton-unknown": "There is no carton with that number.",
    "part-unknown": "A carton holds goods that are not in this shipment.",
    "gross-below-net": "A carton cannot weigh less than the goods in it.",
    "mass-missing": "Enter what the scale says, in kilograms.",
    "container-number-wrong": "That is no container number: four letters, six digits and a check digit.",
    "container-twice": "A container stands there twice.",
    "code-unreadable": "Nothing was read. Scan the code again, or tap the line.",
    "code-not-in-shipment": "Nothing of this shipment carries that code. Put it back.",
    "picked-already": "That was picked already.",
    "no-key-for-delivery": "No key of this house may sign for a delivery. Register one first.",
    "time-unreadable": "Enter day and time.",
    "documents-incomplete": "Facts are missing for the documents. Add them to the goods, then try again.",
    "gate-stopped": "The gate does not let it leave. Every reason stands below.",
    "shipment-reason-missing": "Say why, in up to 500 characters.",
}

FLASHES: Final = {
    "shipment-planned": "The shipment is planned.",
    "shipment-packed": "The packages are signed for.",
    "shipment-documents": "The documents are issued.",
    "shipment-left": "The shipment has left.",
    "shipment-delivered": "The delivery is recorded.",
    "shipment-cancelled": "The shipment is cancelled; its goods may be shipped otherwise.",
    "shipment-saved": "The shipment was changed.",
    "shipment-waits": "The holder of the goods has to sign now; the statement waits for them.",
}

NAVIGATION: Final = {"shipments": "Shipments"}

ACTIONS: Final = {
    "pack-shipment": "Pack a shipment",
    "unpack-shipment": "Unpack a shipment",
    "issue-shipment": "Issue a document of a shipment",
    "dispatch-shipment": "Let a shipment leave",
}

TABLES: Final = {
    "shipment_states": STATES,
    "shipment_groups": GROUPS,
    "shipment_steps": STEPS,
    "shipment_step_notes": STEP_NOTES,
    "shipment_events": EVENTS | papers_words.EVENTS,
    "leg_modes": MODES,
    "leg_states": LEG_STATES,
    "packing_faults": FAULTS,
    "fault_places": FAULT_PLACES,
    "package_kinds": PACKAGE_KINDS,
}
