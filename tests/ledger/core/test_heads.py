"""The heads tree shows each subject's last record, or that there is none (records.md 5)."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import heads
from ledger.core.heads import Child, Head, HeadsProof, Node, Update
from ledger.errors import ProofError

EVENT = "ab" * 32
OTHER_EVENT = "cd" * 32


class StoredTree:
    """A heads tree with its nodes kept as a store keeps them: by (bits, prefix)."""

    def __init__(self) -> None:
        self.head: Head = heads.EMPTY_HEAD
        self.nodes: dict[tuple[int, bytes], Node] = {}

    def put(self, values: dict[bytes, bytes]) -> None:
        update = Update(self.head, self.read)
        self.head = update.put(values)
        self.nodes.update(update.changed)

    def read(self, bits: int, prefix: bytes) -> Node:
        return self.nodes[bits, prefix]

    def prove(self, key: bytes) -> HeadsProof:
        return heads.prove(key, self.head, self.read)


def _tree(values: dict[bytes, bytes]) -> StoredTree:
    tree = StoredTree()
    tree.put(values)
    return tree


def _defined_root(values: dict[bytes, bytes]) -> bytes:
    """records.md 5 word for word: a node where the keys below first differ."""
    if not values:
        return sha256(b"lotproof/heads-empty/v1\n").digest()
    if len(values) == 1:
        ((key, value),) = values.items()
        return sha256(b"lotproof/heads-leaf/v1\n" + key + value).digest()
    texts = {f"{int.from_bytes(key, 'big'):0256b}": (key, value) for key, value in values.items()}
    bits = 0
    while len({text[bits] for text in texts}) == 1:
        bits += 1
    prefix = int(next(iter(texts))[:bits].ljust(256, "0"), 2).to_bytes(32, "big")
    left = dict(pair for text, pair in texts.items() if text[bits] == "0")
    right = dict(pair for text, pair in texts.items() if text[bits] == "1")
    head = b"lotproof/heads-node/v1\n" + bytes([bits]) + prefix
    return sha256(head + _defined_root(left) + _defined_root(right)).digest()


# Keys that differ in their first, middle and last bits alike, so that long common prefixes occur.
KEYS = st.binary(min_size=32, max_size=32) | st.builds(
    lambda start, end: bytes([start]) + bytes(30) + bytes([end]), st.integers(0, 255), st.integers(0, 7)
)
VALUES = st.binary(min_size=32, max_size=32)
MAPS = st.dictionaries(KEYS, VALUES, max_size=24)
FIXED = {
    heads.subject_key(f"lot:{n:020d}"): heads.value_hash(n % 3, sha256(bytes([n])).hexdigest())
    for n in range(40)
}


class TestHashes:
    def test_a_subject_and_a_code_have_keys_of_their_own_domain(self) -> None:
        assert heads.subject_key("lot:x") == sha256(b"lotproof/subject/v1\nlot:x").digest()
        assert heads.code_key(bytes(32)) == sha256(b"lotproof/heads-code/v1\n" + bytes(32)).digest()

    def test_a_value_is_sequence_number_then_event_id(self) -> None:
        expected = sha256((7).to_bytes(8, "big") + bytes.fromhex(EVENT)).digest()
        assert heads.value_hash(7, EVENT) == expected

    @pytest.mark.parametrize("event_id", ["", "ab", EVENT.upper(), EVENT + "ab", " " + EVENT[1:], "xy" * 32])
    def test_an_event_id_in_another_spelling_has_no_value(self, event_id: str) -> None:
        with pytest.raises(ProofError, match="is not 64 lower-case hex digits"):
            heads.value_hash(0, event_id)

    @pytest.mark.parametrize("seq", [-1, 2**64])
    def test_a_sequence_number_beyond_64_bits_has_no_value(self, seq: int) -> None:
        with pytest.raises(ProofError, match="does not fit 64 bits"):
            heads.value_hash(seq, EVENT)


class TestRoots:
    def test_the_empty_tree_has_its_own_root(self) -> None:
        assert heads.root_of({}) == heads.EMPTY == heads.EMPTY_HEAD.root == _defined_root({})
        assert _tree({}).head == heads.EMPTY_HEAD

    def test_a_tree_of_one_key_is_its_leaf(self) -> None:
        key, value = bytes(32), b"v" * 32
        assert heads.root_of({key: value}) == heads.leaf_hash(key, value) == _defined_root({key: value})

    @given(MAPS)
    def test_the_root_is_the_defined_one(self, values: dict[bytes, bytes]) -> None:
        assert heads.root_of(values) == _defined_root(values)

    @given(MAPS, st.randoms(use_true_random=False), st.data())
    def test_any_order_and_grouping_gives_the_root_from_scratch(
        self, values: dict[bytes, bytes], random: Any, data: st.DataObject
    ) -> None:
        items = list(values.items())
        random.shuffle(items)
        tree = StoredTree()
        while items:
            size = data.draw(st.integers(1, len(items)))
            tree.put(dict(items[:size]))
            items = items[size:]
        assert (tree.head.root, tree.head.count) == (_defined_root(values), len(values))

    @given(MAPS, MAPS)
    def test_keys_that_move_on_replace_their_value_and_are_not_counted_again(
        self, before: dict[bytes, bytes], after: dict[bytes, bytes]
    ) -> None:
        tree = _tree(before)
        tree.put(after)
        both = {**before, **after}
        assert (tree.head.root, tree.head.count) == (_defined_root(both), len(both))

    @given(MAPS, MAPS)
    def test_one_update_may_be_put_to_twice(
        self, first: dict[bytes, bytes], then: dict[bytes, bytes]
    ) -> None:
        update = Update(heads.EMPTY_HEAD, lambda bits, prefix: update.changed[bits, prefix])
        update.put(first)
        assert update.put(then).root == _defined_root({**first, **then})

    @given(MAPS)
    def test_putting_nothing_changes_nothing(self, values: dict[bytes, bytes]) -> None:
        tree = _tree(values)
        update = Update(tree.head, tree.read)
        assert update.put({}) == tree.head
        assert update.changed == {}

    def test_an_update_touches_only_the_path_of_its_key(self) -> None:
        tree = _tree(FIXED)
        update = Update(tree.head, tree.read)
        key = next(iter(FIXED))
        update.put({key: b"n" * 32})
        assert 0 < len(update.changed) <= len(tree.prove(key).steps)

    def test_a_node_that_the_store_lost_stops_the_update(self) -> None:
        with pytest.raises(ProofError, match=r"heads node \d+:[0-9a-f]{64} is missing"):
            Update(_tree(FIXED).head, heads._no_nodes).put({bytes(32): bytes(32)})


class TestProofs:
    @given(MAPS)
    def test_every_key_is_present_with_its_own_value(self, values: dict[bytes, bytes]) -> None:
        tree = _tree(values)
        for key, value in values.items():
            proof = tree.prove(key)
            assert proof.leaf == (key, value)
            with pytest.raises(ProofError, match="it is present"):
                heads.verify_absence(proof, root=tree.head.root, key=key)

    @given(st.dictionaries(KEYS, st.tuples(st.integers(0, 2**53), VALUES.map(bytes.hex)), max_size=24))
    def test_presence_is_shown_for_sequence_number_and_event_id(
        self, records: dict[bytes, tuple[int, str]]
    ) -> None:
        tree = _tree({key: heads.value_hash(*record) for key, record in records.items()})
        for key, (seq, event_id) in records.items():
            proof = HeadsProof.from_json(tree.prove(key).to_json())
            heads.verify_presence(proof, root=tree.head.root, key=key, seq=seq, event_id=event_id)
            with pytest.raises(ProofError, match="another record as this subject's last"):
                heads.verify_presence(proof, root=tree.head.root, key=key, seq=seq + 1, event_id=event_id)

    @given(MAPS, KEYS)
    def test_every_other_key_is_absent(self, values: dict[bytes, bytes], key: bytes) -> None:
        values.pop(key, None)
        tree = _tree(values)
        proof = HeadsProof.from_json(tree.prove(key).to_json())
        heads.verify_absence(proof, root=tree.head.root, key=key)
        with pytest.raises(ProofError, match="does not end at this key"):
            heads.verify_presence(proof, root=tree.head.root, key=key, seq=0, event_id=EVENT)

    @given(MAPS, KEYS)
    def test_a_proof_reads_back(self, values: dict[bytes, bytes], key: bytes) -> None:
        proof = _tree(values).prove(key)
        assert HeadsProof.from_json(proof.to_json()) == proof

    def test_the_empty_tree_holds_nothing(self) -> None:
        proof = _tree({}).prove(bytes(32))
        assert proof.to_json() == {"steps": [], "terminal": {"empty": True}}
        heads.verify_absence(proof, root=heads.EMPTY, key=bytes(32))

    def test_a_tree_of_one_key_proves_both_ways_without_steps(self) -> None:
        key = bytes(32)
        tree = _tree({key: heads.value_hash(3, EVENT)})
        heads.verify_presence(tree.prove(key), root=tree.head.root, key=key, seq=3, event_id=EVENT)
        other = b"\xff" * 32
        assert tree.prove(other).steps == ()
        heads.verify_absence(tree.prove(other), root=tree.head.root, key=other)

    def test_keys_that_differ_in_the_last_bit_alone_stand_under_bits_255(self) -> None:
        keys = [bytes(32), bytes(31) + b"\x01"]
        tree = _tree({key: bytes(32) for key in keys})
        assert [step[0] for step in tree.prove(keys[0]).steps] == [255]
        absent = b"\x80" + bytes(31)
        heads.verify_absence(tree.prove(absent), root=tree.head.root, key=absent)

    def test_256_steps_are_the_most_there_are(self) -> None:
        """One key, and for each bit a neighbour that leaves it there."""
        key = bytes(32)
        neighbours = [(1 << bit).to_bytes(32, "big") for bit in range(256)]
        tree = _tree({k: heads.value_hash(0, EVENT) for k in (key, *neighbours)})
        proof = tree.prove(key)
        assert len(proof.steps) == 256
        heads.verify_presence(proof, root=tree.head.root, key=key, seq=0, event_id=EVENT)


TREE = _tree(FIXED)
KEY = heads.subject_key(f"lot:{5:020d}")
PRESENT = TREE.prove(KEY)
RECORD = {"seq": 2, "event_id": sha256(bytes([5])).hexdigest()}
ABSENT_KEYS = [heads.subject_key(f"lot:{n:020d}") for n in range(40, 90)]
AT_LEAF = next(key for key in ABSENT_KEYS if TREE.prove(key).leaf)
AT_NODE = next(key for key in ABSENT_KEYS if TREE.prove(key).node)


def _bit(key: bytes, position: int) -> int:
    return key[position // 8] >> (7 - position % 8) & 1


def _flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << (255 - bit)).to_bytes(32, "big")


def _presence(proof: HeadsProof, **changes: Any) -> None:
    heads.verify_presence(proof, **{"root": TREE.head.root, "key": KEY, **RECORD, **changes})


def _absence(proof: HeadsProof, key: bytes, **changes: Any) -> None:
    heads.verify_absence(proof, **{"root": TREE.head.root, "key": key, **changes})


class TestVerifierRules:
    """Each rule of the verifier in records.md 5, broken alone."""

    def test_the_proofs_that_are_broken_below_hold_as_they_are(self) -> None:
        _presence(PRESENT)
        _absence(TREE.prove(AT_LEAF), AT_LEAF)
        _absence(TREE.prove(AT_NODE), AT_NODE)
        assert len(PRESENT.steps) > 2

    @pytest.mark.parametrize("place", range(len(PRESENT.steps)))
    def test_an_altered_sibling_is_refused(self, place: int) -> None:
        steps = list(PRESENT.steps)
        steps[place] = (steps[place][0], _flipped(steps[place][1], 17))
        with pytest.raises(ProofError, match="leads to another root"):
            _presence(replace(PRESENT, steps=tuple(steps)))

    @pytest.mark.parametrize("place", range(len(PRESENT.steps)))
    def test_a_step_left_out_is_refused(self, place: int) -> None:
        steps = PRESENT.steps[:place] + PRESENT.steps[place + 1 :]
        with pytest.raises(ProofError, match="leads to another root"):
            _presence(replace(PRESENT, steps=steps))

    def test_a_step_put_in_is_refused(self) -> None:
        last = PRESENT.steps[-1][0]
        with pytest.raises(ProofError, match="leads to another root"):
            _presence(replace(PRESENT, steps=(*PRESENT.steps, (last + 1, bytes(32)))))

    def test_another_branch_bit_is_refused(self) -> None:
        (bits, sibling), *others = PRESENT.steps[::-1]
        with pytest.raises(ProofError, match="leads to another root"):
            _presence(replace(PRESENT, steps=(*others[::-1], (bits + 1, sibling))))

    def test_steps_that_do_not_descend_are_refused(self) -> None:
        for steps in (PRESENT.steps[::-1], (PRESENT.steps[0], *PRESENT.steps)):
            with pytest.raises(ProofError, match="steps must descend"):
                _presence(replace(PRESENT, steps=steps))

    @pytest.mark.parametrize("bits", [-1, 256, 1000])
    def test_bits_outside_0_to_255_are_refused(self, bits: int) -> None:
        with pytest.raises(ProofError, match="steps must descend"):
            _presence(replace(PRESENT, steps=((bits, bytes(32)),)))

    def test_more_than_256_steps_are_refused(self) -> None:
        steps = tuple((bits, bytes(32)) for bits in range(257))
        with pytest.raises(ProofError, match="heads proof is too long"):
            _presence(replace(PRESENT, steps=steps))

    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_a_sibling_of_another_length_is_refused(self, length: int) -> None:
        steps = ((PRESENT.steps[0][0], bytes(length)), *PRESENT.steps[1:])
        with pytest.raises(ProofError, match="steps must descend"):
            _presence(replace(PRESENT, steps=steps))

    def test_another_root_is_refused(self) -> None:
        for root in (_flipped(TREE.head.root, 0), b"", heads.EMPTY):
            with pytest.raises(ProofError, match="leads to another root"):
                _presence(PRESENT, root=root)

    def test_presence_at_another_key_is_refused(self) -> None:
        with pytest.raises(ProofError, match="does not end at this key"):
            _presence(TREE.prove(AT_LEAF))
        with pytest.raises(ProofError, match="does not end at this key"):
            _presence(TREE.prove(AT_NODE))
        with pytest.raises(ProofError, match="does not end at this key"):
            _presence(HeadsProof(()), root=heads.EMPTY)

    def test_the_value_is_computed_and_not_taken_from_the_proof(self) -> None:
        for changes in ({"seq": 3}, {"event_id": OTHER_EVENT}):
            with pytest.raises(ProofError, match="another record as this subject's last"):
                _presence(PRESENT, **changes)
        forged = replace(PRESENT, leaf=(KEY, heads.value_hash(9, OTHER_EVENT)))
        with pytest.raises(ProofError, match="leads to another root"):
            _presence(forged, seq=9, event_id=OTHER_EVENT)

    def test_absence_of_a_present_key_is_refused_at_its_own_leaf(self) -> None:
        with pytest.raises(ProofError, match="ends at this very key: it is present"):
            _absence(PRESENT, KEY)

    @pytest.mark.parametrize("place", range(len(PRESENT.steps)))
    def test_absence_of_a_present_key_is_refused_at_any_node_above_it(self, place: int) -> None:
        """Each node on the way is a real one under the real root, but its prefix is the key's own."""
        node = _node_on_path(KEY, place)
        terminal = (node.bits, node.prefix, node.left.hash, node.right.hash)
        with pytest.raises(ProofError, match="a node above this key: it says nothing"):
            _absence(HeadsProof(PRESENT.steps[:place], node=terminal), KEY)

    def test_absence_by_a_leaf_or_node_of_another_branch_is_refused(self) -> None:
        """A real proof for one key says nothing about a key on the other side of its first branch."""
        for other in (AT_LEAF, AT_NODE):
            key = _flipped(other, TREE.prove(other).steps[0][0])
            with pytest.raises(ProofError, match="does not lie on this path"):
                _absence(TREE.prove(other), key)

    def test_absence_by_a_leaf_that_leaves_the_path_at_the_last_step_is_refused(self) -> None:
        steps = PRESENT.steps
        neighbour = _flipped(KEY, steps[-1][0])
        with pytest.raises(ProofError, match="the leaf at the end does not lie on this path"):
            _absence(HeadsProof(steps, leaf=(neighbour, bytes(32))), KEY)

    def test_absence_by_a_node_that_leaves_the_path_at_the_last_step_is_refused(self) -> None:
        steps = PRESENT.steps
        bits = steps[-1][0] + 1
        prefix = _masked(_flipped(KEY, steps[-1][0]), bits)
        with pytest.raises(ProofError, match="the node at the end does not lie on this path"):
            _absence(HeadsProof(steps, node=(bits, prefix, bytes(32), bytes(32))), KEY)

    @pytest.mark.parametrize("offset", [0, -1])
    def test_a_terminal_node_not_below_the_last_step_is_refused(self, offset: int) -> None:
        proof = TREE.prove(AT_NODE)
        assert proof.node is not None
        bits = proof.steps[-1][0] + offset
        prefix = _masked(_flipped(AT_NODE, 0), bits)
        with pytest.raises(ProofError, match=r"the node at the end is malformed"):
            _absence(replace(proof, node=(bits, prefix, *proof.node[2:])), AT_NODE)

    def test_a_terminal_node_of_256_bits_is_refused(self) -> None:
        with pytest.raises(ProofError, match="the node at the end is malformed"):
            _absence(HeadsProof((), node=(256, AT_LEAF, bytes(32), bytes(32))), KEY)

    @pytest.mark.parametrize("bit", [255, None])
    def test_a_terminal_prefix_that_is_not_zero_behind_its_bits_is_refused(self, bit: int | None) -> None:
        proof = TREE.prove(AT_NODE)
        assert proof.node is not None
        prefix = _flipped(proof.node[1], proof.node[0] if bit is None else bit)
        with pytest.raises(ProofError, match="the node at the end is malformed"):
            _absence(replace(proof, node=(proof.node[0], prefix, *proof.node[2:])), AT_NODE)

    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_a_terminal_key_or_prefix_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(ProofError, match=r"does not lie on this path|it says nothing|is malformed"):
            _absence(HeadsProof((), leaf=(bytes(length), bytes(32))), KEY)
        with pytest.raises(ProofError, match=r"does not lie on this path|it says nothing|is malformed"):
            _absence(HeadsProof((), node=(200, bytes(length), bytes(32), bytes(32))), KEY)

    @pytest.mark.parametrize("part", [1, 2, 3])
    def test_an_altered_terminal_node_is_refused(self, part: int) -> None:
        proof = TREE.prove(AT_NODE)
        assert proof.node is not None
        node: list[Any] = list(proof.node)
        node[part] = _flipped(node[part], node[0] - 1)
        with pytest.raises(ProofError, match=r"another root|does not lie on this path|says nothing"):
            _absence(replace(proof, node=tuple(node)), AT_NODE)

    def test_an_altered_neighbour_is_refused(self) -> None:
        proof = TREE.prove(AT_LEAF)
        assert proof.leaf is not None
        for leaf in ((_flipped(proof.leaf[0], 255), proof.leaf[1]), (proof.leaf[0], bytes(32))):
            with pytest.raises(ProofError, match="leads to another root"):
                _absence(replace(proof, leaf=leaf), AT_LEAF)

    def test_the_empty_terminal_under_steps_is_refused(self) -> None:
        with pytest.raises(ProofError, match="an empty tree has no steps"):
            _absence(HeadsProof(PRESENT.steps), KEY)

    def test_the_empty_terminal_holds_under_the_empty_root_only(self) -> None:
        with pytest.raises(ProofError, match="leads to another root"):
            _absence(HeadsProof(()), KEY)

    @given(st.data())
    def test_no_altered_proof_of_absence_hides_a_present_key(self, data: st.DataObject) -> None:
        """Whatever real parts of the tree are put together, a key that is there stays there."""
        nodes = list(TREE.nodes.values())
        node = data.draw(st.sampled_from(nodes))
        key = data.draw(st.sampled_from(sorted(FIXED)))
        steps = TREE.prove(key).steps[: data.draw(st.integers(0, 9))]
        leaf = data.draw(st.sampled_from(sorted(FIXED.items())))
        proof = data.draw(
            st.sampled_from(
                [
                    HeadsProof(steps, node=(node.bits, node.prefix, node.left.hash, node.right.hash)),
                    HeadsProof(steps, leaf=leaf),
                    HeadsProof(steps),
                    replace(TREE.prove(leaf[0]), steps=steps),
                ]
            )
        )
        with pytest.raises(ProofError):
            _absence(proof, key)


