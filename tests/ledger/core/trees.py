"""RFC 6962 section 2.1 written as the RFC writes it: slow, recursive, and independent of ours."""

from collections.abc import Sequence
from hashlib import sha256

from ledger.core.tiles import Tile


def mth(leaves: Sequence[bytes]) -> bytes:
    """MTH(D[n]) over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF(m, D[n]) = SUBPROOF(m, D[n], true)."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = _split(n)
    if m <= k:
        return [*proof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*proof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


class WholeTree:
    """Every hash of a tree, level by level: what stored tiles must agree with."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self.levels = [list(leaves)]
        while len(self.levels[-1]) > 1:
            below = self.levels[-1]
            pairs = zip(below[::2], below[1::2], strict=False)  # a lone last hash has no parent
            self.levels.append([sha256(b"\x01" + left + right).digest() for left, right in pairs])

    def __call__(self, level: int, index: int) -> bytes:
        """Hash of the complete subtree of ``2**level`` leaves that starts at ``index << level``."""
        return self.levels[level][index]

    def tile(self, tile: Tile) -> bytes:
        """The bytes of a hash tile (level 0 and above)."""
        start = tile.index * 256
        hashes = self.levels[tile.level * 8][start : start + tile.width]
        assert len(hashes) == tile.width, "a tile was asked for that this tree does not have"
        return b"".join(hashes)


def _split(count: int) -> int:
    """The largest power of two below ``count``."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k
