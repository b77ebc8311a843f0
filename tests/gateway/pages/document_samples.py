"""A paper whose code was opened."""

from dataclasses import replace
from datetime import date

from gateway.pages.views import DocumentCheckView, Signer
from tests.gateway.pages.frames import NOW
from tests.gateway.pages.history_samples import digest

DOCUMENT = DocumentCheckView(
    kind="commercial-invoice",
    page=1,
    number="",
    issued_on=date(2026, 11, 22),
    sha256=digest("ci"),
    dossier_sha256=digest("dossier"),
    entry_index=45,
    entry_href="/auditor/entries/45",
    signer_custody="operator",
    state="current",
    checked_at=NOW,
    filename="commercial-invoice.pdf",
)
DOCUMENT_REVOKED = replace(
    DOCUMENT,
    state="revoked",
    version=2,
    number="LP-20261120-58JWEH v2",
    signer=Signer(
        role="exporter",
        party_kind="operator",
        party_short="5tdkch4w",
        key_id=digest("key"),
        custody="operator",
    ),
    issuer="Shenzhen Weizhan Supply Chain Co., Ltd.",
    revoked_at=NOW,
    revoked_reason="the container was changed 换柜",
    forms=(("pdf", digest("ci")), ("ubl", digest("ubl"))),
)
