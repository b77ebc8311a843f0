"""An audit says verified only of what it verified, and says what it did not."""

import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.adapters.archive import Archive
from ledger.audit import MirrorSource, audit
from ledger.author import Draft
from ledger.core.cosignature import COSIGNATURE_ED25519
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.policy import parse
from ledger.store import log
from tests.ledger.fakes import MemoryObjectStore, MemorySigner
from tests.ledger.world import LOT, PARTIES, World, but, hand, ident, registrar, signer

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def shown(world: World) -> World:
    world.play()
    world.publisher.publish()
    return world


def test_an_installation_verifies_with_everything_checked(shown: World) -> None:
    report = shown.audit()
    assert (report.verdict, report.exit_code, report.findings) == ("verified", 0, [])
    assert {"checkpoint", "tree", "tiles", "heads", "openings", "grades", "working copies"} <= set(
        report.checked
    )
    assert report.entries == report.tree_size == len(shown.entries) + 1
    assert report.to_json()["verdict"] == "verified"


def test_a_mirror_verifies_and_says_what_is_not_public(shown: World) -> None:
    report = audit(MirrorSource("mirror", shown.objects), shown.policy)
    assert report.verdict == "verified"
    assert "sold: not opened (1 sales)" in report.not_checked
    assert "grades: their rows are not public" in report.not_checked
    assert "grades" not in report.checked


def test_an_archive_verifies_like_the_mirror_it_was_packed_from(shown: World, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as packed:
        for key in list(shown.objects.keys()):
            packed.writestr(key, shown.objects.get(key))
    report = audit(MirrorSource("zip", Archive(tmp_path / "log.zip")), shown.policy)
    assert (report.verdict, report.findings) == ("verified", [])


def test_consistency_with_the_tree_seen_last_time_is_proved(shown: World) -> None:
    saved = shown.objects.get("checkpoint")
    size = shown.audit().tree_size
    shown.record(shown.assigned("inspection late"))
    shown.publisher.publish()
    report = shown.audit(saved)
    assert (report.verdict, report.consistent_from) == ("verified", size)
    assert "consistency" in report.checked


def test_a_saved_checkpoint_that_cannot_be_read_leaves_the_log_unverified(shown: World) -> None:
    report = shown.audit(b"junk")
    assert report.exit_code == 4
    assert report.findings[0].stage == "consistency"


def test_entries_beyond_the_checkpoint_are_judged_and_counted(shown: World) -> None:
    shown.record(shown.assigned("inspection late"))
    report = shown.audit()
    assert (report.verdict, report.beyond_checkpoint) == ("verified", 1)


def test_a_quorum_that_did_not_cosign_fails(shown: World) -> None:
    (key,) = shown.policy.log_keys
    witness = VerifierKey("witness.example/w", MemorySigner("witness").public_key, COSIGNATURE_ED25519)
    policy = parse(f"log {key}\nwitness w {witness}\nquorum w\n".encode())
    report = audit(shown.source(), policy)
    assert (report.exit_code, report.findings[0].stage) == (3, "checkpoint")
    assert "has not cosigned" in report.findings[0].message


def test_a_superseded_partial_tile_may_be_gone(shown: World) -> None:
    assert isinstance(shown.objects, MemoryObjectStore)
    first = shown.audit().tree_size
    shown.record(shown.assigned("inspection late"))
    shown.publisher.publish()
    del shown.objects.objects[f"tile/0/000.p/{first}"]
    assert shown.audit().verdict == "verified"


def test_an_erasure_that_a_record_names_is_no_finding(shown: World) -> None:
    """The sale's quantity is gone with it, and the working copy still knows it: that is no difference."""
    sale = next(
        entry for entry, s in zip(shown.entries, shown.submissions, strict=True) if "quantity" in s.open
    )
    data = {"record": sale.event_id, "reason": "personal_data", "fields": ["buyer", "quantity"], "rows": []}
    erase = "UPDATE openings SET value = NULL, salt = NULL WHERE field IN ('buyer', 'quantity')"
    shown.writer.do(lambda ledger: ledger.connection.exec_driver_sql(erase))
    report = shown.audit()
    assert report.exit_code == 4
    assert any("erased without a record of it" in finding.message for finding in report.findings)
    subjects = [name for name, _, _ in _links(shown, sale.index)]
    shown.record(Draft("erasure.recorded", [hand("operator", "operator", "eraser")], data, subjects))
    shown.publisher.publish()
    report = shown.audit()
    assert (report.exit_code, report.findings) == (0, [])
    assert "sold: not opened (1 sales)" in report.not_checked


def _links(world: World, index: int) -> list[tuple[str, int, bytes]]:
    statement = "SELECT subject, seq, event_id FROM chain WHERE idx = :index"
    with world.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(statement), {"index": index})]


