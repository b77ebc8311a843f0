"""A supplier's file before it is imported: what it would make, and what is wrong with it."""

from collections import Counter
from typing import Any

from sqlalchemy import Connection, select

from gateway.consignments.consignment import Consignment
from gateway.consignments.spec import ConsignmentSpec
from gateway.pages.building.consignments import CONSIGNMENTS
from gateway.pages.views import DryRunView, Form, ImportView, PlannedLot, Reason, RejectedRow
from gateway.workflows.read_upload import specs

REJECTED_SHOWN = 100
MIXED = "mixed"


def import_view(language: str, form: Form, problem: str = "") -> ImportView:
    return ImportView(
        specs=tuple((one.id, _title(one, language)) for one in specs()), form=form, problem=problem
    )


def dry_run_view(connection: Connection, read: Consignment, action: str) -> DryRunView:
    """action: where the import is posted, when there is anything to import."""
    is_known = _is_known(connection, read.sha256)
    fields = {header: field for field, header in read.headers}
    return DryRunView(
        file=read.file,
        sha256=read.sha256,
        header_row=read.header_row,
        mapping=(*fields.items(), *((header, "") for header in read.unknown_columns)),
        rows_total=read.rows,
        rows_accepted=len(read.articles),
        rows_overage=sum(article.over_age for article in read.articles),
        rejected=tuple(
            RejectedRow(
                file=one.file,
                row=one.row,
                column=one.column,
                value=one.value,
                reason=Reason(slug=one.reason, detail=", ".join(map(str, one.related_rows))),
            )
            for one in read.rejections[:REJECTED_SHOWN]
        ),
        rejected_total=len(read.rejected_rows),
        lots=tuple(
            PlannedLot(
                category=_common(lot.articles, "category"),
                brand=_common(lot.articles, "brand"),
                condition=_common(lot.articles, "condition"),
                rows=len(lot.articles),
                quantity=lot.declared,
            )
            for lot in read.lots
            if lot.articles
        ),
        remarks=tuple(note.text for note in read.notes if note.kind == "remark"),
        import_action=action if read.articles and not is_known else "",
        imported=is_known,
    )


def _is_known(connection: Connection, sha256: str) -> bool:
    statement = select(CONSIGNMENTS.c.sha256).where(CONSIGNMENTS.c.sha256 == sha256)
    return connection.execute(statement).first() is not None


def _common(articles: Any, name: str) -> str:
    """The value that most share; for conditions that differ, the word for that."""
    values = Counter(getattr(article, name) for article in articles)
    if name == "condition" and len(values) > 1:
        return MIXED
    return str(values.most_common(1)[0][0])


def _title(spec: ConsignmentSpec, language: str) -> str:
    title: str = getattr(spec.title, language.partition("-")[0])
    return title
