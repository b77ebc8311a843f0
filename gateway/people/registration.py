"""Registration numbers of companies, held against the check digits that python-stdnum knows."""

import re
from typing import Any, Final, Literal

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

NumberCheck = Literal["valid", "invalid", "not-checked"]
LENGTH_MAX: Final = 40
# What a company of a country may give: its tax number or its entry in the register, each under the name
# that python-stdnum has for it.
KINDS: Final = ("vat", "tin", "businessid")
MORE: Final = {
    "AU": ("abn", "acn"), "FR": ("siren", "siret"), "IN": ("gstin", "pan"), "KR": ("brn",),
    "NL": ("btw",), "NZ": ("ird",), "TW": ("ubn",), "US": ("ein",),
}  # fmt: skip


def check(country: str, number: str) -> NumberCheck:
    """Whether the number can be one of that country.

    country: ISO 3166-1 alpha-2. ``not-checked`` where nobody has published a check digit: a person looks.
    That a number is well formed does not say whose it is.
    """
    modules = [module for name in (*KINDS, *MORE.get(country, ())) if (module := _module(country, name))]
    if not modules:
        return "not-checked"
    return "valid" if any(_fits(module, number) for module in modules) else "invalid"


def _module(country: str, name: str) -> Any:
    """python-stdnum's module, None where it has none. Its names are codes: nothing else is imported."""
    if re.fullmatch(r"[A-Z]{2}", country) is None:
        return None
    return get_cc_module(country.lower(), name)


def _fits(module: Any, number: str) -> bool:
    try:
        module.validate(number)
    except ValidationError:
        return False
    return True
