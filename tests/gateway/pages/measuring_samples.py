"""Pages of a bench in every state, with names and numbers that pages must survive."""

from dataclasses import replace
from datetime import UTC, date, datetime

from gateway.measuring.questions import questions
from gateway.pages.building.measuring import grade_now, question_field
from gateway.pages.building.measuring_results import RECIPE
from gateway.pages.views import Fact, FileLine, Measurement, Page, Word
from gateway.pages.views.consumer import GradeOverride
from gateway.pages.views.forms import form_of
from gateway.pages.views.measuring import (
    ArticleLine,
    ArticleView,
    BatchLine,
    BenchView,
    CellRefusal,
    CheckedResult,
    DeviceLine,
    DevicesView,
    DeviceView,
    Drawn,
    FindingLine,
    Head,
    Meanwhile,
    PlanNumbers,
    ResultView,
    SampleView,
    SheetView,
    WorkLine,
    WorksView,
)
from ledger.lots.schemes import load_schemes

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
WORK = "/measure/d9bgzgvxd96n4a9gas5n"
PHONES, CLOTHES = load_schemes()["electronics"], load_schemes()["apparel"]
HEAD = Head(
    href=WORK,
    lot_short="gq4k7psv",
    category="phone",
    brand="星野",
    kind="inspection",
    state="open",
    scheme="electronics",
    units=10_000,
    done=4_321,
    articles=4_321,
    asked=12,
    ungraded=3,
    sample_size=0,
    statement_href="",
    user="0f" * 8,
)
REPAIR = replace(HEAD, kind="refurbishment", asked=0, ungraded=0)
MEASURED = {
    "boots": "yes",
    "locked": "no",
    "scratch": {"value": "2.9", "unit": "MMT"},
    "battery": {"value": "87", "unit": "P1"},
}
FACTS = (
    Fact(name="boots", value=Word(table="yes_no", slug="yes")),
    Fact(name="scratch", value=Measurement(value="2.9", unit="MMT")),
)
PHOTO = FileLine(
    kind="picture",
    href="/files/aaaaaaaaaaaaaaaaaaaaa",
    size=80_000,
    added_at=NOW,
    thumbnail_href="/files/aaaaaaaaaaaaaaaaaaaaa/thumbnail",
)
ARTICLE = ArticleView(
    head=HEAD,
    slot="r4",
    identifier="861234051234567",
    name="星野 X5 Pro · 256 GB · 墨黑",
    unit=None,
    quantity=1,
    left=0,
    version=2,
    token="t",
    form=form_of(
        {
            "m_boots": "yes",
            "m_locked": "no",
            "m_scratch": "2.9",
            "m_battery": "87",
            "override": "C",
            "reason": "smell",
        }
    ),
    questions=tuple(question_field(one) for one in questions(PHONES)),
    photos=(PHOTO, PHOTO),
    grade=grade_now(PHONES, {"measured": MEASURED, "override": {"grade": "C", "reason": "smell"}}),
    saved_at=NOW,
    previous_href=f"{WORK}/articles/r3",
    next_href=f"{WORK}/articles/r5",
)
WRONG = {"m_scratch": "not-a-measure", "m_battery": "over-maximum", "reason": "reason-missing"}
STYLE = replace(
    ARTICLE,
    slot="r1",
    identifier="SB-2024-AW-1187",
    name="Áo khoác gió hai lớp",
    quantity=120,
    left=20,
    photos=(),
    form=form_of({"quantity": "twenty"}, {"quantity": "quantity-not-a-number"}),
    version=1,
    questions=tuple(question_field(one) for one in questions(CLOTHES)),
    grade=None,
    findings=(
        FindingLine(n=0, quantity=98, grade="A", facts=FACTS),
        FindingLine(n=1, quantity=2, grade="C", facts=()),
    ),
)
REPAIRED = replace(
    ARTICLE,
    head=REPAIR,
    questions=(),
    grade=None,
    certificates=("ab" * 32,),
    steps=("battery_replaced", "system_reset", "data_wiped", "fabric_repaired", "cleaned", "repackaged"),
    form=form_of({"battery_replaced": "yes", "part_origin": "recovered"}, {"serial_after": "answer-missing"}),
)
RESULT = ResultView(
    head=HEAD,
    form=form_of({}, {"partial": "units-without-result"}),
    lowest="X",
    score_min=60,
    grades=(("A", 3_000), ("B", 1_200), ("C", 100), ("X", 18), ("ungraded", 3)),
    label_states=("cut", "intact"),
    missing=5_679,
    coverage="documents",
    verdict="",
    may_be_unsorted=True,
    overrides=(GradeOverride(found="A", given="C", reason="smell", count=2),),
    photos=17,
    people=3,
)
DRAWN = Drawn(
    recipe=RECIPE.format(seed="0f" * 32, lot_size=10_000),
    lot_size=10_000,
    sample_size=200,
    accept=10,
    reject=11,
    minimum_grade="B",
    level="II",
    severity="normal",
    aql="2.5",
    units=tuple(range(7, 4_000, 50)),
    nonconforming=11,
    verdict="rejected",
)
SAMPLE = SampleView(
    head=HEAD,
    levels=("S-1", "II", "III"),
    severities=("normal", "tightened"),
    aqls=("1.0", "2.5"),
    form=form_of({"inspection_level": "II", "severity": "normal", "aql": "2.5", "minimum_grade": "B"}),
    tables="iso2859_1/1",
    plan=PlanNumbers(letter="L", sample_size=200, accept=10, reject=11),
)
DEVICE = DeviceLine(
    href="/measure/devices/aaaaaaaaaaaaaaaaaaaa",
    party_short="aaaaaaaa",
    model_version="bt-2.1",
    valid_until=date(2027, 11, 1),
    sampled=400,
    wrong=13,
    rate=Measurement(value="3.25", unit="P1"),
    over=True,
    is_calibrated=True,
)
DEVICE_PAGE = DeviceView(
    line=DEVICE,
    confidence_min=Measurement(value="90", unit="P1"),
    error_max=Measurement(value="3", unit="P1"),
    calibrate_href="/do/calibrate-device?on=party:aaaaaaaaaaaaaaaaaaaa",
    batches=(BatchLine(event_id="ab" * 32, rows=1_184, lot_short="gq4k7psv"),),
    form=form_of({"sampled": "0"}, {"sampled": "out-of-range"}),
)

