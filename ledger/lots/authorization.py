"""The brand's permission, link by link (records.md 3 and 4)."""

from ledger.core.envelope import Body, Ref
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.state import AuthorizationState, PartyState, Signed, View
from ledger.records.origin import AuthorizationGranted


def granted(
    data: AuthorizationGranted, record: str, body: Body, view: View, *, index: int, day: str
) -> AuthorizationState:
    """A new link: by the brand itself, or by the grantee of the link above who may delegate.

    record: event id of the grant; index, day: where and when it is sequenced. Raises NotYourLot or
    InvalidRecord; a link is never wider than the one above it.
    """
    if data.valid_from > data.valid_until:
        raise InvalidRecord("ends before it begins", pointer="/data/valid_until")
    grantor, chain = body.author.party, links(body.refs, view)
    if len(chain) != data.depth - 1:
        raise InvalidRecord("a grant refers to every link above it", pointer="/refs")
    if not chain:
        _check_brand(data, grantor, view)
        parent = None
    else:
        for name, link in chain:
            _check_standing(name, link, day, view)
        parent_id, above = chain[-1]
        _check_delegation(data, above, grantor, view)
        parent = parent_id
    return AuthorizationState(
        grantor=grantor,
        granted=record,
        parent=parent,
        depth=data.depth,
        brands=data.brands,
        categories=data.categories,
        valid_from=data.valid_from,
        valid_until=data.valid_until,
        may_delegate=data.may_delegate,
        label_clause=data.label_clause,
        channels_hash=data.channels_hash,
        by=Signed(index=index, keys=[signer.key for signer in body.signers]),
    )


def links(refs: list[Ref], view: View) -> list[tuple[str, AuthorizationState]]:
    """The authorizations among ``refs`` as one chain from the brand's own grant down.

    Raises InvalidRecord when they do not form one.
    """
    chain: list[tuple[str, AuthorizationState]] = []
    for ref in refs:
        if kind_of(ref.id) == "authorization":
            subject = view.subject(ref.id)
            if subject is None:
                raise InvalidRecord(f"{ref.id} does not exist", pointer="/refs")
            chain.append((ref.id, subject.state))
    chain.sort(key=lambda link: link[1].depth)
    for position, (_, state) in enumerate(chain):
        above = chain[position - 1][0] if position else None
        if state.depth != position + 1 or state.parent != above:
            raise InvalidRecord("the authorizations referred to are not one chain", pointer="/refs")
    return chain


def check_covers(
    chain: list[tuple[str, AuthorizationState]],
    *,
    holder: str,
    brand: str | None,
    category: str,
    day: str,
    view: View,
) -> None:
    """Raise unless the chain lets ``holder`` trade these goods on ``day`` (YYYY-MM-DD, log time).

    Grantees are committed: where a value is not open to ``view`` that link is left unjudged.
    """
    for position, (name, link) in enumerate(chain):
        pointer = "/refs"
        _check_standing(name, link, day, view)
        if brand is not None and brand not in link.brands:
            raise NotYourLot(f"{name} does not cover the brand", pointer=pointer)
        if category not in link.categories:
            raise NotYourLot(f"{name} does not cover {category}", pointer=pointer)
        grantee = view.opening(link.granted, "grantee")
        below = chain[position + 1][1].grantor if position + 1 < len(chain) else holder
        if grantee is not None and grantee != below:
            raise NotYourLot(f"{name} was granted to another party", pointer=pointer)


def distrusted(view: View, key_id: str, index: int) -> bool:
    """Whether a record that ``key_id`` signed at ``index`` counts as distrusted by now (records.md 3)."""
    key = view.key(key_id)
    return key is not None and key.distrust_from is not None and key.distrust_from <= index


def _check_standing(name: str, link: AuthorizationState, day: str, view: View) -> None:
    """Raise NotYourLot unless the link itself holds on ``day``."""
    if link.revoked:
        raise NotYourLot(f"{name} was revoked", pointer="/refs")
    if not link.valid_from <= day <= link.valid_until:
        raise NotYourLot(f"{name} does not hold on {day}", pointer="/refs")
    if any(distrusted(view, key, link.by.index) for key in link.by.keys):
        raise NotYourLot(f"a key behind {name} is distrusted", pointer="/refs")


def _check_brand(data: AuthorizationGranted, grantor: str, view: View) -> None:
    subject = view.subject(grantor)
    state = subject.state if subject else None
    if not isinstance(state, PartyState) or state.kind != "brand":
        raise NotYourLot("only a brand grants at depth 1", pointer="/signers/0/party")
    for position, brand in enumerate(data.brands):
        if brand not in state.brands:
            raise NotYourLot("the grantor does not speak for this brand", pointer=f"/data/brands/{position}")


def _check_delegation(
    data: AuthorizationGranted, above: AuthorizationState, grantor: str, view: View
) -> None:
    if not above.may_delegate:
        raise NotYourLot("the link above does not allow delegation", pointer="/refs")
    grantee = view.opening(above.granted, "grantee")
    if grantee is not None and grantee != grantor:
        raise NotYourLot("the link above was granted to another party", pointer="/signers/0/party")
    if not set(data.brands) <= set(above.brands):
        raise InvalidRecord("wider in brands than the link above", pointer="/data/brands")
    if not set(data.categories) <= set(above.categories):
        raise InvalidRecord("wider in categories than the link above", pointer="/data/categories")
    if data.valid_from < above.valid_from or data.valid_until > above.valid_until:
        raise InvalidRecord("longer than the link above", pointer="/data/valid_until")
    if data.label_clause == "cut_allowed" and above.label_clause != "cut_allowed":
        raise InvalidRecord("allows cut labels where the link above does not", pointer="/data/label_clause")
