"""Describe an uploaded sheet step by step, until it can be rehearsed and imported."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, select

from gateway.consignments.cells import damage_word
from gateway.consignments.fields import BRAND, fields, marks
from gateway.consignments.layout import find_layout
from gateway.consignments.profile import (
    Mapped,
    Problem,
    Profile,
    columns_of,
    compile_profile,
    fits,
    problems_of,
)
from gateway.consignments.propose import Proposal, propose
from gateway.consignments.spec import ConsignmentSpec
from gateway.consignments.text import clean, fold, header_key
from gateway.files.intake import sheet_in
from gateway.policies import load
from gateway.sheets import Sheet, UnreadableSheet, Worksheet, read_sheet, worksheets
from gateway.store import profiles, tables
from gateway.store.profiles import Draft
from gateway.wiring import Installation
from gateway.workflows import chains
from gateway.workflows.mend import first_file
from ledger.core.subjects import base32
from ledger.record import Ledger
from ledger.store.tables import table

PARTIES = table(tables.PartyRow)
SUPPLIER_KINDS: Final = ("supplier", "brand", "agent")
WORDS_MAX: Final = 300  # different words of one column; more are no vocabulary
SHEETS_LOOKED_AT: Final = 8
ID_BYTES: Final = 13
BY_PROFILE: Final = "profile"  # in place of a description's name: the file's own draft says how to read it


@dataclass(frozen=True, slots=True)
class Looked:
    """A file as it was sent. choices: worksheets that may be meant, () for a CSV."""

    sheet: Sheet
    proposal: Proposal
    choices: tuple[Worksheet, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a column, as it stands there first. ours: what is proposed or was said, "" for nothing.

    is_said: somebody has said it, be it of an earlier file of the same supplier.
    """

    text: str
    count: int
    ours: str
    is_said: bool


def look(data: bytes, wanted: str = "") -> Looked:
    """Read the sheet that is meant: the one named, else the visible one whose columns say most.

    data: as it was uploaded. Raises FileRefused, UnreadableSheet.
    """
    content = sheet_in(data)
    every = worksheets(content)
    shown = tuple(one for one in every if not one.is_hidden) or every
    if wanted and wanted not in {one.name for one in every}:
        raise UnreadableSheet(f"no sheet is named {wanted!r}", code="sheet-choose")
    names = [wanted] if wanted else [one.name for one in shown[:SHEETS_LOOKED_AT]]
    if not every:
        sheet = read_sheet(content)
        return Looked(sheet, propose(sheet), ())
    looked, failure = [], None
    for name in names:
        sheet = read_sheet(content, sheet=name)
        try:
            looked.append(Looked(sheet, propose(sheet), every))
        except UnreadableSheet as error:  # a cover sheet, an empty one
            failure = failure or error
    if not looked:
        raise failure or UnreadableSheet("the workbook has no sheet", code="sheet-empty")
    return max(looked, key=lambda one: (one.proposal.is_known, _told(one.proposal), one.proposal.rows_below))


def begin(installation: Installation, connection: Connection, file: str, owner: str, looked: Looked) -> Draft:
    """A draft for a new file: by a profile that fits its headers, else by what was proposed."""
    headers = Counter(header_key(one.header) for one in looked.proposal.columns)
    saved = next((one for one in profiles.all_newest(connection) if fits(one.profile, headers)), None)
    profile = proposed_profile(looked.proposal)
    if saved is not None:
        profile = _on_this_sheet(saved.profile, profile)
    return Draft(
        file=file,
        owner=owner,
        profile=profile,
        saved_as=saved.id if saved else "",
        version=saved.version if saved else 0,
        amount_minor=None,
        currency="CNY",
        mends=first_file(connection, (one.header for one in looked.proposal.columns)),
        job="",
        updated_at=installation.clock.now(),
    )


def proposed_profile(proposal: Proposal) -> Profile:
    return Profile(
        sheet=proposal.sheet,
        columns=tuple(
            Mapped(
                header=one.header[:200],
                nth=one.nth,
                field=one.field,
                unit=one.shape.unit if one.field else "",
                dates=one.shape.dates,
                decimals=one.shape.decimals,
            )
            for one in proposal.columns
        ),
    )


def vocabulary(connection: Connection, profile: Profile, sheet: Sheet) -> dict[str, list[Word]]:
    """Field -> the different words of its column, the most frequent first, the empty cell among them."""
    layout = find_layout(columns_of(profile), marks(), sheet)
    brands = _brands(connection)
    found = {}
    for place in layout.places:
        name = place.column.field
        if not fields()[name].takes_words:
            continue
        counts: Counter[str] = Counter()
        written: dict[str, str] = {}
        for row in layout.goods:
            text = place.text(row)
            key = damage_word(text) if place.column.kind == "damage" else fold(text)
            counts[key] += 1
            written.setdefault(key, clean(text))
        found[name] = [
            _word(profile, name, key, written[key], count, brands)
            for key, count in counts.most_common(WORDS_MAX + 1)
        ]
    return found


