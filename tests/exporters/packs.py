"""Lot packs of the small world, and what a forger who knows the format makes of one."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from exporters import audit_pack
from exporters.audit_pack import Evidence
from exporters.pack import verify_lot
from ledger import pack as packs
from ledger import pack_evidence
from ledger.core import pack
from ledger.core.keys import VerifierKey
from ledger.core.leaf import Leaf
from ledger.core.note import Note, Signature
from ledger.core.pack import Pack
from ledger.core.policy import parse as parse_policy
from ledger.errors import LedgerError
from ledger.log_keys import LedgerKeys
from ledger.verify import Verifier
from tests.ledger.world import CHILD_A, LOG_KEY, ORIGIN, World, hand

KEY = VerifierKey(ORIGIN, LOG_KEY.public_key)
POLICY = f"log {KEY}\nquorum none\n".encode()
INVOICE = b"%PDF-1.7 an invoice, for all that its hash says\n"


def played(world: World) -> World:
    """The journey with an invoice whose file exists, published."""
    world.play("packed")
    for draft in (
        world.document(data={"sha256": sha256(INVOICE).hexdigest()}),
        world.shipped(),
        world.delivered(),
    ):
        world.record(draft)
    world.publisher.publish()
    return world


def made(
    world: World,
    lot: str = CHILD_A,
    *,
    opened: Callable[[Leaf, str], bool] = lambda _leaf, _field: True,
    rows: bool = True,
) -> bytes:
    """The pack of a lot; everything is opened unless the caller says less."""
    verifier = Verifier(world.objects, LedgerKeys(world.database, KEY))
    with world.database.reading() as connection:
        histories = pack_evidence.collect(connection, verifier, lot)
        assert histories is not None
        issued = [leaf.index for leaf, _ in histories.leaves if leaf.record.body.type == "document.issued"]
        evidence = Evidence(
            histories=histories,
            checkpoint=verifier.checkpoint,
            note=verifier.note,
            policy=POLICY,
            openings=pack_evidence.openings(connection, histories, opened),
            rows=pack_evidence.rows(connection, histories, None if rows else []),
            documents=dict.fromkeys(issued, INVOICE),
            handovers=pack_evidence.handovers(connection, verifier, world.objects),
        )
    return audit_pack.render(evidence)


def ours(data: bytes, policy: bytes = POLICY) -> int:
    """The exit code of the project's verifier."""
    try:
        packs.verify(data, parse_policy(policy), audit_pack.check_words)
    except LedgerError as error:
        return packs.refusal(error)
    return 0


def alone(data: bytes, policy: bytes = POLICY) -> int:
    """The exit code of the stand-alone verifier."""
    return int(verify_lot.verify(data, policy)["exit"])


def problem(data: bytes, policy: bytes = POLICY) -> str:
    """What both verifiers refuse, in the words of the stand-alone one."""
    found = verify_lot.verify(data, policy)
    assert found["exit"] == ours(data, policy) != 0, found
    return str(found["problem"])


def rezipped(read: Pack, members: dict[str, bytes], *, told: bool = True) -> bytes:
    """A pack in due form around other members. told: its page says what they say, if they say anything."""
    members = dict(members)
    if told:
        try:
            leaves = tuple(
                Leaf.parse(members[name])
                for name in sorted(
                    (n for n in members if n.startswith("records/") and n.endswith(".json")),
                    key=lambda name: int(name[8:-5]),
                )
            )
            openings, rows = (json.loads(members[name]) for name in (pack.OPENINGS, pack.ROWS))
            shown = packs.Shown(replace(read, members=members), leaves, openings, rows)
            members[pack.PAGE] = audit_pack.page(shown)
        except (LedgerError, LookupError, TypeError, ValueError, AttributeError):
            pass  # beyond telling: the page stays as it was
    return pack.build(replace(read, members=members))


def is_opened_otherwise(data: bytes, good: bytes, others: list[bytes]) -> bool:
    """Whether a pack is ``good`` with other values, rows or files opened, all of them true.

    Which ones are opened is for whoever hands a pack out: a lesser receiver's pack is as valid.
    others: packs of the same family of lots, whose rows stand in the same records.
    """
    read, whole = pack.read(data), pack.read(good)
    for name in (pack.OPENINGS, pack.ROWS):
        known = [one for each in (good, *others) for one in json.loads(pack.read(each).members[name])]
        if any(one not in known for one in json.loads(read.members[name])):
            return False
    fixed = {n: d for n, d in whole.members.items() if not n.startswith(pack.DOCUMENTS)}
    changing = {pack.OPENINGS, pack.ROWS, pack.PAGE}
    same = all(read.members.get(name) == data for name, data in fixed.items() if name not in changing)
    return same and read.members.keys() <= whole.members.keys() and read.lot == whole.lot


