"""A grant and what it is made of: the brand's own, or one link further by whoever may pass it on."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.permissions import roles
from gateway.policies import load
from gateway.statements import hands
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal
from gateway.store import party_names
from gateway.workflows.links import UNKNOWN, link_of
from gateway.workflows.parties import channels_hash
from gateway.workflows.prepare import Wanted
from ledger.lots.permission import Link
from ledger.lots.state import AuthorizationState, PartyState
from ledger.store import log

YEAR: Final = timedelta(days=365)
GRANTORS: Final = roles("brand", "supplier")  # an agent's people have the role supplier


def state_of(ask: Ask) -> AuthorizationState | None:
    return ask.state if isinstance(ask.state, AuthorizationState) else None


def chain_above(ask: Ask, name: str) -> list[str]:
    """The links from the brand's own grant down to ``name``."""
    chain: list[str] = []
    waiting: str | None = name or None
    while waiting is not None:
        subject = log.subject(ask.connection, waiting)
        if subject is None:
            break
        chain.insert(0, waiting)
        waiting = subject.state.parent
    return chain


def brand_options(ask: Ask) -> list[Option]:
    """The names that a brand speaks for; of a link, those that it covers."""
    link = state_of(ask)
    if link is not None:
        return [Option(brand, brand) for brand in link.brands]
    own = log.subject(ask.connection, ask.party)
    names = own.state.brands if own is not None and isinstance(own.state, PartyState) else []
    return [Option(brand, brand) for brand in names]


def category_options(ask: Ask) -> list[Option]:
    link = state_of(ask)
    slugs = link.categories if link is not None else sorted(load.schemes())
    return [Option(slug, slug, "categories") for slug in slugs]


def channel_options(ask: Ask) -> list[Option]:
    """Those that we know; under a link, those of them that it leaves."""
    own = _link(ask)
    slugs = [one for one in own.channels if one != UNKNOWN] if own and own.channels else load.channels().codes
    return [Option(slug, slug, "sales_channels") for slug in slugs]


def clause_options(ask: Ask) -> list[Option]:
    link = state_of(ask)
    is_strict = link is not None and link.label_clause != "cut_allowed"
    slugs = ("intact_only",) if is_strict else ("intact_only", "cut_allowed")
    return [Option(slug, slug, "label_clauses") for slug in slugs]


def grantee_options(ask: Ask) -> list[Option]:
    """Agents and suppliers, who have a key that may use a grant or pass it on."""
    known = party_names.of_kinds(ask.connection, ("agent", "supplier"))
    names = party_names.names_of(ask.connection, [party for party, _, _ in known], "zh")
    chain = {link.state.grantor for name in chain_above(ask, ask.subject) if (link := _named(ask, name))}
    return [
        Option(party, names.get(party, party))
        for party, _, _ in known
        if party != ask.party and party not in chain
    ]


def _base_options(_ask: Ask) -> list[Option]:
    return [Option("sale", "sale", "fee_bases"), Option("purchase", "purchase", "fee_bases")]


def _from(ask: Ask) -> str:
    link = state_of(ask)
    return max(ask.today.isoformat(), link.valid_from if link else "")


def _until(ask: Ask) -> str:
    link = state_of(ask)
    return link.valid_until if link else (ask.today + YEAR).isoformat()


SCOPE: Final = (
    Field("brands", "choices", "Brands", options=brand_options),
    Field("categories", "choices", "Categories", options=category_options),
    Field(
        "channels", "choices", "Sales channels", "Leave all empty to allow every channel.", required=False,
        options=channel_options,
    ),
    Field(
        "territories_allowed", "countries", "Countries where the goods may be sold",
        "Leave it empty to allow every country.", required=False,
    ),
    Field(
        "territories_denied", "countries", "Countries where the goods must not be sold", required=False
    ),
)  # fmt: skip
FIELDS: Final = (
    Field("grantee", "party", "Who may sell", options=grantee_options),
    *SCOPE,
    Field(
        "label_clause", "choice", "Brand labels", "Whether goods may be sold whose brand label is cut out.",
        options=clause_options, default=lambda _ask: "intact_only",
    ),
    Field(
        "quantity_ceiling", "count", "At most so many pieces",
        "Counted over everything that is sold under this permission. Empty: no limit.", required=False,
    ),
    Field("valid_from", "day", "First day", default=_from),
    Field("valid_until", "day", "Last day", default=_until),
    Field(
        "fee_percent", "decimal", "Your fee, in per cent",
        "Of each sale under this permission. Empty: no fee.", required=False, minimum=0, maximum=100,
    ),
    Field("fee_base", "choice", "The fee is taken of", options=_base_options, default=lambda _ask: "sale"),
    Field("may_delegate", "yes", "They may pass the permission on to a supplier", required=False),
    Field("no_co_bundling", "yes", "Never in one bundle with another brand", required=False),
    Field(
        "document", "file", "The signed contract",
        "A PDF or a photo. Only its fingerprint goes into the record.", required=False,
    ),
)  # fmt: skip


