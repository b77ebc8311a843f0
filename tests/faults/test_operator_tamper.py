"""F10: the operator, with the database and the keys of the log, rewrites history on either engine.

Links, heads, tree and checkpoint can all be made right again. What gives it away is what the
operator has no key for: an author's signature, and a tree that somebody saw before.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from ledger.audit import MirrorSource, Report, audit
from ledger.core import canonical, merkle
from ledger.core.envelope import event_id
from ledger.errors import InvalidRecord, StaleSubject
from ledger.record import Submission
from ledger.store.database import Database
from tests.conftest import POSTGRESQL, SQLITE
from tests.ledger.fakes import MemoryObjectStore
from tests.ledger.world import LOT, World, but, drop_guards, ident

pytestmark = pytest.mark.databases(SQLITE, POSTGRESQL)


@pytest.fixture
def world(tmp_path: Path, database: Database) -> Iterator[World]:
    """A published journey, and a last lot of which nothing more is ever heard."""
    made = World(tmp_path, database=database).play("split")
    made.record(but(made.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", "last")]))
    made.publisher.publish()
    yield made
    made.close()


@pytest.fixture
def saved(world: World) -> bytes:
    """What an auditor, or a witness, keeps of the log."""
    return world.objects.get("checkpoint")


@pytest.fixture
def again(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Iterator[World]:
    """An empty database of the same kind, for a second history under the same keys and name."""
    folder = tmp_path / "again"
    folder.mkdir()
    other = None
    if database.writer.dialect.name == POSTGRESQL:
        server = request.getfixturevalue("postgresql")
        other = server.database(server.create(request.getfixturevalue("ledger_template")))
    made = World(folder, database=other)
    yield made
    made.close()


def index_of_type(connection: Connection, type_: str) -> int:
    where = text("SELECT max(idx) FROM entries WHERE type = :type")
    return int(connection.execute(where, {"type": type_}).scalar_one())


class TestRows:
    """With SQL alone, no key and no trigger in the way."""

    def test_a_row_that_is_deleted_is_missed(self, world: World) -> None:
        with world.database.writer.begin() as connection:
            drop_guards(connection)
            at = index_of_type(connection, "lot.received")
            connection.execute(text("DELETE FROM entries WHERE idx = :at"), {"at": at})
        report = world.audit()
        assert (report.exit_code, report.findings[0].entry) == (4, at)

    def test_a_row_that_is_deleted_and_the_rest_moved_up_breaks_the_chain(self, world: World) -> None:
        with world.database.writer.begin() as connection:
            drop_guards(connection)
            at = index_of_type(connection, "lot.received")
            connection.execute(text("DELETE FROM entries WHERE idx = :at"), {"at": at})
            for index in range(at + 1, len(world.entries) + 1):
                move = text("UPDATE entries SET idx = :to WHERE idx = :at")
                connection.execute(move, {"at": index, "to": index - 1})
        report = world.audit()
        assert (report.exit_code, report.findings[0].entry) == (3, at)

    def test_rows_in_another_order_break_the_chain(self, world: World) -> None:
        with world.database.writer.begin() as connection:
            drop_guards(connection)
            at = index_of_type(connection, "lot.received")
            for old, new in ((at, -1), (at + 1, at), (-1, at + 1)):
                move = text("UPDATE entries SET idx = :to WHERE idx = :at")
                connection.execute(move, {"at": old, "to": new})
        report = world.audit()
        assert (report.exit_code, report.findings[0].entry) == (3, at)


def rewrite(world: World, leaves: Sequence[bytes]) -> None:
    """Put other leaves in, each linked to the one before, their columns and the checkpoint made right."""
    previous, hashes = "0" * 64, []
    with world.database.writer.begin() as connection:
        drop_guards(connection)
        connection.execute(text("DELETE FROM entries"))
        connection.execute(text("DELETE FROM checkpoints"))
        connection.execute(text("DELETE FROM published"))
        insert = text("INSERT INTO entries VALUES (:idx, :leaf, :hash, :event, :type)")
        for index, encoded in enumerate(leaves):
            value = json.loads(encoded)
            value["log"] = {**value["log"], "i": index, "prev": previous}
            leaf = canonical.dumps(value)
            hashes.append(merkle.leaf_hash(leaf))
            previous = hashes[-1].hex()
            event = bytes.fromhex(event_id(canonical.dumps(value["body"])))
            row = {
                "idx": index,
                "leaf": leaf,
                "hash": hashes[-1],
                "event": event,
                "type": value["body"]["type"],
            }
            connection.execute(insert, row)
        connection.execute(
            text("UPDATE log_state SET size = :size, last_leaf = :leaf"),
            {"size": len(leaves), "leaf": hashes[-1]},
        )
    assert isinstance(world.objects, MemoryObjectStore)
    world.objects.objects.clear()


def leaves_of(world: World) -> list[bytes]:
    with world.database.reading() as connection:
        return [
            bytes(leaf)
            for leaf in connection.execute(text("SELECT leaf FROM entries ORDER BY idx")).scalars()
        ]


class TestForgedRecords:
    """With the log key and the heads key: every link is right, an author's signature is not."""

    def test_what_was_not_changed_passes(self, world: World) -> None:
        """Or the forgery below would be found for another reason."""
        rewrite(world, leaves_of(world))
        world.publisher.publish()
        report = world.audit()
        assert (report.exit_code, report.findings) == (0, [])

    def test_a_rewritten_inspection_fails_at_the_inspectors_signature(self, world: World) -> None:
        leaves = leaves_of(world)
        with world.database.reading() as connection:
            at = index_of_type(connection, "lot.inspected")
        forged = leaves[at].replace(b'"score_min":75', b'"score_min":95')
        assert forged != leaves[at]
        rewrite(world, [*leaves[:at], forged, *leaves[at + 1 :]])
        world.publisher.publish()
        report = world.audit()
        assert (report.exit_code, report.findings[0].entry) == (3, at)
        assert report.findings[0].field == "/sigs/0"

    def test_the_writer_takes_no_forged_signature_either(self, world: World) -> None:
        submission = world.submission(world.received())
        with pytest.raises(InvalidRecord, match="signature does not verify"):
            world.writer.record(
                Submission(submission.body, (bytes(64), submission.signatures[1]), submission.open)
            )


