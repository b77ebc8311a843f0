"""The browser's check does what ours does: the same vectors, the same packs, the same forgeries refused."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from exporters import audit_pack
from exporters.pack import verify_lot
from ledger.core import keys, pack
from ledger.core.cosignature import message
from ledger.core.keys import VerifierKey
from ledger.core.note import Note, Signature
from ledger.errors import ProofError
from tests.exporters.packs import POLICY, Forger, made, played, rezipped
from tests.gateway.pages.browsing import CHROMIUM, launched
from tests.gateway.pages.laboratory import Laboratory, coded, laboratory
from tests.ledger.fakes import MemorySigner
from tests.ledger.rotating import FIRST, SECOND, rotated, vkey
from tests.ledger.world import CHILD_A, CHILD_B, LOT, ORIGIN, World

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine: modules not run")

CHECK = "return (await m.checkPack(bytes(one.pack), { policy: one.policy, known: one.known })).head.size;"
SMALL_ORDER_Y = (
    0,
    1,
    2**255 - 20,
    int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    ),
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
    ),
)
# The example of docs/labels.md.
LABEL_KEY = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"
LABEL_KEY_ID = "56475aa75463474c0285df5dbf2bcab73da651358839e9b77481b2eab107708c"
LABEL = (
    "s1.AVZHWqdUY0dMAUIKUSoAAATSVYV232UgVnAJm0oSpgmddw5WiGiWwg-QvUfoSHZfBm7K96J__3qig08yfFuNO1tsBMyTnUM6PpBHD1"
    "Wg0h2NU9X_GQZAr4nh-9XEqewO"
)
CODE = "0123456789abcdefghjk"


@pytest.fixture(scope="module")
def lab() -> Iterator[Laboratory]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        with laboratory(browser) as found:
            yield found
        browser.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return played(World(tmp_path_factory.mktemp("packs")))


@pytest.fixture(scope="module")
def good(world: World) -> bytes:
    return made(world)


@pytest.fixture(scope="module")
def worked(conformance: Path) -> Any:
    return json.loads((conformance / "records" / "worked.json").read_text("utf-8"))


def asked(data: bytes, policy: bytes = POLICY) -> dict[str, Any]:
    return {"pack": coded(data), "policy": policy.decode(), "known": audit_pack.known()}


def exit_code(answer: dict[str, Any]) -> int:
    return int(answer.get("code", 0))


def test_canonical_json_is_that_of_rfc_8785_on_our_profile(lab: Laboratory, conformance: Path) -> None:
    folder = conformance / "log" / "jcs-rfc8785" / "testdata"
    names = sorted(path.name for path in (folder / "input").iterdir())
    texts = [(folder / "input" / name).read_text("utf-8") for name in names]
    found = lab.run("return m.hex(m.dumps(JSON.parse(one)));", *texts)
    for name, text, answer in zip(names, texts, found, strict=True):
        if _holds_what_no_record_may(json.loads(text)):
            assert answer["refused"] == "form", name
        else:
            assert bytes.fromhex(answer["value"]) == (folder / "output" / name).read_bytes(), name
    assert sum("value" in answer for answer in found) >= 3


def _holds_what_no_record_may(value: Any) -> bool:
    """A fraction, or null. JavaScript has one kind of number: 56.0 is 56."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return any(map(_holds_what_no_record_may, inner))
    return value is None or (isinstance(value, float) and not value.is_integer())


SPELT_OTHERWISE = (
    '{"a":1,"a":2}', "1.5", "1e3", "-0", "null", "9007199254740992", '{"b":1,"a":2}', '"\\u0041"',
    '"\\ud800"', "[1, 2]", '"\ufeff',
)  # fmt: skip


@pytest.mark.parametrize("text", SPELT_OTHERWISE)
def test_another_spelling_of_json_is_refused(lab: Laboratory, text: str) -> None:
    (answer,) = lab.run('return m.loads(bytes(one), "it");', coded(text.encode()))
    assert "refused" in answer


