"""A record is exactly the bytes its signers signed (records.md 2)."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core import canonical, envelope
from ledger.core.envelope import SignedRecord
from ledger.errors import InvalidRecord, ProofError
from tests.ledger.core.records import (
    AUTHOR,
    AUTHOR_ID,
    HASH,
    LOT,
    OTHER_LOT,
    PARTNER_ID,
    PARTY,
    START,
    WORK,
    body,
    public_key,
    record,
    signatures,
)


def _refused(pointer: str, match: str, members: dict[str, Any]) -> None:
    encoded = canonical.dumps(members)
    with pytest.raises(InvalidRecord, match=match) as caught:
        SignedRecord.parse(encoded, [bytes(64)] * len(members.get("signers", ())))
    assert caught.value.pointer == pointer


def _link(id_: str = LOT, **changes: Any) -> dict[str, Any]:
    return {"id": id_, "seq": 0, "prev": START, **changes}


def _signer(key: str = AUTHOR_ID, **changes: Any) -> dict[str, Any]:
    return {"party": PARTY, "key": key, "role": "custodian", **changes}


class TestRecord:
    def test_a_record_keeps_the_bytes_it_came_in(self) -> None:
        made = record()
        assert made.encoded == canonical.dumps(body())
        assert made.body.model_dump(mode="json", exclude_none=True) == body()
        assert made.body.author.key == AUTHOR_ID

    def test_signatures_verify_in_the_order_of_the_signers(self) -> None:
        record().verify(public_key)

    def test_event_id_and_signing_input_have_their_own_domains(self) -> None:
        made = record()
        assert made.event_id == sha256(b"lotproof/event-id/v1\n" + made.encoded).hexdigest()
        assert envelope.signing_input(made.encoded) == b"lotproof/event/v1\n" + made.encoded
        assert made.event_id != sha256(envelope.signing_input(made.encoded)).hexdigest()

    def test_the_event_id_does_not_depend_on_signatures(self) -> None:
        made = record()
        other = SignedRecord.parse(made.encoded, [bytes(64), bytes(64)])
        assert other.event_id == made.event_id

    def test_performed_by_is_optional(self) -> None:
        worker = "worker:00000000000000000009"
        assert record(performed_by=worker).body.performed_by == worker
        assert record().body.performed_by is None

    @pytest.mark.parametrize("type_", ["log.opened", "log.heads"])
    def test_log_records_change_no_subject(self, type_: str) -> None:
        assert record(type=type_, subjects=[]).body.subjects == []

    def test_a_later_version_of_a_type_has_a_suffix(self) -> None:
        assert record(type="lot.received.v2").body.type == "lot.received.v2"

    def test_limits_are_reached(self) -> None:
        ids = [f"lot:{n:020d}" for n in range(192)]
        links = [_link(id_) for id_ in ids[:128]]
        refs = [{"id": id_, "event_id": HASH} for id_ in ids[128:]]
        made = record(subjects=links, refs=refs)
        assert (len(made.body.subjects), len(made.body.refs)) == (128, 64)

    def test_a_body_of_60000_bytes_is_accepted_and_the_next_refused(self) -> None:
        room = envelope.BODY_BYTES_MAX - len(canonical.dumps(body(data={"text": ""})))
        record(data={"text": "x" * room})
        _refused("/body", "body is longer than 60000 bytes", body(data={"text": "x" * (room + 1)}))


class TestSignatures:
    @pytest.mark.parametrize("position", [0, 1])
    def test_a_signature_over_other_bytes_is_refused_by_its_place(self, position: int) -> None:
        made = record()
        sigs = list(made.signatures)
        sigs[position] = AUTHOR.sign(b"something else")
        with pytest.raises(ProofError, match=f"/sigs/{position}: signature does not verify"):
            SignedRecord.parse(made.encoded, sigs).verify(public_key)

    def test_swapped_signatures_are_refused(self) -> None:
        made = record()
        with pytest.raises(ProofError, match="/sigs/0: signature does not verify"):
            SignedRecord.parse(made.encoded, made.signatures[::-1]).verify(public_key)

    def test_a_signature_over_the_body_without_its_domain_is_refused(self) -> None:
        made = record(signers=[_signer()])
        bare = SignedRecord.parse(made.encoded, [AUTHOR.sign(made.encoded)])
        with pytest.raises(ProofError, match="/sigs/0: signature does not verify"):
            bare.verify(public_key)

    def test_a_key_that_is_not_the_named_one_is_refused(self) -> None:
        with pytest.raises(ProofError, match="/signers/0/key: is not the id of the key"):
            record().verify(lambda _: public_key(PARTNER_ID))

    def test_a_weak_key_is_refused(self) -> None:
        weak = b"\x01" + bytes(31)
        made = SignedRecord.parse(
            canonical.dumps(body(signers=[_signer(sha256(weak).hexdigest())])), [weak + bytes(32)]
        )
        with pytest.raises(ProofError, match="/sigs/0: Ed25519 public key has small order"):
            made.verify(lambda _: weak)

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_another_number_of_signatures_than_signers_is_refused(self, count: int) -> None:
        with pytest.raises(InvalidRecord, match=f"/sigs: {count} signatures for 2 signers"):
            SignedRecord.parse(canonical.dumps(body()), [bytes(64)] * count)

    @pytest.mark.parametrize("length", [0, 63, 65])
    def test_a_signature_of_another_length_is_refused(self, length: int) -> None:
        with pytest.raises(InvalidRecord, match="/sigs: an Ed25519 signature has 64 bytes"):
            SignedRecord.parse(canonical.dumps(body()), [bytes(64), bytes(length)])


class TestRefusals:
    @pytest.mark.parametrize(
        "name", ["v", "type", "origin", "subjects", "refs", "signers", "at", "offset", "data", "commit"]
    )
    def test_a_missing_member_is_refused(self, name: str) -> None:
        _refused(f"/{name}", "Field required", body(**{name: None}))

    def test_an_unknown_member_is_refused(self) -> None:
        _refused("/note", "Extra inputs are not permitted", body(note="hello"))
        _refused("/signers/0/name", "Extra inputs", body(signers=[_signer(name="x")]))
        _refused("/subjects/0/name", "Extra inputs", body(subjects=[_link(name="x")]))

    @pytest.mark.parametrize("version", [0, 2, True, "1"])
    def test_another_version_is_refused(self, version: Any) -> None:
        _refused("/v", "Input should be", body(v=version))

    @pytest.mark.parametrize(
        "type_",
        [
            "",
            "lot",
            "lot.",
            ".received",
            "Lot.received",
            "lot.received.v0",
            "lot.received.v01",
            "lot.received\n",
            "lot.received.2",
            "l" * 60 + ".abcd",
        ],
    )
    def test_a_type_outside_the_grammar_is_refused(self, type_: str) -> None:
        _refused("/type", "String should", body(type=type_))

    @pytest.mark.parametrize(
        "id_",
        ["lot:1", "lot:0000000000000000000I", "worker:00000000000000000001", LOT.upper(), LOT + "\n", "", 7],
    )
    def test_an_id_outside_the_grammar_is_refused(self, id_: Any) -> None:
        _refused("/subjects/0/id", r"should (match pattern|be a valid string)", body(subjects=[_link(id_)]))

    @pytest.mark.parametrize("seq", [-1, True, "0", [0]])
    def test_a_sequence_number_that_is_none_is_refused(self, seq: Any) -> None:
        _refused("/subjects/0/seq", "Input should be", body(subjects=[_link(seq=seq)]))

    @pytest.mark.parametrize(
        "hash_", ["", "ab", "AB" * 32, "ab" * 33, "xy" * 32, HASH + "\n", " " + HASH[1:]]
    )
    def test_a_hash_in_another_spelling_is_refused(self, hash_: str) -> None:
        _refused("/subjects/0/prev", "String should match", body(subjects=[_link(prev=hash_)]))
        _refused("/refs/0/event_id", "String should match", body(refs=[{"id": OTHER_LOT, "event_id": hash_}]))
        _refused("/signers/0/key", "String should match", body(signers=[_signer(hash_)]))
        _refused("/commit/name", "String should match", body(commit={"name": hash_}))

    def test_subjects_out_of_order_or_twice_are_refused(self) -> None:
        for links in ([_link(OTHER_LOT), _link(LOT)], [_link(LOT), _link(LOT)], [_link(WORK), _link(LOT)]):
            _refused("/subjects/1", "ids must ascend, each once", body(subjects=links))

    def test_refs_out_of_order_or_twice_are_refused(self) -> None:
        for ids in ([WORK, OTHER_LOT], [OTHER_LOT, OTHER_LOT]):
            refs = [{"id": id_, "event_id": HASH} for id_ in ids]
            _refused("/refs/1", "ids must ascend, each once", body(refs=refs))

    def test_a_ref_to_a_subject_of_the_record_is_refused(self) -> None:
        _refused("/refs", "a ref names a subject of this record", body(refs=[{"id": LOT, "event_id": HASH}]))

    def test_a_record_without_subjects_is_refused_but_for_log_records(self) -> None:
        _refused("/subjects", "changes at least one subject", body(subjects=[]))
        _refused("/subjects", "a log record none", body(type="log.heads"))

    def test_too_many_subjects_refs_or_signers_are_refused(self) -> None:
        ids = [f"lot:{n:020d}" for n in range(1000, 1129)]
        _refused("/subjects", "at most 128 items", body(subjects=[_link(id_) for id_ in ids]))
        _refused("/refs", "at most 64 items", body(refs=[{"id": i, "event_id": HASH} for i in ids[:65]]))
        signers = [_signer(f"{n:064x}") for n in range(9)]
        _refused("/signers", "at most 8 items", body(signers=signers))

    def test_a_record_without_a_signer_is_refused(self) -> None:
        _refused("/signers", "at least 1 item", body(signers=[]))

    def test_one_key_that_signs_twice_is_refused(self) -> None:
        _refused("/signers", "one key signs twice", body(signers=[_signer(), _signer(role="releasing")]))

    @pytest.mark.parametrize("role", ["", "Custodian", "a b", "a" * 65, "1a"])
    def test_a_role_outside_the_grammar_is_refused(self, role: str) -> None:
        _refused("/signers/0/role", "String should", body(signers=[_signer(role=role)]))

    @pytest.mark.parametrize("party", [LOT, "party:", "party:0000000000000000000u"])
    def test_a_signer_that_is_no_party_is_refused(self, party: str) -> None:
        _refused("/signers/0/party", "String should match", body(signers=[_signer(party=party)]))

    def test_a_worker_outside_the_grammar_is_refused(self) -> None:
        _refused("/performed_by", "String should match", body(performed_by=PARTY))

    def test_null_is_refused_and_is_not_absence(self) -> None:
        data = canonical.dumps(body()).replace(b'"refs":[]', b'"performed_by":null,"refs":[]')
        with pytest.raises(InvalidRecord, match="/performed_by: NoneType is not one of"):
            SignedRecord.parse(data, [bytes(64)] * 2)

    def test_bytes_that_are_not_canonical_are_refused(self) -> None:
        data = canonical.dumps(body())
        with pytest.raises(InvalidRecord, match="not in canonical form"):
            SignedRecord.parse(data + b"\n", [bytes(64)] * 2)
        with pytest.raises(InvalidRecord, match="Input should be a valid dictionary"):
            SignedRecord.parse(b"[]", [])

    def test_a_body_is_measured_before_it_is_read(self) -> None:
        with pytest.raises(InvalidRecord, match="/body: body is longer than 60000 bytes"):
            SignedRecord.parse(b"[" * 60_001, [])

    @given(st.binary(max_size=80), st.integers(0))
    def test_a_changed_byte_is_refused_or_changes_the_event_id(self, patch: bytes, place: int) -> None:
        made = record()
        start = place % len(made.encoded)
        data = made.encoded[:start] + patch + made.encoded[start + len(patch) :]
        try:
            other = SignedRecord.parse(data, made.signatures)
        except InvalidRecord:
            return
        if data != made.encoded:
            assert other.event_id != made.event_id
            with pytest.raises((ProofError, KeyError)):
                other.verify(public_key)


class TestTimes:
    @given(st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0)))
    def test_a_second_reads_back(self, moment: datetime) -> None:
        assert envelope.parse_at(envelope.print_at(moment)) == moment

    @given(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", fullmatch=True))
    def test_what_is_read_is_printed_the_same(self, text: str) -> None:
        try:
            moment = envelope.parse_at(text)
        except InvalidRecord:
            return
        assert envelope.print_at(moment) == text

    def test_another_zone_is_brought_to_utc_and_fractions_are_cut_off(self) -> None:
        moment = datetime(2026, 11, 20, 9, 0, 7, 999_999, tzinfo=timezone(timedelta(hours=8)))
        assert envelope.print_at(moment) == "2026-11-20T01:00:07Z"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-11-20",
            "2026-11-20 01:00:07Z",
            "2026-11-20T01:00:07",
            "2026-11-20T01:00:07z",
            "2026-11-20t01:00:07Z",
            "2026-11-20T01:00:07.5Z",
            "2026-11-20T01:00:07+00:00",
            "2026-11-20T01:00Z",
            "20261120T010007Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T01:00:07Z\n",
            "٢٠٢٦-11-20T01:00:07Z",
        ],
    )
    def test_another_spelling_of_a_time_is_refused(self, text: str) -> None:
        _refused("/at", "is not YYYY-MM-DDTHH:MM:SSZ", body(at=text))

    @pytest.mark.parametrize(
        "text",
        [
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-31T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-11-20T01:60:00Z",
            "2016-12-31T23:59:60Z",
        ],
    )
    def test_a_second_that_does_not_exist_is_refused(self, text: str) -> None:
        _refused("/at", f"no such second: {text}", body(at=text))

    def test_a_leap_day_exists(self) -> None:
        assert record(at="2028-02-29T23:59:59Z").body.at == "2028-02-29T23:59:59Z"

    @pytest.mark.parametrize("offset", ["+00:00", "+08:00", "+05:45", "-03:30", "-12:00", "+14:00"])
    def test_an_offset_in_use_is_accepted(self, offset: str) -> None:
        assert record(offset=offset).body.offset == offset

    @pytest.mark.parametrize(
        "offset",
        [
            "",
            "Z",
            "-00:00",
            "08:00",
            "+8:00",
            "+0800",
            "+08:60",
            "-12:01",
            "+14:01",
            "+99:00",
            "+08:00\n",
            "−08:00",
        ],
    )
    def test_another_offset_is_refused(self, offset: str) -> None:
        _refused("/offset", "is not an offset between -12:00 and", body(offset=offset))


def test_the_builder_of_this_test_signs_what_it_says() -> None:
    members = body()
    encoded = canonical.dumps(members)
    assert SignedRecord.parse(encoded, signatures(encoded, members)) == record()