def retell(world: World, submissions: Sequence[Submission]) -> None:
    """The same records, as their authors signed them, told to another database."""
    for submission in submissions:
        world.writer.record(submission)
        world.clock.move(seconds=1)
    world.publisher.publish()


def shown_by(world: World, original: World, saved: bytes | None) -> Report:
    """What an auditor says of the second history's public side."""
    return audit(MirrorSource("second history", world.objects), original.policy, saved=saved)


class TestSecondHistory:
    """With every key of the operator: a log in which each record and each link is right."""

    def test_a_dropped_last_record_is_found_by_a_tree_seen_before_and_by_nothing_else(
        self, world: World, again: World, saved: bytes
    ) -> None:
        *kept, dropped = world.submissions
        assert b"lot.declared" in dropped.body
        retell(again, kept)
        again.record(again.assigned("inspection late"))  # as long as the first one
        again.publisher.publish()
        assert shown_by(again, world, None).verdict == "verified", "a log alone cannot tell"
        assert again.audit().verdict == "verified", "nor its own database"
        report = shown_by(again, world, saved)
        assert report.exit_code == 3
        assert "consistency" in {finding.stage for finding in report.findings}

    def test_a_log_cut_short_is_found_by_a_tree_seen_before_and_by_nothing_else(
        self, world: World, again: World, saved: bytes
    ) -> None:
        retell(again, world.submissions[:-3])
        assert shown_by(again, world, None).verdict == "verified"
        report = shown_by(again, world, saved)
        assert report.exit_code == 3
        assert any("the log shrank" in finding.message for finding in report.findings)

    def test_a_record_put_in_between_is_found_by_a_tree_seen_before(
        self, world: World, again: World, saved: bytes
    ) -> None:
        first = world.submissions[:-1]
        retell(again, first[:-1])
        again.record(
            but(again.declared(data={"manifest": None}, rows=()), subjects=[ident("lot", "smuggled")])
        )
        retell(again, [*first[-1:], world.submissions[-1]])
        assert shown_by(again, world, None).verdict == "verified"
        assert shown_by(again, world, saved).exit_code == 3

    @pytest.mark.parametrize("type_", [b"lot.received", b"key.registered", b"work.assigned"])
    def test_a_record_that_others_follow_cannot_be_left_out(
        self, world: World, again: World, type_: bytes
    ) -> None:
        """Its successors were signed on it, or by the key it registered."""
        at = max(n for n, one in enumerate(world.submissions) if b'"type":"' + type_ in one.body)
        if type_ == b"key.registered":
            key = json.loads(world.submissions[-1].body)["signers"][0]["key"]
            at = next(n for n, one in enumerate(world.submissions) if key.encode() in one.body)
        with pytest.raises((InvalidRecord, StaleSubject)):
            retell(again, [one for n, one in enumerate(world.submissions) if n != at])

    def test_the_lot_in_question_was_really_there(self, world: World) -> None:
        assert world.state(LOT)
