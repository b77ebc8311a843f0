"""The brand's permission, link by link (records.md 3 and 4)."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from ledger.core import canonical
from ledger.core.canonical import JsonValue
from ledger.core.envelope import Body, Ref
from ledger.core.subjects import kind_of
from ledger.errors import InvalidRecord, NotYourLot
from ledger.lots.state import AuthorizationState, PartyState, Signed, View
from ledger.records.origin import AuthorizationGranted, AuthorizationNarrowed


def granted(
    data: AuthorizationGranted,
    record: str,
    body: Body,
    view: View,
    *,
    index: int,
    day: str,
    opened: Mapping[str, JsonValue],
) -> AuthorizationState:
    """A new link: by the brand itself, or by the grantee of the link above who may delegate.

    record: event id of the grant; index, day: where and when it is sequenced; opened: its committed
    values as far as they are to be had. Raises NotYourLot or InvalidRecord; a link is never wider than
    the one above it.
    """
    check_channels(data.channels_hash, opened)
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
        no_co_bundling=data.no_co_bundling is True or (bool(chain) and chain[-1][1].no_co_bundling),
    )


def narrowed(
    old: AuthorizationState,
    data: AuthorizationNarrowed,
    record: str,
    body: Body,
    opened: Mapping[str, JsonValue],
) -> AuthorizationState:
    """The link as its grantor left it. record: event id of the narrowing.

    Territories and a ceiling, which are committed, hold from here on beside the earlier ones; whoever
    reads them reads all of ``granted`` and ``narrowed``. Raises NotYourLot, InvalidRecord.
    """
    if body.author.party != old.grantor:
        raise NotYourLot("only its grantor narrows an authorization", pointer="/signers/0/party")
    if old.revoked:
        raise InvalidRecord("is revoked already", pointer="/subjects/0")
    said = {name: value for name, value in data if value is not None}
    if not said and not body.commit.keys() - {"document"}:
        raise InvalidRecord("narrows nothing", pointer="/data")
    for member in ("brands", "categories"):
        if not set(said.get(member, [])) <= set(getattr(old, member)):
            raise InvalidRecord(f"wider in {member} than before", pointer=f"/data/{member}")
    if data.valid_until is not None and data.valid_until > old.valid_until:
        raise InvalidRecord("longer than before", pointer="/data/valid_until")
    if "channels" in body.commit and data.channels_hash is None:
        raise InvalidRecord("channels stand in the record as their hash", pointer="/data/channels_hash")
    check_channels(data.channels_hash, opened)
    return old.model_copy(update={**said, "narrowed": [*old.narrowed, record]})


def check_channels(channels_hash: str | None, opened: Mapping[str, JsonValue]) -> None:
    """Raise InvalidRecord unless channel codes that are given are those behind the public hash."""
    channels = opened.get("channels")
    if channels is not None and sha256(canonical.dumps(channels)).hexdigest() != channels_hash:
        raise InvalidRecord("are not the channels of channels_hash, ascending", pointer="/open/channels")


def check_depth(chain: Sequence[object], depth_max: int) -> None:
    """Raise InvalidRecord when the chain has more links than the policy named in the record allows."""
    if len(chain) > depth_max:
        raise InvalidRecord(
            f"{len(chain)} links, the policy allows {depth_max} between brand and supplier",
            pointer="/data/depth_max",
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
