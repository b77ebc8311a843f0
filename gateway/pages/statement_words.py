"""The vocabulary of what people state: actions, why not now, statements, and the pages of a party."""

from typing import Final

# What the button says that opens the form; in letters and lists, what was stated.
ACTIONS: Final = {
    "declare": "Declare goods",
    "grant": "Grant a permission to sell",
    "delegate": "Pass a permission on",
    "narrow": "Narrow a permission",
    "revoke": "Revoke a permission",
    "consent": "Consent to the sale of a cancelled order",
    "insure": "Insure goods",
}

# What it means, in a sentence above its form.
ACTION_NOTES: Final = {
    "declare": "You say what you have and where it comes from. The goods are declared under the permission "
    "that you hold for their brand and category; without one they can never be offered.",
    "grant": "An agent or a supplier may sell your brand's goods within these limits. Every sale under the "
    "permission is counted, and you can narrow or revoke it at any time.",
    "delegate": "A supplier may sell under the permission that you were granted. Nothing in it can be wider "
    "than your own.",
    "narrow": "From now on the permission covers less. It can never be widened again: for that, grant a new "
    "one.",
    "revoke": "From now on nothing may be sold under this permission, nor under any that was passed on from "
    "it. This cannot be taken back: grant a new one if you change your mind.",
    "consent": "The maker may sell goods of your brand whose order you cancelled.",
    "insure": "You cover the goods as their last inspection found them. Another inspection, or a repair, "
    "ends that.",
}

NOT_NOW: Final = {
    "goods-gone": "These goods are not here any more.",
    "no-key-of-yours": "No key of your company may sign this. Ask a registrar to register one.",
    "permission-revoked": "This permission was revoked.",
    "permission-expired": "This permission has run out.",
    "permission-too-deep": "No further link is allowed between the brand and the supplier.",
    "delegation-not-allowed": "The grantor does not let you pass this permission on.",
    "consented-already": "You have consented already.",
}

FORM_ERRORS: Final = {
    "no-key": "No key that may sign this is registered for the party named here.",
    "key-not-here": "Your key is not on this computer. Sign with its file, or with lotproof sign.",
    "count-unreadable": "Enter a whole number, in digits.",
    "number-unreadable": "Enter a number, with a point before its decimals.",
    "day-unreadable": "Enter a day of the calendar.",
    "out-of-range": "This number is not possible here.",
    "too-many-decimals": "This has more decimals than can be kept.",
    "currency-unknown": "Choose a currency.",
    "day-ahead": "This day is still to come.",
    "country-unknown": "Enter the two letters of a country, for example CN.",
    "hs-code-unreadable": "Enter six to ten digits.",
    "only-on-consignment": "Only goods on consignment have such a day.",
    "articles-miscounted": "There are not as many numbers here as pieces.",
    "articles-known": "Some of these articles stand in another lot already.",
    "imei-wrong": "One of these is no IMEI: its check digit does not fit.",
    "field-unknown": "No such answer is asked here.",
    "shape-unfit": "This answer has not the form that is asked for.",
    "ends-before-it-begins": "The last day lies before the first.",
    "wider-than-above": "This is wider than the permission that it stands under.",
    "allowed-and-denied": "A country is both allowed and forbidden.",
    "narrows-nothing": "Nothing here is narrower than before.",
    "ledger-refused": "The ledger does not take this.",
    "ledger-not-yours": "The ledger does not let you state this.",
    "subject-moved-on": "Somebody recorded something else meanwhile. Look again, then state it once more.",
    "signature-wrong": "This signature is not by your key over this statement. Nothing was signed.",
    "signature-unreadable": "A signature is 64 bytes in base64.",
    "signed-file-unreadable": "This is no file that lotproof sign writes.",
    "signed-file-of-another": "This file is of another statement, or of an older form of this one. Fetch it "
    "anew and sign that.",
    "signed-file-unsigned": "Your key has not signed this file yet.",
    "statement-closed": "The statement was recorded, declined or taken back meanwhile.",
    "statement-renewed": "The statement was composed anew meanwhile. Read it, and sign what stands here now.",
}

FLASHES: Final = {
    "stated": "It is recorded.",
    "statement-waits": "It is stated, and is recorded as soon as the others have signed.",
    "statement-signed": "Your signature is kept; others have to sign yet.",
    "statement-recorded": "Everybody has signed. It is recorded.",
    "statement-renewed": "Something else was recorded meanwhile, so your signature was not used: the "
    "statement was composed anew. Read it, and sign what stands here now.",
    "statement-refused": "It cannot be recorded any more: what happened meanwhile does not go together with "
    "it.",
    "statement-declined": "You declined it. Whoever stated it is told why.",
    "statement-withdrawn": "It was taken back. Nothing was recorded.",
}

STATEMENT_STATES: Final = {
    "waiting": "Waits for signatures",
    "recorded": "Recorded",
    "declined": "Declined",
    "withdrawn": "Taken back",
    "refused": "Can no longer be recorded",
}

SALES_CHANNELS: Final = {
    "export": "Export",
    "wholesale": "Wholesale",
    "online": "Online shops",
    "outlet": "Outlets",
    "retail": "Shops",
}

FEE_BASES: Final = {"sale": "the selling price", "purchase": "what the goods had cost"}

FIELDS: Final = {"grantor": "Granted by"}

NAVIGATION: Final = {
    "statements": "To sign",
    "party": "Overview",
    "permissions": "Permissions",
    "goods": "Goods",
}

GRANT_STATES: Final = {
    "valid": "Valid",
    "expires-soon": "Runs out soon",
    "not-begun": "Not begun yet",
    "expired": "Run out",
    "revoked": "Revoked",
    "exhausted": "Its quantity is sold",
    "distrusted": "A key behind it is not trusted any more",
    "above-broken": "A permission above it does not hold",
    "unreadable": "Its limits cannot be read",
}

# What a party is to a lot.
PARTY_TIES: Final = {
    "title": "owner",
    "custody": "keeper of the goods",
    "supplier": "supplier",
    "agent": "selling agent",
}

LOT_STAGES: Final = {
    "declared": "Declared",
    "received": "Received",
    "graded": "Graded",
    "on-offer": "On offer",
    "sold": "Sold",
    "delivered": "Delivered",
    "divided": "Divided",
    "recalled": "Recalled",
    "lost": "Lost",
    "gone": "No longer here",
}

# Tables that are shown before something is stated: ``statements.action.Shown`` names them by the phrase.
SHOWN: Final = {
    "lots-lost": "Lots that may no longer be sold",
    "lots-lost-note": "Their offers end by themselves with the next check. Goods that are sold already stay "
    "sold.",
    "lot": "Lot",
    "brand": "Brand",
    "category": "Category",
    "pieces": "Pieces",
    "markets-lost": "Markets lost",
    "open-offers": "Open offers",
}

TABLES: Final = {
    "shown_before": SHOWN,
    "grant_states": GRANT_STATES,
    "party_ties": PARTY_TIES,
    "lot_stages": LOT_STAGES,
    "statement_states": STATEMENT_STATES,
    "sales_channels": SALES_CHANNELS,
    "fee_bases": FEE_BASES,
}
