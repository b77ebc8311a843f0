"""What every document of a shipment carries around its table: letterhead, parties, terms, links.

Values are turned into print-ready text here; templates only place it. A *wording* in these facts is
``{"en": …, "local": …}``, without ``local`` where the documents are in English alone.
"""

import re
from collections.abc import Mapping
from typing import Any

from exporters import codes
from exporters.codes import Language
from exporters.dossier import ShipmentDossier, dossier_hash
from exporters.goods import Line
from exporters.parts import DocumentEntry, Party, Place, Wording
from qrcodes import DocumentLink, clear_host, printed

Facts = dict[str, Any]
_NAMED_EVERYWHERE = frozenset({"commercial_invoice", "packing_list"})  # what the other papers refer to
# A line of an invoice or a packing list says no more; the battery declaration says the rest.
_TOLD_OF_DANGER = {
    "un_number", "shipping_name", "packing_instruction", "watt_hours", "state_of_charge_percent",
}  # fmt: skip


def frame(dossier: ShipmentDossier, entry: DocumentEntry) -> Facts:
    """The facts of the page around the table, for one document of the dossier."""
    letterhead = dossier.party("seller")
    assert letterhead is not None
    return {
        "language": dossier.language,
        "kind": entry.kind,
        "number": entry.number,
        "date": dossier.issue_date.isoformat(),
        "version": dossier.version,
        "letterhead": _party(letterhead, dossier.language),
        "parties": [
            _party(party, dossier.language)
            for party in dossier.parties
            if party is not letterhead and "origin_issuer" not in party.roles
        ],
        "details": _details(dossier, entry),
        "host": clear_host(dossier.base_url),
        "link": clear_host(page_link(dossier, entry, 1)).removesuffix("/1"),
        "code": printed(entry.code),
        "dossier_sha256": dossier_hash(dossier).hex(),
    }


def page_link(dossier: ShipmentDossier, entry: DocumentEntry, page: int) -> str:
    return str(DocumentLink(dossier.base_url, entry.code, page))


def filename(entry: DocumentEntry, suffix: str) -> str:
    """``commercial-invoice-INV-2026-001.pdf``: the number with all but ``[A-Za-z0-9.-]`` made a hyphen."""
    number = re.sub(r"[^A-Za-z0-9.]+", "-", entry.number).strip("-.")
    return "-".join(filter(None, (entry.kind.replace("_", "-"), number))) + suffix


def wording(text: Wording | Mapping[Language, str] | None, language: Language) -> dict[str, str] | None:
    """English, and the documents' other language where the text exists in it."""
    if text is None:
        return None
    spoken = text.model_dump(exclude_none=True) if isinstance(text, Wording) else dict(text)
    both = {"en": spoken["en"]}
    if language != "en" and language in spoken:
        both["local"] = spoken[language]
    return both


def goods_of(line: Line, language: Language) -> Facts:
    """How a line is described on any document."""
    return {
        "name": " ".join(filter(None, (line.brand, line.model))),
        "description": wording(line.description, language),
        "lot": line.lot.removeprefix("lot:"),
        "gtin": line.gtin,
        "condition": line.condition,
        "grade": line.grade,
        "label_state": line.label_state,
        "composition": [
            {
                "part": wording(fibre.part, language),
                "fibre": wording(fibre.fibre, language),
                "percent": fibre.percent,
            }
            for fibre in line.composition
        ],
        "construction": line.construction,
        "dangerous_goods": line.dangerous_goods
        and line.dangerous_goods.model_dump(exclude_none=True, include=_TOLD_OF_DANGER),
        "serials": line.serials and line.serials.model_dump(),
    }


def _party(party: Party, language: Language) -> Facts:
    contact = party.contact
    return {
        "roles": list(party.roles),
        "name": party.name,
        "name_local": party.name_local,
        "address": list(party.address),
        "address_local": party.address_local,
        "country": wording(codes.country(party.country), language),
        "country_code": party.country,
        "registrations": [[registration.scheme, registration.value] for registration in party.registrations],
        "contact": list(filter(None, (contact.name, contact.phone, contact.email))) if contact else [],
    }


def _details(dossier: ShipmentDossier, entry: DocumentEntry) -> list[Facts]:
    """Labelled values that every reader may see, in the order they are printed, without absent ones."""
    language, terms, route = dossier.language, dossier.terms, dossier.route
    others = [
        [other.kind, other.number]
        for other in dossier.documents
        if other.kind != entry.kind and other.kind in _NAMED_EVERYWHERE
    ]
    rows: list[tuple[str, Any]] = [
        *(_reference(kind, number) for kind, number in others),
        *(
            _reference(paper.kind, paper.number, str(paper.issued_on or ""), paper.issued_at)
            for paper in dossier.references
        ),
    ]
    if terms:
        rows.append(("incoterm", f"{terms.incoterm} {terms.place}, Incoterms {terms.incoterms_year}"))
    if route:
        rows += [
            ("mode", {"word": route.mode} if route.mode else None),
            ("loading", _place(route.loading)),
            ("discharge", _place(route.discharge)),
            ("export_country", _country(route.export_country, language)),
            ("destination_country", _country(route.destination_country, language)),
            ("vessel", " / ".join(filter(None, (route.vessel, route.voyage))) or None),
        ]
    rows += [
        ("container", " / ".join(filter(None, (container.number, container.type, container.seal))))
        for container in dossier.containers
    ]
    return [{"label": label, "value": value} for label, value in rows if value is not None]


def _reference(kind: str, number: str, *more: str | None) -> tuple[str, str]:
    return kind, ", ".join(filter(None, (number, *more)))


def _place(place: Place | None) -> str | None:
    if place is None:
        return None
    return f"{place.name} ({place.locode})" if place.locode else place.name


def _country(code: str | None, language: Language) -> dict[str, str] | None:
    return wording(codes.country(code), language) if code else None
