"""Keep a file that was accepted, and erase one: objects by their hash, rows that say whose they are."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal

from gateway.errors import NotFound
from gateway.files.intake import Accepted
from gateway.store import files
from gateway.store.files import StoredFile
from gateway.wiring import Installation
from ledger.core.commitments import SALT_SIZE, Opening, commitment
from ledger.core.subjects import base32
from ledger.errors import ProofError
from ledger.record import Ledger

ErasureReason = Literal["personal_data", "trade_secret", "retention_ended"]
ID_BYTES = 13
UNNAMED_FOR: Final = timedelta(days=1)  # how long an object without a row is left alone
LOOKED_UP_AT_ONCE: Final = 500  # objects asked for in one query
COMMITTED = "original_sha256"  # what the commitment of a file is to: the hash of what was sent


def keep(
    installation: Installation, accepted: Accepted, *, owner: str, lot: str, added_by: str
) -> StoredFile:
    """Durable on return. The same bytes again are another row of the same object.

    owner: ``party:…`` or ``cmp_…``. lot: "" when it is about none. added_by: a principal.
    """
    file = placed(installation, accepted, owner=owner, lot=lot, added_by=added_by)
    installation.writer.do(lambda ledger: files.add(ledger.connection, file))
    # Whoever erased another row of the same bytes may have deleted them before ours was there.
    _create(installation, _objects(accepted))
    return file


def placed(
    installation: Installation, accepted: Accepted, *, owner: str, added_by: str, lot: str = ""
) -> StoredFile:
    """The bytes are objects on return; the row is the caller's to add, with what it belongs to.

    Objects that no row names are shown to nobody, and ``sweep`` takes them away a day later.
    """
    salt = secrets.token_bytes(SALT_SIZE)
    _create(installation, _objects(accepted))
    return StoredFile(
        id=base32(secrets.token_bytes(ID_BYTES)),
        owner=owner,
        lot=lot,
        added_by=added_by,
        added_at=installation.clock.now(),
        media_type=accepted.media.media_type,
        size=len(accepted.content),
        width=accepted.width,
        height=accepted.height,
        sha256=sha256(accepted.content).hexdigest(),
        thumbnail=sha256(accepted.thumbnail).hexdigest() if accepted.thumbnail else "",
        commitment=commitment(COMMITTED, Opening(accepted.original_sha256, salt)),
        salt=salt.hex(),
    )


def erase(installation: Installation, file_id: str, reason: ErasureReason, *, owner: str | None) -> None:
    """Delete the bytes and what they were; the row keeps a commitment that nobody can open any more.

    owner: as in ``files.find``. Raises NotFound when there is nothing left to erase.
    """

    def unit(ledger: Ledger) -> list[str]:
        file = files.find(ledger.connection, file_id, owner=owner)
        if file is None or file.erased_at is not None:
            raise NotFound(file_id)
        files.erase(ledger.connection, file, at=installation.clock.now(), reason=reason)
        return files.unused(ledger.connection, [file.sha256, file.thumbnail])

    # A crash after the commit leaves the objects without a row: ``sweep``.
    for digest in installation.writer.do(unit):
        installation.files.delete(object_key(digest))


def sweep(installation: Installation, *, after: timedelta = UNNAMED_FOR) -> int:
    """Delete objects that no row has named for ``after``, and say how many.

    People may add files meanwhile: see ``_taken_away``.
    """
    found = [key.rpartition("/")[2] for key in installation.files.keys("files")]
    unnamed: set[str] = set()
    with installation.database.reading() as connection:
        for start in range(0, len(found), LOOKED_UP_AT_ONCE):
            unnamed.update(files.unused(connection, found[start : start + LOOKED_UP_AT_ONCE]))
    now = installation.clock.now()

    def unit(ledger: Ledger) -> list[str]:
        return files.mark_unnamed(ledger.connection, unnamed, now, before=now - after)

    return sum(_taken_away(installation, digest) for digest in installation.writer.do(unit))


def _taken_away(installation: Installation, digest: str) -> bool:
    """Delete one object; False when somebody has named it meanwhile.

    ``keep`` creates its objects again after its commit. If that commit came before our second look, we
    put the object back; if it came after, so does that creation. Either way it stays.
    """
    content = installation.files.get(object_key(digest))
    with installation.database.reading() as connection:
        if files.names_any(connection, digest):
            return False
    installation.files.delete(object_key(digest))
    with installation.database.reading() as connection:
        if not files.names_any(connection, digest):
            return True
    installation.files.create(object_key(digest), content)
    return False


def content_of(installation: Installation, digest: str) -> bytes:
    """The bytes of an object. Raises ProofError when they are not those that were kept."""
    content = installation.files.get(object_key(digest))
    if sha256(content).hexdigest() != digest:
        raise ProofError("the file is not the one that was kept")
    return content


def object_key(digest: str) -> str:
    return f"files/{digest[:2]}/{digest}"


def _objects(accepted: Accepted) -> dict[str, bytes]:
    """Name -> bytes of a file and of its thumbnail, where it has one."""
    objects = {sha256(accepted.content).hexdigest(): accepted.content}
    if accepted.thumbnail:
        objects[sha256(accepted.thumbnail).hexdigest()] = accepted.thumbnail
    return objects


def _create(installation: Installation, objects: dict[str, bytes]) -> None:
    for digest, content in objects.items():
        installation.files.create(object_key(digest), content)