def test_signatures_are_judged_as_wycheproof_says_and_as_the_ledger_does(
    lab: Laboratory, conformance: Path
) -> None:
    told = json.loads((conformance / "log" / "wycheproof" / "ed25519_test.json").read_text())
    cases = [
        (group["publicKey"]["pk"], one["sig"], one["msg"], one["result"])
        for group in told["testGroups"]
        for one in group["tests"]
    ]
    hexed = "const h = (t) => Uint8Array.from(t.match(/../g) ?? [], (p) => parseInt(p, 16));"
    found = lab.run(f'{hexed} await m.verify(h(one[0]), h(one[1]), h(one[2]), "it"); return true;', *cases)
    for (key, signature, text, result), answer in zip(cases, found, strict=True):
        raw, signed, said = (bytes.fromhex(part) for part in (key, signature, text))
        try:
            keys.verify(raw, signed, said)
            ours = "valid"
        except ProofError:
            ours = "invalid"
        assert (ours, "valid" if "value" in answer else "invalid") == (result, result)


def test_a1_keys_of_small_order_and_misspelt_ones_are_refused(lab: Laboratory) -> None:
    """Under the neutral element a signature of zeros holds for every message, where nobody looks."""
    ys = [*SMALL_ORDER_Y, *range(2**255 - 19, 2**255)]
    raws = [(y | sign << 255).to_bytes(32, "little") for y in ys for sign in (0, 1)]
    forged = coded((1).to_bytes(32, "little") + bytes(32))
    cases = [[coded(raw), forged] for raw in raws]
    found = lab.run('await m.verify(bytes(one[0]), bytes(one[1]), bytes("eA=="), "it"); return true;', *cases)
    assert {answer.get("refused") for answer in found} == {"key-weak"}


def test_a11_inclusion_proofs_are_judged_as_the_others_judge_them(lab: Laboratory, conformance: Path) -> None:
    folder = conformance / "log" / "transparency-dev-merkle" / "testdata" / "inclusion"
    told = [json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))]
    assert len(told) == 49
    found = lab.run(
        """const root = await m.treeRoot(bytes(one.leafHash), one.leafIdx, one.treeSize, one.proof ?? []);
        m.need(m.equal(root, bytes(one.root)), "not-in-tree"); return true;""",
        *told,
    )
    for vector, answer in zip(told, found, strict=True):
        assert ("value" not in answer) == vector["wantErr"], vector["desc"]


def test_the_worked_log_comes_out_byte_for_byte(lab: Laboratory, worked: Any) -> None:
    entries = worked["entries"]
    ids = lab.run(
        """return [m.hex(await m.sha(m.utf8("lotproof/event-id/v1\\n"), m.dumps(JSON.parse(one.body_jcs)))),
        m.hex(await m.leafHash(m.utf8(one.leaf)))];""",
        *entries,
    )
    assert [one["value"] for one in ids] == [[one["event_id"], one["leaf_hash"]] for one in entries]
    path = [coded(bytes.fromhex(one)) for one in worked["inclusion_of_entry_6_in_10"]]
    (root,) = lab.run(
        "return m.hex(await m.treeRoot(m.unhex(one[0]), 6, 10, one[1]));", [entries[6]["leaf_hash"], path]
    )
    assert root["value"] == worked["roots"]["10"]
    policy = f"log {worked['vkey']}\nquorum none\n"
    opened = """const policy = await m.Policy.parse(one[0]);
        return m.hex((await m.openCheckpoint(m.utf8(one[1]), policy.keys, true)).root);"""
    (head,) = lab.run(opened, [policy, worked["checkpoint"]])
    assert head["value"] == worked["roots"]["10"]


