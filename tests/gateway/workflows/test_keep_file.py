"""Files are kept by content, shared by rows, and erased so that only a sealed fingerprint stays."""

import io
from datetime import timedelta
from hashlib import sha256

import pytest
from PIL import Image
from sqlalchemy import select

from gateway.errors import NotFound
from gateway.files.intake import accept
from gateway.files.media import EVIDENCE
from gateway.store import files
from gateway.store.files import FILES, StoredFile
from gateway.wiring import Installation
from gateway.workflows import keep_file
from ledger.core.commitments import Opening, check_opening
from ledger.errors import MissingEvidence, ProofError
from tests.gateway.files import samples

PHOTO = samples.photo_with_place()
LOT = "lot:" + "0" * 20
ORPHAN, NO_TIME = b"orphan", timedelta(0)


def orphaned(installation: Installation) -> str:
    """An object that no row names; its digest."""
    digest = sha256(ORPHAN).hexdigest()
    installation.files.create(keep_file.object_key(digest), ORPHAN)
    return digest


def kept(installation: Installation, data: bytes = PHOTO) -> StoredFile:
    operator = installation.config.operator
    accepted = accept(data, EVIDENCE)
    return keep_file.keep(installation, accepted, owner=operator, lot=LOT, added_by="user:1")


def found(installation: Installation, file: StoredFile) -> StoredFile:
    with installation.database.reading() as connection:
        row = files.find(connection, file.id, owner=None)
    assert row is not None
    return row


def objects(installation: Installation) -> set[str]:
    """But for the papers that the story kept."""
    mine = {key.rpartition("/")[2] for key in installation.files.keys("files")}
    with installation.database.reading() as connection:
        others = connection.execute(select(FILES.c.sha256).where(FILES.c.lot != LOT))
        return mine - set(others.scalars())


def test_what_was_kept_is_read_back_and_opens_its_commitment(copied: Installation) -> None:
    file = kept(copied)
    row = found(copied, file)
    assert row == file
    content = keep_file.content_of(copied, row.sha256)
    assert Image.open(io.BytesIO(content)).size == (row.width, row.height)
    opening = Opening(sha256(PHOTO).hexdigest(), bytes.fromhex(row.salt))
    check_opening(keep_file.COMMITTED, opening, row.commitment)


def test_the_same_bytes_twice_are_one_object_and_two_rows(copied: Installation) -> None:
    first, second = kept(copied), kept(copied)
    assert first.sha256 == second.sha256
    assert first.id != second.id
    assert first.commitment != second.commitment, "salted: nobody sees that they are the same"
    assert objects(copied) == {first.sha256, first.thumbnail}

    keep_file.erase(copied, first.id, "personal_data", owner=copied.config.operator)
    assert keep_file.content_of(copied, second.sha256), "the other row still shows it"
    keep_file.erase(copied, second.id, "personal_data", owner=copied.config.operator)
    assert objects(copied) == set()


def test_an_erased_file_leaves_a_fingerprint_that_nobody_can_open(copied: Installation) -> None:
    file = kept(copied)
    keep_file.erase(copied, file.id, "trade_secret", owner=copied.config.operator)
    row = found(copied, file)
    assert row.commitment == file.commitment
    assert (row.sha256, row.thumbnail, row.salt, row.size) == ("", "", "", 0)
    assert row.erased_for == "trade_secret"
    assert row.erased_at is not None
    with pytest.raises(MissingEvidence):
        keep_file.content_of(copied, file.sha256)
    with pytest.raises(NotFound):
        keep_file.erase(copied, file.id, "trade_secret", owner=copied.config.operator)


def test_a_file_is_erased_by_its_owner_alone(copied: Installation) -> None:
    file = kept(copied)
    with pytest.raises(NotFound):
        keep_file.erase(copied, file.id, "personal_data", owner="party:" + "0" * 20)
    assert keep_file.content_of(copied, file.sha256)


def test_bytes_that_changed_where_they_lie_are_not_served(copied: Installation) -> None:
    file = kept(copied)
    copied.files.replace(keep_file.object_key(file.sha256), b"other")
    with pytest.raises(ProofError, match="not the one"):
        keep_file.content_of(copied, file.sha256)


def test_objects_without_a_row_are_swept_and_others_stay(copied: Installation) -> None:
    """What a crash between the object and its row leaves, or between a row's erasure and its object's."""
    file, orphan = kept(copied), orphaned(copied)
    assert keep_file.sweep(copied) == 0, "seen for the first time: somebody may be adding it"
    assert keep_file.sweep(copied, after=NO_TIME) == 1
    assert objects(copied) == {file.sha256, file.thumbnail}
    copied.files.create(keep_file.object_key(orphan), ORPHAN)
    assert keep_file.sweep(copied, after=NO_TIME) == 0, "what is there again is seen for the first time"


def test_an_object_that_got_a_row_meanwhile_counts_from_the_beginning(copied: Installation) -> None:
    file = kept(copied)
    copied.writer.do(lambda ledger: ledger.connection.execute(FILES.delete().where(FILES.c.lot == LOT)))
    assert keep_file.sweep(copied) == 0
    copied.writer.do(lambda ledger: files.add(ledger.connection, file))
    assert keep_file.sweep(copied, after=NO_TIME) == 0
    copied.writer.do(lambda ledger: ledger.connection.execute(FILES.delete().where(FILES.c.lot == LOT)))
    assert keep_file.sweep(copied, after=NO_TIME) == 0, "its first mark is gone"
    assert keep_file.sweep(copied, after=NO_TIME) == len({file.sha256, file.thumbnail})


def test_bytes_that_somebody_keeps_while_they_are_swept_stay(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row is committed between the look and the deletion: the object is put back."""
    file = kept(copied)
    copied.writer.do(lambda ledger: ledger.connection.execute(FILES.delete().where(FILES.c.lot == LOT)))
    assert keep_file.sweep(copied) == 0
    delete = copied.files.delete

    def keeps_first(key: str) -> None:
        if key == keep_file.object_key(file.sha256):
            copied.writer.do(lambda ledger: files.add(ledger.connection, file))
        delete(key)

    monkeypatch.setattr(copied.files, "delete", keeps_first)
    keep_file.sweep(copied, after=NO_TIME)
    assert keep_file.content_of(copied, file.sha256)
    assert file.sha256 in objects(copied)
