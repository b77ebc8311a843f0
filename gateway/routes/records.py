"""The ledger for programs: send a record, fetch an entry, its proof, a lot's whole history."""

import json
from typing import Any

from fastapi import APIRouter, Response, status
from pydantic import Field

from gateway.deps import VisitDep, address_of
from gateway.errors import NotFound
from gateway.pages.building.article import consumer_view, subject_of
from gateway.pages.building.bundle import bundle_of
from gateway.pages.building.reading import checking, inclusion_path, lot_id, published_leaf
from gateway.problems import Forbidden
from gateway.routes.auditor import index_of
from gateway.routes.codes import link_of
from gateway.routes.strict import Closed, StrictRoute
from gateway.shell import etags
from gateway.shell.rates import Rates
from gateway.workflows.prepare import Facts, Wanted, prepare
from gateway.workflows.take_record import take
from ledger.author import Place
from ledger.core.proof import InclusionProof
from ledger.record import Entry, Submission
from qrcodes.serial import is_code

ROWS_MAX = 20_000
STATED = "evidence.stated"
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable", "vary": "Accept-Encoding"}
SHORTLY = {"cache-control": "public, no-cache", "vary": "Accept-Encoding"}  # asked for again by its ETag

router = APIRouter(prefix="/v1", tags=["ledger"], route_class=StrictRoute)


class OpeningIn(Closed):
    """value: what was committed. salt: 64 hex digits."""

    value: Any
    salt: str = Field(max_length=64)


class RowsIn(Closed):
    """The rows behind one manifest. part: a child's id in a split, "" elsewhere. rows: base64 each."""

    part: str = Field("", max_length=40)
    rows: list[str] = Field(max_length=ROWS_MAX)


class RecordIn(Closed):
    """A record as its signers signed it.

    body: base64 of the RFC 8785 bytes. sigs: base64, 64 bytes each, in the order of body.signers.
    """

    body: str = Field(max_length=90_000)
    sigs: list[str] = Field(max_length=8)
    open: dict[str, OpeningIn] = Field(default_factory=dict, max_length=32)
    rows: list[RowsIn] = Field(default_factory=list, max_length=128)


class SignerIn(Closed):
    """Who signs: party id, key id (64 hex), and the role that the record's type names."""

    party: str = Field(max_length=40)
    key: str = Field(max_length=64)
    role: str = Field(max_length=64)


class FactsIn(Closed):
    """Rows without salts. part: a child's id in a split, "" elsewhere. schema: ``name/version``."""

    part: str = Field("", max_length=40)
    schema_: str = Field(alias="schema", max_length=45)
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=ROWS_MAX)


class WantedIn(Closed):
    """A record before it is signed.

    subjects: ids, or a bare kind such as ``lot`` for a new one. committed: field to value, each gets a
    fresh salt. rows: their manifests are filled into data. signers: the author first.
    """

    type: str = Field(max_length=64)
    subjects: list[str] = Field(max_length=128)
    refs: list[str] = Field(default_factory=list, max_length=64)
    data: dict[str, Any]
    committed: dict[str, Any] = Field(default_factory=dict, max_length=32)
    rows: list[FactsIn] = Field(default_factory=list, max_length=128)
    signers: list[SignerIn] = Field(min_length=1, max_length=8)
    performed_by: str | None = Field(None, max_length=40)
    offset: str = Field("+00:00", max_length=6)

    def wanted(self) -> Wanted:
        return Wanted(
            type=self.type,
            subjects=self.subjects,
            signers=[Place(one.party, one.key, one.role) for one in self.signers],
            data=self.data,
            refs=self.refs,
            committed=self.committed,
            rows=[Facts(one.part, one.schema_, one.rows) for one in self.rows],
            performed_by=self.performed_by,
            offset=self.offset,
        )


class PendingOut(Closed):
    """A prepared record: add the signatures to sigs, and send body, sigs, open and rows.

    signing_input: base64 of the bytes that each signer signs with Ed25519. event_id: the id that the
    record will have. sigs: null for every signature that is missing, in the order of body.signers.
    """

    body: str
    signing_input: str
    event_id: str
    sigs: list[str | None]
    open: dict[str, OpeningIn]
    rows: list[RowsIn]