def test_the_worked_heads_prove_a_last_record_and_no_other(lab: Laboratory, worked: Any) -> None:
    told = worked["heads"]
    steps = [[one["bits"], one["sibling"]] for one in told["presence_of_lot"]["steps"]]
    key = told["presence_of_lot"]["terminal"]["leaf"]["key"]
    lot = next(one for one in told["keys"] if one["key"] == key)
    case = [steps, told["root"], lot["subject"], lot["seq"], lot["event_id"]]
    others = [
        [steps, told["root"], lot["subject"], lot["seq"] - 1, lot["event_id"]],
        [steps, told["root"], told["keys"][0]["subject"], lot["seq"], lot["event_id"]],
        [steps[:-1], told["root"], lot["subject"], lot["seq"], lot["event_id"]],
        [[*reversed(steps)], told["root"], lot["subject"], lot["seq"], lot["event_id"]],
        [[*steps, [256, "0" * 64]], told["root"], lot["subject"], lot["seq"], lot["event_id"]],
    ]
    program = "await m.checkHead(one[0], m.unhex(one[1]), one[2], one[3], one[4]); return true;"
    right, *wrong = lab.run(program, case, *others)
    assert right == {"value": True}
    assert {one.get("refused") for one in wrong} == {"not-whole"}


def test_good_packs_pass_with_everything_opened_and_with_nothing(lab: Laboratory, world: World) -> None:
    packs = [made(world, lot) for lot in (LOT, CHILD_A, CHILD_B)]
    packs.append(made(world, opened=lambda _leaf, _field: False, rows=False))
    assert [exit_code(one) for one in lab.run(CHECK, *map(asked, packs))] == [0, 0, 0, 0]


def test_a15_a_forged_pack_is_refused_with_the_code_of_the_stand_alone_verifier(
    lab: Laboratory, world: World, good: bytes
) -> None:
    forger = Forger(good, [made(world, CHILD_B), made(world, LOT)], seed=20261122)
    forged = [forger.forged() for _ in range(150)]
    answers = lab.run(CHECK, *(asked(data) for _, data in forged))
    for (what, data), answer in zip(forged, answers, strict=True):
        assert exit_code(answer) == verify_lot.verify(data, POLICY)["exit"], (what, answer)
    assert {answer.get("step") for answer in answers} >= {"file", "checkpoint", "records", "whole", "private"}


def test_a_policy_that_trusts_nobody_or_another_is_no_reason_to_believe(lab: Laboratory, good: bytes) -> None:
    stranger = VerifierKey(ORIGIN, MemorySigner("a stranger's log").public_key)
    policies = [b"", b"quorum none\n", b"log x\nquorum none\n", f"log {stranger}\nquorum none\n".encode()]
    found = lab.run(CHECK, *(asked(good, one) for one in policies))
    assert [(one["step"], one["code"]) for one in found] == [("checkpoint", 4)] * 3 + [("checkpoint", 3)]


def test_a_quorum_of_witnesses_is_asked_for(lab: Laboratory, good: bytes) -> None:
    witness = MemorySigner("a witness")
    key = VerifierKey("witness.example/w", witness.public_key, 4)
    policy = POLICY.replace(b"quorum none", f"witness w {key}\ngroup g any w\nquorum g".encode())
    cosigned = {at: _cosigned(good, witness, key, at) for at in (1_780_000_000, 1_790_000_000)}
    stolen = _cosigned(good, MemorySigner("somebody else"), key, 1_780_000_000)
    found = lab.run(CHECK, asked(good, policy), *(asked(one, policy) for one in (*cosigned.values(), stolen)))
    assert [one.get("refused", "") for one in found] == ["quorum", "", "", "signature"]


def test_a_log_that_changed_its_key_is_followed_from_either(lab: Laboratory, tmp_path: Path) -> None:
    world = played(World(tmp_path))
    rotated(world)
    data = made(world)
    lines = [f"log {vkey(one)}\nquorum none\n".encode() for one in (FIRST, SECOND)]
    without = pack.read(data)
    members = {name: one for name, one in without.members.items() if not name.startswith("log-keys/")}
    stripped = rezipped(without, members)
    found = lab.run(CHECK, *(asked(one, line) for one in (data, stripped) for line in lines))
    assert [exit_code(one) for one in found] == [0, 0, 3, 3]


