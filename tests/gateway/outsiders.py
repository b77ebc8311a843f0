"""Companies whose keys never come to this machine, and programs that speak for them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway import wiring
from gateway.people import keys
from gateway.people.identity import Identity
from gateway.people.keys import Wanted as WantedKey
from gateway.permissions import Role, Scope
from gateway.settings import Settings
from gateway.statements.action import Proposal
from gateway.wiring import Installation
from gateway.workflows import parties
from gateway.workflows.prepare import Wanted
from gateway.workflows.work import Work
from ledger.author import Hand, Place, new_id
from ledger.core.encoding import decode_base64
from ledger.core.keys import key_id
from ledger.record import Ledger
from tests.gateway.web import Caller
from tests.ledger.fakes import MemorySigner

SCOPES = {**parties.SCOPES, "insurer": ("lot.insured:insurer",)}
ROLES: dict[str, Role] = {"agent": "supplier"}


@dataclass(frozen=True)
class Outsider:
    """A registered party. key: id of the key that it signs with, on its own computer."""

    party: str
    kind: str
    signer: MemorySigner
    identity: Identity

    @property
    def key(self) -> str:
        return key_id(self.signer.public_key)

    def place(self, role: str) -> Place:
        return Place(self.party, self.key, role)

    def sign(self, signing_input: str) -> bytes:
        """signing_input: base64, as a statement gives it."""
        return self.signer.sign(decode_base64(signing_input))


def new_home(home: Path) -> Installation:
    """A demo in which nobody but the operator is registered."""
    installation = wiring.create(Settings(home=home))
    parties.open_log(installation)
    facts = {
        "name_zh": "洛证",
        "name_en": "Lotproof Operations",
        "country": "CN",
        "city": "shenzhen",
        "address": "Nanshan, Shenzhen",
        "registration_number": "91440300MA5EYXHN0X",
    }
    parties.register_operator(installation, facts)
    return installation


def outsider(
    installation: Installation, name: str, kind: str, brands: list[str] | None = None, number: str = ""
) -> Outsider:
    """Register a company with a key of its own. number: in its country's register, "" for none that fits."""
    signer, party = MemorySigner(f"{name}'s own computer"), new_id("party")
    facts = {
        "name_zh": name,
        "name_en": name,
        "country": "CN",
        "city": "hangzhou",
        "address": f"{name} road 1",
        "registration_number": number or f"outside {name}",
    }

    def unit(ledger: Ledger) -> None:
        work = Work(installation, ledger)
        parties._register(work, party, kind, facts, brands)
        registrar = Hand(installation.config.registrar, installation.signer("registrar"), "registrar")
        work.record(
            "key.registered",
            [registrar, Hand(party, signer, "new_key")],
            {"public_key": signer.public_key.hex(), "scopes": sorted(SCOPES[kind]), "custody": "self"},
            subjects=[party],
        )
        parties._remember(work, party, facts["registration_number"], kind, facts)

    installation.writer.do(unit)
    return Outsider(party, kind, signer, person(party, ROLES.get(kind, kind)))  # type: ignore[arg-type]


def person(party: str, role: Role) -> Identity:
    return Identity(principal=f"user:{role}", name=role, role=role, organisation=party)


def staff(installation: Installation) -> Identity:
    return person(installation.config.operator, "operator")


def warehouse(installation: Installation, role: str = "custodian") -> Place:
    key = key_id(installation.signer("warehouse").public_key)
    return Place(installation.config.operator, key, role)


def declaration(supplier: Outsider, **changes: Any) -> Proposal:
    """A lot of ten old coats that nobody else has to do with."""
    data = {
        "category": "apparel",
        "goods": "finished",
        "brand": "Northmark",
        "model": "Coat",
        "condition": "new",
        "quantity": 10,
        "unit": "C62",
        "produced_from": "2026-01-01",
        "produced_until": "2026-01-31",
        "origin_country": "CN",
        "surplus_cause": "season_end",
        "supply_mode": "buyout",
        **changes,
    }
    return Proposal(Wanted("lot.declared", ("lot",), (supplier.place("supplier"),), data))


def receipt(installation: Installation, supplier: Outsider, lot: str, **changes: Any) -> Proposal:
    """The warehouse takes the lot in; the supplier has to sign that it gave it away."""
    data = {"declared": 10, "counted": 10, "unidentified": 0, "damaged": 0, "site": "hangzhou", **changes}
    signers = (warehouse(installation), supplier.place("releasing"))
    return Proposal(Wanted("lot.received", (lot,), signers, data, committed={"delivery_note": "D-1"}))


@dataclass
class Program:
    """Speaks ``/v1`` with an API key; sent: how many requests with a fresh Idempotency-Key."""

    caller: Caller
    key: str
    sent: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, caller: Caller, identity: Identity, *more: Scope) -> "Program":
        """more: scopes beside ``records:write``."""
        wanted = WantedKey(
            name=f"program of the {identity.role}",
            role=identity.role,
            scopes=frozenset({"records:write", *more}),
            lifetime="30-days",
        )
        return cls(caller, keys.make(caller.installation, identity, wanted))

    def get(self, path: str) -> httpx.Response:
        return self.caller.get(path, headers=self._headers())

    def post(self, path: str, value: Any, key: str = "") -> httpx.Response:
        """key: an Idempotency-Key that was used before; "" for a fresh one."""
        chosen = key or f"request-{len(self.sent)}"
        self.sent.append(chosen)
        return self.caller.post(path, json=value, headers=self._headers(chosen))

    def _headers(self, key: str = "") -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}", **({"idempotency-key": key} if key else {})}
