"""The page of a shipment's papers: drafts with open questions, issued papers, a job at work, a refusal."""

from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

from exporters.readiness import Case, Goods
from exporters.readiness import readiness as judge
from gateway.pages.building.landed import customs_part
from gateway.pages.views.forms import form_of
from gateway.pages.views.jobs import JobLine
from gateway.pages.views.papers import FactField, NotRun, Paper, PaperFile, PapersView, VersionLine
from gateway.trade.papers import STATABLE
from gateway.workflows.customs_questions import all_rules, unions

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
SHIPMENT = "/operator/shipments/58nbx7q4hxm29kdt0v6w"
PATH = f"{SHIPMENT}/papers"
PHONE = {
    "hs_code": "851713", "origin_country": "CN", "condition": "used", "description": "Smartphone",
    "weights_agree": True, "battery": True, "battery_packing": "contained_in_equipment", "un38_3": "X-1",
    "functional": True,
}  # fmt: skip


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _file(format_: str, size: int = 91_204) -> PaperFile:
    return PaperFile(
        format=format_, href=f"{PATH}/commercial_invoice.{format_}", size=size, sha256=_digest(format_),
        passed=2, unchecked=1,
    )  # fmt: skip


def _paper(kind: str, *formats: str, draft: bool = False, lacks: tuple[str, ...] = ()) -> Paper:
    return Paper(
        kind=kind, is_draft=draft, files=tuple(_file(one) for one in formats), lacks=lacks,
        check_href="" if draft or not formats else "/d/0123456789abcdefghjk/1",
    )  # fmt: skip


CASE = Case("NG", "CPT", "sea", date(2026, 11, 22), (Goods("星野 A30 Smartphone", PHONE),), {})
DRAFTS = PapersView(
    number="LP-20261120-58JWEH-2", shipment_href=SHIPMENT, path=PATH, state="draft", tone="warn", version=1,
    customs=customs_part(judge(CASE, all_rules(), unions())), contradictions=(), job=None, is_live=False,
    may_issue=True, papers=(),
    drafts=(
        _paper("commercial_invoice", "pdf", "xlsx", "csv", "json", draft=True),
        _paper("shipping_instruction", "pdf", draft=True, lacks=("carriage.carrier", "carriage.booking")),
    ),
    lacking=(_paper("commercial_invoice", lacks=("payment",)),), not_run=(), versions=(), zip_href="",
    may_revoke=False,
    facts=tuple(
        FactField(name=one.name, kind=one.kind, choices=one.choices, is_asked=number < 1)
        for number, one in enumerate(STATABLE.values())
    ),
    form=form_of({"cn_codes": "851713", "vessel": "Nanhai 7"}, {"cn_codes": "fact-unreadable"}),
)  # fmt: skip
ISSUED = replace(
    DRAFTS,
    state="changed",
    version=2,
    drafts=(_paper("cn_export_draft", "pdf", "xlsx", "csv", "json", draft=True, lacks=("route.vessel",)),),
    lacking=(),
    papers=(
        _paper("commercial_invoice", "pdf", "ubl", "xlsx", "csv", "json"),
        _paper("packing_list", "pdf", "ubl", "xlsx", "csv", "json"),
        _paper("battery_declaration", "pdf"),
        _paper("despatch_advice", "ubl"),
        _paper("serials", "csv"),
    ),
    not_run=(
        NotRun(validator="UBL XSD", reason="no schemas are configured", files=3),
        NotRun(validator="veraPDF 3a", reason="verapdf is not on this machine", files=9),
    ),
    versions=(
        VersionLine(version=2, state="current", at=AT, sha256=_digest("2")),
        VersionLine(
            version=1, state="revoked", at=AT, sha256=_digest("1"), reason="wrong consignee 收货人有误"
        ),
    ),
    zip_href="/shipments/58nbx7q4hxm29kdt0v6w/dossier.zip",
    may_revoke=True,
    form=form_of({"vessel": "Nanhai 7"}),
)
AT_WORK = replace(
    ISSUED,
    state="issued",
    tone="good",
    may_issue=False,
    is_live=True,
    job=JobLine(
        href="/operator/jobs/0", kind="issue_papers", state="running", tone="busy", since=AT, about=None,
        done=7, total=22, unit="papers", wait="", wait_at=None, wait_href="", reason="", detail="",
        attempts=1, max_attempts=5,
    ),
)  # fmt: skip
REFUSED = replace(
    DRAFTS,
    state="none",
    tone="busy",
    version=0,
    drafts=(),
    lacking=(),
    may_issue=False,
    error="papers-refused",
    contradictions=(("lines.0.gross_mass_g", "gross 100 g is below net 200 g"),),
    form=form_of({}),
)
PAPER_PAGES = {
    "papers-drafts": DRAFTS,
    "papers": ISSUED,
    "papers-at-work": AT_WORK,
    "papers-refused": REFUSED,
}
