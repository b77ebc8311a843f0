"""Open the log, register parties and their keys, record what brands grant."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from gateway.consignments.spec import AuthorizationSpec, PartySpec
from gateway.store import tables
from gateway.wiring import Installation
from gateway.workflows.work import Work, once
from ledger.author import Hand, new_id
from ledger.core.canonical import dumps
from ledger.lots.registration import is_uscc
from ledger.ports import Signer
from ledger.store.tables import table

PARTIES, GRANTS = table(tables.PartyRow), table(tables.GrantRow)

SCOPES = {
    "brand": (
        "authorization.granted:grantor",
        "authorization.narrowed:grantor",
        "authorization.revoked:grantor",
        "brand.consented:brand",
        "lot.declared:supplier",
        "lot.recalled:authority",
        "lot.received:releasing",  # a brand may be its own supplier
        "lot.released:authority",
    ),
    "agent": (
        "authorization.granted:grantor",
        "authorization.narrowed:grantor",
        "authorization.revoked:grantor",
    ),
    "supplier": (
        "consignment.ended:consignor",
        "document.issued:exporter",  # of goods that it sends itself, as what follows
        "lot.declared:supplier",
        "lot.destroyed:owner",
        "lot.disposed:releasing",
        "lot.disposed:seller",
        "lot.packed:custodian",
        "lot.recalled:authority",
        "lot.received:releasing",
        "lot.recounted:witness",
        "lot.released:authority",
        "lot.shipped:custodian",
        "lot.unpacked:custodian",
    ),
    "inspector": (
        "device.audited:inspector",
        "device.calibrated:calibrator",
        "inspection.planned:inspector",
        "lot.destroyed:witness",
        "lot.inspected:inspector",
        "lot.inspected:third_party",
        "lot.recounted:witness",
    ),
    "device": ("device.measured:device",),
    "insurer": ("lot.insured:insurer",),
    "refurbisher": ("lot.refurbished:refurbisher",),
    "carrier": (
        "lot.delivered:receiver",
        "lot.moved:custodian",
        "lot.moved:releasing",
        "lot.shipped:carrier",
    ),
    "warehouse": (
        "codes.issued:custodian",
        "consignment.ended:custodian",
        "correction.recorded:corrector",
        "freight.billed:custodian",
        "labels.printed:custodian",
        "lot.bundled:custodian",
        "lot.classified:custodian",
        "lot.delivered:receiver",  # for a consignee or carrier who says so, and signs nothing here
        "lot.destroyed:custodian",
        "lot.disposed:releasing",
        "lot.found:custodian",
        "lot.lost:custodian",
        "lot.merged:custodian",
        "lot.moved:custodian",
        "lot.moved:releasing",
        "lot.packed:custodian",
        "lot.recalled:authority",
        "lot.received:custodian",
        "lot.recounted:custodian",
        "lot.released:authority",
        "lot.returned:custodian",
        "lot.shipped:custodian",
        "lot.split:custodian",
        "lot.unpacked:custodian",
        "work.assigned:custodian",
    ),
    "sales": (
        "dispute.settled:seller",
        "document.issued:exporter",
        "erasure.recorded:operator",
        "lot.disposed:seller",
        "lot.listed:seller",
        "lot.sold:seller",
        "lot.withdrawn:seller",
        "title.transferred:seller",
    ),
}
OPERATOR = "operator"


def open_log(installation: Installation) -> None:
    """Entry 0: the registrar pins the log key and the heads key."""
    config = installation.config
    registrar = installation.signer("registrar")

    def unit(work: Work) -> bool:
        work.record(
            "log.opened",
            [Hand(config.registrar, registrar, "registrar")],
            {
                "registrars": [{"party": config.registrar, "public_key": registrar.public_key.hex()}],
                "quorum": 1,
                "operator": config.operator,
                "log_key": installation.signer("log").public_key.hex(),
                "heads_key": installation.signer("heads").public_key.hex(),
            },
        )
        return True

    once(installation, "log", unit)


def register_operator(installation: Installation, facts: dict[str, str]) -> None:
    """The operator with its two keys: the warehouse's and the sales desk's."""

    def unit(work: Work) -> bool:
        party = installation.config.operator
        _register(work, party, "operator", facts, None)
        for name in ("warehouse", "sales"):
            _key(work, party, installation.signer(name), SCOPES[name], custody="operator")
        _remember(work, party, OPERATOR, "operator", facts)
        return True

    once(installation, "party:operator", unit)


def register(installation: Installation, spec: PartySpec, city: str) -> str:
    """Another company, its key on its own computer. A company registers once, by its number."""

    def unit(work: Work) -> str:
        known = work.connection.execute(
            select(PARTIES.c.party).where(PARTIES.c.registration_number == spec.registration_number)
        ).scalar_one_or_none()
        if known is not None:
            return str(known)
        party = new_id("party")
        facts = {
            "name_zh": spec.name_zh,
            "name_en": spec.name_en,
            "country": spec.country,
            "address": spec.address,
            "registration_number": spec.registration_number,
            "city": city,
        }
        brands = [spec.brand] if spec.brand else None
        _register(work, party, spec.role, facts, brands, supplier_type=spec.supplier_type)
        signer = installation.new_signer(spec.registration_number)
        _key(work, party, signer, SCOPES[spec.role], custody="self")
        _remember(work, party, spec.registration_number, spec.role, facts)
        return party

    party: str = once(installation, f"party:{spec.registration_number}", unit)
    return party


def hand(installation: Installation, party: str, role: str) -> Hand:
    """Any party but the operator, ready to sign. party: its id."""
    with installation.database.reading() as connection:
        slug = connection.execute(select(PARTIES.c.slug).where(PARTIES.c.party == party)).scalar_one()
    return Hand(party, installation.signer(slug), role)


def operator_hand(installation: Installation, key: str, role: str) -> Hand:
    """The operator. key: ``warehouse`` or ``sales``."""
    return Hand(installation.config.operator, installation.signer(key), role)


def grant(
    installation: Installation,
    spec: AuthorizationSpec,
    parties: dict[str, str],
    granted: dict[str, list[str]],
) -> list[str]:
    """Record one grant; returns the authorization ids from the brand's own down to this one.

    parties: key in the consignment's file -> party id. granted: the chains recorded so far, by key.
    """
    above = granted[spec.parent] if spec.parent else []

    def unit(work: Work) -> str:
        name = new_id("authorization")
        committed: dict[str, Any] = {
            "grantee": parties[spec.grantee],
            "territories_denied": list(spec.territories_denied),
            "channels": sorted(spec.channels),
            "fee_rate": str(spec.fee_rate),
        }
        if spec.territories_allowed:
            committed["territories_allowed"] = list(spec.territories_allowed)
        work.record(
            "authorization.granted",
            [hand(installation, parties[spec.grantor], "grantor")],
            {
                "depth": len(above) + 1,
                "brands": list(spec.brands),
                "categories": list(spec.categories),
                "channels_hash": channels_hash(spec.channels),
                "valid_from": spec.valid_from.isoformat(),
                "valid_until": spec.valid_until.isoformat(),
                "may_delegate": spec.may_delegate,
                "label_clause": spec.label_clause,
            },
            subjects=[name],
            refs=above,
            committed=committed,
        )
        channels = json.dumps(sorted(spec.channels))
        work.connection.execute(GRANTS.insert(), [{"authorization": name, "channels": channels}])
        return name

    key = f"{parties[spec.grantor]}:{spec.key}"
    return [*above, once(installation, f"grant:{key}"[:80], unit)]


def channels_hash(channels: Iterable[str]) -> str:
    """SHA-256 of the JCS list of channel codes, ascending."""
    return sha256(dumps(sorted(channels))).hexdigest()


def _register(
    work: Work,
    party: str,
    kind: str,
    facts: dict[str, str],
    brands: list[str] | None,
    *,
    supplier_type: str | None = None,
) -> None:
    config = work.installation.config
    work.record(
        "party.registered",
        [Hand(config.registrar, work.installation.signer("registrar"), "registrar")],
        {
            "kind": kind,
            "country": facts["country"],
            "brands": brands,
            "registration_scheme": _scheme(facts),
            "supplier_type": supplier_type,
        },
        subjects=[party],
        committed={
            "legal_name": facts["name_zh"],
            "registration_number": facts["registration_number"],
            "address": [facts["address"]],
        },
    )


def _scheme(facts: dict[str, str]) -> str | None:
    """The register whose rules the party's number keeps to; None where we know none that it does."""
    return "cn_uscc" if facts["country"] == "CN" and is_uscc(facts["registration_number"]) else None


def _key(work: Work, party: str, signer: Signer, scopes: Iterable[str], *, custody: str) -> None:
    config = work.installation.config
    work.record(
        "key.registered",
        [
            Hand(config.registrar, work.installation.signer("registrar"), "registrar"),
            Hand(party, signer, "new_key"),
        ],
        {"public_key": signer.public_key.hex(), "scopes": sorted(scopes), "custody": custody},
        subjects=[party],
    )


def _remember(work: Work, party: str, slug: str, kind: str, facts: dict[str, str]) -> None:
    work.connection.execute(PARTIES.insert(), [{"party": party, "slug": slug, "kind": kind, **facts}])
