"""A policy says which logs and how many witnesses an auditor trusts (C2SP tlog-policy)."""

import pytest

from ledger.core import policy
from ledger.core.checkpoint import Checkpoint
from ledger.core.policy import Group, Policy
from ledger.errors import ProofError
from tests.ledger.core.signers import LOG, OTHER_WITNESS, STRANGER, WITNESS, NoteSigner, signed_note
from tests.ledger.core.test_checkpoint import ROOT, WORKED

HEAD = Checkpoint(LOG.name, 3, ROOT)
THIRD_WITNESS = NoteSigner("witness.example/w3", b"3" * 32, 4)
SIGNERS = {"w1": WITNESS, "w2": OTHER_WITNESS, "w3": THIRD_WITNESS}
WITNESSES = "".join(f"witness {name} {signer.vkey}\n" for name, signer in SIGNERS.items())
BARE = f"log {LOG.vkey}\nquorum none\n"


def _parse(text: str) -> Policy:
    return policy.parse(text.encode())


def _cosigned(*names: str) -> bytes:
    return signed_note(HEAD.text, *(SIGNERS[name].cosign(HEAD.text) for name in names))


class TestReading:
    def test_a_policy_is_logs_witnesses_groups_and_a_quorum(self) -> None:
        read = _parse(
            f"log {LOG.vkey} https://log.example/lots\n{WITNESSES}"
            "group two 2 w1 w2\ngroup every all two w3\nquorum every\n"
        )
        assert read.logs == {LOG.name: LOG.key}
        assert read.witnesses == {name: signer.key for name, signer in SIGNERS.items()}
        assert read.groups == {"two": Group(2, ("w1", "w2")), "every": Group(2, ("two", "w3"))}
        assert read.quorum == "every"

    def test_any_and_all_are_one_and_every_member(self) -> None:
        read = _parse(f"log {LOG.vkey}\n{WITNESSES}group a any w1 w2\ngroup b all w3\nquorum a\n")
        assert (read.groups["a"].threshold, read.groups["b"].threshold) == (1, 1)

    def test_blank_lines_comments_tabs_and_spaces_around_are_allowed(self) -> None:
        text = f"# policy\n\n   \t \n  # log nothing\n \tlog\t \t{LOG.vkey}  \n\tquorum  none \n\n"
        assert _parse(text) == _parse(BARE)

    def test_the_last_line_may_lack_its_newline(self) -> None:
        assert _parse(BARE.rstrip("\n")) == _parse(BARE)

    def test_names_are_opaque_octets_even_outside_utf8(self) -> None:
        text = f"log {LOG.vkey}\nwitness NAME {WITNESS.vkey}\nquorum NAME\n"
        data = text.encode().replace(b"NAME", b"\xff\xfe")
        with pytest.raises(ProofError, match="has not cosigned"):
            policy.parse(data).open(_cosigned())
        policy.parse(data).open(_cosigned("w1"))

    def test_32_logs_32_witnesses_and_32_groups_fit(self) -> None:
        lines = [f"log {NoteSigner(f'log{n}', bytes([n]) * 32).vkey}" for n in range(32)]
        lines += [f"witness w{n} {NoteSigner('w', bytes([n]) * 32, 4).vkey}" for n in range(32)]
        lines += [f"group g{n} any w{n}" for n in range(32)]
        lines += ["group top all " + " ".join(f"g{n}" for n in range(32)), "quorum top"]
        assert len(_parse("\n".join(lines)).groups) == 33

    def test_one_vkey_stands_for_one_log_and_no_witness(self) -> None:
        assert Policy.trusting(LOG.vkey) == _parse(BARE)

    def test_a_name_may_serve_as_witness_and_as_log(self) -> None:
        """The same public key is refused twice in one role only."""
        witness = NoteSigner(LOG.name, LOG.seed, 4)
        _parse(f"log {LOG.vkey}\nwitness w {witness.vkey}\nquorum w\n")


