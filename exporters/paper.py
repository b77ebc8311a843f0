"""Renders a sheet as PDF: one template for every paper that is made of sections.

A draft is the same paper with a mark across each page and its gaps named; it is never recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass

from exporters import pdf
from exporters.codes import Language
from exporters.document import Document
from exporters.dossier import ShipmentDossier, texts
from exporters.errors import IncompleteDossier
from exporters.fields import absent
from exporters.frame import filename, frame, page_link
from exporters.sheet import Sheet, facts
from ledger.core import canonical


@dataclass(frozen=True)
class Paper:
    """One kind of paper. sheet: what it says, as a pure function of the dossier."""

    kind: str
    title: str
    version: int
    required_facts: tuple[str, ...]
    sheet: Callable[[ShipmentDossier], Sheet]
    language: Language | None = None  # of its readers, where they are not the destination's
    around: bool = True  # parties and terms stand above the sections; false where these say it all

    def missing(self, dossier: ShipmentDossier) -> list[str]:
        """What it still needs: its required facts, and every gap of its sheet."""
        lacking = absent(dossier, self.required_facts)
        return lacking or self.sheet(dossier).missing()

    def render(self, dossier: ShipmentDossier, *, draft: bool = False) -> Document:
        """Render it with its own values attached as JSON.

        Pure: the same dossier gives the same bytes. Raises IncompleteDossier with every missing fact;
        a draft only needs those in ``required_facts``. Raises UnprintableText when our fonts lack a
        character.
        """
        entry = dossier.document(self.kind)
        lacking = absent(dossier, self.required_facts) if draft else self.missing(dossier)
        if lacking or entry is None:
            raise IncompleteDossier(self.title.lower(), missing=lacking or [f"documents.{self.kind}"])
        pdf.check_characters(texts(dossier))
        sections = facts(self.sheet(dossier))
        around = frame(dossier, entry)
        attached = {
            "v": 1,
            "kind": self.kind,
            "number": entry.number,
            "issue_date": dossier.issue_date.isoformat(),
            "dossier_sha256": around["dossier_sha256"],
            "draft": draft,
            "sections": sections,
        }
        content, pages = pdf.typeset(
            "paper",
            around
            | {"draft": draft, "sections": sections, "around": self.around}
            | ({"language": self.language} if self.language else {}),
            issue_date=dossier.issue_date,
            page_link=lambda page: page_link(dossier, entry, page),
            attachment=pdf.Attachment(
                name=f"{self.kind.replace('_', '-')}.json",
                media_type="application/json",
                content=canonical.dumps(attached),
                description="What this paper says, as values",
            ),
        )
        return Document(filename(entry, ".pdf"), pdf.MEDIA_TYPE, content, pages)