class EntryOut(Closed):
    """Where the record stands in the log. Hashes: hex."""

    index: int
    event_id: str
    leaf_hash: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        return cls(index=entry.index, event_id=entry.event_id, leaf_hash=entry.leaf_hash.hex())


class CodeOut(Closed):
    """What the page of a code says, in one line of facts. through: complete up to this entry."""

    code: str
    verdict: str
    reasons: list[dict[str, str]]
    level: str
    lot: str
    category: str
    condition: str
    grade: str | None
    score: int | None
    records: int
    through: int | None
    page: str


@router.post("/records", status_code=status.HTTP_201_CREATED)
def record(record: RecordIn, visit: VisitDep, response: Response) -> EntryOut:
    """Record one signed statement.

    201: durable and sequenced; it enters a published checkpoint within seconds. 200: this very
    record stood in the log already. 409 stale-subject with the new head and its seq, 403
    not-your-lot, 422 invalid-record with a JSON pointer.
    """
    entry = take(visit.installation, Submission.from_json(record.model_dump()))
    if not entry.created:
        response.status_code = status.HTTP_200_OK
    return EntryOut.of(entry)


@router.post("/records:prepare")
def prepare_record(wanted: WantedIn, visit: VisitDep) -> PendingOut:
    """The bytes to sign, on the chain heads of now; nothing is stored.

    Refused as the record itself would be refused, so that nobody signs in vain. When another record
    comes first, sending it is answered 409 stale-subject: prepare and sign again. For an auditor
    nothing but ``evidence.stated`` is prepared: the rules judge other records by what is private.
    """
    if visit.role == "auditor" and wanted.type != STATED:
        raise Forbidden
    pending = prepare(visit.installation, visit.connection, wanted.wanted())
    return PendingOut.model_validate(pending.to_json())


@router.get("/entries/{index}", response_class=Response)
def entry(index: str, visit: VisitDep) -> Response:
    """The leaf as it is hashed: canonical JSON with body, signatures and the log's own link."""
    leaf = published_leaf(visit.installation, visit.connection, index_of(index))
    return etags.of_bytes(visit.request, leaf.encoded, "application/json", FOR_EVER)


@router.get("/entries/{index}/proof", response_class=Response)
def proof(index: str, visit: VisitDep) -> Response:
    """Inclusion under the visible checkpoint (C2SP tlog-proof)."""
    number = index_of(index)
    leaf = published_leaf(visit.installation, visit.connection, number)
    path = tuple(inclusion_path(visit.installation, leaf.index))
    content = bytes(InclusionProof(number, path, visit.installation.verifier().note))
    named = f'attachment; filename="entry-{number}.tlog-proof"'
    return Response(content, media_type="text/plain; charset=utf-8", headers={"content-disposition": named})


@router.get("/lots/{lot}/history", response_model=dict[str, Any])
def history(lot: str, visit: VisitDep) -> Response:
    """A lot's records with their proofs: public facts only, to be checked without this server."""
    content = json.dumps(bundle_of(visit.installation, visit.connection, lot_id(lot))).encode()
    named = {"content-disposition": f'attachment; filename="lot-{lot}.json"', **SHORTLY}
    return etags.of_bytes(visit.request, content, "application/json", named)


@router.get("/codes/{code}")
def code(code: str, visit: VisitDep) -> CodeOut:
    """The verdict on a code; 404 when it was never issued, 429 for whoever tries too many of those."""
    rates: Rates = visit.request.app.state.rates
    rates.check_guesses(address_of(visit.request))
    with checking("code"):
        link = link_of(visit, code) if is_code(code) else None
        if link is None:
            rates.missed(address_of(visit.request))
            raise NotFound(code)
        subject = subject_of(visit.connection, link)
    view = consumer_view(visit.installation, visit.connection, subject, visit.language)
    return CodeOut(
        code=code,
        verdict=view.verdict,
        reasons=[{"slug": reason.slug, "detail": reason.detail} for reason in view.reasons],
        level=view.article.level,
        lot=subject.lot,
        category=view.article.category,
        condition=view.article.condition,
        grade=view.grade.letter if view.grade else None,
        score=view.grade.score if view.grade else None,
        records=len(view.steps),
        through=view.completeness.through if view.completeness else None,
        page=f"/q/{code}",
    )
