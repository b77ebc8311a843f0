"""The heads tree: every subject's last record and every issued code, with proofs of absence (records.md 5).

    leaf  = SHA-256("lotproof/heads-leaf/v1" LF || K || SHA-256(u64be(seq) || event_id))
    node  = SHA-256("lotproof/heads-node/v1" LF || u8(bits) || prefix || left || right)
    empty = SHA-256("lotproof/heads-empty/v1" LF)

A compressed binary trie over 256-bit keys: a node stands where the keys below it first differ, so
``bits`` leading bits are common to all of them. Keys are added and moved on, never removed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.core.encoding import decode_hex
from ledger.errors import ProofError

KEY_BITS = 256
EMPTY = sha256(b"lotproof/heads-empty/v1\n").digest()
_LEAF = b"lotproof/heads-leaf/v1\n"
_NODE = b"lotproof/heads-node/v1\n"


def subject_key(subject: str) -> bytes:
    return sha256(b"lotproof/subject/v1\n" + subject.encode()).digest()


def code_key(code_hash: bytes) -> bytes:
    return sha256(b"lotproof/heads-code/v1\n" + code_hash).digest()


def value_hash(seq: int, event_id: str) -> bytes:
    """SHA-256(u64be(seq) || event_id). event_id: 64 lower-case hex digits."""
    if not 0 <= seq < 2**64:
        raise ProofError(f"sequence number {seq} does not fit 64 bits")
    return sha256(seq.to_bytes(8, "big") + decode_hex(event_id, 32)).digest()


def leaf_hash(key: bytes, value: bytes) -> bytes:
    return sha256(_LEAF + key + value).digest()


@dataclass(frozen=True, slots=True)
class Child:
    """A pointer down.

    place: bits of the node below (0..255), or 256 for a leaf; prefix: its first ``place`` bits, the
    rest zero (a leaf's whole key); hash: its 32-byte hash.
    """

    place: int
    prefix: bytes
    hash: bytes
    value: bytes = b""  # a leaf's value hash; empty for a node


@dataclass(frozen=True, slots=True)
class Node:
    """A branch: left holds the keys whose bit ``bits`` is 0."""

    bits: int
    prefix: bytes
    left: Child
    right: Child

    @property
    def hash(self) -> bytes:
        head = _NODE + self.bits.to_bytes(1, "big") + self.prefix
        return sha256(head + self.left.hash + self.right.hash).digest()


NodeReader = Callable[[int, bytes], Node]  # (bits, prefix) -> stored node


@dataclass(frozen=True, slots=True)
class Head:
    """root: 32 bytes; count: keys; top: pointer to the topmost node or leaf, None when empty."""

    root: bytes
    count: int
    top: Child | None


EMPTY_HEAD = Head(EMPTY, 0, None)


class Update:
    """Puts keys into a stored tree, touching only the nodes on their paths.

    ``changed`` afterwards holds every node that is new or different, by (bits, prefix).
    """

    def __init__(self, head: Head, read: NodeReader) -> None:
        self._head = head
        self._read = read
        self.changed: dict[tuple[int, bytes], Node] = {}

    def put(self, values: Mapping[bytes, bytes]) -> Head:
        """Set ``key -> value hash`` for all of ``values`` and return the new head.

        A further call goes on from there.
        """
        items = sorted(values.items())
        if not items:
            return self._head
        top, added = self._insert(self._head.top, items)
        self._head = Head(top.hash, self._head.count + added, top)
        return self._head

    def _insert(self, child: Child | None, items: list[tuple[bytes, bytes]]) -> tuple[Child, int]:
        if child is None:
            return self._build(items), len(items)
        bits = min(child.place, *(_common_bits(key, child.prefix) for key, _ in (items[0], items[-1])))
        if bits == KEY_BITS:  # the very leaf, moved on
            key, value = items[0]
            return Child(KEY_BITS, key, leaf_hash(key, value), value), 0
        if bits < child.place:
            return self._branch_above(child, bits, items)
        node = self._node(child)
        zeros, ones = _divided(items, bits)
        left, added_left = self._insert(node.left, zeros) if zeros else (node.left, 0)
        right, added_right = self._insert(node.right, ones) if ones else (node.right, 0)
        return self._keep(Node(bits, node.prefix, left, right)), added_left + added_right

    def _branch_above(self, child: Child, bits: int, items: list[tuple[bytes, bytes]]) -> tuple[Child, int]:
        zeros, ones = _divided(items, bits)
        if _bit(child.prefix, bits):
            left, added_left = self._build(zeros), len(zeros)
            right, added_right = self._insert(child, ones) if ones else (child, 0)
        else:
            left, added_left = self._insert(child, zeros) if zeros else (child, 0)
            right, added_right = self._build(ones), len(ones)
        node = Node(bits, _masked(child.prefix, bits), left, right)
        return self._keep(node), added_left + added_right

    def _build(self, items: list[tuple[bytes, bytes]]) -> Child:
        if len(items) == 1:
            key, value = items[0]
            return Child(KEY_BITS, key, leaf_hash(key, value), value)
        bits = _common_bits(items[0][0], items[-1][0])
        zeros, ones = _divided(items, bits)
        node = Node(bits, _masked(items[0][0], bits), self._build(zeros), self._build(ones))
        return self._keep(node)

    def _keep(self, node: Node) -> Child:
        self.changed[node.bits, node.prefix] = node
        return Child(node.bits, node.prefix, node.hash)

    def _node(self, child: Child) -> Node:
        kept = self.changed.get((child.place, child.prefix))
        return kept or self._read(child.place, child.prefix)


def root_of(values: Mapping[bytes, bytes]) -> bytes:
    """The root over a whole map, from nothing."""
    return Update(EMPTY_HEAD, _no_nodes).put(values).root


@dataclass(frozen=True, slots=True)
class HeadsProof:
    """steps: (bits, sibling hash) from the root down; terminal: what stands at the end of the path."""

    steps: tuple[tuple[int, bytes], ...]
    leaf: tuple[bytes, bytes] | None = None  # key, value hash
    node: tuple[int, bytes, bytes, bytes] | None = None  # bits, prefix, left, right

    def to_json(self) -> dict[str, Any]:
        terminal: dict[str, Any] = {"empty": True}
        if self.leaf:
            terminal = {"leaf": {"key": self.leaf[0].hex(), "value_hash": self.leaf[1].hex()}}
        elif self.node:
            bits, prefix, left, right = self.node
            branch = {"bits": bits, "prefix": prefix.hex(), "left": left.hex(), "right": right.hex()}
            terminal = {"node": branch}
        steps = [{"bits": bits, "sibling": sibling.hex()} for bits, sibling in self.steps]
        return {"steps": steps, "terminal": terminal}

    @classmethod
    def from_json(cls, value: Any) -> "HeadsProof":
        """Read strictly; every hash is exactly 64 lower-case hex digits."""
        try:
            steps = tuple((_bits(s["bits"]), decode_hex(s["sibling"], 32)) for s in value["steps"])
            terminal = value["terminal"]
            (kind,) = terminal
            part = terminal[kind]
            if kind == "leaf":
                return cls(steps, leaf=(decode_hex(part["key"], 32), decode_hex(part["value_hash"], 32)))
            if kind == "node":
                hashes = [decode_hex(part[name], 32) for name in ("prefix", "left", "right")]
                return cls(steps, node=(_bits(part["bits"]), hashes[0], hashes[1], hashes[2]))
        except (KeyError, TypeError, ValueError) as error:
            raise ProofError(f"heads proof is malformed: {error}") from error
        if kind == "empty" and part is True:
            return cls(steps)
        raise ProofError("heads proof has no known terminal")


def prove(key: bytes, head: Head, read: NodeReader) -> HeadsProof:
    """Walk from the top towards ``key`` as far as the tree goes."""
    steps: list[tuple[int, bytes]] = []
    child = head.top
    if child is None:
        return HeadsProof(())
    while child.place < KEY_BITS:
        node = read(child.place, child.prefix)
        if _common_bits(key, node.prefix) < node.bits:
            return HeadsProof(tuple(steps), node=(node.bits, node.prefix, node.left.hash, node.right.hash))
        child, other = (node.right, node.left) if _bit(key, node.bits) else (node.left, node.right)
        steps.append((node.bits, other.hash))
    return HeadsProof(tuple(steps), leaf=(child.prefix, child.value))


def verify_presence(proof: HeadsProof, *, root: bytes, key: bytes, seq: int, event_id: str) -> None:
    """Raise ProofError unless (seq, event_id) is what the tree holds for ``key``."""
    if proof.leaf is None or proof.leaf[0] != key:
        raise ProofError("heads proof does not end at this key")
    if proof.leaf[1] != value_hash(seq, event_id):
        raise ProofError("the tree holds another record as this subject's last")
    _verify_path(proof, root, key)


def verify_absence(proof: HeadsProof, *, root: bytes, key: bytes) -> None:
    """Raise ProofError unless the tree holds nothing for ``key``."""
    if proof.leaf is not None and proof.leaf[0] == key:
        raise ProofError("heads proof ends at this very key: it is present")
    if proof.node is not None and _common_bits(key, proof.node[1]) >= proof.node[0]:
        raise ProofError("heads proof ends at a node above this key: it says nothing")
    _verify_path(proof, root, key)


def _verify_path(proof: HeadsProof, root: bytes, key: bytes) -> None:
    last = -1
    if len(proof.steps) > KEY_BITS:
        raise ProofError("heads proof is too long")
    for bits, sibling in proof.steps:
        if not last < bits < KEY_BITS or len(sibling) != 32:
            raise ProofError("heads proof steps must descend")
        last = bits
    node = _terminal(proof, key, last)
    for bits, sibling in reversed(proof.steps):
        pair = sibling + node if _bit(key, bits) else node + sibling
        node = sha256(_NODE + bits.to_bytes(1, "big") + _masked(key, bits) + pair).digest()
    if node != root:
        raise ProofError("heads proof leads to another root")


def _terminal(proof: HeadsProof, key: bytes, last: int) -> bytes:
    if proof.leaf is not None:
        if len(proof.leaf[0]) != 32 or _common_bits(proof.leaf[0], key) <= last:
            raise ProofError("the leaf at the end does not lie on this path")
        return leaf_hash(*proof.leaf)
    if proof.node is not None:
        bits, prefix, left, right = proof.node
        if not last < bits < KEY_BITS or _masked(prefix, bits) != prefix:
            raise ProofError("the node at the end is malformed")
        if _common_bits(prefix, key) <= last:
            raise ProofError("the node at the end does not lie on this path")
        return sha256(_NODE + bits.to_bytes(1, "big") + prefix + left + right).digest()
    if proof.steps:
        raise ProofError("an empty tree has no steps")
    return EMPTY


def _bits(value: Any) -> int:
    if type(value) is not int or not 0 <= value < KEY_BITS:
        raise ProofError("bits lie between 0 and 255")
    return value


def _bit(key: bytes, position: int) -> int:
    return key[position >> 3] >> (7 - (position & 7)) & 1


def _common_bits(one: bytes, other: bytes) -> int:
    difference = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return KEY_BITS - difference.bit_length()


def _masked(key: bytes, bits: int) -> bytes:
    keep = (1 << KEY_BITS) - (1 << (KEY_BITS - bits))
    return (int.from_bytes(key, "big") & keep).to_bytes(32, "big")


def _divided(
    items: Iterable[tuple[bytes, bytes]], position: int
) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    zeros: list[tuple[bytes, bytes]] = []
    ones: list[tuple[bytes, bytes]] = []
    for item in items:
        (ones if _bit(item[0], position) else zeros).append(item)
    return zeros, ones


def _no_nodes(bits: int, prefix: bytes) -> Node:
    raise ProofError(f"heads node {bits}:{prefix.hex()} is missing")
