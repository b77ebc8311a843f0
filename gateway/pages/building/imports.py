"""A supplier's file before it is imported: what its columns and words mean, what it would make of them."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, select

from gateway.consignments.consignment import DeclaredLot
from gateway.consignments.fields import BRAND, fields, marks
from gateway.consignments.profile import CAUSES, CONSTANTS, CURRENCIES, SUPPLY_MODES, takes
from gateway.consignments.propose import Proposed, letters
from gateway.consignments.spec import DESCRIBED, ConsignmentSpec
from gateway.i18n import Formatter, translations
from gateway.pages.building.consignments import CONSIGNMENTS
from gateway.pages.building.reading import short
from gateway.pages.building.statements import TONES
from gateway.pages.filters import Filters
from gateway.pages.views import (
    DryRunView,
    Form,
    ImportView,
    NewWord,
    PlannedLot,
    Reason,
    RejectedRow,
    StatedLot,
)
from gateway.pages.views.imports import (
    ColumnsView,
    Constant,
    FactsView,
    OpenDraft,
    Options,
    SavedLayout,
    SheetColumn,
    WordQuestion,
    WordsOfField,
)
from gateway.policies import load
from gateway.store import profiles, waiting
from gateway.store.profiles import Draft
from gateway.store.waiting import Declaration
from gateway.workflows.chains import chains_of
from gateway.workflows.describe_file import BY_PROFILE, Looked, Word, suppliers
from gateway.workflows.file_reports import remaining, report_of_file
from gateway.workflows.read_upload import Rehearsed, specs

REJECTED_SHOWN: Final = 100
NEW_WORDS_SHOWN: Final = 50
DRAFTS_SHOWN: Final = 10
MIXED: Final = "mixed"
REFUSE: Final = "-"  # a word whose rows are refused
_ORDERS: Final = ("ymd", "dmy", "mdy", "serial")
_NUMBERS: Final = frozenset({"count", "money", "mass", "quantity", "length"})
# Field -> the table whose words ours are.
_TABLES: Final = {
    "category": "categories",
    "condition": "conditions",
    "label_state": "label_states",
    "origin_channel": "channels",
    "boots": "yes_no",
    "locked": "yes_no",
}


class Says:
    """Slugs in the visitor's language, for options of a form."""

    def __init__(self, language: str) -> None:
        self._filters = Filters(language, translations(language))
        self._format = Formatter(language)

    def options(self, table: str, slugs: Any) -> Options:
        return tuple((slug, self._filters.word(slug, table)) for slug in slugs)

    def ours(self, field: str) -> Options:
        """Every word of ours that a word of the supplier's may stand for."""
        slugs = list(dict.fromkeys(fields()[field].words.values()))
        if field == "origin_country":
            return tuple((slug, self._format.territory(slug)) for slug in slugs)
        return tuple((slug, self.word(field, slug)) for slug in slugs)

    def word(self, field: str, slug: str) -> str:
        own = f"{field}-{slug}"
        said = self._filters.word(own, "sheet_words")
        return self._filters.word(slug, _TABLES.get(field, "findings")) if said == own else said

    def field(self, name: str) -> str:
        said = self._filters.word(name, "sheet_fields")
        return self._filters.word(name, "fields") if said == name else said


def import_view(
    connection: Connection, owner: str, language: str, form: Form, problem: str = ""
) -> ImportView:
    names = {party: name for party, _, name in suppliers(connection)}
    return ImportView(
        specs=tuple((one.id, _title(one, language)) for one in specs()),
        drafts=tuple(
            OpenDraft(
                name=" · ".join(part for part in (one.profile.name, one.profile.sheet) if part) or one.file,
                href=f"/operator/import/{one.file}/columns",
                updated_at=one.updated_at,
            )
            for one in profiles.open_drafts(connection, owner, DRAFTS_SHOWN)
        ),
        layouts=tuple(
            SavedLayout(
                name=one.profile.name,
                supplier=names.get(one.profile.supplier, ""),
                version=one.version,
                saved_at=one.created_at,
            )
            for one in profiles.all_newest(connection)
        ),
        form=form,
        problem=problem,
    )


def columns_view(draft: Draft, looked: Looked, language: str, form: Form | None = None) -> ColumnsView:
    """form: what was typed, where it was refused; None shows what is proposed or was said."""
    says, seen = Says(language), looked.proposal
    known = tuple((name, says.field(name)) for name in fields())
    mapped = {(one.header, one.nth): one for one in draft.profile.columns}
    values: dict[str, str] = {}
    columns = []
    for n, one in enumerate(seen.columns):
        said = mapped.get((one.header[:200], one.nth))
        columns.append(_column(says, one, n, said.field if said else one.field))
        if said is not None:
            values |= {f"c{n}": said.field, f"u{n}": said.unit, f"d{n}": said.dates, f"p{n}": said.decimals}
    return ColumnsView(
        action=f"/operator/import/{draft.file}/columns",
        header_row=seen.header_row,
        sheets=tuple((one.name, one.name) for one in looked.choices) if len(looked.choices) > 1 else (),
        sheet=looked.sheet.name,
        columns=tuple(columns),
        meanings=known,
        unnamed=seen.unnamed,
        hidden_rows=looked.sheet.hidden_rows,
        known=draft.profile.name if draft.saved_as else "",
        known_version=draft.version,
        is_known=seen.is_known,
        garbled=not seen.is_known and looked.sheet.encoding == "gb18030",
        form=form or Form(values=(*values.items(), ("sheet", looked.sheet.name))),
    )


