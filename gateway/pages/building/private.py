"""What is kept beside the log: found, said in words, and what was erased of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, or_, select

from gateway.errors import NotFound
from gateway.pages.building.article import name_of
from gateway.pages.building.erased import Erasure, about, erasures_of, line_of
from gateway.pages.building.reading import checking, published_leaf, short
from gateway.pages.building.steps import facts_of
from gateway.pages.views import (
    EraseForm,
    Fact,
    Measurement,
    Money,
    PrivateArticleView,
    PrivateField,
    PrivateHit,
    PrivateLotView,
    PrivateRecordView,
    PrivateRow,
    PrivateSearchView,
    Value,
)
from gateway.store import goods, tables, trade
from gateway.store.goods import ARTICLES, Item
from gateway.wiring import Installation
from gateway.workflows.erase import rows_about
from ledger import erase as private
from ledger.core import manifest
from ledger.core.leaf import Leaf
from ledger.core.subjects import is_subject_id
from ledger.lots.rows import row_offsets
from ledger.records.registry import NEEDED_VALUES, Typed, typed
from ledger.store import log
from ledger.store.log import ROWS
from ledger.store.tables import table

PARTIES, COMPANIES = table(tables.PartyRow), table(tables.CompanyRow)
HITS_MAX = 50
_OF_ROWS = frozenset({"n", "salt", "src"})  # a row's own members, which say nothing of the goods
_COPIED = frozenset({"lot.sold", "lot.packed", "lot.shipped", "lot.delivered", "document.issued"})


def search_view(connection: Connection, query: str) -> PrivateSearchView:
    """An identifier as it stands on the goods, part of a company's name or number, or a lot's id."""
    if not query:
        return PrivateSearchView()
    hits = [
        *_lots(connection, query),
        *_articles(connection, query),
        *_parties(connection, query),
        *_buyers(connection, query),
    ]
    return PrivateSearchView(
        query=query, hits=tuple(hits[:HITS_MAX]), searched=True, more=len(hits) > HITS_MAX
    )


def lot_view(connection: Connection, lot: str, language: str) -> PrivateLotView:
    """Raises NotFound."""
    if log.subject(connection, lot) is None:
        raise NotFound(lot)
    items = goods.of_lot(connection, lot)
    return PrivateLotView(
        lot_short=short(lot),
        lot_href=f"/operator/lots/{lot.partition(':')[2]}",
        records=tuple(_records(connection, lot)),
        articles=tuple(_article_hit(item, name_of([item], language)) for item in items[:HITS_MAX]),
        articles_total=len(items),
    )


def record_view(
    installation: Installation, connection: Connection, event_id: str, form: EraseForm
) -> PrivateRecordView:
    """form: as it was filled in. Raises NotFound, ProofError, CouldNotCheck."""
    index = log.index_of(connection, event_id)
    if index is None:
        raise NotFound(event_id)
    leaf = published_leaf(installation, connection, index)
    with checking(f"entry {index}"):
        record = typed(leaf.record)
        subjects = [link.id for link in leaf.record.body.subjects]
        erasures = list(about(erasures_of(installation, connection, subjects), event_id))
        kept = private.private_of(connection, record)
        fields = tuple(
            _field(connection, record, name, is_there, erasures) for name, is_there in kept.fields.items()
        )
    return PrivateRecordView(
        index=index,
        type=record.type.name,
        event_id=event_id,
        entry_href=f"/auditor/entries/{index}",
        fields=fields,
        rows_kept=sum(kept.rows.values()),
        rows_erased=len(kept.rows) - sum(kept.rows.values()),
        erased=tuple(one.note for one in erasures),
        copied=record.type.name in _COPIED,
        form=form if any(field.state == "kept" for field in fields) else None,
    )


def article_view(
    installation: Installation, connection: Connection, item_id: int, language: str, form: EraseForm
) -> PrivateArticleView:
    """form: as it was filled in. Raises NotFound, CouldNotCheck."""
    item = goods.one(connection, item_id)
    if item is None:
        raise NotFound(str(item_id))
    with checking(f"article {item_id}"):
        rows = tuple(
            _row(connection, record, number)
            for record, numbers in rows_about(connection, item)
            for number in numbers
        )
        return PrivateArticleView(
            name=name_of([item], language),
            brand=item.facts["brand"] or "",
            model=item.facts["model"] or "",
            category=item.category,
            lot_short=short(item.lot),
            lot_href=f"/operator/private/lots/{item.lot.partition(':')[2]}",
            rows=rows,
            erased=tuple(one.note for one in _of_article(installation, connection, item)),
            form=form if rows else None,
        )


def _lots(connection: Connection, query: str) -> Iterator[PrivateHit]:
    name = query if query.startswith("lot:") else f"lot:{query}"
    if is_subject_id(name) and log.subject(connection, name) is not None:
        id_ = name.partition(":")[2]
        yield PrivateHit(kind="lot", text=short(name), href=f"/operator/private/lots/{id_}")


def _articles(connection: Connection, query: str) -> Iterator[PrivateHit]:
    statement = select(ARTICLES.c.id).where(ARTICLES.c.identifier == query).order_by(ARTICLES.c.id)
    for id_ in connection.execute(statement.limit(HITS_MAX + 1)).scalars():
        item = goods.one(connection, id_)
        assert item is not None, id_
        yield _article_hit(item, f"{item.facts['brand']} {item.facts['model']}")


def _article_hit(item: Item, name: str) -> PrivateHit:
    href = f"/operator/private/articles/{item.id}"
    return PrivateHit(kind="article", text=name, detail=item.facts["identifier"] or "", href=href)


def _parties(connection: Connection, query: str) -> Iterator[PrivateHit]:
    columns = (PARTIES.c.name_zh, PARTIES.c.name_en, PARTIES.c.registration_number)
    statement = select(PARTIES).where(or_(*(column.icontains(query, autoescape=True) for column in columns)))
    for row in connection.execute(statement.order_by(PARTIES.c.party).limit(HITS_MAX + 1)):
        chain = log.chain(connection, row.party)
        if chain:
            href = f"/operator/private/records/{chain[0][2]}"
            text = row.name_zh or row.name_en or short(row.party)
            yield PrivateHit(kind="company", text=text, detail=row.registration_number, href=href)


def _buyers(connection: Connection, query: str) -> Iterator[PrivateHit]:
    """A buyer stands in no record by id: what its sales commit to is found through its orders."""
    columns = (COMPANIES.c.name, COMPANIES.c.registration_number)
    statement = select(COMPANIES.c.id).where(
        or_(*(column.icontains(query, autoescape=True) for column in columns))
    )
    for company in connection.execute(statement.order_by(COMPANIES.c.id).limit(HITS_MAX)).scalars():
        for order in trade.orders(connection, company=company):
            href = f"/operator/private/records/{order.sold_event}"
            yield PrivateHit(kind="record", type="lot.sold", text=short(order.lot), href=href)


def _records(connection: Connection, lot: str) -> Iterator[PrivateHit]:
    """The records of a lot that commit to something."""
    for index, _, event_id in log.chain(connection, lot):
        encoded = log.leaf(connection, index)
        body = None if encoded is None else Leaf.parse(encoded).record.body
        if body is not None and body.commit:
            href = f"/operator/private/records/{event_id}"
            yield PrivateHit(kind="record", type=body.type, text=str(index), href=href)


def _field(
    connection: Connection, record: Typed, name: str, is_there: bool, erasures: Sequence[Erasure]
) -> PrivateField:
    gone = next((one.note for one in erasures if name in one.fields), None)
    opening = log.opening(connection, record.record.event_id, name) if is_there else None
    if opening is None:
        return PrivateField(name=name, state="erased" if gone else "missing", erased=gone)
    needed = name in NEEDED_VALUES.get(record.type.name, ())
    return PrivateField(
        name=name,
        state="needed" if needed else "kept",
        value=_value(name, opening.value),
        why=f"{record.type.stem}:{name}" if needed else "",
    )


def _value(name: str, value: Any) -> Value:
    match value:
        case {"amount_minor": int(amount), "currency": str(currency)}:
            return Money(amount_minor=amount, currency=currency)
        case {"value": str(text), "unit": "C62"} if text.isdigit():
            return int(text)
        case {"value": str(text), "unit": str(unit)}:
            return Measurement(value=text, unit=unit)
        case _:
            return next(facts_of(name, value)).value


def _row(connection: Connection, record: Typed, number: int) -> PrivateRow:
    part, start = max(
        ((part, start) for part, start in row_offsets(record).items() if start <= number),
        key=lambda one: one[1],
    )
    event_id = record.record.event_id
    where = (ROWS.c.event_id == bytes.fromhex(event_id), ROWS.c.part == part, ROWS.c.n == number - start)
    data = connection.execute(select(ROWS.c.data).where(*where)).scalar_one()
    facts = manifest.parse_row(data, number - start)
    index = log.index_of(connection, event_id)
    assert index is not None
    return PrivateRow(
        index=index,
        type=record.type.name,
        href=f"/operator/private/records/{event_id}",
        row=number,
        facts=tuple(_facts(facts)),
    )


# Members of a step of ``repairs/2``, as rows of ``repairs/1`` named them.
_OF_STEPS = {"before": "battery_before", "after": "battery_after"}


def _facts(row: Mapping[str, Any]) -> Iterator[Fact]:
    for name, value in row.items():
        if name in _OF_ROWS or value is None:
            continue
        if name == "steps":
            for step in value:
                yield Fact(name=step["kind"], table="steps", value=1)
                yield from _facts(
                    {_OF_STEPS.get(part, part): of for part, of in step.items() if part != "kind"}
                )
            continue
        if isinstance(value, dict) and not value.keys() <= {"value", "unit", "amount_minor", "currency"}:
            yield from (
                replace(one, name=f"{name}_{one.name}") if name.startswith("battery_") else one
                for one in _facts(value)
            )
        else:
            yield Fact(name=name, value=_value(name, value))


def _of_article(installation: Installation, connection: Connection, item: Item) -> Iterator[Erasure]:
    """The erasure of the row that stands for an article now: all its rows go at once."""
    index = log.index_of(connection, item.source_event)
    encoded = None if index is None else log.leaf(connection, index)
    if encoded is None:
        return
    record = typed(Leaf.parse(encoded).record)
    offsets = row_offsets(record)
    start = offsets.get(item.lot, offsets.get("", 0))
    erasures = erasures_of(installation, connection, line_of(connection, item.lot))
    yield from (one for one in about(erasures, item.source_event) if start + item.source_n in one.rows)
