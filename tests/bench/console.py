"""The page of a lot of 10,000 articles, as staff open it, and a queue of the workbench beside it."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from gateway import wiring
from gateway.settings import Settings
from gateway.store import goods
from gateway.store.goods import Item
from gateway.workflows.parties import hand, operator_hand
from gateway.workflows.story import tell
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.lots.state import LotState
from ledger.store import log
from tests.gateway.web import Caller

ARTICLES: Final = 10_000
RUNS: Final = 5


def tell_console() -> float:
    """Seconds for the page, the median; prints it beside a queue's."""
    with tempfile.TemporaryDirectory() as folder:
        installation = wiring.create(Settings(home=Path(folder) / "home", rate_factor=0))
        tell(installation, lambda _what, _share: None)
        lot = installation.writer.do(lambda ledger: _large(Work(installation, ledger)))
        installation.publisher.publish()
        staff = Caller(installation).signed_in("operator")
        page = _median(staff, f"/operator/lots/{lot[4:]}")
        queue = _median(staff, "/console/queues/ageing")
        installation.close()
    print(f"lot of {ARTICLES}          page {page * 1e3:6.0f} ms  queue {queue * 1e3:6.0f} ms", flush=True)
    return page


def _median(staff: Caller, path: str) -> float:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        assert staff.get(path).status_code == 200
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _large(work: Work) -> str:
    """Phones of one supplier, declared and received."""
    model, items = _like(work)
    lot = new_id("lot")
    facts = [
        items[n % len(items)].facts | {"identifier": f"{910_000_000_000_000 + n}"} for n in range(ARTICLES)
    ]
    rows = salted_rows([{"imei": one["identifier"], "brand": one["brand"]} for one in facts])
    told = {
        "category": model.category, "goods": "finished", "brand": model.brand, "quantity": ARTICLES,
        "unit": "H87", "produced_from": model.produced_from, "produced_until": model.produced_until,
        "origin_country": "CN", "surplus_cause": model.surplus_cause, "supply_mode": "buyout",
        "manifest": described(rows, "phone-article/1"), "depth_max": 2,
    }  # fmt: skip
    supplier, installation = str(model.supplier), work.installation
    entry = work.record(
        "lot.declared",
        [hand(installation, supplier, "supplier")],
        told,
        subjects=[lot],
        refs=model.authorizations,
        committed={"price": {"amount_minor": 500_000_000, "currency": "CNY"}},
        rows=[rows],
    )
    counted = {"declared": ARTICLES, "counted": ARTICLES, "unidentified": 0, "damaged": 0, "site": "shenzhen"}
    signers = [
        operator_hand(installation, "warehouse", "custodian"),
        hand(installation, supplier, "releasing"),
    ]
    work.record("lot.received", signers, counted, subjects=[lot])
    sheet = items[0].consignment
    goods.add(
        work.connection,
        (
            Item(0, sheet, lot, entry.event_id, n, 1, model.category, "ungraded", True, one)
            for n, one in enumerate(facts)
        ),
    )
    return lot


def _like(work: Work) -> tuple[LotState, list[Item]]:
    for name, subject in log.subjects_of_kind(work.connection, "lot"):
        state: LotState = subject.state
        items = goods.of_lot(work.connection, name)
        if state.category == "phone" and state.is_leaf and len(items) > 50 and not state.repairs:
            return state, items
    raise LookupError("phone")
