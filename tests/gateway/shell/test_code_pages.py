"""Who opened a code is noted, and who did not is not; a page is given again only while it is the same."""

from pathlib import Path

import pytest

from gateway import wiring
from gateway.settings import Settings
from gateway.shell.readings import ReadingBook
from gateway.wiring import Installation
from gateway.workflows import scan_history
from ledger.errors import StorageUnavailable
from tests.gateway.scanning import Phones, code_of
from tests.gateway.web import ask, heading, lot_of, repaired_code, tamper

HEADER = "cf-ipcountry"


@pytest.fixture
def phones(copied: Installation) -> Phones:
    return Phones(copied)


@pytest.fixture
def code(copied: Installation) -> str:
    return repaired_code(copied.home)


def _count(installation: Installation, code: str) -> int:
    with installation.database.reading() as connection:
        return scan_history.seen(connection, code, installation.wall_clock.now()).count


def test_each_page_that_a_stranger_opens_is_counted(phones: Phones, copied: Installation, code: str) -> None:
    for _ in range(3):
        assert phones.open(f"/q/{code}").status_code == 200
    assert _count(copied, code) == 0, "no page waits for a write"
    assert phones.write() == 3
    assert _count(copied, code) == 3
    assert phones.write() == 0
    text = " ".join(phones.open(f"/q/{code}").text.split())
    assert "3 times in all" in text


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"x-moz": "prefetch"},
        {"user-agent": "WhatsApp/2.23.20.0"},
        {"user-agent": "TelegramBot (like TwitterBot)"},
        {"user-agent": "facebookexternalhit/1.1"},
        {"user-agent": "curl/8.5.0"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_programs_that_look_ahead_are_not_counted(phones: Phones, code: str, headers: dict[str, str]) -> None:
    for _ in range(2):  # built, then given again
        assert phones.open(f"/q/{code}", headers=headers).status_code == 200
    assert phones.write() == 0


def test_a_request_for_the_head_alone_is_not_counted(phones: Phones, code: str) -> None:
    for _ in range(2):
        answer = phones.open(f"/q/{code}", method="HEAD")
        assert (answer.status_code, answer.content) == (200, b"")
    assert phones.write() == 0


def test_whoever_is_signed_in_is_not_counted(copied: Installation, code: str) -> None:
    phones = Phones(copied)
    phones.caller.signed_in("operator")
    assert phones.caller.get(f"/q/{code}").status_code == 200
    assert phones.write() == 0


def test_what_is_no_page_of_a_code_is_not_counted(phones: Phones, code: str) -> None:
    for path in (f"/q/{'0' * 20}", "/q/?code=abc", f"/q/{code[:-1]}", "/", f"/v1/codes/{code}"):
        phones.open(path)
    assert phones.write() == 0


def test_a_page_given_again_is_the_same_page(phones: Phones, code: str) -> None:
    first, second = (phones.open(f"/q/{code}") for _ in range(2))
    assert second.content == first.content
    ours = {"x-request-id", "ratelimit", "date"}
    kept = ({k: v for k, v in one.headers.items() if k not in ours} for one in (first, second))
    assert next(kept) == next(kept)
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_a_kept_page_is_given_in_the_language_that_is_asked_for(phones: Phones, code: str) -> None:
    for language in ("zh-CN", "vi", "en", "vi"):
        answer = phones.open(f"/q/{code}", headers={"accept-language": language})
        assert f'<html lang="{language}"' in answer.text


def test_a_kept_page_is_nobodys_who_is_known(phones: Phones, code: str) -> None:
    assert "Sign out" not in phones.open(f"/q/{code}").text
    phones.caller.signed_in("operator")
    assert "Sign out" in phones.caller.get(f"/q/{code}").text
    assert "Sign out" not in phones.open(f"/q/{code}").text


def test_any_commit_has_the_page_built_anew(phones: Phones, copied: Installation, code: str) -> None:
    """Also one of another program, behind our back: the database itself tells of it."""
    unaltered = heading(phones.open(f"/q/{code}"))
    assert heading(phones.open(f"/q/{code}")) == unaltered
    of_code = "id = (SELECT article FROM code_links WHERE code = ?)"
    change = f"UPDATE articles SET facts = replace(facts, '\"cycles\": 0', '\"cycles\": 1') WHERE {of_code}"
    tamper(copied.home, change, code)
    assert heading(phones.open(f"/q/{code}")) != unaltered


def test_an_altered_checkpoint_has_the_page_built_anew(
    phones: Phones, copied: Installation, code: str
) -> None:
    assert phones.open(f"/q/{code}").status_code == 200
    path = copied.home / "log" / "checkpoint"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(bytes(data))
    assert phones.open(f"/q/{code}").status_code == 503


def test_a_page_is_never_kept_long(phones: Phones, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says when it was checked, and that has to be now."""
    built = []
    inner = phones.app.state.metrics.scans
    monkeypatch.setattr("gateway.routes.codes.subject_of", _counting(built))
    monkeypatch.setattr("gateway.shell.code_pages.LASTING_S", -1.0)
    for _ in range(2):
        assert phones.open(f"/q/{code}").status_code == 200
    assert len(built) == 2
    monkeypatch.setattr("gateway.shell.code_pages.LASTING_S", 60.0)
    for _ in range(3):
        assert phones.open(f"/q/{code}").status_code == 200
    assert len(built) == 3
    assert inner.labels("unaltered")._value.get() == 5, "each of them is in the figures"


def _counting(built: list[int]):
    from gateway.pages.building.article import subject_of

    def counted(*args):
        built.append(1)
        return subject_of(*args)

    return counted


def test_readings_that_cannot_be_written_wait(
    phones: Phones, copied: Installation, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones.open(f"/q/{code}")

    def broken(*_args: object) -> None:
        raise StorageUnavailable("database: disk full")

    with monkeypatch.context() as storm:
        storm.setattr("gateway.workflows.scan_history.write", broken)
        assert phones.write() == 0
        assert phones.open(f"/q/{code}").status_code == 200
    assert phones.write() == 2
    assert _count(copied, code) == 2


def test_what_does_not_fit_is_dropped_and_told(copied: Installation, code: str) -> None:
    told: list[int] = []
    book = ReadingBook(copied, told=told.append, notes_max=3)
    for n in range(5):
        book.note(code, "", f"192.0.{n}.1")
    book.note(code, "", "192.0.0.2")  # of a network that is noted already: it takes no more room
    assert told == [1, 1]
    assert book.write() == 4


def test_a_server_that_ends_writes_the_last_readings(copied: Installation, code: str) -> None:
    book = ReadingBook(copied)
    book.start()
    book.note(code, "", "192.0.2.1")
    book.stop()
    assert _count(copied, code) == 1


@pytest.fixture
def abroad(copied: Installation) -> Phones:
    """A server behind a proxy that names countries."""
    opened = wiring.open_(Settings(home=copied.home, trusted_proxies="127.0.0.1", country_header=HEADER))
    copied.close()
    return Phones(opened)


@pytest.mark.parametrize(
    ("sent", "port", "known"),
    [
        ("VN", 0, "VN"),
        ("vn", 0, "VN"),
        ("VN", 50_000, ""),  # whoever connects by himself could say anything
        ("XX", 0, ""),
        ("T1", 0, ""),
        ("Viet Nam", 0, ""),
        ("<b", 0, ""),
    ],
)
def test_a_country_is_believed_of_a_trusted_proxy_alone(
    abroad: Phones, code: str, sent: str, port: int, known: str
) -> None:
    abroad.open(f"/q/{code}", port=port, headers={HEADER: sent})
    abroad.write()
    home = abroad.caller.installation.home
    assert ask(home, "SELECT country FROM scan_days WHERE code = ?", code) == known


@pytest.mark.parametrize("believed", ["*", "127.0.0.1, *", "proxy.example", "10.0.0.1/8"])
def test_proxies_are_named_by_their_addresses_and_never_everybody(believed: str) -> None:
    with pytest.raises(ValueError, match="no address and no network"):
        Settings(trusted_proxies=believed)
    assert Settings(trusted_proxies="127.0.0.1, 10.0.0.0/8,2001:db8::/32").trusted_proxies


def test_without_the_setting_no_country_is_known(phones: Phones, copied: Installation, code: str) -> None:
    phones.open(f"/q/{code}", headers={HEADER: "VN"})
    phones.write()
    assert ask(copied.home, "SELECT country FROM scan_days WHERE code = ?", code) == ""


def test_neither_address_nor_program_stands_anywhere(phones: Phones, copied: Installation, code: str) -> None:
    phones.open(f"/q/{code}", "203.0.113.77", headers={"user-agent": "Mozilla/5.0 (Strange Phone)"})
    phones.write()
    copied.close()
    kept = b"".join(path.read_bytes() for path in Path(copied.home).glob("ledger.db*"))
    assert code.encode() in kept
    for trace in (b"203.0.113", b"Strange Phone"):
        assert trace not in kept


def test_a_lots_code_counts_for_itself_alone(phones: Phones, copied: Installation, code: str) -> None:
    lot_code = code_of(copied, "lot")
    phones.open(f"/q/{lot_code}")
    phones.write()
    assert (_count(copied, lot_code), _count(copied, code)) == (1, 0)
    assert lot_of(copied.home, lot_code)
