"""The vocabulary of imports: fields and words of sheets, why a file or a row is not taken, stock feeds."""

from typing import Final

from gateway.consignments.fields import fields

CATEGORIES: Final = {
    "tablet": "Tablet computer",
    "laptop": "Laptop computer",
    "shoes": "Shoes",
    "air_conditioner": "Air conditioner",
    "television": "Television set",
    "rice_cooker": "Rice cooker",
    "vacuum_cleaner": "Vacuum cleaner",
    "chair": "Chair",
    "table": "Table",
    "bed": "Bed",
    "cabinet": "Cabinet",
    "mattress": "Mattress",
}

# What a column may be read as, where it is not called as everywhere else.
SHEET_FIELDS: Final = {
    "remark": "Remark (not read)",
    "unit_cost": "Price of the purchase (not read)",
    "row_number": "Row number (not read)",
    "imei": "IMEI",
    "serial": "Serial number",
    "gtin": "GTIN (barcode)",
    "model": "Model or name",
    "produced_on": "Made on",
    "list_price": "List price, in CNY",
    "origin_channel": "Sold before through",
    "origin_country": "Made in",
    "hs_code": "HS code",
    "net_mass_g": "Net mass of one piece",
    "gross_mass_g": "Gross mass of one piece",
    "dimensions": "Length × width × height",
    "length": "Length",
    "width": "Width",
    "height": "Height",
    "colour": "Colour",
    "size": "Size",
    "storage": "Storage",
    "season": "Season",
    "un38_3": "Number of the UN38.3 test summary",
    "battery_wh": "Energy of the battery in Wh",
}

# "field-word": a word of ours, as a person chooses it for one of the supplier's.
SHEET_WORDS: Final = {
    "wear-new": "As new",
    "wear-light": "Light wear",
    "wear-visible": "Wear that is clear to see",
    "function-pass": "Works",
    "function-fail": "Does not work",
    "function-not_tested": "Not tested",
    "damage-none": "No damage",
    "damage-dent": "Dent",
    "damage-scratch": "Scratch",
    "damage-fabric_scratch": "Scratch in the fabric",
    "damage-broken": "Broken",
    "damage-crack": "Crack",
    "origin_channel-other": "Somewhere else",
}

UNITS: Final = {
    "mm": "millimetres",
    "cm": "centimetres",
    "cm2": "square centimetres",
    "mm2": "square millimetres",
    "percent": "per cent (97)",
    "fraction": "a share of 1 (0.97)",
    "g": "grams",
    "kg": "kilograms",
    "jin": "jin (500 g)",
    "times": "times",
}

SHEET_HEADERS: Final = {"row": "Row", "wrong": "What is wrong"}  # of the sheet that goes to the supplier

DATE_ORDERS: Final = {
    "ymd": "year, month, day",
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "serial": "days counted by the spreadsheet",
}

DECIMALS: Final = {".": "1,234.5 (point before decimals)", ",": "1.234,5 (comma before decimals)"}

CERTAINTIES: Final = {"sure": "Recognised", "likely": "Please check", "none": "Not recognised"}

DOUBTS: Final = {
    "date-order": "Day and month could be the other way round.",
    "decimals": "The mark could stand before decimals or between thousands.",
    "unit": "The header names no unit.",
    "words": "Some words are not known yet; the next step asks for them.",
}

REJECTIONS: Final = {
    "quantity-not-one": "A row with an IMEI or serial number stands for one piece",
    "quantity-out-of-range": "The quantity must be at least 1",
    "quantity-unreadable": "The quantity is not a number",
    "list-price-unreadable": "The list price is not an amount",
    "serial-format": "This is not a serial number",
    "style-number-format": "This is not a style number",
    "label-state-unknown": "The word for the brand label is not known yet",
    "origin-country-unknown": "The country is unknown",
    "origin-channel-unknown": "The sales channel is unknown",
    "storage-unknown": "The storage is unknown",
    **{
        f"{name.replace('_', '-')}-not-recordable": "The text has characters that cannot be recorded"
        for name, field in fields().items()
        if field.kind in ("text", "style_number")
    },
}

