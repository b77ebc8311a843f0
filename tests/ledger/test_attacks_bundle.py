"""A15 and A16: an exported bundle with any corruption is never valid, and brings no key of its own."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.adapters.archive import Archive
from ledger.adapters.folder import Folder
from ledger.audit import MirrorSource, Report, audit
from ledger.core import tiles
from ledger.core.keys import VerifierKey
from ledger.core.policy import Policy
from ledger.errors import LedgerError
from ledger.mirror import mirror
from tests.ledger.flips import finished
from tests.ledger.world import LOG_KEY, ORIGIN, World

SEED = 20261120
ZIP_DAMAGES = 250
KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
Objects = dict[str, bytes]
Damage = Callable[[bytes, random.Random], bytes]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> World:
    return finished(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def exported(sound: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``lotproof export log`` writes."""
    out = tmp_path_factory.mktemp("exported") / "mirror"
    mirror(Folder(sound.folder / "public"), Folder(out), KEY)
    return out


@pytest.fixture(scope="module")
def objects(exported: Path) -> Objects:
    folder = Folder(exported)
    return {key: folder.get(key) for key in list(folder.keys())}


def written(objects: Objects, folder: Path) -> Folder:
    for key, data in objects.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)
    return Folder(folder)


def audited(source: Folder | Archive, policy: Policy | None) -> Report:
    return audit(MirrorSource("bundle", source), policy)


def packed(objects: Objects) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for key, content in sorted(objects.items()):
            file.writestr(zipfile.ZipInfo(key), content)
    return data.getvalue()


def flipped(data: bytes, chance: random.Random) -> bytes:
    position = chance.randrange(len(data))
    return data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]


DAMAGES: dict[str, Damage] = {
    "a flipped bit": flipped,
    "cut short": lambda data, chance: data[: chance.randrange(len(data))],
    "cut in front": lambda data, chance: data[chance.randrange(1, len(data)) :],
    "a byte more": lambda data, chance: data + bytes([chance.randrange(256)]),
    "a byte in between": lambda data, chance: data[: len(data) // 2] + b"\x00" + data[len(data) // 2 :],
    "all zeros": lambda data, _: bytes(len(data)),
    "empty": lambda _, __: b"",
    "twice": lambda data, _: data + data,
    "noise": lambda data, chance: chance.randbytes(len(data)),
}


class TestA15TamperedBundle:
    def test_the_bundle_that_all_others_are_made_from_is_valid(self, sound: World, exported: Path) -> None:
        assert audited(Folder(exported), sound.policy).verdict == "verified"

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_damage_in_any_object_is_never_valid(
        self, sound: World, objects: Objects, tmp_path: Path, damage: str
    ) -> None:
        chance = random.Random(f"{SEED} {damage}")
        kinds = {"checkpoint", "tile/0", "tile/1", "tile/entries"}
        folder = written(objects, tmp_path)
        for key, data in objects.items():
            kinds -= {kind for kind in kinds if key.startswith(kind)}
            (tmp_path / key).write_bytes(DAMAGES[damage](data, chance))
            report = audited(folder, sound.policy)
            (tmp_path / key).write_bytes(data)
            assert report.exit_code in (3, 4), f"{key}: {damage}"
            assert report.findings
        assert not kinds, "every kind of object was damaged"

    def test_an_object_that_is_gone_is_never_valid(
        self, sound: World, objects: Objects, tmp_path: Path
    ) -> None:
        folder = written(objects, tmp_path)
        for key, data in objects.items():
            (tmp_path / key).unlink()
            report = audited(folder, sound.policy)
            (tmp_path / key).write_bytes(data)
            assert report.exit_code == 4, key

    def test_one_object_in_the_place_of_another_is_never_valid(
        self, sound: World, objects: Objects, tmp_path: Path
    ) -> None:
        folder, chance = written(objects, tmp_path), random.Random(SEED)
        for key, data in objects.items():
            other = chance.choice([name for name, wrong in objects.items() if wrong != data])
            (tmp_path / key).write_bytes(objects[other])
            assert audited(folder, sound.policy).exit_code in (3, 4), f"{other} as {key}"
            (tmp_path / key).write_bytes(data)

    def test_entries_in_another_order_are_never_valid(
        self, sound: World, objects: Objects, tmp_path: Path
    ) -> None:
        entries = tiles.parse_bundle(objects["tile/entries/000"], tiles.WIDTH)
        entries[40], entries[41] = entries[41], entries[40]
        folder = written(objects | {"tile/entries/000": tiles.bundle(entries)}, tmp_path)
        assert audited(folder, sound.policy).exit_code == 3

    def test_no_damaged_byte_of_a_zip_makes_another_log_valid(
        self, sound: World, objects: Objects, tmp_path: Path
    ) -> None:
        """Some bytes of a zip mean nothing (dates, attributes): valid is what still unpacks the same."""
        chance = random.Random(SEED)
        whole, path = packed(objects), tmp_path / "log.zip"
        path.write_bytes(whole)
        assert audited(Archive(path), sound.policy).verdict == "verified"
        for number in range(ZIP_DAMAGES):
            damage = chance.choice(list(DAMAGES.values())[:6])
            path.write_bytes(damage(whole, chance))
            try:
                archive = Archive(path)
            except LedgerError:
                continue  # it says so
            report = audited(archive, sound.policy)
            assert report.exit_code in (0, 3, 4)
            if report.verdict == "verified":
                same = {key: archive.get(key) for key in objects}
                assert same == objects, f"seed {SEED}, damage {number}"

    def test_a_member_that_stands_twice_in_a_zip_reads_as_one_and_the_same(
        self, sound: World, objects: Objects, tmp_path: Path
    ) -> None:
        """Two programs may take different ones of the two."""
        path = tmp_path / "log.zip"
        path.write_bytes(packed(objects))
        with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
            file.writestr("checkpoint", b"another")
        try:
            report = audited(Archive(path), sound.policy)
        except LedgerError:
            return
        assert report.exit_code in (3, 4)


@pytest.fixture
def boasting(objects: Objects, tmp_path: Path) -> Folder:
    """A bundle that brings a policy and a key of its own, wherever a program might look for one."""
    policy = f"log {KEY}\nquorum none\n".encode()
    places = ("policy", "auditor/policy", "policy.txt", "vkey", "log.vkey", "config.json")
    return written(objects | dict.fromkeys(places, policy), tmp_path / "bundle")


class TestA16KeyFromTheServer:
    def test_without_a_policy_of_ones_own_nothing_is_verified(self, boasting: Folder) -> None:
        report = audited(boasting, None)
        assert (report.exit_code, report.verdict) == (4, "unverified")
        assert report.findings[0].stage == "policy"
        assert not report.checked

    def test_a_policy_of_ones_own_is_the_only_one_that_counts(self, sound: World, boasting: Folder) -> None:
        assert audited(boasting, sound.policy).exit_code == 0
        other = VerifierKey(
            ORIGIN, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        )
        assert audited(boasting, Policy.trusting(str(other))).exit_code == 3
