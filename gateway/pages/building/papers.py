"""The page about a shipment's papers: what customs ask, what was made and checked, what is still missing."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from exporters.errors import InvalidDossier
from exporters.readiness import Finding
from gateway.pages.building.jobs import line_of
from gateway.pages.building.landed import customs_part
from gateway.pages.views.forms import Form, form_of
from gateway.pages.views.papers import FactField, NotRun, Paper, PaperFile, PapersView, State, VersionLine
from gateway.store import dossiers, jobs
from gateway.store.dossiers import Dossier, DossierFile
from gateway.store.jobs import OPEN, Job
from gateway.store.shipments import Shipment
from gateway.tasks import kinds
from gateway.trade.papers import STATABLE
from gateway.wiring import Installation
from gateway.workflows import issue_papers
from gateway.workflows.dossier_snapshot import snapshot
from gateway.workflows.dossier_zip import NAME as BUNDLE
from gateway.workflows.issue_papers import ISSUABLE
from gateway.workflows.shipment_readiness import readiness_of

LIST: Final = "/operator/shipments"
_TONES: Final[Mapping[State, str]] = {
    "none": "busy", "draft": "warn", "issued": "good", "changed": "warn", "revoked": "bad",
}  # fmt: skip


def papers_view(
    installation: Installation,
    connection: Connection,
    shipment: Shipment,
    *,
    form: Form | None = None,
    error: str = "",
) -> PapersView:
    """form: of stated facts that came back; error: of form_errors."""
    number = shipment.id.partition(":")[2]
    path = f"{LIST}/{number}/papers"
    told = snapshot(installation, connection, shipment)
    readiness = readiness_of(told)
    versions = dossiers.of_shipment(connection, shipment.id)
    issued = dossiers.issued(connection, shipment.id)
    newest = versions[-1] if versions else None
    state, contradictions = _state(installation, shipment, newest, issued)
    made = _made(connection, path, newest) if newest else _Made()
    counting = made.papers
    if issued is not None and newest != issued:
        counting = _made(connection, path, issued).papers  # the drafts of the next version stand below them
    job = _job(connection, shipment.id)
    open_facts = {fact for one in readiness.findings if one.outcome != "pass" for fact in one.facts}
    return PapersView(
        number=shipment.number,
        shipment_href=f"{LIST}/{number}",
        path=path,
        state=state,
        tone=_TONES[state],
        version=issued.version if issued else 0,
        customs=customs_part(readiness),
        contradictions=contradictions,
        job=line_of(installation, connection, job) if job and _is_told(job) else None,
        is_live=job is not None and job.state in OPEN,
        may_issue=state != "issued" and _may_issue(shipment, job, readiness.findings, contradictions),
        papers=counting,
        drafts=made.drafts,
        lacking=made.lacking,
        not_run=made.not_run,
        versions=tuple(_version(one, issued) for one in reversed(versions)),
        zip_href=f"/shipments/{number}/dossier.zip" if issued and not shipment.waits_for else "",
        may_revoke=issued is not None and issued.revoked_at is None,
        facts=tuple(
            FactField(name=one.name, kind=one.kind, choices=one.choices, is_asked=one.name in open_facts)
            for one in sorted(STATABLE.values(), key=lambda one: one.name not in open_facts)
        ),
        form=form or form_of(told.stated),
        error=error,
    )


class _Made:
    """What a version's manifest says of its files, for the page."""

    def __init__(
        self,
        papers: Sequence[Paper] = (),
        drafts: Sequence[Paper] = (),
        lacking: Sequence[Paper] = (),
        not_run: Sequence[NotRun] = (),
    ) -> None:
        self.papers, self.drafts = tuple(papers), tuple(drafts)
        self.lacking, self.not_run = tuple(lacking), tuple(not_run)


