"""The vocabulary of the consumer's pages: the check in the browser, certificates, reported problems."""

from typing import Final

CHECK_STEPS: Final = {
    "file": "The file is whole",
    "checkpoint": "The log signed its tree",
    "records": "Every record stands in that tree",
    "whole": "Nothing is left out",
    "signatures": "Every signature holds",
    "private": "Opened details are what was signed",
    "code": "This code belongs to these records",
}

CHECK_MEANINGS: Final = {
    "file": "Each part has the hash that the pack lists, and nothing is between them.",
    "checkpoint": "Signed by a key that this page trusts, and cosigned as its policy demands.",
    "records": "From each record a path of hashes leads to the signed root.",
    "whole": "Each history counts up without a gap, and its last record is the last in the log.",
    "signatures": "Each by a key that was registered for such a record, and valid at that place in the log.",
    "private": "Values, rows and papers in the pack fit the salted hashes in the records.",
    "code": "A record of this lot issued it, and what was measured stands under a signed root.",
}

# What check.js says; "#" is where it puts a number.
CHECK_WORDS: Final = {
    "waiting": "waiting",
    "running": "Checking …",
    "passed": "Everything fits: unaltered and whole",
    "failed": "Something does not fit. Do not rely on these records.",
    "missing": "This could not be checked",
    "partly": "Everything fits as far as this browser can compute; it cannot check signatures",
    "no-crypto": "This browser computes no hashes here: that needs https. Keep the pack instead.",
    "no-network": "There is no network. What is not on the label itself cannot be known now.",
    "no-signatures": "This browser knows no Ed25519, so it cannot check signatures. Keep the pack instead.",
    "no-code": "A pack alone names no code.",
    "choose": "Choose a pack that you kept, or scan a code.",
    "not-handed-out": "The server did not hand out the files",
    "count-file": "Parts: #",
    "count-checkpoint": "Cosignatures of witnesses: #",
    "count-records": "Records: #",
    "count-whole": "Histories: #",
    "count-signatures": "Signatures: #",
    "count-private": "Opened details: #",
    "count-code": "Measurements of this article: #",
    "form": "A part has not the form that it must have",
    "file": "The pack is not made as a pack is",
    "cut-off": "The file was cut off",
    "format": "The pack is of a form that this page does not know",
    "not-in-pack": "Not in the pack",
    "member-changed": "A part differs from its hash",
    "not-canonical": "A part is not canonical JSON",
    "policy": "The policy names nobody to trust, or cannot be read",
    "note": "The checkpoint is no signed note",
    "not-signed": "No trusted key signed the checkpoint",
    "quorum": "Too few witnesses have cosigned",
    "other-tree": "It speaks of another log or tree",
    "proof": "The proof is for another place or tree",
    "not-in-tree": "The record does not stand in the signed tree",
    "log-key": "The log's own records name another key",
    "ends-missing": "The first or the last entry is not in the pack",
    "not-whole": "It is not proved that these are all the records",
    "chain": "The record does not continue its history",
    "idle": "The record has nothing to do with this lot",
    "time": "The log's time runs backwards",
    "signature": "The signature does not hold",
    "key-weak": "The key is weak or misspelt",
    "key-may-not": "The key was not allowed to sign this",
    "registrars": "Too few registrars signed, or others",
    "opening": "An opened value differs from its commitment",
    "row": "A row differs from what was signed",
    "document": "A paper is not the one that was recorded",
    "page": "The readable page or the program in the pack is not as it should be",
    "code-not-issued": "No record of this lot issued this code",
    "fragment": "This is not a signed label of ours",
    "key-unknown": "Signed by a key that this page does not know",
    "key-ended": "Signed by a key that was not valid then",
    "key-distrusted": (
        "The signature fits, but this key is distrusted: whoever took it could have made the label"
    ),
    "label-holds": "The signature holds: whoever held the key named here made this label, with these facts",
    "label-fails": "Do not rely on this label: ask the seller where it comes from.",
    "fact-yes": "yes",
    "fact-no": "no",
    "fact-some": "some articles of the lot",
    "fact-no-record": "no record (that is not a no)",
}

SCAN_NOTICES: Final = {
    "many-places": "Within an hour it was opened in more places than these goods can be in.",
    "too-often": "It was opened in more places than these goods are expected in.",
    "wrong-market": "It was opened where these goods were not offered. Ask the seller how they came there.",
}

TROUBLES: Final = {"goods-gone": "The records say that these goods were destroyed or lost."}

PINNED_KINDS: Final = {
    "log": "Key of the log",
    "witness": "Key of a witness",
    "label": "Key that signs labels",
}

CERTIFICATES: Final = {
    "permission": "Permission to sell",
    "inspection": "Inspection report",
    "repair": "Repair report",
    "statement": "Statement of an auditor",
    "insurance": "Insurance of the inspection",
}

# Whose interest the issuer has in the goods (first, second, third party: ISO/IEC 17000).
INDEPENDENCE: Final = {
    "self": "by somebody who owns or holds the goods",
    "hired": "by somebody who works for those who hold the goods",
    "brand": "by the owner of the brand",
    "third": "by an independent third party",
}

REPORT_KINDS: Final = {
    "unsafe": "It is dangerous, or hurt somebody",
    "not-as-described": "It is not as this page describes it",
    "does-not-work": "It does not work",
    "suspect-copy": "It looks like a copy, or the label was moved",
    "seller": "Something about the seller",
    "other": "Something else",
}

REPORT_STATES: Final = {"open": "Open", "answered": "Answered", "erased": "Erased"}

FORM_ERRORS: Final = {
    "report-kind-missing": "Choose what it is about.",
    "report-text-missing": "Say in a few words what is wrong.",
    "report-text-long": "This is too long. Shorten it to 2,000 characters.",
    "report-contact-long": "This is too long. An address or a number is enough.",
    "report-answer-missing": "Write what the reader should know.",
    "report-too-many": "Very many reports of this code have arrived already. Ask the seller.",
    "report-photo-kind": "Choose a photo as JPEG, PNG or WebP.",
}

FLASHES: Final = {
    "report-answered": "The report is marked as answered.",
    "report-opened": "The report is open again.",
    "report-erased": "The report was erased.",
    "photo-shown": "The photo is shown on the public pages of this lot.",
    "photo-hidden": "The photo is no longer shown in public.",
}

NAVIGATION: Final = {"reports": "Reports"}

# What to do first, by the reason of a recall; the gravest first.
RECALL_ADVICE: Final = {
    "safety": "Stop using it, switch it off, and keep it away from children.",
    "counterfeit": (
        "It is said to be counterfeit. Do not use it, and keep it with its label and receipt as evidence."
    ),
    "legal": (
        "The reason is a legal one. Do not use it until that is settled, and keep its packaging and receipt."
    ),
    "quality": (
        "The reason is a fault in quality. Stop using it, and keep its packaging and receipt to return it."
    ),
}

TABLES: Final = {
    "recall_advice": RECALL_ADVICE,
    "check_steps": CHECK_STEPS,
    "check_meanings": CHECK_MEANINGS,
    "check_words": CHECK_WORDS,
    "pinned_kinds": PINNED_KINDS,
    "scan_notices": SCAN_NOTICES,
    "certificates": CERTIFICATES,
    "independence": INDEPENDENCE,
    "report_kinds": REPORT_KINDS,
    "report_states": REPORT_STATES,
}
