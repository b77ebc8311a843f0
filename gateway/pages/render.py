"""View model in, HTML out. Pure: the same view, language and frame give the same page."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import InternationalizationExtension

from gateway.i18n import LANGUAGES, Language, translations
from gateway.pages import views
from gateway.pages.filters import Filters
from gateway.pages.navigation import account_href, rooms
from gateway.pages.views import (
    Frame,
    Page,
    checking,
    console,
    imports,
    labels,
    landed,
    measuring,
    offer_desk,
    papers,
    party,
    people,
    prices,
    purchasing,
    reports,
    scans,
    shipments,
    statements,
)

TEMPLATES_DIR: Final = Path(__file__).parent.parent / "templates"

TEMPLATES: Final[Mapping[type[Page], str]] = {
    views.ConsumerView: "consumer/article.html",
    views.TimelineView: "consumer/timeline.html",
    views.NotFoundView: "consumer/not_found.html",
    checking.CheckView: "consumer/check.html",
    reports.ReportView: "consumer/report.html",
    reports.ReportsView: "operator/reports.html",
    reports.EraseReportView: "operator/erase_report.html",
    scans.ScansView: "operator/scans.html",
    scans.ScanAlertView: "operator/scan_alert.html",
    views.HomeView: "public/home.html",
    views.LoginView: "public/login.html",
    views.DocumentCheckView: "public/document_check.html",
    views.GoodsView: "public/goods.html",
    views.ChoicesView: "public/choices.html",
    views.ProblemView: "public/problem.html",
    views.CatalogueView: "buyer/catalogue.html",
    views.OfferView: "buyer/offer.html",
    landed.LandedView: "buyer/landed_page.html",
    landed.LotCardView: "public/lot_card.html",
    views.ReservationView: "buyer/reservation.html",
    views.OrdersView: "buyer/orders.html",
    views.OrderView: "buyer/order.html",
    purchasing.BasketView: "buyer/basket.html",
    purchasing.PurchasesView: "buyer/purchases.html",
    purchasing.PurchaseView: "buyer/purchase.html",
    purchasing.OwnCompanyView: "buyer/company.html",
    views.OperatorView: "operator/dashboard.html",
    views.LotView: "operator/lot.html",
    console.ConsoleView: "console/home.html",
    console.QueueView: "console/queue.html",
    console.FiguresView: "console/figures.html",
    console.IssueCodesView: "console/codes.html",
    console.ArticlesView: "console/articles.html",
    views.RejectedRowsView: "operator/rejected_rows.html",
    views.RefusalsView: "operator/refusals.html",
    views.DryRunView: "operator/dry_run.html",
    views.EraseFileView: "operator/erase_file.html",
    views.ImportView: "operator/import.html",
    imports.ColumnsView: "operator/import_columns.html",
    imports.FactsView: "operator/import_facts.html",
    imports.StockView: "operator/stock.html",
    offer_desk.OfferDeskView: "operator/offers.html",
    offer_desk.DeskOfferView: "operator/offer.html",
    offer_desk.DraftOfferView: "operator/offer_draft.html",
    offer_desk.TradeFiguresView: "operator/trade_figures.html",
    views.ComponentsView: "developer/components.html",
    views.PrivateSearchView: "operator/private.html",
    views.PrivateLotView: "operator/private_lot.html",
    views.PrivateRecordView: "operator/private_record.html",
    views.PrivateArticleView: "operator/private_article.html",
    views.LogView: "auditor/log.html",
    views.EntriesView: "auditor/entries.html",
    views.EntryView: "auditor/entry.html",
    views.CheckpointsView: "auditor/checkpoints.html",
    views.KeysView: "auditor/keys.html",
    views.SubjectView: "auditor/subject.html",
    views.JobsView: "jobs/list.html",
    views.JobView: "jobs/job.html",
    labels.LabelsView: "operator/labels.html",
    labels.ClaimView: "consumer/claim.html",
    measuring.WorksView: "measuring/works.html",
    measuring.BenchView: "measuring/bench.html",
    measuring.ArticleView: "measuring/article.html",
    measuring.SheetView: "measuring/sheet.html",
    measuring.SampleView: "measuring/sample.html",
    measuring.ResultView: "measuring/result.html",
    measuring.DevicesView: "measuring/devices.html",
    measuring.DeviceView: "measuring/device.html",
    people.SignInView: "people/sign_in.html",
    people.SecondFactorView: "people/second_factor.html",
    people.RecoveryCodesView: "people/recovery_codes.html",
    people.InvitationView: "people/invitation.html",
    people.JoinView: "people/join.html",
    people.AccountView: "people/account.html",
    people.ApiKeysView: "people/keys.html",
    people.PeopleView: "people/users.html",
    people.InvitationsView: "people/invitations.html",
    people.UserView: "people/user.html",
    people.CompaniesView: "people/companies.html",
    people.CompanyView: "people/company.html",
    people.EventsView: "people/events.html",
    shipments.ShipmentsView: "operator/shipments.html",
    shipments.ShipmentView: "operator/shipment.html",
    papers.PapersView: "operator/papers.html",
    shipments.PickView: "operator/pick.html",
    shipments.PackageLabelsView: "operator/shipment_labels.html",
    shipments.MyShipmentsView: "buyer/shipments.html",
    shipments.MyShipmentView: "buyer/shipment.html",
    statements.ActionView: "statements/action.html",
    statements.StatementsView: "statements/list.html",
    statements.StatementView: "statements/statement.html",
    party.PartyView: "party/home.html",
    party.PermissionsView: "party/permissions.html",
    party.PermissionView: "party/permission.html",
    party.BrandGoodsView: "party/goods.html",
    party.PartyLotView: "party/lot.html",
    prices.PriceListsView: "prices/lists.html",
    prices.PriceListView: "prices/list.html",
    prices.StatedPricesView: "prices/references.html",
    prices.SalesView: "prices/events.html",
    prices.SaleView: "prices/event.html",
    prices.SaleOffersView: "buyer/sale_event.html",
    prices.AudiencesView: "prices/audiences.html",
    prices.AudienceView: "prices/audience.html",
    prices.ExposuresView: "prices/exposures.html",
}


def render(view: Page, *, language: str, frame: Frame) -> str:
    """Render one page.

    language: a tag of ``gateway.i18n.LANGUAGES``, as ``choose_language`` returns it.
    """
    template = _environment(language).get_template(TEMPLATES[type(view)])
    return template.render(
        view=view,
        frame=frame,
        rooms=rooms(frame),
        account_href=account_href(frame),
        language_links=_language_links(frame),
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[InternationalizationExtension],
    )
    catalogue = translations(language)
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(Filters(language, catalogue).named())
    environment.globals["language"] = LANGUAGES[language]
    return environment


def _language_links(frame: Frame) -> list[tuple[Language, str]]:
    """Link this very page in every language, with the parameters it was opened with."""
    kept = [(name, value) for name, value in frame.query if name != "lang"]
    return [
        (language, f"{frame.readable}?" + urlencode([*kept, ("lang", tag)]))
        for tag, language in LANGUAGES.items()
    ]
