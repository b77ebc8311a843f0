"""Whatever is answered wrong to whatever action leaves nothing behind: made from the table itself."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from gateway import wiring
from gateway.consignments.spec import PartySpec
from gateway.people.identity import Identity
from gateway.settings import Settings
from gateway.statements.action import Action, Ask, Field
from gateway.statements.catalogue import ACTIONS
from gateway.wiring import Installation
from gateway.workflows import parties, pick_and_pack, sale, shipments
from gateway.workflows.gate import today
from gateway.workflows.shipments import Wish
from ledger.store import log
from tests.gateway.statements.bench import Bench, declared, post
from tests.gateway.statements.test_bench_actions import inspected, received
from tests.gateway.web import Caller
from tests.gateway.workflows.test_shipments import bought, moved
from tests.gateway.workflows.test_shipments import staff as packer

LONG: Final = "x" * 5_000
# Answers that no field of a kind takes; "" where one is needed is wrong for each.
WRONG: Final = {
    "text": ("", LONG, "a\u202eb"),
    "lines": ("", LONG),
    "count": ("", "-1", "1.5", "nan", "1e9", "999999999999999999999", "0x10", "٣"),
    "money": ("", "-5", "1.005", "100.000", "inf", "1,000", "99999999999999999999"),
    "day": ("", "2026-02-30", "22.11.2026", "2026-11-22T00:00"),
    "mass": ("", "0", "-1", "NaN", "0.0001"),
    "decimal": ("", "-0.1", "Infinity", "1e400"),
    "choice": ("", "none-of-these", LONG),
    "choices": ("", "none-of-these"),
    "party": ("", "party:00000000000000000000", "lot:x"),
    "lot": ("", "lot:00000000000000000000"),
    "lots": ("", "lot:00000000000000000000"),
    "file": ("", "not-a-hash", "0" * 64),
    "countries": ("", "ZZ", "vn"),
    "yes": ("perhaps",),
    "worker": ("", "worker:x", "party:00000000000000000000"),
}
SOUND: Final = {
    "text": "sound", "lines": "sound", "count": "1", "money": "1.00", "day": "2026-12-31", "mass": "1",
    "decimal": "1", "countries": "VN", "yes": "yes", "worker": "worker:00000000000000000000",
}  # fmt: skip
STAFFED: Final = sorted(slug for slug, action in ACTIONS.items() if "operator" in action.roles)


@pytest.fixture(scope="module")
def staff(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """One copy for all of them: none may leave a trace for the next."""
    home = tmp_path_factory.mktemp("bad-answers") / "home"
    shutil.copytree(told_home, home)
    installation = wiring.open_(Settings(home=home))
    _play(installation)
    yield Caller(installation).signed_in("operator")
    installation.close()


def _play(installation: Installation) -> None:
    """What the story leaves out: goods in every state that an action is about."""
    bench = Bench(installation)
    declared(installation, 10)
    received(bench, 6)
    received(bench, 4, supply_mode="consign", consigned_until="2026-12-31")
    bench.do("lose", received(bench, 2), reason="missing", remark="")
    bench.do("recall", received(bench, 2), reason="safety", remark="")
    inspected(bench, received(bench, 8))
    _kept_elsewhere(bench)
    shipment = shipments.plan(installation, [Wish(bought(installation, 5).id)], by="user:packer")
    pick_and_pack.pick_all(installation, shipment.id, by="user:packer")
    pick_and_pack.propose(installation, shipment.id, by="user:packer")
    shipments.pack(installation, shipment.id, by=packer(installation))
    with pytest.MonkeyPatch.context() as patched:  # as where the key of sales may not pass title by itself
        patched.setattr(sale, "_pass_title", lambda *_asked: None)
        bought(installation, 5, po="PO-8", category="phone")


def _kept_elsewhere(bench: Bench) -> None:
    installation = bench.installation
    lot = received(bench, 2)
    with pytest.MonkeyPatch.context() as patched:
        scopes = (*parties.SCOPES["supplier"], "lot.moved:custodian")
        patched.setitem(parties.SCOPES, "supplier", scopes)
        spec = PartySpec(
            key="holder", role="supplier", name_zh="远仓", name_en="Faraway Storage", country="CN",
            address="1 Dock Road; Ningbo", registration_number="91330200MA2AAAAA1X", supplier_type="dealer",
        )  # fmt: skip
        holder = parties.register(installation, spec, "Ningbo")
    ours = parties.operator_hand(installation, "warehouse", "releasing")
    moved(installation, lot, parties.hand(installation, holder, "custodian"), "shenzhen", "ningbo", ours)


@pytest.mark.parametrize("slug", STAFFED)
def test_a_bad_answer_to_any_action_leaves_the_database_as_it_was(staff: Caller, slug: str) -> None:
    action = ACTIONS[slug]
    subjects = _subjects(staff.installation, action)
    assert subjects is not None, "play something that this could be about"
    before = _everything(staff.installation.home)
    tried = 0
    for one in action.fields:
        for wrong in WRONG[one.kind]:
            if wrong == "" and not one.required:
                continue
            answers = {
                other.name: _sound(staff.installation, action, other, subjects) for other in action.fields
            }
            answers |= {f"{other.name}_currency": "CNY" for other in action.fields if other.kind == "money"}
            answer = post(staff, slug, subjects, {**answers, one.name: wrong, "confirmed": "yes"}, {})
            assert answer.status_code in (400, 404, 422), (one.name, wrong, answer.status_code)
            tried += 1
    answer = post(staff, slug, subjects, {"no_such_field": "x"}, {})
    assert answer.status_code == 422
    assert _everything(staff.installation.home) == before
    assert tried or not action.fields or all(not one.required for one in action.fields)


@pytest.mark.parametrize("slug", STAFFED)
def test_another_role_a_subject_of_another_kind_and_a_forged_form_are_not_there(
    staff: Caller, slug: str
) -> None:
    before = _everything(staff.installation.home)
    for on in ("lot:00000000000000000000", "party:00000000000000000000", "", "x" * 500):
        assert post(staff, slug, [on], {}, {}).status_code in (404, 422)
    data = {"csrf_token": "0" * 64, "on": _subjects(staff.installation, ACTIONS[slug]) or []}
    assert staff.post(f"/do/{slug}", data=data).status_code == 403
    assert _everything(staff.installation.home) == before


def _ask(installation: Installation, connection: object, subject: str, state: object) -> Ask:
    operator = installation.config.operator
    who = Identity(principal="user:x", name="x", role="operator", organisation=operator)
    return Ask(installation, connection, who, operator, "operator", subject, state, today(installation))  # type: ignore[arg-type]


def _subjects(installation: Installation, action: Action) -> list[str] | None:
    """Something in the story that the action is offered for now."""
    with installation.database.reading() as connection:
        if action.on == "nothing":
            return [] if action.offered(_ask(installation, connection, "", None)) == "" else None
        for name, subject in log.subjects_of_kind(connection, action.on):
            if action.offered(_ask(installation, connection, name, subject.state)) == "":
                return [name]
    return None


def _sound(installation: Installation, action: Action, field: Field, subjects: list[str]) -> str:
    """An answer that is taken, as far as one can be had."""
    if field.options is None:
        return SOUND.get(field.kind, "")
    with installation.database.reading() as connection:
        name = subjects[0] if subjects else ""
        subject = log.subject(connection, name) if name else None
        options = field.options(_ask(installation, connection, name, subject.state if subject else None))
    return options[0].value if options else ""


def _everything(home: Path) -> dict[str, int]:
    """Rows of every table, but of what a refusal may leave: the book of events and sessions."""
    with closing(sqlite3.connect(home / "ledger.db")) as database:
        return {name: _rows(database, name) for name in _tables(database)}


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if not name.startswith("sqlite_") and name not in ("security_events", "web_sessions"):
            yield name


def _rows(database: sqlite3.Connection, name: str) -> int:
    """Content, not count alone: a row that changed counts, too."""
    rows = database.execute(f'SELECT * FROM "{name}"').fetchall()
    return hash(tuple(sorted(map(repr, rows))))
