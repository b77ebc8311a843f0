"""From one log key to the next, as strangers see it: what is published, and whom to follow.

Knows no database: auditors, mirrors and witnesses stand here.
"""

from collections.abc import Collection, Iterator, Sequence

from ledger.core import log_keys
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import Handover
from ledger.errors import MissingEvidence, ProofError
from ledger.ports import ObjectStore

HANDOVERS_MAX = 256  # so that no server can keep a reader for ever


def published(objects: ObjectStore) -> Iterator[Handover]:
    """The published handovers in their order. Raises ProofError naming one that is damaged."""
    last = 0
    for number in range(1, HANDOVERS_MAX + 1):
        key = log_keys.object_key(number)
        try:
            data = objects.get(key)
        except MissingEvidence:
            return
        try:
            one = Handover.parse(data)
        except ProofError as error:
            raise ProofError(f"{key}: {error}") from error
        if one.index <= last:
            raise ProofError(f"{key}: its entry stands before that of the handover before")
        last = one.index
        yield one


def follow(trusted: Collection[VerifierKey], handovers: Sequence[Handover]) -> tuple[VerifierKey, ...]:
    """The keys that ``trusted`` ones of one log handed over to, in their order.

    Whoever trusts a later key needs no handover before it. Raises ProofError where the key in force did
    not sign the next handover, or two follow each other without a tree between them.
    """
    found: list[VerifierKey] = []
    in_force: VerifierKey | None = None
    for n, one in enumerate(handovers):
        later = handovers[n + 1] if n + 1 < len(handovers) else None
        if later is not None and not one.index < one.checkpoint.size <= later.index < later.checkpoint.size:
            raise ProofError(
                f"entry {later.index} names another log key before that of entry {one.index} took over"
            )
        former = (
            [in_force] if in_force else [key for key in trusted if key != one.key and one.is_signed_by(key)]
        )
        if former:
            log_keys.check_signed(one.note, former[0], one.key)
            in_force = one.key
            found.append(one.key)
        elif one.key in trusted:
            log_keys.check_signed(one.note, one.key)
            in_force = one.key
    return tuple(found)
