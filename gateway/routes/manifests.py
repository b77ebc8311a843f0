"""The goods of an offer as a list: for spreadsheets, as text, for programs."""

from dataclasses import asdict
from typing import Self

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from gateway.consignments.written import MEDIA, Form, written
from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound
from gateway.pages.building import offers
from gateway.pages.building.manifest import Manifest, as_table, manifest_of
from gateway.routes.documents import disposition
from gateway.routes.offer_page import tell_shown
from gateway.routes.strict import Closed, StrictRoute
from gateway.shell import etags

router = APIRouter(prefix="/v1/listings", tags=["trade"], route_class=StrictRoute)


class RowOut(Closed):
    """An article, or pieces of one style. identifier: masked until the article is bought; of styles "".

    reference_minor: what one piece costs elsewhere, of the manifest's reference; null where nobody said.
    Masses in grams, of one piece.
    """

    number: int = Field(examples=[1])
    brand: str
    model: str
    category: str
    goods: str = Field(examples=["Smartphone"])
    size: str
    colour: str
    storage: str
    composition: str
    grade: str = Field(examples=["A"])
    condition: str
    label_state: str
    quantity: int
    hs_code: str = Field(examples=["851713"])
    origin_country: str
    net_mass_g: int | None
    gross_mass_g: int | None
    battery_wh: str
    un38_3: str
    gtin: str
    identifier: str = Field(examples=["86223628*******"])
    reference_minor: int | None


class TotalsOut(Closed):
    """Of all rows. Masses in grams, null where a piece's own is not stated."""

    pieces: int
    net_mass_g: int | None
    gross_mass_g: int | None


class RowReferenceOut(Closed):
    kind: str
    source: str
    on: str
    currency: str


class ManifestOut(Closed):
    """Every row of a lot on offer. rows_root: of the signed manifest, hex.

    unit_price_minor: of one unit of price_basis at the smallest order, agreed with your company.
    """

    listing: str
    lot: str
    rows_root: str
    currency: str
    price_basis: str
    unit_size: int
    unit_price_minor: int
    reference: RowReferenceOut | None
    rows: list[RowOut]
    totals: TotalsOut

    @classmethod
    def of(cls, manifest: Manifest) -> Self:
        reference = manifest.reference
        return cls(
            listing=manifest.listing,
            lot=manifest.lot,
            rows_root=manifest.root,
            currency=manifest.currency,
            price_basis=manifest.price_basis,
            unit_size=manifest.unit_size,
            unit_price_minor=manifest.unit_price_minor,
            reference=None
            if reference is None
            else RowReferenceOut(
                kind=reference.kind,
                source=reference.source,
                on=reference.on.isoformat(),
                currency=reference.currency,
            ),
            rows=[RowOut(**asdict(row)) for row in manifest.rows],
            totals=TotalsOut(
                pieces=manifest.pieces,
                net_mass_g=manifest.net_mass_g,
                gross_mass_g=manifest.gross_mass_g,
            ),
        )


@router.get("/{listing}/manifest.json", response_model=ManifestOut)
def as_json(listing: str, visit: VisitDep) -> Response:
    """Every row of the lot on offer."""
    return etags.answer(visit.request, ManifestOut.of(_manifest(visit, listing)))


@router.get("/{listing}/manifest.csv", response_class=Response)
def as_csv(listing: str, visit: VisitDep) -> Response:
    """The rows as text in UTF-8; a cell that a spreadsheet would compute is marked as text."""
    return _sheet(visit, listing, "csv")


@router.get("/{listing}/manifest.xlsx", response_class=Response)
def as_xlsx(listing: str, visit: VisitDep) -> Response:
    """The rows as a workbook whose cells are all texts."""
    return _sheet(visit, listing, "xlsx")


def _sheet(visit: Visit, listing: str, form: Form) -> Response:
    content = written(as_table(_manifest(visit, listing)), form)
    named = {"content-disposition": disposition(f"{listing}.{form}")}
    return etags.of_bytes(visit.request, content, MEDIA[form], named)


def _manifest(visit: Visit, listing: str) -> Manifest:
    one = offers.offered(visit.installation, visit.connection, visit.company, listing)
    if one is None:
        raise NotFound(listing)
    tell_shown(visit, one.company, [one.listing])
    return manifest_of(visit.installation, visit.connection, one)
