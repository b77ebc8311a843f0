"""Is the process alive, and may it be sent visitors."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.deps import enforce, installation_of
from gateway.workflows.compare import compare
from ledger.errors import LedgerError
from ledger.store import log


def _open(request: Request) -> None:
    enforce(request, None)


router = APIRouter(dependencies=[Depends(_open)], tags=["health"])


@router.get("/livez")
def livez() -> dict[str, str]:
    """Touches nothing: a failing database must not restart the process."""
    return {"status": "alive"}


@router.get("/readyz")
def readyz(request: Request) -> JSONResponse:
    """503 with the list of what does not work."""
    installation, failing = installation_of(request), []
    try:
        with installation.database.reading() as connection:
            if log.read_head(connection) is None:
                failing.append("the log is not opened")
    except (LedgerError, ValueError) as error:
        failing.append(f"database: {type(error).__name__}")
    try:
        installation.verifier()
        compare(installation, ask=False)
    except LedgerError as error:
        failing.append(f"log: {error}")
    return JSONResponse({"ready": not failing, "failing": failing}, 503 if failing else 200)
