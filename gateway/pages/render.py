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
from gateway.pages.navigation import account_href, doors
from gateway.pages.views import Frame, Page, people

TEMPLATES_DIR: Final = Path(__file__).parent.parent / "templates"

TEMPLATES: Final[Mapping[type[Page], str]] = {
    views.ConsumerView: "consumer/article.html",
    views.NotFoundView: "consumer/not_found.html",
    views.HomeView: "public/home.html",
    views.LoginView: "public/login.html",
    views.DocumentCheckView: "public/document_check.html",
    views.ProblemView: "public/problem.html",
    views.CatalogueView: "buyer/catalogue.html",
    views.OfferView: "buyer/offer.html",
    views.ReservationView: "buyer/reservation.html",
    views.OrdersView: "buyer/orders.html",
    views.OrderView: "buyer/order.html",
    views.OperatorView: "operator/dashboard.html",
    views.LotView: "operator/lot.html",
    views.RejectedRowsView: "operator/rejected_rows.html",
    views.RefusalsView: "operator/refusals.html",
    views.DryRunView: "operator/dry_run.html",
    views.EraseFileView: "operator/erase_file.html",
    views.ImportView: "operator/import.html",
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
}


def render(view: Page, *, language: str, frame: Frame) -> str:
    """Render one page.

    language: a tag of ``gateway.i18n.LANGUAGES``, as ``choose_language`` returns it.
    """
    template = _environment(language).get_template(TEMPLATES[type(view)])
    return template.render(
        view=view,
        frame=frame,
        doors=doors(frame),
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
