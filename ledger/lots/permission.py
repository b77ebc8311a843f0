"""May these goods be sold there, by the brand's leave? Every broken link at once, each by its name.

The chain runs from the brand's own grant down to the supplier who declared the lot. A brand that
declares its own goods needs none. Pure: the caller opens what is committed; what it cannot open allows
nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ledger.lots.state import AuthorizationState, LotState, Part, PartyState

Fault = Literal[
    "authorization-missing",  # no chain, and the supplier is not the brand
    "authorization-too-deep",  # more links than the policy allows
    "authorization-broken",  # does not continue the link above, or does not begin with the brand
    "authorization-revoked",
    "authorization-unreadable",  # its committed limits cannot be opened
    "record-distrusted",  # a key behind it is
    "authorization-expired",  # or not begun
    "authorization-scope",  # does not cover the brand or the category
    "authorization-wrong-grantee",  # granted to somebody else than who used it
    "authorization-exhausted",  # its quantity is sold
    "territory-excluded",
    "channel-excluded",
    "label-cut-not-licensed",
]


@dataclass(frozen=True, slots=True)
class Link:
    """One grant above the lot, with the committed facts that the operator may open.

    territories_allowed, channels: empty where the grant names none. grantee: None where it cannot be
    read; ceiling: the most units that may be sold under it, None without one; sold: units sold under it
    over all lots, None where that is not known. speaks_for: brand names of the grantor, as registered.
    readable: whether its limits are open; distrusted: whether a key behind it is.
    """

    id: str
    state: AuthorizationState
    territories_allowed: tuple[str, ...] = ()
    territories_denied: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    grantee: str | None = None
    ceiling: int | None = None
    sold: int | None = 0
    speaks_for: tuple[str, ...] = ()
    readable: bool = True
    distrusted: bool = False

    @property
    def left(self) -> int | None:
        """Units that may still be sold under it: None without a ceiling, 0 where nobody can tell."""
        if self.ceiling is None:
            return None
        return 0 if self.sold is None else max(0, self.ceiling - self.sold)


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong. link: id of the authorization, "" where it is about the chain as a whole.

    detail: of a chain that is too deep, how many links it has.
    """

    fault: Fault
    link: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of each link."""

    brand: str | None
    category: str
    cut: bool
    day: str
    market: str
    channel: str


def permission_of(
    lot: LotState,
    links: Mapping[str, Link],
    *,
    supplier: PartyState | None,
    day: str,
    market: str,
    channel: str,
    depth_max: int,
) -> list[Broken]:
    """Every reason why ``lot`` is unauthorised; an empty list is a permission.

    links: those of ``lot.authorizations`` by id; one that is missing is broken. supplier: who declared
    the lot, None where that is not known. day: YYYY-MM-DD. market: ISO 3166-1 alpha-2. channel: as grants
    name it. A bundle needs the permission of each of its brands.
    """
    found: list[Broken] = []
    for part in lot.bundle or [Part(brand=lot.brand, authorizations=lot.authorizations)]:
        asked = _Asked(part.brand, lot.category, lot.may_be_cut, day, market, channel)
        if not part.authorizations:
            own = supplier is not None and supplier.kind == "brand" and part.brand in supplier.brands
            found += [] if own else [Broken("authorization-missing")]
            continue
        if len(part.authorizations) > depth_max:
            found.append(Broken("authorization-too-deep", detail=str(len(part.authorizations))))
        found += _chain(part.authorizations, links, asked, lot.supplier)
    return list(dict.fromkeys(found))


def _chain(
    names: Sequence[str], links: Mapping[str, Link], asked: _Asked, user_below: str | None
) -> Iterator[Broken]:
    for position, name in enumerate(names):
        link = links.get(name)
        if link is None:
            yield Broken("authorization-broken", name)
            continue
        above = links.get(names[position - 1]) if position else None
        below = links.get(names[position + 1]) if position + 1 < len(names) else None
        user = user_below if position + 1 == len(names) else below.state.grantor if below else None
        faults = [
            *_joint(link, above, asked, first=position == 0),
            *_standing(link, asked, user),
            *_sale(link, asked),
        ]
        yield from (Broken(fault, name) for fault in faults)


def _joint(link: Link, above: Link | None, asked: _Asked, *, first: bool) -> list[Fault]:
    state = link.state
    if first:
        holds = state.parent is None and (asked.brand is None or asked.brand in link.speaks_for)
    else:
        holds = above is not None and state.parent == above.id and state.depth == above.state.depth + 1
    return [] if holds else ["authorization-broken"]


def _standing(link: Link, asked: _Asked, user: str | None) -> list[Fault]:
    state = link.state
    uncovered = asked.brand not in state.brands or asked.category not in state.categories
    misused = link.grantee is not None and user is not None and link.grantee != user
    faults: list[tuple[bool, Fault]] = [
        (state.revoked, "authorization-revoked"),
        (not link.readable, "authorization-unreadable"),
        (link.distrusted, "record-distrusted"),
        (not state.valid_from <= asked.day <= state.valid_until, "authorization-expired"),
        (uncovered, "authorization-scope"),
        (misused, "authorization-wrong-grantee"),
        (link.left == 0, "authorization-exhausted"),
    ]
    return [fault for applies, fault in faults if applies]


def _sale(link: Link, asked: _Asked) -> list[Fault]:
    allowed = link.territories_allowed
    excluded = asked.market in link.territories_denied or (bool(allowed) and asked.market not in allowed)
    faults: list[tuple[bool, Fault]] = [
        (excluded, "territory-excluded"),
        (bool(link.channels) and asked.channel not in link.channels, "channel-excluded"),
        (asked.cut and link.state.label_clause != "cut_allowed", "label-cut-not-licensed"),
    ]
    return [fault for applies, fault in faults if applies]


def left_under(chain: Iterable[Link]) -> int | None:
    """Units that the whole chain still lets be sold; None where no link has a ceiling."""
    return min((link.left for link in chain if link.left is not None), default=None)


def dependents(lots: Iterable[tuple[str, LotState]], authorization: str) -> list[str]:
    """Exactly the lots that stand under an authorization, in the order given. lots: id and state."""
    return [name for name, lot in lots if authorization in lot.authorizations]


def sold_under(lots: Iterable[LotState], authorization: str) -> int | None:
    """Units sold under an authorization over all its lots; None when some sale is not open."""
    total = 0
    for lot in lots:
        if authorization in lot.authorizations:
            if lot.sold is None:
                return None
            total += lot.sold
    return total
