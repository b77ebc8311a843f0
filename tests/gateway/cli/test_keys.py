"""Keys in people's hands: made, backed up, registered, replaced and revoked from the command line alone."""

import io
import json
import os
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from gateway.wiring import Installation
from ledger.adapters.key_file import KeyFile
from ledger.core.keys import key_id
from ledger.key_request import KeyRequest
from ledger.pending import Pending
from ledger.store import log

LOTPROOF = Path(sys.executable).with_name("lotproof")
PASSPHRASE = "correct horse battery"


@dataclass
class Said:
    stdout: str
    stderr: str


@dataclass
class Person:
    """Someone with a computer of their own. said: the last answer."""

    folder: Path
    home: Path | None = None
    said: Said = field(default_factory=lambda: Said("", ""))

    def run(self, *arguments: str | Path, code: int = 0, typed: str = "", secret: str = PASSPHRASE) -> str:
        """The command line as ``main`` runs it, in this folder and with these settings."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.chdir(self.folder)
            patch.setattr("sys.argv", ["lotproof", *map(str, arguments)])
            patch.setattr("sys.stdin", io.StringIO(typed))
            patch.setenv("LOTPROOF_HOME", str(self.home or self.folder / "no home"))
            patch.setenv("LOTPROOF_KEY_PASSPHRASE", secret)
            with pytest.raises(SystemExit) as ended:
                main()
        self.said = Said(out.getvalue(), err.getvalue())
        assert (ended.value.code or 0) == code, self.said
        return self.said.stdout

    def key(self, name: str) -> KeyFile:
        return KeyFile.load(self.folder / f"{name}.pem", passphrase=PASSPHRASE.encode())


@pytest.fixture
def owner(tmp_path: Path) -> Person:
    folder = tmp_path / "owner"
    folder.mkdir()
    return Person(folder)


@pytest.fixture
def registrar(copied: Installation, tmp_path: Path) -> Person:
    folder = tmp_path / "registrar"
    folder.mkdir()
    return Person(folder, copied.home)


def _party(installation: Installation, kind: str) -> str:
    with installation.database.reading() as connection:
        return next(name for name, one in log.subjects_of_kind(connection, "party") if one.state.kind == kind)


def _listed(registrar: Person) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for one in json.loads(registrar.run("keys", "list", "--json"))["keys"]}


def _hand_over(path: Path, to: Person) -> Path:
    target = to.folder / path.name
    target.write_bytes(path.read_bytes())
    return target


def _asked(owner: Person, registrar: Person, name: str, *options: str) -> Path:
    """A request of a new key in the owner's folder, given to the registrar."""
    owner.run("keys", "new", name, "--file", f"{name}.pem", "--public")
    origin = json.loads((registrar.home / "config.json").read_text())["origin"] if registrar.home else ""
    owner.run("keys", "request", "--file", f"{name}.pem", "--origin", origin, "-o", f"{name}.json", *options)
    return _hand_over(owner.folder / f"{name}.json", registrar)


def _register(owner: Person, registrar: Person, name: str, party: str) -> str:
    """The two steps; returns the key id."""
    _asked(owner, registrar, name, "--party", party, "--scope", "lot.inspected:inspector")
    registrar.run("keys", "register", f"{name}.json")
    assert "still to sign: new_key" in registrar.said.stderr
    prepared = _hand_over(registrar.folder / f"{name}.prepared.json", owner)
    shown = owner.run("sign", prepared, "--key", f"{name}.pem", "--yes")
    assert "You sign: Key registered (key.registered)" in shown
    assert party in shown
    signed = _hand_over(prepared, registrar)
    assert registrar.run("record", signed).startswith("entry ")
    return key_id(owner.key(name).public_key)


def test_a_new_key_is_encrypted_its_owners_alone_and_never_overwritten(owner: Person) -> None:
    shown = owner.run("keys", "new", "mine", "--file", "mine.pem")
    path = owner.folder / "mine.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert f"fingerprint  {key_id(owner.key('mine').public_key)}" in shown
    before = path.read_bytes()
    owner.run("keys", "new", "mine", "--file", "mine.pem", code=1)
    assert "never replaced" in owner.said.stderr
    assert path.read_bytes() == before
    assert [one.name for one in owner.folder.iterdir()] == ["mine.pem"], "nothing half-written stays"


def test_without_a_passphrase_there_is_no_key_unless_one_says_so(owner: Person) -> None:
    owner.run("keys", "new", "mine", "--file", "mine.pem", secret="", code=1)
    assert "LOTPROOF_KEY_PASSPHRASE" in owner.said.stderr
    owner.run("keys", "new", "mine", "--file", "mine.pem", secret="short", code=1)
    assert "at least 8" in owner.said.stderr
    assert not (owner.folder / "mine.pem").exists()
    owner.run("keys", "new", "mine", "--file", "mine.pem", "--unencrypted", secret="")
    assert (owner.folder / "mine.pem").read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")


