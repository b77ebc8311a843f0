"""What opens when somebody scans a code, types one, or scans a GTIN with its lot."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from gateway.deps import Visit, VisitDep, address_of
from gateway.errors import NotFound
from gateway.pages.building.article import Subject, consumer_view, subject_of
from gateway.pages.building.folding import folded, timeline
from gateway.pages.building.reading import checking, lot_id, never_issued
from gateway.pages.views import ConsumerView, NotFoundView
from gateway.shell.rates import Rates
from gateway.store import goods, trade
from gateway.store.goods import CodeLink
from ledger.lots.state import LotState
from ledger.store import log
from qrcodes import clear_host
from qrcodes.errors import InvalidCode
from qrcodes.serial import code_hash, is_code, printed, read_code

ENTRY_DIGITS_MAX = 18
TYPED_MAX = 200  # characters that are looked at, and shown again

router = APIRouter()


@router.get("/q/")
def look_up(visit: VisitDep, code: Annotated[str, Query()] = "") -> Response:
    """A code typed by hand: to its one address, or a page that says what is wrong with it."""
    try:
        return RedirectResponse(f"/q/{read_code(code[:TYPED_MAX])}", 303)
    except InvalidCode:
        return _unknown(visit, code[:TYPED_MAX], well_formed=False)


@router.get("/q/{code}")
def scanned(
    code: str,
    visit: VisitDep,
    all_: Annotated[str, Query(alias="all")] = "",
    after: Annotated[str, Query()] = "",
) -> Response:
    if not is_code(code):
        return look_up(visit, code)
    rates: Rates = visit.request.app.state.rates
    rates.check_guesses(address_of(visit.request))
    with checking("code"):
        link = link_of(visit, code)
    if link is None:
        if trade.document(visit.connection, code) is not None:
            return RedirectResponse(f"/d/{code}/1", 303)  # the code at the foot of a paper, typed by hand
        rates.missed(address_of(visit.request))
        return _unknown(visit, code, well_formed=True)
    with checking("code"):
        subject = subject_of(visit.connection, link)
    view = consumer_view(visit.installation, visit.connection, subject, visit.language)
    visit.request.app.state.metrics.scans.labels(view.verdict).inc()
    visit.request.state.verdict = view.verdict
    return _shown(visit, view, f"/q/{code}", all_, after)


@router.get("/lots/{lot}")
def lot_page(
    lot: str,
    visit: VisitDep,
    all_: Annotated[str, Query(alias="all")] = "",
    after: Annotated[str, Query()] = "",
) -> Response:
    """A lot under the GTIN of its goods, where the resolver sends a GS1 Digital Link. Others have a code."""
    name = lot_id(lot)
    with checking(name):
        found = log.subject(visit.connection, name)
        if found is None or not isinstance(found.state, LotState) or found.state.gtin is None:
            raise NotFound(name)
        subject = Subject(name, "lot", "", tuple(goods.of_lot(visit.connection, name)))
    view = consumer_view(visit.installation, visit.connection, subject, visit.language)
    return _shown(visit, view, f"/lots/{lot}", all_, after)


def _shown(visit: Visit, view: ConsumerView, page_href: str, all_: str, after: str) -> Response:
    """The short page, or with ``all=yes`` every step after entry ``after``; what is no number is none."""
    if all_ != "yes":
        return visit.page(folded(view, f"{page_href}?all=yes"))
    is_number = after.isascii() and after.isdecimal() and len(after) <= ENTRY_DIGITS_MAX
    return visit.page(timeline(view, page_href, int(after) if is_number else -1))


def subject_behind(visit: Visit, code: str) -> Subject | None:
    """What a code of ours stands for; None for any other. Whoever tries too many of those is refused."""
    rates: Rates = visit.request.app.state.rates
    rates.check_guesses(address_of(visit.request))
    with checking("code"):
        link = link_of(visit, code) if is_code(code) else None
        if link is None:
            rates.missed(address_of(visit.request))
            return None
        return subject_of(visit.connection, link)


def link_of(visit: Visit, code: str) -> CodeLink | None:
    """What a code stands for. One that the ledger issued leads to its lot even where our note is lost."""
    link = goods.code(visit.connection, code)
    if link is not None:
        return link
    issued = log.code_record(visit.connection, code_hash(code))
    return None if issued is None else CodeLink(code, issued[0], "article", None)


def _unknown(visit: Visit, code: str, *, well_formed: bool) -> Response:
    completeness = None
    if well_formed:
        completeness = never_issued(visit.installation, visit.connection, code_hash(code))
    view = NotFoundView(
        code=printed(code) if well_formed else code,
        host=clear_host(visit.installation.public_url),
        well_formed=well_formed,
        completeness=completeness,
    )
    return visit.page(view, 404)
