"""The closed parts a shipment dossier is made of: who, on what terms, what, how packed, proved by what.

An absent member is a fact that nobody has stated yet; the dossier's ``not_applicable`` names those
that do not exist and why. Lists are always present, possibly empty. Nothing has a hidden default.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from exporters import codes
from exporters.scalars import (
    Code,
    ContainerNumber,
    Count,
    Country,
    Hex32,
    Locode,
    LotId,
    Natural,
    PartyId,
    ShortText,
    Text,
    Word,
    spelled,
    that,
)


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Wording(Part):
    """One text in the languages of our documents; English is always there."""

    en: Text
    vi: Text | None = None
    zh: Text | None = None


class DocumentEntry(Part):
    """A document of this shipment: its number, and the code that stands in its page links."""

    kind: Word  # as the catalogue names it: commercial_invoice, packing_list, …
    number: ShortText
    code: Code


class Reference(Part):
    """A paper made elsewhere: purchase_order, contract, letter_of_credit, bill_of_lading, …"""

    kind: Word
    number: Text
    issued_on: date | None = None
    issued_at: Text | None = None  # with the date, the time and place of sale (19 CFR 141.86)


class Registration(Part):
    """A number that an authority gave a party. scheme: uscc, eori, vat, tax, customs, …"""

    scheme: Word
    value: Text


class Contact(Part):
    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class Party(Part):
    """roles: seller, exporter, buyer, importer, consignee, notify, ship_to, manufacturer, …"""

    roles: Annotated[tuple[Word, ...], Field(min_length=1)]
    name: Text
    name_local: Text | None = None  # the legal name in its own script
    address: Annotated[tuple[Text, ...], Field(min_length=1, max_length=6)]  # lines, without the country
    address_local: Text | None = None
    country: Country
    registrations: tuple[Registration, ...]
    contact: Contact | None = None
    party: PartyId | None = None  # in the ledger


class Terms(Part):
    """Incoterms 2020 rule with its named place."""

    incoterm: Annotated[str, that(codes.INCOTERMS.__contains__, "not one of the eleven Incoterms 2020 rules")]
    incoterms_year: Literal[2020]
    place: Text
    place_locode: Locode | None = None


class Place(Part):
    name: Text
    country: Country | None = None
    locode: Locode | None = None


class Route(Part):
    mode: Literal["sea", "air", "rail", "road", "inland_water", "mail", "multimodal"] | None = None
    export_country: Country | None = None
    destination_country: Country | None = None
    transit_countries: tuple[Country, ...]
    loading: Place | None = None
    discharge: Place | None = None
    vessel: Text | None = None  # or flight, train, lorry
    voyage: Text | None = None


class Container(Part):
    """vgm_g: verified gross mass, SOLAS VI/2 method 2: all that lies in it, and its own tare."""

    number: ContainerNumber
    type: Text | None = None
    seal: Text | None = None
    tare_mass_g: Natural | None = None
    vgm_g: Natural | None = None


class Charge(Part):
    """code: UNCL7161 for a charge, UNCL5189 for an allowance. included: already inside the unit prices."""

    kind: Literal["charge", "allowance"]
    code: Annotated[str, spelled(r"[A-Z0-9]{1,3}")] | None = None
    name: Wording
    amount_minor: Natural
    included: bool


class Evidence(Part):
    """A ledger record behind a fact. kind: inspection, origin, authorization, refurbishment, …"""

    kind: Word
    lot: LotId | None = None
    index: Natural  # of the entry
    event_id: Hex32
    leaf_hash: Hex32


class LedgerHead(Part):
    """The tree head the facts were read from."""

    origin: Text
    tree_size: Count
    root: Hex32


class Declaration(Part):
    """What the exporter states at the foot of the invoice, and who answers for it."""

    text: Wording
    signatory: Text
    position: Wording | None = None
    place: Text | None = None


class BankAccount(Part):
    beneficiary: Text
    bank: Text
    account: Text
    bic: Annotated[str, spelled(r"[A-Z0-9]{8}([A-Z0-9]{3})?")] | None = None


class NotApplicable(Part):
    """A fact that does not exist for this shipment. field: a path, ``*`` for every item of a list."""

    field: Annotated[str, spelled(r"[a-z][a-z0-9_]*(\.(\*|[a-z0-9_]+))*")]
    reason: Text
