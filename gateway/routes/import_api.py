"""The import of suppliers' sheets for programs: upload, describe, rehearse, record."""

from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, status
from pydantic import Field
from starlette.responses import Response

from gateway.consignments.profile import Profile, parse_profile
from gateway.consignments.spec import InvalidSpec
from gateway.deps import HeaderDep, Visit, VisitDep
from gateway.errors import Refused, RequestRefused
from gateway.files.errors import FileRefused
from gateway.files.intake import accept
from gateway.files.media import SHEETS
from gateway.pages.building import rejected_sheets
from gateway.problems import as_json
from gateway.routes.files import body
from gateway.routes.imports import SheetForm, begun, drafted, looked_at, sheet_answer
from gateway.routes.strict import Closed, StrictRoute
from gateway.routes.trade import OnceDep
from gateway.shell import idempotency
from gateway.shell.idempotency import Once
from gateway.store import jobs, profiles, waiting
from gateway.store.profiles import Draft
from gateway.tasks.outbox import Cause
from gateway.workflows import describe_file, keep_file
from gateway.workflows.describe_file import BY_PROFILE, Looked, Word, left_to_say
from gateway.workflows.file_reports import remaining
from gateway.workflows.read_upload import Rehearsed, rehearse

REJECTIONS_MAX: Final = 1_000
PROFILE_EXAMPLE: Final[dict[str, Any]] = {
    "name": "Jinghe furniture",
    "supplier": "party:0c8tq3m7p2d5v9x1k4hr",
    "sheet": "",
    "columns": [
        {"header": "货号", "field": "style_number"},
        {"header": "净重(kg)", "field": "net_mass_g", "unit": "kg"},
    ],
    "words": {"condition": {"全新": "new"}},
    "constants": {"category": "sofa", "origin_country": "CN"},
    "supply_mode": "buyout",
    "surplus_cause": "customer_returns",
    "consigned_until": "",
}

router = APIRouter(prefix="/v1", tags=["imports"], route_class=StrictRoute)


class ColumnOut(Closed):
    """One column of the sheet. samples: a few values. field: what it is read as, "" for not used.

    certainty: sure, likely or none; doubts: date-order, decimals, unit, words.
    """

    header: str
    nth: int
    samples: list[str]
    field: str
    unit: str
    dates: str
    decimals: str
    certainty: str
    doubts: list[str]


class WordOut(Closed):
    """A word of the sheet. ours: what it stands for, "" for nothing. is_said: somebody has confirmed it."""

    word: str
    rows: int
    ours: str
    is_said: bool


class ProblemOut(Closed):
    """What is still to be said. where: a member of the profile, ``price`` or ``currency``."""

    where: str
    slug: str
    detail: str


class ImportOut(Closed):
    """An uploaded sheet and what was said of it.

    profile: as it stands; send it back with what is missing. saved_as, version: the profile that it was
    saved as, or that fitted; "" and 0 for none. problems: empty when it can be rehearsed and recorded.
    mends: SHA-256 of the file whose rejected rows it brings again. job: its import, once asked for.
    """

    file: str
    sheet: str
    header_row: int
    rows_below: int
    columns: list[ColumnOut]
    words: dict[str, list[WordOut]]
    profile: dict[str, Any]
    saved_as: str
    version: int
    amount_minor: int | None
    currency: str
    problems: list[ProblemOut]
    mends: str
    job: str
    job_state: str


class ImportIn(Closed):
    """profile: how the sheet is written. amount_minor: price of everything in the file, in minor units."""

    profile: dict[str, Any] = Field(examples=[PROFILE_EXAMPLE])
    amount_minor: int | None = Field(default=None, ge=1, le=10**15, examples=[1_200_050])
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")


class RejectionOut(Closed):
    """row: as the sheet numbers it. reason: a slug."""

    row: int
    column: str
    value: str
    reason: str
    related_rows: list[int]


class LotOut(Closed):
    category: str
    brand: str
    rows: int
    quantity: int
    unidentified: int


class DeclarationOut(Closed):
    """A lot of this file that was stated for its supplier to sign. state, reason: of the statement."""

    statement: str
    lot: str
    quantity: int
    state: str
    reason: str
    waits_for: list[str]


