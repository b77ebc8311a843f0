"""Inclusion proofs as text (C2SP tlog-proof, file extension ``.tlog-proof``).

c2sp.org/tlog-proof@v1
index 6
<base64 hash>, one a line, in path order
<empty line>
<the checkpoint note, verbatim>
"""

from dataclasses import dataclass

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.encoding import decode_base64, decode_decimal, encode_base64
from ledger.core.policy import Policy
from ledger.errors import ProofError

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """index: 0-based; path: 32-byte hashes, leaf to root; checkpoint: the note's bytes.

    extra is not authenticated by anything: never rely on it.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines += [f"index {self.index}", *(encode_base64(hash_) for hash_ in self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> "InclusionProof":
        """Read a proof; ``bytes`` prints the same again."""
        head, separator, checkpoint = data.partition(b"\n\n")
        if not separator:
            raise ProofError("proof has no empty line before its checkpoint")
        if head.count(b"\n") > merkle.PATH_MAX + 2:  # before a stranger's million lines are decoded
            raise ProofError("proof has too many lines")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise ProofError("proof is not ASCII") from error
        if lines.pop(0) != HEADER:
            raise ProofError(f"proof does not start with {HEADER}")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if not lines or not lines[0].startswith("index "):
            raise ProofError("proof has no index line")
        index = decode_decimal(lines.pop(0).removeprefix("index "))
        path = tuple(decode_base64(line) for line in lines)
        if len(path) > merkle.PATH_MAX or any(len(hash_) != merkle.HASH_SIZE for hash_ in path):
            raise ProofError("proof has a hash that is not 32 bytes, or too many")
        return cls(index, path, checkpoint, extra)

    def verify(self, entry: bytes, policy: Policy) -> Checkpoint:
        """Raise ProofError unless ``entry`` stands at ``index`` under a checkpoint the policy accepts.

        Size and root come from the verified checkpoint alone.
        """
        checkpoint = policy.open(self.checkpoint)
        merkle.verify_inclusion(
            merkle.leaf_hash(entry),
            leaf_index=self.index,
            tree_size=checkpoint.size,
            path=self.path,
            root=checkpoint.root,
        )
        return checkpoint