def _column(says: Says, one: Proposed, n: int, field: str) -> SheetColumn:
    known = fields().get(field)
    as_proposed = field == one.field
    return SheetColumn(
        n=n,
        letter=letters(one.index),
        header=one.header,
        samples=one.samples,
        read_as=one.read_as if as_proposed else "",
        certainty=one.certainty if as_proposed else "sure" if field else "none",
        doubts=one.shape.doubts if as_proposed else (),
        units=says.options("sheet_units", known.units if known else ()),
        asks_dates=known is not None and known.kind == "date",
        asks_decimals=known is not None
        and known.kind in _NUMBERS
        and any("," in text or "." in text for text in one.samples),
    )


def date_orders(language: str) -> Options:
    return Says(language).options("date_orders", _ORDERS)


def decimal_marks(language: str) -> Options:
    return Says(language).options("decimal_marks", (".", ","))


def facts_view(
    connection: Connection,
    draft: Draft,
    words: dict[str, list[Word]],
    language: str,
    form: Form | None = None,
) -> FactsView:
    says = Says(language)
    headers = {one.field: one.header for one in draft.profile.columns if one.field}
    shown = form or Form(values=tuple(_facts_values(draft, words).items()))
    return FactsView(
        action=f"/operator/import/{draft.file}/facts",
        columns_href=f"/operator/import/{draft.file}/columns",
        suppliers=tuple((party, name) for party, _, name in suppliers(connection)),
        supply_modes=says.options("supply_modes", SUPPLY_MODES),
        causes=says.options("surplus_causes", CAUSES),
        currencies=tuple((code, code) for code in CURRENCIES),
        constants=tuple(_constant(says, name, headers) for name in CONSTANTS),
        words=tuple(_words(says, name, headers[name], found, shown) for name, found in words.items()),
        mends=draft.mends,
        mended_href=f"/operator/rejected?file={draft.mends}" if draft.mends else "",
        known=draft.profile.name if draft.saved_as else "",
        known_version=draft.version,
        form=shown,
    )


def _facts_values(draft: Draft, words: dict[str, list[Word]]) -> dict[str, str]:
    profile = draft.profile
    values = {
        "name": profile.name,
        "supplier": profile.supplier,
        "supply_mode": profile.supply_mode,
        "surplus_cause": profile.surplus_cause,
        "consigned_until": profile.consigned_until,
        "price": written_price(draft.amount_minor, draft.currency),
        "currency": draft.currency,
        **{f"k-{name}": text for name, text in profile.constants.items()},
    }
    for name, found in words.items():
        for n, word in enumerate(found):
            values[f"w-{name}-{n}"] = word.ours or (REFUSE if word.is_said or is_nothing(word.text) else "")
    return values


def is_nothing(text: str) -> bool:
    """Whether a word says that there is no value: the reader leaves its cell out by itself."""
    return not text or text.casefold() in marks().missing


def written_price(amount_minor: int | None, currency: str) -> str:
    if amount_minor is None:
        return ""
    if currency == "VND":
        return str(amount_minor)
    return str(Decimal(amount_minor).scaleb(-2))


def _constant(says: Says, name: str, headers: dict[str, str]) -> Constant:
    field, options = fields()[name], says.ours(name) if fields()[name].words else ()
    kind = "date" if field.kind == "date" else "grams" if field.kind == "mass" else "text"
    return Constant(
        name=f"k-{name}",
        field=name,
        kind="choice" if options else kind,
        options=options,
        needed=name in DESCRIBED and name not in headers,
    )


def _words(says: Says, name: str, header: str, found: list[Word], form: Form) -> WordsOfField:
    questions = tuple(
        WordQuestion(name=f"w-{name}-{n}", text=word.text, count=word.count, is_new=not word.is_said)
        for n, word in enumerate(found)
    )
    is_settled = all(word.is_said for word in found) and not any(form.error(one.name) for one in questions)
    return WordsOfField(
        field=name,
        header=header,
        words=questions,
        options=() if takes(name) == BRAND else says.ours(name),
        is_open=not is_settled,
    )


