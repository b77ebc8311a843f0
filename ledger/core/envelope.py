"""A record as its signers signed it: body, signatures, event id (records.md 2).

signing input = "lotproof/event/v1" || 0x0A || JCS(body)
event id      = SHA-256("lotproof/event-id/v1" || 0x0A || JCS(body))
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ledger.core import canonical, keys, subjects
from ledger.core.subjects import Hash, PartyId, SubjectId, WorkerId
from ledger.errors import InvalidRecord, ProofError

BODY_BYTES_MAX = 60_000
SUBJECTS_MAX, REFS_MAX, SIGNERS_MAX = 128, 64, 8
WITHOUT_SUBJECTS = frozenset({"log.opened", "log.heads"})
_SIGNED = b"lotproof/event/v1\n"
_NAMED = b"lotproof/event-id/v1\n"

# Hours to 23: newer Pythons read 24:00:00 as the next day, which would be a second spelling of it.
_AT = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\dZ", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)", re.ASCII)

_NAME, _TYPE, NAME_MAX = r"[a-z][a-z0-9_]*", r"[a-z]+\.[a-z_]+(?:\.v[1-9][0-9]*)?", 64
Name = Annotated[str, StringConstraints(pattern=rf"^{_NAME}\z", max_length=NAME_MAX)]
TypeName = Annotated[str, StringConstraints(pattern=rf"^{_TYPE}\z", max_length=NAME_MAX)]
Model = TypeVar("Model", bound=BaseModel)
Version = Annotated[int, Field(ge=1, le=1)]  # a Literal[1] would take true for 1
Count = Annotated[int, Field(ge=0, le=canonical.INTEGER_MAX)]


class Closed(BaseModel):
    """Frozen, strict, no unknown member: the form of everything that is signed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SubjectLink(Closed):
    """A subject whose state the record changes. prev: event id of its last record."""

    id: SubjectId
    seq: Count
    prev: Hash


class Ref(Closed):
    """A subject the record relies on; event_id is that subject's head."""

    id: SubjectId
    event_id: Hash


class Signer(Closed):
    """key: key id, hex. role: the relation in which this party signs."""

    party: PartyId
    key: Hash
    role: Name


class Body(Closed):
    """What is signed. data belongs to the type's model; commit maps field -> commitment."""

    v: Version
    type: TypeName
    origin: str
    subjects: list[SubjectLink] = Field(max_length=SUBJECTS_MAX)
    refs: list[Ref] = Field(max_length=REFS_MAX)
    signers: list[Signer] = Field(min_length=1, max_length=SIGNERS_MAX)
    performed_by: WorkerId | None = None
    at: str
    offset: str
    data: dict[str, Any]
    commit: dict[Name, Hash]

    @property
    def author(self) -> Signer:
        return self.signers[0]


class SignedRecord(NamedTuple):  # made for every entry; a frozen dataclass takes three times as long
    """encoded: JCS(body), as received. signatures: 64 bytes each, in the order of body.signers."""

    encoded: bytes
    signatures: tuple[bytes, ...]
    body: Body
    event_id: str

    @classmethod
    def parse(cls, encoded: bytes, signatures: Sequence[bytes]) -> "SignedRecord":
        """Read a body strictly. Raises InvalidRecord with a JSON pointer; signatures are not judged."""
        _check_length(encoded)  # before anything is read
        return cls.of(canonical.loads(encoded, walk=False), encoded, signatures)

    @classmethod
    def of(cls, value: Any, encoded: bytes, signatures: Sequence[bytes]) -> "SignedRecord":
        """As ``parse``, for a value decoded from the canonical bytes ``encoded`` and not walked yet."""
        _check_length(encoded)
        body = _formed(value)
        if body is None:
            canonical.check_shape(value)
            body = validated(Body, value)
        else:  # of the right form, every member but data was looked at
            canonical.check_shape(body.data, "/data", depth=1)
        _check(body, signatures)
        return cls(encoded, tuple(signatures), body, event_id(encoded))

    @classmethod
    def trusting(cls, value: Any, encoded: bytes) -> "SignedRecord":
        """Of a body that another process looks at; see ``Leaf.trusting``."""
        return cls(encoded, (), _body(value), event_id(encoded))

    def verify(self, public_key: Callable[[str], bytes]) -> None:
        """Verify every signature. public_key: key id -> 32 raw bytes, or raises.

        Raises ProofError naming the signer. That a key was *allowed* to sign is judged by index,
        in ``ledger.lots.trust``.
        """
        message = signing_input(self.encoded)
        for position, (signer, signature) in enumerate(zip(self.body.signers, self.signatures, strict=True)):
            raw = public_key(signer.key)
            if keys.key_id(raw) != signer.key:
                raise ProofError(f"/signers/{position}/key: is not the id of the key")
            try:
                keys.verify(raw, signature, message)
            except ProofError as error:
                raise ProofError(f"/sigs/{position}: {error}") from error


