"""Labels that left the house: how many, and why again. Which codes stands in private rows."""

from typing import Literal

from ledger.core.envelope import Closed
from ledger.records.model import Manifest, Positive, RecordType, Slug

LABELS = "labels/1"  # the form of the rows
ReprintReason = Literal["label_damaged", "label_lost", "misprinted", "text_changed"]


class LabelsPrinted(Closed):
    """Labels of codes of this lot, each read again before it left. reason: of a reprint, and only there.

    labels: on paper, so that copies count. manifest: one row a code, with its hash, how many copies of its
    label, and what commits to the hidden code where it has one.
    """

    labels: Positive
    purpose: Literal["first", "reprint"]
    reason: ReprintReason | None = None
    format: Slug
    manifest: Manifest


TYPES = (RecordType("labels.printed", LabelsPrinted, "custodian"),)
