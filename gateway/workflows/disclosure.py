"""Who may see which committed value: the one table, by role and by relation to the goods.

    public     nothing: what stands in the log is all
    buyer      the permission to resell, what was measured with and built in, and their own orders
    customs    as the buyer of a shipment, and who stands behind the goods
    auditor    everything
    operator   everything

A field that does not stand here is opened to nobody.
"""

from collections.abc import Mapping
from typing import Final, Literal

Receiver = Literal["public", "buyer", "customs", "auditor", "operator"]
RECEIVERS: Final[tuple[Receiver, ...]] = ("public", "buyer", "customs", "auditor", "operator")

_INSIDE = frozenset({"auditor", "operator"})
_OFFICIALS = _INSIDE | {"customs"}
_TRADERS = _OFFICIALS | {"buyer"}

FIELDS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "party.registered": {
        "legal_name": _OFFICIALS,
        "registration_number": _OFFICIALS,
        "address": _OFFICIALS,
    },
    "authorization.granted": {
        "grantee": _OFFICIALS,
        "territories_allowed": _TRADERS,
        "territories_denied": _TRADERS,
        "channels": _TRADERS,
        "quantity_ceiling": _INSIDE,
        "fee_rate": _INSIDE,
        "fee_base": _INSIDE,
        "document": _OFFICIALS,
    },
    "authorization.narrowed": {
        "territories_allowed": _TRADERS,
        "territories_denied": _TRADERS,
        "channels": _TRADERS,
        "quantity_ceiling": _INSIDE,
        "document": _OFFICIALS,
    },
    "lot.declared": {
        "supplier_reference": _OFFICIALS,
        "price": _INSIDE,
        "face_value": _INSIDE,
        "cause_evidence": _OFFICIALS,
    },
    "brand.consented": {"document": _OFFICIALS},
    "title.transferred": {"transferee": _TRADERS, "order": _TRADERS},
    "consignment.ended": {"unsold": _INSIDE, "price": _INSIDE, "document": _INSIDE},
    "freight.billed": {"freight": _INSIDE, "document": _INSIDE},
    "dispute.settled": {"quantity": _INSIDE, "order": _INSIDE, "document": _INSIDE},
    "lot.received": {"delivery_note": _OFFICIALS},
    "lot.inspected": {"instrument_serials": _TRADERS, "photos": _TRADERS},
    "lot.insured": {"policy_number": _TRADERS, "cover": _TRADERS},
    "lot.refurbished": {"part_serials": _TRADERS, "photos": _TRADERS},
    "device.calibrated": {"certificate": _TRADERS, "serial": _TRADERS},
    "lot.listed": {"market": _INSIDE, "channel": _INSIDE, "price": _INSIDE},
    "lot.withdrawn": {"market": _INSIDE, "channel": _INSIDE, "price": _INSIDE},
    "lot.sold": {
        "quantity": _TRADERS,
        "order": _TRADERS,
        "buyer": _TRADERS,
        "incoterm": _TRADERS,
        "price": _TRADERS,
    },
    **{
        type_: {
            "marks": _TRADERS,
            "seal": _TRADERS,
            "route": _TRADERS,
            "destination": _TRADERS,
            "consignee": _TRADERS,
        }
        for type_ in ("lot.packed", "lot.shipped", "lot.delivered")
    },
    "lot.moved": {"waybill": _OFFICIALS},
    "lot.unpacked": {"remark": _INSIDE},
    "lot.lost": {"report": _INSIDE, "remark": _INSIDE},
    "lot.found": {"remark": _INSIDE},
    "lot.destroyed": {"place": _OFFICIALS, "contractor": _OFFICIALS},
    "lot.disposed": {"price": _INSIDE, "recipient": _INSIDE, "document": _INSIDE},
    "lot.returned": {"order": _TRADERS, "buyer": _TRADERS, "remark": _TRADERS},
    "lot.classified": {"recall_contact": _TRADERS},
    "lot.recalled": {"notice": _TRADERS, "remark": _TRADERS},
    "lot.released": {"notice": _TRADERS, "remark": _TRADERS},
    "document.issued": {"number": _TRADERS},
    "evidence.stated": {"report": _INSIDE, "remark": _INSIDE},
}
# Records of one order: buyer and customs see them of the buyer's own orders only, and so the files.
OF_AN_ORDER: Final = frozenset(
    {
        "lot.sold",
        "title.transferred",
        "lot.packed",
        "lot.shipped",
        "lot.delivered",
        "lot.returned",
        "document.issued",
    }
)


def may_see(receiver: Receiver, type_: str, field: str, *, own: bool) -> bool:
    """Whether ``receiver`` may see a field. own: the record belongs to an order of theirs."""
    if receiver not in FIELDS.get(type_, {}).get(field, frozenset()):
        return False
    return own or receiver in _INSIDE or type_ not in OF_AN_ORDER


def sees_all_rows(receiver: Receiver) -> bool:
    """Rows hold serials: others see only those of goods that they bought."""
    return receiver in _INSIDE
