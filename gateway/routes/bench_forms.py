"""What the form of one article says, and what is wrong with it."""

from typing import Any, Final

from gateway.deps import Visit
from gateway.files.errors import FileTooLarge
from gateway.files.intake import Accepted, accept
from gateway.files.media import EVIDENCE, PICTURES, Media
from gateway.files.receive import FILE_BYTES_MAX
from gateway.measuring import repairs
from gateway.measuring.findings import Article, Finding, override_trouble
from gateway.measuring.questions import GRADES_TO_GIVE, OVERRIDES, PREFIX, read_answers
from gateway.routes.sent_answers import SentAnswers
from gateway.store import drafts, files
from gateway.workflows import keep_file, stations
from gateway.workflows.measure import Bench
from gateway.workflows.measure_sheet import asked_of

VERSIONS: Final = 1_000_000_000


def finding_of(sent: SentAnswers, one: Bench) -> tuple[Finding, dict[str, str]]:
    """What the form says, and what is wrong with it, by field. Raises FileRefused."""
    if one.kind != "inspection":
        return _repaired(sent, one)
    if one.scheme is None:
        return {}, {"": "scheme-missing"}
    answers = {name.removeprefix(PREFIX): texts[0] for name, texts in sent.values.items()}
    measured, wrong = read_answers(asked_of(one), answers)
    finding: dict[str, Any] = {"measured": measured}
    wrong = {PREFIX + name: slug for name, slug in wrong.items()}
    given, reason = sent.one("override"), sent.one("reason")
    if given:
        finding["override"] = {"grade": given, "reason": reason}
        if given not in GRADES_TO_GIVE:
            wrong["override"] = "not-a-choice"
        elif reason not in OVERRIDES:
            wrong["reason"] = "reason-missing"
        elif not wrong and override_trouble(one.scheme, finding):
            wrong["override"] = "override-not-possible"
    device = stations.repeated(sent.visit.connection, one, sent.one("device"), measured)
    if device:
        finding["device"] = device
    if not measured and not wrong:
        wrong[""] = "nothing-measured"
    return finding, wrong


def findings_of(
    visit: Visit, one: Bench, place: Article, sent: SentAnswers, finding: Finding, wrong: dict[str, str]
) -> tuple[Finding, ...]:
    """All that is known of the article once this form is taken. Fills ``wrong``."""
    removed = sent.one("remove")
    if removed == "all":
        wrong.clear()
        return ()
    if place.quantity == 1:
        return (finding,)
    standing = drafts.find(visit.connection, one.work, place.slot)
    known = list(standing.findings) if standing and standing.state == "measured" else []
    if removed.isascii() and removed.isdigit() and int(removed) < len(known):
        wrong.clear()
        return tuple(known[: int(removed)] + known[int(removed) + 1 :])
    left = place.quantity - sum(int(each.get("quantity", 1)) for each in known)
    text = sent.one("quantity").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0):
        wrong["quantity"] = "quantity-not-a-number"
        return ()
    if int(text) > left:
        wrong["quantity"] = "more-than-there-are"
        return ()
    return (*known, {**finding, **({"quantity": int(text)} if int(text) > 1 else {})})


def _repaired(sent: SentAnswers, one: Bench) -> tuple[Finding, dict[str, str]]:
    visit = sent.visit
    certificate = sent.one("certificate_sha256")
    if "certificate" in sent.files:
        paper = accepted(sent.files["certificate"], EVIDENCE - PICTURES)
        kept = keep_file.keep(
            visit.installation, paper, owner=visit.party, lot=one.lot, added_by=visit.principal
        )
        certificate = kept.sha256
    elif certificate not in {
        file.sha256 for file in files.of_lot(visit.connection, one.lot) if file.owner == visit.party
    }:
        certificate = ""
    answers = {name: texts[0] for name, texts in sent.values.items()}
    steps, wrong = repairs.read_steps(answers, certificate)
    if not steps and not wrong:
        wrong[""] = "nothing-repaired"
    return {"steps": steps}, wrong


def typed(sent: SentAnswers) -> dict[str, str]:
    return {name: texts[0] for name, texts in sent.values.items()}


def seen(sent: SentAnswers) -> int:
    text = sent.one("seen")
    return min(int(text), VERSIONS) if text.isascii() and text.isdigit() and len(text) <= 10 else 0


def accepted(data: bytes, wanted: frozenset[Media]) -> Accepted:
    if len(data) > FILE_BYTES_MAX:
        raise FileTooLarge(FILE_BYTES_MAX)
    return accept(data, wanted)
