"""Which jobs there are: what each is called, what it is told, and what happens when it fails.

A kind is declared here and done in ``catalogue``, so that whoever causes a job imports no worker.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gateway.store.jobs import Line

Effect = Literal["database", "outside"]


class Arguments(BaseModel):
    """Ids and numbers only: what they stand for is read when the job runs, and erased where it lives."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Nothing(Arguments):
    pass


Told = TypeVar("Told", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Retry:
    """first, cap: the shortest and the longest pause between attempts. attempts: the last one parks."""

    attempts: int = 8
    first: timedelta = timedelta(seconds=2)
    cap: timedelta = timedelta(minutes=15)

    def pause(self, attempt: int, chance: float) -> timedelta:
        """After the ``attempt``-th failure (1-based): doubled each time, with jitter.

        chance: 0..1. Half of the pause is certain, so that nobody hammers; half is chance, so that
        those who failed together do not come back together.
        """
        doubled: timedelta = self.first * 2 ** min(attempt - 1, 20)
        longest = min(self.cap, doubled)
        return longest * (0.5 + 0.5 * chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Told]):
    """name: stable, it stands in rows and messages.

    effect: "database": the effect and the end of the job are one transaction, hence exactly once.
    "outside": at least once, with the job's id for the receiver to know it by, or an object that is
    created if absent. line: "free": in any order. "skip", "hold": one job of a subject at a time, in
    the order of their causes; a parked one is passed over, or holds up those behind it. coalesces: a
    cause that comes while one waits is served by that one. cancellable: also while it runs.
    """

    name: str
    arguments: type[Told]
    effect: Effect = "outside"
    line: Line = "free"
    retry: Retry = field(default_factory=Retry)
    lease: timedelta = timedelta(seconds=30)
    coalesces: bool = False
    cancellable: bool = False


class Order(Arguments):
    order: str = Field(pattern=r"^order:[0-9a-z]{10,30}$")


class Lot(Arguments):
    """receiver, company: see ``workflows.disclosure``; "" for no company."""

    lot: str = Field(pattern=r"^lot:[0-9a-z]{10,30}$")
    receiver: Literal["public", "buyer", "customs", "operator", "auditor"]
    company: str = Field(default="", max_length=40)


class SupplierFile(Arguments):
    """file: id of an upload. spec: how to read it."""

    file: str = Field(pattern=r"^[0-9a-z]{1,40}$")
    spec: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")


class LabelRunId(Arguments):
    run: str = Field(pattern=r"^run:[0-9a-z]{20}$")


class Record(Arguments):
    """index: of an entry of the log."""

    index: int = Field(ge=0)


class ShipmentId(Arguments):
    shipment: str = Field(pattern=r"^shipment:[0-9a-z]{10,30}$")


class ScanAlert(Arguments):
    """alert: id of what was remarkable about the readings of a code."""

    alert: str = Field(pattern=r"^scn_[0-9a-z]{1,30}$")


class Letter(Arguments):
    """Mail for one reader.

    about: the id of what the template tells of; of a recall, the index of its entry; of a statement
    that waits, also how often it was renewed; of a delay, also its whole weeks.

    to: id of a user; of an invitation, of itself: whoever is invited is no user yet.
    """

    template: Literal[
        "invited",
        "job_parked",
        "order_confirmed",
        "purchase_approval",
        "purchase_ended",
        "purchase_held",
        "shipment_dispatched",
        "shipment_delivered",
        "shipment_late",
        "hold_released",
        "recall",
        "recall_ended",
        "statement_waits",
        "statement_recorded",
        "statement_declined",
        "scan_alert",
        "search_found",
    ]
    about: str = Field(max_length=60)
    to: str = Field(max_length=60)


SHIP_ORDER: Final = Kind(name="ship_order", arguments=Order, line="skip", lease=timedelta(seconds=60))
RECHECK: Final = Kind(name="recheck", arguments=Nothing, coalesces=True, lease=timedelta(seconds=60))
PURGE: Final = Kind(
    name="purge", arguments=Nothing, coalesces=True, lease=timedelta(minutes=5), retry=Retry(attempts=20)
)
EXPORT_LOT: Final = Kind(name="export_lot", arguments=Lot, cancellable=True, retry=Retry(attempts=4))
EXPORT_LOG: Final = Kind(name="export_log", arguments=Nothing, cancellable=True, retry=Retry(attempts=4))
IMPORT_FILE: Final = Kind(
    name="import_file", arguments=SupplierFile, line="hold", cancellable=True, lease=timedelta(minutes=2)
)
PRINT_LABELS: Final = Kind(
    name="print_labels", arguments=LabelRunId, lease=timedelta(minutes=2), retry=Retry(attempts=5)
)
ISSUE_PAPERS: Final = Kind(
    name="issue_papers", arguments=ShipmentId, line="skip", lease=timedelta(minutes=2), cancellable=True,
    retry=Retry(attempts=5),
)  # fmt: skip
TELL_RECALL: Final = Kind(name="tell_recall", arguments=Record, effect="database")
MAIL: Final = Kind(name="mail", arguments=Letter, retry=Retry(attempts=12))
CLEAN: Final = Kind(name="clean", arguments=Nothing, effect="database", coalesces=True)
SWEEP: Final = Kind(name="sweep", arguments=Nothing, coalesces=True, lease=timedelta(minutes=5))
ALARM: Final = Kind(name="alarm", arguments=Nothing, effect="database", coalesces=True)
AGE_SCANS: Final = Kind(name="age_scans", arguments=Nothing, effect="database", coalesces=True)
PUSH_OFFERS: Final = Kind(name="push_offers", arguments=Nothing, effect="database", coalesces=True)
TELL_SEARCHES: Final = Kind(name="tell_searches", arguments=Nothing, effect="database", coalesces=True)
TELL_SCANS: Final = Kind(name="tell_scans", arguments=ScanAlert, effect="database")

ALL: Final[Mapping[str, Kind[Arguments]]] = {
    kind.name: kind  # type: ignore[misc]  # a kind of some arguments stands for one of any
    for kind in (
        SHIP_ORDER,
        RECHECK,
        PURGE,
        EXPORT_LOT,
        EXPORT_LOG,
        IMPORT_FILE,
        PRINT_LABELS,
        ISSUE_PAPERS,
        TELL_RECALL,
        MAIL,
        CLEAN,
        SWEEP,
        ALARM,
        AGE_SCANS,
        PUSH_OFFERS,
        TELL_SCANS,
        TELL_SEARCHES,
    )
}