def signing_input(encoded: bytes) -> bytes:
    return _SIGNED + encoded


def event_id(encoded: bytes) -> str:
    """Hex, 64 characters."""
    return sha256(_NAMED + encoded).hexdigest()


@lru_cache(maxsize=1024)
def parse_at(text: str) -> datetime:
    """``YYYY-MM-DDTHH:MM:SSZ`` as an aware UTC time; a day that does not exist is refused."""
    if _AT.fullmatch(text) is None:
        raise InvalidRecord("is not YYYY-MM-DDTHH:MM:SSZ", pointer="/at")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRecord(f"no such second: {text}", pointer="/at") from error


def print_at(moment: datetime) -> str:
    """The inverse of ``parse_at``; fractions of a second are cut off."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def validated(model: type[Model], value: Any, pointer: str = "") -> Model:
    """Validate ``value``; the first problem becomes an InvalidRecord with its JSON pointer."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"/{part}" for part in first["loc"])
        raise InvalidRecord(first["msg"], pointer=pointer + place) from error


_is_hash, _is_subject = subjects.HASH.fullmatch, subjects.SUBJECT.fullmatch
_is_party, _is_worker = subjects.PARTY.fullmatch, subjects.WORKER.fullmatch
_is_name = re.compile(_NAME, re.ASCII).fullmatch
_is_type = re.compile(_TYPE, re.ASCII).fullmatch
_REQUIRED = frozenset(name for name, member in Body.model_fields.items() if member.is_required())
_LINK, _REF, _SIGNER = (frozenset(part.model_fields) for part in (SubjectLink, Ref, Signer))
_MEMBERS = (_REQUIRED, _REQUIRED | {"performed_by"})


def _formed(value: Any) -> Body | None:
    """``value`` as a Body if it has the form of one, else None: pydantic then says what is wrong.

    Every append and every audited entry passes here, and pydantic takes several times as long. It
    stays the rule: tests hold this to saying yes to exactly what the model says yes to.
    """
    try:
        links, refs, signers, commit = value["subjects"], value["refs"], value["signers"], value["commit"]
        fits = (
            value.keys() in _MEMBERS
            and type(value["v"]) is int
            and value["v"] == 1
            and (_is_type(value["type"]) and len(value["type"]) <= NAME_MAX)
            and type(value["origin"]) is type(value["at"]) is type(value["offset"]) is str
            and ("performed_by" not in value or _is_worker(value["performed_by"]))
            and type(value["data"]) is type(commit) is dict
            and type(links) is type(refs) is type(signers) is list
            and len(links) <= SUBJECTS_MAX
            and len(refs) <= REFS_MAX
            and 1 <= len(signers) <= SIGNERS_MAX
        )
        if not fits:
            return None
        for link in links:
            if not (
                link.keys() == _LINK
                and _is_subject(link["id"])
                and type(link["seq"]) is int
                and 0 <= link["seq"] <= canonical.INTEGER_MAX
                and _is_hash(link["prev"])
            ):
                return None
        for ref in refs:
            if not (ref.keys() == _REF and _is_subject(ref["id"]) and _is_hash(ref["event_id"])):
                return None
        for signer in signers:
            if not (
                signer.keys() == _SIGNER
                and _is_party(signer["party"])
                and _is_hash(signer["key"])
                and (_is_name(signer["role"]) and len(signer["role"]) <= NAME_MAX)
            ):
                return None
        for name, committed in commit.items():
            if not (_is_name(name) and len(name) <= NAME_MAX and _is_hash(committed)):
                return None
    except (KeyError, TypeError, AttributeError):  # a member is missing, or no text, or no object
        return None
    return _body(value)


