"""One offer in full: why it may be offered, what is in the lot, its history."""

from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.pages.building.article import history_href, measured_of, name_of, pack_href
from gateway.pages.building.grade import grade_of
from gateway.pages.building.offers import Offered, plain_offer
from gateway.pages.building.reading import checking, completeness_of, history_of
from gateway.pages.building.rows import RowBook, Traced, contradiction
from gateway.pages.building.steps import People, merged, steps_of
from gateway.pages.views import GateCheck, ManifestSummary, OfferView, Percent, ReserveForm, Tally, Word
from gateway.policies import load
from gateway.store.goods import Item
from gateway.trade.eligibility import Market
from gateway.wiring import Installation
from ledger.store import log
from ledger.verify import History

TALLIES_MAX = 8  # values of one kind that a summary names
ATTRIBUTES = ("storage", "colour", "size", "season")


def offer_view(
    installation: Installation,
    connection: Connection,
    one: Offered,
    language: str,
    form: ReserveForm,
) -> OfferView:
    history = history_of(installation, connection, one.listing.lot)
    people = People(connection)
    with checking(one.listing.lot):
        traced = _traced(RowBook(connection, history), one)
        offer = plain_offer(connection, one.listing, one.judged, language)
        return OfferView(
            offer=offer,
            grade=grade_of(measured_of(traced)),
            gate=_checks(connection, one, history),
            policy=f"{load.markets().id}/{load.markets().version}",
            head_entry=merged(history.records)[-1].index,
            steps=steps_of(history, people),
            completeness=completeness_of(history),
            manifest=_manifest(one, traced, language),
            incoterms=terms_of(history, one.market),
            bundle_href=history_href(one.listing.lot),
            pack_href=pack_href(one.listing.lot),
            form=form if offer.available else None,
        )


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


def _checks(connection: Connection, one: Offered, history: History) -> tuple[GateCheck, ...]:
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
    if one.judged.price is not None:
        share = Percent(value=round(one.judged.price.ratio * 100))
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
