"""Actions and statements for programs: what may be stated, stating it, signing it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, status
from pydantic import Field
from starlette.responses import Response

from gateway.deps import HeaderDep, Visit, VisitDep, write_down
from gateway.errors import NotFound, RequestRefused
from gateway.problems import as_json
from gateway.routes.fields import text_error
from gateway.routes.records import PendingOut
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import REFUSED, OnceDep
from gateway.shell import etags, idempotency
from gateway.shell.cursors import Cursor, Limit, Listing, PageOut, Position
from gateway.shell.idempotency import Once, Unit
from gateway.statements import answers as reading
from gateway.statements import asking, catalogue
from gateway.statements.action import Action, Ask, FieldRefused, Proposal
from gateway.statements.schema import schema_of
from gateway.store import statements as store
from gateway.store.statements import Statement
from gateway.workflows import statements
from ledger.core.encoding import decode_base64
from ledger.core.keys import SIGNATURE_SIZE
from ledger.errors import ProofError

MEMBERS_MAX: Final = 60
STATEMENT_EXAMPLE: Final = "0c8tq3m7p2d5v9x1k4hr"
LOT_EXAMPLE: Final = "lot:0c8tq3m7p2d5v9x1k4hr"
On = Annotated[str, Query(max_length=60, description="Id of what it is about; empty for something new.")]

router = APIRouter(prefix="/v1", tags=["statements"], route_class=StrictRoute)


class AnswersIn(Closed):
    """The answers to an action's fields, as its schema says."""

    answers: dict[str, Any] = Field(
        max_length=MEMBERS_MAX, examples=[{"counted": 120, "damaged": 0, "unidentified": 0}]
    )


class StateIn(AnswersIn):
    """on: ids of what it is about, several where the action is done in batches, none for something new."""

    on: list[str] = Field(default_factory=list, max_length=asking.SUBJECTS_MAX, examples=[[LOT_EXAMPLE]])


class ActionOut(Closed):
    """type: of the record that it makes. why_not: slug of what stands against it now, or null.

    answers_schema: JSON Schema.
    """

    action: str = Field(examples=["receive"])
    type: str = Field(examples=["lot.received"])
    grave: bool
    why_not: str | None = Field(examples=[None])
    answers_schema: dict[str, Any]


class ActionsOut(Closed):
    data: list[ActionOut]


class SignerOut(Closed):
    """key: id, 64 hex digits. waits: whether its signature is missing."""

    party: str
    key: str
    role: str = Field(examples=["releasing"])
    waits: bool


class StatementOut(Closed):
    """A statement. state: waiting, recorded, declined, withdrawn, refused (the ledger takes it no more).

    index: its entry, once recorded. renewed: how often its subject moved on, so that it was composed anew
    and everybody has to sign again. prepared: what is to be signed while it waits.
    """

    id: str = Field(examples=[STATEMENT_EXAMPLE])
    action: str = Field(examples=["receive"])
    type: str = Field(examples=["lot.received"])
    subject: str = Field(examples=[LOT_EXAMPLE])
    author: str
    state: Literal["waiting", "recorded", "declined", "withdrawn", "refused"]
    signers: list[SignerOut]
    event_id: str
    index: int | None
    renewed: int
    reason: str
    created_at: str
    prepared: PendingOut | None

    @classmethod
    def of(cls, one: Statement, *, whole: bool = True) -> "StatementOut":
        """whole: with what is to be signed."""
        return cls(
            id=one.id,
            action=one.action,
            type=one.type,
            subject=one.subject,
            author=one.author,
            state=one.state,
            signers=[
                SignerOut(party=each.party, key=each.key, role=each.role, waits=each.waits)
                for each in one.signers
            ],
            event_id=one.event_id,
            index=one.index if one.state == "recorded" else None,
            renewed=one.renewed,
            reason=one.reason,
            created_at=one.created_at.isoformat(),
            prepared=PendingOut.model_validate(dict(one.pending)) if whole and one.pending else None,
        )


class StatementsOut(Closed):
    data: list[StatementOut]


class SignatureIn(Closed):
    """signature: base64 of 64 bytes, Ed25519 over signing_input. event_id: of the body that was signed."""

    event_id: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: str = Field(max_length=100)


class ReasonIn(Closed):
    reason: str = Field(min_length=1, max_length=statements.REASON_MAX, examples=["120 were handed over"])


STATEMENTS = Listing[Statement, StatementOut](
    lambda one: [one.created_at.isoformat(), one.id], lambda one: StatementOut.of(one, whole=False)
)


@router.get("/actions", response_model=ActionsOut)
def actions(visit: VisitDep, on: On = "") -> Response:
    """What the caller may state about something, or from nothing: each with the schema of its answers."""
    return _offered(visit, on)


@router.get("/lots/{lot}/actions", response_model=ActionsOut)
def actions_on_lot(lot: str, visit: VisitDep) -> Response:
    """As ``/v1/actions`` about a lot. lot: its id, with or without ``lot:``."""
    return _offered(visit, f"lot:{lot.removeprefix('lot:')}")


@router.post("/actions/{action}", status_code=status.HTTP_201_CREATED, response_model=StatementsOut)
def state(action: str, wanted: StateIn, visit: OnceDep) -> Response:
    """State something; several subjects are one transaction, all or nothing.

    A statement is ``recorded`` where every signer's key is at hand for the caller, else it is ``waiting``.
    403 not-your-lot, 409 stale-subject, 422 invalid-record, invalid-request: nothing is left of it.
    """
    return _state(visit, action, wanted.on, wanted)


