"""View models: everything a page shows, as frozen values. The contract between routes and templates."""

from gateway.pages.views.auditor import (
    AuditResult,
    EntriesView,
    EntryLine,
    EntryView,
    Finding,
    LogView,
    SubjectLine,
    TypeCount,
)
from gateway.pages.views.buyer import (
    CatalogueView,
    ConfirmForm,
    Facet,
    FacetOption,
    GateCheck,
    ManifestSummary,
    Offer,
    OfferView,
    OrderDocument,
    OrderItem,
    OrderLine,
    OrdersView,
    OrderView,
    ReservationView,
    ReserveForm,
    StatusStep,
    Tally,
)
from gateway.pages.views.consumer import (
    Answers,
    Article,
    BatteryAnswer,
    CheckLinks,
    Completeness,
    ConsumerView,
    Correction,
    Grade,
    NotFoundView,
    OriginAnswer,
    RepairAnswer,
    Scans,
    ScorePart,
    Step,
    WipeAnswer,
)
from gateway.pages.views.frame import Frame, Visitor
from gateway.pages.views.operator import (
    CodeLine,
    Consignment,
    DryRunView,
    LineageNode,
    LotLine,
    LotView,
    MarketState,
    OperatorView,
    PlannedLot,
    RefusalRow,
    RefusalsView,
    RejectedRow,
    RejectedRowsView,
)
from gateway.pages.views.public import DocumentCheckView, HomeView, LoginView, ProblemView
from gateway.pages.views.values import (
    Fact,
    Hash,
    Link,
    Mass,
    Measurement,
    Money,
    Percent,
    Reason,
    Signer,
    Territory,
    UnitPrice,
    Value,
    Word,
)

Page = (
    ConsumerView
    | NotFoundView
    | HomeView
    | LoginView
    | DocumentCheckView
    | ProblemView
    | CatalogueView
    | OfferView
    | ReservationView
    | OrdersView
    | OrderView
    | OperatorView
    | LotView
    | RejectedRowsView
    | RefusalsView
    | DryRunView
    | LogView
    | EntriesView
    | EntryView
)

__all__ = [
    "Answers",
    "Article",
    "AuditResult",
    "BatteryAnswer",
    "CatalogueView",
    "CheckLinks",
    "CodeLine",
    "Completeness",
    "ConfirmForm",
    "Consignment",
    "ConsumerView",
    "Correction",
    "DocumentCheckView",
    "DryRunView",
    "EntriesView",
    "EntryLine",
    "EntryView",
    "Facet",
    "FacetOption",
    "Fact",
    "Finding",
    "Frame",
    "GateCheck",
    "Grade",
    "Hash",
    "HomeView",
    "LineageNode",
    "Link",
    "LogView",
    "LoginView",
    "LotLine",
    "LotView",
    "ManifestSummary",
    "MarketState",
    "Mass",
    "Measurement",
    "Money",
    "NotFoundView",
    "Offer",
    "OfferView",
    "OperatorView",
    "OrderDocument",
    "OrderItem",
    "OrderLine",
    "OrderView",
    "OrdersView",
    "OriginAnswer",
    "Page",
    "Percent",
    "PlannedLot",
    "ProblemView",
    "Reason",
    "RefusalRow",
    "RefusalsView",
    "RejectedRow",
    "RejectedRowsView",
    "RepairAnswer",
    "ReservationView",
    "ReserveForm",
    "Scans",
    "ScorePart",
    "Signer",
    "StatusStep",
    "Step",
    "SubjectLine",
    "Tally",
    "Territory",
    "TypeCount",
    "UnitPrice",
    "Value",
    "Visitor",
    "WipeAnswer",
    "Word",
]
