"""Letters: what each template says, to whom, in the language that they chose.

The job knows ids only. Names, addresses and prices are read when the letter is written, so that what was
erased by then stands in no letter.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from sqlalchemy import Connection

from gateway.i18n import Formatter, translations
from gateway.pages import words
from gateway.people import organisations
from gateway.people.invitations import path_of
from gateway.store import (
    addressees,
    jobs,
    party_names,
    people,
    purchases,
    saved_searches,
    scans,
    statements,
    trade,
)
from gateway.store.addressees import Addressee
from gateway.store.people import Invitation
from gateway.tasks.attempt import Attempt
from gateway.tasks.duties.letter_text import Text
from gateway.tasks.duties.trade_letters import hold_text, shipment_text
from gateway.tasks.kinds import Letter
from gateway.tasks.runner import Result
from gateway.wiring import Installation
from gateway.workflows import keep_search
from gateway.workflows.recalls import news_of
from qrcodes.serial import printed

INVITED: Final = "invited"


def send(attempt: Attempt, told: Letter) -> Result:
    """A letter that nobody can receive any more is none; that is no failure."""
    installation = attempt.installation
    with installation.database.reading() as connection:
        if told.template == INVITED:
            owed = people.letter_owed(connection, told.about, installation.wall_clock.now())
            to = None if owed is None else Addressee("", owed[0].email, owed[0].language)
            text = None if owed is None else _invited(installation, connection, *owed)
        else:
            to = addressees.find(connection, told.to)
            text = None if to is None else _text(installation, connection, told, to.language)
    if to is None or text is None or not to.email:
        return {"nobody": 1}
    attempt.check()
    installation.mailer.send(written(installation, attempt.job.id, to, text))
    if told.template == INVITED:  # a crash before this sends the letter once more, under the same Message-ID
        installation.writer.do(lambda ledger: people.letter_is_out(ledger.connection, told.about))
    return {"letters": 1}


def written(installation: Installation, job_id: str, to: Addressee, text: Text) -> EmailMessage:
    """The letter itself. Its Message-ID is the job's id: sent twice, it is one letter."""
    say = _phrases(to.language)
    letter = EmailMessage()
    letter["Message-ID"] = f"<{job_id}@{installation.config.origin.partition('/')[0]}>"
    letter["From"] = installation.settings.mail_from
    letter["To"] = to.email
    letter["Date"] = format_datetime(installation.clock.now())
    letter["Subject"] = say(f"{text.name}-subject", text.facts)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine answers it
    letter.set_content(
        "\n\n".join(
            (
                say("hello", {"name": to.name}) if to.name else say("hello-stranger", {}),
                say(f"{text.name}-text", text.facts),
                f"{say(f'{text.name}-more', text.facts)}\n{installation.public_url}{text.path}",
                f"-- \n{say('farewell', {})}",
            )
        )
        + "\n"
    )
    letter["Content-Language"] = to.language  # set last: new content takes its headers away
    return letter


def _text(installation: Installation, connection: Connection, told: Letter, language: str) -> Text | None:
    if told.template in ("recall", "recall_ended"):
        return _recall(connection, told, language)
    if told.template == "search_found":
        return _search(installation, connection, told)
    if told.template.startswith("statement_"):
        return _statement(connection, told, language)
    if told.template.startswith("purchase_"):
        return _purchase(connection, told, language)
    if told.template.startswith("shipment_"):
        return shipment_text(connection, told, language, installation.clock.now())
    return _ABOUT[told.template](connection, told.about, language)


def _search(installation: Installation, connection: Connection, told: Letter) -> Text | None:
    """Counted now, as the company may see it now: what went since the job was caused stands in no letter."""
    id_, _, since = told.about.rpartition(":")
    saved = saved_searches.get(connection, id_)
    if saved is None or not saved.letters:
        return None
    count = keep_search.new_in(installation, connection, replace(saved, told_us=int(since)))
    if not count:
        return None
    facts = {"name": saved.name, "count": f"{count}+" if count == keep_search.TOLD_MAX else str(count)}
    return Text("found", f"/catalogue/searches/{saved.id}", facts)


def _invited(
    installation: Installation, connection: Connection, invitation: Invitation, nonce: str
) -> Text | None:
    where = organisations.find(installation, connection, invitation.organisation)
    if where is None:
        return None
    language = invitation.language
    inviter = people.user(connection, invitation.invited_by.removeprefix("user:"))
    kind, role = words.message_id("place_kinds", where.kind), words.message_id("roles", invitation.role)
    assert kind is not None, where.kind
    assert role is not None, invitation.role
    say = translations(language).gettext
    facts = {
        "inviter": inviter.name if inviter else "Lotproof",
        "role": say(role),
        "place": where.name or say(kind),
        "until": Formatter(language).moment(invitation.expires_at),
    }
    return Text("invited", path_of(connection, invitation.id, nonce), facts)


