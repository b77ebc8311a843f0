"""One vocabulary: slug to message id (a plain English phrase that the catalogues translate).

A slug that stands in no table is shown as it is: a new reason must never hide behind an empty cell.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from gateway import problem_kinds
from gateway.pages import (
    catalogue_words,
    console_words,
    consumer_words,
    import_words,
    inspection_words,
    label_words,
    landed_words,
    measuring_words,
    offer_desk_words,
    offer_words,
    papers_words,
    people_words,
    permission_words,
    price_words,
    purchase_words,
    quantity_words,
    resolver_words,
    scan_words,
    shipment_words,
    statement_words,
)
from gateway.tasks import words as job_words

CATEGORIES: Final = {
    "phone": "Phone",
    "garment": "Garment",
    "washing-machine": "Washing machine",
    "refrigerator": "Refrigerator",
    "microwave": "Microwave oven",
    "sofa": "Sofa",
    "electronics": "Electronics",
    "apparel": "Apparel",
    "appliance": "Appliance",
    "furniture": "Furniture",
}

CONDITIONS: Final = {
    "new": "New",
    "opened": "Opened, unused",
    "returned": "Returned",
    "used": "Used",
    "refurbished": "Refurbished",
    "mixed": "Mixed conditions",
}

GRADES: Final = {"A": "Grade A", "B": "Grade B", "C": "Grade C", "X": "Grade X", "ungraded": "Not graded"}

GRADE_MEANINGS: Final = {
    "A": "Like new: no marks to be seen from 50 cm.",
    "B": "Light marks: seen from 20 cm, hardly from 50 cm.",
    "C": "Clear marks, seen from 50 cm, or a worn part.",
    "X": "For parts only: it fails a function test or is locked, and is never offered for sale.",
    "ungraded": "A measurement is missing, so no grade is given.",
}

LABEL_STATES: Final = {
    "intact": "Brand label intact",
    "missing": "Brand label missing",
    "cut": "Brand label cut",
}

SCORE_PARTS: Final = {
    "scratch": "Scratches",
    "battery": "Battery health",
    "boots": "Starts up",
    "lock": "Account lock",
    "stain": "Stains",
    "wear": "Wear",
    "tag": "Tag",
    "function": "Function test",
    "condition": "Condition",
    "damage": "Damage",
}

FINDINGS: Final = {
    "pass": "passed",
    "fail": "failed",
    "not-tested": "not tested",
    "none": "none found",
    "light": "light",
    "clear": "clear to see",
    "dent": "a dent",
    "scratch": "a scratch",
    "intact": "intact",
    "cut": "cut",
    "missing": "missing",
    "visible": "clear to see",
    "fabric-scratch": "a scratch in the fabric",
    "fabric_scratch": "a scratch in the fabric",
    "not_tested": "not tested",
    "boots-yes": "passed",
    "boots-no": "failed",
    "lock-no": "not locked",
    "lock-yes": "locked",
    "wear-new": "none found",
    "condition-new": "new",
    "condition-opened": "opened, unused",
    "condition-used": "used",
    "condition-refurbished": "refurbished",
    "not-measured": "not measured",
    "all-passed": "all passed",
    "not-passed": "not all passed",
}

CHANNELS: Final = {
    "brand-outlet": "Brand outlet",
    "brand-shop": "Online shop run by the brand",
    "wholesale-platform": "Wholesale platform",
    "live-stream": "Live stream sale",
    "clearance-marketplace": "Clearance marketplace",
    "discount-chain": "Discount chain",
    "market-trader": "Market trader",
    "exporter": "Export trader",
    "enterprise": "Enterprise purchase",
    "cross-border-direct": "Cross-border direct sale",
    "staff-sale": "Staff sale",
    "dealer": "Authorised dealer",
    "manufacturer": "Contract manufacturer",
    "reseller": "Small online seller",
    "never-sold": "Never sold before",
    "brand-store": "Online shop run by the brand",
    "marketplace-flagship": "The brand's flagship shop on an online marketplace",
    "marketplace-direct": "Sold by an online marketplace itself",
    "retail-store": "Shop on the high street",
    "oem-cancelled-order": "Never sold: the order was cancelled at the maker",
}

SURPLUS_CAUSES: Final = {
    "cancelled-order": "Cancelled order",
    "overstock": "Overstock",
    "customer-return": "Customer returns",
    "season-end": "End of season",
    "whole-warehouse": "Whole warehouse bought",
    "customer-returns": "Customer returns",
    "promotion-overstock": "Overstock of a promotion",
    "reseller-dead-stock": "Unsold stock of a reseller",
    "forecast-error": "Made for a demand that did not come",
}

RECORD_TYPES: Final = {
    "log.opened": "Log opened",
    "registrars.changed": "Registrars changed",
    "log.key_changed": "Log key changed",
    "log.heads": "Heads of all histories",
    "party.registered": "Party registered",
    "key.registered": "Key registered",
    "key.rotated": "Key replaced",
    "key.revoked": "Key revoked",
    "authorization.granted": "Permission to sell granted",
    "authorization.revoked": "Permission to sell withdrawn",
    "lot.declared": "Declared by its owner",
    "lot.received": "Received and counted",
    "work.assigned": "Work assigned",
    "lot.inspected": "Inspected and graded",
    "lot.refurbished": "Refurbished",
    "lot.split": "Split into smaller lots",
    "lot.merged": "Merged into a larger lot",
    "codes.issued": "Codes issued",
    "lot.listed": "Offered for sale",
    "lot.withdrawn": "Offer withdrawn",
    "lot.sold": "Sold",
    "lot.packed": "Packed",
    "lot.shipped": "Shipped",
    "lot.delivered": "Delivered",
    "lot.lost": "Recorded as lost",
    "lot.recalled": "Recalled",
    "lot.returned": "Returned by the buyer",
    "document.issued": "Document issued",
    "evidence.added": "Evidence added",
    "evidence.stated": "Statement of an auditor",
    "correction.recorded": "Correction",
    "erasure.recorded": "Details erased",
    "unreadable": "Unreadable record",
}

ROLES: Final = {
    "registrar": "Registrar",
    "quorum": "Second registrar",
    "new_key": "New key",
    "old_key": "Old key",
    "heads": "Heads key",
    "grantor": "Grantor",
    "supplier": "Supplier",
    "custodian": "Holder of the goods",
    "releasing": "Previous holder",
    "inspector": "Inspector",
    "third_party": "Third-party inspector",
    "refurbisher": "Refurbisher",
    "seller": "Seller",
    "receiver": "Receiver",
    "carrier": "Carrier",
    "exporter": "Exporter",
    "corrector": "Corrector",
    "operator": "Operator",
    "buyer": "Buyer",
    "auditor": "Auditor",
}

PARTY_KINDS: Final = {
    "brand": "brand owner",
    "supplier": "supplier",
    "dealer": "dealer",
    "reseller": "online seller",
    "oem": "contract manufacturer",
    "operator": "operator of this log",
    "warehouse": "sorting warehouse",
    "inspector": "inspection company",
    "inspection-body": "independent inspection body",
    "refurbisher": "repair workshop",
    "carrier": "carrier",
    "exporter": "export trader",
    "registrar": "registrar",
    "wholesaler": "wholesaler",
    "agent": "authorised agent",
    "auditor": "auditor",
    "device": "measuring device",
}

STEPS: Final = {
    "battery-replaced": "battery replaced",
    "screen-replaced": "screen replaced",
    "housing-replaced": "housing replaced",
    "part-replaced": "part replaced",
    "data-wiped": "data wiped",
    "cleaned": "cleaned",
    "tested": "tested",
    "repacked": "repacked",
    "label-cut": "brand label cut",
    "system-reset": "system reset",
    "fabric-repaired": "fabric repaired",
    "repackaged": "repacked",
}

PART_ORIGINS: Final = {
    "original": "original part of the brand",
    "compatible": "compatible part of another maker",
    "reused": "used part from another device",
    "unknown": "part of unknown origin",
}

WIPE_METHODS: Final = {
    "clear": "overwritten (NIST SP 800-88 Clear)",
    "purge": "purged (NIST SP 800-88 Purge)",
    "cryptographic-erase": "encryption key destroyed (cryptographic erase)",
    "factory-reset": "factory reset",
    "factory-reset-encrypted": "factory reset of an encrypted device",
    "destroy": "storage destroyed",
}

SUPPLY_MODES: Final = {"direct": "direct supply", "consign": "on consignment", "buyout": "bought outright"}

GOODS_KINDS: Final = {
    "finished": "finished goods",
    "raw-material": "raw material",
    "promotion": "promotional goods",
    "personal": "personal belongings",
}

COVERAGES: Final = {"documents": "documents only", "sample": "a sample", "full": "every article"}

CUSTODIES: Final = {"self": "holds its own key", "operator": "key kept by the operator"}

LABEL_CLAUSES: Final = {
    "intact-only": "only with the brand label intact",
    "cut-allowed": "the brand label may be cut",
}

YES_NO: Final = {"yes": "Yes", "no": "No"}

CORRECTION_REASONS: Final = {
    "did-not-occur": "it did not happen",
    "incorrect-data": "its data were wrong",
}

# Why something was erased, said in the middle of a sentence.
ERASURE_REASONS: Final = {
    "personal_data": "personal data",
    "trade_secret": "a trade secret",
    "retention_ended": "the time for keeping it has ended",
}

# Members "reason" of records, of whichever type.
RECORD_REASONS: Final = {**CORRECTION_REASONS, **ERASURE_REASONS}

# "type:field" -> why its value cannot be erased.
NEEDED: Final = {
    "authorization.granted:grantee": "Later records are judged by whom the permission was granted to, "
    "so it cannot be erased. Withdraw the permission instead.",
    "lot.sold:quantity": "The balance of the lot rests on this number, so it cannot be erased. "
    "It names nobody.",
}

# Names that are written differently in other languages; any other city is shown as it is.
CITIES: Final = {
    "Shenzhen": "Shenzhen",
    "Guangzhou": "Guangzhou",
    "Hangzhou": "Hangzhou",
    "Shanghai": "Shanghai",
    "Yiwu": "Yiwu",
}

CODE_LEVELS: Final = {"lot": "Lot", "article": "Article", "style": "Style", "carton": "Carton"}

# What a record or manifest calls a value.
FIELDS: Final = {
    "category": "Category",
    "style_number": "Style number",
    "dimensions": "Dimensions",
    "tested_on": "Tested on",
    "row_number": "Row number",
    "refrigerant": "Refrigerant",
    "tester": "Tested by",
    "composition": "Composition",
    "list_price": "List price",
    "brand": "Brand",
    "model": "Model",
    "name": "Name",
    "goods": "Goods",
    "condition": "Condition",
    "grade": "Grade",
    "grades": "Grades",
    "score": "Score",
    "score_min": "Lowest score",
    "quantity": "Quantity",
    "unit": "Unit",
    "declared": "Declared",
    "counted": "Counted",
    "unidentified": "Unidentified",
    "damaged": "Damaged",
    "site": "Site",
    "label_state": "Brand label",
    "battery_health": "Battery health",
    "battery_cycles": "Battery cycles",
    "scratch": "Scratches",
    "battery": "Battery health",
    "battery_before_health": "Battery health before",
    "battery_before_cycles": "Battery cycles before",
    "battery_after_health": "Battery health after",
    "battery_after_cycles": "Battery cycles after",
    "battery_after_serial": "Serial number of the new battery",
    "boots": "Starts up",
    "locked": "Account lock",
    "damage": "Damage",
    "damage_size": "Size of the damage",
    "function": "Function test",
    "stain": "Stains",
    "wear": "Wear",
    "part_origin": "Where the part comes from",
    "wipe_method": "How data were wiped",
    "style": "Style number",
    "produced_on": "Made on",
    "imei": "IMEI",
    "serial": "Serial number",
    "gtin": "GTIN",
    "made_on": "Made on",
    "hs_code": "HS code",
    "country_of_origin": "Country of origin",
    "origin_country": "Country of origin",
    "origin_channel": "First sold through",
    "surplus_cause": "Why it is surplus",
    "mass_g": "Gross mass",
    "net_mass_g": "Net mass",
    "gross_mass_g": "Gross mass",
    "packages": "Packages",
    "coverage": "Share inspected",
    "scheme": "Grading scheme",
    "steps": "Work done",
    "children": "Child lots",
    "remaining": "Remaining",
    "level": "Code level",
    "codes": "Codes",
    "kind": "Kind",
    "sha256": "SHA-256",
    "reason": "Reason",
    "record": "Record",
    "through": "Complete up to entry",
    "count": "Count",
    "root": "Root",
    "manifest": "Manifest",
    "measured_at": "Measured",
    "produced_from": "Produced from",
    "produced_until": "Produced until",
    "supply_mode": "Supply mode",
    "verification": "Hash of the gate's inputs",
    "price": "Price",
    "buyer": "Buyer",
    "order": "Order",
    "incoterm": "Incoterm",
    "market": "Market",
    "channel": "Channel",
    "destination": "Destination",
    "legal_name": "Legal name",
    "address": "Address",
    "part_serials": "Serial numbers of parts",
    "instrument_serials": "Serial numbers of instruments",
    "supplier_reference": "Supplier's reference",
    "face_value": "Face value",
    "delivery_note": "Delivery note",
    "public_key": "Public key",
    "scopes": "Scopes",
    "custody": "Who holds the key",
    "country": "Country",
    "remark": "Remark",
    "this_lot": "This lot",
    "worker_party": "Who is to do it",
    "scheme_sha256": "Hash of the scheme",
    "rows": "Rows",
    "rows_root": "Root of the rows",
    "registrar": "Registrar",
    "registrars": "Registrars",
    "quorum": "Signatures needed",
    "operator": "Operator",
    "log_key": "Key of the log",
    "heads_key": "Heads key",
    "previous": "Log before this one",
    "tree_size": "Tree size",
    "verdict": "Verdict",
    "report": "Report",
    "depth": "Link below the brand",
    "brands": "Brands",
    "categories": "Categories",
    "channels_hash": "Hash of the channels",
    "valid_from": "Valid from",
    "valid_until": "Valid until",
    "may_delegate": "May be passed on",
    "label_clause": "Brand label",
    "grantee": "Granted to",
    "territories_allowed": "Markets allowed",
    "territories_denied": "Markets excluded",
    "quantity_ceiling": "Largest quantity",
    "fee_rate": "Fee",
    "document": "Document",
    "registration_number": "Registration number",
    "renderer": "Made with",
    "rule_pack": "Rules used",
    "dossier_sha256": "Hash of the dossier",
    "supersedes": "Replaces",
    "number": "Number",
    "marks": "Shipping marks",
    "seal": "Seal",
    "route": "Route",
    "consignee": "Consignee",
    "key": "Key",
    "distrust_from_index": "Distrusted from entry",
    "fields": "Fields",
    "label_states": "Brand labels",
    "schema": "Form",
    "colour": "Colour",
    "size": "Size",
    "storage": "Storage",
    "season": "Season",
    "identifier": "Serial number",
}

# Why a lot may not be offered in a market (the listing gate).
REASONS: Final = {
    "not-verified": "The history has not been verified",
    "chain-broken": "The chain of records is broken",
    "not-inspected": "Not inspected yet",
    "inspection-stale": "The inspection is too old",
    "needs-reinspection": "Changed since its inspection",
    "ungraded": "A measurement is missing, so there is no grade",
    "grade-not-sellable": "Goods of this grade are not sold",
    "over-age": "Older than the policy allows",
    "authorization-missing": "No permission of the brand",
    "authorization-expired": "The brand's permission has expired",
    "territory-excluded": "The brand does not license this market",
    "label-cut-not-licensed": "The permission does not cover cut labels",
    "import-ban": "Import is forbidden there",
    "customs-data-missing": "Customs data are missing",
    "un38-3-missing": "Battery test summary (UN 38.3) is missing",
    "price-out-of-band": "The price is outside its band",
    "no-stock": "Nothing left in stock",
    "recalled": "Recalled",
    "title-not-held": "The seller does not hold title",
    "unit-codes-missing": "Articles have no codes of their own",
    "inspected-by-seller": "Inspected by its own seller",
    "record-distrusted": "It rests on a distrusted record",
    "goods-not-sellable": "Goods of this kind are not sold",
    "authorization-revoked": "The brand's permission was withdrawn",
    "authorization-unreadable": "The limits of the brand's permission cannot be read",
    "market-unknown": "This market is not configured",
    "authorization-scope": "The permission does not cover this brand or category",
    "authorization-too-deep": "The permission was passed on too often",
    "channel-excluded": "The permission does not cover this sales channel",
    "details-erased": "Details of these goods were erased, so nothing proves them any more",
    "market-closed": "No lot is offered in this market yet",
}

GATE_CHECKS: Final = {
    "chain": "The chain of records is whole and every signature is valid",
    "authorization": "The brand permits this sale in this market",
    "title": "The seller holds title",
    "inspection": "Inspected by somebody other than the seller",
    "inspection-age": "The inspection is recent enough",
    "grade": "The grade may be sold",
    "age": "Young enough for the policy",
    "label": "The brand label is as the permission demands",
    "recall": "Not recalled",
    "import-rules": "Import into this market is allowed",
    "customs-data": "Customs data are complete",
    "battery-test": "Battery test summary (UN 38.3) is present",
    "price": "The price is inside its band",
    "codes": "Articles carry codes of their own",
    "stock": "Quantities balance with the records",
}

# What is wrong with a history, on the consumer page.
TROUBLES: Final = {
    "record-missing": "A record that the log refers to could not be read.",
    "record-changed": "A record differs from what was signed.",
    "signature-invalid": "A signature does not fit its record.",
    "not-in-log": "A record does not stand in the published log.",
    "key-distrusted": "A key that signed a record is no longer trusted.",
    "recall": "The goods have been recalled.",
    "log-unavailable": "The published log could not be read.",
    "not-whole": "It cannot be proved that these are all the records.",
    "details-changed": "A detail kept beside the records differs from what was signed.",
    "details-missing": "Details of the goods could not be read.",
    "code-not-of-lot": "No record of this lot issued this code.",
}

# Why a row of a supplier's file was refused.
REJECTIONS: Final = {
    "imei-check-digit": "The check digit of the IMEI is wrong",
    "imei-duplicate": "The same IMEI stands in another row",
    "imei-missing": "The IMEI is missing",
    "serial-duplicate": "The same serial number stands in another row",
    "serial-missing": "The serial number is missing",
    "gtin-check-digit": "The check digit of the GTIN is wrong",
    "gtin-unknown": "The GTIN is not in the catalogue",
    "date-impossible": "There is no such date",
    "date-missing": "The date is missing",
    "quantity-not-whole": "The quantity is not a whole number",
    "quantity-missing": "The quantity is missing",
    "number-unreadable": "This is not a number",
    "brand-unknown": "The brand is unknown",
    "category-unknown": "The category is unknown",
    "condition-unknown": "The condition is unknown",
    "imei-format": "An IMEI has 15 digits",
    "gtin-format": "This is not a GTIN",
    "hs-code-format": "This is not an HS code",
    "required-missing": "This must be filled in",
    "date-unreadable": "This is not a date",
    "digits-lost": "The spreadsheet has lost digits of this number",
    "mass-unreadable": "This is not a mass",
    "mass-out-of-range": "The mass cannot be true",
    "dimensions-unreadable": "These are not three dimensions",
    "measurement-out-of-range": "The measurement cannot be true",
    "measurement-unreadable": "The measurement cannot be read",
    "gross-mass-below-net": "The gross mass is below the net mass",
    "gtin-model-mismatch": "The GTIN belongs to another model",
}

# Why a file that was sent is not taken, and what to do instead.
FILE_REFUSALS: Final = {
    "file-missing": "Choose a file.",
    "file-empty": "The file is empty.",
    "file-too-large": "The file is larger than 20 MB.",
    "file-kind-unknown": "Files of this kind are not taken.",
    "file-kind-not-here": "Files of this kind are not taken here.",
    "file-heic": "This is a HEIC picture. Save it as JPEG and send that.",
    "file-xls": "This is an old Excel file. Save it as XLSX and send that.",
    "file-markup": "SVG, HTML and XML are not taken: they can carry programs.",
    "file-damaged": "The file is damaged or cut short.",
    "picture-too-large": "The picture has more than 64 million pixels.",
    "picture-damaged": "The picture is damaged or cut short.",
    "archive-damaged": "The file cannot be unpacked: it is damaged.",
    "archive-encrypted": "The file is protected by a password. Send it without one.",
    "archive-too-many": "There are too many files in this archive.",
    "archive-too-large": "Unpacked, this file would be far too large.",
    "archive-path": "A file in this archive would be unpacked to a place outside of it.",
    "archive-link": "A file in this archive is a link. Send the file itself.",
    "archive-nested": "There is an archive inside this file. Send the sheet itself.",
    "archive-not-one": "Send an archive that holds exactly one sheet, or the sheet itself.",
    "sheet-unreadable": "The sheet cannot be read.",
    "sheet-headers-missing": "A column that this description needs is missing from the sheet.",
    "spec-unknown": "Choose one of the descriptions shown.",
    "goods-known": "Goods of another file stand in this one too. Nothing was imported.",
    "nothing-to-record": "No row of this file can be imported.",
}

FILE_KINDS: Final = {
    "picture": "Photo",
    "paper": "PDF",
    "sheet": "Sheet",
    "archive": "Archive",
}

FORM_ERRORS: Final = {
    **FILE_REFUSALS,
    "quantity-not-a-number": "Enter a whole number.",
    "below-moq": "This is below the minimum quantity.",
    "not-enough-stock": "Fewer pieces are available than you asked for.",
    "no-longer-offered": "This lot is no longer offered.",
    "po-number-missing": "Enter your purchase order number.",
    "po-number-unreadable": "Use at most 60 ordinary characters.",
    "po-number-used": "You have used this purchase order number before.",
    "incoterm-unknown": "Choose one of the terms shown.",
    "reservation-expired": "The reservation has expired.",
    "erasure-reason-missing": "Choose a reason.",
    "not-understood": "Tick this box to go on.",
    "nothing-chosen": "Choose at least one detail.",
    "not-erasable": "Some of this was erased meanwhile, or cannot be erased. Please look again.",
    "lot-changed": "The lot has changed since you reserved it. Please look at it again.",
}

ORDER_STATES: Final = {
    "draft": "Draft",
    "pending_approval": "Waiting for approval",
    "placed": "Placed",
    "deposit_paid": "Deposit paid",
    "confirmed": "Confirmed",
    "packed": "Packed",
    "documents_ready": "Documents ready",
    "partially_shipped": "Partly shipped",
    "shipped": "Shipped",
    "delivered": "Delivered",
    "completed": "Completed",
    "cancelled": "Cancelled",
    "on_hold": "On hold",
    "partially_returned": "Partly returned",
    "returned": "Returned",
}

RESERVATION_STATES: Final = {
    "active": "Reserved for you",
    "converted": "Turned into an order",
    "released": "Released",
    "expired": "Expired",
}

DOCUMENT_KINDS: Final = {
    "commercial-invoice": "Commercial invoice",
    "proforma-invoice": "Proforma invoice",
    "packing-list": "Packing list",
    "inspection-certificate": "Inspection certificate",
    "origin-data": "Data for a certificate of origin",
    "battery-statement": "Battery statement",
    "customs-data": "Customs declaration data",
    "shipping-marks": "Shipping marks",
    "label-sheet": "Label sheet",
    "passport": "Product passport",
    "epcis": "EPCIS events",
    "spreadsheet": "Spreadsheet",
    "audit-pack": "Offline audit pack",
}

AUDIT_CHECKS: Final = {
    "checkpoint-signature": "Signature of the checkpoint",
    "root": "Root hash recomputed from every entry",
    "consistency": "Nothing removed since the last audit",
    "log-chain": "Each entry names the one before",
    "signatures": "Every signature of every record",
    "keys": "Every key valid where it signed",
    "subject-chains": "Each history without a gap",
    "heads": "Heads recomputed: no history is cut short",
    "quantities": "Quantities balance",
    "lot-rules": "Records follow one another as the rules demand",
    "grades": "Grades recomputed from the measurements",
    "openings": "Committed details opened and compared",
    "cosignatures": "Cosignatures of independent witnesses",
    "documents": "Documents match their hashes",
    "evidence": "Evidence files match their hashes",
}

AUDIT_VERDICTS: Final = {
    "verified": "verified",
    "failed": "verification failed",
    "unverified": "could not verify",
}

# What was found when a signed tree head was checked again.
CHECKPOINT_VERDICTS: Final = {
    "same-root": "The tiles give this root",
    "wrong": "The signature or the root does not fit",
    "missing": "Tiles are missing",
    "waiting": "Signed, not visible yet",
}

PROOF_TROUBLES: Final = {
    "missing": "This entry is missing",
    "not-proved": "This entry does not fit the tree or its chain",
    "unpublished": "Recorded; it enters the published log within seconds.",
    "not-whole": "Nobody proves that these are all the records.",
}

SUBJECT_KINDS: Final = {
    "authorization": "Permission to sell",
    "lot": "Lot",
    "party": "Party",
    "shipment": "Shipment",
    "work": "Work order",
}

# What was just done, said once at the top of the next page.
FLASHES: Final = (
    measuring_words.FLASHES
    | catalogue_words.FLASHES
    | import_words.FLASHES
    | console_words.FLASHES
    | label_words.FLASHES
    | people_words.FLASHES
    | purchase_words.FLASHES
    | statement_words.FLASHES
    | scan_words.FLASHES
    | shipment_words.FLASHES
    | papers_words.FLASHES
    | consumer_words.FLASHES
    | price_words.FLASHES
    | offer_desk_words.FLASHES
    | {
        "file-added": "The file was added.",
        "file-erased": "The file was erased.",
        "import-begun": "The import has begun; here you see how far it is.",
        "job-again": "The job begins anew.",
        "job-cancelled": "The job is cancelled as soon as it comes to a stop.",
        "job-not-now": "The job has moved on meanwhile; nothing was changed.",
    }
)

NAVIGATION: Final = {
    "catalogue": "Catalogue",
    "orders": "Orders",
    "lots": "Lots",
    "import": "Import",
    "refusals": "Refusals",
    "rejected": "Rejected rows",
    "private": "Private facts",
    "jobs": "Jobs",
    "people": "People",
    "log": "Log",
    "warehouse": "Warehouse work",
    "supply": "Supply",
    "selling": "Selling",
    "delivery": "Orders and delivery",
    "oversight": "Oversight",
}

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "categories": CATEGORIES | import_words.CATEGORIES,
    "conditions": CONDITIONS,
    "grades": GRADES,
    "grade_meanings": GRADE_MEANINGS,
    "label_states": LABEL_STATES,
    "score_parts": SCORE_PARTS,
    "findings": FINDINGS | measuring_words.FINDINGS,
    "channels": CHANNELS,
    "surplus_causes": SURPLUS_CAUSES | quantity_words.SURPLUS_CAUSES,
    "record_types": RECORD_TYPES
    | inspection_words.RECORD_TYPES
    | label_words.RECORD_TYPES
    | permission_words.RECORD_TYPES
    | quantity_words.RECORD_TYPES,
    "roles": ROLES
    | inspection_words.ROLES
    | people_words.ROLES
    | permission_words.ROLES
    | quantity_words.ROLES,
    "party_kinds": PARTY_KINDS | inspection_words.PARTY_KINDS,
    "steps": STEPS,
    "part_origins": PART_ORIGINS | measuring_words.PART_ORIGINS,
    "wipe_methods": WIPE_METHODS,
    "code_levels": CODE_LEVELS,
    "supply_modes": SUPPLY_MODES,
    "goods_kinds": GOODS_KINDS,
    "coverages": COVERAGES,
    "custodies": CUSTODIES,
    "label_clauses": LABEL_CLAUSES,
    "yes_no": YES_NO,
    "correction_reasons": CORRECTION_REASONS,
    "record_reasons": RECORD_REASONS
    | permission_words.REVOKED
    | quantity_words.REASONS
    | label_words.REASONS,
    "erasure_reasons": ERASURE_REASONS,
    "needed": NEEDED | permission_words.NEEDED,
    "audit_verdicts": AUDIT_VERDICTS,
    "checkpoint_verdicts": CHECKPOINT_VERDICTS,
    "proof_troubles": PROOF_TROUBLES,
    "subject_kinds": SUBJECT_KINDS,
    "cities": CITIES | landed_words.CITIES,
    "fields": FIELDS
    | statement_words.FIELDS
    | measuring_words.FIELDS
    | label_words.FIELDS
    | inspection_words.FIELDS
    | permission_words.FIELDS
    | quantity_words.FIELDS,
    "search_fields": FIELDS | catalogue_words.FIELDS,  # of its own: a link in a chain has a depth as well
    "reasons": REASONS
    | price_words.REASONS
    | inspection_words.GATE_REASONS
    | permission_words.REASONS
    | quantity_words.GATE_REASONS
    | import_words.GATE_REASONS
    | offer_desk_words.REASONS
    | offer_words.REASONS,
    "gate_checks": GATE_CHECKS,
    "troubles": TROUBLES | consumer_words.TROUBLES,
    "rejections": REJECTIONS | import_words.REJECTIONS,
    "form_errors": FORM_ERRORS
    | price_words.FORM_ERRORS
    | measuring_words.FORM_ERRORS
    | import_words.FORM_ERRORS
    | console_words.FORM_ERRORS
    | label_words.FORM_ERRORS
    | people_words.FORM_ERRORS
    | purchase_words.FORM_ERRORS
    | statement_words.FORM_ERRORS
    | scan_words.FORM_ERRORS
    | shipment_words.FORM_ERRORS
    | papers_words.FORM_ERRORS
    | consumer_words.FORM_ERRORS
    | catalogue_words.FORM_ERRORS
    | offer_desk_words.FORM_ERRORS
    | offer_words.FORM_ERRORS,
    "file_kinds": FILE_KINDS,
    "order_states": ORDER_STATES,
    "reservation_states": RESERVATION_STATES,
    "document_kinds": DOCUMENT_KINDS | papers_words.DOCUMENT_KINDS,
    "audit_checks": AUDIT_CHECKS,
    "flashes": FLASHES,
    **people_words.TABLES,
    **purchase_words.TABLES,
    **import_words.TABLES,
    **consumer_words.TABLES,
    **resolver_words.TABLES,
    **scan_words.TABLES,
    **shipment_words.TABLES,
    **papers_words.TABLES,
    **label_words.TABLES,
    **permission_words.TABLES,
    "remedies": inspection_words.REMEDIES
    | price_words.REMEDIES
    | permission_words.REMEDIES
    | quantity_words.REMEDIES
    | import_words.REMEDIES
    | offer_desk_words.REMEDIES
    | offer_words.REMEDIES,
    **inspection_words.TABLES,
    **quantity_words.TABLES,
    "actions": statement_words.ACTIONS
    | measuring_words.ACTIONS
    | console_words.ACTIONS
    | shipment_words.ACTIONS,
    "action_notes": statement_words.ACTION_NOTES | measuring_words.ACTION_NOTES | console_words.ACTION_NOTES,
    "not_now": statement_words.NOT_NOW | measuring_words.NOT_NOW | console_words.NOT_NOW,
    **console_words.TABLES,
    **statement_words.TABLES,
    **offer_words.TABLES,
    **landed_words.TABLES,
    **price_words.TABLES,
    "reference_kinds": offer_words.TABLES["reference_kinds"] | price_words.REFERENCE_KINDS,
    **offer_desk_words.TABLES,
    "sales_channels": statement_words.SALES_CHANNELS | offer_words.SALES_CHANNELS,
    **measuring_words.TABLES,
    **catalogue_words.TABLES,
    "navigation": NAVIGATION
    | price_words.NAVIGATION
    | offer_desk_words.NAVIGATION
    | measuring_words.NAVIGATION
    | purchase_words.NAVIGATION
    | import_words.NAVIGATION
    | label_words.NAVIGATION
    | console_words.NAVIGATION
    | consumer_words.NAVIGATION
    | statement_words.NAVIGATION
    | shipment_words.NAVIGATION
    | scan_words.NAVIGATION,
    "job_states": job_words.JOB_STATES,
    "job_kinds": job_words.JOB_KINDS
    | price_words.JOB_KINDS
    | catalogue_words.JOB_KINDS
    | scan_words.JOB_KINDS,
    "job_waits": job_words.JOB_WAITS,
    "job_reasons": job_words.JOB_REASONS,
    "job_units": job_words.JOB_UNITS,
    "job_facts": job_words.JOB_FACTS,
    "schedules": job_words.SCHEDULES
    | price_words.SCHEDULES
    | catalogue_words.SCHEDULES
    | scan_words.SCHEDULES,
    "refused_messages": job_words.REFUSED_MESSAGES,
    "letters": job_words.LETTERS | catalogue_words.LETTERS | scan_words.LETTERS,
    "problem_titles": problem_kinds.TITLES,
    "problem_details": problem_kinds.DETAILS,
    "problem_members": problem_kinds.MEMBERS,
}


def message_id(table: str, slug: str) -> str | None:
    """Return the English phrase for a slug, or None where the vocabulary has none.

    Hyphen and underscore are the same: records write ``washing_machine``, addresses ``washing-machine``.
    A record type keeps its word through its versions (``lot.received.v2``).
    """
    words = TABLES[table]
    unversioned = slug.rsplit(".v", 1)[0]
    spellings = (slug, slug.replace("_", "-"), slug.replace("-", "_"), unversioned)
    return next((words[spelling] for spelling in spellings if spelling in words), None)


def message_ids() -> Iterator[str]:
    """Yield every phrase of the vocabulary: what the catalogues must translate beside the templates."""
    for table in TABLES.values():
        yield from table.values()