def dry_run_view(connection: Connection, read: Rehearsed, file: str, day: str) -> DryRunView:
    """What an import would do. day: YYYY-MM-DD, on which permissions are looked at."""
    consignment, draft = read.consignment, read.draft
    left = remaining(connection, consignment)
    is_known = _is_known(connection, consignment.sha256) and not left.articles
    headers = {header: field for field, header in consignment.headers}
    spec = BY_PROFILE if draft else read.spec.id
    lots = tuple(lot for lot in (consignment if is_known else left).lots if lot.articles)
    chains = _chains(connection, read, lots, day)
    stated = waiting.of_consignment(connection, consignment.sha256)
    return DryRunView(
        file=consignment.file,
        sha256=consignment.sha256,
        header_row=consignment.header_row,
        mapping=(*headers.items(), *((header, "") for header in consignment.unknown_columns)),
        rows_total=consignment.rows,
        rows_accepted=len(consignment.articles),
        rows_overage=sum(article.over_age for article in consignment.articles),
        rejected=tuple(
            RejectedRow(
                file=one.file,
                row=one.row,
                column=one.column,
                value=one.value,
                reason=Reason(slug=one.reason, detail=", ".join(map(str, one.related_rows))),
            )
            for one in consignment.rejections[:REJECTED_SHOWN]
        ),
        rejected_total=len(consignment.rejected_rows),
        lots=tuple(_planned(lot, chains) for lot in lots),
        remarks=tuple(note.text for note in consignment.notes if note.kind == "remark"),
        import_action=f"/operator/import/{file}?spec={spec}" if left.articles and not read.keyless else "",
        imported=is_known,
        new_words=_new_words(read),
        change_href=f"/operator/import/{file}/facts" if draft else "",
        layout=draft.profile.name if draft else "",
        layout_version=draft.version if draft else 0,
        layout_sha256=draft.profile.sha256 if draft else "",
        sheet_href=f"/operator/import/{file}/rejected" if consignment.rejected_rows else "",
        sheet_query=f"?spec={spec}",
        skipped=read.skipped,
        mends=read.mends,
        hidden_rows=consignment.hidden_rows,
        unsigned=read.unsigned,
        keyless=read.keyless,
        stated=tuple(map(_stated, stated)),
        stated_declared=sum(one.state == "recorded" for one in stated),
        stated_standing=sum(one.state in waiting.STANDING for one in stated),
        waits_for=_waits_for(connection, stated),
        unidentified_before=_unidentified(connection, read.mends),
    )


def _stated(one: Declaration) -> StatedLot:
    bare = one.lot.partition(":")[2]
    return StatedLot(
        href=f"/statements/{one.statement}",
        lot_short=short(one.lot),
        lot_href=f"/operator/lots/{bare}" if one.state == "recorded" else "",
        rows=len(one.share.rows),
        quantity=one.share.declared,
        state=one.state,
        tone=TONES[one.state],
        reason=one.reason,
    )


def _waits_for(connection: Connection, stated: Sequence[Declaration]) -> str:
    owed = {party for one in stated for party in one.waits_for}
    return ", ".join(name for party, _, name in suppliers(connection) if party in owed)


def _unidentified(connection: Connection, first: str) -> int:
    report = report_of_file(connection, first) if first else None
    return 0 if report is None else int(report["unidentified"])


def _chains(
    connection: Connection, read: Rehearsed, lots: tuple[DeclaredLot, ...], day: str
) -> dict[str, list[str]] | None:
    """None for a description that brings its own grants."""
    if read.draft is None:
        return None
    wanted = {(lot.articles[0].brand, lot.articles[0].category) for lot in lots}
    return chains_of(
        connection, read.draft.profile.supplier, wanted, day=day, depth_max=load.permission().depth_max
    )


def _planned(lot: DeclaredLot, chains: dict[str, list[str]] | None) -> PlannedLot:
    category, brand = _common(lot.articles, "category"), _common(lot.articles, "brand")
    return PlannedLot(
        category=category,
        brand=brand,
        condition=_common(lot.articles, "condition"),
        rows=len(lot.articles),
        quantity=lot.declared,
        permitted=None if chains is None else f"{brand}/{category}" in chains,
    )


def _new_words(read: Rehearsed) -> tuple[NewWord, ...]:
    """Words of closed lists that the layout does not know, the most frequent first."""
    found = Counter(
        (one.column, one.value) for one in read.consignment.rejections if one.reason.endswith("-unknown")
    )
    return tuple(
        NewWord(column=column, word=word, rows=rows)
        for (column, word), rows in found.most_common(NEW_WORDS_SHOWN)
    )


def _is_known(connection: Connection, sha256: str) -> bool:
    statement = select(CONSIGNMENTS.c.sha256).where(CONSIGNMENTS.c.sha256 == sha256)
    return connection.execute(statement).first() is not None


def _common(articles: Any, name: str) -> str:
    """The value that most share; for conditions that differ, the word for that."""
    values = Counter(getattr(article, name) for article in articles)
    if name == "condition" and len(values) > 1:
        return MIXED
    return str(values.most_common(1)[0][0])


def _title(spec: ConsignmentSpec, language: str) -> str:
    title: str = getattr(spec.title, language.partition("-")[0])
    return title
