"""Where a GS1 Digital Link leads in this house, level by level: the article, its lot, its GTIN.

Only what exists is linked, and only to pages of our own. AI 10 and AI 21 are ours to know: a lot that
was never recorded, or a serial that is no code of ours, is unknown. Of AI 22 and AI 235 nothing is
recorded here, so what was asked for above them answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.i18n import LANGUAGES, translations
from gateway.pages.building.article import Subject, history_href, pack_href
from gateway.pages.building.reading import checking, short
from gateway.pages.resolver_words import LINK_TITLES
from gateway.pages.views.goods import GoodsLot, GoodsView
from gateway.store.numbered import LotsByGtin
from gateway.workflows.gate import is_recalled
from ledger.core.subjects import is_subject_id
from ledger.lots.state import LotState
from ledger.store import log
from qrcodes.digital_link import DigitalLink
from qrcodes.linkset import DEFAULT, VOCABULARY, Context, TypedLink

LOTS_MAX: Final = 50  # that a page lists
HTML: Final = "text/html"


@dataclass(frozen=True, slots=True)
class Target:
    """One way to go inside the house. kind: its relation in GS1's vocabulary. title: of LINK_TITLES.

    languages: whether it is offered in each language by itself. detail: what tells it from its like.
    """

    kind: str
    path: str
    title: str
    media_type: str = HTML
    languages: bool = True
    passes_query: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """What is known at one depth of a link. ais: how many elements of the link name it."""

    ais: int
    description: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """levels: the finest first, none empty. lot: the subject behind it; "" for a GTIN alone."""

    levels: tuple[Level, ...]
    lot: str = ""

    @property
    def default(self) -> Target:
        return self.levels[0].targets[0]

    def named(self, relation: str) -> tuple[Target, ...]:
        """Those of the finest level that has any of this type."""
        for level in self.levels:
            found = tuple(target for target in level.targets if VOCABULARY + target.kind == relation)
            if found:
                return found
        return ()


def resolve(
    connection: Connection, link: DigitalLink, article: Subject | None, numbered: LotsByGtin
) -> Found:
    """What a link of AI 01 leads to. article: what stands behind its serial.

    Raises NotFound, or CouldNotCheck.
    """
    gtin, lot, serial = link.get("01") or "", link.get("10"), link.get("21")
    places = {ai: place for place, (ai, _) in enumerate(link.elements, start=1)}
    if serial is not None and (article is None or lot not in (None, article.lot.partition(":")[2])):
        raise NotFound(str(link))
    name = article.lot if article is not None else f"lot:{lot}" if lot is not None else ""
    if not name:
        return _of_gtin(connection, gtin, numbered)
    state = _lot(connection, name)
    if gtin not in (state.gtin, *_gtins(article)):
        raise NotFound(str(link))
    described = _described(state, gtin)
    levels = []
    if article is not None:
        levels.append(Level(places["21"], described, (Target("pip", f"/q/{article.code}", "article"),)))
    if lot is not None and state.gtin == gtin:
        levels.append(Level(places["10"], described, tuple(_of_lot(connection, name, state))))
    if state.gtin == gtin:
        levels.append(_goods_level(gtin, described))
    return Found(tuple(levels), name)


def contexts(found: Found, link: DigitalLink, base: str) -> list[Context]:
    """The linkset of what was found. base: ``https://host`` of this house."""
    made = []
    for place, level in enumerate(found.levels):
        anchor = DigitalLink(base, link.elements[: level.ais])
        links = [one for target in level.targets for one in typed_links(target, base)]
        if place == 0:
            links.insert(0, TypedLink(DEFAULT, base + found.default.path, _title(found.default, "en")))
        made.append(Context(str(anchor), level.description, tuple(links)))
    return made


def typed_links(target: Target, base: str) -> list[TypedLink]:
    """A target as links, one for each language where it has them."""
    relation = VOCABULARY + target.kind
    if not target.languages:
        title = _title(target, "en")
        return [
            TypedLink(
                relation, base + target.path, title, (), target.media_type, passes_query=target.passes_query
            )
        ]
    return [
        TypedLink(relation, f"{base}{target.path}?lang={tag}", _title(target, tag), (tag,), target.media_type)
        for tag in ("en", *(tag for tag in LANGUAGES if tag != "en"))
    ]


def goods_view(connection: Connection, gtin: str, numbered: LotsByGtin) -> GoodsView:
    """The page of a GTIN. Raises NotFound where no lot was made for it."""
    with checking(gtin):
        names = numbered.of(connection, gtin, limit=LOTS_MAX + 1)
        states = [(name, _lot(connection, name)) for name in names[:LOTS_MAX]]
    listed = [(name, state) for name, state in states if state.gtin == gtin]
    if not listed:
        raise NotFound(gtin)
    return GoodsView(
        gtin=gtin,
        name=_name(listed[0][1]),
        lots=tuple(
            GoodsLot(href=lot_href(name), lot_short=short(name), grade=state.grade or "")
            for name, state in listed
        ),
        more=len(names) > LOTS_MAX,
    )


def lot_href(lot: str) -> str:
    """The public page of a lot that was made for one GTIN."""
    return f"/lots/{lot.partition(':')[2]}"


def _of_gtin(connection: Connection, gtin: str, numbered: LotsByGtin) -> Found:
    with checking(gtin):
        names = numbered.of(connection, gtin, limit=1)
        if not names:
            raise NotFound(gtin)
        return Found((_goods_level(gtin, _described(_lot(connection, names[0]), gtin)),))


def _goods_level(gtin: str, described: str) -> Level:
    return Level(1, described, (Target("pip", f"/goods/{gtin}", "goods"),))


def _of_lot(connection: Connection, lot: str, state: LotState) -> Iterator[Target]:
    """The page comes first: it is what a link opens that asks for nothing."""
    yield Target("pip", lot_href(lot), "lot")
    yield Target("traceability", f"/auditor/subjects/{lot}", "records")
    yield Target(
        "traceability", history_href(lot), "history", "application/json", languages=False, passes_query=False
    )
    yield Target(
        "traceability", pack_href(lot), "pack", "application/zip", languages=False, passes_query=False
    )
    for authorization in state.authorizations:
        page = f"/auditor/subjects/{authorization}"
        yield Target("certificationInfo", page, "permission", detail=short(authorization))
    if is_recalled(connection, lot):
        yield Target("recallStatus", lot_href(lot), "recall")


def _lot(connection: Connection, name: str) -> LotState:
    if not is_subject_id(name):
        raise NotFound(name)
    with checking(name):
        found = log.subject(connection, name)
    if found is None or not isinstance(found.state, LotState):
        raise NotFound(name)
    return found.state


def _gtins(article: Subject | None) -> set[str]:
    """The GTINs that the articles behind a code have of their own."""
    if article is None:
        return set()
    return {item.facts.get("gtin") or "" for item in article.items} - {""}


def _described(state: LotState, gtin: str) -> str:
    return " · ".join(filter(None, (_name(state), f"GTIN {gtin}")))


def _name(state: LotState) -> str:
    return " ".join(filter(None, (state.brand, state.model)))


def _title(target: Target, language: str) -> str:
    title = translations(language).gettext(LINK_TITLES[target.title])
    return f"{title} ({target.detail})" if target.detail else title
