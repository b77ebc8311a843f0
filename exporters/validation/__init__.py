"""Validators of finished documents: each has passed, has failed, or was not run, and says why."""

from exporters.validation.manifest import Check, Finding, Manifest, Outcome, required
from exporters.validation.validate import validate

__all__ = ["Check", "Finding", "Manifest", "Outcome", "required", "validate"]
