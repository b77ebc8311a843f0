"""A lot is offered in a market, and the offer is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, cast

from gateway.errors import LotNotVerified, Refused
from gateway.pages.views.values import Money, Territory, Word
from gateway.policies import load
from gateway.statements.action import (
    HIDDEN,
    TERRITORY,
    Action,
    Ask,
    Field,
    FieldRefused,
    Option,
    Proposal,
    Shown,
)
from gateway.statements.lots import OPERATOR, Effect, lot, own_place, sells, worded
from gateway.store import offer_states, trade
from gateway.trade.offer_states import WITHDRAWN_FOR, may_move, state_of
from gateway.trade.pricing import STATED_KINDS
from gateway.trade.quantities import BASES
from gateway.trade.visibility import VISIBILITIES
from gateway.workflows.gate import Judged, is_recalled, judge_lot, verdict_on
from gateway.workflows.list_lot import Display, show_offer
from gateway.workflows.offer_terms import OfferTerms, Stated, agree
from gateway.workflows.prepare import Wanted
from gateway.workflows.references import told
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.lots.rules import SELLABLE_GRADES
from ledger.record import Entry
from ledger.store import log

# Refusal -> the field to correct, and the word of ``form_errors``.
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "price-out-of-band": ("price", "price-out-of-band"),
    "price-not-divisible": ("price", "price-not-divisible"),
    "unit-not-stated": ("basis", "unit-not-stated"),
    "below-moq": ("moq", "moq-too-small"),
    "not-a-multiple": ("multiple", "not-whole-cartons"),
}

REASONS: Final = WITHDRAWN_FOR


def _offerable(ask: Ask) -> str:
    state = lot(ask)
    if not sells(ask) or not state.is_leaf or state.overage or not _free_markets(ask):
        return HIDDEN
    if not state.at_hand:
        return "not-received"
    if is_recalled(ask.connection, ask.subject):
        return "recalled"
    if state.inspection is None or state.changed_since_inspection:
        return "not-inspected"
    return "" if state.grade in SELLABLE_GRADES else "not-graded"


def _free_markets(ask: Ask) -> Sequence[Option]:
    """Markets in which the lot is not offered yet."""
    taken = {listing.market for listing in offer_states.standing(ask.connection, lot=ask.subject)}
    codes = [market.code for market in load.markets().markets]
    return [Option(code, code, TERRITORY) for code in codes if code not in taken]


def _currency(ask: Ask) -> str:
    """Of the first market that is left."""
    market = next((load.markets().market(one.value) for one in _free_markets(ask)), None)
    return market.currency if market else ""


def _channels(_ask: Ask) -> Sequence[Option]:
    return [Option(code, code, "sales_channels") for code in load.channels().codes]


def _bases(_ask: Ask) -> Sequence[Option]:
    return [Option(basis, basis, "price_bases") for basis in BASES]


def _offer(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """Raises FieldRefused: ``not-eligible`` where the gate has a reason, else the field to correct."""
    verdict = verdict_on(ask.installation, ask.connection, ask.subject)
    judged = judge_lot(ask.installation, ask.connection, ask.subject, verdict)
    if judged is None:
        raise FieldRefused("market", "not-eligible")
    terms = _agreed(ask, judged, answers)
    wanted = Wanted(
        "lot.listed",
        [ask.subject],
        [own_place(ask, "lot.listed", "seller")],
        {"verification": judged.verification(terms.place), "depth_max": load.permission().depth_max},
        refs=lot(ask).authorizations,
        committed=terms.committed,
    )
    kept: dict[str, JsonValue] = {
        "lot": ask.subject,
        "terms": asdict(terms),
        "display": asdict(_display(ask, answers)),
        "by": ask.identity.principal,
    }
    return Proposal(wanted, then="listed", told=kept, shown=(_shown(ask, terms),))


def _agreed(ask: Ask, judged: Judged, answers: Mapping[str, Any]) -> OfferTerms:
    market, price = load.markets().market(answers["market"]), answers["price"]
    assert market is not None  # it was offered
    if price is not None and price["currency"] != market.currency:
        raise FieldRefused("price", "other-currency")
    stated = Stated(
        channel=answers["channel"],
        basis=answers["basis"] or "piece",
        price_minor=price["amount_minor"] if price else None,
        moq=answers["moq"],
        multiple=answers["multiple"],
        mixed=answers["mixed"],
        override_reason=answers["override_reason"] or "",
        against=answers["against"],
    )
    try:
        return agree(ask.installation, judged, market, stated)
    except LotNotVerified as error:
        reasons = [f"{one.slug} {one.detail}".strip() for one in error.reasons]
        raise FieldRefused("market", "not-eligible", reasons=reasons) from error
    except Refused as error:
        field, slug = _FIELDS[error.code]
        facts = {name: str(value) for name, value in error.facts.items() if value is not None}
        raise FieldRefused(field, slug, **facts) from error


def _display(ask: Ask, answers: Mapping[str, Any]) -> Display:
    """Raises FieldRefused for a last day that has passed."""
    until = answers["offered_until"]
    if until is not None and until < ask.today:
        raise FieldRefused("offered_until", "last-day-passed")
    return Display(
        visibility=answers["visibility"] or "members",
        tier_min=answers["tier_min"] or 1,
        offered_until=until.isoformat() if until else "",
    )


def _shown(ask: Ask, terms: OfferTerms) -> Shown:
    """What buyers will be offered, and how that stands against the reference price."""
    reference = told(terms.reference)
    assert reference is not None  # ``agree`` kept one
    row = (
        Territory(code=terms.market),
        Word(table="sales_channels", slug=terms.channel),
        lot(ask).quantity - (lot(ask).sold or 0),
        Money(amount_minor=terms.unit_price_minor, currency=terms.currency),
        Word(table="price_bases", slug=terms.basis),
        Money(amount_minor=reference.piece_minor, currency=reference.currency),
        Word(table="reference_kinds", slug=reference.kind),
    )
    heads = ("Market", "Sales channel", "Units", "Price", "Priced by", "Reference price", "Kind of reference")
    return Shown("The offer", heads, (row,))


def _listed(work: Work, entry: Entry, kept: Mapping[str, JsonValue]) -> None:
    name, terms = str(kept["lot"]), kept["terms"]
    subject = log.subject(work.connection, name)
    assert isinstance(terms, dict)
    assert subject is not None  # it was there when it was proposed
    display: Any = kept.get("display", {})  # of a statement older than such answers: none
    show_offer(
        work,
        name,
        OfferTerms(**cast("Any", terms)),
        subject.state.quantity,
        entry.event_id,
        Display(**display),
        str(kept.get("by", "operator")),
    )


def _withdrawable(ask: Ask) -> str:
    return "" if _listings(ask) and sells(ask) and lot(ask).listings else HIDDEN


def _listings(ask: Ask) -> Sequence[Option]:
    found = offer_states.standing(ask.connection, lot=ask.subject)
    return [Option(listing.id, listing.market, TERRITORY) for listing in found]


def _withdraw(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    listing = trade.listing(ask.connection, answers["listing"])
    assert listing is not None  # it was offered
    wanted = Wanted(
        "lot.withdrawn",
        [ask.subject],
        [own_place(ask, "lot.withdrawn", "seller")],
        {"reason": answers["reason"]},
        committed={"market": listing.market, "channel": listing.channel},
    )
    told_: dict[str, JsonValue] = {
        "listing": listing.id,
        "reason": answers["reason"],
        "by": ask.identity.principal,
    }
    return Proposal(wanted, then="withdrawn", told=told_)


def _withdrawn(work: Work, _entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """Holds on it are given back by the next look at the stock; one that ended meanwhile stays as it is."""
    listing = trade.listing(work.connection, str(told["listing"]))
    if listing is not None and may_move(state_of(listing.status), "withdrawn"):
        offer_states.move(
            work.connection,
            listing,
            "withdrawn",
            who=str(told.get("by", "operator")),
            reason=str(told.get("reason", REASONS[0])),
            at=work.installation.clock.now(),
        )


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "offer",
        "lot.listed",
        OPERATOR,
        "lot",
        (
            Field("market", "choice", "Market", "The gate is asked once more.", options=_free_markets),
            Field(
                "channel",
                "choice",
                "Sales channel",
                "Nothing chosen: the usual one of the market.",
                required=False,
                options=_channels,
            ),
            Field(
                "basis",
                "choice",
                "Priced by",
                "Nothing chosen: by the piece.",
                required=False,
                options=_bases,
            ),
            Field(
                "price",
                "money",
                "Price",
                "Of one such unit. Nothing entered: what the price band proposes.",
                required=False,
                currency=_currency,
            ),
            Field(
                "against",
                "choice",
                "Held against",
                "Nothing chosen: the reference price that the goods came with.",
                required=False,
                options=worded("reference_kinds", sorted(STATED_KINDS)),
            ),
            Field("moq", "count", "Smallest order, in pieces", required=False, maximum=10**9),
            Field("multiple", "count", "In multiples of, in pieces", required=False, maximum=10**9),
            Field(
                "mixed",
                "yes",
                "May be ordered together with other lots",
                "Then a small order of this lot is enough, if all lots of the order reach the minimum.",
                required=False,
            ),
            Field(
                "visibility",
                "choice",
                "Who sees it",
                "Nothing chosen: every approved buyer of the market. Strangers never see a price.",
                required=False,
                options=worded("visibilities", VISIBILITIES),
            ),
            Field(
                "tier_min",
                "count",
                "Lowest tier that sees it",
                "Counts where higher tiers alone are chosen above.",
                required=False,
                maximum=9,
            ),
            Field(
                "offered_until",
                "day",
                "Last day of the offer",
                "Nothing entered: until it is sold or withdrawn.",
                required=False,
            ),
            Field(
                "override_reason",
                "text",
                "Why the price lies outside its band",
                "Kept with the offer. Leave it empty for a price within the band.",
                required=False,
            ),
        ),
        _offerable,
        _offer,
        undone_by="withdraw",
    ),
    Action(
        "withdraw",
        "lot.withdrawn",
        OPERATOR,
        "lot",
        (
            Field("listing", "choice", "Market", options=_listings),
            Field("reason", "choice", "Why it is withdrawn", options=worded("withdrawn", REASONS)),
        ),
        _withdrawable,
        _withdraw,
        undone_by="offer",
    ),
)
AFTER: Final[Mapping[str, Effect]] = {"listed": _listed, "withdrawn": _withdrawn}
