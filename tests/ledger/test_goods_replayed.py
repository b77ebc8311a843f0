"""Lots that were joined, moved, lost, returned and recalled, as auditor, page, pack and rebuild see them."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from exporters.audit_pack import check_words
from ledger import pack
from ledger.audit import MirrorSource, audit
from ledger.lots.state import LotState
from ledger.rebuild import rebuild
from ledger.recall import sales_reached
from ledger.verify import History, Verifier
from tests.exporters.packs import KEY, alone, made
from tests.ledger.goods import Floor, WorldLog
from tests.ledger.world import World


@dataclass
class Warehouse:
    """One delivery after everything happened to it. The lots are named after what they are."""

    world: World
    floor: Floor
    lots: dict[str, str]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    world = World(tmp_path_factory.mktemp("warehouse"))
    floor = Floor(WorldLog(world))
    first = floor.lot("AAAAAAAAB")
    one, two, three = floor.take(floor.split(first, [2, 2, 2, 3], grade="A"))
    (whole,) = floor.take(floor.merged([one, two]))
    floor.take(floor.moved([whole, three]))
    floor.sell(whole, 3)
    (back,) = floor.take(floor.returned(whole, 1))
    (bundle,) = floor.take(floor.merged([floor.lot("B", brand="Other"), floor.lot("A")], "lot.bundled"))
    (child,) = floor.take(floor.split(bundle, [1, 1]))
    floor.take(floor.disposed(child))
    floor.take(floor.lost(three))
    floor.take(floor.found(three))
    floor.take(floor.recalled([first]))
    floor.take(floor.destroyed(three))
    world.publisher.publish()
    names = {"first": first, "one": one, "two": two, "three": three, "whole": whole, "back": back}
    yield Warehouse(world, floor, {**names, "bundle": bundle, "child": child})
    world.close()


NAMES = ["first", "one", "three", "whole", "back", "bundle", "child"]


def test_the_audit_replays_every_way_that_goods_can_go(warehouse: Warehouse) -> None:
    report = warehouse.world.audit()
    assert report.exit_code == 0, report.findings
    floor = warehouse.floor
    assert floor.book.differences([(name, floor.state(name)) for name in floor.lots]) == []
    assert floor.book.total_cost() == {"CNY": floor.paid}


def test_an_audit_of_the_public_files_balances_what_is_public(warehouse: Warehouse) -> None:
    report = audit(MirrorSource("mirror", warehouse.world.objects), warehouse.world.policy)
    assert report.exit_code == 0, report.findings


@pytest.mark.parametrize("name", NAMES)
def test_the_history_of_a_lot_leads_through_every_lot_that_it_came_of(
    warehouse: Warehouse, name: str
) -> None:
    history = _history(warehouse.world, warehouse.lots[name])
    assert (history.verdict, history.problems) == ("unaltered", ())
    if name == "back":
        shown = {record.subject for record in history.records}
        family = ("first", "one", "two", "whole", "back")
        assert shown == {warehouse.lots[relative] for relative in family}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("opened", [True, False], ids=["opened", "nothing opened"])
def test_a_pack_of_any_of_them_verifies_with_both_programs(
    warehouse: Warehouse, name: str, *, opened: bool
) -> None:
    lot = warehouse.lots[name]
    data = made(warehouse.world, lot, opened=lambda _leaf, _field: opened, rows=opened)
    verified = pack.verify(data, warehouse.world.policy, check_words)
    right: LotState = warehouse.floor.state(lot)
    assert verified.state == (right if opened else right.model_copy(update={"sold": verified.state.sold}))
    assert alone(data) == 0


@pytest.mark.parametrize(
    ("name", "member", "wrong"),
    [
        ("whole", "came_back", "0"),
        ("whole", "merged_from", "[]"),
        ("first", "recalls", "[]"),
        ("three", "exited", "1"),
    ],
)
def test_a_changed_working_copy_is_found_and_made_again(
    warehouse: Warehouse, name: str, member: str, wrong: str
) -> None:
    world, before = warehouse.world, warehouse.floor.log.printed()
    state = f"json_set(state, '$.{member}', json('{wrong}'))"
    world.tamper(f"UPDATE subjects SET state = {state} WHERE subject = :lot", lot=warehouse.lots[name])
    report = world.audit()
    assert report.exit_code == 4
    assert "working copy" in str(report.findings[0])
    assert rebuild(world.database, KEY).tables["subjects"] > 0
    assert warehouse.floor.log.printed() == before
    assert world.audit().exit_code == 0


def test_l24_a_recall_finds_every_buyer_of_what_came_of_the_lot(warehouse: Warehouse) -> None:
    """Three of ``whole`` were sold; it came of ``one``, and that of ``first``."""
    with warehouse.world.database.reading() as connection:
        for name in ("first", "one", "two", "whole"):
            (sale,) = sales_reached(connection, warehouse.lots[name])
            assert (sale.lot, sale.quantity, sale.buyer) == (warehouse.lots["whole"], 3, "Lagos Wholesale")
        for name in ("three", "back", "bundle"):
            assert list(sales_reached(connection, warehouse.lots[name])) == []


def _history(world: World, lot: str) -> History:
    with world.database.reading() as connection:
        history = Verifier(world.objects, KEY).history(connection, lot)
    assert history is not None
    return history
