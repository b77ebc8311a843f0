"""What the operator's staff does with an offer: draft, hand in, publish, pause, resume, end, word it."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass

from gateway.errors import LotNotVerified, NotFound, Refused
from gateway.policies import load
from gateway.store import audiences, offer_states, trade
from gateway.store.trade import Listing
from gateway.trade.offer_states import OPEN, WAITING, State, has_ended, may_move, state_of
from gateway.wiring import Installation
from gateway.workflows import index_offer, pools
from gateway.workflows.gate import Judged, Verdict, judge_lot, today, verdict_on
from gateway.workflows.list_lot import Display, make_room, new_listing_id, record_offer
from gateway.workflows.offer_terms import Stated, agree
from gateway.workflows.offer_wording import Wording, kept, require_wording, told
from gateway.workflows.parties import operator_hand
from gateway.workflows.references import asked_by
from gateway.workflows.work import Work
from ledger.record import Ledger

Check = Callable[[Listing], None]  # may refuse the offer as the transaction finds it


def anything(_one: Listing) -> None:
    """No condition."""


@dataclass(frozen=True, slots=True)
class Act:
    """One change by one person. who: a principal. reason: a slug. note: in that person's words."""

    who: str
    reason: str = ""
    note: str = ""


def draft(
    installation: Installation, lot: str, market_code: str, stated: Stated, display: Display, who: str
) -> Listing:
    """Keep an offer that nobody sees yet, of a lot that may still lack something.

    Raises NotFound, also for a market that is none of ours; Refused ``price-needed`` where the bands
    propose none, ``unit-not-stated``, ``claims-too-much``.
    """
    market = load.markets().market(market_code, stated.channel)
    if market is None:
        raise NotFound(market_code)

    def unit(ledger: Ledger) -> Listing:
        judged = _judged(installation, ledger, lot, Verdict(verified=True, distrusted=False))
        pack = judged.pack(stated.basis)
        if pack is None:
            raise Refused("unit-not-stated", f"a {stated.basis} is not known", basis=stated.basis)
        require_wording(judged, told(display.wording))
        price = stated.price_minor
        if price is None:
            quote = judged.quote(market)
            if quote is None:
                raise Refused("price-needed", "no band proposes a price", market=market.code)
            price = quote.unit_price_minor
        now = installation.clock.now()
        made = Listing(
            id=new_listing_id(),
            lot=lot,
            market=market.code,
            channel=market.channel,
            currency=market.currency,
            unit_price_minor=price,
            moq=stated.moq or load.channels().moq,
            head="",  # nothing is recorded yet
            status="draft",
            basis=pack.basis,
            size=pack.size,
            multiple=stated.multiple or (pack.size if pack.basis == "carton" else 1),
            mixed=stated.mixed,
            override_reason=stated.override_reason,
            published_at=now,
            **asdict(display),
        )
        return offer_states.begin(ledger.connection, made, who=who, reason="drafted", at=now)

    return installation.writer.do(unit)


