"""Who runs a log of real goods is said once, by a file, and stays as it was said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import wiring
from gateway.consignments.spec import InvalidSpec
from gateway.people.invitations import invite
from gateway.people.printed_logins import issue_login
from gateway.settings import Settings
from gateway.wiring import Installation
from gateway.workflows.operator import name_operator, operator_of, parse_operator
from gateway.workflows.parties import open_log
from ledger.errors import StorageError
from ledger.store.log import read_head

FILE = b"""\
name_zh = "\xe5\xae\x81\xe6\xb3\xa2\xe5\xae\x9e\xe8\xb4\xa7\xe6\x9c\x89\xe9\x99\x90\xe5\x85\xac\xe5\x8f\xb8"
name_en = "Ningbo Real Goods Co., Ltd."
country = "CN"
city = "Ningbo"
address = "8 Harbour Road, Beilun"
registration_number = "91330206MA0EXAMPLE"
"""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A log of real goods, opened and nothing else."""
    made = wiring.create(Settings(home=tmp_path_factory.mktemp("real") / "home", origin="goods.example/log"))
    open_log(made)
    yield made
    made.close()


def test_staff_is_invited_once_the_operator_is_named_and_naming_again_changes_nothing(
    real: Installation,
) -> None:
    assert operator_of(real) is None
    name_operator(real, parse_operator(FILE))
    assert operator_of(real) == parse_operator(FILE)
    assert invite(real, "operator", real.config.operator, email="wang@goods.example")
    size = _size(real)
    name_operator(real, parse_operator(FILE))
    assert _size(real) == size
    with pytest.raises(StorageError, match="registered as Ningbo Real Goods"):
        name_operator(real, parse_operator(FILE.replace(b"8 Harbour", b"9 Harbour")))
    assert _size(real) == size


def test_real_goods_have_no_printed_logins(real: Installation) -> None:
    with pytest.raises(StorageError, match="invite people instead"):
        issue_login(real, "operator")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b'country = "CN"', b'country = "China"', "country"),
        (b'city = "Ningbo"', b"", "city"),
        (b'city = "Ningbo"', b'city = "Ning\\nbo"', "city"),
        (b'name_en = "Ningbo', b'brand = "X"\nname_en = "Ningbo', "brand"),
        (b"name_zh", b"name_zh =", "not TOML"),
    ],
)
def test_a_file_that_says_something_else_is_refused_by_name(old: bytes, new: bytes, named: str) -> None:
    with pytest.raises(InvalidSpec, match=named):
        parse_operator(FILE.replace(old, new))


def test_the_file_in_the_documentation_is_one(pytestconfig: pytest.Config) -> None:
    text = (Path(pytestconfig.rootpath) / "docs" / "accounts.md").read_text()
    (example,) = [part for part in text.split("```")[1::2] if part.lstrip().startswith("name_zh")]
    assert parse_operator(example.encode()).country == "CN"


def _size(installation: Installation) -> int:
    with installation.database.reading() as connection:
        head = read_head(connection)
    assert head is not None
    return head.size
