"""Received lots of phones, garments and appliances that nobody has inspected yet, and work on them."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from gateway import wiring
from gateway.clock import STORY_BEGINS
from gateway.consignments import load_file, load_spec
from gateway.settings import Settings
from gateway.store import goods
from gateway.wiring import Installation
from gateway.workflows import inspect_lot
from gateway.workflows.parties import open_log, register_operator
from gateway.workflows.read_consignment import read_consignment
from gateway.workflows.story import record_consignment
from gateway.workflows.work import once
from ledger.store import log
from tests.gateway.measuring.bench import KINDS, OPERATOR, Bench
from tests.gateway.web import Caller


@pytest.fixture(scope="session")
def received_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three suppliers' files, received and not inspected."""
    home = tmp_path_factory.mktemp("received") / "home"
    installation = wiring.create(Settings(home=home))
    open_log(installation)
    register_operator(installation, dict(OPERATOR))
    day: date = STORY_BEGINS.date()
    for name in KINDS:
        spec = load_spec(name)
        catalogue = load_file(spec.file.catalogue) if spec.file.catalogue else None
        consignment = read_consignment(spec, load_file(spec.file.name), catalogue=catalogue, story_date=day)
        record_consignment(installation, spec, consignment)
    installation.close()
    return home


@pytest.fixture
def house(received_home: Path, tmp_path: Path) -> Iterator[Installation]:
    """A copy that a test may change."""
    home = tmp_path / "home"
    shutil.copytree(received_home, home)
    installation = wiring.open_(Settings(home=home))
    yield installation
    installation.close()


@pytest.fixture
def caller(house: Installation) -> Caller:
    return Caller(house)


@pytest.fixture
def inspector(caller: Caller) -> Caller:
    return caller.signed_in("inspector")


def assigned(
    installation: Installation, category: str, kind: str = "inspection", *, most: int = 10_000
) -> Bench:
    """A work order for the party that the role's demo user works for, on the smallest fitting lot."""
    with installation.database.reading() as connection:
        found = [
            (subject.state.quantity, name)
            for name, subject in log.subjects_of_kind(connection, "lot")
            if subject.state.category == category and subject.state.is_leaf and not subject.state.overage
        ]
        lot = min(found)[1]
        party = log.parties_of_kind(connection, "inspector" if kind == "inspection" else "refurbisher")[0]
        items = goods.of_lot(connection, lot)
    work = once(installation, f"assign:{kind}:{lot}", lambda work: inspect_lot.assign(work, lot, kind, party))
    return Bench(installation, work, lot, items[:most])
