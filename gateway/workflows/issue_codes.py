"""Codes for a lot: its own, one an article, one a garment style. Symbols are drawn on request."""

import secrets

from gateway.store import goods
from gateway.store.goods import CodeLink
from gateway.workflows.parties import operator_hand
from gateway.workflows.work import Work
from ledger.lots.state import LotState
from ledger.records.intake import CODES_MAX
from qrcodes.serial import code_hash, new_code

ENTROPY_BYTES = 13


def why_not(state: LotState, operator: str) -> str:
    """Slug of what stands against drawing codes for a lot, "" for nothing."""
    if not state.is_leaf:
        return "nothing-here"
    if state.custody != operator:
        return "kept-elsewhere"
    return "codes-issued" if state.codes else ""


def issue_codes(work: Work, lot: str) -> int:
    """Draw codes and record their hashes; which article owns which code stays here."""
    items = goods.of_lot(work.connection, lot)
    links = [CodeLink(_draw(), lot, "lot", None)]
    links += [CodeLink(_draw(), lot, "article" if i.serialised else "style", i.id) for i in items]
    for level in ("lot", "article", "style"):
        hashes = sorted(code_hash(link.code).hex() for link in links if link.level == level)
        for start in range(0, len(hashes), CODES_MAX):
            work.record(
                "codes.issued",
                [operator_hand(work.installation, "warehouse", "custodian")],
                {"level": level, "codes": hashes[start : start + CODES_MAX]},
                subjects=[lot],
            )
    goods.add_codes(work.connection, links)
    return len(links)


def _draw() -> str:
    return new_code(secrets.token_bytes(ENTROPY_BYTES))
