"""What an audit says: findings with their place, what was checked, what was not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["wrong", "missing"]
NOTES_MAX = 1_000  # a stolen key may have signed much; the report says how many there are beyond
FINDINGS_MAX = 20  # of one stage of a database; the first ones name the place
NO_HEADS = "the tree of {} does not end with log.heads: a history could be cut short unseen"
EXIT = {"verified": 0, "failed": 3, "unverified": 4}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold.

    entry: index it concerns, None for none; field: JSON pointer; subjects: ids of the subjects whose
    history it touches, as the entry's own bytes name them.
    """

    kind: Kind
    stage: str
    message: str
    entry: int | None = None
    field: str = ""
    subjects: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = "" if self.entry is None else f"entry {self.entry}: "
        about = f" (of {', '.join(self.subjects)})" if self.subjects else ""
        return f"{self.stage}: {place}{self.message}{about}"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "stage": self.stage,
            "entry": self.entry,
            "field": self.field,
            "subjects": list(self.subjects),
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know that is not wrong: the log itself says it. entry, type: of the record it is about.

    keys: ids of the keys that are meant.
    """

    stage: str
    message: str
    entry: int | None = None
    type: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.stage}: {self.message}"

    def to_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "entry": self.entry,
            "type": self.type,
            "keys": list(self.keys),
            "message": self.message,
        }


@dataclass(slots=True)
class Report:
    """What an audit found. entries: judged; tree_size, root, note: of the verified checkpoint.

    notes: what to know besides; they do not change the verdict. resumed_from: entries below this index
    were judged by an earlier run, and not again by this one.
    """

    source: str
    origin: str = ""
    tree_size: int = 0
    root: bytes = b""
    entries: int = 0
    resumed_from: int = 0
    beyond_checkpoint: int = 0
    consistent_from: int | None = None
    checked: list[str] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    note: bytes = b""

    @property
    def verdict(self) -> str:
        if any(finding.kind == "wrong" for finding in self.findings):
            return "failed"
        return "unverified" if self.findings else "verified"

    @property
    def exit_code(self) -> int:
        return EXIT[self.verdict]

    def find(
        self,
        kind: Kind,
        stage: str,
        message: str,
        *,
        entry: int | None = None,
        place: str = "",
        subjects: Sequence[str] = (),
    ) -> None:
        self.findings.append(Finding(kind, stage, message, entry, place, tuple(subjects)))

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "exit": self.exit_code,
            "source": self.source,
            "origin": self.origin,
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "entries": self.entries,
            "resumed_from": self.resumed_from,
            "beyond_checkpoint": self.beyond_checkpoint,
            "consistent_from": self.consistent_from,
            "checked": self.checked,
            "not_checked": self.not_checked,
            "findings": [finding.to_json() for finding in self.findings],
            "notes": [note.to_json() for note in self.notes],
        }
