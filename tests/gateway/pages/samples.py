"""One realistic view of every page. Brands and people are invented."""

from dataclasses import replace

from gateway.pages.building.components import components_view
from gateway.pages.views import (
    CheckpointsView,
    Choice,
    ChoicesView,
    Completeness,
    EraseFileView,
    Frame,
    GoodsLot,
    GoodsView,
    HomeView,
    KeysView,
    LoginView,
    NotFoundView,
    OperatorView,
    OrdersView,
    Page,
    PrivateLotView,
    PrivateSearchView,
    ProblemView,
    RejectedRowsView,
)
from gateway.pages.views.forms import form_of
from tests.gateway.pages.article_samples import (
    ERASED,
    GARMENT,
    PHONE,
    PHONE_CHANGED,
    PHONE_DISTRUSTED,
    PHONE_ERASED,
    PHONE_MISSING,
    PHONE_RECALLED,
)
from tests.gateway.pages.audit_samples import (
    CHECKPOINTS,
    ENTRIES,
    ENTRY,
    KEYS,
    LOG,
    LOG_FAILED,
    LOG_GROWN,
    SUBJECT,
)
from tests.gateway.pages.catalogue_samples import CATALOGUE_PAGES
from tests.gateway.pages.console_samples import BENCH, CONSOLE_PAGES
from tests.gateway.pages.consumer_samples import CHECK_PAGES, REPORT_PAGES, timelines, verdicts
from tests.gateway.pages.document_samples import DOCUMENT, DOCUMENT_REVOKED
from tests.gateway.pages.frames import AUDITOR, BENCH_WORKER, BUYER, HOST, NOW, PUBLIC, STAFF
from tests.gateway.pages.history_samples import digest
from tests.gateway.pages.import_samples import IMPORT_PAGES
from tests.gateway.pages.job_samples import JOB_PAGES
from tests.gateway.pages.label_samples import CLAIM_PAGES, LABEL_PAGES
from tests.gateway.pages.landed_samples import CARD, LANDED_PAGES
from tests.gateway.pages.lot_samples import (
    DRY_RUN,
    FILE_LINES,
    IMPORT,
    LOT,
    OPERATOR,
    REFUSALS,
    REJECTED,
    STATED,
)
from tests.gateway.pages.measuring_samples import MEASURING_PAGES
from tests.gateway.pages.offer_desk_samples import OFFER_DESK_PAGES, OFFER_PARTS
from tests.gateway.pages.order_samples import OFFER_PAGE, ORDER, ORDERS, RESERVATION
from tests.gateway.pages.people_samples import PEOPLE_PAGES
from tests.gateway.pages.price_samples import PRICE_PAGES, PRICE_PAGES_OF_BUYERS
from tests.gateway.pages.private_samples import ERASE_FORM, HITS, PRIVATE_ARTICLE, PRIVATE_RECORD
from tests.gateway.pages.purchase_samples import PLACES, PURCHASE_DESK, PURCHASE_PAGES
from tests.gateway.pages.scan_samples import SCAN_PAGES
from tests.gateway.pages.shipment_samples import MY_SHIPMENT_PAGES, PACKAGE_LABELS, SHIPMENT_PAGES
from tests.gateway.pages.statement_samples import STATEMENT_PAGES

COMPONENTS = components_view(NOW)

