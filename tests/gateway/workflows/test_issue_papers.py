"""One action makes every paper that applies, or says why not; nothing unready or broken is ever recorded."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from exporters.catalogue import CATALOGUE
from exporters.dossier import dossier_hash, parse
from exporters.errors import FailedValidation, InvalidDossier
from exporters.readiness import Level
from exporters.validation.manifest import Check, Finding, Manifest
from gateway import wiring
from gateway.errors import Refused
from gateway.people.identity import Identity
from gateway.settings import Settings
from gateway.store import dossiers, jobs, shipments, trade
from gateway.store.dossiers import Dossier
from gateway.store.shipments import Shipment
from gateway.tasks import causes
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.outbox import Cause
from gateway.tasks.runner import Runner
from gateway.trade.lateness import Leg
from gateway.wiring import Installation
from gateway.workflows import dossier_zip, issue_papers, make_papers, pick_and_pack
from gateway.workflows import shipments as steps
from gateway.workflows.dossier_snapshot import Snapshot, snapshot
from gateway.workflows.parties import operator_hand
from gateway.workflows.sell import Terms, confirm, reserve
from gateway.workflows.shipment_papers import object_key
from gateway.workflows.shipment_readiness import readiness_of, rule_pack
from gateway.workflows.shipments import Wish
from gateway.workflows.work import STEPS, Work
from ledger.core.leaf import Leaf
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from ledger.record import Ledger
from ledger.store import log
from ledger.store.log import ENTRIES
from tests.exporters.reading import text as text_of

STAFF = "user:packer"


def staff(installation: Installation) -> Identity:
    return Identity(
        principal=STAFF, name="Packer", role="operator", organisation=installation.config.operator
    )


def packed(installation: Installation, company: str, category: str, condition: str, count: int) -> Shipment:
    """A shipment of so many pieces of the kind, signed for, without its papers."""
    market = company.removeprefix("cmp_").upper()
    with installation.database.reading() as connection:
        fitting = [
            one
            for one in trade.listings(connection)
            if one.market == market
            and (state := log.subject(connection, one.lot).state).category == category  # type: ignore[union-attr]
            and state.condition == condition
            and (stock := trade.stock(connection, one.lot)) is not None
            and stock.available >= max(count, one.moq)
        ]
    count = max(count, fitting[0].moq)
    hold = reserve(installation, fitting[0].id, company, count)
    order = confirm(installation, hold.id, company, Terms(f"PO-{category}", "FCA", "Shenzhen"))
    made = steps.plan(installation, [Wish(order.id)], by=STAFF)
    pick_and_pack.pick_all(installation, made.id, by=STAFF)
    pick_and_pack.propose(installation, made.id, by=STAFF)
    return steps.pack(installation, made.id, by=staff(installation))


@pytest.fixture(scope="module")
def packed_home(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Shipment]:
    """A home in which new phones for Viet Nam were packed once, for all tests here."""
    home = tmp_path_factory.mktemp("papers") / "home"
    shutil.copytree(told_home, home)
    with closing(wiring.open_(Settings(home=home))) as installation:
        return home, packed(installation, "cmp_vn", "phone", "new", 3)


@pytest.fixture
def copied(packed_home: tuple[Path, Shipment], tmp_path: Path) -> Iterator[Installation]:
    """A copy of it that a test may change."""
    shutil.copytree(packed_home[0], tmp_path / "home")
    with closing(wiring.open_(Settings(home=tmp_path / "home"))) as installation:
        yield installation


@pytest.fixture
def phones(packed_home: tuple[Path, Shipment]) -> Shipment:
    return packed_home[1]


@pytest.fixture
def count(copied: Installation) -> Callable[[], int]:
    """How many papers the log names."""

    def counted() -> int:
        with copied.database.reading() as connection:
            issued = ENTRIES.c.type == "document.issued"
            return int(connection.execute(select(func.count()).where(issued)).scalar_one())

    return counted


def newest(installation: Installation, shipment: Shipment) -> Dossier:
    with installation.database.reading() as connection:
        return dossiers.of_shipment(connection, shipment.id)[-1]


def issue(installation: Installation, shipment: Shipment) -> Shipment:
    return issue_papers.issue(installation, shipment.id, by=staff(installation))


def test_every_renderer_has_its_outcome_and_every_finished_file_its_record(
    copied: Installation, phones: Shipment, conformance: Path
) -> None:
    copied.settings.schemas_dir = conformance / "trade" / "ubl-2.4-os" / "xsdrt"
    assert issue(copied, phones).state == "documents_ready"
    row = newest(copied, phones)
    manifest = json.loads(row.manifest)
    named = {one["name"] for one in manifest["files"]} | {one["name"] for one in manifest["not_made"]}
    apart = {one["kind"] for one in manifest["not_applicable"]}
    assert {name for name in CATALOGUE if CATALOGUE[name].kind not in apart} <= named
    assert (manifest["level"], row.is_draft) == ("customs-ready", False)
    checks = [check for one in manifest["files"] for check in one.get("validators", ())]
    assert {check["outcome"] for check in checks if check["validator"] == "UBL XSD"} == {"passed"}
    assert all(check.get("reason") for check in checks if check["outcome"] == "not_run")
    with copied.database.reading() as connection:
        files = dossiers.files(connection, phones.id, 1)
        for file in files:
            content = copied.files.get(object_key(file.sha256))
            assert sha256(content).hexdigest() == file.sha256
            if not file.event_id:
                continue
            leaf = log.leaf(connection, log.index_of(connection, file.event_id) or 0)
            assert leaf is not None
            data = Leaf.parse(leaf).record.body.data
            assert (data["sha256"], data["renderer"]) == (file.sha256, file.renderer)
            assert (data["dossier_sha256"], data["rule_pack"]) == (row.sha256, rule_pack())
    recorded = {file.name for file in files if file.event_id}
    finished = {one["name"] for one in manifest["files"] if "renderer" in one and not one["draft"]}
    assert recorded == finished >= {"commercial_invoice.pdf", "commercial_invoice.ubl", "packing_list.xlsx"}
    dossier = parse(copied.files.get(object_key(row.sha256)))
    assert dossier_hash(dossier).hex() == row.sha256
    assert all(group.sscc for group in dossier.packages), "each label has its SSCC"
    assert dossier.lines[0].serials is not None
    serials = next(file for file in files if file.kind == "serials")
    assert dossier.lines[0].serials.sha256 == serials.sha256


def test_an_amendment_supersedes_and_what_did_not_change_is_not_issued_anew(
    copied: Installation, phones: Shipment, count: Callable[[], int]
) -> None:
    issue(copied, phones)
    first, before = newest(copied, phones), count()
    issue(copied, phones)
    assert (newest(copied, phones), count()) == (first, before), "again changes nothing"
    issue_papers.state_facts(copied, phones.id, {"vessel": "Nanhai 7"}, by=staff(copied))
    assert issue(copied, phones).state == "documents_ready"
    second = newest(copied, phones)
    assert json.loads(second.manifest)["supersedes"] == first.sha256
    with copied.database.reading() as connection:
        papers = trade.documents_of_shipment(connection, phones.id)
        by_code = {one.code: one for one in papers}
        old = [one for one in papers if one.dossier_sha256 == first.sha256]
        for one in old:
            assert one.superseded_by is not None
            assert by_code[one.superseded_by].dossier_sha256 == second.sha256
        names = {file.name: file.event_id for file in dossiers.files(connection, phones.id, 1)}
        for file in dossiers.files(connection, phones.id, 2):
            if file.event_id:
                leaf = log.leaf(connection, log.index_of(connection, file.event_id) or 0)
                assert leaf is not None
                assert Leaf.parse(leaf).record.body.data["supersedes"] == names[file.name]


def test_revoked_papers_count_no_more_until_they_are_issued_anew(
    copied: Installation, phones: Shipment
) -> None:
    with pytest.raises(Refused, match="no papers"):
        issue_papers.revoke(copied, phones.id, by=staff(copied), reason="early")
    issue(copied, phones)
    gone = issue_papers.revoke(copied, phones.id, by=staff(copied), reason="wrong container")
    assert (gone.revoked_reason, gone.revoked_by) == ("wrong container", STAFF)
    with pytest.raises(Refused, match="no papers"):
        issue_papers.revoke(copied, phones.id, by=staff(copied), reason="twice")
    issue(copied, phones)
    after = newest(copied, phones)
    assert (after.version, after.revoked_at) == (2, None), "the same facts, and a version of their own"


def test_papers_from_before_there_were_versions_are_superseded_by_the_first(
    copied: Installation, phones: Shipment
) -> None:
    issue(copied, phones)

    def forget(ledger: Ledger) -> None:
        for rows in (dossiers.DOSSIERS, dossiers.FILES):
            ledger.connection.execute(rows.delete().where(rows.c.shipment == phones.id))
        ledger.connection.execute(STEPS.delete().where(STEPS.c.step.startswith("paper-codes:")))

    copied.writer.do(forget)
    issue(copied, phones)
    with copied.database.reading() as connection:
        papers = trade.documents_of_shipment(connection, phones.id)
    current = {one.code for one in papers if not one.superseded_by}
    assert newest(copied, phones).version == 1
    assert {one.superseded_by for one in papers if one.superseded_by} == current
    assert len(papers) == 2 * len(current)


def test_a_paper_that_fails_its_validator_stops_the_issue(
    copied: Installation, phones: Shipment, count: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = make_papers.validate, count()

    def wrong(document: Any, dossier: Any, **told: Any) -> Manifest:
        if told["kind"] != "packing_list":
            return real(document, dossier, **told)
        failed = Check("a validator", "1", "failed", findings=(Finding("LP-1", "/", "it is wrong"),))
        return Manifest(document.filename, document.sha256.hex(), (failed,))

    monkeypatch.setattr(make_papers, "validate", wrong)
    with pytest.raises(FailedValidation, match="LP-1"):
        issue(copied, phones)
    with copied.database.reading() as connection:
        assert dossiers.of_shipment(connection, phones.id) == []
        standing = shipments.get(connection, phones.id)
    assert standing is not None
    assert (standing.state, count()) == ("packed", before)


def test_what_nobody_stated_makes_drafts_with_a_mark_and_no_record(
    copied: Installation, count: Callable[[], int]
) -> None:
    """A certificate that only others can issue: its number is asked for, and never made up."""
    shipment = packed(copied, "cmp_ng", "phone", "used", 2)
    before = count()
    assert issue(copied, shipment).state == "packed"
    row = newest(copied, shipment)
    assert (row.is_draft, row.level, count()) == (True, "draft", before)
    with copied.database.reading() as connection:
        files = {file.name: file for file in dossiers.files(connection, shipment.id, 1)}
        assert trade.documents_of_shipment(connection, shipment.id) == []
    invoice = copied.files.get(object_key(files["commercial_invoice.pdf"].sha256))
    assert "DRAFT" in text_of(invoice)
    assert "commercial_invoice.ubl" not in files, "a message that programs read is never a draft"
    stated = {
        "soncap_certificate": "SC-2026-7",
        "holder_declaration": "yes",
        "contract_states_function": "yes",
    }
    issue_papers.state_facts(copied, shipment.id, stated, by=staff(copied))
    assert issue(copied, shipment).state == "documents_ready"
    issued = newest(copied, shipment)
    assert (issued.version, issued.is_draft, issued.level) == (1, False, "customs-ready")
    dossier = parse(copied.files.get(object_key(issued.sha256)))
    paper = dossier.reference("soncap_certificate")
    assert paper is not None
    assert paper.number == "SC-2026-7"
    assert {"functionality_protocol", "reuse_declaration"} <= {one.kind for one in dossier.documents}
    issue_papers.state_facts(copied, shipment.id, {"soncap_certificate": ""}, by=staff(copied))
    assert issue(copied, shipment).state == "documents_ready"
    with copied.database.reading() as connection:
        counts = dossiers.issued(connection, shipment.id)
        papers = trade.documents_of_shipment(connection, shipment.id)
    assert (newest(copied, shipment).is_draft, newest(copied, shipment).version) == (True, 2)
    assert counts == issued, "what was issued counts until something replaces it"
    assert not any(one.superseded_by for one in papers)


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_ends_what_it_began(
    copied: Installation, phones: Shipment, count: Callable[[], int]
) -> None:
    now, before = copied.clock.now(), count()
    by = Cause(STAFF)
    job = copied.writer.do(lambda ledger: causes.papers_wanted(ledger.connection, phones.id, now, by))
    module = [sys.executable, "-m", "tests.gateway.tasks.papers_child", str(copied.home)]
    killed = subprocess.run(module, capture_output=True, check=False, env={**os.environ})
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    with copied.database.reading() as connection:
        began = jobs.get(connection, job)
        assert dossiers.of_shipment(connection, phones.id) == []
    assert began is not None
    assert (count(), began.state, began.progress_total > 10) == (before, "running", True)
    assert Runner(copied, DUTIES).sweep() == 1
    grow(copied, phones)
    due = jobs.JOBS.update().values(run_after=now)  # the pause after a lost worker is over
    copied.writer.do(lambda ledger: ledger.connection.execute(due))
    assert Runner(copied, DUTIES).run_next(job) == "done"
    with copied.database.reading() as connection:
        ended = jobs.get(connection, job)
        papers = [one.kind for one in trade.documents_of_shipment(connection, phones.id)]
    assert ended is not None
    assert (ended.state, ended.attempts) == ("done", 2), ended.detail
    assert len(papers) == len(set(papers)) > 5
    assert newest(copied, phones).sha256 == began.resume_at, "it went on with the dossier it had begun with"
    with copied.database.reading() as connection:
        assert dossier_zip.kept(connection, newest(copied, phones)) is not None


def grow(installation: Installation, beside: Shipment) -> None:
    """Something else happens in the log, so that papers begun now would name another tree."""
    with installation.database.reading() as connection:
        own = {line.lot for line in shipments.lines(connection, beside.id)}
        other = next(one.lot for one in trade.listings(connection) if one.lot not in own)

    def recall(ledger: Ledger) -> None:
        hands = [operator_hand(installation, "warehouse", "authority")]
        Work(installation, ledger).record("lot.recalled", hands, {"reason": "safety"}, subjects=[other])

    installation.writer.do(recall)
    installation.publisher.publish()


def test_the_zip_is_the_same_bytes_and_says_of_each_file_what_proves_it(
    copied: Installation, phones: Shipment
) -> None:
    issue(copied, phones)
    row = newest(copied, phones)
    with copied.database.reading() as connection:
        kept = dossier_zip.kept(connection, row)
        assert kept is not None
        content = copied.files.get(object_key(kept.sha256))
        assert dossier_zip.bundle(copied, connection, row) == content, "made again under the same tree"
    assert sha256(content).hexdigest() == kept.sha256
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sums = [line.split("  ") for line in members["SHA256SUMS"].decode().splitlines()]
    assert {name: sha256(members[name]).hexdigest() for _, name in sums} == {n: h for h, n in sums}
    assert {name for _, name in sums} == members.keys() - {"SHA256SUMS"}
    manifest = json.loads(members["manifest.json"])
    openings = json.loads(members["openings.json"])
    for record in manifest["records"]:
        leaf = Leaf.parse(members[f"records/{record['index']}.json"])
        assert leaf.record.body.data["sha256"] == sha256(members[record["file"]]).hexdigest()
        proof = InclusionProof.parse(members[f"records/{record['index']}.tlog-proof"])
        assert proof.index == record["index"]
        proof.verify(leaf.encoded, Policy.trusting(copied.config.vkey))
        assert openings[record["event_id"]]["number"]["value"].startswith(phones.number)
    assert sha256(members["dossier.json"]).hexdigest() == manifest["dossier_sha256"]
    assert not any("DRAFT" in text_of(data) for name, data in members.items() if name.endswith(".pdf"))


Change = Callable[[Snapshot], Snapshot]


def goods(category: str = "phone", **facts: Any) -> Change:
    """Every piece of the shipment with these facts."""

    def change(told: Snapshot) -> Snapshot:
        loaded = [
            replace(one, item=replace(one.item.with_facts(**facts), category=category)) for one in told.loaded
        ]
        return replace(told, loaded=tuple(loaded))

    return change


def way(market: str, mode: Any = "sea", incoterm: str = "FCA", **stated: str) -> Change:
    def change(told: Snapshot) -> Snapshot:
        leg = told.legs[0]
        legs = (Leg(1, mode, "", leg.origin, leg.destination, leg.etd, leg.eta),)
        shipment = replace(told.shipment, market=market, incoterm=incoterm)
        return replace(told, shipment=shipment, legs=legs, stated={**told.stated, **stated})

    return change


SOC = {"battery_packing": "packed_with_equipment", "battery_soc_percent": "45"}
REFUSED = {
    "refurbished phones to Viet Nam": ("VN-USED-IT", [goods(condition="refurbished")]),
    "used apparel to Viet Nam": (
        "VN-USED-CONSUMER",
        [goods(condition="used", hs_code="620342", battery_wh=None, un38_3=None)],
    ),
    "used refrigerators to Ghana": (
        "GH-USED-COLD",
        [goods(condition="used", hs_code="841810", battery_wh=None, un38_3=None), way("GH")],
    ),
    "a code that HS 2022 has no more": ("HS2022-VALID", [goods(hs_code="851712")]),
    "FOB by air": ("INCOTERM-MODE", [way("VN", "air", "FOB")]),
    "batteries beside their devices at 45 % by air": ("IATA-PI966-SOC", [way("VN", "air", **SOC)]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_rules_forbid_gets_no_paper(
    name: str,
    copied: Installation,
    phones: Shipment,
    count: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule, changes = REFUSED[name]
    before = count()
    monkeypatch.setattr(issue_papers, "snapshot", lambda *asked: _changed(snapshot(*asked), changes))
    with pytest.raises(Refused) as refused:
        issue(copied, phones)
    findings: Any = refused.value.facts["findings"]
    assert refused.value.code == "papers-refused"
    assert [one["rule"] for one in findings] == [rule]
    assert findings[0]["source"], "who says so stands beside it"
    with copied.database.reading() as connection:
        assert dossiers.of_shipment(connection, phones.id) == []
    assert count() == before


def _changed(told: Snapshot, changes: list[Change]) -> Snapshot:
    for change in changes:
        told = change(told)
    return told


def test_a_rule_asks_from_its_day_on(copied: Installation, phones: Shipment) -> None:
    """45 % beside their devices: recommended less until the end of 2025, forbidden since."""
    with copied.database.reading() as connection:
        told = way("VN", "air", **SOC)(snapshot(copied, connection, phones))
    before, after = (readiness_of(told, day) for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert (before.level, after.level) == (Level.READY, Level.COMPLETE)
    assert [one.rule.id for one in after.findings if one.blocks] == ["IATA-PI966-SOC"]


def test_apparel_to_the_united_states_without_fibre_shares_is_a_draft(
    copied: Installation, phones: Shipment
) -> None:
    with copied.database.reading() as connection:
        told = snapshot(copied, connection, phones)
    coat = goods(
        "apparel", hs_code="620342", battery_wh=None, un38_3=None, attributes={"composition": "棉 氨纶"}
    )
    vague = readiness_of(way("US")(coat(told)))
    assert [(one.rule.id, one.outcome, one.facts) for one in vague.findings if one.blocks] == [
        ("US-APPAREL-FIBRE", "unknown", ("fibre",))
    ]
    whole = goods(
        "apparel", hs_code="620342", battery_wh=None, un38_3=None, attributes={"composition": "棉98% 氨纶2%"}
    )
    assert readiness_of(way("US")(whole(told))).level == Level.READY


def test_weights_that_do_not_reconcile_name_their_field(
    copied: Installation, phones: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heavier(told: Snapshot) -> Snapshot:
        return goods(net_mass_g=told.loaded[0].item.facts["gross_mass_g"] + 1)(told)

    monkeypatch.setattr(issue_papers, "snapshot", lambda *asked: heavier(snapshot(*asked)))
    with pytest.raises(InvalidDossier) as wrong:
        issue(copied, phones)
    assert {one.field for one in wrong.value.problems} >= {"packages"}
