"""The shipment dossier: every fact our documents may state, frozen, and final by its hash.

A dossier is the only input of a renderer. Its canonical JSON (``ledger.core.canonical``) is what
gets hashed and attached, so ``sha256sum dossier.json`` gives the hash printed on each page. An
amendment is a new dossier with ``version`` + 1 that names the hash it supersedes.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any, Literal, Self

from pydantic import ValidationError, model_validator

from exporters.carriage import Carriage, Pallet
from exporters.codes import Language
from exporters.consistency import problems_of
from exporters.customs import ChinaExport
from exporters.errors import InvalidDossier, Problem
from exporters.goods import Line, PackageGroup
from exporters.parts import (
    BankAccount,
    Charge,
    Container,
    Declaration,
    DocumentEntry,
    Evidence,
    LedgerHead,
    NotApplicable,
    Part,
    Party,
    Reference,
    Route,
    Terms,
    Wording,
)
from exporters.proofs import Authorization, ExchangeRate, Inspection, LotBalance, Reuse
from exporters.scalars import BaseUrl, Count, Currency, Hex32, ShipmentId
from ledger.core import canonical
from ledger.errors import InvalidRecord


class ShipmentDossier(Part):
    """A consistent dossier: to build one is to check it, whichever way it is built.

    Adding an optional member later leaves every earlier hash as it is; anything else is a new ``v``.
    """

    v: Literal[1]
    shipment: ShipmentId
    version: Count
    supersedes: Hex32 | None = None  # dossier hash of version - 1
    issue_date: date
    language: Language  # what stands beside English in the documents; ``en`` for English alone
    base_url: BaseUrl  # ``https://host``; page links are ``{base_url}/d/{code}/{page}``
    sale: bool  # false: values are for customs only
    currency: Currency
    documents: tuple[DocumentEntry, ...]
    references: tuple[Reference, ...]
    parties: tuple[Party, ...]
    terms: Terms | None = None
    payment: Wording | None = None
    bank: BankAccount | None = None
    route: Route | None = None
    containers: tuple[Container, ...]
    lines: tuple[Line, ...]
    charges: tuple[Charge, ...]
    packages: tuple[PackageGroup, ...]
    declaration: Declaration | None = None
    evidence: tuple[Evidence, ...]
    ledger: LedgerHead
    not_applicable: tuple[NotApplicable, ...]
    pallets: tuple[Pallet, ...] | None = None
    carriage: Carriage | None = None
    balances: tuple[LotBalance, ...] | None = None
    inspections: tuple[Inspection, ...] | None = None
    authorizations: tuple[Authorization, ...] | None = None
    reuse: Reuse | None = None
    china: ChinaExport | None = None
    exchange_rate: ExchangeRate | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        problems = problems_of(self)
        if problems:
            raise InvalidDossier(problems)
        return self

    def document(self, kind: str) -> DocumentEntry | None:
        return next((entry for entry in self.documents if entry.kind == kind), None)

    def reference(self, kind: str) -> Reference | None:
        return next((paper for paper in self.references if paper.kind == kind), None)

    def party(self, role: str) -> Party | None:
        return next((party for party in self.parties if role in party.roles), None)


def assemble(facts: Mapping[str, Any]) -> ShipmentDossier:
    """Build a dossier from facts in JSON shape; a member that is None counts as absent.

    Raises InvalidDossier with every problem of shape or, when the shape is right, every
    contradiction, each naming its field.
    """
    try:
        data = canonical.dumps(dict(facts))
    except InvalidRecord as error:
        raise InvalidDossier([Problem("", error.message)]) from error
    return _validated(data)


def amended(dossier: ShipmentDossier, changes: Mapping[str, Any]) -> ShipmentDossier:
    """The next version with whole members replaced, which names the version it supersedes.

    changes: members in JSON shape; None takes a member away. The shipment, its version and what it
    supersedes are not for the caller to choose. Raises InvalidDossier as ``assemble`` does.
    """
    fixed = {"v", "shipment", "version", "supersedes"} & changes.keys()
    if fixed:
        raise InvalidDossier([Problem(name, "an amendment cannot change it") for name in sorted(fixed)])
    facts = dossier.model_dump(mode="json", exclude_none=True) | dict(changes)
    facts |= {"version": dossier.version + 1, "supersedes": dossier_hash(dossier).hex()}
    stated = [fact for fact in facts["not_applicable"] if fact["field"] != "supersedes"]
    return assemble(facts | {"not_applicable": stated})


def canonical_json(dossier: ShipmentDossier) -> bytes:
    """The bytes that are hashed, attached to documents and stored."""
    return canonical.dumps(dossier.model_dump(mode="json", exclude_none=True))


def parse(data: bytes) -> ShipmentDossier:
    """Read canonical JSON back; ``canonical_json(parse(data)) == data``, else InvalidDossier."""
    try:
        canonical.loads(data)
    except InvalidRecord as error:
        raise InvalidDossier([Problem("", str(error))]) from error
    dossier = _validated(data)
    if canonical_json(dossier) != data:
        raise InvalidDossier([Problem("", "a value is not in its canonical spelling")])
    return dossier


def dossier_hash(dossier: ShipmentDossier) -> bytes:
    """SHA-256 of the canonical JSON, 32 bytes."""
    return sha256(canonical_json(dossier)).digest()


def texts(dossier: ShipmentDossier) -> Iterator[tuple[str, str]]:
    """Every string in the dossier with its dotted path."""
    return _texts(dossier.model_dump(mode="json", exclude_none=True), "")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path.removeprefix("."), value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _texts(member, f"{path}.{index}")


def _validated(data: bytes) -> ShipmentDossier:
    try:
        return ShipmentDossier.model_validate_json(data)
    except ValidationError as error:
        problems = [
            Problem(".".join(map(str, detail["loc"])), detail["msg"].removeprefix("Value error, "))
            for detail in error.errors(include_url=False, include_context=False)
        ]
        raise InvalidDossier(problems) from error