PAGES: dict[str, tuple[Page, Frame]] = {
    **PEOPLE_PAGES,
    **STATEMENT_PAGES,
    **{name: (view, replace(STAFF, path="/operator/jobs")) for name, view in JOB_PAGES.items()},
    **{name: (view, replace(STAFF, path="/operator/import")) for name, view in IMPORT_PAGES.items()},
    **{name: (view, replace(BENCH_WORKER, path="/measure")) for name, view in MEASURING_PAGES.items()},
    **{name: (view, replace(STAFF, path="/console")) for name, view in CONSOLE_PAGES.items()},
    **{name: (view, replace(STAFF, path="/operator/reports")) for name, view in REPORT_PAGES.items()},
    **{name: (view, PUBLIC) for name, view in (CHECK_PAGES | verdicts(PHONE) | timelines(PHONE)).items()},
    **{name: (view, replace(STAFF, path="/operator/labels")) for name, view in LABEL_PAGES.items()},
    **{name: (view, PUBLIC) for name, view in CLAIM_PAGES.items()},
    **{name: (view, replace(BUYER, path="/offers/x/landed")) for name, view in LANDED_PAGES.items()},
    "lot-card": (CARD, PUBLIC),
    **{name: (view, replace(STAFF, path="/operator/scans")) for name, view in SCAN_PAGES.items()},
    **{
        name: (view, replace(STAFF, path="/operator/shipments"))
        for name, view in (SHIPMENT_PAGES | PACKAGE_LABELS).items()
    },
    **{name: (view, replace(BUYER, path="/shipments")) for name, view in MY_SHIPMENT_PAGES.items()},
    **{name: (view, replace(STAFF, path=path)) for name, (view, path) in PRICE_PAGES.items()},
    **{name: (view, replace(BUYER, path=path)) for name, (view, path) in PRICE_PAGES_OF_BUYERS.items()},
    **{name: (view, replace(STAFF, path="/operator/offers")) for name, view in OFFER_DESK_PAGES.items()},
    **{
        name: (view, replace(BUYER, path=PLACES.get(name, "/purchases")))
        for name, view in PURCHASE_PAGES.items()
    },
    **{name: (view, replace(STAFF, path="/operator/purchases")) for name, view in PURCHASE_DESK.items()},
    "consumer-phone": (PHONE, PUBLIC),
    "consumer-missing": (PHONE_MISSING, PUBLIC),
    "consumer-changed": (PHONE_CHANGED, PUBLIC),
    "consumer-distrusted": (PHONE_DISTRUSTED, PUBLIC),
    "consumer-recalled": (PHONE_RECALLED, PUBLIC),
    "consumer-erased": (PHONE_ERASED, PUBLIC),
    "consumer-garment": (GARMENT, PUBLIC),
    "goods": (
        GoodsView(
            gtin="06952123010012",
            name="Lantern S3",
            lots=(
                GoodsLot(href="/lots/7q4hxm29kdt0v6w58nbx", lot_short="7q4hxm", grade="A"),
                GoodsLot(href="/lots/0v6w58nbx7q4hxm29kdt", lot_short="0v6w58", grade=""),
            ),
            more=True,
        ),
        PUBLIC,
    ),
    "choices": (
        ChoicesView(
            choices=(
                Choice(
                    href="/auditor/subjects/authorization:0", title="The permission to sell this lot (7q4hxm)"
                ),
                Choice(
                    href="/auditor/subjects/authorization:1", title="The permission to sell this lot (0v6w58)"
                ),
            )
        ),
        PUBLIC,
    ),
    "not-found": (
        NotFoundView(
            code="7q4hx-m29kd-t0v6w-58nbx", host=HOST, well_formed=True, completeness=Completeness(through=46)
        ),
        PUBLIC,
    ),
    "not-found-mistyped": (NotFoundView(code="7q4hx-m29", host=HOST, well_formed=False), PUBLIC),
    "home": (HomeView(lots=23, offers=6, entries=47, example_href="/q/7q4hxm29kdt0v6w58nbr"), PUBLIC),
    "home-mistyped": (
        HomeView(lots=0, offers=0, entries=0, typed="abc", typed_wrong=True),
        replace(PUBLIC, tree_size=None, demo=False),
    ),
    "login": (LoginView(state="ready", visitor=BUYER.visitor, action="/login/00ff", expires_at=NOW), PUBLIC),
    "login-used": (LoginView(state="used"), PUBLIC),
    "login-expired": (LoginView(state="expired"), PUBLIC),
    "login-unknown": (LoginView(state="unknown"), PUBLIC),
    "document": (DOCUMENT, PUBLIC),
    "document-revoked": (DOCUMENT_REVOKED, PUBLIC),
    "document-superseded": (
        replace(
            DOCUMENT,
            state="superseded",
            superseded_by_href="/d/0/1",
            number="CI-2026-0007",
            signer_custody="self",
        ),
        PUBLIC,
    ),
    "problem-403": (ProblemView(status=403, slug="forbidden", request_id="0f3a"), PUBLIC),
    "problem-403-signed-in": (ProblemView(status=403), BUYER),
    "problem-404": (ProblemView(status=404), PUBLIC),
    "problem-422": (
        ProblemView(status=422, slug="invalid-record", details=("/data/quantity: not a whole number",)),
        PUBLIC,
    ),
    "problem-500": (ProblemView(status=500, request_id="0f3a"), PUBLIC),
    "problem-418": (ProblemView(status=418), PUBLIC),
    **{name: (view, replace(BUYER, path="/catalogue")) for name, view in CATALOGUE_PAGES.items()},
    "offer": (replace(OFFER_PAGE, **OFFER_PARTS), BUYER),
    "offer-sold-out": (replace(OFFER_PAGE, form=None, manifest=None, grade=None), BUYER),
    "reservation": (RESERVATION, BUYER),
    "reservation-term-error": (
        replace(
            RESERVATION, form=replace(RESERVATION.form, error="incoterm-unknown", error_field="incoterm")
        ),
        BUYER,
    ),
    "reservation-form-error": (
        replace(RESERVATION, form=replace(RESERVATION.form, error="lot-changed", error_field="")),
        BUYER,
    ),
    "reservation-expired": (replace(RESERVATION, state="expired", form=None), BUYER),
    "reservation-converted": (
        replace(RESERVATION, state="converted", form=None, order_href="/orders/o1"),
        BUYER,
    ),
    "orders": (ORDERS, replace(BUYER, path="/orders")),
    "orders-empty": (OrdersView(orders=()), replace(BUYER, path="/orders")),
    "order": (ORDER, replace(BUYER, path="/orders/o1")),
    "order-without-documents": (
        replace(ORDER, documents=(), pack_href=""),
        replace(BUYER, path="/orders/o1"),
    ),
    "operator": (OPERATOR, STAFF),
    "operator-no-match": (replace(OPERATOR, lots=(), lots_total=0, query="zz", next_href=""), STAFF),
    "operator-empty": (OperatorView(consignments=(), lots=(), lots_total=0), STAFF),
    "lot": (LOT, STAFF),
    "lot-bench": (replace(LOT, bench=BENCH, regrade_href="?recompute=yes", articles_href="/x"), STAFF),
    "lot-without-codes": (
        replace(LOT, codes=(), codes_total=0, labels_href="", bundle_href="", grade=None),
        STAFF,
    ),
    "rejected": (
        RejectedRowsView(rows=REJECTED, total=4, download_href="/operator/rejected.csv"),
        replace(STAFF, path="/operator/rejected"),
    ),
    "rejected-empty": (RejectedRowsView(rows=(), total=0, download_href="/operator/rejected.csv"), STAFF),
    "refusals": (REFUSALS, replace(STAFF, path="/operator/refusals")),
    "refusals-empty": (replace(REFUSALS, rows=()), STAFF),
    "dry-run": (DRY_RUN, STAFF),
    "dry-run-refused": (replace(DRY_RUN, import_action="", rejected=(), remarks=()), STAFF),
    "lot-erased": (replace(LOT, erased=(ERASED,)), STAFF),
    "lot-files": (
        replace(LOT, files=FILE_LINES, files_form=form_of({}, {"file": "file-heic"}), files_action="/x"),
        replace(STAFF, flash="file-added"),
    ),
    "file-erase": (
        EraseFileView(action="/x", back_href="/y", line=FILE_LINES[0], form=form_of({})),
        STAFF,
    ),
    "file-erase-error": (
        EraseFileView(
            action="/x",
            back_href="/y",
            line=FILE_LINES[1],
            form=form_of({}, {"reason": "erasure-reason-missing"}),
        ),
        STAFF,
    ),
    "import": (IMPORT, replace(STAFF, path="/operator/import")),
    "import-refused": (
        replace(
            IMPORT,
            form=form_of({"spec": "apparel"}, {"file": "sheet-headers-missing"}),
            problem="column “款号” is missing; row 1 has “name”, “price”",
        ),
        replace(STAFF, path="/operator/import", readable="/operator/import"),
    ),
    "dry-run-known": (replace(DRY_RUN, import_action="", imported=True), STAFF),
    "dry-run-waits": (replace(DRY_RUN, unsigned=True, unidentified_before=4, **STATED), STAFF),
    "components": (COMPONENTS, replace(PUBLIC, path="/dev/components")),
    "private": (PrivateSearchView(), replace(STAFF, path="/operator/private")),
    "private-found": (
        PrivateSearchView(query="X7", hits=HITS, searched=True, more=True),
        replace(STAFF, path="/operator/private"),
    ),
    "private-nothing": (PrivateSearchView(query="zz", searched=True), STAFF),
    "private-lot": (
        PrivateLotView(
            lot_short="8d2s5x",
            lot_href="/operator/lots/8d2s5x",
            records=HITS[4:],
            articles=HITS[1:3],
            articles_total=96,
        ),
        STAFF,
    ),
    "private-lot-empty": (
        PrivateLotView(lot_short="8d2s5x", lot_href="/", records=(), articles=(), articles_total=0),
        STAFF,
    ),
    "private-record": (PRIVATE_RECORD, STAFF),
    "private-record-error": (
        replace(
            PRIVATE_RECORD,
            form=replace(
                ERASE_FORM,
                chosen=("price",),
                reason="personal_data",
                understood=True,
                error="not-erasable",
                error_field="fields",
            ),
        ),
        STAFF,
    ),
    "private-record-done": (
        replace(PRIVATE_RECORD, fields=PRIVATE_RECORD.fields[:1], form=None, copied=False),
        STAFF,
    ),
    "private-record-empty": (
        replace(PRIVATE_RECORD, fields=(), form=None, erased=(), rows_kept=0, rows_erased=0),
        STAFF,
    ),
    "private-article": (PRIVATE_ARTICLE, STAFF),
    "private-article-reason-error": (
        replace(
            PRIVATE_ARTICLE,
            form=replace(ERASE_FORM, error="erasure-reason-missing", error_field="reason"),
        ),
        STAFF,
    ),
    "private-article-box-error": (
        replace(
            PRIVATE_ARTICLE,
            form=replace(ERASE_FORM, reason="trade_secret", error="not-understood", error_field="understood"),
        ),
        STAFF,
    ),
    "private-article-erased": (replace(PRIVATE_ARTICLE, rows=(), form=None, erased=(ERASED,)), STAFF),
    "log": (LOG, AUDITOR),
    "log-grown": (LOG_GROWN, AUDITOR),
    "checkpoints": (CHECKPOINTS, AUDITOR),
    "checkpoints-empty": (CheckpointsView(lines=()), AUDITOR),
    "keys": (KEYS, AUDITOR),
    "keys-empty": (KeysView(keys=(), total=0), AUDITOR),
    "subject": (SUBJECT, AUDITOR),
    "subject-not-whole": (
        replace(SUBJECT, through=None, trouble="not-whole", pack_href="", history_href=""),
        AUDITOR,
    ),
    "entries-looked": (
        replace(ENTRIES, entries=(), total=None, key=digest("key 3"), looked_down_to=80_000),
        AUDITOR,
    ),
    "log-failed": (LOG_FAILED, AUDITOR),
    "log-unverified": (
        replace(
            LOG_FAILED,
            last_audit=replace(
                LOG_FAILED.last_audit, verdict="could-not-verify", findings=(), not_checked=()
            ),
        ),
        AUDITOR,
    ),
    "log-new": (
        replace(LOG, last_audit=None, types=(), completeness=None, archive_href="", commands=()),
        PUBLIC,
    ),
    "entries": (ENTRIES, AUDITOR),
    "entries-empty": (replace(ENTRIES, entries=(), total=0, subject="lot:zz"), AUDITOR),
    "entry": (ENTRY, AUDITOR),
    "entry-distrusted": (
        replace(ENTRY, distrusted=True, subjects=(), refs=(), committed=(), proof_href="", facts=()),
        AUDITOR,
    ),
}
