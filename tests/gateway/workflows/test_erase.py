"""Erasure drill: after it nothing in the installation confirms the value, and every proof holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import NotFound
from gateway.statements import drafts
from gateway.store import goods, requests
from gateway.store import statements as store
from gateway.store.goods import Item
from gateway.store.requests import KeptAnswer
from gateway.store.statements import Signature, Statement
from gateway.wiring import Installation
from gateway.workflows import erase
from gateway.workflows.audit_log import audit_source
from gateway.workflows.prepare import Facts, Wanted
from ledger import erase as private
from ledger.author import new_id
from ledger.errors import InvalidRecord
from ledger.record import Ledger
from ledger.store import log
from tests.gateway.outsiders import outsider


def repaired_phone(installation: Installation) -> Item:
    """An article with a whole life: declared, inspected, split, mended, inspected again."""
    with installation.database.reading() as connection:
        return goods.repaired(connection)[0]


def holding(home: Path, value: str) -> list[str]:
    """Every file of an installation that holds ``value``, as UTF-8 or hex."""
    needles = [value.encode(), value.encode().hex().encode()]
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    return [str(path.relative_to(home)) for path in files if any(n in path.read_bytes() for n in needles)]


def verdict(installation: Installation) -> str:
    installation.publisher.publish()
    report = audit_source(installation.settings, None, policy_file=None, vkey=None, saved_file=None)
    assert report.verdict == "verified", [str(finding) for finding in report.findings]
    return report.verdict


def test_an_article_is_erased_everywhere(copied: Installation) -> None:
    phone = repaired_phone(copied)
    identifier = phone.facts["identifier"]
    assert holding(copied.home, identifier), "the search must find it while it is there"
    with copied.database.reading() as connection:
        about = erase.rows_about(connection, phone)
    assert {record.type.stem for record, _ in about} >= {
        "lot.declared",
        "lot.inspected",
        "lot.split",
        "lot.refurbished",
    }
    assert all(len(rows) == 1 for _, rows in about)
    erase.erase_article(copied, phone.id, "personal_data")
    assert erase.purge_due(copied)
    assert holding(copied.home, identifier) == []
    with copied.database.reading() as connection:
        assert erase.rows_about(connection, phone) == []
    assert verdict(copied) == "verified"


def test_only_this_article_is_erased(copied: Installation) -> None:
    phone = repaired_phone(copied)
    with copied.database.reading() as connection:
        others = [item for item in goods.of_lot(connection, phone.lot) if item.id != phone.id]
        before = [[(r.record.event_id, n) for r, n in erase.rows_about(connection, o)] for o in others]
    assert others
    erase.erase_article(copied, phone.id, "personal_data")
    with copied.database.reading() as connection:
        after = [[(r.record.event_id, n) for r, n in erase.rows_about(connection, o)] for o in others]
    assert after == before


def test_a_company_is_erased_by_field(copied: Installation) -> None:
    with copied.database.reading() as connection:
        party = connection.execute(erase.PARTIES.select().where(erase.PARTIES.c.kind == "supplier")).first()
        event_id = log.chain(connection, party.party)[0][2]
    assert holding(copied.home, party.name_zh)
    erase.erase_fields(copied, event_id, ["address"], "personal_data")
    with copied.database.reading() as connection:
        now = connection.execute(erase.PARTIES.select().where(erase.PARTIES.c.party == party.party)).one()
    assert (now.address, now.city) == ("", "")
    assert now.name_zh == party.name_zh
    assert verdict(copied) == "verified"


def test_a_refusal_changes_nothing(copied: Installation) -> None:
    phone = repaired_phone(copied)
    erase.erase_article(copied, phone.id, "personal_data")
    with copied.database.reading() as connection:
        size = log.read_head(connection).size
        party = log.chain(connection, copied.config.operator)[0][2]
    for gone in (phone.id, 10**9):
        with pytest.raises(NotFound):
            erase.erase_article(copied, gone, "personal_data")
    with pytest.raises(NotFound):
        erase.erase_fields(copied, "0" * 64, ["address"], "personal_data")
    with pytest.raises(InvalidRecord, match="no such field"):
        erase.erase_fields(copied, party, ["fingerprint"], "personal_data")
    with copied.database.reading() as connection:
        assert log.read_head(connection).size == size


def test_a_purge_waits_for_readers_and_is_done_once(
    copied: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = repaired_phone(copied)
    monkeypatch.setattr(private, "PATIENCE_S", 0.2)
    with copied.database.reading() as connection:
        log.read_head(connection)
        erase.erase_article(copied, phone.id, "personal_data")
        assert not erase.purge_due(copied)
    assert erase.purge_due(copied)
    monkeypatch.setattr(private, "purge", _never)
    assert erase.purge_due(copied)


def _never(*_: object, **__: object) -> bool:
    raise AssertionError("purged again although nothing was erased since")


def test_what_waits_for_a_signature_does_not_bring_an_erased_article_back(copied: Installation) -> None:
    """Its measured row waits for an inspector whose key is elsewhere; an answer that repeats it is kept."""
    phone = repaired_phone(copied)
    inspector = outsider(copied, "Lens", "inspector")
    secret = "a scratch that only this phone has"
    row = {"src": {"event_id": phone.source_event, "n": phone.source_n}, "measured": {"note": secret}}
    place = inspector.place("inspector")
    draft = drafts.to_json(
        Wanted("lot.inspected", (phone.lot,), (place,), {}, rows=(Facts("", "measurements/2", [row]),))
    )
    waiting = Statement(
        id=new_id("lot")[4:],
        action="state-inspection",
        type="lot.inspected",
        subject=phone.lot,
        author=inspector.party,
        creator=inspector.party,
        created_by="user:inspector",
        created_at=copied.clock.now(),
        state="waiting",
        draft=draft,
        pending={},
        signers=(Signature(inspector.party, inspector.key, "inspector", waits=True),),
        event_id="0" * 64,
        told={},
    )
    answer = KeptAnswer(
        "1" * 64, "2" * 64, 201, {}, f"{waiting.id} {secret}".encode(), copied.clock.now() + timedelta(1)
    )

    def keep(ledger: Ledger) -> None:
        store.add(ledger.connection, waiting)
        requests.keep(ledger.connection, answer)

    copied.writer.do(keep)
    assert holding(copied.home, secret)
    erase.erase_article(copied, phone.id, "personal_data")
    assert erase.purge_due(copied)
    assert holding(copied.home, secret) == []
    with copied.database.reading() as connection:
        ended = store.find(connection, waiting.id, party=None)
    assert ended is not None
    assert (ended.state, ended.draft, ended.waits_for) == ("refused", {}, ())
