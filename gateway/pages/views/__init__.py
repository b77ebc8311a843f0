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
    StatementLine,
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
    GradeOverride,
    NotFoundView,
    OriginAnswer,
    RepairAnswer,
    Scans,
    ScorePart,
    Step,
    WipeAnswer,
)
from gateway.pages.views.developer import ComponentsView
from gateway.pages.views.forms import Form
from gateway.pages.views.frame import Frame, Visitor
from gateway.pages.views.jobs import JobsView, JobView
from gateway.pages.views.operator import (
    CodeLine,
    Consignment,
    DryRunView,
    EraseFileView,
    FileLine,
    ImportView,
    LineageNode,
    LotLine,
    LotView,
    MarketState,
    OperatorView,
    PlannedLot,
    RecallNote,
    RefusalRow,
    RefusalsView,
    RejectedRow,
    RejectedRowsView,
)
from gateway.pages.views.people import PeoplePage
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
    | EraseFileView
    | ImportView
    | ComponentsView
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
    | JobsView
    | JobView
    | PeoplePage
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
    "ComponentsView",
    "ConfirmForm",
    "Consignment",
    "ConsumerView",
    "Correction",
    "DocumentCheckView",
    "DryRunView",
    "EntriesView",
    "EntryLine",
    "EntryView",
    "EraseFileView",
    "EraseForm",
    "ErasedNote",
    "Facet",
    "FacetOption",
    "Fact",
    "FileLine",
    "Finding",
    "Form",
    "Frame",
    "GateCheck",
    "Grade",
    "GradeOverride",
    "Growth",
    "Hash",
    "HomeView",
    "ImportView",
    "JobView",
    "JobsView",
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
    "PeoplePage",
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
    "RecallNote",
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
    "StatementLine",
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
