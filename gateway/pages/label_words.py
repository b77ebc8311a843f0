"""The vocabulary of labels: runs, formats, reasons for printing again, and what stands on them."""

from typing import Final

RECORD_TYPES: Final = {"labels.printed": "Labels printed"}

FIELDS: Final = {"labels": "Labels", "purpose": "Purpose of the run", "format": "Label format"}

REASONS: Final = {
    "label_damaged": "Label damaged",
    "label_lost": "Label lost",
    "misprinted": "Misprinted",
    "text_changed": "What stands on it has changed",
}

PURPOSES: Final = {"first": "First labels", "reprint": "Printed again"}

FORMATS: Final = {
    "a4_3x8": "A4 sheet, 24 labels of 70 × 37 mm",
    "a4_3x8_gaps": "A4 sheet, 24 labels of 63.5 × 33.9 mm",
    "a4_4x10": "A4 sheet, 40 labels of 48.5 × 25.4 mm",
    "a4_5x13": "A4 sheet, 65 labels of 38.1 × 21.2 mm",
    "roll_50x30": "Roll, 50 × 30 mm, PDF",
    "roll_50x30_zpl203": "Roll, 50 × 30 mm, ZPL, 203 dpi",
    "roll_50x30_zpl300": "Roll, 50 × 30 mm, ZPL, 300 dpi",
    "roll_50x30_zpl600": "Roll, 50 × 30 mm, ZPL, 600 dpi",
    "roll_100x150": "Roll, 100 × 150 mm, PDF",
    "roll_100x150_zpl203": "Roll, 100 × 150 mm, ZPL, 203 dpi",
    "roll_100x150_zpl300": "Roll, 100 × 150 mm, ZPL, 300 dpi",
    "roll_100x150_zpl600": "Roll, 100 × 150 mm, ZPL, 600 dpi",
}

VARIANTS: Final = {
    "plain": "Plain: the link alone",
    "signed": "Signed: can be checked without a network, larger symbol",
}

STATES: Final = {"waiting": "Being made", "released": "Read again and released", "refused": "Not released"}

# What may stand on a label, in the language chosen for it.
ON_LABELS: Final = {"title": "Labels", "grade": "Grade", "hidden": "Scratch here"}

FORM_ERRORS: Final = {
    "labels-code-unknown": "One of these codes was not issued here. Compare it with the label.",
    "labels-none": "No codes of the chosen kinds were issued for these lots.",
    "labels-all-printed": "All of these were printed already. To print them again, choose that and say why.",
    "labels-none-printed": "None of these was printed before. Choose first labels.",
    "labels-too-many": "These are more than 20,000 labels. Choose fewer lots.",
    "labels-no-room": "The symbol would be too small to read on this label. Choose a larger one.",
    "labels-no-scratch": "These labels have no room for a scratch field. "
    "Choose larger ones, or print without hidden codes.",
    "labels-no-hidden": "Only articles that nobody has claimed can have a hidden code, "
    "and none of these is one.",
    "labels-level-missing": "Choose at least one kind of code.",
    "labels-reason-missing": "Say why they are printed again.",
    "labels-lots-too-many": "Choose at most 50 lots.",
    "hidden-code-unreadable": "A hidden code has 12 characters and one more to check them. Look at it again.",
    "hidden-code-wrong": "This is not the hidden code of this label. Look at it again. "
    "If it stands there like this, the label may be a copy, or was replaced: ask the seller.",
}

FLASHES: Final = {"labels-begun": "The labels are being made and read again; here you see how far it is."}

NAVIGATION: Final = {"labels": "Labels"}

TABLES: Final = {
    "label_purposes": PURPOSES,
    "label_formats": FORMATS,
    "label_variants": VARIANTS,
    "run_states": STATES,
    "on_labels": ON_LABELS,
}
