"""Which goods of the told story the stories are about: chosen by what they are, never by their place."""

from gateway.store import trade
from gateway.store.trade import Listing
from gateway.wiring import Installation
from gateway.workflows.references import told
from ledger.lots.state import LotState
from ledger.store import log

BRAND = "木屿"  # lets its outlets and market traders have its goods, each grade through its own trade
TEN_YUAN_LIST_MAX = 20_000  # minor units: of a dearer piece ten yuan are less than a grade C may cost


def lots(installation: Installation) -> list[tuple[str, LotState]]:
    with installation.database.reading() as connection:
        return [(name, one.state) for name, one in log.subjects_of_kind(connection, "lot")]


def garments(installation: Installation, grade: str) -> Listing:
    """The offer in the US of the largest lot; of grade C, one that ten yuan a piece are a fair price of."""
    states = dict(lots(installation))
    with installation.database.reading() as connection:
        found = [
            one
            for one in trade.listings(connection)
            if one.market == "US"
            and (states[one.lot].brand, states[one.lot].grade) == (BRAND, grade)
            and (reference := told(one.reference)) is not None
            and (grade != "C" or reference.piece_minor <= TEN_YUAN_LIST_MAX)
        ]
    return max(found, key=lambda one: states[one.lot].quantity)
