"""A replaying witness reads every entry that it is asked to vouch for, and believes none of them."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ledger import follow
from ledger.core import tiles
from ledger.core.checkpoint import Checkpoint
from ledger.errors import LyingLog, MissingEvidence, ProofError, StorageUnavailable
from ledger.follow import Follower
from ledger.replay_file import StoredState
from ledger.store.witnessed import WitnessFile
from ledger.witness import Witness
from tests.ledger.fakes import MemoryClock, MemoryObjectStore, MemorySigner
from tests.ledger.lying import KEY, Shown, entries_of, relinked
from tests.ledger.witnessing import policy_of
from tests.ledger.world import ORIGIN, World, but, ident


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A whole journey, then lots until there are more than two bundles; four trees end in it."""
    world = World(tmp_path_factory.mktemp("followed")).play()
    world.publisher.publish()
    draft = world.declared(data={"manifest": None}, rows=())
    for n in range(560):
        world.record(but(draft, subjects=[ident("lot", f"more {n}")]))
        if n in (40, 300):
            world.publisher.publish()
    world.publisher.publish()
    found = entries_of(world)
    world.close()
    assert len(found) > 2 * tiles.WIDTH
    return found


@pytest.fixture(scope="module")
def sizes(entries: list[bytes]) -> list[int]:
    """The sizes at which a tree ends."""
    return [n + 1 for n, entry in enumerate(entries) if b'"type":"log.heads"' in entry]


@pytest.fixture
def followers() -> Iterator[Callable[..., Follower]]:
    made = []

    def make(objects: MemoryObjectStore, **options: Any) -> Follower:
        made.append(Follower(ORIGIN, options.pop("log_key", KEY.public_key), objects, **options))
        return made[-1]

    yield make
    for follower in made:
        follower.close()


Make = Callable[..., Follower]


def test_a_sound_log_is_reached_at_every_size_in_turn(
    entries: list[bytes], sizes: list[int], followers: Make
) -> None:
    shown = Shown(entries)
    follower = followers(shown.objects)
    assert len(sizes) == 4
    assert sizes[2] > tiles.WIDTH
    for size in sizes:
        follower.reach(shown.show(size))
    for size in sizes:
        follower.reach(Checkpoint(ORIGIN, size, shown.log.root(size)))


def test_a_tree_once_reached_is_not_fetched_again(
    entries: list[bytes], sizes: list[int], followers: Make
) -> None:
    shown = Shown(entries)
    follower = followers(shown.objects)
    checkpoint = shown.show(sizes[0])
    follower.reach(checkpoint)
    shown.objects.objects.clear()
    follower.reach(checkpoint)


def test_a_partial_bundle_that_is_gone_is_cut_from_the_full_one(
    entries: list[bytes], sizes: list[int], followers: Make
) -> None:
    shown = Shown(entries)
    early, _ = shown.show(sizes[0]), shown.show()
    for key in list(shown.objects.keys()):
        if ".p/" in key:
            del shown.objects.objects[key]
    followers(shown.objects).reach(early)


def test_bundles_too_large_to_keep_are_fetched_twice_and_compared(
    entries: list[bytes], followers: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "KEPT_BYTES_MAX", 0)
    shown = Shown(entries)
    checkpoint = shown.show()
    followers(shown.objects).reach(checkpoint)

    class Changing(MemoryObjectStore):
        def get(self, key: str) -> bytes:
            self.puts.append(key)
            changed = key == "tile/entries/001" and self.puts.count(key) == 2
            return shown.objects.get("tile/entries/000" if changed else key)

    changing = followers(Changing())
    with pytest.raises(MissingEvidence, match="changed between two readings"):
        changing.reach(checkpoint)
    changing.reach(checkpoint)  # it goes on from where it stopped


