"""A GS1-conformant resolver for what is numbered under our own name.

::

    GET /01/{gtin}/10/{lot}/21/{code}              307 to the page of the article
    GET /01/{gtin}/10/{lot}?linkType=gs1:pip       307 to the link of that type, 404 when there is none
    GET /01/{gtin}?linkType=linkset                200 application/linkset+json (RFC 9264)

One address, and who asks decides where it leads: a stranger to the public page, a buyer to the offer
that stands for the company. Targets are pages of this house and nothing else, whatever the request says.
Source: GS1-Conformant Resolver Standard.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Request
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import JSONResponse, RedirectResponse, Response

from gateway import problems
from gateway.deps import Visit, VisitDep
from gateway.errors import NotFound, RequestRefused
from gateway.pages.building import offers, resolving
from gateway.pages.building.resolving import Found
from gateway.pages.views.goods import Choice, ChoicesView
from gateway.routes.codes import subject_behind
from gateway.shell import cors
from gateway.store import trade
from gateway.store.numbered import LotsByGtin
from qrcodes import clear_host
from qrcodes.digital_link import DigitalLink, expand, parse
from qrcodes.errors import InvalidLink
from qrcodes.gs1 import PRIMARY_KEYS
from qrcodes.linkset import DEFAULT, MEDIA_TYPE, VOCABULARY, Context, TypedLink, best, linkset, relation_of

SUPPORTED: Final = ("01",)  # what is numbered here; links of other keys are read, and unknown
METHODS: Final = ("GET", "OPTIONS")  # HEAD is GET without the body, which the shell sees to
CONTEXT_PATH: Final = "/linkset-context.jsonld"
CONTEXT_RELATION: Final = "http://www.w3.org/ns/json-ld#context"
LINKSET: Final = "linkset"
ALL: Final = frozenset({LINKSET, "all", "gs1:all", "gs1:linkset"})  # all: deprecated, and still printed

VARY: Final = "Accept, Accept-Language, Cookie, Authorization"
SLUGS: Final[Mapping[str, str]] = {
    "check-digit": "gs1-check-digit",
    **dict.fromkeys(("length", "characters", "value"), "gs1-value"),
    **dict.fromkeys(
        ("identifier", "primary-key", "qualifier", "attribute", "in-path", "repeated", "companion"),
        "gs1-combination",
    ),
}
QUERY_SAFE: Final = "%!$&'()*+,-./:;=?@_~"
ACCEPT_MAX: Final = 20  # ranges of an Accept header that are looked at

router = APIRouter()


class Packed(Convertor[str]):
    """A compressed link: no page of ours has a capital, a digit or an underscore in its name."""

    regex = r"(?=[a-z-]*[A-Z0-9_])[A-Za-z0-9_-]{8,}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("packed", Packed())

CONTEXT: Final[Mapping[str, Any]] = {
    "@vocab": "http://www.iana.org/assignments/relation/",
    "anchor": "@id",
    "href": "@id",
    "linkset": "@graph",
    "itemDescription": "http://www.w3.org/2000/01/rdf-schema#comment",
    "title": "http://purl.org/dc/terms/title",
    "hreflang": {"@id": "http://purl.org/dc/terms/language", "@container": "@set"},
    "type": "http://purl.org/dc/terms/format",
}


def resolved(visit: VisitDep) -> Response:
    """A plain link."""
    if visit.request.method == "OPTIONS":
        return _preflight()
    return _answer(visit, _read(visit))


def resolved_packed(visit: VisitDep) -> Response:
    """A compressed link, and which plain one it stands for."""
    if visit.request.method == "OPTIONS":
        return _preflight()
    return _answer(visit, _read(visit, packed=True))


for _key in PRIMARY_KEYS:
    router.add_api_route(f"/{_key}/{{path:path}}", resolved, methods=list(METHODS), include_in_schema=False)
router.add_api_route("/{text:packed}", resolved_packed, methods=list(METHODS), include_in_schema=False)


@router.api_route("/.well-known/gs1resolver", methods=list(METHODS), include_in_schema=False)
def description(visit: VisitDep) -> Response:
    """What this resolver is and knows."""
    if visit.request.method == "OPTIONS":
        return _preflight()
    base = visit.installation.public_url
    return JSONResponse(
        {
            "name": clear_host(base),
            "resolverRoot": base,
            "supportedPrimaryKeys": list(SUPPORTED),
            "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
            "linkTypeDefaultCanBeLinkset": False,
            "jsonLdContextLocation": base + CONTEXT_PATH,
        },
        headers=cors.RESOLVER,
    )


@router.api_route(CONTEXT_PATH, methods=list(METHODS), include_in_schema=False)
def context(visit: VisitDep) -> Response:
    """What the members of a linkset mean, for readers of JSON-LD."""
    if visit.request.method == "OPTIONS":
        return _preflight()
    return JSONResponse({"@context": CONTEXT}, headers=cors.RESOLVER, media_type="application/ld+json")


@router.get("/goods/{gtin}")
def goods_page(gtin: str, visit: VisitDep) -> Response:
    """Every lot under one GTIN."""
    if not (gtin.isascii() and gtin.isdigit() and len(gtin) == 14):
        raise NotFound(gtin)
    return visit.page(resolving.goods_view(visit.connection, gtin, _numbered(visit)))


def _numbered(visit: Visit) -> LotsByGtin:
    kept: LotsByGtin = visit.request.app.state.lots_by_gtin
    return kept


def _preflight() -> Response:
    return Response(status_code=204, headers={**cors.RESOLVER, "allow": "GET, HEAD, OPTIONS"})


@dataclass(frozen=True, slots=True)
class Asked:
    """The link that was asked for, under our own name by whatever name it was asked. packed: compressed."""

    link: DigitalLink
    packed: bool

    @property
    def plain(self) -> str:
        """Without its query: what the links are about."""
        return str(DigitalLink(self.link.base, self.link.elements))


def _read(visit: Visit, *, packed: bool = False) -> Asked:
    """One trailing slash is passed over. Raises NotFound, or RequestRefused that says what is wrong."""
    scope, base = visit.request.scope, visit.installation.public_url
    path = scope["raw_path"].decode("latin-1").removesuffix("/")
    query = scope["query_string"].decode("latin-1")
    try:
        link = _own_link(f"{base}{path}{'?' * bool(query)}{query}", base, packed=packed)
    except InvalidLink as error:
        if error.reason == "compressed" and not packed:  # what follows the primary key is
            return _read(visit, packed=True)
        if error.reason == "compressed":
            raise NotFound(path) from error
        raise _refused(
            SLUGS.get(error.reason, "gs1-link-unreadable"),
            fault=error.reason,
            component=error.component,
            reason=str(error),
        ) from error
    return Asked(link, packed)


def _own_link(text: str, base: str, *, packed: bool) -> DigitalLink:
    link = expand(text) if packed else parse(text)
    if not isinstance(link, DigitalLink):
        raise InvalidLink(
            "one of our own links, behind something else", reason="not-a-link", component="path"
        )
    if link.base != base:
        raise InvalidLink("two primary keys stand in the path", reason="repeated", component=link.key)
    return link


def _answer(visit: Visit, asked: Asked) -> Response:
    """On the way to the link that fits, or all of them as a list."""
    found, wanted = _found(visit, asked.link), visit.request.query_params.get("linkType", "")
    accepted = _accepted(visit.request)
    likes = accepted[0] if accepted else ""
    if wanted in ALL or likes == MEDIA_TYPE or (likes == "application/json" and not wanted):
        return _listed(visit, asked, found)
    if not wanted or relation_of(wanted) == DEFAULT:
        path = "" if wanted else _offer(visit, found.lot)
        return _redirect(visit, asked, path or found.default.path)
    targets = found.named(relation_of(wanted))
    base = visit.installation.public_url
    links = [one for target in targets for one in resolving.typed_links(target, base)]
    chosen = best(links, languages=[visit.language], media_types=accepted)
    if not chosen:
        raise _refused("gs1-link-type", link_type=wanted[:60])
    if len(chosen) > 1:
        return _choices(visit, asked, found, chosen)
    return _redirect(visit, asked, chosen[0].href.removeprefix(base), passes_query=chosen[0].passes_query)


def _found(visit: Visit, link: DigitalLink) -> Found:
    if link.key not in SUPPORTED:
        raise _refused("gs1-unknown")
    serial = link.get("21")
    article = None if serial is None else subject_behind(visit, serial)
    try:
        return resolving.resolve(visit.connection, link, article, _numbered(visit))
    except NotFound:
        raise _refused("gs1-unknown") from None


def _offer(visit: Visit, lot: str) -> str:
    """Where a buyer finds the offer of a lot that stands for the company; "" for everybody else."""
    if not lot or visit.role != "buyer":
        return ""
    for listing in trade.listings(visit.connection, lot=lot):
        if offers.offered(visit.installation, visit.connection, visit.company, listing.id) is not None:
            return f"/offers/{listing.id}"
    return ""


def _listed(visit: Visit, asked: Asked, found: Found) -> Response:
    """Every link of every level, and each with what tells it apart."""
    return _linkset(visit, asked, resolving.contexts(found, asked.link, visit.installation.public_url), 200)


def _choices(visit: Visit, asked: Asked, found: Found, links: Sequence[TypedLink]) -> Response:
    """300: nothing in the request tells these apart. A page for people, a linkset for programs."""
    if problems.wants_page(visit.request):
        base = visit.installation.public_url
        choices = tuple(Choice(href=one.href.removeprefix(base), title=one.title) for one in links)
        answer: Response = visit.page(ChoicesView(choices=choices), 300)
        answer.headers.update({**cors.RESOLVER, "link": _links(visit, asked)})
        return answer
    described = found.levels[0].description
    return _linkset(visit, asked, [Context(asked.plain, described, tuple(links))], 300)


def _linkset(visit: Visit, asked: Asked, contexts: Sequence[Context], status: int) -> Response:
    content = json.dumps(linkset(contexts), ensure_ascii=False)
    headers = {**cors.RESOLVER, "vary": VARY, "link": _links(visit, asked)}
    return Response(content, status, headers, media_type=MEDIA_TYPE)


def _redirect(visit: Visit, asked: Asked, path: str, *, passes_query: bool = True) -> Response:
    """Inside the house. The parameters of the request go along; its language takes the place of ours."""
    query = str(asked.link).partition("?")[2] if passes_query else ""
    own_path, _, own = path.partition("?")
    if any(name == "lang" for name, _ in parse_qsl(query)):
        own = ""
    location = own_path + "?" * bool(own or query) + "&".join(filter(None, (own, query)))
    headers = {**cors.RESOLVER, "vary": VARY, "link": _links(visit, asked)}
    return RedirectResponse(quote(location, safe=QUERY_SAFE), 307, headers)


def _links(visit: Visit, asked: Asked) -> str:
    """The Link header: where the list is, what its members mean, and the plain form of a packed link."""
    context = visit.installation.public_url + CONTEXT_PATH
    known = [
        f'<{asked.plain}?linkType={LINKSET}>; rel="linkset"; type="{MEDIA_TYPE}"',
        f'<{context}>; rel="{CONTEXT_RELATION}"; type="application/ld+json"',
    ]
    if asked.packed:
        known.append(f'<{asked.link}>; rel="owl:sameAs"')
    return ", ".join(known)


def _accepted(request: Request) -> list[str]:
    """Media types of the Accept header, the best liked first; one that takes everything asks for nothing."""
    ranges = []
    for part in request.headers.get("accept", "").split(",")[:ACCEPT_MAX]:
        media_type, quality = _range(part)
        if quality > 0 and media_type not in ("", "*/*"):
            ranges.append((quality, media_type))
    return [media_type for _, media_type in sorted(ranges, key=lambda one: -one[0])]


def _range(part: str) -> tuple[str, float]:
    media_type, *parameters = (text.strip().lower() for text in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return media_type, float(parameter[2:])
            except ValueError:
                return media_type, 0.0
    return media_type, 1.0


def _refused(slug: str, **facts: str) -> RequestRefused:
    return RequestRefused(slug, headers=cors.RESOLVER, **facts)
