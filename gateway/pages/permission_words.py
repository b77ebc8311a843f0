"""The vocabulary of permission and purchase: its records, why the gate refuses, and what mends it."""

from typing import Final

RECORD_TYPES: Final = {
    "authorization.narrowed": "Permission to sell narrowed",
    "brand.consented": "The brand consents to the sale",
    "title.transferred": "Title passed to the buyer",
    "consignment.ended": "End of a consignment",
    "freight.billed": "Freight of a day's deliveries",
    "dispute.settled": "Complaint decided",
}

ROLES: Final = {"consignor": "Consignor"}

FIELDS: Final = {
    "depth_max": "Links allowed",
    "window_start": "First day of the sale",
    "consigned_until": "On consignment until",
    "agent": "Selling agent",
    "no_co_bundling": "Never in a bundle with other brands",
    "registration_scheme": "Company register",
    "supplier_type": "Kind of supplier",
    "transferor": "Held title so far",
    "transferee": "Holds title now",
    "outcome": "Outcome",
    "until": "Until",
    "received_on": "Received on",
    "cause": "Cause",
    "cause_evidence": "Evidence of the cause",
    "fee_base": "Fee is taken of",
    "channels": "Sales channels",
    "unsold": "Unsold units",
    "freight": "Freight",
}

NEEDED: Final = {
    "consignment.ended:unsold": "The balance of the consignment rests on this number, so it cannot be "
    "erased. It names nobody.",
}

REASONS: Final = {
    "authorization-broken": "The chain of permissions does not lead from the brand to the supplier",
    "authorization-wrong-grantee": "The permission was granted to somebody else",
    "authorization-exhausted": "The quantity that the brand permitted is sold",
    "supplier-unregistered": "The supplier has no valid registration number",
    "brand-release-missing": "The brand has not released its cancelled order",
    "full-inspection-required": "Goods of this supplier need every article inspected",
    "direct-not-inspected": "Nobody but its supplier has inspected these goods",
    "not-in-warehouse": "The goods were not in the warehouse before the sale starts",
    "consignment-ended": "The consignment has ended",
}

# Why a permission or a key was taken back.
REVOKED: Final = {
    "breach": "A breach of what was agreed",
    "expired": "It has run out",
    "superseded": "Replaced by another",
    "withdrawn": "Taken back",
    "compromised": "Somebody else has the key",
    "left": "Its holder has left",
    "lost": "The key is lost",
}

# What a person can do about a refusal of the gate, by the reason's slug.
REMEDIES: Final = {
    "not-verified": "Wait for the next published checkpoint, or run an audit.",
    "chain-broken": "Run an audit: it names the record that differs.",
    "not-inspected": "Assign an inspection of every article.",
    "inspection-stale": "Have the lot inspected again.",
    "needs-reinspection": "Have the lot inspected by somebody who did not repair it.",
    "ungraded": "Take the missing measurement and record a new inspection.",
    "grade-not-sellable": "Have the goods repaired and graded again, or choose another way out.",
    "over-age": "Choose another way out: these goods are never offered.",
    "authorization-missing": "Ask the brand, or who may pass its permission on, for a grant.",
    "authorization-expired": "Ask the grantor for a new grant, and declare the goods under it.",
    "authorization-revoked": "Ask the grantor for a new grant, and declare the goods under it.",
    "authorization-broken": "Declare the goods under a chain that begins with their own brand.",
    "authorization-wrong-grantee": "Ask the grantor for a grant to the supplier itself.",
    "authorization-exhausted": "Ask the grantor for a grant over more units.",
    "authorization-scope": "Ask the grantor for a grant that covers this brand and category.",
    "authorization-too-deep": "Ask the brand or its own agent for a grant to the supplier.",
    "authorization-unreadable": "Restore the erased limits of the grant from a backup, or ask for a new one.",
    "territory-excluded": "Offer the lot in another market, or ask the grantor to include this one.",
    "channel-excluded": "Sell through another channel, or ask the grantor to include this one.",
    "label-cut-not-licensed": "Ask the grantor for a grant that allows cut labels.",
    "import-ban": "Offer the lot in another market.",
    "customs-data-missing": "Complete the customs data of every article.",
    "un38-3-missing": "Ask the maker for the battery test summary.",
    "price-out-of-band": "Correct the price, or the reference that it is compared with.",
    "no-stock": "Wait for reserved units to come back, or for a new delivery.",
    "recalled": "Wait until whoever recalled the goods releases them.",
    "title-not-held": "Buy the goods, or have their owner name the seller as its agent.",
    "unit-codes-missing": "Issue a code for every article.",
    "inspected-by-seller": "Have the lot inspected by another party.",
    "record-distrusted": "Have the work repeated and signed with a good key.",
    "goods-not-sellable": "Choose another way out: goods of this kind are not taken.",
    "market-unknown": "Add the market to the policy.",
    "details-erased": "Have the articles recorded anew.",
    "market-closed": "Wait until the market is open.",
    "supplier-unregistered": "Ask the supplier for its registration number and have a registrar check it.",
    "brand-release-missing": "Ask the brand to sign its consent to this lot.",
    "full-inspection-required": "Assign an inspection of every article.",
    "direct-not-inspected": "Assign an inspection to another party than the supplier.",
    "not-in-warehouse": "Receive the goods, or begin the sale on a later day.",
    "consignment-ended": "Agree with the owner: extend, return or buy the unsold units.",
}

OUTCOMES: Final = {
    "returned": "Back to the owner",
    "extended": "Extended",
    "bought-out": "Bought by the keeper",
    "upheld": "The buyer was right",
    "rejected": "The buyer was wrong",
}

# Why goods were left over, and what a buyer complained of: a member "cause" says one of both.
CAUSES: Final = {
    "cancelled-order": "Cancelled order",
    "not-as-described": "Not as described",
    "quantity": "Quantity differs",
    "damaged": "Damaged goods",
    "counterfeit": "Counterfeit",
    "late": "Too late",
    "other": "Another cause",
}

SUPPLIER_TYPES: Final = {
    "oem": "contract manufacturer",
    "dealer": "dealer",
    "reseller": "online seller",
    "clearer": "clearance company",
}

TABLES: Final = {
    "remedies": REMEDIES,
    "outcomes": OUTCOMES,
    "causes": CAUSES,
    "supplier_types": SUPPLIER_TYPES,
}