class TestOpening:
    def test_the_worked_example_opens_under_log_and_witness(self) -> None:
        trusted = _parse(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n")
        assert trusted.open(WORKED.encode()) == HEAD

    def test_without_a_quorum_the_log_alone_is_enough(self) -> None:
        assert _parse(BARE).open(_cosigned()) == HEAD

    def test_any_listed_log_may_sign(self) -> None:
        trusted = _parse(f"log {STRANGER.vkey}\nlog {LOG.vkey}\nquorum none\n")
        assert trusted.open(_cosigned()) == HEAD

    def test_two_keys_of_one_origin_are_enough_each(self) -> None:
        """A rotation: the old key and the new one stand under one name."""
        new = NoteSigner(LOG.name, b"n" * 32)
        trusted = _parse(f"log {LOG.vkey}\nlog {new.vkey}\nquorum none\n")
        for signatures in ([LOG.sign(HEAD.text)], [new.sign(HEAD.text)]):
            note = HEAD.text + "\n" + "".join(s.line for s in signatures)
            assert trusted.open(note.encode()) == HEAD

    @pytest.mark.parametrize(
        ("rule", "cosigned", "enough"),
        [
            ("any", (), False),
            ("any", ("w2",), True),
            ("2", ("w1",), False),
            ("2", ("w1", "w3"), True),
            ("2", ("w1", "w2", "w3"), True),
            ("all", ("w1", "w2"), False),
            ("all", ("w1", "w2", "w3"), True),
        ],
    )
    def test_a_group_counts_its_members(self, rule: str, cosigned: tuple[str, ...], enough: bool) -> None:
        trusted = _parse(f"log {LOG.vkey}\n{WITNESSES}group g {rule} w1 w2 w3\nquorum g\n")
        if enough:
            assert trusted.open(_cosigned(*cosigned)) == HEAD
        else:
            with pytest.raises(ProofError, match="the quorum 'g' has not cosigned the checkpoint"):
                trusted.open(_cosigned(*cosigned))

    def test_groups_of_groups_count_satisfied_groups(self) -> None:
        trusted = _parse(
            f"log {LOG.vkey}\n{WITNESSES}group pair all w1 w2\ngroup top all pair w3\nquorum top\n"
        )
        assert trusted.open(_cosigned("w1", "w2", "w3")) == HEAD
        with pytest.raises(ProofError, match="the quorum 'top' has not cosigned"):
            trusted.open(_cosigned("w1", "w3"))

    def test_one_witness_that_cosigns_twice_counts_once(self) -> None:
        trusted = _parse(f"log {LOG.vkey}\n{WITNESSES}group g 2 w1 w2 w3\nquorum g\n")
        with pytest.raises(ProofError, match="has not cosigned"):
            trusted.open(_cosigned("w1", "w1"))

    def test_a_cosignature_that_fails_rejects_the_checkpoint_even_beyond_the_quorum(self) -> None:
        trusted = _parse(f"log {LOG.vkey}\n{WITNESSES}quorum w1\n")
        note = signed_note(HEAD.text, WITNESS.cosign(HEAD.text), OTHER_WITNESS.cosign("other text\n"))
        with pytest.raises(ProofError, match=r"witness\.example/w2: signature does not verify"):
            trusted.open(note)

    def test_a_log_of_another_origin_is_refused(self) -> None:
        with pytest.raises(ProofError, match=r"the policy lists no log 'log\.example/lots'"):
            _parse(f"log {STRANGER.vkey}\nquorum none\n").open(_cosigned())

    def test_a_listed_log_cannot_sign_for_another_origin(self) -> None:
        trusted = _parse(f"log {STRANGER.vkey}\nlog {LOG.vkey}\nquorum none\n")
        note = f"{HEAD.text}\n{STRANGER.sign(HEAD.text).line}".encode()
        with pytest.raises(ProofError, match="no signature of a known key"):
            trusted.open(note)

    def test_witnesses_without_the_log_are_refused(self) -> None:
        trusted = _parse(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n")
        note = f"{HEAD.text}\n{WITNESS.cosign(HEAD.text).line}".encode()
        with pytest.raises(ProofError, match="no signature of a known key"):
            trusted.open(note)

    def test_a_flipped_bit_of_a_checkpoint_that_needs_all_its_lines_opens_nothing(self) -> None:
        trusted = _parse(f"log {LOG.vkey}\nwitness w1 {WITNESS.vkey}\nquorum w1\n")
        for bit in range(8 * len(WORKED.encode())):
            data = bytearray(WORKED.encode())
            data[bit // 8] ^= 1 << bit % 8
            with pytest.raises(ProofError):
                trusted.open(bytes(data))


class TestRefusals:
    @pytest.mark.parametrize("text", ["", f"log {LOG.vkey}\n"])
    def test_a_policy_without_a_quorum_line_is_refused(self, text: str) -> None:
        with pytest.raises(ProofError, match="policy has no quorum line"):
            _parse(text)

    def test_a_policy_without_a_log_is_refused(self) -> None:
        with pytest.raises(ProofError, match="policy lists no log"):
            _parse("quorum none\n")

    def test_a_second_quorum_is_refused(self) -> None:
        with pytest.raises(ProofError, match="policy line 3: a second quorum"):
            _parse(BARE + "quorum none\n")

    @pytest.mark.parametrize(
        "line",
        [
            "log",
            f"log {LOG.vkey} url more",
            f"witness {WITNESS.vkey}",
            f"witness w {WITNESS.vkey} url more",
            "group",
            "group g",
            "group g any",
            "quorum",
            "quorum a b",
            "Log x",
            "trust everyone",
            f"log\u00a0{LOG.vkey}",
        ],
    )
    def test_another_keyword_or_number_of_fields_is_refused(self, line: str) -> None:
        with pytest.raises(ProofError, match=r"policy line 1: .* is no policy line"):
            _parse(f"{line}\n{BARE}")

    @pytest.mark.parametrize("octet", [*range(9), *range(11, 32), 127])
    def test_an_octet_outside_the_allowed_ones_is_refused_even_in_a_comment(self, octet: int) -> None:
        with pytest.raises(ProofError, match="policy line 1: an octet outside"):
            policy.parse(b"# " + bytes([octet]) + b"\n" + BARE.encode())

    @pytest.mark.parametrize("rule", ["0", "4", "99"])
    def test_a_threshold_that_cannot_be_met_is_refused(self, rule: str) -> None:
        with pytest.raises(ProofError, match="of 3 members cannot be met"):
            _parse(f"log {LOG.vkey}\n{WITNESSES}group g {rule} w1 w2 w3\nquorum g\n")

    @pytest.mark.parametrize("rule", ["-1", "+1", "01", "1.0", "some", "ALL", "٢", "1_0", "9" * 5000])
    def test_a_rule_that_is_no_number_is_refused(self, rule: str) -> None:
        with pytest.raises(ProofError, match=r"policy line 5: .* is not a decimal number"):
            _parse(f"log {LOG.vkey}\n{WITNESSES}group g {rule} w1 w2 w3\nquorum g\n")

    def test_a_member_that_stands_below_or_nowhere_is_refused(self) -> None:
        with pytest.raises(ProofError, match="policy line 2: 'w1' is not defined above"):
            _parse(f"log {LOG.vkey}\ngroup g any w1\n{WITNESSES}quorum g\n")
        with pytest.raises(ProofError, match="'g' is not defined above"):
            _parse(f"log {LOG.vkey}\ngroup g any g\nquorum g\n")

    def test_a_quorum_that_stands_below_or_nowhere_is_refused(self) -> None:
        with pytest.raises(ProofError, match="policy line 2: 'w1' is not defined above"):
            _parse(f"log {LOG.vkey}\nquorum w1\n{WITNESSES}")

    def test_a_name_in_two_groups_or_twice_in_one_is_refused(self) -> None:
        for groups in ("group a any w1\ngroup b any w1\n", "group a any w1 w1\n"):
            with pytest.raises(ProofError, match="'w1' is in a group already"):
                _parse(f"log {LOG.vkey}\n{WITNESSES}{groups}quorum none\n")

    @pytest.mark.parametrize("name", ["none", "w1"])
    def test_a_name_that_is_taken_or_reserved_is_refused(self, name: str) -> None:
        for line in (f"witness {name} {NoteSigner('w9', b'9' * 32, 4).vkey}", f"group {name} any w2"):
            with pytest.raises(ProofError, match=f"policy line 5: '{name}' cannot be used again"):
                _parse(f"log {LOG.vkey}\n{WITNESSES}{line}\nquorum none\n")

    def test_the_same_public_key_twice_is_refused_even_under_another_name(self) -> None:
        other = NoteSigner("another.example", LOG.seed)
        for vkey in (LOG.vkey, other.vkey):
            with pytest.raises(ProofError, match="policy line 2: the same public key twice"):
                _parse(f"log {LOG.vkey}\nlog {vkey}\nquorum none\n")
        other = NoteSigner("another.example", WITNESS.seed, 4)
        with pytest.raises(ProofError, match="policy line 5: the same public key twice"):
            _parse(f"log {LOG.vkey}\n{WITNESSES}witness w4 {other.vkey}\nquorum none\n")

    def test_a_key_of_the_other_role_is_refused(self) -> None:
        with pytest.raises(ProofError, match="policy line 1: a log key is"):
            _parse(f"log {WITNESS.vkey}\nquorum none\n")
        with pytest.raises(ProofError, match="policy line 2: a witness key is"):
            _parse(f"log {LOG.vkey}\nwitness w {LOG.vkey}\nquorum w\n")

    def test_a_vkey_whose_name_no_note_can_carry_is_refused(self) -> None:
        vkey = LOG.vkey.replace("log.example", "caf\udce9")
        with pytest.raises(ProofError, match=r"policy line 1: .* is not a key name"):
            policy.parse(f"log {vkey}\nquorum none\n".encode("utf-8", "surrogateescape"))
        with pytest.raises(ProofError, match=r"policy line 1: .* is not a key name"):
            Policy.trusting(vkey)

    def test_windows_line_ends_are_refused(self) -> None:
        with pytest.raises(ProofError, match="policy line 1: an octet outside"):
            policy.parse(BARE.replace("\n", "\r\n").encode())


def test_addresses_are_kept_beside_the_keys() -> None:
    read = _parse(
        f"log {LOG.vkey} https://log.example/lots\nwitness w1 {WITNESS.vkey} https://one.example\n"
        f"witness w2 {OTHER_WITNESS.vkey}\nquorum w1\n"
    )
    assert read.log_urls == {LOG.name: "https://log.example/lots"}
    assert read.witness_urls == {"w1": "https://one.example"}


def test_who_has_cosigned_can_be_asked_without_a_note() -> None:
    read = _parse(f"log {LOG.vkey}\n{WITNESSES}group two 2 w1 w2 w3\nquorum two\n")
    assert not read.is_met_by({"w1"})
    assert read.is_met_by({"w1", "w3"})
    assert _parse(BARE).is_met_by(())
