"""What people state: the form of every action, and the same by JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from gateway import flash
from gateway.deps import Visit, VisitDep
from gateway.errors import RequestRefused
from gateway.files.errors import FileRefused, FileTooLarge
from gateway.files.intake import Accepted, accept
from gateway.files.media import EVIDENCE
from gateway.files.receive import FILE_BYTES_MAX
from gateway.pages.building.statements import action_view, back_href
from gateway.routes.fields import TOKEN_FIELD
from gateway.routes.sent_answers import AnswersDep, SentAnswers
from gateway.shell.idempotency import Once
from gateway.statements import answers as reading
from gateway.statements import asking
from gateway.statements.action import Action, Ask, Proposal
from gateway.statements.answers import HASH, Sent
from gateway.statements.refusals import TOLD, told_of
from gateway.store import files
from gateway.store.statements import Statement
from gateway.workflows import keep_file, statements
from gateway.workflows.prepare import prepare

DOUBLE_CLICK_S: Final = 10.0
FORM_KEY: Final = "idempotency_key"
CONFIRMED: Final = "confirmed"
KEY_LENGTH_MAX: Final = 64
On = Annotated[list[str] | None, Query(max_length=asking.SUBJECTS_MAX)]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class _Form:
    """A form on its way: what was asked, what came. accepted: files that are new.

    heads: event id of each subject's last record, from before anything was looked at.
    """

    visit: Visit
    action: Action
    asks: Sequence[Ask]
    sent: Sent
    accepted: tuple[Accepted, ...] = ()
    heads: Mapping[str, str] = field(default_factory=dict)

    def page(self, status: int, **more: Any) -> Response:
        view = action_view(self.action, self.asks, language=self.visit.language, sent=self.sent, **more)
        return self.visit.page(view, status)

    def refused(self, error: Any, *, stuck: str = "") -> Response:
        told = told_of(self.action, error)
        errors, missing = {told.field: told.slug}, (told.party, told.role)
        return self.page(422, errors=errors, refusal=told.said, missing=missing, stuck=stuck)


@router.get("/do/{action}")
def show(action: str, visit: VisitDep, on: On = None) -> Response:
    """The form, also for several subjects at once: ``?on=a&on=b``."""
    row = asking.action_named(action, visit.known)
    asks = asking.asks_of(visit.installation, visit.connection, visit.known, row, on or [])
    return visit.page(action_view(row, asks, language=visit.language))


@router.post("/do/{action}")
def state(action: str, answers: AnswersDep) -> Response:
    """State it. What is grave, or has consequences to show, is asked once more first."""
    visit = answers.visit
    row = asking.action_named(action, visit.known)
    _check_names(row, answers)
    try:
        sent, accepted, refused = *_taken(visit, row, answers), ""
    except FileRefused as error:
        sent, accepted, refused = Sent(answers.values), (), error.reason
    once = _once(visit, sent, answers.one(FORM_KEY)[:KEY_LENGTH_MAX])
    before = once.standing()  # what was done a moment ago may not be offered any more
    if before is not None:
        return before
    subjects = answers.values.get("on", [])
    heads = statements.heads_of(visit.connection, subjects)
    asks = asking.asks_of(visit.installation, visit.connection, visit.known, row, subjects)
    form = _Form(visit, row, asks, sent, accepted, heads)
    if refused:
        return form.page(422, errors={next(iter(answers.files)): refused})
    return _judged(form, once, answers.one(CONFIRMED))


def _judged(form: _Form, once: Once, confirmed: str) -> Response:
    row, asks, visit = form.action, form.asks, form.visit
    barred = next((ask for ask in asks if row.offered(ask)), None)
    read = [reading.read(row, ask, form.sent) for ask in asks]
    errors = next((one.errors for one in read if one.errors), {})
    if errors or barred is not None:
        return form.page(422, errors=errors, stuck=barred.subject if barred else "")
    proposals: list[Proposal] = []
    try:
        for ask, one in zip(asks, read, strict=True):
            proposals.append(row.propose(ask, one.answers))
            if len(asks) > 1:  # all or nothing, and whoever did it is told which one stands in the way
                prepare(visit.installation, visit.connection, proposals[-1].wanted)
    except TOLD as error:
        return form.refused(error, stuck=ask.subject)
    try:
        shown = _shown(form, proposals) if row.is_grave or any(one.shown for one in proposals) else confirmed
        if confirmed != shown:
            return _ask_again(form, proposals, shown, has_moved=bool(confirmed))
        return _stated(form, proposals, once)
    except TOLD as error:
        return form.refused(error)


def _shown(form: _Form, proposals: Sequence[Proposal]) -> str:
    """What somebody confirms: where the subjects stand, and the consequences that they were shown."""
    seen = (sorted(form.heads.items()), [one.shown for one in proposals])
    return sha256(repr(seen).encode()).hexdigest()


def _ask_again(form: _Form, proposals: Sequence[Proposal], shown: str, *, has_moved: bool) -> Response:
    """What follows from the answers; refused here already where the ledger would refuse it.

    has_moved: something else was confirmed than what would be stated now.
    """
    visit = form.visit
    if len(proposals) == 1:
        prepare(visit.installation, visit.connection, proposals[0].wanted)
    for accepted in form.accepted:  # the bytes are not sent a second time: the next form names their hash
        keep_file.keep(visit.installation, accepted, owner=visit.party, lot="", added_by=visit.principal)
    tables = [one for each in proposals for one in each.shown]
    errors = {"": "subject-moved-on"} if has_moved else {}
    return form.page(409 if has_moved else 200, shown=tables, asks_again=shown, errors=errors)


def _once(visit: Visit, sent: Sent, key: str) -> Once:
    request = visit.request
    return Once(
        visit.installation,
        request.app.state.in_flight,
        key=key or None,
        where=(f"{visit.principal} of {visit.party}", request.method, request.url.path),
        asked={"values": dict(sent.values), "files": dict(sent.files)},
        said=None,
        wait_s=DOUBLE_CLICK_S,
    )


def _stated(form: _Form, proposals: Sequence[Proposal], once: Once) -> Response:
    visit = form.visit
    return once.do(
        lambda: statements.stating(
            visit.installation,
            proposals,
            by=visit.known,
            action=form.action.slug,
            files=form.accepted,
            heads=form.heads,
        ),
        lambda made: _done(form, made),
    )


def _done(form: _Form, made: Sequence[Statement]) -> Response:
    """Back to what it was about, or to the bench after several; to the statement that others must sign."""
    waiting = [one for one in made if one.state == "waiting"]
    if waiting:
        href = f"/statements/{waiting[0].id}" if len(made) == 1 else "/statements"
        return flash.redirect(href, "statement-waits", form.visit.known.csrf)
    several = len(form.asks) > 1 and form.asks[0].role == "operator"
    href = "/console" if several else back_href(form.asks[0])
    return flash.redirect(href, "stated", form.visit.known.csrf)


def _taken(visit: Visit, row: Action, answers: SentAnswers) -> tuple[Sent, tuple[Accepted, ...]]:
    """The answers, and files that are new. Raises FileRefused; nothing is kept yet."""
    accepted: list[Accepted] = []
    hashes: dict[str, str] = {}
    for one in row.fields:
        if one.kind != "file":
            continue
        data = answers.files.get(one.name)
        if data is not None:
            taken = _accepted(data)
            accepted.append(taken)
            hashes[one.name] = _hash(taken)
        elif HASH.fullmatch(kept := answers.one(one.name)) and files.owned(
            visit.connection, kept, owner=visit.party
        ):
            hashes[one.name] = kept
    return Sent(answers.values, hashes), tuple(accepted)


def _accepted(data: bytes) -> Accepted:
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(FILE_BYTES_MAX)
    return accept(data, EVIDENCE)


def _hash(accepted: Accepted) -> str:
    return sha256(accepted.content).hexdigest()


def _check_names(row: Action, answers: SentAnswers) -> None:
    """A form holds the fields of its page and no other."""
    known = {"on", FORM_KEY, CONFIRMED, TOKEN_FIELD}
    for one in row.fields:
        known |= {one.name, f"{one.name}_currency"} if one.kind == "money" else {one.name}
    for name in (*answers.values, *answers.files):
        if name not in known:
            pointer = f"/{name.encode('ascii', 'backslashreplace').decode()[:80]}"
            errors = [{"pointer": pointer, "code": "extra_forbidden", "facts": {}}]
            raise RequestRefused("invalid-request", errors=errors)