def test_an_erased_row_still_gives_the_root(shown: World) -> None:
    record = shown.state(LOT).inspection.event_id
    erase = "UPDATE manifest_rows SET data = NULL WHERE n = 1 AND event_id = :record"
    raw = {"record": bytes.fromhex(record)}
    shown.writer.do(lambda ledger: ledger.connection.execute(text(erase), raw))
    assert shown.audit().exit_code == 4
    data = {"record": record, "reason": "personal_data", "fields": [], "rows": [1]}
    subjects = sorted([LOT, ident("work", "inspection")])
    draft = Draft("erasure.recorded", [hand("operator", "operator", "eraser")], data, subjects)
    shown.record(but(draft))
    report = shown.audit()
    assert (report.exit_code, report.findings) == (0, [])
    assert any("grades of 1 inspections" in line for line in report.not_checked)


def test_progress_is_told_while_entries_stream_by(shown: World) -> None:
    draft = shown.declared(data={"manifest": None}, rows=())
    for n in range(30):
        shown.record(but(draft, subjects=[ident("lot", f"more {n}")]))
    seen: list[tuple[int, int]] = []
    audit(shown.source(), shown.policy, progress=lambda done, size: seen.append((done, size)))
    assert seen == [(50, 41)]


def test_records_of_a_key_that_is_distrusted_since_are_noted_and_no_findings(shown: World) -> None:
    inspected = [n for n, entry in enumerate(shown.entries) if leaf_of(shown, entry.index) == "lot.inspected"]
    since = shown.entries[inspected[0]].index
    stolen = signer("inspector", "inspector")
    data = {"key": stolen.id, "reason": "compromised", "distrust_from_index": since}
    shown.record(Draft("key.revoked", [registrar(1), registrar(2)], data, [PARTIES["inspector"]]))
    shown.publisher.publish()
    for report in (shown.audit(), audit(MirrorSource("mirror", shown.objects), shown.policy)):
        assert (report.verdict, report.findings) == ("verified", [])
        noted = [(note.entry, note.type, note.keys) for note in report.notes]
        assert noted == [(shown.entries[n].index, "lot.inspected", (stolen.id,)) for n in inspected]
        assert report.to_json()["notes"][0]["message"] == (
            f"entry {since} (lot.inspected) is signed by the distrusted key {stolen.id}"
        )


def test_many_notes_are_counted(shown: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.audit_distrust.NOTES_MAX", 0)
    stolen = signer("inspector", "inspector")
    data = {"key": stolen.id, "reason": "compromised", "distrust_from_index": 0}
    shown.record(Draft("key.revoked", [registrar(1), registrar(2)], data, [PARTIES["inspector"]]))
    shown.publisher.publish()
    (note,) = shown.audit().notes
    assert re.fullmatch(r"distrusted: \d+ further records are signed by distrusted keys", str(note))


def leaf_of(world: World, index: int) -> str:
    """The type of an entry."""
    with world.database.reading() as connection:
        data = log.leaf(connection, index)
    assert data is not None
    return Leaf.parse(data).record.body.type
