"""A lot pack is one file that a stranger checks alone; whoever changes it is found out."""

import ast
import html
import os
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from exporters import audit_pack
from exporters.pack import verify_lot
from ledger.core import pack
from ledger.core.keys import VerifierKey
from ledger.records.registry import TYPES
from tests.exporters import packs
from tests.exporters.packs import KEY, POLICY, Forger, alone, made, ours, played, problem, rezipped
from tests.ledger.fakes import MemorySigner
from tests.ledger.world import CHILD_A, CHILD_B, GRANT, LOT, PARTIES, World

VERIFIER = Path(verify_lot.__file__)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return played(World(tmp_path_factory.mktemp("packs")))


@pytest.fixture(scope="module")
def good(world: World) -> bytes:
    return made(world)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A lot that was only declared, nothing opened."""
    world = World(tmp_path_factory.mktemp("small")).play("declared")
    world.publisher.publish()
    return made(world, LOT, opened=lambda _leaf, _field: False, rows=False)


@pytest.mark.parametrize("lot", [LOT, CHILD_A, CHILD_B], ids=["parent", "sold child", "repaired child"])
def test_both_verifiers_find_every_lot_valid(world: World, lot: str) -> None:
    data = made(world, lot)
    assert (alone(data), ours(data)) == (0, 0), verify_lot.verify(data, POLICY)["problem"]


@pytest.mark.parametrize(
    "stage", ["declared", "received", "inspected", "split", "regraded", "listed", "sold", "packed", "shipped"]
)
def test_every_stage_of_the_journey_makes_a_valid_pack(tmp_path: Path, stage: str) -> None:
    world = World(tmp_path).play(stage)
    world.publisher.publish()
    for lot in (LOT, CHILD_A, CHILD_B):
        try:
            data = made(world, lot)
        except AssertionError:
            assert stage in ("declared", "received", "inspected")
            continue
        if stage in ("packed", "shipped"):
            assert ours(data) in (0, 3)  # its invoice is another file than the world's
        assert alone(data) == ours(data)
        assert alone(data) == 0 or "is not the document" in problem(data)


def test_the_same_evidence_gives_the_same_bytes(world: World, good: bytes) -> None:
    assert made(world) == good
    assert pack.build(pack.read(good)) == good


def test_any_zip_program_opens_it(good: bytes) -> None:
    with zipfile.ZipFile(BytesIO(good)) as archive:
        assert archive.testzip() is None
        infos = archive.infolist()
    assert infos[0].filename == "pack.json"
    assert {(info.compress_type, info.date_time) for info in infos} == {(0, (1980, 1, 1, 0, 0, 0))}
    assert "documents/37-commercial_invoice.pdf" in {info.filename for info in infos}


def test_the_page_reads_offline_without_scripts_in_three_languages_and_shows_the_records(good: bytes) -> None:
    page = pack.read(good).members[pack.PAGE].decode()
    assert not re.search(r"<script|https?:|src=|@import|url\(", page)
    for language in ("zh", "en", "vi"):
        assert f'<section id="{language}" lang="{language}">' in page
    assert html.escape('"Lagos Wholesale"') in page
    assert "lot.inspected" in page


def test_the_pinned_page_is_the_page_that_is_shipped() -> None:
    """A changed page needs its hash in the verifier, and the old hash stays there and in OLDER."""
    page = VERIFIER.with_name("page.html").read_bytes()
    assert sha256(page).hexdigest() in verify_lot.KNOWN
    assert verify_lot.KNOWN - {sha256(page).hexdigest()} <= audit_pack.OLDER
    assert all(page.count(mark) == 1 for mark in verify_lot.FACTS)


def test_the_page_has_a_word_in_three_languages_for_every_record_type() -> None:
    page = VERIFIER.with_name("page.html").read_text()
    for type_ in TYPES:
        row = re.search(rf"<tr><td><code>{re.escape(type_)}</code></td>(.*?)</tr>", page)
        assert row, type_
        assert re.findall(r'<td lang="(zh|en|vi)">[^<]+</td>', row[1]) == ["zh", "en", "vi"]


def test_the_verifier_is_short_and_needs_only_cryptography() -> None:
    text = VERIFIER.read_text()
    assert len(text.splitlines()) < 400
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python finds the standard library, cryptography and what that needs."""
    import _cffi_backend
    import cryptography

    folder = tmp_path / "only"
    folder.mkdir()
    found = [Path(cryptography.__file__).parent, Path(_cffi_backend.__file__)]
    for path in found:
        (folder / path.name).symlink_to(path)
    return {"PYTHONPATH": str(folder), "PATH": os.environ["PATH"]}


