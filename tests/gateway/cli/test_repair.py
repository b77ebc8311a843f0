"""``lotproof fsck`` and ``lotproof rebuild`` as an operator with a damaged installation uses them."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.wiring import Installation
from tests.ledger.adapters import s3_servers
from tests.ledger.adapters.s3_servers import CREDENTIALS, REGION, Server

LOTPROOF = Path(sys.executable).with_name("lotproof")
LOCK_DAYS = 3


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LOTPROOF, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def told(*arguments: str | Path, code: int, **environment: str) -> dict[str, Any]:
    done = run(*arguments, "--json", **environment)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def home(copied: Installation) -> Path:
    copied.close()
    return copied.home


def harm(home: Path, *statements: str) -> None:
    with sqlite3.connect(home / "ledger.db") as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
    connection.close()


FLIP = "UPDATE entries SET leaf = CAST('x' || leaf AS BLOB) WHERE idx = 21"


def test_from_damage_to_whole_by_what_each_command_says_next(home: Path) -> None:
    harm(home, FLIP, "UPDATE entries SET leaf_hash = zeroblob(32) WHERE idx = 77", "DELETE FROM subjects")
    tile = home / "log" / "tile" / "0" / "000"
    tile.write_bytes(b"other bytes")
    (home / "log" / "tile" / "entries" / "000").unlink()

    done = run("fsck", "--home", home)
    assert done.returncode == 3
    assert done.stdout.startswith(f"DAMAGED  {home}\n")
    for place in ("entry 21: leaf:", "entry 77: leaf_hash:", "tile/0/000:", "tile/entries/000: it is not"):
        assert place in done.stdout
    assert done.stdout.splitlines()[-1] == "next         lotproof fsck --repair"
    assert tile.read_bytes() == b"other bytes"

    done = run("fsck", "--repair", "--home", home)
    assert (done.returncode, done.stdout.count("\nrepaired ")) == (0, 4), done.stdout
    journal = [json.loads(line) for line in (home / "repairs.log").read_text().splitlines()]
    assert [(note["what"], note.get("index", note.get("key"))) for note in journal] == [
        ("entry", 21),
        ("entry", 77),
        ("object", "tile/0/000"),
        ("object", "tile/entries/000"),
    ]
    kept = sorted(path for path in (home / "damaged").rglob("*") if path.is_file())
    assert [path.read_bytes()[:11] for path in kept] == [b'x{"body":{"', b"other bytes"]

    assert "lotproof rebuild makes it again" in run("audit", "--home", home).stdout
    done = run("rebuild", "--home", home)
    assert done.returncode == 0
    assert "made again   subjects" in done.stdout
    assert told("fsck", "--home", home, code=0)["verdict"] == "whole"
    assert told("audit", "--home", home, code=0)["verdict"] == "verified"
    assert run("publish", "--home", home).returncode == 0


@pytest.mark.parametrize("kind", ["home", "folder", "database", "zip"])
def test_a_second_copy_is_named_in_any_form(home: Path, told_home: Path, tmp_path: Path, kind: str) -> None:
    harm(home, FLIP)
    shutil.rmtree(home / "log" / "tile" / "entries")
    assert "no copy at hand has it" in run("fsck", "--repair", "--home", home).stdout
    packed = Path(shutil.make_archive(str(tmp_path / "mirror"), "zip", told_home / "log"))
    backup = tmp_path / "backup.db"
    with sqlite3.connect(told_home / "ledger.db") as source, sqlite3.connect(backup) as target:
        source.backup(target)
    source.close()
    target.close()
    where = {"home": told_home, "folder": told_home / "log", "database": backup, "zip": packed}[kind]
    report = told("fsck", "--repair-from", where, "--home", home, code=0)
    assert report["verdict"] == "repaired"
    assert any("entry 21: put right from" in note and str(where) in note for note in report["notes"])
    assert told("fsck", "--home", home, code=0)["verdict"] == "whole"


def test_what_is_no_copy_is_refused(home: Path, tmp_path: Path) -> None:
    done = run("fsck", "--repair-from", tmp_path / "nothing", "--home", home)
    assert done.returncode == 1
    assert "is no home, database, folder of tiles, zip file, bucket or log URL" in done.stderr


def test_a_database_behind_what_was_shown_leads_to_the_doctor(home: Path) -> None:
    harm(
        home,
        *(f"DELETE FROM {table} WHERE idx > 200" for table in ("entries", "chain")),
        "DELETE FROM checkpoints WHERE size > 200",
        "DELETE FROM published WHERE size > 200",
    )
    done = run("fsck", "--repair", "--home", home)
    assert done.returncode == 5
    assert "history was lost; nothing was repaired" in done.stdout
    assert done.stdout.splitlines()[-1] == "next         lotproof doctor"
    assert not (home / "repairs.log").exists()


def test_a_rebuild_of_a_database_that_does_not_replay_is_refused(home: Path) -> None:
    harm(home, FLIP)
    done = run("rebuild", "--home", home)
    assert (done.returncode, "entry 21" in done.stderr, "lotproof fsck" in done.stderr) == (3, True, True)
    harm(home, "DELETE FROM entries WHERE idx = 9")
    done = run("rebuild", "--home", home)
    assert (done.returncode, "entry 9 is missing" in done.stderr) == (4, True)


def test_tables_that_are_gone_do_not_keep_the_repair_from_starting(home: Path) -> None:
    harm(home, "DROP TABLE log_state", "DROP TABLE heads_nodes")
    assert run("publish", "--home", home).returncode == 1
    assert told("fsck", "--home", home, code=3)["findings"][0]["field"] == "log_state"
    report = told("rebuild", "--home", home, code=0)
    assert set(report["tables"]) == {"log_state", "heads_nodes"}
    assert told("audit", "--home", home, code=0)["verdict"] == "verified"
    assert run("publish", "--home", home).returncode == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_servers.seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as running:
        yield running


def test_an_installation_keeps_its_log_in_s3(server: Server, tmp_path: Path) -> None:
    bucket, home = server.bucket(lock=True), tmp_path / "home"
    environment = {
        **CREDENTIALS,
        "LOTPROOF_OBJECTS": f"s3://{bucket}/shop",
        "LOTPROOF_OBJECTS_ENDPOINT_URL": server.url,
        "LOTPROOF_OBJECTS_REGION": REGION,
        "LOTPROOF_OBJECTS_LOCK_DAYS": str(LOCK_DAYS),
    }
    assert run("init", "--home", home, **environment).returncode == 0
    assert not (home / "log").exists()
    client = server.client(retries={"mode": "standard", "total_max_attempts": 5})  # as patient as the product
    keys = [found["Key"] for found in client.list_objects_v2(Bucket=bucket)["Contents"]]
    bundle = next(key for key in keys if key.startswith("shop/log/tile/entries/"))
    archived = next(key for key in keys if key.startswith("shop/log/checkpoints/"))
    assert client.get_object(Bucket=bucket, Key=archived)["ObjectLockMode"] == "COMPLIANCE"
    assert told("fsck", "--home", home, code=0, **environment)["verdict"] == "whole"

    client.delete_object(Bucket=bucket, Key=bundle)
    client.put_object(Bucket=bucket, Key=archived, Body=b"in front")
    report = told("fsck", "--home", home, code=3, **environment)
    assert {f"shop/log/{finding['field']}" for finding in report["findings"]} == {bundle, archived}
    report = told("fsck", "--repair", "--home", home, code=0, **environment)
    assert any("a locked one cannot be taken away" in note for note in report["notes"])
    assert told("audit", "--home", home, code=0, **environment)["verdict"] == "verified"

    server.stop()
    done = run("publish", "--home", home, **environment)
    assert done.returncode == 1
    assert "Could not connect" in done.stderr
    report = told("fsck", "--home", home, code=4, **environment)
    assert "entries" in report["checked"]
    assert "objects" not in report["checked"]
    server.start()
    assert run("publish", "--home", home, **environment).returncode == 0