def _masked(key: bytes, bits: int) -> bytes:
    number = int.from_bytes(key, "big") >> (256 - bits) << (256 - bits)
    return number.to_bytes(32, "big")


def _node_on_path(key: bytes, depth: int) -> Node:
    child: Child | None = TREE.head.top
    assert child is not None
    for _ in range(depth):
        node = TREE.read(child.place, child.prefix)
        child = node.right if _bit(key, node.bits) else node.left
    return TREE.read(child.place, child.prefix)


class TestJson:
    """from_json reads strictly: 64 lower-case hex digits, bits 0..255, one known terminal."""

    HASH = "00" * 32

    @pytest.mark.parametrize(
        "hash_", ["", "00", "00" * 33, "0" * 63 + "A", "0" * 63 + " ", " " + "0" * 63, 0, None, [], {}]
    )
    @pytest.mark.parametrize("place", ["sibling", "key", "value_hash", "prefix", "left", "right"])
    def test_a_hash_in_another_spelling_is_refused(self, place: str, hash_: Any) -> None:
        value = _json_with(place, hash_)
        with pytest.raises(ProofError, match=r"is not 64 lower-case hex digits|heads proof is malformed"):
            HeadsProof.from_json(value)

    @pytest.mark.parametrize("bits", [-1, 256, True, False, 1.0, "1", None, [1]])
    @pytest.mark.parametrize("place", ["step bits", "node bits"])
    def test_bits_that_are_no_number_of_0_to_255_are_refused(self, place: str, bits: Any) -> None:
        with pytest.raises(ProofError, match="bits lie between 0 and 255"):
            HeadsProof.from_json(_json_with(place, bits))

    @pytest.mark.parametrize(
        "value",
        [
            None,
            [],
            "proof",
            7,
            {},
            {"steps": []},
            {"terminal": {"empty": True}},
            {"steps": None, "terminal": {"empty": True}},
            {"steps": [None], "terminal": {"empty": True}},
            {"steps": [{}], "terminal": {"empty": True}},
            {"steps": [[0, HASH]], "terminal": {"empty": True}},
            {"steps": [], "terminal": {}},
            {"steps": [], "terminal": None},
            {"steps": [], "terminal": ["leaf"]},
            {"steps": [], "terminal": {"leaf": None}},
            {"steps": [], "terminal": {"leaf": {"key": HASH}}},
            {"steps": [], "terminal": {"node": {"bits": 0}}},
            {"steps": [], "terminal": {"empty": True, "leaf": {"key": HASH, "value_hash": HASH}}},
        ],
        ids=repr,
    )
    def test_a_malformed_proof_is_refused(self, value: Any) -> None:
        with pytest.raises(ProofError, match="heads proof is malformed"):
            HeadsProof.from_json(value)

    @pytest.mark.parametrize("terminal", [{"empty": False}, {"empty": 1}, {"empty": {}}, {"none": True}])
    def test_an_unknown_terminal_is_refused(self, terminal: Any) -> None:
        with pytest.raises(ProofError, match="no known terminal"):
            HeadsProof.from_json({"steps": [], "terminal": terminal})


def _json_with(place: str, value: Any) -> dict[str, Any]:
    hash_ = TestJson.HASH
    step = {"bits": 0, "sibling": hash_}
    leaf = {"key": hash_, "value_hash": hash_}
    node = {"bits": 1, "prefix": hash_, "left": hash_, "right": hash_}
    made = {
        "sibling": {"steps": [{**step, "sibling": value}], "terminal": {"leaf": leaf}},
        "step bits": {"steps": [{**step, "bits": value}], "terminal": {"leaf": leaf}},
        "node bits": {"steps": [step], "terminal": {"node": {**node, "bits": value}}},
    }
    if place in made:
        return made[place]
    if place in leaf:
        return {"steps": [step], "terminal": {"leaf": {**leaf, place: value}}}
    return {"steps": [step], "terminal": {"node": {**node, place: value}}}