def _run(bare: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [os.path.realpath(sys.executable), "-S", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=bare)


def test_it_runs_where_there_is_nothing_but_cryptography(
    bare: dict[str, str], good: bytes, tmp_path: Path
) -> None:
    file, policy = tmp_path / "lot.zip", tmp_path / "policy"
    file.write_bytes(good)
    policy.write_bytes(POLICY)
    assert _run(bare, "-c", "import pydantic").returncode != 0
    with zipfile.ZipFile(file) as archive:
        program = archive.extract("verify_lot.py", tmp_path)
    found = _run(bare, program, file, "--policy", policy)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("VALID\n")
    assert "Whole up to entry 40" in found.stdout
    assert _run(bare, program, file, "--vkey", str(KEY)).returncode == 0
    without = _run(bare, program, file)
    assert without.returncode == 4
    assert "give --policy FILE" in without.stdout
    assert _run(bare, program, tmp_path / "none.zip", "--policy", policy).returncode == 4
    file.write_bytes(good[:-1])
    cut = _run(bare, program, file, "--policy", policy)
    assert (cut.returncode, cut.stderr) == (4, "")


def test_every_byte_flipped_is_refused_by_the_verifier_that_stands_alone(small: bytes) -> None:
    assert alone(small) == 0
    for position in _places(small):
        changed = bytearray(small)
        changed[position] ^= 1 << position % 8
        assert alone(bytes(changed)) in (3, 4), position


def test_every_byte_flipped_is_refused_by_ours(small: bytes) -> None:
    assert ours(small) == 0
    for position in _places(small):
        changed = bytearray(small)
        changed[position] ^= 1 << position % 8
        assert ours(bytes(changed)) in (3, 4), position


def _places(data: bytes) -> list[int]:
    """Every byte; of the two long members of prose every sixteenth: their hash does not care which."""
    prose = _spans(data, (pack.PAGE, pack.PROGRAM))
    return [n for n in range(len(data)) if n % 16 == 0 or not any(n in span for span in prose)]


def _spans(data: bytes, names: tuple[str, ...]) -> list[range]:
    members = pack.read(data).members
    starts = {name: data.index(members[name]) for name in names}
    return [range(start, start + len(members[name])) for name, start in starts.items()]


def test_a_flip_in_a_large_pack_is_refused(good: bytes) -> None:
    forger = Forger(good, [], seed=20261120)
    for _ in range(300):
        data = forger.flipped()
        assert alone(data) == ours(data) != 0


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999])
def test_a_truncated_pack_names_what_is_missing(good: bytes, share: float) -> None:
    cut = good[: int(len(good) * share)]
    assert (alone(cut), ours(cut)) == (4, 4)
    told = problem(cut)
    if share <= 0.01:
        assert "pack.json" in told
    elif share < 0.99:
        assert "whole.json" in told
    else:
        assert "cut off" in told


def test_every_length_of_the_end_is_missing_something(good: bytes) -> None:
    for length in range(1, 200):
        assert (alone(good[:-length]), ours(good[:-length])) == (4, 4)


@pytest.mark.parametrize(
    "name",
    ["checkpoint", "policy", "whole.json", "records/26.json", "records/26.tlog-proof", "records/40.json"],
)
def test_a_member_left_out_is_named(good: bytes, name: str) -> None:
    read = pack.read(good)
    members = {n: data for n, data in read.members.items() if n != name}
    data = rezipped(read, members)
    assert (alone(data), ours(data)) == (4, 4)
    assert name in problem(data)


def test_a_record_left_out_with_its_proof_is_missed(good: bytes) -> None:
    """The bad inspection is taken out and everything else made to fit."""
    read = pack.read(good)
    gone = {"records/26.json", "records/26.tlog-proof"}
    data = rezipped(read, {n: d for n, d in read.members.items() if n not in gone}, told=True)
    assert (alone(data), ours(data)) == (4, 4)
    assert re.search(r"record \d of lot:\w+ is not in the pack", problem(data))


