"""S3 servers, started once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.ledger.adapters import s3_servers
from tests.ledger.adapters.s3_servers import Server


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_servers.seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as server:
        yield server


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_servers.moto(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(params=["seaweedfs", "moto"])
def server(request: pytest.FixtureRequest) -> Server:
    """Either server: what is asked of it, both do."""
    found: Server = request.getfixturevalue(request.param)
    return found
