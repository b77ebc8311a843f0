"""A public offer to be shared in a chat: a page without a price, and the picture under its link."""

from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages import lot_card
from gateway.pages.building.article import common, name_of
from gateway.pages.building.reading import short
from gateway.pages.lot_card import CardTexts
from gateway.pages.views.landed import LotCardView
from gateway.shell import etags
from gateway.workflows.public_offer import PublicOffer, public_offer

MIXED: Final = "mixed"

router = APIRouter()


@router.get("/l/{listing}")
def card(listing: str, visit: VisitDep) -> Response:
    """For anybody who gets the link; what is not public is not there."""
    one = _public(visit, listing)
    state, items = one.judged.facts.lot, one.judged.items
    address, picture = _address(visit, one), f"/l/{listing}/card.png?{urlencode({'lang': visit.language})}"
    return visit.page(
        LotCardView(
            brand=common(items, "brand") or state.brand or "",
            model=common(items, "model") or "",
            name=name_of(items, visit.language),
            category=state.category,
            condition=_condition(one),
            grade=state.grade or "ungraded",
            available=one.judged.facts.available,
            market=one.listing.market,
            inspection=one.judged.level,
            lot_href=f"/lots/{one.listing.lot.removeprefix('lot:')}",
            offer_href=f"/offers/{listing}",
            address=address,
            picture=f"{visit.installation.public_url}{picture}",
            picture_href=picture,
        )
    )


@router.get("/l/{listing}/card.png", response_class=Response)
def picture(listing: str, visit: VisitDep) -> Response:
    one = _public(visit, listing)
    content = lot_card.draw_png(_texts(visit, one), _address(visit, one))
    return etags.of_bytes(visit.request, content, "image/png", {})


@router.get("/l/{listing}/card.svg", response_class=Response)
def drawing(listing: str, visit: VisitDep) -> Response:
    one = _public(visit, listing)
    content = lot_card.draw_svg(_texts(visit, one), _address(visit, one))
    return etags.of_bytes(visit.request, content, "image/svg+xml", {})


def _public(visit: Visit, listing: str) -> PublicOffer:
    found = public_offer(visit.installation, visit.connection, listing)
    if found is None:
        raise NotFound(listing)
    return found


def _address(visit: Visit, one: PublicOffer) -> str:
    return f"{visit.installation.public_url}/l/{one.listing.id}"


def _condition(one: PublicOffer) -> str:
    return one.judged.facts.lot.condition or common(one.judged.items, "condition") or MIXED


def _texts(visit: Visit, one: PublicOffer) -> CardTexts:
    state, items = one.judged.facts.lot, one.judged.items
    return lot_card.texts_of(
        visit.language,
        brand=common(items, "brand") or state.brand or "",
        model=common(items, "model") or "",
        category=state.category,
        condition=_condition(one),
        grade=state.grade or "ungraded",
        pieces=one.judged.facts.available,
        lot=short(one.listing.lot),
    )