MEASURING_PAGES: dict[str, Page] = {
    "works": WorksView(
        lines=(
            WorkLine(
                href=WORK,
                lot_short="gq4k7psv",
                category="phone",
                brand="星野",
                kind="inspection",
                state="open",
                units=10_000,
                done=4_321,
            ),
            WorkLine(
                href=WORK,
                lot_short="aaaaaaaa",
                category="sofa",
                brand="",
                kind="refurbishment",
                state="waits",
                units=1,
                done=1,
            ),
            WorkLine(
                href=WORK,
                lot_short="bbbbbbbb",
                category="apparel",
                brand="素白",
                kind="inspection",
                state="closed",
                units=120,
                done=120,
            ),
        ),
        has_devices=True,
    ),
    "works-none": WorksView(lines=(), has_devices=False),
    "bench": BenchView(
        head=HEAD,
        lines=tuple(
            ArticleLine(
                slot=f"r{n}",
                identifier=f"86123405123456{n}",
                unit=None,
                quantity=1,
                units=0,
                grade=grade,
                state=state,
                photos=n,
            )
            for n, (state, grade) in enumerate(
                (
                    ("missing", ""),
                    ("measured", "B"),
                    ("proposed", "A"),
                    ("referred", "ungraded"),
                    ("part", "X"),
                )
            )
        ),
        show="all",
        query="9999",
        next_href=f"{WORK}?show=all&after=49",
    ),
    "bench-nothing": BenchView(
        head=replace(HEAD, state="waits", statement_href="/statements/aaaaaaaaaaaaaaaaaaaaa"),
        lines=(),
        show="missing",
        query="",
        next_href="",
    ),
    "article": ARTICLE,
    "article-wrong": replace(ARTICLE, form=form_of({"m_scratch": "2,9 mm"}, WRONG), grade=None),
    "article-style": STYLE,
    "article-meanwhile": replace(
        ARTICLE, meanwhile=Meanwhile(version=3, at=NOW, worker="k3m9qz", grade="A", facts=FACTS)
    ),
    "article-referred": replace(ARTICLE, station="referred", confidence="0.42", photos=()),
    "article-closed": replace(ARTICLE, head=replace(HEAD, state="closed")),
    "repair-wrong": REPAIRED,
    "sheet-refused": SheetView(
        head=REPAIR,
        form=form_of({}, {"file": "file-missing"}),
        columns=("identifier", "quantity", "boots", "scratch [mm]"),
        asked=tuple(question_field(one) for one in questions(PHONES)),
        reasons=("parts_missing", "smell"),
        refusals=(
            CellRefusal(row=17, column="scratch", value="<b>1e9</b>", slug="not-a-measure"),
            CellRefusal(row=18, column="identifier", value="86", slug="article-unknown"),
        ),
        more=3,
    ),
    "sample-plan": SAMPLE,
    "sample-drawn": replace(SAMPLE, head=replace(HEAD, sample_size=200), plan=None, drawn=DRAWN),
    "result": RESULT,
    "result-none": replace(RESULT, head=REPAIR, grades=(), form=form_of({})),
    "devices": DevicesView(lines=(DEVICE, replace(DEVICE, is_calibrated=False, valid_until=None, rate=None))),
    "devices-none": DevicesView(lines=()),
    "device-error": DEVICE_PAGE,
    "device-check": replace(
        DEVICE_PAGE,
        form=form_of({"r7_battery": "80"}),
        check="chk_1",
        seed="0f" * 32,
        results=(
            CheckedResult(
                n=7,
                identifier="861234051234567",
                facts=FACTS[1:],
                agrees="no",
                questions=tuple(
                    replace(question_field(one), field=f"r7_{one.input}") for one in questions(PHONES)[3:]
                ),
            ),
        ),
        state_href="/do/check-device?on=party:aaaaaaaaaaaaaaaaaaaa",
    ),
}
