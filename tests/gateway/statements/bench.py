"""Staff at the bench, and the other companies' people who sign along."""

import re
from collections.abc import Sequence
from typing import Any

from gateway.people.printed_logins import issue_login
from gateway.store import goods
from gateway.store.goods import Item
from gateway.wiring import Installation
from gateway.workflows.import_consignment import DECLARED_ROWS
from gateway.workflows.parties import hand
from gateway.workflows.work import Work
from ledger.author import described, new_id, salted_rows
from ledger.lots.state import LotState
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.web import Caller

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Bench:
    """A browser of the operator's staff. Forms are confirmed where they ask once more."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.staff = Caller(installation).signed_in("operator")

    def state_of(self, lot: str) -> LotState:
        with self.installation.database.reading() as connection:
            subject = log.subject(connection, lot)
        assert subject is not None
        state: LotState = subject.state
        return state

    def do(self, action: str, *lots: str, files: dict[str, bytes] | None = None, **answers: Any) -> str:
        """Returns where it led. Fails with the page's own words where it was refused."""
        return sent(self.staff, action, lots, answers, files)

    def refused(self, action: str, *lots: str, **answers: Any) -> str:
        """The page of a form that was not taken."""
        answer = post(self.staff, action, lots, answers, {})
        assert answer.status_code == 422, answer.status_code
        return str(answer.text)

    def signed_by(self, role: str, party: str) -> int:
        """Somebody of another company signs all that waits for it; returns how many statements."""
        person = Caller(self.installation)
        link = issue_login(self.installation, role, party=party)  # type: ignore[arg-type]
        assert person.post(link).status_code == 303
        waiting = sorted(
            set(re.findall(r'href="(/statements/[0-9a-z]{20})"', person.get("/statements").text))
        )
        count = 0
        for href in waiting:
            page = person.get(href).text
            if f'action="{href}/sign"' in page:
                answer = person.send(f"{href}/sign", event_id=_kept(page, "event_id"))
                assert answer.status_code == 303, answer.text
                count += 1
        return count


def sent(
    caller: Caller,
    action: str,
    lots: Sequence[str],
    answers: dict[str, Any],
    files: dict[str, bytes] | None = None,
) -> str:
    answer = post(caller, action, lots, answers, files or {})
    if answer.status_code == 200 and 'name="confirmed"' in answer.text:
        kept = {name: _kept(answer.text, name) for name in [*(files or {}), "confirmed"]}
        answer = post(caller, action, lots, {**answers, **kept}, {})
    assert answer.status_code == 303, (
        re.findall(r'class="error[^>]*>(.*?)</', answer.text, re.DOTALL) or answer.text
    )
    return str(answer.headers["location"])


def post(
    caller: Caller, action: str, lots: Sequence[str], answers: dict[str, Any], files: dict[str, bytes]
) -> Any:
    data = {"csrf_token": caller.token, "on": list(lots), **answers}
    sent_files = {name: (f"{name}.pdf", content, "application/pdf") for name, content in files.items()}
    return caller.post(f"/do/{action}", data=data, files=sent_files or None)


def _kept(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([0-9a-f]{{64}})"', page)
    assert found, f"{name} was not kept"
    return found[1]


def declared(
    installation: Installation,
    units: int,
    *,
    like: str = "phone",
    supply_mode: str = "buyout",
    **more: Any,
) -> str:
    """A supplier declares goods like those of the story; nobody has seen them yet."""

    def unit(ledger: Ledger) -> str:
        work = Work(installation, ledger)
        origin, items = _model(work, like)
        lot = new_id("lot")
        facts = [
            {**item.facts, "identifier": f"{900_000_000_000_000 + n}", "repair": None}
            for n, item in enumerate(items)
        ]
        facts = [facts[n % len(facts)] | {"identifier": f"{lot[4:12]}-{n}"} for n in range(units)]
        rows = salted_rows([{"serial": one["identifier"], "brand": one["brand"]} for one in facts])
        entry = work.record(
            "lot.declared",
            [hand(installation, str(origin.supplier), "supplier")],
            {
                "category": origin.category,
                "goods": "finished",
                "brand": origin.brand,
                "quantity": units,
                "unit": "H87",
                "produced_from": origin.produced_from,
                "produced_until": origin.produced_until,
                "origin_country": "CN",
                "surplus_cause": origin.surplus_cause,
                "supply_mode": supply_mode,
                "manifest": described(rows, DECLARED_ROWS["serial"]),
                "depth_max": 2,
                **more,
            },
            subjects=[lot],
            refs=origin.authorizations,
            committed={"price": {"amount_minor": 100 * units + 1, "currency": "CNY"}},
            rows=[rows],
        )
        goods.add(
            work.connection,
            (
                Item(
                    0, items[0].consignment, lot, entry.event_id, n, 1, origin.category, "ungraded", True, one
                )
                for n, one in enumerate(facts)
            ),
        )
        return lot

    return installation.writer.do(unit)


def _model(work: Work, category: str) -> tuple[LotState, list[Item]]:
    """A lot of the story and articles of its kind that are neither too old nor repaired."""
    for name, subject in log.subjects_of_kind(work.connection, "lot"):
        state: LotState = subject.state
        items = [one for one in goods.of_lot(work.connection, name) if not one.facts["over_age"]]
        is_best = category != "phone" or state.grade == "A"  # others may have to be repaired first
        if state.category == category and state.is_leaf and is_best and not state.repairs and len(items) > 3:
            return state, items
    raise LookupError(category)