def propose(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """A new link below ``ask.subject``, or the brand's own."""
    above = chain_above(ask, ask.subject)
    check_days(answers["valid_from"], answers["valid_until"], state_of(ask))
    check_countries(ask, answers)
    channels = sorted(answers["channels"]) or [*_inherited(ask)]
    wanted = Wanted(
        type="authorization.granted",
        subjects=("authorization",),
        refs=tuple(above),
        signers=(hands.place(ask.connection, ask.party, "authorization.granted", "grantor"),),
        data={
            "depth": len(above) + 1,
            "brands": list(answers["brands"]),
            "categories": list(answers["categories"]),
            "channels_hash": channels_hash(channels) if channels else None,
            "valid_from": answers["valid_from"].isoformat(),
            "valid_until": answers["valid_until"].isoformat(),
            "may_delegate": bool(answers["may_delegate"]) and len(above) + 1 < load.permission().depth_max,
            "label_clause": answers["label_clause"],
            "no_co_bundling": True if answers["no_co_bundling"] else None,
        },
        committed={"grantee": answers["grantee"], **_committed(answers, channels)},
    )
    return Proposal(wanted)


def check_days(first: date, last: date, above: AuthorizationState | None) -> None:
    """Raise FieldRefused where the days do not lie within each other."""
    if last < first:
        raise FieldRefused("valid_until", "ends-before-it-begins")
    if above is not None and first.isoformat() < above.valid_from:
        raise FieldRefused("valid_from", "wider-than-above")
    if above is not None and last.isoformat() > above.valid_until:
        raise FieldRefused("valid_until", "wider-than-above")


def check_countries(ask: Ask, answers: Mapping[str, Any]) -> None:
    """No country both allowed and denied, none allowed that the link above does not allow."""
    allowed, denied = set(answers["territories_allowed"]), set(answers["territories_denied"])
    if allowed & denied:
        raise FieldRefused("territories_denied", "allowed-and-denied")
    link = _link(ask)
    if link and link.territories_allowed and not allowed <= set(link.territories_allowed):
        raise FieldRefused("territories_allowed", "wider-than-above")


def _committed(answers: Mapping[str, Any], channels: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "territories_allowed": list(answers["territories_allowed"]),
        "territories_denied": list(answers["territories_denied"]),
        "channels": list(channels),
        "quantity_ceiling": answers["quantity_ceiling"],
        "document": answers["document"],
    }
    percent: Decimal | None = answers.get("fee_percent")
    if percent:
        found |= {"fee_rate": f"{(percent / 100).normalize():f}", "fee_base": answers["fee_base"]}
    return {name: value for name, value in found.items() if value not in (None, [])}


def _inherited(ask: Ask) -> tuple[str, ...]:
    """A link below one that names channels names them, too: nobody is left to guess."""
    link = _link(ask)
    return tuple(one for one in link.channels if one != UNKNOWN) if link else ()


def _link(ask: Ask) -> Link | None:
    return _named(ask, ask.subject) if state_of(ask) is not None else None


def _named(ask: Ask, name: str) -> Link | None:
    return link_of(ask.connection, name) if log.subject(ask.connection, name) is not None else None


def _brand_may(ask: Ask) -> str:
    own = log.subject(ask.connection, ask.party)
    is_brand = own is not None and isinstance(own.state, PartyState) and own.state.kind == "brand"
    return "" if is_brand else HIDDEN


def _grantee_may(ask: Ask) -> str:
    """Whether the caller is who this link was granted to, and may pass it on."""
    link, state = _link(ask), state_of(ask)
    if link is None or state is None or link.grantee != ask.party:
        return HIDDEN
    if not state.may_delegate:
        return "delegation-not-allowed"
    if state.revoked:
        return "permission-revoked"
    if state.valid_until < ask.today.isoformat():
        return "permission-expired"
    return "permission-too-deep" if state.depth >= load.permission().depth_max else ""


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "grant", "authorization.granted", GRANTORS, "nothing", FIELDS, offered=_brand_may, propose=propose,
        undone_by="revoke",
    ),
    Action(
        "delegate", "authorization.granted", GRANTORS, "authorization", FIELDS, offered=_grantee_may,
        propose=propose, undone_by="revoke",
    ),
)  # fmt: skip
