"""Which key may sign what, judged by log index alone (records.md 3)."""

from collections.abc import Mapping

from ledger.core.canonical import JsonValue
from ledger.core.envelope import Body, Signer
from ledger.core.keys import check_public_key, key_id
from ledger.errors import InvalidRecord, NotYourLot, ProofError
from ledger.lots import registration
from ledger.lots.state import KeyState, LogState, PartyState, View
from ledger.records.parties import (
    KeyRegistered,
    KeyRevoked,
    KeyRotated,
    LogKeyChanged,
    LogOpened,
    PartyRegistered,
    Registrar,
    RegistrarsChanged,
)
from ledger.records.registry import Typed

UNREGISTERED_ROLES = frozenset({"registrar", "new_key", "heads"})
HEADS_SCOPES = ["log.heads:heads"]  # of the key.rotated that replaces the heads key


def public_key(typed: Typed, view: View, signer_key: str) -> bytes:
    """The 32 raw bytes behind a signer's key id, from the log and the record itself."""
    key = view.key(signer_key)
    if key is not None:
        return bytes.fromhex(key.public_key)
    data, log = typed.data, view.log()
    candidates = []
    if isinstance(data, LogOpened | RegistrarsChanged):
        candidates += [registrar.public_key for registrar in data.registrars]
    if isinstance(data, KeyRegistered | KeyRotated):
        candidates.append(data.public_key)
    if log is not None:
        candidates += [registrar.public_key for registrar in log.registrars]
        candidates.append(log.heads_key)
    for text in candidates:
        if key_id(bytes.fromhex(text)) == signer_key:
            return bytes.fromhex(text)
    raise NotYourLot(f"key {signer_key} is not registered", pointer="/signers")


def check_signers(typed: Typed, view: View, index: int) -> None:
    """Raise NotYourLot unless every signer's key may sign this type in this role at ``index``."""
    body = typed.record.body
    for position, signer in enumerate(body.signers):
        if signer.role in UNREGISTERED_ROLES or _is_old_heads_key(signer, view):
            continue  # judged with the record's own rule, against the trust roots
        problem = _key_problem(view.key(signer.key), signer, typed.type.stem, index)
        if problem:
            raise NotYourLot(problem, pointer=f"/signers/{position}/key")


def _is_old_heads_key(signer: Signer, view: View) -> bool:
    log = view.log()
    return signer.role == "old_key" and log is not None and is_heads_key(signer.key, log)


def _key_problem(key: KeyState | None, signer: Signer, stem: str, index: int) -> str | None:
    if key is None or key.registered_at >= index:
        return "key is not registered"
    if key.party != signer.party:
        return "key belongs to another party"
    if key.ended_at is not None and key.ended_at < index:
        return "key was rotated or revoked"
    if signer.role != "old_key" and f"{stem}:{signer.role}" not in key.scopes:
        return f"key has no scope {stem}:{signer.role}"
    return None


def opened(data: LogOpened, body: Body) -> LogState:
    """Entry 0: signed by every registrar that it names."""
    _check_registrars(data.registrars, data.quorum)
    _check_all_sign(data.registrars, body)
    for place, text in (("log_key", data.log_key), ("heads_key", data.heads_key)):
        _check_key(text, f"/data/{place}")
    keys = [data.log_key, data.heads_key, *(registrar.public_key for registrar in data.registrars)]
    if len(set(keys)) != len(keys):
        raise InvalidRecord("keys of different roles must differ", pointer="/data")
    return LogState(
        origin=body.origin,
        registrars=data.registrars,
        quorum=data.quorum,
        operator=data.operator,
        log_key=data.log_key,
        heads_key=data.heads_key,
        heads_party=data.operator,
        root_keys=sorted(keys),
    )


def check_quorum(body: Body, log: LogState, *, at_least: int = 0) -> None:
    """Raise NotYourLot unless enough distinct registrars sign. at_least: beyond the log's quorum."""
    known = {(r.party, key_id(bytes.fromhex(r.public_key))) for r in log.registrars}
    signing = {(s.party, s.key) for s in body.signers if s.role == "registrar"}
    strangers = signing - known
    if strangers:
        raise NotYourLot("a signer is not a registrar", pointer="/signers")
    needed = max(log.quorum, at_least)
    if len({party for party, _ in signing}) < needed:
        raise NotYourLot(f"{needed} registrars must sign", pointer="/signers")