class TestLies:
    """What the operator can sign and an auditor would find: the witness finds it first."""

    def _refused(self, shown: Shown, followers: Make, words: str, *, size: int | None = None) -> Follower:
        follower = followers(shown.objects)
        checkpoint = shown.show(size)
        with pytest.raises(LyingLog, match=words):
            follower.reach(checkpoint)
        with pytest.raises(LyingLog):
            follower.reach(checkpoint)
        return follower

    def test_the_liar_that_changes_nothing_passes(self, entries: list[bytes], followers: Make) -> None:
        """Or the lies below would be refused for the wrong reason."""
        shown = Shown(relinked(entries, lambda leaves: None))
        followers(shown.objects).reach(shown.show())

    def test_a_false_heads_root(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(relinked(entries, lambda leaves: None, false_head=True))
        self._refused(shown, followers, f"entry {len(entries) - 1}, .*the heads tree over")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (
                lambda leaves: _first_lot(leaves)["body"]["data"].update(origin_country="JP"),
                "does not verify",
            ),
            (lambda leaves: leaves[30].update(sigs=leaves[31]["sigs"]), "signature|sigs"),
            (lambda leaves: leaves.pop(30), "does not hold"),
            (lambda leaves: leaves.insert(31, leaves[30]), "does not hold"),
            (lambda leaves: leaves[0]["body"]["data"].update(log_key="ab" * 32), "log key of the policy"),
            (lambda leaves: leaves.pop(0), "opens with log.opened"),
            (lambda leaves: leaves[30]["log"].update(rec="2020-01-01T00:00:00Z"), "runs back"),
        ],
        ids=["altered", "other signature", "dropped", "twice", "other log key", "no entry 0", "time"],
    )
    def test_an_entry_that_does_not_hold(
        self, entries: list[bytes], followers: Make, change: Any, words: str
    ) -> None:
        self._refused(Shown(relinked(entries, change)), followers, words)

    def test_a_broken_link_between_entries(self, entries: list[bytes], followers: Make) -> None:
        broken = [*entries[:40], entries[40].replace(b'"prev":"', b'"prev":"00', 1), *entries[41:]]
        self._refused(Shown(broken), followers, "entry 40, ")

    def test_a_tree_that_does_not_end_with_its_heads(
        self, entries: list[bytes], sizes: list[int], followers: Make
    ) -> None:
        shown = Shown(entries)
        follower = self._refused(shown, followers, "does not end with log.heads", size=sizes[0] - 1)
        follower.reach(shown.show(sizes[0]))  # its entries were good

    def test_a_lie_is_for_ever(self, entries: list[bytes], sizes: list[int], followers: Make) -> None:
        lied = relinked(entries, lambda leaves: leaves[30].update(sigs=leaves[31]["sigs"]))
        shown = Shown(lied)
        follower = self._refused(shown, followers, "entry 30, ", size=sizes[0])
        honest = Shown(entries)
        shown.objects.objects = honest.objects.objects
        with pytest.raises(ProofError, match="entry 30, "):
            follower.reach(honest.show())

    def test_another_history_at_a_size_that_was_reached(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(entries)
        follower = followers(shown.objects)
        checkpoint = shown.show()
        follower.reach(checkpoint)
        with pytest.raises(LyingLog, match="another root"):
            follower.reach(replace(checkpoint, root=bytes(32)))


class TestDamage:
    """What stands behind the URL is not what was signed: nothing is replayed, and it may heal."""

    def test_entries_that_do_not_give_the_root_are_not_replayed(
        self, entries: list[bytes], sizes: list[int], followers: Make
    ) -> None:
        shown, other = Shown(entries), Shown(relinked(entries, lambda leaves: leaves.pop(30)))
        checkpoint, _ = shown.show(), other.show()
        key = "tile/entries/000"
        good = shown.objects.objects[key]
        follower = followers(shown.objects)
        for bad in (other.objects.objects[key], good[:-1], good + b"\x00\x00", b""):
            shown.objects.objects[key] = bad
            with pytest.raises(ProofError) as caught:
                follower.reach(checkpoint)
            assert not isinstance(caught.value, LyingLog), "the log may be innocent"
            assert follower._size == 0
        shown.objects.objects[key] = good
        follower.reach(checkpoint)

    def test_a_missing_bundle_is_no_lie(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(entries)
        checkpoint = shown.show()
        data = shown.objects.objects.pop("tile/entries/001")
        follower = followers(shown.objects)
        with pytest.raises(MissingEvidence, match="tile/entries/001"):
            follower.reach(checkpoint)
        shown.objects.objects["tile/entries/001"] = data
        follower.reach(checkpoint)

    def test_an_error_that_nobody_expected_is_no_cosignature(
        self, entries: list[bytes], followers: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = Shown(entries)
        checkpoint = shown.show()
        follower = followers(shown.objects)
        advance, count = follow.Replay._advance, iter(range(10**6))

        def broken(self: Any, leaf: Any) -> None:
            if next(count) == 100:  # within an entry: its subjects stand in the replay already
                raise RecursionError("too deep")
            advance(self, leaf)

        monkeypatch.setattr(follow.Replay, "_advance", broken)
        with pytest.raises(RecursionError):
            follower.reach(checkpoint)
        follower.reach(checkpoint)  # from entry 0: nothing of the broken replay is left


class TestWaiting:
    """The first replay of a long log takes its time; nobody waits for it on an open connection."""

    class Gated(MemoryObjectStore):
        def __init__(self, objects: MemoryObjectStore) -> None:
            super().__init__()
            self.objects = objects.objects
            self.gate = threading.Event()

        def get(self, key: str) -> bytes:
            assert self.gate.wait(60)
            return super().get(key)

    def test_it_goes_on_after_whoever_asked_has_left(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(entries)
        checkpoint = shown.show()
        gated = self.Gated(shown.objects)
        follower = followers(gated, wait_s=0)
        for _ in range(3):
            with pytest.raises(StorageUnavailable, match=rf"taken 0 of {len(entries)} entries"):
                follower.reach(checkpoint)
        gated.gate.set()
        follower._wait_s = None
        follower.reach(checkpoint)

    def test_a_refusal_waits_for_whoever_asks_next(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(relinked(entries, lambda leaves: None, false_head=True))
        checkpoint = shown.show()
        gated = self.Gated(shown.objects)
        follower = followers(gated, wait_s=0)
        with pytest.raises(StorageUnavailable):
            follower.reach(checkpoint)
        gated.gate.set()
        follower._wait_s = None
        with pytest.raises(ProofError, match="the heads tree over"):
            follower.reach(checkpoint)

    def test_many_who_ask_at_once_get_one_replay(
        self, entries: list[bytes], sizes: list[int], followers: Make
    ) -> None:
        shown = Shown(entries)
        checkpoints = [shown.show(size) for size in sizes]
        follower = followers(shown.objects)
        failed: list[BaseException] = []

        def ask(checkpoint: Checkpoint) -> None:
            try:
                follower.reach(checkpoint)
            except StorageUnavailable as error:
                assert "submit a newer tree" in str(error)  # noqa: PT017 - only a larger one was quicker
            except BaseException as error:  # noqa: BLE001 - shown by the test
                failed.append(error)

        threads = [threading.Thread(target=ask, args=(c,)) for c in checkpoints * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        follower.reach(checkpoints[-1])

    def test_closing_stops_a_replay_on_its_way(self, entries: list[bytes], followers: Make) -> None:
        shown = Shown(entries)
        checkpoint = shown.show()
        gated = self.Gated(shown.objects)
        follower = followers(gated)
        follower.reach_later(checkpoint)
        closing = threading.Thread(target=follower.close)
        closing.start()
        gated.gate.set()
        closing.join(60)
        assert not closing.is_alive()
        assert follower._size < len(entries)


class TestKeptState:
    def _state(self, path: Path, rules: str = "1") -> Any:
        bound_to = {"origin": ORIGIN, "rules": rules}
        return partial(StoredState, path, bound_to=bound_to, room_bytes=1_000_000)

    def test_it_goes_on_after_a_restart_and_looks_at_new_entries_only(
        self, entries: list[bytes], sizes: list[int], followers: Make, tmp_path: Path
    ) -> None:
        shown, state = Shown(entries), self._state(tmp_path / "replay.db")
        first = followers(shown.objects, state=state)
        first.reach(shown.show(sizes[2]))
        first.close()
        checkpoint = shown.show()
        del shown.objects.objects["tile/entries/000"]
        followers(shown.objects, state=state).reach(checkpoint)

    def test_a_state_of_other_rules_is_read_again_from_entry_0(
        self, entries: list[bytes], sizes: list[int], followers: Make, tmp_path: Path
    ) -> None:
        shown = Shown(entries)
        first = followers(shown.objects, state=self._state(tmp_path / "replay.db"))
        checkpoint = shown.show()
        first.reach(checkpoint)
        first.close()
        del shown.objects.objects["tile/entries/000"]
        second = followers(shown.objects, state=self._state(tmp_path / "replay.db", "2"))
        with pytest.raises(MissingEvidence):
            second.reach(checkpoint)

    def test_a_lie_is_found_again_after_a_restart(
        self, entries: list[bytes], sizes: list[int], followers: Make, tmp_path: Path
    ) -> None:
        shown = Shown(relinked(entries, lambda leaves: None, false_head=True))
        state = self._state(tmp_path / "replay.db")
        first = followers(shown.objects, state=state)
        first.reach(shown.show(sizes[1]))
        checkpoint = shown.show()
        with pytest.raises(ProofError, match="the heads tree over"):
            first.reach(checkpoint)
        first.close()
        with pytest.raises(ProofError, match="the heads tree over"):
            followers(shown.objects, state=state).reach(checkpoint)

    def test_a_history_that_differs_below_the_state_is_refused(
        self, entries: list[bytes], sizes: list[int], followers: Make, tmp_path: Path
    ) -> None:
        shown, state = Shown(entries), self._state(tmp_path / "replay.db")
        first = followers(shown.objects, state=state)
        first.reach(shown.show(sizes[1]))
        first.close()
        other = Shown(relinked(entries, lambda leaves: leaves.pop(30)))
        with pytest.raises(ProofError, match="give the root"):
            followers(other.objects, state=state).reach(other.show())


def test_a_witness_that_replays_refuses_the_liar_and_keeps_what_it_signed(
    entries: list[bytes], sizes: list[int], followers: Make, tmp_path: Path
) -> None:
    """A plain witness would cosign: the tree grows as it should. Only its entries lie."""
    shown = Shown(relinked(entries, lambda leaves: None, false_head=True))
    clock, watched = MemoryClock(), policy_of(str(KEY))
    names = ("plain", "replaying")
    files = {name: WitnessFile(tmp_path / f"{name}.db") for name in names}
    plain, replaying = (
        Witness(files[name], watched, name=name, signer=MemorySigner(name), clock=clock, followers=follows)
        for name, follows in zip(names, ({}, {ORIGIN: followers(shown.objects)}), strict=True)
    )
    shown.show(sizes[1])
    for witness in (plain, replaying):
        assert witness.add_checkpoint(shown.request(0)).status == 200
    shown.show()
    assert plain.add_checkpoint(shown.request(sizes[1])).status == 200
    answer = replaying.add_checkpoint(shown.request(sizes[1]))
    assert answer.status == 422
    assert "the heads tree over" in answer.body
    (found,) = files["replaying"].evidence()
    assert (found.kind, found.size, found.body) == ("replay", len(entries), shown.request(sizes[1]))
    head = replaying.cosigned()[ORIGIN]
    assert head is not None
    assert head.size == sizes[1]
    for file in files.values():
        file.close()


def _first_lot(leaves: list[dict[str, Any]]) -> dict[str, Any]:
    return next(leaf for leaf in leaves if leaf["body"]["type"] == "lot.declared")
