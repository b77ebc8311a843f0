"""A form as it comes back: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Form:
    """The macros of templates/shared/ui.html read it. Empty when the form is shown first."""

    values: tuple[tuple[str, str], ...] = ()  # (field, text as typed); never a password
    errors: tuple[tuple[str, str], ...] = ()  # (field, slug of words.FORM_ERRORS); field "": the whole form

    def value(self, field: str) -> str:
        return dict(self.values).get(field, "")

    def error(self, field: str) -> str:
        """The slug of what is wrong with the field, "" when nothing is."""
        return dict(self.errors).get(field, "")


def form_of(values: Mapping[str, str], errors: Mapping[str, str] | None = None) -> Form:
    return Form(values=tuple(values.items()), errors=tuple((errors or {}).items()))
