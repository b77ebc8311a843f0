"""What validated a document, and what could not: the part of its manifest that nobody may skip.

A validator that is absent, crashes, or fires no rule has not passed. *Not run* is its own outcome and
carries a reason; whoever releases a document reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from exporters.errors import FailedValidation

Outcome = Literal["passed", "failed", "not_run"]


@dataclass(frozen=True, order=True)
class Finding:
    """rule: the id of what is broken. place: where, as the validator names it."""

    rule: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.place}: {self.reason}"


@dataclass(frozen=True)
class Check:
    """One validator's answer. fired: how many rules it really applied, where it can tell."""

    validator: str
    version: str
    outcome: Outcome
    reason: str = ""  # why it was not run
    findings: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    fired: int | None = None

    def __post_init__(self) -> None:
        assert (self.outcome == "not_run") == bool(self.reason)
        assert (self.outcome == "failed") == bool(self.findings)
        assert self.fired != 0 or self.outcome != "passed", "a validator that fired nothing has not passed"


@dataclass(frozen=True)
class Manifest:
    """sha256: of the very bytes that were validated, hexadecimal."""

    document: str
    sha256: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome == "failed")

    @property
    def not_run(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.outcome == "not_run")

    def facts(self) -> dict[str, Any]:
        """In JSON shape, to stand beside the document."""
        return {
            "document": self.document,
            "sha256": self.sha256,
            "validators": [_check(check) for check in self.checks],
        }


def required(manifest: Manifest) -> Manifest:
    """The manifest of a document that may be released. Raises FailedValidation when a validator failed.

    It is also refused when every validator was not run: nobody has looked at it then.
    """
    failed = [f"{check.validator}: {finding}" for check in manifest.failed for finding in check.findings]
    if not failed and all(check.outcome == "not_run" for check in manifest.checks):
        failed = ["no validator was run"]
    if failed:
        raise FailedValidation(manifest.document, failed)
    return manifest


def passed_or_failed(
    validator: str,
    version: str,
    findings: Sequence[Finding],
    *,
    warnings: Sequence[Finding] = (),
    fired: int | None = None,
) -> Check:
    """The answer of a validator that was run."""
    if fired == 0:
        findings = [*findings, Finding("fired-rules", "/", "the validator applied no rule at all")]
    return Check(
        validator,
        version,
        "failed" if findings else "passed",
        findings=tuple(findings),
        warnings=tuple(warnings),
        fired=fired,
    )


def not_run(validator: str, version: str, reason: str) -> Check:
    return Check(validator, version, "not_run", reason=reason)


def _check(check: Check) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "validator": check.validator,
        "version": check.version,
        "outcome": check.outcome,
    }
    if check.reason:
        facts["reason"] = check.reason
    if check.fired is not None:
        facts["fired"] = check.fired
    for name, found in (("findings", check.findings), ("warnings", check.warnings)):
        if found:
            facts[name] = [
                {"rule": finding.rule, "place": finding.place, "reason": finding.reason} for finding in found
            ]
    return facts