def test_a_passphrase_may_stand_in_a_file_and_no_option_takes_one(owner: Person) -> None:
    (owner.folder / "passphrase").write_text(PASSPHRASE + "\nnot this line\n")
    owner.run("keys", "new", "mine", "--file", "mine.pem", "--passphrase-file", "passphrase", secret="")
    owner.run("keys", "show", "--file", "mine.pem", secret="", code=1)
    assert "is encrypted" in owner.said.stderr
    owner.run("keys", "show", "--file", "mine.pem", secret="another one", code=1)
    assert "the passphrase does not open it" in owner.said.stderr
    assert "fingerprint" in owner.run("keys", "show", "--file", "mine.pem")
    for command in (("keys", "new"), ("keys", "show"), ("sign",), ("keys", "register")):
        assert not {"--passphrase", "--password"} & set(owner.run(*command, "--help").split())


def test_a_paper_backup_typed_in_again_is_the_same_key(owner: Person) -> None:
    shown = owner.run("keys", "new", "mine", "--file", "mine.pem")
    paper = shown[shown.index("lotproof key 1") :]
    assert owner.run("keys", "show", "--file", "mine.pem").endswith(paper)
    assert "lotproof key 1" not in owner.run("keys", "show", "--file", "mine.pem", "--public")
    owner.run(
        "keys",
        "restore",
        "again",
        "--file",
        "again.pem",
        typed=paper.upper().replace("LOTPROOF KEY", "lotproof key"),
    )
    assert owner.key("again").public_key == owner.key("mine").public_key
    slipped = paper.replace("\n3 ", "\n3 z", 1)
    owner.run("keys", "restore", "no", "--file", "no.pem", typed=slipped, code=1)
    assert "line 3" in owner.said.stderr
    assert not (owner.folder / "no.pem").exists()