def _body(value: Any) -> Body:
    parts = {
        "subjects": [made(SubjectLink, link) for link in value["subjects"]],
        "refs": [made(Ref, ref) for ref in value["refs"]],
        "signers": [made(Signer, signer) for signer in value["signers"]],
        "performed_by": value.get("performed_by"),
    }
    return made(Body, value | parts)


# The slots of a pydantic model, set directly: what ``model_construct`` ends in, without its defaults.
_fill = BaseModel.__dict__["__dict__"].__set__
_fill_fields = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_fill_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_fill_private = BaseModel.__dict__["__pydantic_private__"].__set__
_FIELDS: dict[type[BaseModel], set[str]] = {}


def made(model: type[Model], members: dict[str, Any]) -> Model:
    """As ``model_construct``, for members that were checked and are all there.

    ``members`` becomes the model's own: nobody else may change it.
    """
    fields = _FIELDS.get(model) or _FIELDS.setdefault(model, set(model.model_fields))
    new: Model = object.__new__(model)
    _fill(new, members)
    _fill_fields(new, fields)  # shared: a frozen model never changes it
    _fill_extra(new, None)
    _fill_private(new, None)
    return new


def _check_length(encoded: bytes) -> None:
    if len(encoded) > BODY_BYTES_MAX:
        raise InvalidRecord(f"body is longer than {BODY_BYTES_MAX} bytes", pointer="/body")


def _check(body: Body, signatures: Sequence[bytes]) -> None:
    subjects, refs, signers = body.subjects, body.refs, body.signers
    _check_ascending(subjects, "/subjects")
    _check_ascending(refs, "/refs")
    if (not subjects) != (body.type in WITHOUT_SUBJECTS):
        raise InvalidRecord("a record changes at least one subject, a log record none", pointer="/subjects")
    if refs and not {link.id for link in subjects}.isdisjoint([ref.id for ref in refs]):
        raise InvalidRecord("a ref names a subject of this record", pointer="/refs")
    if len(signers) > 1 and len({signer.key for signer in signers}) != len(signers):
        raise InvalidRecord("one key signs twice", pointer="/signers")
    if len(signatures) != len(signers):
        raise InvalidRecord(f"{len(signatures)} signatures for {len(signers)} signers", pointer="/sigs")
    for signature in signatures:
        if len(signature) != keys.SIGNATURE_SIZE:
            raise InvalidRecord(f"an Ed25519 signature has {keys.SIGNATURE_SIZE} bytes", pointer="/sigs")
    parse_at(body.at)
    _check_offset(body.offset)


def _check_ascending(parts: Sequence[SubjectLink | Ref], pointer: str) -> None:
    for n in range(1, len(parts)):
        if parts[n - 1].id >= parts[n].id:
            raise InvalidRecord("ids must ascend, each once", pointer=f"{pointer}/{n}")


@lru_cache(maxsize=256)
def _check_offset(text: str) -> None:
    match = _OFFSET.fullmatch(text)
    minutes = int(match[2]) * 60 + int(match[3]) if match else 24 * 60
    if match is None or text == "-00:00" or minutes > (14 * 60 if match[1] == "+" else 12 * 60):
        raise InvalidRecord("is not an offset between -12:00 and +14:00", pointer="/offset")