def _order_confirmed(connection: Connection, about: str, language: str) -> Text | None:
    order = trade.order(connection, about)
    if order is None:
        return None
    formats = Formatter(language)
    facts = {
        "order": order.po_number,
        "pieces": formats.number(order.quantity),
        "total": formats.money(order.total_minor, order.currency),
    }
    return Text("order", f"/orders/{order.id.partition(':')[2]}", facts)


def _purchase(connection: Connection, told: Letter, language: str) -> Text | None:
    purchase = purchases.get(connection, told.about)
    if purchase is None:
        return None
    formats, say = Formatter(language), translations(language).gettext
    steps = reversed(purchases.events(connection, purchase.id))
    reason = next((one.reason for one in steps if one.reason), "")
    phrase = words.message_id("purchase_reasons", reason or "other")
    assert phrase is not None, reason
    facts = {
        "order": purchase.po_number,
        "total": formats.money(purchase.total_minor, purchase.currency),
        "reason": say(phrase),
        "until": formats.moment(purchase.hold_until) if purchase.hold_until else "",
    }
    return Text(told.template.replace("_", "-"), f"/purchases/{purchase.id}", facts)


def _job_parked(connection: Connection, about: str, language: str) -> Text | None:
    job = jobs.get(connection, about)
    if job is None or job.state != "parked":
        return None  # somebody has seen to it meanwhile
    kind = words.message_id("job_kinds", job.kind)
    told = translations(language).gettext(kind) if kind else job.kind
    return Text("parked", f"/operator/jobs/{job.id}", {"kind": told})


def _recall(connection: Connection, told: Letter, language: str) -> Text | None:
    """One letter over all orders of the reader's companies that a recall, or its end, is about."""
    news = news_of(connection, int(told.about))
    companies = addressees.organisations_of(connection, told.to)
    orders = [order for order in news.orders if order.company in companies]
    if not orders:
        return None
    reason = words.message_id("record_reasons", news.reason)
    facts = {
        "order": ", ".join(order.po_number for order in orders),
        "pieces": Formatter(language).number(sum(order.quantity for order in orders)),
        "reason": translations(language).gettext(reason) if reason else news.reason,
    }
    path = f"/orders/{orders[0].id.partition(':')[2]}" if len(orders) == 1 else "/orders"
    return Text(told.template.replace("_", "-"), path, facts)


def _statement(connection: Connection, told: Letter, language: str) -> Text | None:
    """None once the moment has passed: signed meanwhile, or composed anew with a letter of its own."""
    id_, _, renewed = told.about.partition(":")
    found = statements.find(connection, id_, party=None)
    state = told.template.removeprefix("statement_").replace("waits", "waiting")
    if found is None or found.state != state or (renewed and int(renewed) != found.renewed):
        return None
    say, action = translations(language).gettext, words.message_id("actions", found.action)
    facts = {
        "statement": say(action or words.message_id("record_types", found.type) or found.type),
        "author": party_names.name_of(connection, found.author, language) or "Lotproof",
        "reason": found.reason,
    }
    return Text(told.template.replace("_", "-"), f"/statements/{found.id}", facts)


def _scan_alert(connection: Connection, about: str, language: str) -> Text | None:
    """None once somebody has looked at it."""
    alert = scans.alert(connection, about)
    if alert is None or alert.state != "open":
        return None
    notice = words.message_id("scan_alerts", alert.notice)
    facts = {
        "what": translations(language).gettext(notice) if notice else alert.notice,
        "code": printed(alert.code),
        "times": Formatter(language).number(alert.readings),
    }
    return Text("scans", f"/operator/scans/{alert.id}", facts)


_ABOUT: Final = {
    "order_confirmed": _order_confirmed,
    "job_parked": _job_parked,
    "scan_alert": _scan_alert,
    "hold_released": hold_text,
}


def _phrases(language: str) -> Callable[[str, Mapping[str, str]], str]:
    catalogue = translations(language)

    def say(phrase: str, facts: Mapping[str, str]) -> str:
        message = words.message_id("letters", phrase)
        assert message is not None, phrase
        text: str = catalogue.gettext(message) % facts
        return text.replace("\r", " ").replace("\n", " ")  # a name with a line break makes no header

    return say
