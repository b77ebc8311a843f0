"""What an audit found since a checkpoint, as a letter: plain text that is Markdown, or HTML of the same."""

import html
from collections.abc import Iterator
from datetime import datetime

from ledger.audit_report import Report
from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import print_at
from ledger.core.note import Note

VERDICTS = {
    "verified": "VERIFIED: nothing that was checked is wrong, and nothing needed is missing.",
    "failed": "FAILED: something is there and wrong.",
    "unverified": "COULD NOT VERIFY: something needed is missing.",
}


def since(note: bytes) -> Checkpoint:
    """Where the time to report on began. Raises ProofError. Its signature is the audit's to verify."""
    return Checkpoint.parse(Note.parse(note).text)


def as_markdown(report: Report, before: Checkpoint, at: datetime) -> str:
    """Lines of at most what was found; texts from the log stand in code, so that they format nothing."""
    return "\n".join(_lines(report, before, at)) + "\n"


def as_html(report: Report, before: Checkpoint, at: datetime) -> str:
    """One page without scripts, styles or addresses of others."""
    title = html.escape(f"Audit of {report.origin or report.source}")
    body = html.escape(as_markdown(report, before, at))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><pre>{body}</pre></body>\n</html>\n"
    )


def _lines(report: Report, before: Checkpoint, at: datetime) -> Iterator[str]:
    yield from (f"# Audit of {_code(report.origin or report.source)}", "")
    yield from (VERDICTS[report.verdict], "")
    yield f"- made at: {print_at(at)} by the clock of whoever audited"
    yield f"- source: {_code(report.source)}"
    yield f"- since: tree size {before.size}, root `{before.root.hex()}`"
    if report.note:
        yield f"- until: tree size {report.tree_size}, root `{report.root.hex()}`"
    if report.consistent_from == before.size:
        yield f"- consistent: the log extends that tree by {report.tree_size - before.size} entries"
    else:
        yield "- consistent: NOT SHOWN; nothing says that this log extends the tree since which it was asked"
    if report.resumed_from:
        yield f"- entries below {report.resumed_from} were judged by an earlier audit, and not again"
    if report.beyond_checkpoint:
        yield f"- {report.beyond_checkpoint} entries are not under a checkpoint yet, and were not looked at"
    yield from _listed("Findings", [str(finding) for finding in report.findings])
    yield from _listed("Notes", [str(note) for note in report.notes])
    yield from _listed("Checked", report.checked)
    yield from _listed("Not checked", report.not_checked)
    if report.note:
        yield from ("", "## The checkpoint that was audited", "", "```")
        yield report.note.decode("utf-8", "replace").rstrip("\n")
        yield "```"


def _listed(title: str, items: list[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from (f"- {_code(item)}" for item in items)
    if not items:
        yield "none"


def _code(text: str) -> str:
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"
