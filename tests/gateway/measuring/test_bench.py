"""A whole inspection at the bench: typed, sent as a sheet, stated; anyone regrades it."""

import csv
import io
import re

from gateway.workflows.audit_log import audit_source
from ledger.lots.schemes import load_schemes
from tests.gateway.files import samples
from tests.gateway.measuring.bench import Bench
from tests.gateway.measuring.conftest import assigned
from tests.gateway.web import Caller, errors, find


def sheet_of(bench: Bench, caller: Caller, **changed: dict[str, str]) -> bytes:
    """The template, filled in. changed: identifier -> cells that differ."""
    template = caller.get(f"{bench.href}/template.csv").text.removeprefix("\ufeff")
    rows = list(csv.reader(io.StringIO(template)))
    head, known = rows[0], {item.facts["identifier"]: item for item in bench.items}
    names = [re.sub(r" \[.*", "", name) for name in head]
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(head)
    for row in rows[1:]:
        cells = dict(zip(names, row, strict=True))
        answers = bench.answers(known[cells["identifier"]])
        cells |= {name.removeprefix("m_"): value for name, value in answers.items()}
        table.writerow([(cells | changed.get(cells["identifier"], {}))[name] for name in names])
    return text.getvalue().encode()


def send_sheet(bench: Bench, caller: Caller, data: bytes):
    file = {"file": ("sheet.csv", data, "text/csv")}
    return caller.post(f"{bench.href}/sheet", data={"csrf_token": caller.token}, files=file)


def test_L15_phones_are_measured_by_form_and_sheet_and_graded_by_the_scheme(inspector: Caller) -> None:
    house = inspector.installation
    bench = assigned(house, "phone")
    first = bench.items[0]
    photo = {"photo": ("p.jpg", samples.photo_with_place(), "image/jpeg")}
    fields = {"csrf_token": inspector.token, "seen": "0", "token": "a", **bench.answers(first)}
    answer = inspector.post(bench.article("r0"), data=fields, files=photo)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == bench.article("r1")
    shown = inspector.get(bench.article("r0")).text
    assert inspector.get(find(r'src="(/files/\w+/thumbnail)"', shown)).status_code == 200

    assert send_sheet(bench, inspector, sheet_of(bench, inspector)).status_code == 303
    page = inspector.get(f"{bench.href}/result").text
    assert "State it although" not in page
    stated = inspector.send(f"{bench.href}/result")
    assert stated.status_code == 303, stated.text
    assert bench.state.closed

    found = bench.goods.inspection
    assert found is not None
    assert (found.coverage, sum(found.grades.values())) == ("full", bench.goods.quantity)
    assert found.by[0].worker
    letters = {item.grade for item in bench.now()}
    assert letters == set(found.grades)
    assert bench.now()[0].facts["score"] is not None
    assert "/files/" not in inspector.get(bench.article("r0")).text, "what was typed is in the ledger now"
    house.publisher.publish()
    settings = house.settings
    report = audit_source(settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(one) for one in report.findings]


def test_L15_what_was_not_measured_is_not_graded_and_is_never_a_bad_mark(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "phone")
    answers = {**bench.answers(bench.items[0]), "m_battery": ""}
    assert inspector.send(bench.article("r0"), seen="0", token="a", **answers).status_code == 303
    page = inspector.get(bench.article("r0")).text
    assert "The battery was not measured" in page
    assert '<span class="pill gungraded">Not graded</span>' in page
    assert "1 article cannot be graded" in inspector.get(f"{bench.href}/result").text


def test_L16_and_L17_a_style_is_measured_in_parts_and_the_lowest_grade_is_its_own(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "apparel")
    item = max(bench.items, key=lambda one: one.quantity)
    slot, total = f"r{item.source_n}", item.quantity
    good = {"m_stain": "0", "m_wear": "new", "m_label_state": "intact"}
    flawed = {"m_stain": "0", "m_wear": "visible", "m_label_state": "cut"}
    for n, (answers, pieces) in enumerate(((good, total - 2), (flawed, 2))):
        sent = inspector.send(bench.article(slot), seen=str(n), token=str(n), quantity=str(pieces), **answers)
        assert sent.status_code == 303, sent.text
    page = inspector.get(bench.article(slot)).text
    assert re.findall(r'<span class="pill g(\w+)">', page) == ["A", "C"]
    over = inspector.send(bench.article(slot), seen="2", token="x", quantity="1", **good)
    assert over.status_code == 422
    rest = sheet_of(bench, inspector)
    assert send_sheet(bench, inspector, rest).status_code == 303
    stated = inspector.send(f"{bench.href}/result", unsorted="yes")
    assert stated.status_code == 303, stated.text
    inspection = bench.goods.inspection
    assert inspection is not None
    assert sum(inspection.grades.values()) == bench.goods.quantity
    assert bench.goods.mixed
    assert next(one for one in bench.now() if one.id == item.id).grade == "C"


def test_boundaries_of_the_scheme_are_printed_beside_every_grade(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "phone")
    scheme = load_schemes()["electronics"]
    sent = inspector.send(f"{bench.article('r0')}/grade", seen="0", **bench.answers(bench.items[0]))
    assert sent.status_code == 200
    for bound in scheme.grades:
        assert f"Grade {bound.grade} ≥ {bound.at_least}" in sent.text
    assert inspector.get(f"{bench.href}").text.count("No result") >= 50, "looking keeps nothing"


def test_an_override_needs_a_reason_and_stands_in_the_record(inspector: Caller) -> None:
    bench = assigned(inspector.installation, "phone")
    answers = {**bench.answers(bench.items[0]), "override": "C"}
    refused = inspector.send(bench.article("r0"), seen="0", token="a", **answers)
    assert errors(refused) == ["Choose a reason."] or "Choose a reason." in refused.text
    taken = inspector.send(bench.article("r0"), seen="0", token="a", reason="smell", **answers)
    assert taken.status_code == 303, taken.text
    assert send_sheet(bench, inspector, sheet_of(bench, inspector)).status_code == 303
    assert "It smells" in inspector.get(f"{bench.href}/result").text
    assert inspector.send(f"{bench.href}/result").status_code == 303
    assert bench.goods.inspection is not None
    assert bench.goods.inspection.overridden == 1