def with_words(profile: Profile, found: Mapping[str, Iterable[Word]]) -> Profile:
    """The profile with every word that is proposed taken as said, as a program may wish."""
    words = {name: dict(said) for name, said in profile.words.items()}
    for name, every in found.items():
        for word in every:
            if word.ours:
                words.setdefault(name, {}).setdefault(fold(word.text), word.ours)
    return profile.model_copy(update={"words": words})


def keep(installation: Installation, draft: Draft, *, by: str) -> Draft:
    """Store what was said so far; a profile that is whole is saved, as a new version where it changed."""

    def unit(ledger: Ledger) -> Draft:
        connection = ledger.connection
        kept = replace(draft, updated_at=installation.clock.now())
        if not left_to_say(kept):
            standing = profiles.newest(connection, kept.saved_as) if kept.saved_as else None
            is_other = standing is None or standing.profile.supplier != kept.profile.supplier
            name = f"prf-{base32(secrets.token_bytes(ID_BYTES))}" if is_other else kept.saved_as
            version = profiles.save(connection, name, kept.profile, at=kept.updated_at, by=by)
            kept = replace(kept, saved_as=name, version=version)
        profiles.put_draft(connection, kept)
        return kept

    return installation.writer.do(unit)


def left_to_say(draft: Draft) -> list[Problem]:
    """What keeps a draft from being rehearsed; rows that were mended are paid for already."""
    return problems_of(
        draft.profile,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        is_paid=bool(draft.mends),
    )


def spec_of(draft: Draft) -> ConsignmentSpec:
    """The description that a draft compiles to. Raises InvalidSpec where something is still missing."""
    return compile_profile(
        draft.profile,
        id_=draft.saved_as or BY_PROFILE,
        file=file_name(draft),
        amount_minor=None if draft.mends else draft.amount_minor,
        currency=draft.currency,
        age_months_max=load.permission().age_months_max,
        is_paid=bool(draft.mends),
    )


def file_name(draft: Draft) -> str:
    """What reports call a file whose own name nobody read: its profile's name, and the sheet's."""
    return " · ".join(part for part in (draft.profile.name, draft.profile.sheet) if part)


def suppliers(connection: Connection) -> list[tuple[str, str, str]]:
    """(party id, kind, name) of the companies that may declare goods, by name."""
    rows = connection.execute(
        select(PARTIES.c.party, PARTIES.c.kind, PARTIES.c.name_zh, PARTIES.c.name_en)
        .where(PARTIES.c.kind.in_(SUPPLIER_KINDS))
        .order_by(PARTIES.c.name_en)
    )
    return [(row.party, row.kind, f"{row.name_en} {row.name_zh}".strip()) for row in rows]


def _told(proposal: Proposal) -> int:
    return sum(bool(one.field) for one in proposal.columns)


def _on_this_sheet(saved: Profile, proposed: Profile) -> Profile:
    """What was said of the supplier's last sheet, with the columns of this one."""
    said = {(header_key(one.header), one.nth): one for one in saved.columns}
    columns = []
    for one in proposed.columns:
        known = said.get((header_key(one.header), one.nth))
        columns.append(
            one.model_copy(update={"field": "", "unit": ""})
            if known is None
            else known.model_copy(update={"header": one.header})
        )
    return saved.model_copy(update={"columns": tuple(columns), "sheet": proposed.sheet})


def _word(profile: Profile, name: str, key: str, text: str, count: int, brands: Mapping[str, str]) -> Word:
    said = profile.words.get(name, {})
    if key in said:
        return Word(text, count, said[key], is_said=True)
    if not key:
        return Word("", count, "none" if name == "damage" else "", is_said=False)
    if key in marks().missing:
        return Word(text, count, fields()[name].words.get(key, ""), is_said=False)
    if name == BRAND:
        return Word(text, count, brands.get(key, text), is_said=False)
    return Word(text, count, fields()[name].words.get(key, ""), is_said=False)


def _brands(connection: Connection) -> dict[str, str]:
    """How a registered brand is written -> its name in the ledger; by its own name and its owner's."""
    owned = chains.brands_known(connection)
    names = {fold(brand): brand for brand in owned.values()}
    rows = connection.execute(
        select(PARTIES.c.party, PARTIES.c.name_en).where(PARTIES.c.party.in_(sorted(owned)))
    )
    for row in rows:
        first = fold(row.name_en).partition(" ")[0]
        names.setdefault(first, owned[row.party])
    return names
