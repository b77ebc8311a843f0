"""What an auditor trusts (C2SP tlog-policy): logs, witnesses, groups and one quorum.

log demo.lotproof.example/34750f98bd59fcfc+a88be66a+AYqI49...
quorum none
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ledger.core.checkpoint import Checkpoint
from ledger.core.cosignature import CosignatureVerifier
from ledger.core.encoding import decode_decimal
from ledger.core.keys import VerifierKey
from ledger.core.note import LogVerifier, Note, NoteVerifier
from ledger.errors import ProofError

NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """Satisfied by ``threshold`` of its members, which are witnesses or earlier groups."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """logs by origin; witnesses and groups share one namespace; quorum: a name or ``none``.

    log_urls, witness_urls: where the policy says it, by origin and by the witness's name.
    """

    logs: Mapping[str, VerifierKey]
    log_keys: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str
    log_urls: Mapping[str, str] = field(default_factory=dict)
    witness_urls: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def trusting(cls, vkey: str) -> "Policy":
        """One log and no witness: what ``--vkey`` stands for."""
        return parse(f"log {vkey}\nquorum none\n".encode("utf-8", "surrogateescape"))

    def keys_of(self, origin: str) -> tuple[VerifierKey, ...]:
        """The keys that are listed for a log, in their order."""
        return tuple(key for key in self.log_keys if key.name == origin)

    def trusting_also(self, keys: Iterable[VerifierKey]) -> "Policy":
        """This policy with further log keys, which ones that it lists vouch for."""
        return replace(self, log_keys=tuple(dict.fromkeys((*self.log_keys, *keys))))

    def open(self, data: bytes) -> Checkpoint:
        """Verify a checkpoint: signed by a listed log, cosigned by the quorum."""
        note = Note.parse(data)
        checkpoint = Checkpoint.parse(note.text)
        log_keys = self.keys_of(checkpoint.origin)
        if not log_keys:
            raise ProofError(f"the policy lists no log {checkpoint.origin!r}")
        verifiers: list[NoteVerifier] = [LogVerifier(key) for key in log_keys]
        note.verified_by(verifiers)
        cosigners = {name: CosignatureVerifier(key) for name, key in self.witnesses.items()}
        known = {(s.name, s.key_id) for s in note.signatures}
        present = {name: v for name, v in cosigners.items() if (v.name, v.id) in known}
        if present:
            note.verified_by(list(present.values()))
        if not self.is_met_by(present):
            raise ProofError(f"the quorum {self.quorum!r} has not cosigned the checkpoint")
        return checkpoint

    def is_met_by(self, cosigned: Collection[str]) -> bool:
        """Whether the witnesses of these names are a quorum."""
        return self.quorum == NONE or self._satisfied(self.quorum, cosigned)

    def _satisfied(self, name: str, present: Collection[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in present
        return sum(self._satisfied(member, present) for member in group.members) >= group.threshold


def parse(data: bytes) -> Policy:
    """Read a policy file; every refusal names its line."""
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            reader.take(line)
        except ProofError as error:
            raise ProofError(f"policy line {number}: {error}") from error
    if reader.quorum is None:
        raise ProofError("policy has no quorum line")
    if not reader.log_keys:
        raise ProofError("policy lists no log")
    logs = {key.name: key for key in reversed(reader.log_keys)}
    return Policy(
        logs,
        tuple(reader.log_keys),
        reader.witnesses,
        reader.groups,
        reader.quorum,
        reader.log_urls,
        reader.witness_urls,
    )


class _Reader:
    def __init__(self) -> None:
        self.log_keys: list[VerifierKey] = []
        self.witnesses: dict[str, VerifierKey] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self.log_urls: dict[str, str] = {}
        self.witness_urls: dict[str, str] = {}
        self._public_keys: set[tuple[str, bytes]] = set()
        self._grouped: set[str] = set()

    def take(self, line: bytes) -> None:
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in line):
            raise ProofError("an octet outside tab, space and printable characters")
        fields = [f.decode("utf-8", "surrogateescape") for f in line.replace(b"\t", b" ").split(b" ") if f]
        if not fields or fields[0].startswith("#"):
            return
        keyword, arguments = fields[0], fields[1:]
        if keyword == "log" and len(arguments) in (1, 2):
            self._log(*arguments)
        elif keyword == "witness" and len(arguments) in (2, 3):
            self._witness(*arguments)
        elif keyword == "group" and len(arguments) >= 3:
            self._group(arguments[0], arguments[1], arguments[2:])
        elif keyword == "quorum" and len(arguments) == 1:
            self._quorum(arguments[0])
        else:
            raise ProofError(f"{keyword!r} with {len(arguments)} fields is no policy line")

    def _log(self, vkey: str, url: str = "") -> None:
        key = LogVerifier(VerifierKey.parse(vkey)).key
        self._once("log", key)
        self.log_keys.append(key)
        if url:
            self.log_urls.setdefault(key.name, url)

    def _witness(self, name: str, vkey: str, url: str = "") -> None:
        key = CosignatureVerifier(VerifierKey.parse(vkey)).key
        self._once("witness", key)
        self._new_name(name)
        self.witnesses[name] = key
        if url:
            self.witness_urls[name] = url

    def _group(self, name: str, rule: str, members: list[str]) -> None:
        self._new_name(name)
        count = len(members)
        words = {"all": count, "any": 1}
        threshold = words[rule] if rule in words else decode_decimal(rule)
        if not 1 <= threshold <= count:
            raise ProofError(f"{threshold} of {count} members cannot be met")
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                raise ProofError(f"{member!r} is not defined above")
            if member in self._grouped:
                raise ProofError(f"{member!r} is in a group already")
            self._grouped.add(member)
        self.groups[name] = Group(threshold, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise ProofError("a second quorum")
        if name != NONE and name not in self.witnesses and name not in self.groups:
            raise ProofError(f"{name!r} is not defined above")
        self.quorum = name

    def _new_name(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise ProofError(f"{name!r} cannot be used again")

    def _once(self, role: str, key: VerifierKey) -> None:
        if (role, key.public_key) in self._public_keys:
            raise ProofError("the same public key twice")
        self._public_keys.add((role, key.public_key))
