"""States as the text that is stored."""

from ledger.lots.state import LotState, printed
from ledger.store import log
from tests.ledger.world import World


def test_a_state_is_printed_as_its_model_prints_it_and_reads_back(world: World) -> None:
    world.play()
    kinds = ("authorization", "lot", "party", "shipment", "work")
    with world.database.reading() as connection:
        states = [s.state for kind in kinds for _, s in log.subjects_of_kind(connection, kind)]
    lots = [state for state in states if isinstance(state, LotState)]
    assert any(lot.manifest and lot.inspection and lot.key for lot in lots), "with models inside the model"
    for state in states:
        assert printed(state) == state.model_dump_json(by_alias=True)
        assert type(state).model_validate_json(printed(state)) == state
