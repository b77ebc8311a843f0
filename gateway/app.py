"""The web application: one factory, and how each of its refusals is answered."""

from importlib.metadata import version
from pathlib import Path
from typing import Final

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from gateway import deps, problems
from gateway.errors import GatewayError
from gateway.pages.building.explore import TypeCounts
from gateway.pages.views import Frame, ProblemView
from gateway.problems import Problem
from gateway.routes import (
    account,
    auditor,
    buyer,
    codes,
    components,
    documents,
    files,
    health,
    imports,
    jobs,
    log,
    login,
    operator,
    packs,
    people,
    private,
    public,
    records,
    sign_in,
    trade,
)
from gateway.shell.asgi import Shell
from gateway.shell.idempotency import InFlight
from gateway.shell.kept_packs import KeptPacks
from gateway.shell.metrics import Metrics
from gateway.shell.openapi import describe, operation_id
from gateway.shell.queries import well_mannered
from gateway.shell.rates import Rates
from gateway.shell.room import Room
from gateway.wiring import Installation
from ledger.errors import LedgerError

STATIC: Final = Path(__file__).parent / "static"


def create_app(installation: Installation) -> FastAPI:
    """The application of one installation; what runs beside it is ``gateway.tasks``."""
    app = FastAPI(
        title="Lotproof",
        version=version("lotproof"),
        description="Surplus lots whose history a stranger can check.",
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the ready-made pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(well_mannered)],
        generate_unique_id_function=operation_id,
    )
    app.state.installation = installation
    app.state.rates = Rates(installation.settings.rate_factor)
    app.state.metrics = Metrics(installation)
    app.state.in_flight = InFlight()
    app.state.room = Room()
    app.state.packs = KeptPacks()
    app.state.type_counts = TypeCounts()
    for module in (  # matched in this order: what is asked most comes first
        public,
        codes,
        log,
        trade,
        records,
        login,
        sign_in,
        account,
        people,
        buyer,
        documents,
        files,
        imports,
        jobs,
        components,
        operator,
        private,
        auditor,
        packs,
        health,
    ):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for kind in (GatewayError, LedgerError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _refused)
    app.add_middleware(Shell, public_url=installation.public_url, metrics=app.state.metrics, respond=_respond)
    describe(app)
    return app


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
        details=(problem.reason,) if problem.reason else (),
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
