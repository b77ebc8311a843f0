"""What a code on the goods shows, in every verdict."""

from dataclasses import replace
from datetime import date

from gateway.pages.views import (
    Answers,
    Article,
    BatteryAnswer,
    CheckLinks,
    Completeness,
    ConsumerView,
    ErasedNote,
    Grade,
    Measurement,
    OriginAnswer,
    Reason,
    RepairAnswer,
    Scans,
    ScorePart,
    Step,
    WipeAnswer,
)
from tests.gateway.pages.frames import HOST, NOW
from tests.gateway.pages.history_samples import HISTORY, INSPECTOR, SUPPLIER, WORKSHOP

PHONE_GRADE = Grade(
    letter="B",
    score=85,
    scheme="electronics",
    scheme_version="1",
    inspected_on=date(2026, 11, 12),
    parts=(
        ScorePart(name="scratch", score=85, measured=Measurement(value="2.9", unit="MMT")),
        ScorePart(name="battery", score=100, measured=Measurement(value="100", unit="P1")),
        ScorePart(name="boots", score=100, found="pass"),
    ),
)

PHONE = ConsumerView(
    verdict="unaltered",
    checked_at=NOW,
    code="7q4hx-m29kd-t0v6w-58nbr",
    host=HOST,
    article=Article(
        level="article",
        lot_short="4t7w2m",
        name="智能手机 256 GB 曜石黑",
        brand="星野",
        model="X7 Pro",
        category="phone",
        condition="refurbished",
        gtin="06952123010012",
    ),
    grade=PHONE_GRADE,
    answers=Answers(
        origin=OriginAnswer(channel="brand-shop", country="CN", stated_by=SUPPLIER),
        repair=RepairAnswer(
            answer="yes",
            steps=("battery-replaced", "cleaned", "tested"),
            stated_by=WORKSHOP,
            on=date(2026, 11, 10),
        ),
        battery=BatteryAnswer(
            answer="yes",
            stated_by=WORKSHOP,
            on=date(2026, 11, 10),
            part_origin="original",
            health_before=78,
            health_after=100,
            cycles_before=612,
            cycles_after=0,
        ),
        wipe=WipeAnswer(
            answer="yes", method="cryptographic-erase", stated_by=WORKSHOP, on=date(2026, 11, 10)
        ),
    ),
    steps=HISTORY,
    completeness=Completeness(through=46),
    check=CheckLinks(
        bundle_href="/v1/codes/7q4hxm29kdt0v6w58nbr/bundle",
        checkpoint_href="/log/checkpoint",
        policy_href="/log/policy",
        command="python3 verify.py bundle.zip --policy policy",
        pack_href="/lots/4t7w2m/pack.zip",
    ),
    scans=Scans(first_on=date(2026, 11, 21), first_country="VN", count=3),
)

PHONE_MISSING = replace(
    PHONE,
    verdict="part-missing",
    reasons=(Reason(slug="record-missing", entry=27),),
    steps=(
        *HISTORY[:7],
        Step(index=27, type="lot.refurbished", trouble="missing"),
        *HISTORY[8:],
    ),
    answers=Answers(
        origin=OriginAnswer(),
        repair=RepairAnswer(answer="no-record"),
        battery=BatteryAnswer(answer="no-record"),
        wipe=WipeAnswer(answer="no-record"),
    ),
    completeness=None,
    grade=None,
)

PHONE_CHANGED = replace(
    PHONE,
    verdict="changed",
    reasons=(Reason(slug="signature-invalid", entry=31),),
    steps=(
        *HISTORY[:8],
        replace(HISTORY[8], trouble="distrusted"),
        replace(HISTORY[9], trouble="changed"),
        *HISTORY[10:],
    ),
)

PHONE_DISTRUSTED = replace(
    PHONE,
    verdict="distrusted",
    reasons=(Reason(slug="key-distrusted", entry=28),),
    grade=None if PHONE.grade is None else replace(PHONE.grade, distrusted=True),
    steps=tuple(
        replace(
            step, trouble="distrusted", signers=tuple(replace(one, distrusted=True) for one in step.signers)
        )
        if step.index == 28
        else step
        for step in HISTORY
    ),
)

RECALL = Reason(
    slug="recall", detail="safety", table="record_reasons", entry=47, party_kind="brand", party_short="q3v8km"
)
PHONE_RECALLED = replace(PHONE, verdict="recalled", reasons=(RECALL,), steps=HISTORY[-3:])

GARMENT = replace(
    PHONE,
    code="",
    article=Article(
        level="lot",
        lot_short="9k1cze",
        name="女式针织开衫 2025 秋",
        brand="北辰",
        model="KC-2207",
        category="garment",
        condition="new",
        label_state="cut",
        quantity=412,
    ),
    grade=Grade(
        letter="A",
        score=95,
        scheme="apparel",
        scheme_version="1",
        inspected_on=date(2026, 11, 12),
        parts=(
            ScorePart(name="stain", score=95, measured=Measurement(value="0.8", unit="CMK")),
            ScorePart(name="wear", score=100, found="none"),
            ScorePart(name="tag", score=95, found="cut"),
        ),
    ),
    answers=Answers(
        origin=OriginAnswer(channel="brand-outlet", country="CN", stated_by=SUPPLIER),
        repair=RepairAnswer(answer="no", stated_by=INSPECTOR, on=date(2026, 11, 12)),
    ),
    completeness=Completeness(through=46, witnesses=("witness.example/north", "witness.example/south")),
    scans=None,
)

ERASED = ErasedNote(index=44, at=NOW, reason="personal_data")
PHONE_ERASED = replace(
    PHONE,
    erased=(ERASED,),
    grade=replace(PHONE_GRADE, score=None, parts=(), recomputed=False),
    answers=Answers(
        origin=OriginAnswer(),
        repair=RepairAnswer(answer="no-record"),
        battery=BatteryAnswer(answer="no-record"),
        wipe=WipeAnswer(answer="no-record"),
        erased=True,
    ),
    steps=(*HISTORY[:4], replace(HISTORY[4], erased=(ERASED,)), *HISTORY[5:]),
)
