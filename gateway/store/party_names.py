"""What the parties of the ledger are called; there their names stand as commitments only."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from gateway.store.tables import PartyRow
from ledger.store.tables import table

PARTIES = table(PartyRow)


def name_of(connection: Connection, party: str, language: str) -> str:
    """Empty where nobody knows it, or it was erased."""
    return names_of(connection, [party], language).get(party, "")


def names_of(connection: Connection, parties: Collection[str], language: str) -> dict[str, str]:
    """Party -> name, in Chinese for readers of Chinese; a party without a name is left out."""
    wanted = select(PARTIES.c.party, PARTIES.c.name_zh, PARTIES.c.name_en)
    found = {}
    for row in connection.execute(wanted.where(PARTIES.c.party.in_(sorted(parties)))):
        pair = (row.name_zh, row.name_en) if language.startswith("zh") else (row.name_en, row.name_zh)
        name = pair[0] or pair[1]
        if name:
            found[row.party] = name
    return found


def of_kinds(connection: Connection, kinds: Collection[str]) -> list[tuple[str, str, str]]:
    """(party, kind, slug) of the registered parties of these kinds, by name."""
    wanted = select(PARTIES.c.party, PARTIES.c.kind, PARTIES.c.slug)
    chosen = wanted.where(PARTIES.c.kind.in_(sorted(kinds))).order_by(PARTIES.c.name_en, PARTIES.c.party)
    return [(row.party, row.kind, row.slug) for row in connection.execute(chosen)]
