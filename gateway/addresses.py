"""Addresses of pages: where a page that answered a form can be read again."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.routing import BaseRoute, Match


def readable(request: Request) -> str:
    """The nearest address above a form's that a browser may open: links on a refusal lead there.

    ``/offers/x/reserve`` answers POST alone, and ``/offers/x`` shows the offer. "" when the request
    itself was a reading one: then a link without a path stays where it is.
    """
    if request.method in {"GET", "HEAD"}:
        return ""
    path = request.url.path
    while path != "/" and not _opens(request, path):
        path = path.rpartition("/")[0] or "/"
    return quote(path)


def _opens(request: Request, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path, "root_path": ""}
    routes: list[BaseRoute] = request.app.router.routes
    return any(route.matches(scope)[0] is Match.FULL for route in routes)