class Forger:
    """Changes one pack at a time, each in another way that keeps its form. seed: of all that is drawn."""

    def __init__(self, good: bytes, others: list[bytes], seed: int) -> None:
        self.chance = random.Random(seed)
        self.good = good
        self.read = pack.read(good)
        self.others = [pack.read(other) for other in others]

    def forged(self) -> tuple[str, bytes]:
        """(what was done, the pack)."""
        way = self.chance.choice(
            [
                self.dropped, self.dropped_unsaid, self.added, self.shuffled, self.json_altered,
                self.json_altered, self.json_altered, self.swapped, self.from_another, self.of_another_lot,
                self.key_replaced, self.stated_altered, self.thinned, self.flipped, self.cut, self.padded,
            ]
        )  # fmt: skip
        return way.__name__, way()

    def members(self) -> dict[str, bytes]:
        return dict(self.read.members)

    def some(self, ending: str = "") -> str:
        return self.chance.choice([name for name in self.read.members if name.endswith(ending)])

    def again(self, members: dict[str, bytes], read: Pack | None = None) -> bytes:
        return rezipped(read or self.read, members, told=self.chance.random() < 0.7)

    def dropped(self) -> bytes:
        members = self.members()
        del members[self.some()]
        return self.again(members)

    def dropped_unsaid(self) -> bytes:
        name = self.some()
        listing = self.listing()
        return pack.archive(
            [(pack.LISTING, listing), *((n, d) for n, d in self.members().items() if n != name)]
        )

    def listing(self) -> bytes:
        size = int.from_bytes(self.good[22:26], "little")
        return self.good[39 : 39 + size]

    def added(self) -> bytes:
        name = self.chance.choice(
            ["records/7.json", "documents/37-invoice.pdf", "more.txt", "records/x.json", "z"]
        )
        return self.again(self.members() | {name: self.chance.randbytes(20)})

    def shuffled(self) -> bytes:
        members = list(self.members().items())
        first, second = self.chance.sample(range(len(members)), 2)
        members[first], members[second] = members[second], members[first]
        return pack.archive([(pack.LISTING, self.listing()), *members])

    def json_altered(self) -> bytes:
        name = self.some(".json")
        value = json.loads(self.read.members[name])
        self.alter(value)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return self.again(self.members() | {name: text.encode()})

    def alter(self, value: Any) -> None:
        """Change one place somewhere below ``value``, which is a list or an object."""
        places = list(self.places(value))
        if not places:
            return
        holder, key = self.chance.choice(places)
        what, old = self.chance.randrange(5), holder[key]
        if what == 0:
            del holder[key]
        elif what == 1 and isinstance(holder, list):
            holder.insert(key, old)
        elif what == 1:
            holder["more"] = old
        elif isinstance(old, bool) or (isinstance(old, int) and what == 2):
            holder[key] = self.chance.choice([True, None, 2**60, -1, "1", 1.5, []])
        elif isinstance(old, int):
            holder[key] = old + self.chance.choice([-1, 1])
        elif isinstance(old, str) and old:
            at = self.chance.randrange(len(old))
            holder[key] = (
                old[:at] + self.chance.choice("0123456789abcdefAZ=/\u00e9\ud800"[:-1]) + old[at + 1 :]
            )
        else:
            holder[key] = self.chance.choice([0, "", None, {}, [], [[]]])

    def places(self, value: Any) -> Any:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in items:
            yield value, key
            if isinstance(member, dict | list):
                yield from self.places(member)

    def swapped(self) -> bytes:
        ending = self.chance.choice([".json", ".tlog-proof", ""])
        first, second = self.chance.sample([n for n in self.read.members if n.endswith(ending)], 2)
        members = self.members()
        members[first], members[second] = members[second], members[first]
        return self.again(members)

    def from_another(self) -> bytes:
        other = self.chance.choice(self.others)
        name = self.chance.choice([n for n in other.members if other.members[n] != self.read.members.get(n)])
        return self.again(self.members() | {name: other.members[name]})

    def of_another_lot(self) -> bytes:
        lot = self.chance.choice([other.lot for other in self.others])
        return self.again(self.members(), replace(self.read, lot=lot))

    def key_replaced(self) -> bytes:
        """Somebody signs the same tree anew, or a record, with a key of their own."""
        stranger = hand("stranger", "everything").signer
        members = self.members()
        if self.chance.random() < 0.5:
            text = members[pack.CHECKPOINT].rpartition(b"\n\n")[0] + b"\n"
            key = VerifierKey(ORIGIN, stranger.public_key)
            note = Note(text.decode(), (Signature(key.name, key.id, stranger.sign(text)),))
            new = str(note).encode()
            old = members[pack.CHECKPOINT]
            members = {name: data.replace(old, new) for name, data in members.items()}
            members[pack.POLICY] = f"log {key}\nquorum none\n".encode()
            return self.again(members)
        name = self.chance.choice([n for n in members if n.startswith("records/") and n.endswith(".json")])
        leaf = json.loads(members[name])
        leaf["body"]["signers"][0]["key"] = sha256(stranger.public_key).hexdigest()
        members[name] = json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return self.again(members)

    def stated_altered(self) -> bytes:
        value = json.loads(self.listing())
        self.alter(value)
        listing = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        return pack.archive([(pack.LISTING, listing), *self.members().items()])

    def thinned(self) -> bytes:
        """Fewer values are opened: what a receiver with fewer rights gets, and true as far as it goes."""
        name = self.chance.choice([pack.OPENINGS, pack.ROWS])
        value = json.loads(self.read.members[name])
        del value[self.chance.randrange(len(value))]
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return rezipped(self.read, self.members() | {name: text.encode()})

    def flipped(self) -> bytes:
        changed = bytearray(self.good)
        changed[self.chance.randrange(len(changed))] ^= 1 << self.chance.randrange(8)
        return bytes(changed)

    def cut(self) -> bytes:
        return self.good[: self.chance.randrange(len(self.good))]

    def padded(self) -> bytes:
        at = self.chance.choice([0, len(self.good), self.chance.randrange(len(self.good))])
        return self.good[:at] + self.chance.randbytes(self.chance.randrange(1, 40)) + self.good[at:]
