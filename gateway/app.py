"""The web application: one factory, and how each of its refusals is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from gateway import deps, problems
from gateway.errors import GatewayError
from gateway.pages.building.explore import TypeCounts
from gateway.pages.views import Frame, ProblemView
from gateway.problems import Problem
from gateway.routes import (
    account,
    actions,
    auditor,
    buyer,
    catalogue,
    checking,
    codes,
    company,
    company_api,
    components,
    console,
    devices,
    documents,
    exposures,
    files,
    health,
    import_api,
    imports,
    issuing,
    jobs,
    labels,
    landed,
    listings,
    log,
    login,
    lot_card,
    manifests,
    matching,
    measuring,
    offer_desk,
    offer_desk_api,
    offer_page,
    operator,
    packs,
    papers,
    party,
    people,
    price_lists,
    price_lists_api,
    private,
    public,
    purchase_desk,
    purchase_pages,
    purchases,
    records,
    reports,
    resolver,
    sale_events,
    scans,
    shipment_pages,
    shipments,
    sign_in,
    statements,
    stating,
    stock_feeds,
    trade,
    work,
)
from gateway.shell.asgi import Shell
from gateway.shell.code_pages import CodePages
from gateway.shell.idempotency import InFlight
from gateway.shell.kept_packs import KeptPacks
from gateway.shell.metrics import Metrics
from gateway.shell.openapi import describe, operation_id
from gateway.shell.queries import well_mannered
from gateway.shell.rates import Rates
from gateway.shell.readings import ReadingBook
from gateway.shell.room import Room
from gateway.shell.unchanged import Unchanged
from gateway.store.numbered import LotsByGtin
from gateway.wiring import Installation
from ledger.errors import LedgerError

STATIC: Final = Path(__file__).parent / "static"


def create_app(installation: Installation) -> FastAPI:
    """The application of one installation; what runs beside it is ``gateway.tasks``."""
    app = _described()
    app.state.installation = installation
    app.state.rates = Rates(installation.settings.rate_factor)
    app.state.metrics = Metrics(installation)
    app.state.in_flight = InFlight()
    app.state.room = Room()
    app.state.packs = KeptPacks()
    app.state.type_counts = TypeCounts()
    app.state.lots_by_gtin = LotsByGtin()
    app.state.readings = ReadingBook(installation, told=app.state.metrics.scans_dropped.inc)
    app.state.unchanged = Unchanged(installation)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for kind in (GatewayError, LedgerError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.add_middleware(
        CodePages,
        book=app.state.readings,
        unchanged=app.state.unchanged,
        country_header=installation.settings.country_header,
    )
    app.add_middleware(Shell, public_url=installation.public_url, metrics=app.state.metrics, respond=_respond)
    return app


def description() -> dict[str, Any]:
    """What ``/v1/openapi.json`` says; it is the same for every installation."""
    return _described().openapi()


def _described() -> FastAPI:
    """All routes and what is said of them, without an installation behind."""
    app = FastAPI(
        title="Lotproof",
        version=version("lotproof"),
        description="Surplus lots whose history a stranger can check.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_beside,
    )
    app.router.routes.extend(_routes())
    describe(app)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Made once a process: FastAPI reads every signature anew for each inclusion, for most of a second."""
    whole = APIRouter(dependencies=[Depends(well_mannered)], generate_unique_id_function=operation_id)
    for module in (  # matched in this order: what is asked most comes first
        public,
        checking,
        codes,
        reports,
        scans,
        log,
        listings,
        landed,
        manifests,
        lot_card,
        trade,
        records,
        login,
        sign_in,
        account,
        people,
        buyer,
        purchase_pages,
        purchases,
        company,
        company_api,
        catalogue,
        shipments,
        papers,
        shipment_pages,
        documents,
        files,
        imports,
        import_api,
        stock_feeds,
        jobs,
        labels,
        actions,
        statements,
        stating,
        issuing,
        party,
        devices,  # before what takes any work order
        measuring,
        work,
        components,
        console,
        price_lists,
        price_lists_api,
        sale_events,
        matching,
        exposures,
        offer_desk,
        offer_desk_api,
        offer_page,
        purchase_desk,
        operator,
        private,
        auditor,
        packs,
        health,
        resolver,
    ):
        whole.include_router(module.router)
    whole.include_router(papers.api)
    return whole.routes


@asynccontextmanager
async def _beside(app: FastAPI) -> AsyncIterator[None]:
    """While a server runs the application, readings of codes are written; at its end the last ones."""
    app.state.readings.start()
    yield
    await run_in_threadpool(app.state.readings.stop)
    app.state.unchanged.close()


def _refused(request: Request, error: Exception) -> Response:
    return _respond(request, problems.problem_of(error))


def _respond(request: Request, problem: Problem) -> Response:
    """A page for people, problem+json for programs."""
    request_id: str = request.state.request_id
    request.app.state.metrics.refused(problem.slug)
    if request.url.path.startswith("/log/"):
        return problems.as_text(problem)
    language = deps.language_of(request)
    if not problems.wants_page(request):
        return problems.as_json(problem, request_id, language)
    view = ProblemView(
        status=problem.status,
        slug=problem.slug,
        title=problem.title(language),
        detail=problem.detail(language),
        details=problem.lines(language),
        request_id=request_id,
    )
    response = deps.page(request, view, _frame(request), language, problem.status)
    response.headers.update(problem.headers)
    return response


def _frame(request: Request) -> Frame:
    """As on any page, as far as it can be told now."""
    installation = deps.installation_of(request)
    try:
        return deps.frame_of_request(request)
    except Exception:  # noqa: BLE001 - the page that says what is wrong must not be the next thing to fail
        return Frame(path="/", origin=installation.config.origin, tree_size=None)
