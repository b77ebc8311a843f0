"""A log whose objects are in S3: written once whoever writes, healed when gone, stopped when wrong."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.adapters.s3 import S3
from ledger.copies import ObjectsCopy
from ledger.core import tiles
from ledger.core.checkpoint import open_checkpoint
from ledger.core.keys import VerifierKey
from ledger.errors import MissingEvidence, StorageConflict, StorageUnavailable
from ledger.fsck import Repair, fsck
from ledger.fsck_report import Report
from ledger.standby import Standby
from ledger.store import checkpoints, log
from ledger.store.database import Database
from ledger.verify import Verifier
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.adapters import s3_servers
from tests.ledger.adapters.publishers import RACERS
from tests.ledger.adapters.s3_servers import CREDENTIALS, Server
from tests.ledger.world import LOG_KEY, ORIGIN, World, but, ident

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
DAYS = 30
WorldIn = Callable[[Server], World]


@pytest.fixture
def world_in(tmp_path: Path, database: Database) -> WorldIn:
    """A world whose log goes to a bucket with locks."""
    return lambda server: World(tmp_path, server.store(lock_days=DAYS), database=database)


def grow(world: World, count: int, name: str) -> None:
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(count):
        world.record(but(draft, subjects=[ident("lot", f"{name} {n}")]))


def store_of(world: World) -> S3:
    assert isinstance(world.objects, S3)
    return world.objects


def check(world: World, *, repair: bool = False) -> tuple[Report, list[dict[str, Any]]]:
    journal: list[dict[str, Any]] = []
    repairing = Repair(journal.append, lambda _key, _data: None) if repair else None
    copies = [ObjectsCopy("the objects", world.objects)]
    return fsck(world.database, world.objects, KEY, copies=copies, repairing=repairing), journal


def versions(server: Server, bucket: str) -> dict[str, int]:
    pages = server.clients(1)[0].get_paginator("list_object_versions").paginate(Bucket=bucket)
    counts: dict[str, int] = {}
    for page in pages:
        for found in page.get("Versions", []):
            counts[found["Key"]] = counts.get(found["Key"], 0) + 1
    return counts


@pytest.mark.databases(SQLITE, POSTGRESQL)
def test_six_publishers_that_race_write_each_object_once_and_agree(
    seaweedfs: Server, database: Database, tmp_path: Path
) -> None:
    bucket = seaweedfs.bucket(lock=True)
    world = World(tmp_path, database=database).play("granted")
    grow(world, 270, "many")
    arguments = [database.url, bucket, seaweedfs.url, str(DAYS), str(tmp_path / "publishing.lock")]
    raced = subprocess.run(
        [sys.executable, "-m", "tests.ledger.adapters.publishers", *arguments],
        env={**os.environ, **CREDENTIALS},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert raced.returncode == 0, raced.stderr
    told = raced.stdout.splitlines()
    store = S3(seaweedfs.clients(1)[0], bucket, "log")
    shown = open_checkpoint(store.get("checkpoint"), KEY)
    assert told == [f"{shown.size} {shown.root.hex()}"] * RACERS
    counts = versions(seaweedfs, bucket)
    wanted = {tile.path for tile in tiles.tiles_of(shown.size)} | {f"checkpoints/{shown.size}"}
    assert {key: counts[f"log/{key}"] for key in wanted} == dict.fromkeys(wanted, 1)
    with database.reading() as connection:
        assert len(checkpoints.all_of(connection)) == 1, "one signature for the size"
    world.objects = store
    assert world.audit().verdict == "verified"
    assert check(world)[0].verdict == "whole"


def test_full_tiles_bundles_and_archived_checkpoints_are_locked(seaweedfs: Server, world_in: WorldIn) -> None:
    world = world_in(seaweedfs).play("granted")
    for name in ("first", "second"):
        grow(world, 140, name)
        world.publisher.publish()
    store = store_of(world)
    locked, there = set(), list(store.keys())
    for key in there:
        answer = store._client.get_object(Bucket=store._bucket, Key=store._name(key))
        if "ObjectLockMode" in answer:
            locked.add(key)
    assert locked == {key for key in there if tiles.is_permanent(key)}
    assert {"tile/0/000", "tile/entries/000"} < locked
    assert len([key for key in locked if key.startswith("checkpoints/")]) == 2
    assert len(set(there) - locked) >= 6, "partial tiles and the checkpoint are free"


def test_a_missing_object_is_healed_from_the_database(server: Server, world_in: WorldIn) -> None:
    """Deleted: behind a delete marker the locked version is still there, and the name is free again."""
    world = world_in(server).play("granted")
    grow(world, 250, "many")
    world.publisher.publish()
    store = store_of(world)
    gone = ["checkpoint", "tile/0/000"]
    before = {key: store.get(key) for key in gone}
    for key in gone:
        store._client.delete_object(Bucket=store._bucket, Key=store._name(key))
    with pytest.raises(MissingEvidence):
        store.get(gone[0])
    report, _ = check(world)
    assert (report.exit_code, sorted(finding.field for finding in report.findings)) == (4, gone)
    report, journal = check(world, repair=True)
    assert (report.verdict, len(journal)) == ("repaired", len(gone))
    assert {key: store.get(key) for key in gone} == before
    for key in gone:
        store._client.delete_object(Bucket=store._bucket, Key=store._name(key))
    grow(world, 5, "more")
    world.publisher._healed = False  # as it is when a publisher starts
    world.publisher.publish()
    assert store.get("tile/0/000") == before["tile/0/000"]
    assert world.audit().verdict == "verified"


def test_an_object_with_other_bytes_stops_publishing_until_fsck(server: Server, world_in: WorldIn) -> None:
    world = world_in(server).play("granted")
    store = store_of(world)
    size = len(world.entries) + 1
    for tile in (tiles.Tile(0, 0, size), tiles.Tile(-1, 0, size)):
        store.create(tile.path, b"someone else's bytes")
    for _ in range(2):
        with pytest.raises(StorageConflict, match="exists with other bytes"):
            world.publisher.publish()
    assert world.log_signer.signed == []
    with pytest.raises(MissingEvidence):
        store.get("checkpoint")
    assert check(world)[0].exit_code == 3
    report, journal = check(world, repair=True)
    assert (report.verdict, [note["what"] for note in journal]) == ("repaired", ["object", "object"])
    world.publisher.publish()
    assert world.audit().verdict == "verified"


def test_a_damaged_locked_object_gets_a_new_version_and_that_is_said(
    seaweedfs: Server, world_in: WorldIn
) -> None:
    """The lock keeps the bytes, not the name: whoever may write can put others in front."""
    world = world_in(seaweedfs).play("granted")
    grow(world, 250, "many")
    world.publisher.publish()
    store, key = store_of(world), "tile/entries/000"
    right = store.get(key)
    locked = store._client.get_object(Bucket=store._bucket, Key=store._name(key))["VersionId"]
    store._client.put_object(Bucket=store._bucket, Key=store._name(key), Body=b"in front")
    report, _ = check(world)
    assert (report.exit_code, [finding.field for finding in report.findings]) == (3, [key])
    assert store.get(key) == b"in front", "nothing is changed without being asked"
    report, _ = check(world, repair=True)
    assert report.verdict == "repaired"
    assert any(f"{key}: a new version stands in front; the bucket keeps 3" in note for note in report.notes)
    assert store.get(key) == right
    first = store._client.get_object(Bucket=store._bucket, Key=store._name(key), VersionId=locked)
    assert first["Body"].read() == right
    assert check(world)[0].verdict == "whole"


def test_records_go_on_while_the_store_is_down_and_nothing_is_half_done(
    database: Database, tmp_path: Path
) -> None:
    """F19: the server is killed, and comes back."""
    folder = tmp_path / "server"
    folder.mkdir()
    with s3_servers.seaweedfs(folder) as server:
        world = World(tmp_path, server.store(lock_days=DAYS), database=database).play("granted")
        world.publisher.publish()
        before = store_of(world).get("checkpoint")
        reader = Standby(world.objects, world.database)
        server.stop()
        grow(world, 3, "meanwhile")
        for _ in range(2):
            with pytest.raises(StorageUnavailable):
                world.publisher.publish()
        grow(world, 2, "later")
        assert len(world.log_signer.signed) == 1, "nothing was signed that nobody can read"
        shown = Verifier(reader, KEY)
        with database.reading() as connection:
            leaf = log.leaf(connection, 3)
        assert leaf is not None
        assert reader.get("checkpoint") == before
        assert shown.checkpoint.size < len(world.entries)
        server.start()
        patient = server.client(retries={"mode": "standard", "max_attempts": 10})
        world.objects = S3(patient, store_of(world)._bucket, "public/log", lock_days=DAYS)
        world.publisher._objects = world.objects
        world.publisher.publish()
        assert len(world.log_signer.signed) == 2
        assert world.audit(saved=before).verdict == "verified"
        assert check(world)[0].verdict == "whole"