def _made(connection: Connection, path: str, dossier: Dossier) -> _Made:
    manifest: dict[str, Any] = json.loads(dossier.manifest)
    where = f"{path}/{dossier.version}"
    facts = {one["name"]: one for one in manifest["files"]}
    files = [
        one for one in dossiers.files(connection, dossier.shipment, dossier.version) if one.name != BUNDLE
    ]
    lacks: dict[str, tuple[str, ...]] = {}
    for one in manifest["not_made"]:
        lacks[one["kind"]] = tuple(one["lacks"])
    finished = [one for one in files if not facts[one.name]["draft"]]
    drafts = [one for one in files if facts[one.name]["draft"]]
    with_any = {one.kind for one in files}
    unchecked: Counter[tuple[str, str]] = Counter(
        (check["validator"], check["reason"])
        for one in manifest["files"]
        for check in one.get("validators", ())
        if check["outcome"] == "not_run"
    )
    return _Made(
        papers=_papers(finished, facts, where, lacks, is_draft=False),
        drafts=_papers(drafts, facts, where, lacks, is_draft=True),
        lacking=[
            Paper(kind=kind, is_draft=False, files=(), lacks=missing)
            for kind, missing in lacks.items()
            if kind not in with_any
        ],
        not_run=[
            NotRun(validator=validator, reason=reason, files=count)
            for (validator, reason), count in sorted(unchecked.items())
        ],
    )


def _papers(
    files: Sequence[DossierFile],
    facts: Mapping[str, Any],
    path: str,
    lacks: Mapping[str, tuple[str, ...]],
    *,
    is_draft: bool,
) -> list[Paper]:
    """Files of one kind together, in the order in which the invoice and its list come first."""
    first = ("commercial_invoice", "packing_list")
    by_kind: dict[str, list[DossierFile]] = {}
    order = [*first, *sorted({one.kind for one in files} - set(first))]
    for kind in order:
        own = [one for one in files if one.kind == kind]
        if own:
            by_kind[kind] = sorted(own, key=lambda one: (one.format != "pdf", one.format != "ubl", one.name))
    return [
        Paper(
            kind=kind,
            is_draft=is_draft,
            files=tuple(_file(one, facts[one.name], path) for one in own),
            check_href=f"/d/{own[0].code}/1" if own[0].event_id else "",
            lacks=lacks.get(kind, ()) if is_draft else (),
        )
        for kind, own in by_kind.items()
    ]


def _file(file: DossierFile, facts: Mapping[str, Any], path: str) -> PaperFile:
    outcomes = Counter(check["outcome"] for check in facts.get("validators", ()))
    return PaperFile(
        format=file.format if file.kind != "serials" else "csv",
        href=f"{path}/{file.name}",
        size=file.size,
        sha256=file.sha256,
        passed=outcomes["passed"],
        unchecked=outcomes["not_run"],
    )


def _state(
    installation: Installation, shipment: Shipment, newest: Dossier | None, issued: Dossier | None
) -> tuple[State, tuple[tuple[str, str], ...]]:
    """How the papers stand, and what would contradict itself in the next version."""
    if shipment.state not in ISSUABLE or shipment.waits_for:
        return _standing(newest, issued), ()
    try:
        is_new = issue_papers.check(installation, shipment, draw=False).is_new
    except InvalidDossier as error:
        return _standing(newest, issued), tuple((one.field, one.reason) for one in error.problems)
    standing = _standing(newest, issued)
    return ("changed" if standing == "issued" and is_new else standing), ()


def _standing(newest: Dossier | None, issued: Dossier | None) -> State:
    if newest is None:
        return "none"
    if issued is None:
        return "draft"
    if issued.revoked_at is not None:
        return "revoked"
    return "changed" if newest.is_draft else "issued"


def _may_issue(
    shipment: Shipment, job: Job | None, findings: Sequence[Finding], contradictions: Sequence[object]
) -> bool:
    is_running = job is not None and job.state in OPEN
    is_forbidden = any(one.rule.weighs == "block" and one.outcome == "fail" for one in findings)
    here = shipment.state in ISSUABLE and not shipment.waits_for
    return here and not is_running and not is_forbidden and not contradictions


def _version(one: Dossier, issued: Dossier | None) -> VersionLine:
    is_last = issued is not None and one.version == issued.version
    state = "draft" if one.is_draft else "current" if is_last else "superseded"
    if one.revoked_at is not None:
        state = "revoked"
    return VersionLine(
        version=one.version, state=state, at=one.at, sha256=one.sha256, reason=one.revoked_reason
    )


def _job(connection: Connection, shipment: str) -> Job | None:
    """The newest job about these papers."""
    found = jobs.listed(connection, kind=kinds.ISSUE_PAPERS.name, limit=50)
    return next((one for one in found if one.arguments.get("shipment") == shipment), None)


def _is_told(job: Job) -> bool:
    return job.state in (*OPEN, "parked")
