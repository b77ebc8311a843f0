"""The brand authorization sheet: who permitted the sale of which goods where, and the record that says so."""

from exporters import codes
from exporters.dossier import ShipmentDossier
from exporters.origin_declaration import goods_said
from exporters.paper import Paper
from exporters.proofs import Authorization
from exporters.sheet import (
    Column,
    Fields,
    FixedWord,
    Reader,
    Row,
    Said,
    Section,
    Sheet,
    Statement,
    Table,
    Value,
)

KIND = "brand_authorization"
_LOTS = (Column("line"), Column("lot", 3), Column("description", 5), Column("quantity", 2, number=True))


def sheet(dossier: ShipmentDossier) -> Sheet:
    it = Reader(dossier)
    sections: list[Section] = []
    for n, grant in enumerate(dossier.authorizations or ()):
        sections += _grant(it, f"authorizations.{n}", grant)
    return Sheet((*sections, Statement("note", FixedWord("authorization_note"))))


def _grant(it: Reader, path: str, grant: Authorization) -> list[Section]:
    rows = (
        it.row("brand", f"{path}.brand"),
        it.row("grantor", f"{path}.grantor"),
        it.row("grantee", f"{path}.grantee"),
        it.row("scope", f"{path}.scope"),
        Row("countries", _countries(it, grant.countries) or FixedWord("everywhere")),
        Row("excluded_countries", _countries(it, grant.excluded_countries) or FixedWord("none")),
        *it.optional("brand_labels", f"{path}.labels", lambda stated: FixedWord(f"labels_{stated}")),
        it.row("valid_from", f"{path}.valid_from"),
        Row("valid_to", grant.valid_to.isoformat() if grant.valid_to else FixedWord("until_revoked")),
        Row("record", f"#{grant.record.index}"),
    )
    lots: tuple[tuple[Value, ...], ...] = tuple(
        (
            str(n + 1),
            line.lot.removeprefix("lot:"),
            goods_said(it, line, f"lines.{n}"),
            f"{line.quantity} {codes.unit(line.unit)['en']}",
        )
        for n, line in enumerate(it.dossier.lines)
        if line.lot in grant.lots
    )
    return [
        Fields("authorization", rows),
        Table(None, _LOTS, lots),
        Statement("leaf_hash", grant.record.leaf_hash),
    ]


def _countries(it: Reader, listed: tuple[str, ...]) -> Value | None:
    """Names in both languages; None for an empty list."""
    names = [it.said(codes.country(code)) for code in listed]
    if not names:
        return None
    local = [name.local for name in names if name.local]
    return Said(", ".join(name.en for name in names), ", ".join(local) if local else None)


PAPER = Paper(
    kind=KIND,
    title="Brand authorization",
    version=1,
    required_facts=("documents.brand_authorization", "parties.seller", "lines", "authorizations"),
    sheet=sheet,
)
