"""What links of a GS1 resolver are called."""

from typing import Final

LINK_TITLES: Final = {
    "article": "The history of this article",
    "lot": "The history of this lot",
    "goods": "Lots of these goods in our records",
    "records": "Every record of this lot",
    "history": "Every record of this lot, for programs",
    "pack": "The evidence of this lot, to check without us",
    "permission": "The permission to sell this lot",
    "recall": "The recall of this lot",
}

TABLES: Final = {"link_titles": LINK_TITLES}