def registrars_changed(data: RegistrarsChanged, body: Body, log: LogState, view: View) -> LogState:
    """Signed by the old quorum and every new registrar; counts from the next index.

    Who stays keeps the key; every other key must be new to the log, whatever it was before.
    """
    _check_registrars(data.registrars, data.quorum)
    _check_all_sign(data.registrars, body)
    new = {(r.party, key_id(bytes.fromhex(r.public_key))) for r in data.registrars}
    old_only = [s for s in body.signers if (s.party, s.key) not in new]
    old = {(r.party, key_id(bytes.fromhex(r.public_key))) for r in log.registrars}
    if any((s.party, s.key) not in old for s in old_only):
        raise NotYourLot("a signer is neither an old nor a new registrar", pointer="/signers")
    agreeing = {s.party for s in body.signers if (s.party, s.key) in old}
    if len(agreeing) < log.quorum:
        raise NotYourLot(f"{log.quorum} of the registrars so far must sign", pointer="/signers")
    for position, registrar in enumerate(data.registrars):
        if registrar not in log.registrars and _is_used(registrar.public_key, log, view):
            raise InvalidRecord(
                "keys of different roles must differ", pointer=f"/data/registrars/{position}/public_key"
            )
    roots = _roots_with(log, *(registrar.public_key for registrar in data.registrars))
    return log.model_copy(update={"registrars": data.registrars, "quorum": data.quorum, "root_keys": roots})


def log_key_changed(data: LogKeyChanged, body: Body, log: LogState, view: View) -> LogState:
    check_quorum(body, log)
    _check_key(data.log_key, "/data/log_key")
    if _is_used(data.log_key, log, view):
        raise InvalidRecord("keys of different roles must differ", pointer="/data/log_key")
    return log.model_copy(update={"log_key": data.log_key, "root_keys": _roots_with(log, data.log_key)})


def party_registered(
    data: PartyRegistered, body: Body, log: LogState, opened: Mapping[str, JsonValue]
) -> PartyState:
    """A new party. opened: its committed values as far as they are to be had."""
    check_quorum(body, log)
    if data.brands and data.kind != "brand":
        raise InvalidRecord("only a brand speaks for brand names", pointer="/data/brands")
    if data.supplier_type is not None and data.kind != "supplier":
        raise InvalidRecord("only a supplier has a type of supplier", pointer="/data/supplier_type")
    if data.registration_scheme is not None:
        registration.check(data.registration_scheme, body, opened)
    return PartyState(
        kind=data.kind,
        country=data.country,
        brands=data.brands or [],
        registration_scheme=data.registration_scheme,
        supplier_type=data.supplier_type,
    )


def key_registered(
    data: KeyRegistered | KeyRotated, body: Body, log: LogState, view: View, index: int
) -> KeyState:
    """A new key, whose holder signs too; refused when it ever was any party's or a root key."""
    _check_new_key(data, body, log, view)
    return KeyState(
        id=key_id(bytes.fromhex(data.public_key)),
        public_key=data.public_key,
        party=body.subjects[0].id,
        scopes=data.scopes,
        custody=data.custody,
        registered_at=index,
    )


def _check_new_key(data: KeyRegistered | KeyRotated, body: Body, log: LogState, view: View) -> None:
    check_quorum(body, log)
    _check_key(data.public_key, "/data/public_key")
    if data.scopes != sorted(set(data.scopes)):
        raise InvalidRecord("scopes ascend, each once", pointer="/data/scopes")
    identity = key_id(bytes.fromhex(data.public_key))
    party = body.subjects[0].id
    holders = [s for s in body.signers if s.role == "new_key"]
    if [(s.party, s.key) for s in holders] != [(party, identity)] or body.signers[-1] != holders[0]:
        raise NotYourLot("the new key itself signs last, for the party it joins", pointer="/signers")
    if _is_used(data.public_key, log, view):
        raise InvalidRecord("this public key is registered already", pointer="/data/public_key")


