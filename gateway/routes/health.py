"""Is the process alive, may it be sent visitors, and what does it count."""

import hmac

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.deps import address_of, installation_of, rule_of
from gateway.errors import NotFound
from gateway.routes.strict import Closed
from gateway.shell.headers import is_loopback
from gateway.shell.metrics import CONTENT_TYPE
from gateway.workflows.readiness import readiness

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = frozenset(
    {"forwarded", "x-forwarded-for", "x-real-ip", "via"}
)  # a proxy speaks for somebody else

router = APIRouter(dependencies=[Depends(rule_of)], tags=["health"])


class AliveOut(Closed):
    status: str


class ReadyOut(Closed):
    """failing: what must work and does not. degraded: what is late or away, and can be done without.

    Names of: database, schema, log, keys, disk, unpublished, jobs. Why: the log of the server, and
    ``lotproof doctor``.
    """

    ready: bool
    failing: list[str]
    degraded: list[str]


@router.get("/livez")
def livez() -> AliveOut:
    """Touches nothing: a failing database must not restart the process."""
    return AliveOut(status="alive")


@router.get("/readyz", response_model=ReadyOut, responses={503: {"model": ReadyOut}})
def readyz(request: Request) -> Response:
    """503 with the list of what does not work."""
    now = readiness(installation_of(request))
    out = ReadyOut(ready=now.is_ready, failing=list(now.failing), degraded=list(now.degraded))
    return Response(out.model_dump_json(), 200 if now.is_ready else 503, media_type="application/json")


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """For a scraper on this machine, or with the bearer token that the settings name; nobody else."""
    if not _may_scrape(request):
        raise NotFound("/metrics")
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE)


def _may_scrape(request: Request) -> bool:
    token = installation_of(request).settings.metrics_token.get_secret_value()
    if token:
        sent = request.headers.get("authorization", "").encode("utf-8", "replace")
        return hmac.compare_digest(sent, b"Bearer " + token.encode())
    is_here = address_of(request) in LOOPBACK and is_loopback(request.headers.get("host", ""))
    return is_here and FORWARDED.isdisjoint(request.headers.keys())
