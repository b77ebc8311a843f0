"""What is kept beside the log, found and erased."""

from dataclasses import replace

from gateway.pages.views import (
    EraseForm,
    Measurement,
    Money,
    PrivateArticleView,
    PrivateField,
    PrivateHit,
    PrivateRecordView,
    PrivateRow,
)
from tests.gateway.pages.article_samples import ERASED
from tests.gateway.pages.history_samples import digest, fact

HITS = (
    PrivateHit(kind="lot", text="8d2s5x", href="/operator/private/lots/8d2s5xk0v4t7wq92m1ce"),
    PrivateHit(
        kind="article",
        text="星野 X7 Pro",
        detail="352099001761481",
        href="/operator/private/articles/7",
    ),
    PrivateHit(kind="article", text="星野 X7 Pro", href="/operator/private/articles/8"),
    PrivateHit(
        kind="company",
        text="星野通讯技术有限公司",
        detail="91440300MA0FAKE175",
        href="/operator/private/records/" + digest("party"),
    ),
    PrivateHit(
        kind="record", type="lot.sold", text="41", href="/operator/private/records/" + digest("event 41")
    ),
)
ERASE_FORM = EraseForm(action="/operator/private/records/" + digest("event 41"))
PRIVATE_RECORD = PrivateRecordView(
    index=41,
    type="lot.sold",
    event_id=digest("event 41"),
    entry_href="/auditor/entries/41",
    fields=(
        PrivateField(name="buyer", state="erased", erased=ERASED),
        PrivateField(name="incoterm", state="missing"),
        PrivateField(name="order", state="kept", value="order:8d2s5xk0v4t7wq92m1ce"),
        PrivateField(name="price", state="kept", value=Money(amount_minor=120_000, currency="VND")),
        PrivateField(name="quantity", state="needed", value=120, why="lot.sold:quantity"),
    ),
    rows_kept=311,
    rows_erased=1,
    erased=(ERASED,),
    copied=True,
    form=ERASE_FORM,
)
PRIVATE_ARTICLE = PrivateArticleView(
    name="智能手机 256 GB 曜石黑",
    brand="星野",
    model="X7 Pro",
    category="phone",
    lot_short="8d2s5x",
    lot_href="/operator/private/lots/8d2s5xk0v4t7wq92m1ce",
    rows=(
        PrivateRow(
            index=14,
            type="lot.declared",
            href="/operator/private/records/" + digest("event 14"),
            row=3,
            facts=(fact("imei", "352099001761481"), fact("produced_on", "2025-06-30")),
        ),
        PrivateRow(index=22, type="lot.split", href="/operator/private/records/1", row=205, facts=()),
        PrivateRow(
            index=31,
            type="lot.inspected",
            href="/operator/private/records/2",
            row=3,
            facts=(fact("scratch", Measurement(value="2.9", unit="MMT")),),
        ),
    ),
    erased=(),
    form=replace(ERASE_FORM, action="/operator/private/articles/7"),
)
