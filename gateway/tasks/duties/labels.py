"""A run of labels as a job: drawn in parts of whole pages, read again, put together, released.

The mark lists the parts that are made. They lie in the object store under their hash, so an attempt that
died loses the part it was at; what it had made is not made again.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from exporters.errors import ExportersError
from exporters.labels import sheet, thermal
from exporters.labels.sheet import LabelWords
from exporters.labels.stock import Printing, printing
from gateway.errors import NotFound, Refused
from gateway.i18n import translations
from gateway.pages.building.article import name_of
from gateway.pages.label_words import ON_LABELS
from gateway.store import labels
from gateway.store.goods import Item
from gateway.store.labels import LabelRun
from gateway.tasks.attempt import Attempt
from gateway.tasks.duties.exports import object_key
from gateway.tasks.kinds import LabelRunId
from gateway.tasks.runner import Result
from gateway.workflows.print_labels import drawn, release, sign_run
from gateway.workflows.work import Work
from ledger.core import pack
from ledger.errors import InvalidRecord, MissingEvidence
from qrcodes.label import Label

LABELS_A_PART: Final = 480  # about a second of work, and a box of paper that a person can hold


def print_labels(attempt: Attempt, told: LabelRunId) -> Result:
    """Raises Refused where a label cannot be made or read, or the ledger says no: nothing is released."""
    installation = attempt.installation
    with installation.database.reading() as connection:
        run = labels.one(connection, told.run)
    if run is None or run.state == "refused":
        raise NotFound(told.run)
    if run.state == "waiting":
        try:
            run = _make(attempt, run)
        except (ExportersError, InvalidRecord) as error:  # once more would change neither
            trouble = str(error)
            installation.writer.do(lambda ledger: labels.refused(ledger.connection, told.run, trouble))
            raise Refused("labels-unreadable", trouble) from error
    installation.publisher.publish()
    return {"sha256": run.sha256, "filename": run.filename, "size": run.size, "labels": run.labels}


def words_of(language: str) -> LabelWords:
    """The words on labels, in the language that was chosen for them."""
    say = translations(language).gettext
    return LabelWords(**{name: say(text) for name, text in ON_LABELS.items()})


def shown_name(items: Sequence[Item], language: str) -> str:
    return name_of(items, language, single=len(items) == 1) if items else ""


def _make(attempt: Attempt, run: LabelRun) -> LabelRun:
    """Make the parts that are not there yet, put them together and release the run."""
    installation = attempt.installation
    chosen = printing(run.format)
    if run.variant == "signed":
        sign_run(installation, run)
    with installation.database.reading() as connection:
        found = labels.labels_of(connection, run.id)
        texts = drawn(connection, run, found, installation.public_url, shown_name)
    parts = _parts(attempt, texts, chosen, words_of(run.language))
    content, filename = _whole(run, chosen, [installation.files.get(object_key(one)) for one in parts])
    digest = sha256(content).hexdigest()
    installation.files.create(object_key(digest), content)  # a crash from here on makes the same file again

    def unit(work: Work) -> None:
        release(work, run.id, sha256=digest, size=len(content), filename=filename)

    installation.writer.do(lambda ledger: unit(Work(installation, ledger)))
    with installation.database.reading() as connection:
        released = labels.one(connection, run.id)
    assert released is not None
    return released


def _parts(attempt: Attempt, texts: Sequence[Label], chosen: Printing, words: LabelWords) -> list[str]:
    """Hashes of the parts in their order."""
    store = attempt.installation.files
    parts: list[str] = list(attempt.job.resume_at or [])
    a_part = LABELS_A_PART // chosen.stock.labels_a_page * chosen.stock.labels_a_page
    total = len(texts)
    for number, start in enumerate(range(0, total, a_part)):
        attempt.progress(start, total, "labels")
        if number < len(parts) and _is_there(attempt, parts[number]):
            continue
        content = render(texts[start : start + a_part], chosen, words)
        digest = sha256(content).hexdigest()
        store.create(object_key(digest), content)
        parts = [*parts[:number], digest]
        attempt.mark(parts)
    attempt.progress(total, total, "labels")
    return parts


def render(texts: Sequence[Label], chosen: Printing, words: LabelWords) -> bytes:
    """Made and read again. Raises ExportersError."""
    if chosen.dots_per_inch is not None:
        return thermal.rolls(texts, chosen.stock, words, chosen.dots_per_inch)
    return sheet.sheets(texts, chosen.stock, words)


def _is_there(attempt: Attempt, digest: str) -> bool:
    try:
        return sha256(attempt.installation.files.get(object_key(digest))).hexdigest() == digest
    except MissingEvidence:
        return False


def _whole(run: LabelRun, chosen: Printing, parts: Sequence[bytes]) -> tuple[bytes, str]:
    """One file: the only part, all of a roll's labels, or a zip of numbered PDFs."""
    name = f"labels-{run.id.partition(':')[2]}"
    if chosen.dots_per_inch is not None:
        return b"".join(parts), f"{name}.zpl"
    if len(parts) == 1:
        return parts[0], f"{name}.pdf"
    return pack.archive((f"{name}-{n:02d}.pdf", part) for n, part in enumerate(parts, 1)), f"{name}.zip"
