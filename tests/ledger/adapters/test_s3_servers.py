"""What the S3 servers of our tests really do; the adapter leans on some of it and on no more.

SeaweedFS does all that is asked of it here. moto does not check the checksum of what it is sent and
lets a COMPLIANCE lock be shortened, so what concerns these is proven on SeaweedFS alone.
"""

import base64
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.ledger.adapters.s3_servers import Server, seaweedfs

RACERS = 6


def refusal(call: Any, **arguments: Any) -> int:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    status: int = caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def locked(days: int = 1) -> dict[str, Any]:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    return {
        "ObjectLockMode": "COMPLIANCE",
        "ObjectLockRetainUntilDate": until,
        "ChecksumAlgorithm": "SHA256",
    }


def content(client: Any, bucket: str, **which: str) -> bytes:
    data: bytes = client.get_object(Bucket=bucket, **which)["Body"].read()
    return data


@pytest.fixture(params=[False, True], ids=["plain", "versioned"])
def bucket(request: pytest.FixtureRequest, server: Server) -> str:
    return server.bucket(lock=request.param)


class TestConditionalWrites:
    def test_a_name_is_created_once(self, server: Server, bucket: str) -> None:
        client = server.clients(1)[0]
        client.put_object(Bucket=bucket, Key="a", Body=b"first", IfNoneMatch="*")
        for body in (b"first", b"other"):
            assert refusal(client.put_object, Bucket=bucket, Key="a", Body=body, IfNoneMatch="*") == 412
        assert content(client, bucket, Key="a") == b"first"

    @pytest.mark.parametrize("equal", [True, False], ids=["same bytes", "other bytes"])
    def test_of_six_that_race_one_creates(self, server: Server, bucket: str, equal: bool) -> None:
        for lap in range(2):
            statuses = race(
                server,
                lambda client, n, key=f"race/{lap}": client.put_object(
                    Bucket=bucket, Key=key, Body=b"same" if equal else b"%d" % n, IfNoneMatch="*"
                ),
            )
            assert statuses[0] == 200
            assert set(statuses[1:]) <= {409, 412}
            versions = server.clients(1)[0].list_object_versions(Bucket=bucket, Prefix=f"race/{lap}")[
                "Versions"
            ]
            assert len(versions) == 1

    def test_of_six_that_replace_the_same_version_one_does(self, server: Server, bucket: str) -> None:
        client = server.clients(1)[0]
        tag = client.put_object(Bucket=bucket, Key="a", Body=b"old")["ETag"]
        statuses = race(
            server,
            lambda client, n: client.put_object(Bucket=bucket, Key="a", Body=b"%d" % n, IfMatch=tag),
        )
        assert statuses[0] == 200
        assert set(statuses[1:]) <= {409, 412}

    def test_an_object_may_lie_below_another(self, server: Server, bucket: str) -> None:
        client = server.clients(1)[0]
        for key in ("a/b", "a/b/c"):
            client.put_object(Bucket=bucket, Key=key, Body=key.encode(), IfNoneMatch="*")
        assert [content(client, bucket, Key=key) for key in ("a/b", "a/b/c")] == [b"a/b", b"a/b/c"]
        assert refusal(client.get_object, Bucket=bucket, Key="a") == 404


class TestChecksums:
    ASKED: dict[str, Any] = {  # noqa: RUF012
        "Key": "a",
        "Body": b"damaged on its way",
        "ChecksumAlgorithm": "SHA256",
        "ChecksumSHA256": base64.b64encode(sha256(b"as it was sent").digest()).decode(),
    }

    def test_seaweedfs_refuses_what_was_damaged_on_its_way(self, seaweedfs: Server) -> None:
        client, bucket = seaweedfs.clients(1)[0], seaweedfs.bucket()
        assert refusal(client.put_object, Bucket=bucket, **self.ASKED) == 400
        assert refusal(client.get_object, Bucket=bucket, Key="a") == 404

    def test_moto_stores_it(self, moto: Server) -> None:
        """So a store that did not read back what it wrote would not notice there."""
        client, bucket = moto.clients(1)[0], moto.bucket()
        client.put_object(Bucket=bucket, **self.ASKED)
        assert content(client, bucket, Key="a") == b"damaged on its way"


