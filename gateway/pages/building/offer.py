"""One offer in full: why it may be offered, what is in the lot, its history."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from sqlalchemy import Connection

from gateway.errors import InsufficientQuantity, NotFound
from gateway.pages.building.answers import answers_of
from gateway.pages.building.article import history_href, measured_of, name_of, pack_href
from gateway.pages.building.certificates import certificates_of
from gateway.pages.building.erased import line_of
from gateway.pages.building.grade import grade_of
from gateway.pages.building.landed import landed_part
from gateway.pages.building.offers import Offered, plain_offer, typed, unit_price
from gateway.pages.building.reading import checking, completeness_of, history_of
from gateway.pages.building.rows import RowBook, Traced, contradiction
from gateway.pages.building.steps import People, merged, steps_of
from gateway.pages.views import GateCheck, ManifestSummary, OfferView, Percent, ReserveForm, Tally, Word
from gateway.pages.views.buyer import LadderRung, Photo, SampleForm
from gateway.pages.views.landed import LandedPart
from gateway.policies import load
from gateway.store import public_photos
from gateway.store.goods import Item
from gateway.trade.eligibility import Market
from gateway.trade.quantities import half_up
from gateway.wiring import Installation
from gateway.workflows.agreed_prices import AgreedPrice, asked_for, price_for, steps_for
from gateway.workflows.offer_wording import in_language
from gateway.workflows.references import asked_by
from gateway.workflows.sample_orders import sample_of
from ledger.store import log
from ledger.verify import History

TALLIES_MAX = 8  # values of one kind that a summary names
PHOTOS_MAX = 12
EXAMPLES = 4  # quantities that are named beside all that is left
ATTRIBUTES = ("storage", "colour", "size", "season")


def offer_view(
    installation: Installation,
    connection: Connection,
    one: Offered,
    language: str,
    form: ReserveForm,
    sample_error: str = "",
) -> OfferView:
    history = history_of(installation, connection, one.listing.lot)
    people = People(connection)
    with checking(one.listing.lot):
        traced = _traced(RowBook(connection, history), one)
        agreed = price_for(connection, one.listing, one.company, one.smallest, installation.clock.now())
        offer = plain_offer(connection, agreed.of(one.listing), one.judged, language)
        said = in_language(one.listing.wording, language)
        return OfferView(
            offer=replace(offer, agreed=agreed.price_list != ""),
            grade=grade_of(measured_of(traced)),
            gate=_checks(connection, one, history, agreed),
            policy=f"{load.markets().id}/{load.markets().version}",
            head_entry=merged(history.records)[-1].index,
            steps=steps_of(history, people),
            completeness=completeness_of(history),
            manifest=_manifest(one, traced, language),
            incoterms=terms_of(history, one.market),
            bundle_href=history_href(one.listing.lot),
            pack_href=pack_href(one.listing.lot),
            form=form if offer.available else None,
            title=said.get("title", ""),
            text=said.get("text", ""),
            photos=_photos(connection, one.listing.lot),
            answers=answers_of(history, traced, offer.category, people, of=len(one.judged.items)),
            certificates=certificates_of(installation, connection, history, people),
            ladder=tuple(_ladder(installation, connection, one)),
            examples=_examples(one),
            sample=_sample(connection, one, sample_error),
            landed=_landed(installation, connection, one),
            offered_until=date.fromisoformat(one.listing.offered_until)
            if one.listing.offered_until
            else None,
        )


def _photos(connection: Connection, lot: str) -> tuple[Photo, ...]:
    """Those that the operator shows, of the lot and of what it was split from."""
    found = (file for name in line_of(connection, lot) for file in public_photos.of_lot(connection, name))
    return tuple(Photo(href=f"/photos/{file}") for file in islice(dict.fromkeys(found), PHOTOS_MAX))


def _ladder(installation: Installation, connection: Connection, one: Offered) -> Iterator[LadderRung]:
    rungs = steps_for(connection, one.listing, one.company, installation.clock.now())
    for rung in rungs if len(rungs) > 1 else ():
        price = unit_price(rung.unit_price_minor, one.listing.currency)
        yield LadderRung(pieces=rung.min_qty, price=price, agreed=bool(rung.price_list))


def _examples(one: Offered) -> tuple[str, ...]:
    """A few quantities that may be ordered, as a buyer types them; all that is left is always one."""
    steps, left = one.listing.steps, one.judged.facts.available
    some = (one.smallest + n * steps.multiple for n in range(EXAMPLES))
    found = [pieces for pieces in some if pieces <= left and steps.allows(pieces, left)]
    return tuple(typed(one.listing.pack, pieces) for pieces in dict.fromkeys((*found, left)) if pieces > 0)


def _sample(connection: Connection, one: Offered, error: str) -> SampleForm | None:
    terms = sample_of(connection, one.listing, one.company.id, one.judged.facts.available)
    if terms is None:  # a refusal is said all the same
        nothing = unit_price(0, one.listing.currency)
        return SampleForm(action="", pieces=0, price=nothing, error=error) if error else None
    return SampleForm(
        action=f"/offers/{one.listing.id}/sample",
        pieces=terms.pieces,
        price=unit_price(terms.unit_price_minor, one.listing.currency),
        error=error,
    )


def _landed(installation: Installation, connection: Connection, one: Offered) -> LandedPart | None:
    """None where nothing is left that could be worked out."""
    try:
        return landed_part(installation, connection, one)
    except InsufficientQuantity:
        return None


def terms_of(history: History, market: Market) -> tuple[str, ...]:
    """Where goods may be handed over: at our door, or carriage paid to the market's place."""
    site = next(
        (
            record.leaf.record.body.data["site"]
            for record in history.records
            if record.leaf is not None and record.leaf.record.body.type == "lot.received"
        ),
        "",
    )
    return (*([f"FCA {site.title()}"] if site else []), f"CPT {market.place}")


