"""An insurer covers a lot as its last inspection found it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from gateway.permissions import roles
from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Proposal
from gateway.workflows.prepare import Wanted
from ledger.lots.state import LotState

YEAR: Final = timedelta(days=365)


def _insurable(ask: Ask) -> str:
    lot = ask.state
    if not isinstance(lot, LotState) or ask.party in (lot.title, lot.custody):
        return HIDDEN
    if not lot.is_leaf or lot.exit is not None:
        return "goods-gone"
    return "" if lot.inspection is not None and not lot.changed_since_inspection else "not-inspected"


def _insure(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    first, last = answers["valid_from"], answers["valid_until"]
    if last < first:
        raise FieldRefused("valid_until", "ends-before-it-begins")
    signer = hands.place(ask.connection, ask.party, "lot.insured", "insurer")
    data = {"valid_from": first.isoformat(), "valid_until": last.isoformat()}
    committed = {"policy_number": answers["policy_number"], "cover": answers["cover"]}
    return Proposal(Wanted("lot.insured", (ask.subject,), (signer,), data, committed=committed))


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "insure", "lot.insured", roles("insurer"), "lot",
        (
            Field("policy_number", "text", "Number of the policy", "Only a fingerprint of it is public."),
            Field("cover", "money", "Sum insured", "Only a fingerprint of it is public."),
            Field("valid_from", "day", "First day", default=lambda ask: ask.today.isoformat()),
            Field("valid_until", "day", "Last day", default=lambda ask: (ask.today + YEAR).isoformat()),
        ),
        offered=_insurable, propose=_insure,
    ),
)  # fmt: skip
