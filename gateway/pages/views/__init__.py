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
    HeldBeside,
    ManifestSummary,
    Offer,
    OfferView,
    OrderDocument,
    OrderItem,
    OrderLine,
    OrdersView,
    OrderView,
    ReferencePrice,
    ReservationView,
    ReserveForm,
    StatusStep,
    Tally,
)
from gateway.pages.views.checking import CheckView
from gateway.pages.views.console import ArticlesView, ConsoleView, FiguresView, IssueCodesView, QueueView
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
    TimelineView,
    WipeAnswer,
)
from gateway.pages.views.developer import ComponentsView
from gateway.pages.views.forms import Form
from gateway.pages.views.frame import Frame, Visitor
from gateway.pages.views.goods import Choice, ChoicesView, GoodsLot, GoodsView
from gateway.pages.views.imports import ImportPage
from gateway.pages.views.jobs import JobsView, JobView
from gateway.pages.views.labels import LabelPage
from gateway.pages.views.landed import LandedPage
from gateway.pages.views.measuring import MeasuringPage
from gateway.pages.views.offer_desk import OfferDeskPage
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
    NewWord,
    OperatorView,
    PlannedLot,
    RecallNote,
    RefusalRow,
    RefusalsView,
    RejectedRow,
    RejectedRowsView,
    StatedLot,
)
from gateway.pages.views.party import PartyPage
from gateway.pages.views.people import PeoplePage
from gateway.pages.views.prices import PricePage
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
from gateway.pages.views.purchasing import PurchasePage
from gateway.pages.views.reports import EraseReportView, ReportsView, ReportView
from gateway.pages.views.scans import ScanAlertView, ScansView
from gateway.pages.views.shipments import ShipmentPage
from gateway.pages.views.statements import StatingPage
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
    | TimelineView
    | PurchasePage
    | StatingPage
    | ShipmentPage
    | PartyPage
    | CheckView
    | ReportView
    | ReportsView
    | EraseReportView
    | ScansView
    | ScanAlertView
    | NotFoundView
    | HomeView
    | LoginView
    | DocumentCheckView
    | GoodsView
    | ChoicesView
    | ProblemView
    | CatalogueView
    | OfferView
    | ReservationView
    | OrdersView
    | OrderView
    | OperatorView
    | LotView
    | ConsoleView
    | QueueView
    | FiguresView
    | IssueCodesView
    | ArticlesView
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
    | MeasuringPage
    | LabelPage
    | ImportPage
    | PricePage
    | OfferDeskPage
    | LandedPage
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
    "Choice",
    "ChoicesView",
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
    "GoodsLot",
    "GoodsView",
    "Grade",
    "GradeOverride",
    "Growth",
    "Hash",
    "HeldBeside",
    "HomeView",
    "ImportPage",
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
    "NewWord",
    "NotFoundView",
    "Offer",
    "OfferDeskPage",
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
    "ReferencePrice",
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
    "StatedLot",
    "StatementLine",
    "StatusStep",
    "Step",
    "SubjectLine",
    "SubjectRecord",
    "SubjectView",
    "Tally",
    "Territory",
    "TimelineView",
    "TypeCount",
    "UnitPrice",
    "Value",
    "Visitor",
    "WipeAnswer",
    "WitnessLine",
    "Word",
]