def test_a15_a_handover_that_one_key_signed_twice_hands_nothing_over(lab: Laboratory, tmp_path: Path) -> None:
    """Whoever names a trusted key in a log of his own could otherwise pass its trust to himself."""
    world = played(World(tmp_path))
    rotated(world)
    read = pack.read(made(world))
    name = "log-keys/1.tlog-proof"
    text, _, signatures = read.members[name].decode().rpartition("\n\n")
    policy = f"log {vkey(FIRST)}\nquorum none\n".encode()
    lines = signatures.splitlines(keepends=True)
    forged = [rezipped(read, {**read.members, name: f"{text}\n\n{line}{line}".encode()}) for line in lines]
    assert [verify_lot.verify(data, policy)["exit"] for data in forged] == [3, 3]
    found = lab.run(CHECK, *(asked(data, policy) for data in forged))
    assert [(one.get("step"), one.get("refused")) for one in found] == [("checkpoint", "log-key")] * 2


def test_two_keys_of_one_registrar_are_no_quorum_of_two(lab: Laboratory) -> None:
    party, signers = "party:" + "a" * 20, [MemorySigner("one"), MemorySigner("other")]
    registrars = [{"party": party, "public_key": signer.public_key.hex()} for signer in signers]
    data = {
        "registrars": registrars, "quorum": 2, "operator": party, "log_key": registrars[0]["public_key"],
        "heads_key": MemorySigner("heads").public_key.hex(),
    }  # fmt: skip
    by = [{"key": keys.key_id(s.public_key), "party": party, "role": "registrar"} for s in signers]
    body = {"type": "log.opened", "data": data, "signers": by, "subjects": []}
    message = b"lotproof/event/v1\n" + verify_lot.dumps(body)
    sigs = [coded(signer.sign(message)) for signer in signers]
    program = """const { data, signers, type } = one.body;
        await new m.Keys(true).take({ ...one, data, signers, type, index: 0, what: "it", chains: new Map() });
        return true;"""
    (found,) = lab.run(program, {"body": body, "sigs": sigs})
    assert found.get("refused") == "registrars"


def test_a_step_of_a_proof_holds_its_bit_and_its_sibling_and_no_more(lab: Laboratory, worked: Any) -> None:
    told = worked["heads"]
    steps = [[one["bits"], one["sibling"], "more"] for one in told["presence_of_lot"]["steps"]]
    key = told["presence_of_lot"]["terminal"]["leaf"]["key"]
    lot = next(one for one in told["keys"] if one["key"] == key)
    program = "await m.checkHead(one[0], m.unhex(one[1]), one[2], one[3], one[4]); return true;"
    (found,) = lab.run(program, [steps, told["root"], lot["subject"], lot["seq"], lot["event_id"]])
    assert found.get("refused") == "not-whole"


def test_a42_the_signed_label_of_the_documentation_holds_and_no_other_does(lab: Laboratory) -> None:
    key = {"id": LABEL_KEY_ID, "publicKey": LABEL_KEY, "endedAt": None, "distrustFrom": None}
    program = "return await m.checkLink(one.code, one.fragment, one.keys);"
    case = {"code": CODE, "fragment": LABEL, "keys": [key]}
    (right,) = lab.run(program, case)
    facts = right["value"]
    printed = ("article", "B", "2026-11-21", 1234)
    assert (facts["level"], facts["grade"], facts["printedOn"], facts["index"]) == printed
    assert (facts["repaired"], facts["batteryReplaced"], facts["dataWiped"]) == ("yes", "yes", "no-record")
    wrong = [
        ({"code": "0" * 20}, "signature"),
        ({"fragment": LABEL[:-1] + "A"}, "signature"),
        ({"fragment": LABEL[:-1]}, "fragment"),
        ({"fragment": "s1." + "_" * 128}, "fragment"),
        ({"fragment": "s2" + LABEL[2:]}, "fragment"),
        ({"keys": []}, "key-unknown"),
        ({"keys": [{**key, "distrustFrom": 1234}]}, "key-ended"),
        ({"keys": [{**key, "endedAt": 1233}]}, "key-ended"),
    ]
    found = lab.run(program, *({**case, **change} for change, _ in wrong))
    assert [one.get("refused") for one in found] == [reason for _, reason in wrong]


