"""The brand's permission: granted, delegated, narrowed, revoked; its consent to a cancelled order."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from gateway.pages.views.values import Value, Word
from gateway.permissions import roles
from gateway.policies import load
from gateway.statements import granting, hands
from gateway.statements.action import (
    HIDDEN,
    Action,
    Ask,
    Field,
    FieldRefused,
    Option,
    Proposal,
    Shown,
)
from gateway.statements.granting import GRANTORS, state_of
from gateway.store import trade
from gateway.tasks import kinds
from gateway.tasks.outbox import Cause, enqueue
from gateway.workflows.links import NOWHERE, UNKNOWN, link_of
from gateway.workflows.parties import channels_hash
from gateway.workflows.prepare import Wanted
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.lots.permission import Link, permission_of
from ledger.lots.state import AuthorizationState, LotState, PartyState
from ledger.record import Entry
from ledger.store import log
from ledger.store.dependents import names_under

ROWS_MAX: Final = 200
REASONS: Final = ("withdrawn", "breach", "superseded", "expired")
RECHECK: Final = "recheck"
Change = Callable[[Link], Link]


def _is_grantor(ask: Ask) -> str:
    state = state_of(ask)
    if state is None or state.grantor != ask.party:
        return HIDDEN
    return "permission-revoked" if state.revoked else ""


def _reasons(_ask: Ask) -> list[Option]:
    return [Option(slug, slug, "record_reasons") for slug in REASONS]


def _revoke(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    signer = hands.place(ask.connection, ask.party, "authorization.revoked", "grantor")
    data = {"reason": answers["reason"]}

    def change(link: Link) -> Link:
        return replace(link, state=link.state.model_copy(update={"revoked": True}))

    wanted = Wanted("authorization.revoked", (ask.subject,), (signer,), data)
    return Proposal(wanted, then=RECHECK, shown=(_lost(ask, change),))


def _narrow(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """Only what differs from now stands in the record; nothing at all is refused."""
    state, link = _present(ask), link_of(ask.connection, ask.subject)
    if answers["valid_until"] is not None and answers["valid_until"].isoformat() > state.valid_until:
        raise FieldRefused("valid_until", "wider-than-above")
    _check_territories(answers, link)
    channels = sorted(answers["channels"])
    fewer_channels = bool(channels) and set(channels) != set(link.channels)
    data = {
        "brands": _fewer(answers["brands"], state.brands),
        "categories": _fewer(answers["categories"], state.categories),
        "channels_hash": channels_hash(channels) if fewer_channels else None,
        "valid_until": _earlier(answers["valid_until"], state.valid_until),
        "may_delegate": False if answers["end_delegation"] and state.may_delegate else None,
        "label_clause": "intact_only" if answers["intact_only"] and _allows_cut(state) else None,
        "no_co_bundling": True if answers["no_co_bundling"] and not state.no_co_bundling else None,
    }
    committed = {
        "territories_allowed": list(answers["territories_allowed"]) or None,
        "territories_denied": list(answers["territories_denied"]) or None,
        "channels": channels if fewer_channels else None,
        "quantity_ceiling": answers["quantity_ceiling"],
        "document": answers["document"],
    }
    said = {name: value for name, value in committed.items() if value is not None}
    if all(value is None for value in data.values()) and not said.keys() - {"document"}:
        raise FieldRefused("", "narrows-nothing")
    signer = hands.place(ask.connection, ask.party, "authorization.narrowed", "grantor")
    wanted = Wanted("authorization.narrowed", (ask.subject,), (signer,), data, committed=said)
    return Proposal(wanted, then=RECHECK, shown=(_lost(ask, _narrowing(wanted)),))


def _narrowing(wanted: Wanted) -> Change:
    """What the record would make of the link."""
    public = {
        name: value
        for name, value in wanted.data.items()
        if value is not None and name in AuthorizationState.model_fields
    }
    said = wanted.committed

    def change(link: Link) -> Link:
        allowed, denied, channels = (said.get(name) for name in (
            "territories_allowed", "territories_denied", "channels"
        ))  # fmt: skip
        ceiling = said.get("quantity_ceiling")
        return replace(
            link,
            state=link.state.model_copy(update=public),
            territories_allowed=_common(link.territories_allowed, allowed, NOWHERE),
            territories_denied=(*link.territories_denied, *(denied if isinstance(denied, list) else ())),
            channels=_common(link.channels, channels, UNKNOWN),
            ceiling=min(ceiling, link.ceiling or ceiling) if isinstance(ceiling, int) else link.ceiling,
        )

    return change


def _lost(ask: Ask, change: Change) -> Shown:
    """The lots that lose a market by ``change`` of this link, each with what it loses."""
    links: dict[str, Link] = {}
    rows: list[tuple[Value, ...]] = []
    for name in names_under(ask.connection, ask.subject):
        subject = log.subject(ask.connection, name)
        if subject is None or not subject.state.is_leaf:
            continue
        lot: LotState = subject.state
        for one in {one for part in lot.bundle for one in part.authorizations} | {*lot.authorizations}:
            links.setdefault(one, link_of(ask.connection, one))
        after = {**links, ask.subject: change(links[ask.subject])}
        markets = _markets(ask, lot, links) - _markets(ask, lot, after)
        if markets:
            offers = len(trade.listings(ask.connection, lot=name))
            what = Word(table="categories", slug=lot.category)
            rows.append((name, lot.brand or "", what, lot.quantity, ", ".join(sorted(markets)), offers))
    return Shown(
        "Lots that may no longer be sold",
        ("Lot", "Brand", "Category", "Pieces", "Markets lost", "Open offers"),
        tuple(rows[:ROWS_MAX]),
        note="Their offers end by themselves with the next check. Goods that are sold already stay sold.",
    )


def _markets(ask: Ask, lot: LotState, links: Mapping[str, Link]) -> set[str]:
    """Where the chain lets the lot be sold today."""
    supplier = log.subject(ask.connection, lot.supplier) if lot.supplier else None
    state = supplier.state if supplier is not None and isinstance(supplier.state, PartyState) else None
    return {
        market.code
        for market in load.markets().markets
        if not permission_of(
            lot,
            links,
            supplier=state,
            day=ask.today.isoformat(),
            market=market.code,
            channel=market.channel,
            depth_max=load.permission().depth_max,
        )
    }


def _consentable(ask: Ask) -> str:
    """A brand, over goods of its own that its maker sells because the brand cancelled the order."""
    lot = ask.state
    own = log.subject(ask.connection, ask.party)
    if not isinstance(lot, LotState) or own is None or not isinstance(own.state, PartyState):
        return HIDDEN
    if own.state.kind != "brand" or lot.brand not in own.state.brands:
        return HIDDEN
    if lot.surplus_cause not in load.permission().released_by_brand:
        return HIDDEN
    return "consented-already" if lot.brand_consent is not None else ""


def _consent(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    signer = hands.place(ask.connection, ask.party, "brand.consented", "brand")
    committed = {"document": answers["document"]} if answers["document"] else {}
    data = {"cause": ask.state.surplus_cause}
    return Proposal(Wanted("brand.consented", (ask.subject,), (signer,), data, committed=committed))


def _recheck(work: Work, entry: Entry, _told: Mapping[str, JsonValue]) -> None:
    """Every offer is judged again with the next job, not with the next round."""
    by = Cause(f"record:{entry.index}")
    enqueue(work.connection, kinds.RECHECK, kinds.Nothing(), now=work.installation.clock.now(), by=by)


def _present(ask: Ask) -> AuthorizationState:
    state = state_of(ask)
    assert state is not None, ask.subject
    return state


def _check_territories(answers: Mapping[str, Any], link: Link) -> None:
    allowed, denied = set(answers["territories_allowed"]), set(answers["territories_denied"])
    if allowed & denied:
        raise FieldRefused("territories_denied", "allowed-and-denied")
    if allowed and link.territories_allowed and not allowed <= set(link.territories_allowed):
        raise FieldRefused("territories_allowed", "wider-than-above")


def _allows_cut(state: AuthorizationState) -> bool:
    return state.label_clause == "cut_allowed"


def _fewer(chosen: tuple[str, ...], now: list[str]) -> list[str] | None:
    """Of those that stand now the ones that are kept, in their order; None where all are, or none chosen."""
    kept = [one for one in now if one in chosen]
    return None if not kept or kept == now else kept


def _earlier(chosen: date | None, now: str) -> str | None:
    return None if chosen is None or chosen.isoformat() == now else chosen.isoformat()


def _common(now: tuple[str, ...], chosen: object, nothing: str) -> tuple[str, ...]:
    if not isinstance(chosen, list):
        return now
    return tuple(one for one in chosen if one in now) or (nothing,) if now else tuple(chosen)


KEPT_HINTS: Final = {
    "brands": "Tick what stays. Nothing ticked: as before.",
    "categories": "Tick what stays. Nothing ticked: as before.",
    "channels": "Tick what stays. Nothing ticked: as before.",
    "territories_allowed": "Tick the countries that are left. Nothing ticked: as before.",
    "territories_denied": "These are added to those that are forbidden already.",
}
NARROWING: Final = (
    *(replace(field, required=False, hint=KEPT_HINTS[field.name]) for field in granting.SCOPE),
    Field(
        "quantity_ceiling", "count", "At most so many pieces",
        "Counted over everything that is sold under this permission. Empty: no limit.", required=False,
    ),
    Field("valid_until", "day", "Last day", required=False, default=lambda ask: _present(ask).valid_until),
    Field("end_delegation", "yes", "They may no longer pass it on", required=False),
    Field("intact_only", "yes", "No goods whose brand label is cut out", required=False),
    Field("no_co_bundling", "yes", "Never in one bundle with another brand", required=False),
    Field(
        "document", "file", "The signed contract",
        "A PDF or a photo. Only its fingerprint goes into the record.", required=False,
    ),
)  # fmt: skip

ACTIONS: Final[tuple[Action, ...]] = (
    *granting.ACTIONS,
    Action(
        "narrow", "authorization.narrowed", GRANTORS, "authorization", NARROWING, offered=_is_grantor,
        propose=_narrow, is_grave=True,
    ),
    Action(
        "revoke", "authorization.revoked", GRANTORS, "authorization",
        (Field("reason", "choice", "Reason", options=_reasons),),
        offered=_is_grantor, propose=_revoke, is_grave=True,
    ),
    Action(
        "consent", "brand.consented", roles("brand"), "lot",
        (
            Field(
                "document", "file", "The signed release",
                "A PDF or a photo. Only its fingerprint goes into the record.", required=False,
            ),
        ),
        offered=_consentable, propose=_consent,
    ),
)  # fmt: skip
AFTER: Final = {RECHECK: _recheck}
