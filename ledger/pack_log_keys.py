"""The keys of a log as a lot pack shows them, when the log has changed its key.

    log-keys/<n>.tlog-proof   entry <i>, the n-th log.key_changed, in a tree that the former key and the
                              one it names have signed; the entry itself is records/<i>.json

Who trusts one of the keys trusts those that come after it. That the entry is the log's own, and that no
change is left out, is judged with the records.
"""

from collections.abc import Sequence

from ledger.core import merkle, pack
from ledger.core.checkpoint import Checkpoint
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.log_keys import check_signed
from ledger.core.note import Note
from ledger.core.pack import Pack
from ledger.core.policy import Policy
from ledger.core.proof import InclusionProof
from ledger.errors import MissingEvidence, ProofError


def member(number: int) -> str:
    """The member with the handover of this number, from 1 on."""
    return f"{pack.LOG_KEYS}{number}.tlog-proof"


def names_in(read_pack: Pack) -> set[str]:
    """The members that are handovers, numbered without a gap."""
    names, number = set[str](), 1
    while member(number) in read_pack.members:
        names.add(member(number))
        number += 1
    return names


def read(read_pack: Pack) -> list[VerifierKey]:
    """The log's keys, the first one first. Empty where the pack says nothing of a change.

    Raises ProofError unless each key and the next one signed the handover, MissingEvidence where the
    entry that names a key is not there.
    """
    names = names_in(read_pack)
    if not names:
        return []
    keys, size = [VerifierKey(read_pack.origin, _named(read_pack, 0))], 0
    for number in range(1, len(names) + 1):
        proof = InclusionProof.parse(read_pack.members[member(number)])
        keys.append(VerifierKey(read_pack.origin, _named(read_pack, proof.index)))
        checkpoint = check_signed(proof.checkpoint, *keys[-2:])
        if proof.index < size or proof.extra is not None:
            raise ProofError(f"entry {proof.index} names a log key before the one before it took over")
        merkle.verify_inclusion(
            merkle.leaf_hash(read_pack.members[_record(proof.index)]),
            leaf_index=proof.index,
            tree_size=checkpoint.size,
            path=proof.path,
            root=checkpoint.root,
        )
        size = checkpoint.size
    return keys


def following(policy: Policy, keys: Sequence[VerifierKey]) -> Policy:
    """The policy with the key in force, where it lists one of the log's keys."""
    return policy.trusting_also(keys[-1:]) if set(keys) & set(policy.log_keys) else policy


def check(
    named: Sequence[bytes], keys: Sequence[VerifierKey], note: bytes, checkpoint: Checkpoint, policy: Policy
) -> None:
    """The key in force signed the checkpoint. named: by the records, in their order; keys: as ``read``."""
    handed = [key.public_key for key in keys] or list(named[:1])
    lines = {(line.name, line.key_id) for line in Note.parse(note).signatures}
    trusted = following(policy, keys).keys_of(checkpoint.origin)
    signed = {key.public_key for key in trusted if (key.name, key.id) in lines}
    if list(named) != handed or named[-1] not in signed:
        raise ProofError("the log's own records name another log key than the policy")


def _record(index: int) -> str:
    return f"{pack.RECORDS}{index}.json"


def _named(read_pack: Pack, index: int) -> bytes:
    """The log key that an entry names."""
    if _record(index) not in read_pack.members:
        raise MissingEvidence(f"not in the pack: {_record(index)}")
    return bytes.fromhex(Leaf.parse(read_pack.members[_record(index)]).record.body.data["log_key"])
