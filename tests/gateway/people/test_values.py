"""What is pure about people: tokens, codes, delays, addresses, numbers of companies."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from gateway.people import registration, throttle, tokens, totp
from gateway.people.address import counted, folded_email, shortened
from gateway.people.browser import Browser

NOW = datetime(2026, 11, 22, 7, 0, 15, tzinfo=UTC)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: the key of the SHA-1 vectors


@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(at: int, code: str) -> None:
    moment = datetime.fromtimestamp(at, UTC)
    assert totp.step_of(SECRET, code, moment, after=0) == at // 30
    assert totp.step_of(SECRET, f"{code[:3]} {code[3:]}", moment, after=0) == at // 30


def test_a_step_is_spent_once_and_lasts_half_a_minute_either_side() -> None:
    code, step = pyotp.TOTP(SECRET).at(NOW), int(NOW.timestamp()) // 30
    for late_s in (-30, 0, 30):
        assert totp.step_of(SECRET, code, NOW + timedelta(seconds=late_s), after=step - 1) == step
    assert totp.step_of(SECRET, code, NOW, after=step) is None
    assert totp.step_of(SECRET, code, NOW + timedelta(seconds=61), after=0) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800" * 6, "½23456"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert totp.step_of(SECRET, code, NOW, after=0) is None


def test_recovery_codes_are_ten_and_read_as_people_type() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        typed = code.replace("-", " ").upper()
        assert totp.recovery_hash("usr_1", typed) == totp.recovery_hash("usr_1", code)
        assert totp.recovery_hash("usr_2", code) != totp.recovery_hash("usr_1", code)


def test_a_key_has_a_prefix_and_256_bits() -> None:
    key = tokens.new_key()
    assert tokens.parse_key(str(key)) == key
    assert (len(key.prefix), len(key.secret)) == (8, 43)
    assert len(str(key)) == len("lp_") + 8 + 1 + 43


@pytest.mark.parametrize(
    "text", ["", "lp_", "lp_abcdefgh_" + "A" * 42, "lp_abcdefgh_" + "A" * 44, "lp_ABCDEFGH_" + "A" * 43,
             "lp_abcdefgh_" + "é" * 43, "lp_abcdefgh_" + "A" * 43 + "\n", "LP_abcdefgh_" + "A" * 43],
)  # fmt: skip
def test_what_is_no_key_is_none(text: str) -> None:
    assert tokens.parse_key(text) is None
    assert len(tokens.hashed(text)) == 64


def test_the_delay_doubles_up_to_a_quarter_of_an_hour() -> None:
    delays = [throttle.delay("account", failures).total_seconds() for failures in range(1, 14)]
    assert delays == [0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    assert throttle.delay("address", 29) == timedelta(0)
    assert throttle.delay("address", 10**9) == throttle.LONGEST_DELAY


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        (" Ana@X.Example ", "ana@x.example"),
        ("lan+orders@công-ty.vn", "lan+orders@công-ty.vn"),
        ("ａｎａ@x.example", "ana@x.example"),
        ("a@b", None),
        ("a b@x.example", None),
        ("a@x.example, b@x.example", None),
        ("<a@x.example>", None),
        ("a@-x.example", None),
        ("a@x..example", None),
        ("a\u202eb@x.example", None),
        ("a\0@x.example", None),
        ("a" * 250 + "@x.example", None),
        ("", None),
    ],
)
def test_one_mailbox_has_one_form(typed: str, folded: str | None) -> None:
    assert folded_email(typed) == folded


def test_addresses_are_kept_as_networks_and_counted_as_lines() -> None:
    assert shortened("203.0.113.77") == "203.0.113.0/24"
    assert shortened("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert counted("203.0.113.77") == "203.0.113.77"
    assert counted("2001:db8:1:2:3::4") == counted("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert shortened("testclient") == counted("") == "unknown"


def test_a43_an_ipv4_address_is_the_same_however_a_socket_writes_it() -> None:
    """Else all of IPv4 would be one network behind a proxy that listens to both families."""
    for kept in (shortened, counted):
        assert kept("::ffff:203.0.113.77") == kept("203.0.113.77") != kept("::ffff:198.51.100.9")


def test_a_browser_is_named_and_never_quoted() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/140.0 Safari/537.36"
    assert Browser("127.0.0.1", agent).kept_agent == "Chrome, Linux"
    assert Browser("127.0.0.1", "<script>alert(1)</script>\x1b[31m").kept_agent == ""


@pytest.mark.parametrize(
    ("country", "number", "check"),
    [
        ("CN", "91110000600037341L", "valid"),
        ("CN", "91110000600037342L", "invalid"),
        ("VN", "0100233488", "valid"),
        ("VN", "0100233487", "invalid"),
        ("US", "12-3456789", "valid"),
        ("DE", "DE136695976", "valid"),
        ("NG", "RC-1199887", "not-checked"),
        ("MY", "anything", "not-checked"),
        ("../cn", "91110000600037341L", "not-checked"),
        ("ZZ", "", "not-checked"),
    ],
)
def test_numbers_are_checked_where_somebody_published_how(country: str, number: str, check: str) -> None:
    assert registration.check(country, number) == check