def hand_in(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """A draft is ready to be looked at. Raises NotFound, Refused ``offer-state``."""
    return _moved(installation, id_, "in_review", act, check, "handed-in")


def send_back(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """What was handed in is a draft again, with what to mend as the note."""
    return _moved(installation, id_, "draft", act, check, "sent-back")


def publish(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """Record and show what was handed in, if the gate lets it through at this moment.

    Raises NotFound; LotNotVerified with every failing check; Refused ``offer-state``,
    ``claims-too-much`` and as ``agree``.
    """
    one = _find(installation, id_)
    with installation.database.reading() as connection:  # before the unit: it reads tiles
        verdict = verdict_on(installation, connection, one.lot)

    def unit(ledger: Ledger) -> Listing:
        work = Work(installation, ledger)
        current = _current(ledger, id_)
        check(current)
        _require(current, "published")
        judged = _judged(installation, ledger, current.lot, verdict)
        market = load.markets().market(current.market)
        assert market is not None  # of the draft
        terms = agree(installation, judged, market, stated_of(current))
        require_wording(judged, told(current.wording))
        make_room(work, current.lot, current.market, judged.facts.lot.quantity, act.who)
        entry = record_offer(work, judged, terms)
        now = installation.clock.now()
        made = offer_states.move(
            ledger.connection,
            current,
            "published",
            who=act.who,
            reason=act.reason or "gate-passed",
            note=act.note,
            at=now,
            head=entry.event_id,
            published_at=now,
            **asdict(terms),
        )
        index_offer.enter(work, made, judged)
        return made

    return installation.writer.do(unit)


def pause(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """Nobody may hold goods of it any more; who holds some may still order them."""
    return _moved(installation, id_, "paused", act, check, "seller_decision")


def resume(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """A pause ends, if the gate lets the lot through at this moment.

    Raises NotFound, LotNotVerified, Refused ``offer-state``, ``claims-too-much``.
    """
    one = _find(installation, id_)
    with installation.database.reading() as connection:
        verdict = verdict_on(installation, connection, one.lot)

    def unit(ledger: Ledger) -> Listing:
        current = _current(ledger, id_)
        check(current)
        if current.status != "paused":  # what is in review is published, not resumed
            raise Refused(
                "offer-state", f"{id_} is {current.status}", state=current.status, wanted="published"
            )
        if has_ended(current.offered_until, today(installation).isoformat()):
            raise Refused(
                "offer-state", f"the last day of {id_} has passed", state="expired", wanted="published"
            )
        judged = _judged(installation, ledger, current.lot, verdict)
        market = load.markets().market(current.market, current.channel)
        assert market is not None  # it was offered there
        reasons = judged.reasons(market, today(installation), asked_by(current))
        if reasons:
            raise LotNotVerified(current.lot, reasons)
        require_wording(judged, told(current.wording))
        resumed = offer_states.move(
            ledger.connection,
            current,
            "published",
            who=act.who,
            reason=act.reason or "resumed",
            note=act.note,
            at=installation.clock.now(),
        )
        index_offer.enter(Work(installation, ledger), resumed)
        return resumed

    return installation.writer.do(unit)


def withdraw(installation: Installation, id_: str, act: Act, check: Check = anything) -> Listing:
    """End an offer for good; what the ledger knows as offered is withdrawn there in the same transaction.

    Holds on it are given back by the next look at the stock. Raises NotFound, Refused ``offer-state``.
    """

    def unit(ledger: Ledger) -> Listing:
        work = Work(installation, ledger)
        current = _current(ledger, id_)
        check(current)
        _require(current, "withdrawn")
        subject = work.view.subject(current.lot)
        if current.head and subject is not None and subject.state.listings:
            work.record(
                "lot.withdrawn",
                [operator_hand(installation, "sales", "seller")],
                {"reason": act.reason or "seller_decision"},
                subjects=[current.lot],
                committed={"market": current.market, "channel": current.channel},
            )
        return offer_states.move(
            ledger.connection,
            current,
            "withdrawn",
            who=act.who,
            reason=act.reason or "seller_decision",
            note=act.note,
            at=installation.clock.now(),
        )

    return installation.writer.do(unit)


def word(
    installation: Installation, id_: str, wording: Wording, act: Act, check: Check = anything
) -> Listing:
    """Change what an offer says. Raises NotFound; Refused ``claims-too-much``, ``offer-state``."""

    def unit(ledger: Ledger) -> Listing:
        current = _current(ledger, id_)
        check(current)
        _require_standing(current)
        text = kept(wording)
        require_wording(_judged(installation, ledger, current.lot, _LOOKED), told(text))
        if text == current.wording:
            return current
        return offer_states.amend(
            ledger.connection,
            current,
            who=act.who,
            reason="reworded",
            note=act.note,
            at=installation.clock.now(),
            wording=text,
        )

    return installation.writer.do(unit)


def show_to(
    installation: Installation,
    id_: str,
    display: Display,
    act: Act,
    check: Check = anything,
    *,
    denied: Collection[str] | None = None,
) -> Listing:
    """Change to whom an offer is shown and until when; its words and its sale event stay.

    denied: companies that never see it, in the same transaction, so that nobody sees it in between; None
    leaves them. Who sees it from now on is kept with the note as its reason, as ``pools.move`` keeps it.
    Raises as ``word``; Refused ``why-missing``.
    """
    tier = display.tier_min if display.visibility == "tier" else 1

    def unit(ledger: Ledger) -> Listing:
        current = _current(ledger, id_)
        check(current)
        _require_standing(current)
        now, connection = installation.clock.now(), ledger.connection
        values = {
            "visibility": display.visibility, "tier_min": tier, "offered_until": display.offered_until,
        }  # fmt: skip
        before = set(audiences.access_of(connection, id_, "deny", "company"))
        after = before if denied is None else set(denied)
        if after == before and all(getattr(current, name) == value for name, value in values.items()):
            return current
        if (current.visibility, current.tier_min) != (display.visibility, tier) and not act.note:
            raise Refused("why-missing", "say why")
        pools.to_pool(connection, current, display.visibility, tier, act.note, act.who, now)
        audiences.set_access(connection, id_, "deny", "company", after)
        return offer_states.amend(
            ledger.connection,
            current,
            who=act.who,
            reason="shown-to-others",
            note=act.note,
            at=now,
            **values,
        )

    return installation.writer.do(unit)


def stated_of(one: Listing) -> Stated:
    """What a draft states, as ``agree`` is told it."""
    return Stated(
        channel=one.channel,
        basis=one.basis,
        price_minor=one.unit_price_minor,
        moq=one.moq,
        multiple=one.multiple,
        mixed=one.mixed,
        override_reason=one.override_reason,
    )


_LOOKED = Verdict(verified=True, distrusted=False)  # for what the words are held against, never for offering


def _moved(
    installation: Installation, id_: str, after: State, act: Act, check: Check, reason: str
) -> Listing:
    def unit(ledger: Ledger) -> Listing:
        current = _current(ledger, id_)
        check(current)
        if after == "draft" and current.head:  # a record stands behind it: the gate alone decides
            raise Refused("offer-state", f"{id_} is recorded", state=current.status, wanted=after)
        return offer_states.move(
            ledger.connection,
            current,
            after,
            who=act.who,
            reason=act.reason or reason,
            note=act.note,
            at=installation.clock.now(),
        )

    return installation.writer.do(unit)


def _find(installation: Installation, id_: str) -> Listing:
    with installation.database.reading() as connection:
        found = trade.listing(connection, id_)
    if found is None:
        raise NotFound(id_)
    return found


def _current(ledger: Ledger, id_: str) -> Listing:
    found = trade.listing(ledger.connection, id_)
    if found is None:
        raise NotFound(id_)
    return found


def _judged(installation: Installation, ledger: Ledger, lot: str, verdict: Verdict) -> Judged:
    judged = judge_lot(installation, ledger.connection, lot, verdict)
    if judged is None:
        raise NotFound(lot)
    return judged


def _require(current: Listing, after: State) -> None:
    if not may_move(state_of(current.status), after) or (after == "published" and current.head):
        raise Refused("offer-state", f"{current.id} is {current.status}", state=current.status, wanted=after)


def _require_standing(current: Listing) -> None:
    if current.status not in OPEN | WAITING:
        raise Refused("offer-state", f"{current.id} has ended", state=current.status, wanted=current.status)
