"""The log itself, its registrars, parties and their keys (records.md 3)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ledger.core.envelope import Closed, Count
from ledger.core.subjects import Hash, PartyId
from ledger.records.model import TEXT, TEXTS, Country, RecordType, Slug, Text

QUORUM_MAX = 5
PublicKey = Hash  # 32 raw bytes as hex: the same grammar
Scope = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z_]+:[a-z_]+\z", max_length=80)]
Scopes = Annotated[list[Scope], Field(max_length=64)]
Custody = Literal["self", "operator"]
SupplierType = Literal["oem", "dealer", "reseller", "clearer"]
PartyKind = Literal[
    "operator", "registrar", "brand", "agent", "supplier", "inspector", "refurbisher", "carrier", "auditor",
    "device", "insurer",
]  # fmt: skip


class Registrar(Closed):
    party: PartyId
    public_key: PublicKey


Registrars = Annotated[list[Registrar], Field(min_length=1, max_length=7)]
Quorum = Annotated[int, Field(ge=1, le=QUORUM_MAX)]


class PreviousLog(Closed):
    """The final checkpoint of the log that this one continues."""

    origin: str
    size: Count
    root: Hash


class LogOpened(Closed):
    registrars: Registrars
    quorum: Quorum
    operator: PartyId
    log_key: PublicKey
    heads_key: PublicKey
    previous: PreviousLog | None = None


class RegistrarsChanged(Closed):
    registrars: Registrars
    quorum: Quorum


class LogKeyChanged(Closed):
    log_key: PublicKey


class LogHeads(Closed):
    """The heads tree over entries [0, through). through: this entry's own index."""

    through: Count
    count: Count
    root: Hash


class PartyRegistered(Closed):
    """brands: the names that a brand speaks for, as its registrar checked them.

    registration_scheme: the register whose rules the committed registration_number was checked by, such
    as ``cn_uscc``. supplier_type: of a supplier that is no brand: maker, dealer, reseller, clearer.
    """

    kind: PartyKind
    country: Country
    brands: Annotated[list[Text], Field(min_length=1, max_length=32)] | None = None
    registration_scheme: Slug | None = None
    supplier_type: SupplierType | None = None


class KeyRegistered(Closed):
    """scopes: ``type:role``, ascending. custody: who holds the private key."""

    public_key: PublicKey
    scopes: Scopes
    custody: Custody


class KeyRotated(Closed):
    """key: the id of the key that ends here."""

    key: Hash
    public_key: PublicKey
    scopes: Scopes
    custody: Custody


class KeyRevoked(Closed):
    """distrust_from_index: records of the key from here on count as distrusted."""

    key: Hash
    reason: Literal["lost", "compromised", "left", "superseded"]
    distrust_from_index: Count | None = None


NEW_KEY = frozenset({"new_key"})
TYPES = (
    RecordType("log.opened", LogOpened, "registrar"),
    RecordType("registrars.changed", RegistrarsChanged, "registrar"),
    RecordType("log.key_changed", LogKeyChanged, "registrar"),
    RecordType("log.heads", LogHeads, "heads"),
    RecordType(
        "party.registered",
        PartyRegistered,
        "registrar",
        commits={"legal_name": TEXT, "registration_number": TEXT, "address": TEXTS},
    ),
    RecordType("key.registered", KeyRegistered, "registrar", NEW_KEY),
    RecordType("key.rotated", KeyRotated, "registrar", NEW_KEY | {"old_key"}),
    RecordType("key.revoked", KeyRevoked, "registrar"),
)
