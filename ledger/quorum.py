"""The witnesses that an operator's policy demands: ask them, keep what they gave, say when it is enough."""

from collections.abc import Mapping, Sequence

from ledger import cosign, integrate, rollback
from ledger.adapters.witness_http import WitnessClient
from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import Cosignature, open_cosignature
from ledger.core.keys import VerifierKey
from ledger.core.log_keys import LogKeys
from ledger.core.policy import Policy
from ledger.errors import NotVisible, ProofError, Rollback, StorageError
from ledger.ports import Clock, ObjectStore
from ledger.record import Ledger
from ledger.rollback import ADVICE
from ledger.store import checkpoints
from ledger.store.checkpoints import SignedHead
from ledger.store.database import Database
from ledger.writer import Writer


class Quorum:
    """A publication policy at work. wall_clock: true time, where the log's own tells a story's."""

    def __init__(
        self, policy: Policy, database: Database, writer: Writer, objects: ObjectStore, *, wall_clock: Clock
    ) -> None:
        self.policy = policy
        self.witnesses = tuple(
            WitnessClient(name, key, policy.witness_urls[name])
            for name, key in policy.witnesses.items()
            if name in policy.witness_urls
        )
        self.unheard: Mapping[str, str] = {}  # by name: why a witness did not cosign when it was asked
        self._database = database
        self._writer = writer
        self._objects = objects
        self._wall_clock = wall_clock

    def check_lists(self, keys: LogKeys) -> None:
        """Raise StorageError unless the policy is about this log: any key of it will do."""
        if not set(keys.every()) & set(self.policy.log_keys):
            line = f"log {keys.newest}"
            raise StorageError(f"the publication policy does not list this log; add the line: {line}")

    def collect(self, head: SignedHead, key: LogKeys, *, refresh: bool) -> list[str]:
        """The cosignature lines of ``head``, after asking the witnesses whose own is wanted.

        Stored on return. refresh: ask for newer ones, too. Raises Rollback when a witness saw more.
        """
        text = Checkpoint(key.name, head.size, head.root).text
        with self._database.reading() as connection:
            stored = checkpoints.cosignatures(connection, head.size)
            sizes = checkpoints.witnessed_sizes(connection)
        witnesses = {str(witness): witness for witness in self.policy.witnesses.values()}
        standing = {
            vkey: stored[vkey]
            for vkey, w in witnesses.items()
            if vkey in stored and _holds(stored[vkey], text, w)
        }
        wanted = [w for w in self.witnesses if refresh or str(w.key) not in standing]
        if wanted:
            given = self._ask(wanted, head, key, sizes)
            standing |= {vkey: new for vkey, new in given.items() if _is_newer(new, standing.get(vkey))}
        return [standing[vkey].line for vkey in witnesses if vkey in standing]

    def _ask(
        self, wanted: Sequence[WitnessClient], head: SignedHead, key: LogKeys, sizes: Mapping[str, int]
    ) -> dict[str, Cosignature]:
        hashes = integrate.hashes_of(self._objects, head.size)
        checkpoint = Checkpoint(key.name, head.size, head.root)
        asked = cosign.collect(
            wanted,
            checkpoint,
            head.note,
            old={w.name: sizes.get(str(w.key), 0) for w in wanted},
            proof=lambda old: merkle.consistency_path(old, head.size, hashes),
            now=self._wall_clock.now(),
        )
        self.unheard = {one.witness.name: one.why for one in asked if one.cosignature is None}
        for one in asked:
            self._refuse_if_behind(one, head, key)
        given = {str(one.witness.key): one.cosignature for one in asked if one.cosignature is not None}
        seen = {str(one.witness.key): one.size for one in asked if one.size is not None}

        def keep(ledger: Ledger) -> None:
            checkpoints.keep_cosignatures(ledger.connection, head.size, given)
            checkpoints.keep_witnessed(ledger.connection, seen)

        if given or seen:
            self._writer.do(keep)
        return given

    def _refuse_if_behind(self, asked: cosign.Asked, head: SignedHead, key: LogKeys) -> None:
        """A witness that saw more than we have, or another root, saw history that is not here."""
        known = []
        if asked.shown is not None:
            try:
                known.append(rollback.opened(asked.witness, asked.shown, key))
            except ProofError:
                known = []  # not signed by us: it proves nothing
        with self._database.reading() as connection:
            rollback.check(connection, known)
            last = checkpoints.latest(connection)
        if asked.size is not None and asked.size > max(head.size, last.size if last else 0):
            raise Rollback(
                f"witness {asked.witness.name} says it saw {asked.size} entries, "
                f"and {head.size} are signed here: history was lost; {ADVICE}"
            )

    def check(self, note: bytes, head: SignedHead, keys: LogKeys, *, shown: int) -> None:
        """Raise NotVisible unless ``note`` carries what the policy demands. shown: the visible tree size.

        The log's keys are ours to know: a policy that lists an earlier one need not be written again.
        """
        try:
            self.policy.trusting_also(keys.every()).open(note)
        except ProofError as error:
            with self._database.reading() as connection:
                first = checkpoints.first_after(connection, shown)
            since = first.signed_at if first else head.signed_at
            mute = [name for name in self.policy.witnesses if name not in self.policy.witness_urls]
            why = dict.fromkeys(mute, "the policy gives no address") | dict(self.unheard)
            reasons = "; ".join(f"{name}: {text}" for name, text in why.items())
            raise NotVisible(
                f"unwitnessed since {since}: {error}; {head.size} entries are safe and signed, "
                f"readers still see {shown}" + (f" ({reasons})" if reasons else "")
            ) from error


def _holds(stored: Cosignature, text: str, witness: VerifierKey) -> bool:
    """Whether what the table says is what the witness signed."""
    try:
        open_cosignature(text, stored.line.encode(), witness)
    except ProofError:
        return False
    return True


def _is_newer(new: Cosignature, standing: Cosignature | None) -> bool:
    return standing is None or new.timestamp > standing.timestamp
