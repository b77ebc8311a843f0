"""The signing desk: what waits for a party's signature, and what became of what it stated."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from gateway import flash
from gateway.deps import FormDep, Visit, VisitDep
from gateway.errors import NotFound, Refused, RequestRefused
from gateway.pages.building import statements as pages
from gateway.pages.views.forms import form_of
from gateway.routes.documents import disposition
from gateway.routes.fields import Typed, closed_form, one_line, text_error
from gateway.routes.sent_answers import AnswersDep
from gateway.routes.strict import NotStrict, strict_json
from gateway.statements.action import FieldRefused
from gateway.store import statements as store
from gateway.store.statements import Statement
from gateway.workflows import statements
from ledger.core.encoding import decode_base64
from ledger.errors import InvalidRecord, ProofError
from ledger.pending import Pending

SIGNED_BYTES_MAX = 4 * 1024 * 1024
After = Annotated[str, Query(max_length=80)]

router = APIRouter(prefix="/statements")
CLOSED = [Depends(closed_form)]


@router.get("")
def desk(visit: VisitDep, after: After = "") -> Response:
    """after: moment and id of the last one on the page before."""
    at, _, id_ = after.partition("|")
    try:
        position = (datetime.fromisoformat(at), id_) if after else None
    except ValueError as error:
        raise RequestRefused("invalid-cursor") from error
    if position is not None and position[0].tzinfo is None:
        raise RequestRefused("invalid-cursor")
    return visit.page(pages.statements_view(visit.connection, visit.party, visit.language, position))


@router.get("/{statement}")
def show(statement: str, visit: VisitDep) -> Response:
    return _page(visit, _own(visit, statement))


@router.get("/{statement}/prepared.json")
def prepared(statement: str, visit: VisitDep) -> Response:
    """What ``lotproof sign`` reads, with the signatures that are there already."""
    found = _own(visit, statement)
    if not found.pending:
        raise NotFound(statement)
    named = {"content-disposition": disposition(f"statement-{found.id}.json")}
    return Response(json.dumps(found.pending), media_type="application/json", headers=named)


@router.post("/{statement}/sign", dependencies=CLOSED)
def sign(statement: str, visit: FormDep, event_id: Typed = "") -> Response:
    """Sign with a key of the caller's own that lies here; event_id: of the body that was read."""
    _own(visit, statement)
    if not event_id:  # nobody signs what they did not read
        raise RequestRefused(
            "invalid-request", errors=[{"pointer": "/event_id", "code": "text-missing", "facts": {}}]
        )
    return _signed(
        visit,
        statement,
        lambda: statements.sign_here(visit.installation, statement, visit.known, event_id=event_id),
    )


@router.post("/{statement}/signature", dependencies=CLOSED)
def signature(statement: str, visit: FormDep, event_id: Typed = "", signature: Typed = "") -> Response:
    """A signature that was made elsewhere, in base64: by the page's own script, or by any Ed25519 tool."""

    def add() -> Statement:
        try:
            raw = decode_base64("".join(signature.split()))
        except (ProofError, ValueError) as error:
            raise FieldRefused("signature", "signature-unreadable") from error
        installation = visit.installation
        return statements.add_signature(installation, statement, visit.party, raw, event_id=event_id)

    return _signed(visit, statement, add)


@router.post("/{statement}/signed")
def signed(statement: str, answers: AnswersDep) -> Response:
    """The file that ``lotproof sign`` wrote: its signature is taken, everything else has to be the same."""
    visit = answers.visit
    data = answers.files.get("file", b"")

    def add() -> Statement:
        found = _own(visit, statement)
        event_id, raw = _signature_in(found, visit.party, data)
        installation = visit.installation
        return statements.add_signature(installation, statement, visit.party, raw, event_id=event_id)

    return _signed(visit, statement, add)


@router.post("/{statement}/decline", dependencies=CLOSED)
def decline(statement: str, visit: FormDep, reason: Typed = "") -> Response:
    found, why = _own(visit, statement), one_line(reason)
    slug = text_error(why, statements.REASON_MAX)
    if slug:
        return _page(visit, found, {"reason": reason}, {"reason": slug})
    try:
        statements.decline(visit.installation, statement, visit.party, why, by=visit.principal)
    except Refused as error:
        return _moved_on(visit, statement, error)
    return flash.redirect(f"/statements/{statement}", "statement-declined", visit.known.csrf)


@router.post("/{statement}/withdraw", dependencies=CLOSED)
def withdraw(statement: str, visit: FormDep) -> Response:
    try:
        statements.withdraw(visit.installation, statement, visit.known)
    except Refused as error:
        return _moved_on(visit, statement, error)
    return flash.redirect(f"/statements/{statement}", "statement-withdrawn", visit.known.csrf)


@router.post("/{statement}/renew", dependencies=CLOSED)
def renew(statement: str, visit: FormDep) -> Response:
    """Compose it anew where its subject has moved on."""
    try:
        statements.renew(visit.installation, statement, visit.known)
    except Refused as error:
        return _moved_on(visit, statement, error)
    return RedirectResponse(f"/statements/{statement}", 303)


def _own(visit: Visit, statement: str) -> Statement:
    found = store.find(visit.connection, statement, party=visit.party)
    if found is None:
        raise NotFound(statement)
    return found


def _signed(visit: Visit, statement: str, add: Callable[[], Statement]) -> Response:
    before = _own(visit, statement)
    try:
        after = add()
    except FieldRefused as error:
        return _page(visit, before, {}, {error.field: error.slug})
    except Refused as error:
        return _moved_on(visit, statement, error)
    slug = {"recorded": "statement-recorded", "refused": "statement-refused"}.get(
        after.state, "statement-signed"
    )
    if after.state == "waiting" and after.renewed > before.renewed:
        slug = "statement-renewed"
    return flash.redirect(f"/statements/{statement}", slug, visit.known.csrf)


def _moved_on(visit: Visit, statement: str, error: Refused) -> Response:
    """Somebody was quicker: the page as it is now, and what happened."""
    with visit.installation.database.reading() as connection:
        found = store.find(connection, statement, party=visit.party)
        if found is None:
            raise NotFound(statement)
        view = pages.statement_view(
            visit.installation,
            connection,
            visit.known,
            found,
            visit.language,
            form_of({}, {"": error.code}),
        )
        return visit.page(view, 409)


def _page(
    visit: Visit,
    statement: Statement,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    form = form_of(values or {}, errors or {})
    view = pages.statement_view(
        visit.installation, visit.connection, visit.known, statement, visit.language, form
    )
    return visit.page(view, 422 if errors else 200)


def _signature_in(statement: Statement, party: str, data: bytes) -> tuple[str, bytes]:
    """(event id, signature) of a signed file. Raises FieldRefused where there is none of the party's."""
    if not data or len(data) > SIGNED_BYTES_MAX:
        raise FieldRefused("file", "file-missing" if not data else "file-too-large")
    try:
        pending = Pending.from_json(strict_json(data))
    except (InvalidRecord, NotStrict) as error:
        raise FieldRefused("file", "signed-file-unreadable") from error
    if pending.event_id != statement.event_id:
        raise FieldRefused("file", "signed-file-of-another")
    signers = zip(pending.body.signers, pending.signatures, strict=True)
    raw = next((raw for by, raw in signers if by.party == party and raw is not None), None)
    if raw is None:
        raise FieldRefused("file", "signed-file-unsigned")
    return pending.event_id, raw
