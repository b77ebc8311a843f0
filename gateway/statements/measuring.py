"""Measuring, sampling, repairing, devices: what benches found, stated as records."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, get_args

from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.measuring.findings import Article, Finding, best_first, letter_of, rows_of, tally
from gateway.measuring.questions import label_state_of
from gateway.permissions import roles
from gateway.policies import load
from gateway.statements.action import HIDDEN, Action, Ask, Field, FieldRefused, Option, Proposal
from gateway.statements.hands import place
from gateway.store import drafts, goods
from gateway.store.drafts import Draft
from gateway.store.goods import Item
from gateway.workflows import measure
from gateway.workflows.measure import Bench, open_bench, worker_of
from gateway.workflows.prepare import Facts, Wanted
from gateway.workflows.work import Work
from ledger.core.canonical import JsonValue
from ledger.lots import sampling
from ledger.lots.plans import Tables, known_tables
from ledger.lots.state import PartyState, WorkState
from ledger.record import Entry
from ledger.records.inspection import Level, Severity
from ledger.records.refurbishment import REPAIRS

MEASURED: Final = "measurements/2"
CHECKED: Final = "device-audit/1"
PHOTOS_COMMITTED_MAX: Final = 1000
Measured = Sequence[tuple[Article, Draft]]


def tables() -> Tables:
    """The sampling tables that a plan is looked up in."""
    return max(known_tables().values(), key=lambda one: (one.effective, one.version))


def measured(bench: Bench, connection: Any) -> list[tuple[Article, Draft]]:
    """Every article on which a person decided, in the order of the lot."""
    found = {
        draft.slot: draft for draft in drafts.of_work(connection, bench.work) if draft.state == "measured"
    }
    return [(one, found[one.slot]) for one in measure.articles(connection, bench) if one.slot in found]


def _bench(ask: Ask) -> Bench:
    return open_bench(ask.connection, ask.subject, ask.party, ask.role)


def _worker(ask: Ask) -> str:
    """The pseudonym of whoever states; it is made where there is none yet."""
    found = drafts.worker(ask.connection, ask.party, ask.identity.principal)
    if found is not None:
        return found
    made: str = ask.installation.writer.do(lambda ledger: worker_of(ledger.connection, ask.identity))
    return made


def _of_kind(kind: str) -> Any:
    """Offered for an open work order of this kind."""

    def offered(ask: Ask) -> str:
        if not isinstance(ask.state, WorkState) or ask.state.kind != kind:
            return HIDDEN
        if ask.state.worker_party != ask.party:
            return HIDDEN
        return "work-closed" if ask.state.closed else ""

    return offered


def _plan_offered(ask: Ask) -> str:
    why: str = _of_kind("inspection")(ask)
    return why or ("sample-planned" if ask.state.sample is not None else "")


def _plan(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """A sample, its seed drawn here and now: nobody knows the units before the plan is recorded."""
    bench = _bench(ask)
    known = tables()
    plan = known.plan(
        bench.goods.quantity,
        level=answers["inspection_level"],
        severity=answers["severity"],
        aql=answers["aql"],
    )
    data = {
        "tables": {"id": known.id, "version": known.version, "sha256": known.sha256},
        **{name: answers[name] for name in ("inspection_level", "severity", "aql", "minimum_grade")},
        "lot_size": bench.goods.quantity,
        "sample_size": plan.sample_size,
        "accept": plan.accept,
        "reject": plan.reject,
        "seed": secrets.token_hex(32),
    }
    signer = place(ask.connection, ask.party, "inspection.planned", "inspector")
    subjects = (bench.lot, bench.work)
    told = {"work": bench.work, "lot": bench.lot}
    wanted = Wanted("inspection.planned", subjects, [signer], data, performed_by=_worker(ask))
    return Proposal(wanted, "sample-planned", told)


def _inspect(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    bench = _bench(ask)
    if bench.scheme is None:
        raise FieldRefused("", "scheme-missing")
    if measure.repaired_it(ask.connection, bench, ask.identity):
        raise FieldRefused("", "who-repaired")
    still = _unchanged(ask, bench)
    found = measured(bench, ask.connection)
    if not found:
        raise FieldRefused("", "nothing-measured")
    counted = tally(bench.scheme, (finding for _, draft in found for finding in draft.findings))
    coverage = _coverage(bench, counted.units, bool(answers.get("partial")))
    data: dict[str, Any] = {
        "coverage": coverage,
        "scheme": {"id": bench.scheme.id, "version": bench.scheme.version, "sha256": bench.scheme.sha256},
        "grades": [{"grade": letter, "count": count} for letter, count in counted.grades.items()],
        "label_states": list(counted.label_states),
        "score_min": counted.score_min,
        "measured_at": ask.today.isoformat(),
        "lot_grade": counted.lowest if answers.get("unsorted") else None,
        "overrides": _overrides(counted.overrides),
    }
    signers = [place(ask.connection, ask.party, "lot.inspected", "inspector")]
    if answers.get("third_party"):
        signers.append(place(ask.connection, answers["third_party"], "lot.inspected", "third_party"))
    rows = [row for article, draft in found for row in _rows(bench, article, draft)]
    wanted = Wanted(
        "lot.inspected",
        (bench.lot, bench.work),
        signers,
        {name: value for name, value in data.items() if value is not None},
        committed=_photos(found),
        rows=[Facts("", MEASURED, rows)],
        performed_by=_worker(ask),
    )
    told = {"work": bench.work, "lot": bench.lot}
    return Proposal(wanted, "inspected", told, still=still)


def _unchanged(ask: Ask, bench: Bench) -> Callable[[Connection], bool]:
    """Nobody measured on since the rows were read: they would go with the drafts, and be in no record."""
    version = drafts.version_of(ask.connection, bench.work)
    return lambda connection: drafts.version_of(connection, bench.work) == version


def _coverage(bench: Bench, units: int, is_partial: bool) -> str:
    """What the results may call themselves. Raises FieldRefused while units of a sample are missing."""
    if bench.sample is not None:
        if units != bench.sample.sample_size:
            raise FieldRefused("", "sample-not-whole")
        return "sample"
    if units == bench.units:
        return "full"
    if not is_partial:
        raise FieldRefused("partial", "units-without-result")
    return "documents"


def _overrides(counts: Mapping[tuple[str, str, str], int]) -> list[dict[str, Any]] | None:
    found = [
        {"found": found, "given": given, "reason": reason, "count": count}
        for (found, given, reason), count in sorted(counts.items())
    ]
    return found or None


def _rows(bench: Bench, article: Article, draft: Draft) -> list[dict[str, Any]]:
    findings: list[Finding] = list(draft.findings)
    if bench.kind == "inspection" and bench.scheme is not None:
        findings = best_first(bench.scheme, findings)
    rows = list(rows_of(article, findings))
    if draft.files and rows:
        rows[-1]["photos"] = [digest for _, digest in draft.files]
    return rows


def _photos(found: Measured) -> dict[str, JsonValue]:
    """The photos that stand behind the record, as far as one commitment holds them; rows name them all."""
    digests = sorted({digest for _, draft in found for _, digest in draft.files})
    return {"photos": [*digests[:PHOTOS_COMMITTED_MAX]]} if digests else {}


def _repair(ask: Ask, _answers: Mapping[str, Any]) -> Proposal:
    bench = _bench(ask)
    still = _unchanged(ask, bench)
    found = measured(bench, ask.connection)
    if not found:
        raise FieldRefused("", "nothing-repaired")
    rows = [row for article, draft in found for row in _rows(bench, article, draft)]
    counts: Counter[str] = Counter()
    serials: list[JsonValue] = []
    for row in rows:
        for step in row["steps"]:
            counts[step["kind"]] += row.get("quantity", 1)
            if step["kind"] == "battery_replaced":
                serials.append(step["after"]["serial"])
    wanted = Wanted(
        "lot.refurbished",
        (bench.lot, bench.work),
        [place(ask.connection, ask.party, "lot.refurbished", "refurbisher")],
        {"steps": [{"kind": kind, "count": counts[kind]} for kind in sorted(counts)]},
        committed={**_photos(found), **({"part_serials": serials} if serials else {})},
        rows=[Facts("", REPAIRS, rows)],
        performed_by=_worker(ask),
    )
    told = {"work": bench.work, "lot": bench.lot}
    return Proposal(wanted, "refurbished", told, still=still)


def _device_offered(ask: Ask) -> str:
    is_device = isinstance(ask.state, PartyState) and ask.state.kind == "device"
    return "" if is_device and ask.subject != ask.party else HIDDEN


def _audit_offered(ask: Ask) -> str:
    why = _device_offered(ask)
    return why or ("" if drafts.open_checks(ask.connection, ask.subject, party=ask.party) else "no-check")


def _calibrate(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    if answers["valid_until"] < answers["valid_from"]:
        raise FieldRefused("valid_until", "ends-before-it-begins")
    data = {
        "model_version": answers["model_version"],
        "valid_from": answers["valid_from"].isoformat(),
        "valid_until": answers["valid_until"].isoformat(),
        "confidence_min": _share(answers["confidence_min"]),
        "error_max": _share(answers["error_max"]),
    }
    committed: dict[str, JsonValue] = {"certificate": answers["certificate"]}
    if answers.get("serial"):
        committed["serial"] = answers["serial"]
    signer = place(ask.connection, ask.party, "device.calibrated", "calibrator")
    wanted = Wanted("device.calibrated", (ask.subject,), [signer], data, committed=committed)
    return Proposal(wanted)


def _audit(ask: Ask, answers: Mapping[str, Any]) -> Proposal:
    """The results that a person measured again; each of those drawn has to be there."""
    check = drafts.check(ask.connection, answers["check"], party=ask.party)
    if check is None or check.stated or check.device != ask.subject:
        raise NotFound(answers["check"])
    drawn = sampling.draw(bytes.fromhex(check.seed), lot_size=check.rows, sample_size=check.sampled)
    if any(str(n) not in check.findings for n in drawn):
        raise FieldRefused("check", "check-not-whole")
    found = [check.findings[str(n)] for n in drawn]
    rows = [
        {"src": {"event_id": check.batch, "n": n}, "measured": one["measured"], "agrees": one["agrees"]}
        for n, one in zip(drawn, found, strict=True)
    ]
    data = {
        "batch": check.batch,
        "rows": check.rows,
        "seed": check.seed,
        "sampled": check.sampled,
        "wrong": sum(not one["agrees"] for one in found),
    }
    signer = place(ask.connection, ask.party, "device.audited", "inspector")
    facts = [Facts("", CHECKED, rows)]
    wanted = Wanted("device.audited", (ask.subject,), [signer], data, rows=facts)
    return Proposal(wanted, "device-audited", {"check": check.id})


def _share(value: Decimal) -> str:
    """A share as records write it: plain, at most six decimals."""
    return f"{value.quantize(Decimal('0.000001')).normalize():f}"


def _others(ask: Ask) -> list[Option]:
    """Inspection companies that could sign beside this one."""
    kinds = {"inspector"}
    return [
        Option(name, name)
        for name, state in measure.parties(ask.connection)
        if state.kind in kinds and name != ask.party
    ]


def _levels(_ask: Ask) -> list[Option]:
    return [Option(level, level) for level in get_args(Level)]


def _severities(_ask: Ask) -> list[Option]:
    return [Option(severity, severity, "severities") for severity in get_args(Severity)]


def _aqls(_ask: Ask) -> list[Option]:
    return [Option(aql, aql) for aql in tables().aqls]


def _grades(_ask: Ask) -> list[Option]:
    return [Option(letter, letter, "grades") for letter in ("A", "B", "C")]


def _checks(ask: Ask) -> list[Option]:
    found = drafts.open_checks(ask.connection, ask.subject, party=ask.party)
    return [Option(check.id, check.id) for check in found]


def _policy(name: str) -> Any:
    return lambda _ask: load.sample()[name]


def _inspected(work: Work, _entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """The articles bear the grades that the record proves; what was typed is not needed any more."""
    bench = _of_told(work, told)
    scheme = bench.scheme
    assert scheme is not None
    items = {item.id: item for item in goods.of_lot(work.connection, bench.lot)}
    changed = []
    for article, draft in measured(bench, work.connection):
        if article.item in items:
            worst = best_first(scheme, draft.findings)[-1]
            letter, grading = letter_of(scheme, worst)
            label = label_state_of(worst["measured"])
            item = replace(items[article.item], grade=letter)
            told_of = {"measurement": worst["measured"], "score": grading.score, "scheme": scheme.id}
            changed.append(item.with_facts(**told_of, **({"label_state": label} if label else {})))
    goods.update(work.connection, changed)
    drafts.clear(work.connection, bench.work)


def _refurbished(work: Work, _entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """What was measured before the repair holds no more; what was done stands with the article."""
    bench = _of_told(work, told)
    items = {item.id: item for item in goods.of_lot(work.connection, bench.lot)}
    repaired: list[Item] = []
    for article, draft in measured(bench, work.connection):
        if article.item in items:
            item = replace(items[article.item], grade="ungraded")
            steps = {"steps": list(draft.findings[-1]["steps"])}
            repaired.append(item.with_facts(repair=steps, condition="refurbished", measurement={}))
    goods.update(work.connection, repaired)
    drafts.clear(work.connection, bench.work)


def _of_told(work: Work, told: Mapping[str, JsonValue]) -> Bench:
    """The bench again, when its work order is closed by the record that was just written."""
    name = str(told["work"])
    found = work.view.subject(name)
    assert found is not None
    state: WorkState = found.state
    return open_bench(work.connection, name, state.worker_party, measure.ROLES[state.kind])


def _sample_planned(work: Work, _entry: Entry, told: Mapping[str, JsonValue]) -> None:
    """From here on the drawn units are asked for; what was measured before belongs to no unit of them."""
    drafts.clear(work.connection, str(told["work"]))


def _device_audited(work: Work, _entry: Entry, told: Mapping[str, JsonValue]) -> None:
    drafts.close_check(work.connection, str(told["check"]))


INSPECTOR: Final = roles("inspector")
ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "plan-sample",
        "inspection.planned",
        INSPECTOR,
        "work",
        (
            Field("inspection_level", "choice", "Inspection level", options=_levels,
                  default=_policy("inspection_level")),
            Field("severity", "choice", "Severity of the sample", options=_severities,
                  default=_policy("severity")),
            Field("aql", "choice", "Acceptance quality limit (AQL)", options=_aqls, default=_policy("aql")),
            Field("minimum_grade", "choice", "Lowest grade that conforms", options=_grades,
                  default=_policy("minimum_grade")),
        ),
        _plan_offered,
        _plan,
    ),
    Action(
        "state-inspection",
        "lot.inspected",
        INSPECTOR,
        "work",
        (
            Field("unsorted", "yes", "Sold unsorted, all together", required=False),
            Field("partial", "yes", "State it although units were not looked at", required=False),
            Field("third_party", "party", "Signed beside you by", required=False, options=_others),
        ),
        _of_kind("inspection"),
        _inspect,
    ),
    Action(
        "state-repair",
        "lot.refurbished",
        roles("refurbisher"),
        "work",
        (),
        _of_kind("refurbishment"),
        _repair,
    ),
    Action(
        "calibrate-device",
        "device.calibrated",
        INSPECTOR,
        "party",
        (
            Field("model_version", "text", "Version of the device's model"),
            Field("valid_from", "day", "Valid from"),
            Field("valid_until", "day", "Valid until"),
            Field("confidence_min", "decimal", "Confidence needed", hint="Between 0 and 1",
                  minimum=0, maximum=1),
            Field("error_max", "decimal", "Largest share of errors", hint="Between 0 and 1",
                  minimum=0, maximum=1),
            Field("certificate", "file", "Calibration certificate"),
            Field("serial", "text", "Serial number", required=False),
        ),
        _device_offered,
        _calibrate,
    ),
    Action(
        "check-device",
        "device.audited",
        INSPECTOR,
        "party",
        (Field("check", "choice", "Check", options=_checks),),
        _audit_offered,
        _audit,
    ),
)  # fmt: skip
AFTER: Final = {
    "sample-planned": _sample_planned,
    "inspected": _inspected,
    "refurbished": _refurbished,
    "device-audited": _device_audited,
}
