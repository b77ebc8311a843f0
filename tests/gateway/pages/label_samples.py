"""The pages about labels: a form in each of its states, runs of each kind, and the three ends of a claim."""

from dataclasses import replace
from datetime import UTC, datetime

from exporters.labels.stock import printings
from gateway.pages import label_words
from gateway.pages.views import Link
from gateway.pages.views.forms import form_of
from gateway.pages.views.labels import ClaimView, LabelsView, Planned, RunLine

AT = datetime(2026, 11, 22, 12, 3, tzinfo=UTC)
_ID = "7d1f0c2b9a8e4d3f6b5a4c3d2e1f0a9b"
LOT = Link(text="58nbx7q4", href="/operator/lots/58nbx7q4hxm29kdt0v6w")
FILE = "/operator/labels/58nbx7q4hxm29kdt0v6w/file"
CHOSEN = {
    "lots": "lot:58nbx7q4hxm29kdt0v6w", "level_article": "yes", "format": "a4_3x8", "variant": "plain",
    "purpose": "first", "language": "vi",
}  # fmt: skip

RUN = RunLine(
    made_at=AT, lots=(LOT,), labels=480, format="a4_3x8", purpose="first", reason="", state="released",
    tone="good", job_href=f"/operator/jobs/{_ID}", is_signed=False, has_hidden=True, file_href=FILE,
)  # fmt: skip
RUNS = (
    replace(
        RUN, state="waiting", tone="busy", file_href="", has_hidden=False, lots=(LOT,) * 5, labels=10_000
    ),
    replace(RUN, purpose="reprint", reason="label_damaged", labels=1, format="roll_50x30_zpl203"),
    replace(RUN, is_signed=True, format="roll_100x150"),
    replace(
        RUN, state="refused", tone="bad", file_href="", trouble="2 labels do not read back: 17, 18",
        format="a4_5x13",
    ),
)  # fmt: skip

EMPTY = LabelsView(
    form=form_of(CHOSEN),
    formats=tuple(printings()),
    languages=(("zh-CN", "中文"), ("en", "English"), ("vi", "Tiếng Việt")),
    reasons=tuple(label_words.REASONS),
    levels=(("lot", 1), ("article", 48), ("style", 0)),
    planned=None,
    runs=(),
)
CLAIM = ClaimView(
    code="0123-4567-89ab-cdef-ghjk-w",
    page_href="/q/0123456789abcdefghjk",
    action="/q/0123456789abcdefghjk/claim",
    form=form_of({}),
)
WRONG = form_of({"hidden": "0123-4567-89ab-x"}, {"hidden": "hidden-code-wrong"})

LABEL_PAGES = {
    "labels-empty": EMPTY,
    "labels": replace(EMPTY, runs=RUNS, next_href="/operator/labels?before=58nbx7q4hxm29kdt0v6w"),
    "labels-preview": replace(
        EMPTY,
        runs=RUNS[1:],
        planned=Planned(
            labels=48, pages=2, preview_href="/operator/labels/0123456789abcdefghjk/preview.svg?format=a4"
        ),
    ),
    "labels-wrong": replace(
        EMPTY,
        form=form_of(
            CHOSEN | {"purpose": "reprint", "codes": "0123-4567"},
            {"codes": "labels-code-unknown", "reason": "labels-reason-missing", "format": "labels-no-room"},
        ),
    ),
}
CLAIM_PAGES = {
    "claim": CLAIM,
    "claim-wrong": replace(CLAIM, form=WRONG),
    "claim-new": replace(CLAIM, claimed_at=AT, is_new=True),
    "claim-already": replace(CLAIM, claimed_at=AT),
}