def key_rotated(data: KeyRotated, body: Body, log: LogState, view: View, index: int) -> list[KeyState]:
    """The old key signs for the new one and ends here."""
    new = key_registered(data, body, log, view, index)
    old = _own_key(data.key, body.subjects[0].id, view)
    if [s.key for s in body.signers if s.role == "old_key"] != [old.id]:
        raise NotYourLot("the old key must sign", pointer="/signers")
    return [old.model_copy(update={"ended_at": index}), new]


def heads_key_rotated(data: KeyRotated, body: Body, log: LogState, view: View) -> LogState:
    """Registrars, the heads key (``old_key``) and the new one (``new_key``) sign for a new heads key.

    It is a root key like the one before it, never a party's: nobody registers it, and its only
    scope is ``log.heads:heads``, exactly. It counts from the next index.
    """
    _check_new_key(data, body, log, view)
    if data.scopes != HEADS_SCOPES:
        raise InvalidRecord("the heads key signs log.heads alone", pointer="/data/scopes")
    if [(s.party, s.key) for s in body.signers if s.role == "old_key"] != [(log.heads_party, data.key)]:
        raise NotYourLot("the old key must sign", pointer="/signers")
    roots = _roots_with(log, data.public_key)
    return log.model_copy(update={"heads_key": data.public_key, "root_keys": roots})


def is_heads_key(identity: str, log: LogState) -> bool:
    """True when ``identity``, a key id, is that of the heads key now."""
    return identity == key_id(bytes.fromhex(log.heads_key))


def key_revoked(data: KeyRevoked, body: Body, log: LogState, view: View, index: int) -> KeyState:
    """From the next index on the key signs nothing; reaching back takes a second registrar."""
    since = data.distrust_from_index
    if since is not None and since > index:
        raise InvalidRecord(
            "distrust begins at this record at the latest", pointer="/data/distrust_from_index"
        )
    reaches_back = since is not None and since < index
    check_quorum(body, log, at_least=2 if reaches_back else 0)
    key = _own_key(data.key, body.subjects[0].id, view)
    ended = index if key.ended_at is None else key.ended_at
    known = [at for at in (key.distrust_from, since) if at is not None]  # distrust is never taken back
    return key.model_copy(update={"ended_at": ended, "distrust_from": min(known, default=None)})


def check_heads_signer(body: Body, log: LogState) -> None:
    """``log.heads`` is signed by the heads key alone."""
    expected = (log.heads_party, key_id(bytes.fromhex(log.heads_key)))
    if [(s.party, s.key) for s in body.signers] != [expected]:
        raise NotYourLot("only the heads key signs log.heads", pointer="/signers")


def _is_used(public_key: str, log: LogState, view: View) -> bool:
    """True when the key is or ever was a root key or a party's; no role takes up another's."""
    return public_key in log.root_keys or view.key(key_id(bytes.fromhex(public_key))) is not None


def _roots_with(log: LogState, *public_keys: str) -> list[str]:
    return sorted({*log.root_keys, *public_keys})


def _own_key(identity: str, party: str, view: View) -> KeyState:
    key = view.key(identity)
    if key is None or key.party != party:
        raise InvalidRecord("is not a key of this party", pointer="/data/key")
    return key


def _check_registrars(registrars: list[Registrar], quorum: int) -> None:
    for position, registrar in enumerate(registrars):
        _check_key(registrar.public_key, f"/data/registrars/{position}/public_key")
    parties = {registrar.party for registrar in registrars}
    if len(parties) != len(registrars):
        raise InvalidRecord("a registrar is named twice", pointer="/data/registrars")
    if len({registrar.public_key for registrar in registrars}) != len(registrars):
        raise InvalidRecord("two registrars have one key", pointer="/data/registrars")
    if quorum > len(parties):
        raise InvalidRecord("the quorum is larger than the registrars are many", pointer="/data/quorum")


def _check_all_sign(registrars: list[Registrar], body: Body) -> None:
    signing = {(s.party, s.key) for s in body.signers}
    for position, registrar in enumerate(registrars):
        if (registrar.party, key_id(bytes.fromhex(registrar.public_key))) not in signing:
            raise NotYourLot("every registrar named must sign", pointer=f"/data/registrars/{position}")


def _check_key(text: str, pointer: str) -> None:
    try:
        check_public_key(bytes.fromhex(text))
    except ProofError as error:
        raise InvalidRecord(str(error), pointer=pointer) from error
