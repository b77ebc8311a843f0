"""Merkle tree hashing and proofs over SHA-256 (RFC 6962 §2.1, RFC 9162 §2.1).

Every verifier here takes 32-byte hashes only: without that check an empty "root" would equal an
empty "leaf" in a tree of size 1.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from ledger.errors import ProofError

HASH_SIZE = 32  # bytes
SIZE_MAX = 2**63 - 1  # C2SP tlog-tiles: sizes fit a signed 64-bit integer
PATH_MAX = 63  # hashes: no tree below SIZE_MAX needs more
EMPTY_ROOT = sha256(b"").digest()

HashReader = Callable[[int, int], bytes]  # (level, index) -> hash of a complete subtree of 2^level leaves


def leaf_hash(entry: bytes) -> bytes:
    """Hash one log entry: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: SHA-256(0x01 || left || right).

    The two prefixes keep a node from ever being replayed as an entry.
    """
    return sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The right edge of a growing tree: one hash per one-bit of its size, largest subtree first.

    Append is amortised O(1), ``root`` is O(log n).
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if len(self._hashes) != size.bit_count() or any(len(hash_) != HASH_SIZE for hash_ in self._hashes):
            raise ProofError(f"a compact range of {size} leaves has {size.bit_count()} hashes of 32 bytes")

    @property
    def hashes(self) -> tuple[bytes, ...]:
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add the leaf hash at index ``size``."""
        hashes, size, node = self._hashes, self.size, leaf
        while size & 1:
            node = node_hash(hashes.pop(), node)
            size >>= 1
        hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """MTH over all leaves so far; SHA-256("") when there is none."""
        if not self._hashes:
            return EMPTY_ROOT
        node = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            node = node_hash(left, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """MTH(D[n]) from leaf hashes in order."""
    edge = CompactRange()
    for leaf in leaves:
        edge.append(leaf)
    return edge.root()


def subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees (level, index) that cover leaves [start, end), left to right.

    0 <= start <= end, and start is 0 or a multiple of the subtree it opens, as in every range that
    RFC 6962 recurses into.
    """
    covered = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        covered.append((level, start >> level))
        start += 1 << level
    return covered


def range_root(start: int, end: int, read: HashReader) -> bytes:
    """MTH(D[start:end]) from stored hashes of complete subtrees."""
    hashes = [read(level, index) for level, index in subtrees(start, end)]
    node = hashes.pop()
    while hashes:
        node = node_hash(hashes.pop(), node)
    return node


def inclusion_path(leaf_index: int, tree_size: int, read: HashReader) -> list[bytes]:
    """PATH(leaf_index, D[tree_size]): the leaf's sibling first, the root's child last.

    0 <= leaf_index < tree_size. Reads O(log n) hashes. Source: RFC 6962 §2.1.1.
    """
    if not 0 <= leaf_index < tree_size <= SIZE_MAX:
        raise ProofError(f"leaf index {leaf_index} is outside a tree of {tree_size}")
    path = []
    start, end = 0, tree_size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if leaf_index < middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start = middle
    return path[::-1]


def consistency_path(old_size: int, tree_size: int, read: HashReader) -> list[bytes]:
    """PROOF(old_size, D[tree_size]), empty when the sizes are equal.

    1 <= old_size <= tree_size. Source: RFC 6962 §2.1.2.
    """
    if not 1 <= old_size <= tree_size <= SIZE_MAX:
        raise ProofError(f"no consistency proof leads from {old_size} to {tree_size}")
    path: list[bytes] = []
    start, end, whole = 0, tree_size, True
    while old_size != end:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            path.append(range_root(middle, end, read))
            end = middle
        else:
            path.append(range_root(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, read))
    return path[::-1]


def root_from_inclusion_proof(
    leaf: bytes, *, leaf_index: int, tree_size: int, path: Sequence[bytes]
) -> bytes:
    """Recompute the root hash that commits to ``leaf``.

    leaf: leaf hash, 32 bytes. leaf_index: 0-based, below tree_size.
    path: sibling hashes, 32 bytes each, ordered from leaf to root.

    Raises ProofError when the index is outside the tree, a hash is not 32 bytes or the path has
    the wrong length. Source: RFC 9162 §2.1.3.2, same step order.
    """
    if not 0 <= leaf_index < tree_size <= SIZE_MAX:
        raise ProofError(f"leaf index {leaf_index} is outside a tree of {tree_size}")
    _check_hashes((leaf,), path)
    node, last, root = leaf_index, tree_size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("inclusion proof is too long")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while node and not node & 1:  # skip the levels where we are the lone right edge
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofError("inclusion proof is too short")
    return root


def verify_inclusion(
    leaf: bytes, *, leaf_index: int, tree_size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise ProofError unless ``leaf`` stands at ``leaf_index`` under ``root``."""
    _check_hashes((root,), ())
    if root_from_inclusion_proof(leaf, leaf_index=leaf_index, tree_size=tree_size, path=path) != root:
        raise ProofError(f"entry {leaf_index} is not in the tree of {tree_size}: the roots differ")


def verify_consistency(
    *, old_size: int, old_root: bytes, tree_size: int, root: bytes, path: Sequence[bytes]
) -> None:
    """Raise ProofError unless the tree of ``tree_size`` extends the one of ``old_size``.

    From size 0 nothing can be proved and only equal sizes pass. Source: RFC 9162 §2.1.4.2.
    """
    if not 0 <= old_size <= tree_size <= SIZE_MAX:
        raise ProofError(f"a tree of {tree_size} cannot extend one of {old_size}")
    _check_hashes((old_root, root), path)
    if old_size == tree_size:
        if path:
            raise ProofError("trees of equal size need an empty consistency proof")
        if old_root != root or (tree_size == 0 and root != EMPTY_ROOT):
            raise ProofError(f"two roots for one tree size {tree_size}")
        return
    if old_size == 0 or not path:
        raise ProofError("an empty consistency proof proves nothing here")
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    node, last = old_size - 1, tree_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for hash_ in hashes[1:]:
        if last == 0:
            raise ProofError("consistency proof is too long")
        if node & 1 or node == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, hash_)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofError("consistency proof is too short")
    if old != old_root or new != root:
        raise ProofError(f"the tree of {tree_size} does not extend the one of {old_size}")


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(hashes: Sequence[bytes], path: Sequence[bytes]) -> None:
    if len(path) > PATH_MAX:
        raise ProofError(f"a proof has at most {PATH_MAX} hashes")
    if any(len(hash_) != HASH_SIZE for hash_ in (*hashes, *path)):
        raise ProofError(f"every hash in a proof is {HASH_SIZE} bytes")
