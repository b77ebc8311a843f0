"""View models: everything a page shows, as frozen values. The contract between routes and templates."""

from gateway.pages.views.auditor import (
    AuditResult,
    CheckpointLine,
    CheckpointsView,
    EntriesView,
    EntryLine,
    EntryView,
    Finding,
    Growth,
    KeyLine,
    KeysView,
    LogView,
    SubjectLine,
    SubjectRecord,
    SubjectView,
    TypeCount,
    WitnessLine,
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
    ErasedNote,
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
from gateway.pages.views.private import (
    EraseForm,
    PrivateArticleView,
    PrivateField,
    PrivateHit,
    PrivateLotView,
    PrivateRecordView,
    PrivateRow,
    PrivateSearchView,
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
    | PrivateSearchView
    | PrivateLotView
    | PrivateRecordView
    | PrivateArticleView
    | LogView
    | EntriesView
    | EntryView
    | CheckpointsView
    | KeysView
    | SubjectView
)

__all__ = [
    "Answers",
    "Article",
    "AuditResult",
    "BatteryAnswer",
    "CatalogueView",
    "CheckLinks",
    "CheckpointLine",
    "CheckpointsView",
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
    "EraseForm",
    "ErasedNote",
    "Facet",
    "FacetOption",
    "Fact",
    "Finding",
    "Frame",
    "GateCheck",
    "Grade",
    "Growth",
    "Hash",
    "HomeView",
    "KeyLine",
    "KeysView",
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
    "PrivateArticleView",
    "PrivateField",
    "PrivateHit",
    "PrivateLotView",
    "PrivateRecordView",
    "PrivateRow",
    "PrivateSearchView",
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
    "SubjectRecord",
    "SubjectView",
    "Tally",
    "Territory",
    "TypeCount",
    "UnitPrice",
    "Value",
    "Visitor",
    "WipeAnswer",
    "WitnessLine",
    "Word",
]