class TestObjectLock:
    def test_a_locked_version_is_neither_overwritten_nor_deleted(self, server: Server) -> None:
        client, bucket = server.clients(1)[0], server.bucket(lock=True)
        version = client.put_object(Bucket=bucket, Key="a", Body=b"first", IfNoneMatch="*", **locked())
        which = {"Bucket": bucket, "Key": "a", "VersionId": version["VersionId"]}
        for further in ({}, {"BypassGovernanceRetention": True}):
            assert refusal(client.delete_object, **which, **further) == 403
        assert content(client, bucket, Key="a", VersionId=version["VersionId"]) == b"first"

    def test_a_lock_does_not_keep_another_version_from_hiding_it(self, server: Server) -> None:
        client, bucket = server.clients(1)[0], server.bucket(lock=True)
        first = client.put_object(Bucket=bucket, Key="a", Body=b"first", **locked())["VersionId"]
        client.put_object(Bucket=bucket, Key="a", Body=b"second")
        assert content(client, bucket, Key="a") == b"second"
        assert content(client, bucket, Key="a", VersionId=first) == b"first"

    def test_a_delete_marker_hides_it_and_lets_a_conditional_write_through(self, server: Server) -> None:
        client, bucket = server.clients(1)[0], server.bucket(lock=True)
        first = client.put_object(Bucket=bucket, Key="a", Body=b"first", **locked())["VersionId"]
        assert client.delete_object(Bucket=bucket, Key="a")["DeleteMarker"]
        assert refusal(client.get_object, Bucket=bucket, Key="a") == 404
        assert content(client, bucket, Key="a", VersionId=first) == b"first"
        client.put_object(Bucket=bucket, Key="a", Body=b"again", IfNoneMatch="*")
        assert content(client, bucket, Key="a") == b"again"
        found = client.list_object_versions(Bucket=bucket, Prefix="a")
        assert (len(found["Versions"]), len(found["DeleteMarkers"])) == (2, 1)

    def test_what_is_read_tells_of_its_lock(self, server: Server) -> None:
        client, bucket = server.clients(1)[0], server.bucket(lock=True)
        asked = locked()
        client.put_object(Bucket=bucket, Key="a", Body=b"first", **asked)
        client.put_object(Bucket=bucket, Key="b", Body=b"free")
        read = client.get_object(Bucket=bucket, Key="a")
        assert (read["ObjectLockMode"], read["ObjectLockRetainUntilDate"]) == (
            "COMPLIANCE",
            asked["ObjectLockRetainUntilDate"],
        )
        assert "ObjectLockMode" not in client.get_object(Bucket=bucket, Key="b")

    def test_a_bucket_without_locks_refuses_them(self, server: Server) -> None:
        arguments = {"Bucket": server.bucket(), "Key": "a", "Body": b"first", **locked()}
        assert refusal(server.clients(1)[0].put_object, **arguments) == 400

    def test_seaweedfs_lets_a_lock_grow_and_nothing_else(self, seaweedfs: Server) -> None:
        client, bucket = seaweedfs.clients(1)[0], seaweedfs.bucket(lock=True)
        client.put_object(Bucket=bucket, Key="a", Body=b"first", **locked(2))
        for mode, days in (("COMPLIANCE", 1), ("GOVERNANCE", 3)):
            until = locked(days)["ObjectLockRetainUntilDate"]
            retention = {"Mode": mode, "RetainUntilDate": until}
            assert refusal(client.put_object_retention, Bucket=bucket, Key="a", Retention=retention) == 403
        until = locked(3)["ObjectLockRetainUntilDate"]
        longer = {"Mode": "COMPLIANCE", "RetainUntilDate": until}
        client.put_object_retention(Bucket=bucket, Key="a", Retention=longer)
        assert client.get_object_retention(Bucket=bucket, Key="a")["Retention"] == longer

    def test_seaweedfs_keeps_versions_where_there_are_locks(self, seaweedfs: Server) -> None:
        arguments = {
            "Bucket": seaweedfs.bucket(lock=True),
            "VersioningConfiguration": {"Status": "Suspended"},
        }
        assert refusal(seaweedfs.clients(1)[0].put_bucket_versioning, **arguments) == 409

    def test_moto_lets_a_lock_shrink(self, moto: Server) -> None:
        client, bucket = moto.clients(1)[0], moto.bucket(lock=True)
        client.put_object(Bucket=bucket, Key="a", Body=b"first", **locked(2))
        until = locked(1)["ObjectLockRetainUntilDate"]
        shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": until}
        client.put_object_retention(Bucket=bucket, Key="a", Retention=shorter)
        assert client.get_object(Bucket=bucket, Key="a")["ObjectLockRetainUntilDate"] == until


def test_seaweedfs_keeps_what_it_answered_for_when_it_is_killed(tmp_path: Path) -> None:
    with seaweedfs(tmp_path) as server:
        bucket = server.bucket(lock=True)
        patient = server.client(retries={"mode": "standard", "max_attempts": 10})  # it finds its volumes late
        for n in range(20):
            patient.put_object(Bucket=bucket, Key=f"a/{n}", Body=b"%d" % n, IfNoneMatch="*", **locked())
        server.stop()
        server.start()
        assert [content(patient, bucket, Key=f"a/{n}") for n in range(20)] == [b"%d" % n for n in range(20)]


def race(server: Server, put: Any) -> list[int]:
    """Six clients at once; their statuses, ascending."""
    clients = server.clients(RACERS)
    line, statuses = threading.Barrier(RACERS), []

    def run(n: int) -> None:
        line.wait()
        try:
            put(clients[n], n)
        except ClientError as error:
            statuses.append(error.response["ResponseMetadata"]["HTTPStatusCode"])
        else:
            statuses.append(200)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(statuses) == RACERS
    return sorted(statuses)
