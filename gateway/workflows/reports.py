"""What a stranger reports about goods: kept, answered, erased. It is evidence, and never a record."""

import secrets
import unicodedata
from contextlib import suppress
from typing import Final

from gateway.errors import NotFound
from gateway.files.intake import Accepted
from gateway.store import reports
from gateway.store.reports import Report
from gateway.tasks.outbox import Cause
from gateway.wiring import Installation
from gateway.workflows import keep_file
from gateway.workflows.erase import want_purge
from ledger.core.subjects import base32
from ledger.record import Ledger

ID_BYTES: Final = 13  # whoever knows the id may read the answer
OPEN_MAX: Final = 20  # open reports of one code


def tidied(text: str) -> str:
    """As it may be kept: composed, lines ended one way, nothing that is not to be seen."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(filter(_is_seen, line)).rstrip() for line in lines).strip()


def send(
    installation: Installation, *, code: str, lot: str, kind: str, text: str, contact: str,
    photo: Accepted | None,
) -> str | None:  # fmt: skip
    """Keep a report and return its id, durable; None when very many of this code are open."""
    id_ = base32(secrets.token_bytes(ID_BYTES))
    with installation.database.reading() as connection:
        if reports.open_of_code(connection, code) >= OPEN_MAX:
            return None
    file = ""
    if photo is not None:  # about no lot: among the papers of a lot stands what the operator put there
        owner = installation.config.operator
        file = keep_file.keep(installation, photo, owner=owner, lot="", added_by=f"report:{id_}").id
    # A crash here leaves a photo without a report; the operator's people alone could ever see it.
    report = Report(id_, code, lot, kind, text, contact, file, installation.wall_clock.now())
    installation.writer.do(lambda ledger: reports.add(ledger.connection, report))
    return id_


def answer(installation: Installation, report_id: str, text: str, *, by: str) -> None:
    """Raises NotFound."""
    now = installation.wall_clock.now()

    def unit(ledger: Ledger) -> bool:
        return reports.answer(ledger.connection, report_id, text, by=by, at=now)

    _done(report_id, installation.writer.do(unit))


def reopen(installation: Installation, report_id: str) -> None:
    """Raises NotFound."""
    now = installation.wall_clock.now()
    done = installation.writer.do(lambda ledger: reports.reopen(ledger.connection, report_id, at=now))
    _done(report_id, done)


def erase(installation: Installation, report: Report) -> None:
    """The photo first: a crash in between leaves a report that can be erased again. Raises NotFound."""
    if report.photo:
        with suppress(NotFound):  # it was erased by itself already
            keep_file.erase(installation, report.photo, "personal_data", owner=installation.config.operator)
    now = installation.wall_clock.now()

    def unit(ledger: Ledger) -> bool:
        done = reports.erase(ledger.connection, report.id, at=now)
        if done:  # what was said still stands in old pages of the database's files
            want_purge(ledger.connection, installation.clock.now(), Cause.of("erasure"))
        return done

    _done(report.id, installation.writer.do(unit))


def _is_seen(character: str) -> bool:
    """Joiners are parts of letters and pictures; what turns the direction of text around is not."""
    return character in "\u200c\u200d" or unicodedata.category(character)[0] != "C"


def _done(report_id: str, done: bool) -> None:
    if not done:
        raise NotFound(report_id)