def test_a_label_signed_before_its_key_ended_still_holds(lab: Laboratory) -> None:
    key = {"id": LABEL_KEY_ID, "publicKey": LABEL_KEY, "endedAt": 1300, "distrustFrom": None}
    case = {"code": CODE, "fragment": LABEL, "keys": [key]}
    (found,) = lab.run("return (await m.checkLink(one.code, one.fragment, one.keys)).index;", case)
    assert found == {"value": 1234}


def test_a42_a_key_that_was_taken_vouches_for_no_label_however_early_it_says_to_be(lab: Laboratory) -> None:
    """The index on a label is whatever its signer wrote there."""
    key = {"id": LABEL_KEY_ID, "publicKey": LABEL_KEY, "endedAt": 1300, "distrustFrom": 1235}
    case = {"code": CODE, "fragment": LABEL, "keys": [key]}
    (found,) = lab.run("return (await m.checkLink(one.code, one.fragment, one.keys)).index;", case)
    assert (found.get("refused"), found.get("code")) == ("key-distrusted", 4)


def test_no_single_changed_byte_of_a_label_leaves_it_signed(lab: Laboratory) -> None:
    raw = b64decode(LABEL[3:].replace("-", "+").replace("_", "/"))
    changed = [raw[:n] + bytes([raw[n] ^ 1]) + raw[n + 1 :] for n in range(len(raw))]
    key = {"id": LABEL_KEY_ID, "publicKey": LABEL_KEY, "endedAt": None, "distrustFrom": None}
    cases = [
        {"code": CODE, "keys": [key], "fragment": "s1." + coded(one).replace("+", "-").replace("/", "_")}
        for one in changed
    ]
    found = lab.run("await m.checkLink(one.code, one.fragment, one.keys); return true;", *cases)
    assert all("refused" in one for one in found)


def test_rows_prove_an_article_without_showing_the_others(lab: Laboratory, world: World) -> None:
    read = pack.read(made(world))
    rows = json.loads(read.members[pack.ROWS])
    records = {
        verify_lot.sha(b"lotproof/event-id/v1\n", verify_lot.dumps(leaf["body"])).hex(): leaf["body"]
        for name, data in read.members.items()
        if name.startswith(pack.RECORDS) and name.endswith(".json")
        for leaf in [json.loads(data)]
    }
    program = """const record = { data: one[1].data, what: "it" };
        await m.checkRow(one[0], new Map([[one[0].event_id, record]])); return true;"""
    cases = [[row, records[row["event_id"]]] for row in rows]
    assert [one for one in lab.run(program, *cases) if "value" not in one] == []
    other = [[{**row, "row": {**row["row"], "n": row["row"]["n"] + 1}}, body] for row, body in cases]
    assert all("refused" in one for one in lab.run(program, *other))


def _cosigned(data: bytes, witness: MemorySigner, key: VerifierKey, at: int) -> bytes:
    read = pack.read(data)
    old = read.members[pack.CHECKPOINT]
    note = Note.parse(old)
    blob = at.to_bytes(8, "big") + witness.sign(message(at, note.text))
    new = str(Note(note.text, (*note.signatures, Signature(key.name, key.id, blob)))).encode()
    return rezipped(read, {name: one.replace(old, new) for name, one in read.members.items()})