def test_the_last_record_of_a_history_left_out_is_noticed(good: bytes) -> None:
    """The delivery is the last one of two chains; without it only the heads tree knows better."""
    read = pack.read(good)
    gone = {"records/39.json", "records/39.tlog-proof"}
    data = rezipped(read, {n: d for n, d in read.members.items() if n not in gone})
    assert (alone(data), ours(data)) == (3, 3)
    assert "is not its last one" in problem(data)


def test_a_pack_of_another_log_is_refused_with_the_reason(good: bytes) -> None:
    other = VerifierKey("elsewhere.example/log", KEY.public_key)
    told = problem(good, f"log {other}\nquorum none\n".encode())
    assert "no key that the policy lists for the log 'log.example/lots'" in told


def test_a_policy_with_another_key_of_this_log_is_refused_with_the_reason(good: bytes) -> None:
    older = VerifierKey(KEY.name, MemorySigner("the log's key of last year").public_key)
    assert "no key that the policy lists" in problem(good, f"log {older}\nquorum none\n".encode())


def test_a_witness_that_did_not_cosign_is_missed(good: bytes) -> None:
    witness = VerifierKey("w.example", MemorySigner("witness").public_key, 4)
    policy = f"log {KEY}\nwitness w {witness}\nquorum w\n".encode()
    assert "has not cosigned" in problem(good, policy)


@pytest.mark.parametrize("policy", [b"", b"quorum none\n", b"log x\nquorum none\n", b"\x00", b"\xff\xfe"])
def test_without_a_policy_nothing_is_verified(good: bytes, policy: bytes) -> None:
    assert alone(good, policy) == 4


def test_the_policy_in_the_pack_is_never_believed(good: bytes) -> None:
    """A forger signs the same tree with a key of their own, and puts that key into the pack."""
    forger = Forger(good, [], seed=3)
    told = [forger.key_replaced() for _ in range(12)]
    assert {(alone(data), ours(data)) for data in told} == {(3, 3)}


@pytest.mark.parametrize("lot", [LOT, CHILD_B, GRANT, PARTIES["operator"]], ids=str)
def test_a_lot_presented_as_another_is_refused(good: bytes, lot: str) -> None:
    read = replace(pack.read(good), lot=lot)
    data = rezipped(read, dict(read.members))
    assert alone(data) == ours(data) != 0
    assert re.search("nothing to do with|no record of|nothing proves whole|is no lot", problem(data))


def test_records_of_one_lot_under_the_name_of_another_are_refused(world: World, good: bytes) -> None:
    other = pack.read(made(world, CHILD_B))
    data = rezipped(replace(pack.read(good), lot=CHILD_B), dict(pack.read(good).members))
    assert alone(data) == ours(data) != 0
    data = rezipped(replace(other, lot=CHILD_A), dict(other.members))
    assert alone(data) == ours(data) != 0


@pytest.mark.parametrize("name", ["index.html", "verify_lot.py"])
def test_what_explains_the_pack_cannot_be_exchanged(good: bytes, name: str) -> None:
    read = pack.read(good)
    data = rezipped(
        read, read.members | {name: read.members[name].replace(b"DISTRUSTED", b"fine")}, told=False
    )
    assert (alone(data), ours(data)) == (3, 3)
    assert name in problem(data)


def test_a_document_of_the_same_name_with_other_bytes_is_refused(good: bytes) -> None:
    read = pack.read(good)
    name = "documents/37-commercial_invoice.pdf"
    data = rezipped(read, read.members | {name: b"%PDF-1.7 another price\n"})
    assert (alone(data), ours(data)) == (3, 3)
    assert name in problem(data)


@pytest.mark.parametrize("seed", [1, 2])
def test_two_verifiers_agree_on_packs_that_a_forger_made(world: World, good: bytes, seed: int) -> None:
    """500 packs in all, changed by their form and zipped again in due form; the seed makes each again."""
    family = [made(world, CHILD_B), made(world, LOT)]
    forger = Forger(good, family, seed)
    outcomes: Counter[tuple[str, int]] = Counter()
    for number in range(250):
        way, data = forger.forged()
        verdict = alone(data)
        assert verdict == ours(data), (seed, number, way, verify_lot.verify(data, POLICY)["problem"])
        if verdict == 0:
            assert packs.is_opened_otherwise(data, good, family), (seed, number, way)
        outcomes[way, verdict] += 1
    assert {verdict for _, verdict in outcomes} == {0, 3, 4}
    assert len({way for way, _ in outcomes}) > 10
