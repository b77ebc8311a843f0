"""By whose leave a supplier may declare: the grants of the ledger that lead from a brand down to it."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from gateway.workflows.links import link_of
from ledger.lots.state import AuthorizationState, PartyState
from ledger.store import log

Grants = dict[str, AuthorizationState]


def chains_of(
    connection: Connection, supplier: str, wanted: Iterable[tuple[str, str]], *, day: str, depth_max: int
) -> dict[str, list[str]]:
    """``brand/category`` -> authorization ids, the brand's own first; nothing where there is no chain.

    Only grants that stand on ``day`` (YYYY-MM-DD) and cover brand and category. Of several chains the
    one that ends last, then the shortest. A brand's own goods need no link.
    """
    subject = log.subject(connection, supplier)
    own = set(subject.state.brands) if subject and isinstance(subject.state, PartyState) else set()
    grants: Grants = {name: found.state for name, found in log.subjects_of_kind(connection, "authorization")}
    ours = [name for name in grants if link_of(connection, name).grantee == supplier]
    chains: dict[str, list[str]] = {}
    for brand, category in sorted(set(wanted)):
        if brand in own:
            chains[f"{brand}/{category}"] = []
            continue
        fit = [
            chain
            for name in ours
            if (chain := _up(grants, name))
            and len(chain) <= depth_max
            and all(_covers(grants[link], brand, category, day) for link in chain)
        ]
        if fit:
            chains[f"{brand}/{category}"] = max(
                fit, key=lambda chain: (grants[chain[-1]].valid_until, -len(chain), chain[-1])
            )
    return chains


def brands_known(connection: Connection) -> dict[str, str]:
    """Party id of each brand owner -> the brand it speaks for first."""
    return {
        name: found.state.brands[0]
        for name, found in log.subjects_of_kind(connection, "party")
        if isinstance(found.state, PartyState) and found.state.kind == "brand" and found.state.brands
    }


def _up(grants: Grants, name: str) -> list[str]:
    """The links from the brand's own grant down to ``name``; empty where one is missing."""
    chain = list(_above(grants, name))
    return chain[::-1] if chain and grants[chain[-1]].parent is None else []


def _above(grants: Grants, name: str) -> Iterator[str]:
    seen: set[str] = set()
    link: str | None = name
    while link is not None and link in grants and link not in seen:
        seen.add(link)
        yield link
        link = grants[link].parent


def _covers(grant: AuthorizationState, brand: str, category: str, day: str) -> bool:
    is_standing = not grant.revoked and grant.valid_from <= day <= grant.valid_until
    return is_standing and brand in grant.brands and category in grant.categories
