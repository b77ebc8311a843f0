"""Pages of the check in the browser and of reported problems, and what else a page of a code may show."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from gateway.pages.building.folding import folded, timeline
from gateway.pages.consumer_words import CHECK_WORDS, REPORT_KINDS
from gateway.pages.views import CheckView, EraseReportView, Page, ReportsView, ReportView, Signer
from gateway.pages.views.checking import PinnedKey
from gateway.pages.views.consumer import Certificate, CheckLinks, ConsumerView, Correction, KeyHolder, Scans
from gateway.pages.views.forms import form_of
from gateway.pages.views.reports import ReportLine, SentReport

NOW = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
CODE, SHOWN = "7q4hxm29kdt0v6w58nbr", "7q4h-xm29-kdt0-v6w5-8nbr-1"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _signer(role: str, kind: str, short: str, custody: str = "operator") -> Signer:
    return Signer(
        role=role,
        party_kind=kind,
        party_short=short,
        key_id=_digest(short),
        custody="self" if custody == "self" else "operator",
    )


BRAND = _signer("grantor", "brand", "q3v8km", "self")
INSPECTOR = _signer("inspector", "inspector", "n5w9ga", "self")
WORKSHOP = _signer("refurbisher", "refurbisher", "d6e0sj", "self")
BODY = _signer("third_party", "inspection-body", "e8v1zz", "self")
AUDITOR = _signer("auditor", "auditor", "x5k2dd", "self")
SELLER = _signer("seller", "operator", "y1m7fb")


def certificate(kind, issuer, independence, index, **more) -> Certificate:
    return Certificate(
        kind=kind, issuer=issuer, independence=independence, on=date(2026, 11, 6), index=index, **more
    )


CERTIFICATES = (
    certificate("permission", BRAND, "brand", 12, until=date(2027, 12, 31)),
    certificate("permission", SELLER, "hired", 13, until=date(2027, 6, 30), revoked=True),
    certificate("inspection", INSPECTOR, "hired", 22),
    certificate("inspection", BODY, "third", 24),
    certificate("repair", WORKSHOP, "self", 27),
    certificate("insurance", BODY, "third", 29, until=date(2027, 1, 31)),
    certificate("statement", AUDITOR, "third", 44, verdict="verified"),
)
CHECK_LINKS = CheckLinks(
    bundle_href="/v1/lots/4t7w2m/history",
    checkpoint_href="/log/checkpoint",
    policy_href="/log/policy",
    command="lotproof audit https://demo.lotproof.example/log --policy policy",
    pack_href="/lots/4t7w2m/pack.zip",
    page_href=f"/check?code={CODE}",
)


def whole(phone: ConsumerView) -> ConsumerView:
    """A page of a code with everything that it may show."""
    return replace(
        phone,
        certificates=CERTIFICATES,
        key_holders=tuple(
            KeyHolder(signer=one, records=n + 1)
            for n, one in enumerate((BRAND, INSPECTOR, WORKSHOP, BODY, SELLER))
        ),
        check=CHECK_LINKS,
        photo_href="/photos/7q4hxm29kdt0v6w58nbx",
        report_href=f"/q/{CODE}/report",
        claim_href=f"/q/{CODE}/claim",
        contact="Sao Biển, 028 1234 5678",
    )


def long(phone: ConsumerView, count: int = 80) -> ConsumerView:
    """A page of everything with so many steps; a repair, a correction and an inspection in the middle."""
    shown = whole(phone)
    kinds = [step for step in phone.steps if step.type != "correction.recorded"]
    steps = tuple(
        replace(
            kinds[n % len(kinds)],
            index=100 + n,
            at=NOW + timedelta(days=n),
            correction=Correction(index=100 + n + 1, reason="miscounted") if n == 40 else None,
            trouble="",
            type="correction.recorded" if n == 41 else kinds[n % len(kinds)].type,
        )
        for n in range(count)
    )
    return replace(shown, steps=steps, rests_on=(100, 130, 155))


def timelines(phone: ConsumerView) -> dict[str, Page]:
    whole_page = f"/q/{CODE}"
    return {
        "timeline": timeline(long(phone), whole_page, -1),
        "timeline-later": timeline(long(phone, 230), whole_page, 199),
    }


def verdicts(phone: ConsumerView) -> dict[str, ConsumerView]:
    """Those that the scans and the label bring, beside the ones of the record itself."""
    shown = whole(phone)
    often = Scans(
        first_on=date(2026, 11, 2),
        first_country="NG",
        count=212,
        notice="many-places",
        recent=198,
        countries=17,
    )
    return {
        "consumer-whole": shown,
        "consumer-seen": replace(shown, verdict="seen-too-often", scans=often),
        "consumer-claimed": replace(shown, verdict="already-claimed", claimed_at=NOW, claim_href=""),
        "consumer-gone": replace(shown, verdict="gone"),
        "consumer-long": folded(long(phone), f"/q/{CODE}?all=yes"),
        "consumer-long-seen": folded(
            replace(long(phone), verdict="seen-too-often", scans=often), f"/q/{CODE}?all=yes"
        ),
        "consumer-elsewhere": replace(
            shown, scans=Scans(first_on=date(2026, 11, 2), first_country="", count=1, notice="wrong-market")
        ),
    }


CHECK = CheckView(
    code=CODE,
    shown_code=SHOWN,
    page_href=f"/q/{CODE}",
    pack_href="/lots/4t7w2m/pack.zip",
    proof_href=f"/v1/codes/{CODE}/proof",
    host="demo.lotproof.example",
    policy="log demo.lotproof.example/34750f98bd59fcfc+a88be66a+AYqI49\nquorum none\n",
    known=(_digest("page"), _digest("program")),
    keys=(
        PinnedKey(
            kind="log",
            name="demo.lotproof.example/34750f98bd59fcfc",
            fingerprint=_digest("log"),
            public_key=_digest("raw"),
        ),
        PinnedKey(
            kind="witness", name="harbour", fingerprint=_digest("witness"), public_key=_digest("raw 2")
        ),
        PinnedKey(
            kind="label",
            name="b84x1c",
            fingerprint=_digest("label"),
            public_key=_digest("raw 3"),
            registered_at=4,
            ended_at=31,
        ),
    ),
    words=tuple(CHECK_WORDS),
    made_at=NOW,
)

FORM = ReportView(
    code=CODE,
    shown_code=SHOWN,
    name="智能手机 256 GB 曜石黑",
    kinds=tuple(REPORT_KINDS),
    contact="Sao Biển, 028 1234 5678",
    form=form_of({}),
)
LINE = ReportLine(
    id="c8x1c7hn2rdq3v8kmb84x1",
    code=CODE,
    lot_short="4t7w2m",
    lot_href="/operator/lots/4t7w2m",
    kind="not-as-described",
    text="Màn hình có vết nứt dài.\nKhông giống mô tả <b>hạng A</b>.",
    contact="lan@example.com",
    reported_at=NOW,
    state="open",
    photo_href="/files/c8x1c7",
    thumbnail_href="/files/c8x1c7/thumbnail",
)
LIST = ReportsView(
    state="open",
    counts=(("open", 12), ("answered", 3), ("erased", 0)),
    lines=(
        LINE,
        replace(LINE, id="d9", kind="unsafe", text="电池鼓包", contact="", thumbnail_href="", photo_href=""),
    ),
    next_href="/operator/reports?state=open&after=d9",
    form=form_of({}),
)

CHECK_PAGES: dict[str, Page] = {
    "check": CHECK,
    "check-offline": replace(CHECK, code="", shown_code="", page_href="", pack_href="", proof_href=""),
    "report": FORM,
    "report-wrong": replace(
        FORM,
        contact="",
        form=form_of(
            {"text": "x", "contact": "y", "kind": ""},
            {"kind": "report-kind-missing", "text": "report-text-missing", "photo": "report-photo-kind"},
        ),
    ),
    "report-sent": replace(FORM, sent=SentReport(id=LINE.id, state="open", reported_at=NOW, answer="")),
    "report-answered": replace(
        FORM,
        sent=SentReport(id=LINE.id, state="answered", reported_at=NOW, answer="Xin gửi lại hàng.\n谢谢。"),
    ),
}
REPORT_PAGES: dict[str, Page] = {
    "reports": LIST,
    "reports-error": replace(
        LIST, form=form_of({"answer": ""}, {"answer": "report-answer-missing"}), wrong_id=LINE.id
    ),
    "reports-answered": replace(
        LIST, state="answered", lines=(replace(LINE, state="answered", answer="Gửi lại."),), next_href=""
    ),
    "reports-empty": replace(
        LIST, counts=(("open", 0), ("answered", 0), ("erased", 0)), lines=(), next_href=""
    ),
    "report-erase": EraseReportView(
        action=f"/operator/reports/{LINE.id}/erase", back_href="/operator/reports", line=LINE
    ),
}
