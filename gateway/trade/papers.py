"""What the exporter's papers say beside the facts of goods and orders, and what people may state for them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FactKind = Literal["text", "flag", "percent", "day", "choice", "codes"]
TEXT_MAX: Final = 200
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)\s*%"
_FIBRE: Final = re.compile(rf"([^\d\s%,;/+]+)\s*{_NUMBER}")  # 棉98% 氨纶2%
_FIBRE_LAST: Final = re.compile(rf"{_NUMBER}\s*([^\d\s%,;/+]+)")  # 98% cotton 2% elastane
_PERCENT: Final = re.compile(r"[0-9]{1,3}", re.ASCII)
_CN_CODE: Final = re.compile(r"([0-9]{6})=([0-9]{10}(?:[0-9]{3})?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Statable:
    """A fact that only a person can state of a shipment. choices: of ``choice``."""

    name: str
    kind: FactKind
    choices: tuple[str, ...] = ()


# In the order of the form. Certificates and licences are numbers of papers that others issue.
STATABLE: Final[Mapping[str, Statable]] = {
    one.name: one
    for one in (
        Statable("holder_declaration", "flag"),
        Statable("contract_states_function", "flag"),
        Statable("soncap_certificate", "text"),
        Statable("conformity_certificate", "text"),
        Statable("crypto_licence", "text"),
        Statable("supply_chain_records", "flag"),
        Statable("responsible_person", "text"),
        Statable("manufacturer_contact", "text"),
        Statable("battery_packing", "choice", ("contained_in_equipment", "packed_with_equipment", "alone")),
        Statable("battery_soc_percent", "percent"),
        Statable("battery_soc_on", "day"),
        Statable("vessel", "text"),
        Statable("voyage", "text"),
        Statable("booking", "text"),
        Statable("bill", "choice", ("original", "sea_waybill", "telex_release", "air_waybill")),
        Statable("bill_of_lading", "text"),
        Statable("cn_codes", "codes"),
    )
}
CERTIFICATES: Final = ("soncap_certificate", "conformity_certificate", "crypto_licence", "bill_of_lading")


def read_fact(name: str, text: str) -> str | None:
    """A stated fact as it is kept, "" for taken back, None where the text is none of its kind."""
    wanted, said = STATABLE[name], " ".join(text.split())
    if not said:
        return ""
    match wanted.kind:
        case "text":
            return said if len(said) <= TEXT_MAX else None
        case "flag":
            return "yes" if said == "yes" else None
        case "choice":
            return said if said in wanted.choices else None
        case "percent":
            return str(int(said)) if _PERCENT.fullmatch(said) and int(said) <= 100 else None
        case "day":
            try:
                return date.fromisoformat(said).isoformat()
            except ValueError:
                return None
        case "codes":
            pairs = [_CN_CODE.fullmatch(part) for part in said.replace(",", " ").split()]
            fits = [one[0] for one in pairs if one and one[2].startswith(one[1])]
            return " ".join(fits) if len(fits) == len(pairs) else None


def cn_codes(text: str) -> dict[str, str]:
    """Six digits -> the Chinese code that was stated for them."""
    return {part[:6]: part[7:] for part in text.split()}


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Closed):
    """A text in the languages of the papers."""

    en: str
    vi: str
    zh: str

    def filled(self, **values: str) -> dict[str, str]:
        """In JSON shape, with ``{name}`` replaced."""
        return {name: text.format(**values) for name, text in self.model_dump().items()}


class Payment(_Closed):
    """deposit: some of it before the sale; open: days after delivery; prompt: at once."""

    deposit: Words
    open: Words
    prompt: Words


class Battery(_Closed):
    """What a maker's UN 38.3 summary says, by the number that sheets give: ``exporters.proofs``."""

    report: str
    un_number: str
    shipping_name: str
    chemistry: Literal["lithium_ion", "lithium_metal", "sodium_ion"]
    cells: int = Field(ge=1)
    batteries: int = Field(ge=1)
    section: str
    manufacturer: str
    manufacturer_contact: str
    laboratory: str
    laboratory_contact: str
    reported_on: date
    manual_edition: str
    passed: tuple[str, ...]
    signatory: str

    def summary(self) -> dict[str, Any]:
        names = (
            "manufacturer", "manufacturer_contact", "laboratory", "laboratory_contact", "report",
            "reported_on", "manual_edition", "passed", "signatory",
        )  # fmt: skip
        said = self.model_dump(mode="json")
        return {name: said[name] for name in names}


class ChinaUnits(_Closed):
    """Statutory units of an HS prefix; kilograms are the net mass, others are pieces."""

    hs: str
    first: str
    second: str = ""


class China(_Closed):
    """As of ``exporters.customs``; elements: 申报要素 that hold for every line."""

    customs_office: str
    exit_port: str
    supervision: str
    levy: str
    source: str
    duty: str
    customs_registration: str
    elements: Mapping[str, str]
    units: tuple[ChinaUnits, ...]

    def units_of(self, hs: str) -> ChinaUnits | None:
        """Those of the longest prefix that fits."""
        fitting = [one for one in self.units if hs.startswith(one.hs)]
        return max(fitting, key=lambda one: len(one.hs), default=None)


class PapersPolicy(_Closed):
    id: str
    version: str
    effective: date
    source: str
    payment: Payment
    protection: Words
    scope: Words
    tests: Mapping[str, Words]
    china: China
    fibres: Mapping[str, Words]
    batteries: tuple[Battery, ...]

    def battery(self, report: str | None) -> Battery | None:
        return next((one for one in self.batteries if one.report == report), None)

    def fibres_of(self, text: str | None) -> list[dict[str, Any]]:
        """Shares by weight as a sheet says them; none where they are not all known, or make no whole."""
        said = (text or "").strip()
        named = _FIBRE.findall(said)
        if said[:1].isdigit():
            named = [(name, percent) for percent, name in _FIBRE_LAST.findall(said)]
        shares: list[dict[str, Any]] = []
        for name, percent in named:
            known = self.fibres.get(name)
            if known is None and not name.isascii():
                return []
            shares.append({"fibre": known.filled() if known else {"en": name}, "percent": _plain(percent)})
        whole = sum((Decimal(one["percent"]) for one in shares), Decimal(0))
        return shares if whole == 100 else []


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