@router.post(
    "/lots/{lot}/actions/{action}", status_code=status.HTTP_201_CREATED, response_model=StatementsOut
)
def state_on_lot(lot: str, action: str, wanted: AnswersIn, visit: OnceDep) -> Response:
    """As ``/v1/actions/{action}`` about one lot."""
    return _state(visit, action, [f"lot:{lot.removeprefix('lot:')}"], wanted)


@router.get("/statements", response_model=PageOut[StatementOut])
def own_statements(visit: VisitDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """What the caller's party states, signs or is to sign; newest first."""

    def after(position: Position | None, count: int) -> list[Statement]:
        at = None if position is None else (datetime.fromisoformat(str(position[0])), str(position[1]))
        return store.of_party(visit.connection, visit.party, at, count)

    return STATEMENTS.page(
        visit.request, visit.connection, visit.principal, after, limit=limit, cursor=cursor
    )


@router.get("/statements/{statement}", response_model=StatementOut)
def one_statement(statement: str, visit: VisitDep) -> Response:
    """One statement, with what is to be signed while it waits."""
    return etags.answer(visit.request, StatementOut.of(_own(visit, statement)))


@router.post("/statements/{statement}/signatures", response_model=StatementOut)
def sign(statement: str, signed: SignatureIn, visit: HeaderDep) -> Response:
    """Add the signature of one of the party's keys; the last one records the statement.

    409 statement-renewed where another body stands there by now: read it and sign again. The same
    signature again changes nothing.
    """
    _own(visit, statement)
    try:
        raw = decode_base64(signed.signature)
    except (ProofError, ValueError) as error:
        raise FieldRefused("signature", "signature-unreadable") from error
    if len(raw) != SIGNATURE_SIZE:
        raise FieldRefused("signature", "signature-unreadable")
    made = statements.add_signature(visit.installation, statement, visit.party, raw, event_id=signed.event_id)
    return etags.answer(visit.request, StatementOut.of(made))


@router.post("/statements/{statement}/decline", response_model=StatementOut)
def decline(statement: str, why: ReasonIn, visit: HeaderDep) -> Response:
    """End a statement that waits for the caller's party."""
    _own(visit, statement)
    reason = reading.one_line(why.reason)
    slug = text_error(reason, statements.REASON_MAX)
    if slug:
        raise RequestRefused("invalid-request", errors=[{"pointer": "/reason", "code": slug, "facts": {}}])
    made = statements.decline(visit.installation, statement, visit.party, reason, by=visit.principal)
    return etags.answer(visit.request, StatementOut.of(made))


@router.post("/statements/{statement}/withdraw", response_model=StatementOut)
def withdraw(statement: str, visit: HeaderDep) -> Response:
    """Take back what the caller's own party stated and nobody recorded yet."""
    _own(visit, statement)
    made = statements.withdraw(visit.installation, statement, visit.known)
    return etags.answer(visit.request, StatementOut.of(made))


def _own(visit: Visit, statement: str) -> Statement:
    found = store.find(visit.connection, statement, party=visit.party)
    if found is None:
        raise NotFound(statement)
    return found


def _offered(visit: Visit, on: str) -> Response:
    ask = asking.ask_of(visit.installation, visit.connection, visit.known, on)
    kind = asking.kind(on) if on else "nothing"
    offered = [
        ActionOut(
            action=action.slug,
            type=action.type,
            grave=action.is_grave,
            why_not=why or None,
            answers_schema=schema_of(action, ask),
        )
        for action, why in catalogue.offered(ask, kind)
    ]
    return etags.answer(visit.request, ActionsOut(data=offered))


def _state(visit: Visit, action: str, on: Sequence[str], wanted: AnswersIn) -> Response:
    row = asking.action_named(action, visit.known)
    request = visit.request
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=True),
        where=(f"{visit.principal} of {visit.party}", request.method, request.url.path),
        asked=wanted.model_dump(),
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )
    response = once.do(_prepared(visit, row, on, wanted), lambda made: _created(visit, made))
    if response.status_code in REFUSED and idempotency.REPLAYED not in response.headers:
        write_down(request, visit.principal, REFUSED[response.status_code])
    return response


def _prepared(
    visit: Visit, row: Action, on: Sequence[str], wanted: AnswersIn
) -> Callable[[], Unit[list[Statement]]]:
    """Nothing is looked at before a request is known to be new: what is done may not be offered any more."""

    def prepare() -> Unit[list[Statement]]:
        heads = statements.heads_of(visit.connection, on)  # before anything is looked at
        asks = asking.asks_of(visit.installation, visit.connection, visit.known, row, on)
        sent = reading.from_json(row, wanted.answers)
        proposals = [_proposal(row, ask, sent) for ask in asks]
        return statements.stating(visit.installation, proposals, by=visit.known, action=row.slug, heads=heads)

    return prepare


def _proposal(row: Action, ask: Ask, sent: reading.Sent) -> Proposal:
    why = row.offered(ask)
    if why:
        raise RequestRefused("not-offered", why=why)
    read = reading.read(row, ask, sent)
    if read.errors:
        errors = [
            {"pointer": f"/answers/{name}", "code": slug, "facts": {}} for name, slug in read.errors.items()
        ]
        raise RequestRefused("invalid-request", errors=errors)
    return row.propose(ask, read.answers)


def _created(visit: Visit, made: Sequence[Statement]) -> Response:
    model = StatementsOut(data=[StatementOut.of(one) for one in made])
    location = {"location": f"/v1/statements/{made[0].id}"} if len(made) == 1 else {}
    return etags.answer(visit.request, model, status.HTTP_201_CREATED, location)
