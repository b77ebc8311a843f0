"""The public log as C2SP tlog-tiles has it: anybody may copy it, from anywhere."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway.deps import enforce, installation_of
from gateway.errors import NotFound
from ledger.core.log_keys import object_key
from ledger.core.tiles import Tile
from ledger.errors import MissingEvidence, ProofError

TEXT = "text/plain; charset=utf-8"
SHORTLY = "max-age=2"
FOR_EVER = "max-age=31536000, immutable"
EVERY_ORIGIN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


def _open(request: Request) -> None:
    enforce(request, None)


router = APIRouter(prefix="/log", dependencies=[Depends(_open)])


@router.get("/checkpoint", response_class=Response)
def checkpoint(request: Request) -> Response:
    """The visible checkpoint (C2SP tlog-checkpoint)."""
    return _answer(request, "checkpoint", TEXT, SHORTLY)


@router.get("/policy", response_class=Response)
def policy(request: Request) -> Response:
    """The policy an auditor of this installation starts from (C2SP tlog-policy)."""
    try:
        content = installation_of(request).policy_path.read_bytes()
    except OSError as error:
        raise NotFound("policy") from error
    return Response(content, media_type=TEXT, headers={"cache-control": SHORTLY, **EVERY_ORIGIN})


@router.get("/tile/{path:path}", response_class=Response)
def tile(path: str, request: Request) -> Response:
    """A tile or an entry bundle; its bytes never change."""
    try:
        key = Tile.parse(f"tile/{path}").path
    except ProofError as error:
        raise NotFound(path) from error
    return _answer(request, key, "application/octet-stream", FOR_EVER)


@router.get("/log-keys/{number}", response_class=Response)
def log_key(number: int, request: Request) -> Response:
    """A handover from one key of the log to the next (C2SP tlog-proof with the entry as ``extra``)."""
    if number < 1:
        raise NotFound(str(number))
    return _answer(request, object_key(number), TEXT, FOR_EVER)


def _answer(request: Request, key: str, media_type: str, caching: str) -> Response:
    try:
        content = installation_of(request).log.get(key)
    except MissingEvidence as error:
        raise NotFound(key) from error
    return Response(content, media_type=media_type, headers={"cache-control": caching, **EVERY_ORIGIN})