def _traced(book: RowBook, one: Offered) -> list[Traced]:
    """Every article through signed rows; a lot whose details differ from them is not offered."""
    traced = []
    for item in one.judged.items:
        found = book.trace(item)
        if contradiction(item, found):
            raise NotFound(one.listing.id)
        traced.append(found)
    return traced


def _checks(
    connection: Connection, one: Offered, history: History, agreed: AgreedPrice
) -> tuple[GateCheck, ...]:
    """Everything the gate looked at, with the entries it rests on. All passed: else there is no offer."""
    state, facts = one.state, one.judged.facts
    inspection = state.inspection
    entries = tuple(record.index for record in merged(history.records))
    grants = tuple(
        sorted(
            index
            for link in facts.chain
            if (index := log.index_of(connection, link.state.granted)) is not None
        )
    )
    inspected = (inspection.index,) if inspection else ()
    checks = [
        GateCheck(slug="chain", passed=True, evidence=entries),
        GateCheck(slug="authorization", passed=True, evidence=grants),
        GateCheck(slug="title", passed=True),
        GateCheck(slug="inspection", passed=True, evidence=inspected),
        GateCheck(slug="inspection-age", passed=True, detail=inspection.measured_at if inspection else ""),
        GateCheck(slug="grade", passed=True, detail=state.grade or ""),
        GateCheck(slug="age", passed=True),
        GateCheck(slug="import-rules", passed=True),
        GateCheck(slug="customs-data", passed=True, detail=", ".join(sorted(facts.goods.hs_codes))),
        GateCheck(slug="stock", passed=True),
    ]
    if state.label_state:
        checks.append(GateCheck(slug="label", passed=True))
    summaries = {item.facts["un38_3"] for item in one.judged.items if item.facts["un38_3"]}
    if summaries:
        checks.append(GateCheck(slug="battery-test", passed=True, detail=", ".join(sorted(summaries))))
    asked = asked_for(one.listing, agreed) if agreed.price_list else asked_by(one.listing)
    price = one.judged.quote(one.market, asked)
    if price is not None and price.in_band:
        share = Percent(value=half_up(price.ratio * 100))
        checks.append(GateCheck(slug="price", passed=True, detail=share))
    if facts.goods.articles:
        checks.append(GateCheck(slug="codes", passed=True))
    return tuple(checks)


def _manifest(one: Offered, traced: Sequence[Traced], language: str) -> ManifestSummary | None:
    manifest, items = one.state.manifest, one.judged.items
    if manifest is None or len(traced) != len(items):
        return None
    models = _tally(items, lambda item: str(item.facts["model"]))
    names = _tally(items, lambda item: name_of([item], language))
    if len(names) > 1 and [line.count for line in names] == [line.count for line in models]:
        models = ()  # the model's name is what the goods are called
    return ManifestSummary(
        count=sum(item.quantity for item in items),
        rows_root=manifest.rows_root,
        tallies=tuple(
            (name, lines)
            for name, lines in (
                ("model", models),
                ("goods", names),
                *((name, _tally(items, _attribute(name))) for name in ATTRIBUTES),
                ("condition", _words(items, "condition", "conditions")),
                ("label_state", _words(items, "label_state", "label_states")),
            )
            if lines and (len(lines) > 1 or name == "model")
        ),
    )


def _counted(items: Sequence[Item], read: Callable[[Item], str]) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for item in items:
        counts[read(item)] += item.quantity
    del counts[""]
    return counts.most_common(TALLIES_MAX)


def _tally(items: Sequence[Item], read: Callable[[Item], str]) -> tuple[Tally, ...]:
    return tuple(Tally(value=value, count=count) for value, count in _counted(items, read))


def _attribute(name: str) -> Callable[[Item], str]:
    return lambda item: str(item.facts["attributes"].get(name, ""))


def _words(items: Sequence[Item], name: str, table: str) -> tuple[Tally, ...]:
    counted = _counted(items, lambda item: item.facts[name] or "")
    return tuple(Tally(value=Word(table=table, slug=slug), count=count) for slug, count in counted)