class RehearsalOut(Closed):
    """What an import would make of the file; nothing was written. rejections: the first thousand.

    skipped: rows that an earlier file brought. unsigned: the supplier's key is not here, its lots will
    wait for its signature. declarations: those that were made so; lots: what is not declared yet.
    """

    sha256: str
    rows: int
    accepted: int
    rejected_rows: int
    over_age: int
    skipped: int
    unsigned: bool
    lots: list[LotOut]
    declarations: list[DeclarationOut]
    rejections: list[RejectionOut]


class JobOut(Closed):
    job: str


class ProfileOut(Closed):
    id: str
    version: int
    sha256: str
    profile: dict[str, Any]


@router.post(
    "/imports",
    status_code=status.HTTP_201_CREATED,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def upload(visit: HeaderDep, data: Annotated[bytes, Depends(body)]) -> ImportOut:
    """Send a supplier's sheet (CSV, XLSX, or a ZIP that holds one): the body is the file.

    The answer proposes what its columns and words mean, by a saved profile where one fits. Nothing is
    recorded; go on with PUT, then ``:record``.
    """
    accepted, looked = accept(data, SHEETS), looked_at(data)
    file = keep_file.keep(visit.installation, accepted, owner=visit.party, lot="", added_by=visit.principal)
    draft = describe_file.begin(visit.installation, visit.connection, file.id, visit.party, looked)
    return _out(visit, describe_file.keep(visit.installation, draft, by=visit.principal), looked)


@router.get("/imports/{file}")
def shown(file: str, visit: VisitDep) -> ImportOut:
    """The sheet, what was said of it, and what is still to be said."""
    draft, looked = _looked(visit, file)
    return _out(visit, draft, looked)


@router.put("/imports/{file}")
def describe(file: str, said: ImportIn, visit: HeaderDep) -> ImportOut:
    """Say what the columns and words mean, whose goods these are and what was paid.

    A profile that is whole is saved, as a new version where it changed; ``problems`` lists what is
    missing. 422 invalid-request for a profile that does not fit its schema.
    """
    draft, looked = _looked(visit, file)
    profile = _profile(said.profile)
    known = {party for party, _, _ in describe_file.suppliers(visit.connection)}
    if profile.supplier and profile.supplier not in known:
        raise _unfit("/profile/supplier", "supplier-unknown")
    if profile.sheet != looked.sheet.name:
        looked = _look(visit, file, profile.sheet)
    new = replace(draft, profile=profile, amount_minor=said.amount_minor, currency=said.currency)
    return _out(visit, describe_file.keep(visit.installation, new, by=visit.principal), looked)


@router.get("/imports/{file}/rehearsal")
def rehearsal(file: str, visit: VisitDep) -> RehearsalOut:
    """What an import would make of the file. 409 not-described while something is still to be said."""
    return _rehearsal(visit, _rehearsed(visit, file))


@router.get("/imports/{file}/rejected.{form}")
def rejected(file: str, form: SheetForm, visit: VisitDep) -> Response:
    """The rows that would be refused, as the supplier's own sheet with what is wrong with each."""
    read = _rehearsed(visit, file)
    sha256 = read.mends or read.consignment.sha256
    content = rejected_sheets.of_rehearsal(read.consignment, sha256, form, visit.language)
    return sheet_answer(content, form)


@router.post("/imports/{file}:record", status_code=status.HTTP_202_ACCEPTED, response_model=JobOut)
def record(file: str, visit: OnceDep) -> Response:
    """Record the file by a job: its lots are in the ledger whole, or not at all.

    Where the supplier signs elsewhere, its lots wait for its signature: see the rehearsal's
    ``declarations``. 409 not-described, nothing-to-record, supplier-must-sign where it has no key to sign
    with. GET the import to see what became of it.
    """
    read = _rehearsed(visit, file)
    if read.keyless:
        raise Refused("supplier-must-sign", "the supplier has no key that may sign a declaration")
    if not read.consignment.articles:
        raise Refused("nothing-to-record", "no row of the file can be recorded")
    request, by = visit.request, Cause.of(visit.principal)
    once = Once(
        visit.installation,
        request.app.state.in_flight,
        key=idempotency.key_of(request.headers, required=True),
        where=(visit.principal, request.method, request.url.path),
        asked={},
        said=lambda problem: as_json(problem, request.state.request_id, visit.language),
    )
    return once.do(
        lambda: lambda ledger: begun(visit, ledger, file, BY_PROFILE, read.consignment.sha256, by),
        lambda job: Response(
            JobOut(job=job).model_dump_json(), status.HTTP_202_ACCEPTED, media_type="application/json"
        ),
    )


@router.get("/import-profiles")
def saved(visit: VisitDep) -> list[ProfileOut]:
    """The last version of every profile, the youngest first."""
    return [
        ProfileOut(
            id=one.id,
            version=one.version,
            sha256=one.profile.sha256,
            profile=one.profile.model_dump(mode="json"),
        )
        for one in profiles.all_newest(visit.connection)
    ]


def _looked(visit: Visit, file: str) -> tuple[Draft, Looked]:
    draft, data = drafted(visit, file)
    return draft, looked_at(data, draft.profile.sheet)


def _look(visit: Visit, file: str, sheet: str) -> Looked:
    return looked_at(drafted(visit, file)[1], sheet)


def _profile(said: dict[str, Any]) -> Profile:
    try:
        return parse_profile(said)
    except InvalidSpec as error:
        raise _unfit("/profile", "profile", str(error)) from error


def _unfit(pointer: str, code: str, reason: str = "") -> RequestRefused:
    facts = {"reason": reason} if reason else {}
    return RequestRefused("invalid-request", errors=[{"pointer": pointer, "code": code, "facts": facts}])


def _rehearsed(visit: Visit, file: str) -> Rehearsed:
    """Raises NotFound; Refused ``not-described``; FileRefused."""
    draft, data = drafted(visit, file)
    problems = left_to_say(draft)
    if problems:
        said = ", ".join(f"{one.where}: {one.slug}" for one in problems)
        raise Refused("not-described", f"still to be said: {said}")
    return rehearse(visit.installation, visit.connection, file, BY_PROFILE, data)


def _out(visit: Visit, draft: Draft, looked: Looked) -> ImportOut:
    words: dict[str, list[Word]] = {}
    if any(one.field for one in draft.profile.columns):
        try:
            words = describe_file.vocabulary(visit.connection, draft.profile, looked.sheet)
        except FileRefused:
            words = {}
    mapped = {(one.header, one.nth): one for one in draft.profile.columns}
    job = jobs.get(visit.connection, draft.job) if draft.job else None
    return ImportOut(
        file=draft.file,
        sheet=looked.sheet.name,
        header_row=looked.proposal.header_row,
        rows_below=looked.proposal.rows_below,
        columns=[
            ColumnOut(
                header=one.header,
                nth=one.nth,
                samples=list(one.samples),
                field=said.field if (said := mapped.get((one.header[:200], one.nth))) else "",
                unit=said.unit if said else "",
                dates=said.dates if said else one.shape.dates,
                decimals=said.decimals if said else one.shape.decimals,
                certainty=one.certainty,
                doubts=list(one.shape.doubts),
            )
            for one in looked.proposal.columns
        ],
        words={
            name: [
                WordOut(word=one.text, rows=one.count, ours=one.ours, is_said=one.is_said) for one in found
            ]
            for name, found in words.items()
        },
        profile=draft.profile.model_dump(mode="json"),
        saved_as=draft.saved_as,
        version=draft.version,
        amount_minor=draft.amount_minor,
        currency=draft.currency,
        problems=[
            ProblemOut(where=one.where, slug=one.slug, detail=one.detail) for one in left_to_say(draft)
        ],
        mends=draft.mends,
        job=draft.job,
        job_state=job.state if job else "",
    )


def _rehearsal(visit: Visit, read: Rehearsed) -> RehearsalOut:
    found, left = read.consignment, remaining(visit.connection, read.consignment)
    return RehearsalOut(
        sha256=found.sha256,
        rows=found.rows,
        accepted=len(found.articles),
        rejected_rows=len(found.rejected_rows),
        over_age=sum(article.over_age for article in found.articles),
        skipped=read.skipped,
        unsigned=read.unsigned,
        lots=[
            LotOut(
                category=lot.articles[0].category,
                brand=lot.articles[0].brand,
                rows=len(lot.articles),
                quantity=lot.declared,
                unidentified=lot.unidentified,
            )
            for lot in left.lots
            if lot.articles
        ],
        declarations=[
            DeclarationOut(
                statement=one.statement,
                lot=one.lot,
                quantity=one.share.declared,
                state=one.state,
                reason=one.reason,
                waits_for=list(one.waits_for),
            )
            for one in waiting.of_consignment(visit.connection, found.sha256)
        ],
        rejections=[
            RejectionOut(
                row=one.row,
                column=one.column,
                value=one.value,
                reason=one.reason,
                related_rows=list(one.related_rows),
            )
            for one in found.rejections[:REJECTIONS_MAX]
        ],
    )
