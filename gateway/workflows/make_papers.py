"""Which papers a dossier gives, made and validated: the same dossier gives the same files and manifest.

Every renderer of the catalogue is asked. What does not concern the goods is left out; what lacks a fact is
made as a draft, with its gaps and a mark, or not at all; what is finished is validated before anybody has it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from exporters.catalogue import CATALOGUE, Renderer
from exporters.document import Document
from exporters.dossier import ShipmentDossier, canonical_json, dossier_hash
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.readiness import Level, Readiness
from exporters.validation.manifest import required
from exporters.validation.validate import validate
from ledger.core import canonical

Outcome = Literal["issued", "draft", "lacking", "not_applicable"]
Progress = Callable[[int, int], None]  # (files made so far, all of them); may raise to end it
EQUIPMENT: Final = ("84", "85", "90", "95")
USED: Final = frozenset({"opened", "returned", "used", "refurbished"})
NEVER_OF_A_SALE: Final = {"proforma_invoice": "the goods are sold: the invoice itself is issued"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of one renderer. lacks: facts that it misses; reason: why it does not apply."""

    renderer: Renderer
    outcome: Outcome
    lacks: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the dossier. renderer: None of one that no renderer makes; checks: its validators."""

    name: str
    kind: str
    renderer: Renderer | None
    document: Document
    is_draft: bool
    checks: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """All that was made of a dossier. level: whether it is customs-ready."""

    dossier: ShipmentDossier
    level: Level
    made: tuple[Made, ...]
    manifest: bytes


def planned(dossier: ShipmentDossier, *, ready: bool) -> list[Plan]:
    """What becomes of each renderer, by id. ready: False makes drafts of all that can be one."""
    found = []
    for name in sorted(CATALOGUE):
        renderer = CATALOGUE[name]
        reason = NEVER_OF_A_SALE.get(renderer.kind, "") or why_not(dossier, renderer.kind)
        if reason:
            found.append(Plan(renderer, "not_applicable", reason=reason))
            continue
        lacks = tuple(renderer.missing(dossier))
        if ready and not lacks:
            found.append(Plan(renderer, "issued"))
        elif renderer.drafting is not None and not absent(dossier, renderer.required_facts):
            found.append(Plan(renderer, "draft", lacks))
        else:
            found.append(Plan(renderer, "lacking", lacks))
    return found


def why_not(dossier: ShipmentDossier, kind: str) -> str:
    """Why a kind of paper does not concern these goods, "" where it does."""
    used = [line.condition in USED and (line.hs6 or "").startswith(EQUIPMENT) for line in dossier.lines]
    match kind:
        case "functionality_protocol" | "reuse_declaration" if not all(used):
            return "the goods are not all used electrical or mechanical equipment"
        case "battery_declaration" if not any(line.dangerous_goods for line in dossier.lines):
            return "no battery with a test summary is in the goods"
        case "brand_authorization" if not dossier.authorizations:
            return "no published permission of a brand stands above the goods"
        case "inspection_certificate" if not dossier.inspections:
            return "no published inspection of the goods is known"
        case "certificate_of_origin" if dossier.party("origin_issuer") is None:
            return "no body is named that would issue a certificate"
    return ""


def make(
    dossier: ShipmentDossier,
    readiness: Readiness,
    *,
    rule_pack: str,
    must: Sequence[str],
    only: Sequence[str] | None,
    attached: Mapping[str, Document],
    schemas_dir: Path | None,
    progress: Progress = lambda _done, _total: None,
) -> Papers:
    """Render and validate. must: kinds whose PDF has to be there; only: renderers to stay with, None: all.

    Raises IncompleteDossier where one that must be lacks a fact, UnprintableText, FailedValidation.
    """
    ready = readiness.level == Level.READY
    plans = [one for one in planned(dossier, ready=ready) if only is None or one.renderer.id in only]
    if ready:
        _check_required(plans, must)
    todo = [one for one in plans if one.outcome in ("issued", "draft")]
    made = [
        Made("dossier.json", "dossier", None, _canonical(dossier), is_draft=not ready),
        *(Made(name, "serials", None, one, is_draft=not ready) for name, one in sorted(attached.items())),
    ]
    for number, plan in enumerate(todo):
        progress(number, len(todo))
        made.append(_made(dossier, plan, schemas_dir))
    progress(len(todo), len(todo))
    manifest = canonical.dumps(_manifest(dossier, readiness, rule_pack, made, plans))
    return Papers(dossier, readiness.level, tuple(made), manifest)


def _check_required(plans: Sequence[Plan], must: Sequence[str]) -> None:
    by_id = {plan.renderer.id: plan for plan in plans}
    for kind in must:
        plan = by_id.get(f"{kind}.pdf")
        if plan is None or plan.outcome != "issued":
            lacks = plan.lacks if plan and plan.lacks else (f"documents.{kind}",)
            raise IncompleteDossier(plan.renderer.title.lower() if plan else kind, missing=lacks)


def _made(dossier: ShipmentDossier, plan: Plan, schemas_dir: Path | None) -> Made:
    renderer = plan.renderer
    if plan.outcome == "draft":
        assert renderer.drafting is not None
        document = renderer.drafting(dossier, draft=True)
        return Made(renderer.id, renderer.kind, renderer, document, is_draft=True)
    document = renderer.render(dossier)
    checks = required(validate(document, dossier, kind=renderer.kind, schemas_dir=schemas_dir)).facts()
    return Made(renderer.id, renderer.kind, renderer, document, is_draft=False, checks=checks)


def _canonical(dossier: ShipmentDossier) -> Document:
    content = canonical_json(dossier)
    return Document("dossier.json", "application/json", content, pages=1)


def _manifest(
    dossier: ShipmentDossier,
    readiness: Readiness,
    rule_pack: str,
    made: Sequence[Made],
    plans: Sequence[Plan],
) -> dict[str, Any]:
    return {
        "v": 1,
        "shipment": dossier.shipment,
        "version": dossier.version,
        "dossier_sha256": dossier_hash(dossier).hex(),
        **({"supersedes": dossier.supersedes} if dossier.supersedes else {}),
        "issue_date": dossier.issue_date.isoformat(),
        "level": readiness.level.slug,
        "rule_pack": rule_pack,
        "readiness": [
            {
                "rule": finding.rule.id,
                "outcome": finding.outcome,
                "severity": finding.rule.weighs,
                "facts": list(finding.facts),
                "goods": list(finding.goods),
                "source": finding.rule.source,
                **({"checked_on": finding.rule.checked_on.isoformat()} if finding.rule.checked_on else {}),
            }
            for finding in readiness.findings
        ],
        "files": [_file(one) for one in made],
        "not_made": [
            {"name": plan.renderer.id, "kind": plan.renderer.kind, "lacks": list(plan.lacks)}
            for plan in plans
            if plan.outcome in ("draft", "lacking") and plan.lacks
        ],
        "not_applicable": [
            {"kind": kind, "reason": reason}
            for kind, reason in {
                plan.renderer.kind: plan.reason for plan in plans if plan.outcome == "not_applicable"
            }.items()
        ],
    }


def _file(made: Made) -> dict[str, Any]:
    document = made.document
    facts: dict[str, Any] = {
        "name": made.name,
        "kind": made.kind,
        "filename": document.filename,
        "media_type": document.media_type,
        "pages": document.pages,
        "size": len(document.content),
        "sha256": document.sha256.hex(),
        "draft": made.is_draft,
    }
    if made.renderer is not None:
        facts["renderer"] = made.renderer.name
    if made.checks is not None:
        facts["validators"] = made.checks["validators"]
    return facts
