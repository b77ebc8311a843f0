"""A lot's permission when it is used: one chain of grants, or one for each brand of a bundle."""

from collections.abc import Sequence

from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord
from ledger.lots import authorization
from ledger.lots.rules.step import Step
from ledger.lots.state import LotState, Part


def parts_of(lot: LotState) -> list[Part]:
    """A bundle's parts; any other lot as its only part."""
    return lot.bundle or [Part(brand=lot.brand, authorizations=lot.authorizations)]


def check_permission(step: Step, parts: Sequence[Part], category: str) -> None:
    """Raise unless the record refers to every grant behind ``parts``, and each chain holds today."""
    refs = step.typed.record.body.refs
    named = [ref.id for ref in refs if kind_of(ref.id) == "authorization"]
    if set(named) != {name for part in parts for name in part.authorizations}:
        raise InvalidRecord("refers to every authorization the lot was declared under", pointer="/refs")
    for part in parts:
        chain = authorization.links([ref for ref in refs if ref.id in part.authorizations], step.view)
        if not chain:
            continue
        grantee = step.view.opening(chain[-1][1].granted, "grantee")
        authorization.check_covers(
            chain,
            holder=grantee if isinstance(grantee, str) else "",
            brand=part.brand,
            category=category,
            day=step.day,
            view=step.view,
        )
