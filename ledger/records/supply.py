"""How goods are supplied: the brand's consent, title, consignments, shared freight, settled disputes."""

from typing import Literal

from pydantic import TypeAdapter

from ledger.core.envelope import Closed
from ledger.core.subjects import PartyId
from ledger.records.model import COUNT, HASH, MONEY, TEXT, Day, RecordType, Slug
from ledger.records.origin import SupplyMode
from ledger.records.trade import OrderId


class BrandConsented(Closed):
    """The brand lets its maker sell what the brand itself had ordered."""

    cause: Literal["cancelled_order"]


class TitleTransferred(Closed):
    """Title in the units of the sale right before it goes to the buyer. transferor: held title so far."""

    supply_mode: SupplyMode
    transferor: PartyId


class ConsignmentEnded(Closed):
    """What becomes of the unsold units. until: the new last day, of an extension only.

    Units go back as a whole lot of which none is sold: the others are split off before.
    """

    outcome: Literal["returned", "extended", "bought_out"]
    until: Day | None = None


class FreightBilled(Closed):
    """One bill over deliveries of one day, the record's subjects.

    They carry it by the units that their ``lot.received`` counted: largest remainder, in the order of
    the subjects.
    """

    site: Slug
    received_on: Day


class DisputeSettled(Closed):
    """A buyer's complaint about units of the lot, and whether it was right."""

    cause: Literal["not_as_described", "quantity", "damaged", "counterfeit", "late", "other"]
    outcome: Literal["upheld", "rejected"]


TYPES = (
    RecordType("brand.consented", BrandConsented, "brand", commits={"document": HASH}),
    RecordType(
        "title.transferred",
        TitleTransferred,
        "seller",
        commits={"transferee": TEXT, "order": TypeAdapter(OrderId)},
    ),
    RecordType(
        "consignment.ended",
        ConsignmentEnded,
        "custodian",
        frozenset({"consignor"}),
        commits={"unsold": COUNT, "price": MONEY, "document": HASH},
    ),
    RecordType("freight.billed", FreightBilled, "custodian", commits={"freight": MONEY, "document": HASH}),
    RecordType(
        "dispute.settled",
        DisputeSettled,
        "seller",
        commits={"quantity": COUNT, "order": TypeAdapter(OrderId), "document": HASH},
    ),
)