FORM_ERRORS: Final = {
    "file-password": "The workbook is protected by a password. Save it without one and send that.",
    "sheet-empty": "The sheet is empty.",
    "sheet-no-rows": "The sheet has a header and no row below it.",
    "sheet-too-wide": "The sheet has more than 300 columns. Send only those that describe goods.",
    "sheet-too-large": "The sheet has more than five million cells. Split it into several files.",
    "sheet-formulas": "A formula in the workbook has no stored result. Open it, save it, and send that.",
    "sheet-encoding": "The text cannot be read. Save it as XLSX, or as CSV in UTF-8.",
    "sheet-choose": "The workbook has several sheets. Choose one.",
    "field-twice": "Two columns are read as the same thing. Choose one of them.",
    "meaning-unknown": "Choose one of the meanings shown.",
    "unit-unfit": "This unit does not fit the column.",
    "nothing-mapped": "Say of at least one column what it means.",
    "field-missing": "No column says this. Choose the column above, or say it here for all goods.",
    "constant-unfit": "This cannot be read.",
    "supplier-missing": "Choose the supplier.",
    "supplier-unknown": "This company is not registered as a supplier.",
    "profile-name-missing": "Give this layout a name, so that you know it again.",
    "supply-mode-missing": "Choose how the goods are supplied.",
    "surplus-cause-missing": "Choose why the goods are surplus.",
    "currency-unfit": "Choose one of the currencies shown.",
    "price-missing": "Say what was paid for everything in the file.",
    "price-unreadable": "This is not an amount of this currency. Write it like 1234.50.",
    "consigned-until-unfit": "Only a consignment has a last day.",
    "word-missing": "Say what this word means, or that its rows are refused.",
    "word-unknown": "Choose one of the words shown.",
    "too-many-words": "This column has too many different words. Read it as something else.",
    "supplier-must-sign": "The supplier has no key that may sign a declaration. Register one first.",
    "not-described": "Say first what the columns mean.",
    "as-of-unreadable": "Enter a date and a time.",
    "as-of-ahead": "This moment has not come yet.",
    "stock-feed-out-of-order": "A later statement of the stock is here already.",
    "stock-feed-unreadable": "The file needs a column for the item and one for the quantity.",
}

FLASHES: Final = {
    "columns-again": "Please look at the columns that are marked: how they are read was found out anew.",
    "layout-saved": "The layout was saved. It is offered again for the next sheet with these columns.",
    "stock-taken": "The stock was taken over.",
    "stock-unchanged": "This very statement was here already; nothing changed.",
}

NAVIGATION: Final = {"stock": "Suppliers' stock", "stock-own": "Stock"}

GATE_REASONS: Final = {"stock-feed-stale": "The supplier has not stated its stock lately"}
REMEDIES: Final = {"stock-feed-stale": "The supplier sends its stock again."}

STOCK_CHANGES: Final = {
    "same": "as in the ledger",
    "less": "fewer than in the ledger",
    "more": "more than in the ledger",
    "absent": "not in the last statement",
}

STOCK_TROUBLES: Final = {
    "unknown": "no direct lot has this item",
    "several": "several lots have this item; name the lot",
    "unreadable": "the quantity cannot be read",
    "twice": "the item stands twice",
}

TABLES: Final = {
    "sheet_fields": SHEET_FIELDS,
    "sheet_words": SHEET_WORDS,
    "sheet_units": UNITS,
    "sheet_headers": SHEET_HEADERS,
    "date_orders": DATE_ORDERS,
    "decimal_marks": DECIMALS,
    "certainties": CERTAINTIES,
    "doubts": DOUBTS,
    "stock_changes": STOCK_CHANGES,
    "stock_troubles": STOCK_TROUBLES,
}
