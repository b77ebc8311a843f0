"""Goods that can hurt people: marked before they are offered, called back, released."""

from typing import Literal

from ledger.core.envelope import Closed
from ledger.core.subjects import Hash
from ledger.records.model import HASH, TEXT, RecordType

SafetyClass = Literal["children", "electrical", "fire", "food_contact", "pressure", "protective"]


class LotClassified(Closed):
    """The goods touch personal safety: every unit needs a code of its own. Whom to call is committed."""

    safety: SafetyClass


class LotRecalled(Closed):
    """Holds for the lots named and for every lot that comes of them, before and after."""

    reason: Literal["safety", "counterfeit", "legal", "quality"]


class LotReleased(Closed):
    """record: event id of the recall that ends for the lots named."""

    record: Hash
    reason: Literal["unfounded", "remedied"]


TYPES = (
    RecordType("lot.classified", LotClassified, "custodian", commits={"recall_contact": TEXT}),
    RecordType("lot.recalled", LotRecalled, "authority", commits={"notice": HASH, "remark": TEXT}),
    RecordType("lot.released", LotReleased, "authority", commits={"notice": HASH, "remark": TEXT}),
)