def test_a_key_is_registered_in_two_steps_and_never_leaves_its_owner(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    party = _party(copied, "inspector")
    new = _register(owner, registrar, "station", party)
    known = _listed(registrar)[new]
    assert (known["party"], known["scopes"], known["custody"]) == (party, ["lot.inspected:inspector"], "self")
    assert (known["ended_at"], known["distrusted_from"]) == (None, None)
    assert "held by its party" in registrar.run("keys", "list")
    assert not list(registrar.folder.glob("*.pem"))
    again = registrar.folder / "station.prepared.json"
    assert "stood there already" in registrar.run("record", again)
    registrar.run("keys", "register", "station.json", code=1)
    assert "registered already" in registrar.said.stderr


def test_a_request_changed_on_its_way_is_refused(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    path = _asked(
        owner, registrar, "mine", "--party", _party(copied, "inspector"), "--scope", "lot.inspected:inspector"
    )
    asked = json.loads(path.read_text())
    thief = KeyFile.generate(registrar.folder / "thief.pem")
    for change in (
        {"public_key": thief.public_key.hex()},
        {"party": _party(copied, "supplier")},
        {"scopes": ["lot.declared:supplier"]},
        {"custody": "operator"},
        {"origin": "another.log"},
        {"kind": "registrar"},
    ):
        path.write_text(json.dumps({**asked, **change}))
        registrar.run("keys", "register", path, code=1)
        assert "the key did not sign this request" in registrar.said.stderr, change
    path.write_text(json.dumps({**asked, "more": 1}))
    registrar.run("keys", "register", path, code=1)
    path.write_text(json.dumps(asked)[:-1] + ', "sig": "x"}')
    registrar.run("keys", "register", path, code=1)
    assert "member stands twice" in registrar.said.stderr


def test_signing_shows_what_is_signed_asks_and_signs_nothing_on_no(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    _asked(
        owner, registrar, "mine", "--party", _party(copied, "inspector"), "--scope", "lot.inspected:inspector"
    )
    registrar.run("keys", "register", "mine.json")
    prepared = _hand_over(registrar.folder / "mine.prepared.json", owner)
    before = prepared.read_bytes()
    owner.run("sign", prepared, "--key", "mine.pem", typed="n\n", code=1)
    assert "nothing was signed" in owner.said.stderr
    assert prepared.read_bytes() == before
    for words in ("You sign: Key registered", "Who holds the key", "lot.inspected:inspector", "also signs"):
        assert words.casefold() in owner.said.stdout.casefold()
    other = KeyFile.generate(owner.folder / "other.pem")
    owner.run("sign", prepared, "--key", "other.pem", "--yes", code=1)
    assert f"key {key_id(other.public_key)[:16]} is no signer" in owner.said.stderr
    registrar.run("record", registrar.folder / "mine.prepared.json", code=1)
    assert "still waits for the signature of new_key" in registrar.said.stderr


def test_a_prepared_record_whose_words_differ_from_its_body_is_not_signed(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    """A gateway that shows one thing and lets another be signed is found out before the key is used."""
    _asked(
        owner, registrar, "mine", "--party", _party(copied, "inspector"), "--scope", "lot.inspected:inspector"
    )
    registrar.run("keys", "register", "mine.json")
    prepared = _hand_over(registrar.folder / "mine.prepared.json", owner)
    value = json.loads(prepared.read_text())
    other = "AAAA" + value["signing_input"][4:]
    for change in (
        {"signing_input": other},
        {"event_id": "0" * 64},
        {"sigs": []},
        {"open": {"reason": {"value": "x", "salt": "0" * 64}}},
        {"more": 1},
    ):
        prepared.write_text(json.dumps({**value, **change}))
        owner.run("sign", prepared, "--key", "mine.pem", "--yes", code=1)
        assert json.loads(prepared.read_text())["sigs"] == change.get("sigs", value["sigs"])


def test_a_key_is_replaced_by_registrar_old_and_new_key(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    party = _party(copied, "inspector")
    old = _register(owner, registrar, "old", party)
    _asked(owner, registrar, "new", "--party", party, "--scope", "lot.inspected:inspector", "--replaces", old)
    registrar.run("keys", "register", "new.json", code=1)
    assert "something else than a further key" in registrar.said.stderr
    registrar.run("keys", "rotate", "new.json")
    prepared = _hand_over(registrar.folder / "new.prepared.json", owner)
    for name in ("old", "new"):
        owner.run("sign", prepared, "--key", f"{name}.pem", "--yes")
    index = json.loads(registrar.run("record", _hand_over(prepared, registrar), "--json"))["index"]
    known = _listed(registrar)
    assert known[old]["ended_at"] == index
    assert known[key_id(owner.key("new").public_key)]["registered_at"] == index


def test_a_revocation_that_reaches_back_needs_a_second_registrar(
    owner: Person, registrar: Person, copied: Installation
) -> None:
    stolen = _register(owner, registrar, "stolen", _party(copied, "inspector"))
    since = _listed(registrar)[stolen]["registered_at"]
    revocation = ("keys", "revoke", stolen[:12], "--reason", "compromised", "--distrust-from", str(since))
    registrar.run(*revocation, code=1)
    assert "admit another with: lotproof keys admit" in registrar.said.stderr
    second = Person(owner.folder)
    _asked(second, registrar, "second", "--registrar")
    registrar.run("keys", "admit", "second.json", "--quorum", "1")
    prepared = _hand_over(registrar.folder / "second.prepared.json", second)
    second.run("sign", prepared, "--key", "second.pem", "--yes")
    registrar.run("record", _hand_over(prepared, registrar))
    assert sum(one["role"] == "registrar" for one in _listed(registrar).values()) == 2
    registrar.run(*revocation, "-o", "revocation.json")
    assert "still to sign: registrar" in registrar.said.stderr
    second.run(
        "sign", _hand_over(registrar.folder / "revocation.json", second), "--key", "second.pem", "--yes"
    )
    assert "Distrusted from entry" in second.said.stdout
    registrar.run("record", _hand_over(second.folder / "revocation.json", registrar))
    assert _listed(registrar)[stolen]["distrusted_from"] == since
    assert f"distrusted from entry {since}" in registrar.run("keys", "list")
    copied.publisher.publish()
    assert Person(owner.folder, registrar.home).run("audit").startswith("VERIFIED")


def test_all_keys_at_hand_make_one_step(owner: Person, registrar: Person, copied: Installation) -> None:
    party = _party(copied, "inspector")
    _asked(
        owner,
        registrar,
        "mine",
        "--party",
        party,
        "--scope",
        "lot.inspected:inspector",
        "--custody",
        "operator",
    )
    said = registrar.run("keys", "register", "mine.json", "--key", owner.folder / "mine.pem")
    assert said.startswith("entry ")
    identity = key_id(owner.key("mine").public_key)
    assert _listed(registrar)[identity]["custody"] == "operator"
    registrar.run("keys", "revoke", identity, "--reason", "left")
    assert _listed(registrar)[identity]["ended_at"] is not None
    registrar.run("keys", "revoke", "00000000", "--reason", "left", code=1)
    assert "is the beginning of 0 keys" in registrar.said.stderr
    assert registrar.run("keys", "revoke", identity, "--reason", "bored", code=2) == ""


def test_files_read_back_as_they_were_written(owner: Person, registrar: Person, copied: Installation) -> None:
    path = _asked(
        owner, registrar, "mine", "--party", _party(copied, "inspector"), "--scope", "lot.inspected:inspector"
    )
    asked = json.loads(path.read_text())
    assert KeyRequest.from_json(asked).to_json(owner.key("mine")) == asked
    registrar.run("keys", "register", "mine.json")
    value = json.loads((registrar.folder / "mine.prepared.json").read_text())
    assert Pending.from_json(value).to_json() == value


def test_the_program_itself_keeps_the_passphrase_out_of_its_arguments(tmp_path: Path) -> None:
    """The one command here that runs as its own process."""
    environment = {**os.environ, "LOTPROOF_KEY_PASSPHRASE": PASSPHRASE}
    command = [LOTPROOF, "keys", "new", "mine", "--file", "mine.pem"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert made.returncode == 0, made.stderr
    assert "fingerprint" in made.stdout
    assert PASSPHRASE not in made.stdout + made.stderr
    assert (
        subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, env=environment).returncode
        == 1
    )
