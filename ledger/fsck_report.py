"""What fsck says: findings with their place, which of them were put right, and how."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["wrong", "missing"]
FINDINGS_MAX = 1_000  # told one by one; the rest is counted
EXIT = {"whole": 0, "repaired": 0, "damaged": 3, "incomplete": 4, "rollback": 5}


@dataclass(frozen=True, slots=True)
class Finding:
    """kind: bytes that are there and wrong, or that are missing. entry: index it concerns, None for none.

    field: the column, or the object's name.
    """

    kind: Kind
    stage: str
    message: str
    entry: int | None = None
    field: str = ""

    def __str__(self) -> str:
        place = "" if self.entry is None else f"entry {self.entry}: "
        return f"{self.stage}: {place}{self.field + ': ' if self.field else ''}{self.message}"


@dataclass(slots=True)
class Report:
    """size: entries looked at; signed_size, root: of the largest signed tree that they give.

    repaired: those of ``findings`` that a second look did not find any more. rollback: words, when
    the database is behind what was shown or holds another history; then nothing was repaired.
    """

    origin: str
    size: int = 0
    signed_size: int = 0
    root: bytes = b""
    findings: list[Finding] = field(default_factory=list)
    repaired: list[Finding] = field(default_factory=list)
    untold: int = 0  # findings beyond FINDINGS_MAX that are not repaired
    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rollback: str = ""

    def find(self, finding: Finding) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)
        else:
            self.untold += 1

    @property
    def open(self) -> list[Finding]:
        """Found, and still so."""
        done = set(self.repaired)
        return [finding for finding in self.findings if finding not in done]

    @property
    def verdict(self) -> str:
        if self.rollback:
            return "rollback"
        left = self.open
        if self.untold or any(finding.kind == "wrong" for finding in left):
            return "damaged"
        if left:
            return "incomplete"
        return "repaired" if self.findings else "whole"

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def to_json(self) -> dict[str, Any]:
        done = set(self.repaired)
        return {
            "verdict": self.verdict,
            "exit": self.exit_code,
            "origin": self.origin,
            "size": self.size,
            "signed_size": self.signed_size,
            "root": self.root.hex(),
            "findings": [
                {
                    "kind": finding.kind,
                    "stage": finding.stage,
                    "entry": finding.entry,
                    "field": finding.field,
                    "message": finding.message,
                    "repaired": finding in done,
                }
                for finding in self.findings
            ],
            "findings_untold": self.untold,
            "checked": self.checked,
            "not_checked": self.not_checked,
            "notes": self.notes,
            "rollback": self.rollback,
        }
