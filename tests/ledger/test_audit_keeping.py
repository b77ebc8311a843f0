"""An audit in many processes, in a file, cut off or gone on from says what one in memory says."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ledger import audit as auditing
from ledger import audit_keeping, audit_signatures, signature_worker
from ledger.adapters.folder import Folder
from ledger.audit import Keeping, MirrorSource, Report, audit
from ledger.audit_signatures import SignatureChecks
from ledger.core import canonical, tiles
from ledger.core.encoding import decode_base64, encode_base64
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy
from ledger.errors import InvalidRecord, StorageError
from tests.conftest import REPOSITORY
from tests.ledger.flips import audited, edited, finished
from tests.ledger.world import LOG_KEY, ORIGIN, World, but, ident, signer

POLICY = Policy.trusting(str(VerifierKey(ORIGIN, LOG_KEY.public_key)))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A log of more than one tile."""
    return finished(tmp_path_factory.mktemp("sound"))


@pytest.fixture
def copy(sound: World, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound.folder, tmp_path / "copy"))


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small logs behave as large ones do."""
    monkeypatch.setattr(auditing, "SAVED_EVERY", 32)
    monkeypatch.setattr(audit_keeping, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(audit_signatures, "CHUNK", 8)


def mirrored(folder: Path, keeping: Keeping) -> Report:
    return audit(MirrorSource("mirror", Folder(folder / "public")), POLICY, keeping=keeping)


def spoiled(leaf: bytes) -> bytes:
    """A leaf whose first signature is of other bytes, in every form right."""
    value = json.loads(leaf)
    sig = bytearray(decode_base64(value["sigs"][0]))
    sig[3] ^= 1
    value["sigs"][0] = encode_base64(bytes(sig))
    return canonical.dumps(value)


def spoil_signature(copy: Path, index: int) -> None:
    with edited(copy) as database:
        (leaf,) = database.execute("SELECT leaf FROM entries WHERE idx = ?", (index,)).fetchone()
        database.execute("UPDATE entries SET leaf = ? WHERE idx = ?", (spoiled(leaf), index))


def spoil_bundle_signature(copy: Path, index: int) -> None:
    """In the bundle that an audit of the mirror reads."""
    folder = Folder(copy / "public")
    number, at = divmod(index, tiles.WIDTH)
    found = [
        tile
        for tile in map(tiles.Tile.parse, folder.keys("tile"))
        if (tile.level, tile.index) == (-1, number)
    ]
    tile = max(found, key=lambda tile: tile.width)
    entries = tiles.parse_bundle(folder.get(tile.path), tile.width)
    entries[at] = spoiled(entries[at])
    folder.replace(tile.path, tiles.bundle(entries))


class Interrupted(BaseException):
    """A process that is killed runs nothing more."""


def cut_off(folder: Path, keeping: Keeping, at: int) -> None:
    """An audit that dies when it has judged about ``at`` entries."""

    def progress(done: int, _total: int) -> None:
        if done >= at:
            raise Interrupted

    source = MirrorSource("mirror", Folder(folder / "public"))
    with pytest.raises(Interrupted):
        audit(source, POLICY, keeping=keeping, progress=progress)


def everything(report: Report) -> dict[str, object]:
    """What a report says about the log, whoever looked at it."""
    told = report.to_json()
    del told["resumed_from"], told["not_checked"]
    return told


@pytest.mark.usefixtures("often")
class TestProcesses:
    @pytest.mark.parametrize("processes", [2, 3])
    def test_a_sound_log_verifies_alike(self, sound: World, copy: Path, processes: int) -> None:
        one = audited(copy, sound)
        many = audited(copy, sound, keeping=Keeping(processes=processes))
        assert one.verdict == "verified"
        assert many.to_json() == one.to_json()

    @pytest.mark.parametrize("second", ["leaf", "index", "tile", "none"])
    def test_the_first_bad_signature_is_named_whatever_follows_it(
        self, sound: World, copy: Path, second: str
    ) -> None:
        """The replay runs ahead of the signatures, and may meet something worse before it hears of them."""
        spoil_signature(copy, 100)
        spoil_signature(copy, 130)
        with edited(copy) as database:
            if second == "leaf":
                database.execute("UPDATE entries SET leaf = x'00' WHERE idx = 103")
            elif second == "index":
                database.execute("UPDATE entries SET type = 'lot.sold' WHERE idx = 104")
        if second == "tile":
            path = copy / "public" / "tile" / "0" / "000"
            path.write_bytes(bytes(32) + path.read_bytes()[32:])
        one = audited(copy, sound)
        assert (one.exit_code, one.findings[0].entry, one.findings[0].field) == (3, 100, "/sigs/0")
        assert one.findings[0].subjects
        for processes in (2, 3):
            assert audited(copy, sound, keeping=Keeping(processes=processes)).to_json() == one.to_json()

    def test_a_signature_in_the_last_chunk_is_waited_for(self, sound: World, copy: Path) -> None:
        with edited(copy) as database:
            (last,) = database.execute("SELECT max(idx) FROM entries").fetchone()
        spoil_signature(copy, last)
        one = audited(copy, sound)
        assert (one.exit_code, one.findings[0].entry) == (3, last)
        assert audited(copy, sound, keeping=Keeping(processes=2)).to_json() == one.to_json()

    def test_a_process_that_dies_leaves_the_log_unverified(
        self, sound: World, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        started: list[SignatureChecks] = []

        def killing(workers: int) -> SignatureChecks:
            checks = SignatureChecks(workers)
            os.kill(checks._workers[0].pid, signal.SIGKILL)
            started.append(checks)
            return checks

        monkeypatch.setattr(auditing, "SignatureChecks", killing)
        report = audited(copy, sound, keeping=Keeping(processes=2))
        assert started
        assert (report.exit_code, report.findings[0].stage) == (4, "signatures")
        assert "ended with -9" in report.findings[0].message

    def test_workers_that_disagree_with_this_process_prove_nothing(self, sound: World) -> None:
        with SignatureChecks(1) as checks:
            checks._workers[0].answer = lambda: signature_worker.BAD  # type: ignore[method-assign]
            with sqlite3.connect(sound.folder / "ledger.db") as database:
                (leaf,) = database.execute("SELECT leaf FROM entries WHERE type = 'lot.declared'").fetchone()
            database.close()
            assert checks.read is not None
            record = checks.read(leaf).record
            checks.add(100, record, {record.body.author.key: signer("supplier", "supplier").public_key})
            with pytest.raises(StorageError, match="disagree"):
                checks.failure()

    def test_an_entry_that_is_badly_formed_is_named_alike_whoever_looks_at_it(self, sound: World) -> None:
        with sqlite3.connect(sound.folder / "ledger.db") as database:
            (good,) = database.execute("SELECT leaf FROM entries WHERE type = 'lot.declared'").fetchone()
        database.close()
        for old, new in (
            (b'"refs":[', b'"refs":[[],'),
            (b'"subjects":[{"id"', b'"subjects":[{"ib"'),
            (b'"offset":"+08:00"', b'"offset":"+99:00"'),
            (b'"v":1', b'"v":2'),
            (b'"sigs":["', b'"sigs":["!'),
            (b'"data":{', b'"data":{"A":1,'),
        ):
            told, leaf = [], good.replace(old, new)
            assert leaf != good, old
            for workers in (0, 1, 2):
                with SignatureChecks(workers) as checks:
                    try:
                        if checks.read is None:
                            signature_worker.read_strictly(leaf)
                        else:
                            record = checks.read(leaf).record
                            checks.add(7, record, {})
                        failure = checks.failure()
                        assert failure is not None
                        assert failure[0] == 7
                        told.append(str(failure[1]))
                    except InvalidRecord as error:
                        told.append(str(error))
            assert told[0] == told[1] == told[2], old

    def test_no_process_is_left_behind(self, sound: World, copy: Path) -> None:
        with SignatureChecks(2) as checks:
            pids = [worker.pid for worker in checks._workers]
        for pid in pids:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


@pytest.mark.usefixtures("often")
class TestGoingOn:
    def test_a_file_says_what_memory_says(self, sound: World, copy: Path, tmp_path: Path) -> None:
        keeping = Keeping(state=tmp_path / "state", memory_mb=1)
        plain = audited(copy, sound)
        assert audited(copy, sound, keeping=keeping).to_json() == plain.to_json()
        assert audited(copy, sound, keeping=keeping).to_json() == plain.to_json(), "and again everything"

    def test_an_audit_that_was_killed_goes_on_where_it_stood(self, copy: Path, tmp_path: Path) -> None:
        keeping = Keeping(state=tmp_path / "state", processes=2)
        cut_off(copy, keeping, 150)
        report = mirrored(copy, keeping)
        assert report.verdict == "verified"
        assert 96 <= report.resumed_from <= 160
        assert report.resumed_from % 32 == 0
        assert any(f"before {report.resumed_from} a second time" in line for line in report.not_checked)
        assert everything(report) == everything(mirrored(copy, Keeping()))

    def test_a_database_goes_on_with_its_counts(self, sound: World, copy: Path, tmp_path: Path) -> None:
        """Openings, rows and erasures are counted over all entries, whichever run saw them."""
        keeping = Keeping(state=tmp_path / "state")

        def progress(done: int, _total: int) -> None:
            if done >= 200:
                raise Interrupted

        with pytest.raises(Interrupted):
            audited(copy, sound, keeping=keeping, progress=progress)
        report = audited(copy, sound, keeping=keeping)
        assert report.resumed_from == 192
        assert everything(report) == everything(audited(copy, sound))
        assert report.verdict == "verified"

    def test_a_state_never_claims_what_was_not_verified(self, copy: Path, tmp_path: Path) -> None:
        """A bad signature before the place where the audit dies: no later point was saved."""
        spoil_bundle_signature(copy, 70)
        keeping = Keeping(state=tmp_path / "state", processes=2)
        report = mirrored(copy, keeping)
        assert (report.exit_code, report.findings[0].entry) == (3, 70)
        assert (mirrored(copy, keeping).resumed_from, mirrored(copy, keeping).exit_code) == (0, 3)

    def test_an_audit_that_found_something_leaves_nothing_to_go_on_from(
        self, sound: World, copy: Path, tmp_path: Path
    ) -> None:
        keeping = Keeping(state=tmp_path / "state")
        with edited(copy) as database:
            database.execute("UPDATE subjects SET state = '{}' WHERE subject LIKE 'lot:%'")
        assert audited(copy, sound, keeping=keeping).exit_code == 4
        assert not (tmp_path / "state").exists()
        spoil_signature(copy, 100)
        assert audited(copy, sound, keeping=keeping).exit_code == 3

    def test_an_ordinary_audit_looks_at_everything_again(
        self, sound: World, copy: Path, tmp_path: Path
    ) -> None:
        keeping = Keeping(state=tmp_path / "state")
        assert audited(copy, sound, keeping=keeping).verdict == "verified"
        spoil_signature(copy, 20)
        report = audited(copy, sound, keeping=keeping)
        assert (report.exit_code, report.findings[0].entry, report.resumed_from) == (3, 20, 0)

    def test_only_what_is_new_is_looked_at_when_somebody_says_so(self, tmp_path: Path) -> None:
        world = World(tmp_path, Folder(tmp_path / "public")).play()
        world.publisher.publish()
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        first = world_audit(world, keeping)
        assert (first.verdict, first.resumed_from) == ("verified", 0)
        for n in range(40):
            world.record(
                but(world.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", f"n {n}")])
            )
        world.publisher.publish()
        report = world_audit(world, keeping)
        assert (report.verdict, report.resumed_from) == ("verified", first.tree_size)
        assert report.entries == report.tree_size == first.tree_size + 41
        said = "\n".join(report.not_checked)
        assert f"before {first.tree_size}: verified by an audit of" in said
        assert "heads nodes, working copies" in said
        assert "heads nodes" not in report.checked
        assert world_audit(world, keeping).resumed_from == report.tree_size, "nothing is new"
        world.close()

    def test_a_new_entry_is_judged_by_the_state_that_was_kept(self, copy: Path, tmp_path: Path) -> None:
        """What is new and bad is found, and nothing of it is kept."""
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        cut_off(copy, keeping, 200)
        spoil_bundle_signature(copy, 270)
        report = mirrored(copy, keeping)
        assert (report.exit_code, report.findings[0].entry) == (3, 270)

    def test_another_history_before_the_kept_place_is_found(self, copy: Path, tmp_path: Path) -> None:
        """The entries that share a bundle with the place to go on from are hashed again."""
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        cut_off(copy, keeping, 200)
        spoil_bundle_signature(copy, 20)
        report = mirrored(copy, keeping)
        assert report.exit_code == 3
        assert "entry 20 is not the one that was verified before" in report.findings[0].message

    def test_a_log_that_shrank_below_the_kept_place_is_found(self, copy: Path, tmp_path: Path) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        assert mirrored(copy, keeping).verdict == "verified"
        sizes = sorted(int(path.name) for path in (copy / "public" / "checkpoints").iterdir())
        older = (copy / "public" / "checkpoints" / str(sizes[0])).read_bytes()
        Folder(copy / "public").replace("checkpoint", older)
        report = mirrored(copy, keeping)
        assert report.exit_code == 3
        assert "the log shrank" in report.findings[0].message

    def test_consistency_with_a_checkpoint_seen_before_the_kept_place_is_proved_from_tiles(
        self, sound: World, copy: Path, tmp_path: Path
    ) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        assert mirrored(copy, keeping).verdict == "verified"
        size = min(int(path.name) for path in (copy / "public" / "checkpoints").iterdir())
        saved = (copy / "public" / "checkpoints" / str(size)).read_bytes()
        source = MirrorSource("mirror", Folder(copy / "public"))
        report = audit(source, sound.policy, saved=saved, keeping=keeping)
        assert (report.verdict, report.consistent_from) == ("verified", size)


@pytest.mark.usefixtures("often")
class TestMisfits:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("UPDATE point SET value = replace(value, '\"size\": ', '\"size\":  ')", "is damaged"),
            ("UPDATE point SET value = 'x'", "cannot be read"),
            ("DROP TABLE point", ""),
        ],
    )
    def test_a_damaged_state_is_discarded_with_words(
        self, copy: Path, tmp_path: Path, change: str, words: str
    ) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        assert mirrored(copy, keeping).verdict == "verified"
        with sqlite3.connect(tmp_path / "state") as database:
            database.execute(change)
        database.close()
        report = mirrored(copy, keeping)
        assert (report.verdict, report.resumed_from) == ("verified", 0)
        assert not words or any(words in line for line in report.not_checked)

    def test_a_damaged_value_is_never_believed(self, copy: Path, tmp_path: Path) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        cut_off(copy, keeping, 200)
        with sqlite3.connect(tmp_path / "state") as database:
            database.execute("UPDATE keys SET value = x'00'")
        database.close()
        report = mirrored(copy, keeping)
        assert report.exit_code == 4
        assert "the state is damaged" in report.findings[0].message

    def test_a_state_of_other_rules_is_discarded(
        self, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        assert mirrored(copy, keeping).verdict == "verified"
        monkeypatch.setattr(audit_keeping, "rules_version", lambda: "another")
        report = mirrored(copy, keeping)
        assert (report.verdict, report.resumed_from) == ("verified", 0)
        assert any("version of the rules" in line for line in report.not_checked)

    def test_a_state_of_a_mirror_does_not_serve_a_database(
        self, sound: World, copy: Path, tmp_path: Path
    ) -> None:
        keeping = Keeping(state=tmp_path / "state", incremental=True)
        assert mirrored(copy, keeping).verdict == "verified"
        report = audited(copy, sound, keeping=keeping)
        assert (report.verdict, report.resumed_from) == ("verified", 0)

    def test_a_file_of_somebody_else_is_left_alone(self, copy: Path, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "theirs") as database:
            database.execute("CREATE TABLE precious (word)")
        database.close()
        (tmp_path / "text").write_text("precious")
        for name in ("theirs", "text"):
            whole = (tmp_path / name).read_bytes()
            report = mirrored(copy, Keeping(state=tmp_path / name))
            assert (report.exit_code, report.findings[0].stage) == (4, "state")
            assert (tmp_path / name).read_bytes() == whole

    def test_two_audits_do_not_share_a_state(self, copy: Path, tmp_path: Path) -> None:
        keeping = Keeping(state=tmp_path / "state")
        with keeping.kept(*opened(copy)):
            report = mirrored(copy, keeping)
            assert "in use by another audit" in report.findings[0].message
            assert (
                mirrored(copy, Keeping(state=tmp_path / "state", may_do_without=True)).verdict == "verified"
            )
        assert mirrored(copy, keeping).verdict == "verified"


def test_a_kill_leaves_a_state_that_the_next_audit_goes_on_from(copy: Path, tmp_path: Path) -> None:
    """SIGKILL at several moments of a real process; each time the next one ends well."""
    script = (
        "import sys, ledger.audit as a\n"
        "a.SAVED_EVERY = 16\n"
        "from pathlib import Path\n"
        "from tests.ledger.test_audit_keeping import mirrored\n"
        "from ledger.audit import Keeping\n"
        "import ledger.tile_tree as t\n"
        "append = t.TileTree.append\n"
        "def told(self, leaf):\n"
        "    append(self, leaf)\n"
        "    print(self.size, flush=True)\n"
        "t.TileTree.append = told\n"
        "mirrored(Path(sys.argv[1]), Keeping(state=Path(sys.argv[2])))\n"
    )
    state = tmp_path / "state"
    command = [sys.executable, "-c", script, str(copy), str(state)]
    places = []
    for at in (20, 70, 200):
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first = None
            for line in process.stdout:
                first = first or int(line)
                if int(line) >= at:
                    process.kill()
                    break
        assert first is not None
        places.append(first)
    assert places[0] == 1
    assert 16 < places[1] <= 33
    assert places[2] > 64
    report = mirrored(copy, Keeping(state=state))
    assert (report.verdict, report.resumed_from >= 192) == ("verified", True)


def opened(copy: Path):
    source = MirrorSource("mirror", Folder(copy / "public"))
    return POLICY.open(source.objects.get("checkpoint")), LOG_KEY.public_key, source


def world_audit(world: World, keeping: Keeping) -> Report:
    return audit(world.source(), world.policy, keeping=keeping)
