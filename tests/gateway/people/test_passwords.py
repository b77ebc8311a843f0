"""Passwords: long enough, not the first that anybody tries, whole, and slow to guess."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from gateway.people import passwords


def test_parameters_are_those_of_rfc_9106_for_little_memory() -> None:
    used = extract_parameters(passwords.hashed("ledger tile nonce"))
    assert (used.type, used.memory_cost, used.time_cost, used.parallelism) == (Type.ID, 64 * 1024, 3, 4)
    assert (used.hash_len, used.salt_len) == (32, 16)


def test_a_password_is_whole_up_to_its_last_character() -> None:
    longest = "x" * 64 + "汉" * 64
    stored = passwords.hashed(longest)
    assert passwords.is_right(stored, longest)
    assert not passwords.is_right(stored, longest[:-1])
    assert not passwords.is_right(stored, longest + "x"), "what is beyond the limit is not cut off"


def test_one_password_however_a_keyboard_composes_it() -> None:
    stored = passwords.hashed("cổng tre xanh lá cờ")
    assert passwords.is_right(stored, "cổng tre xanh lá cờ")


@pytest.mark.parametrize("stored", [None, "", "no hash", "$argon2id$v=19$m=65536,t=3,p=4$x$y"])
def test_nobody_and_a_damaged_hash_let_nobody_in(stored: str | None) -> None:
    assert not passwords.is_right(stored, "")
    assert not passwords.is_right(stored, "nobody")
    assert not passwords.is_right(stored, "\ud800")


def test_a_hash_with_other_parameters_is_outdated() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024).hash("x")
    assert passwords.is_outdated(older)
    assert not passwords.is_outdated(passwords.hashed("x"))


@pytest.mark.parametrize(
    ("password", "slug"),
    [
        ("eleven char", "password-too-short"),
        ("x" * 129, "password-too-long"),
        ("Password1234", "password-common"),
        ("passwordpassword", "password-common"),
        ("!!QWERTYUIOP!!", "password-common"),
        ("123456789012", "password-common"),
        ("210987654321", "password-common"),
        ("aaaaaaaaaaaa", "password-common"),
        ("Lotproof2026!", "password-common"),
        ("ａｂｃｄｅｆｇｈｉｊｋｌ", "password-common"),
        ("lan.nguyen@x.example", "password-about-you"),
        ("lan.nguyen!!2026", "password-about-you"),
        ("nguyenthilan", "password-about-you"),
        ("correct horse", None),
        ("twelve chars", None),
        ("汉字密码不一定难记也很长啊", None),
        ("x7" * 3 + "kq" * 3, None),
    ],
)
def test_only_length_and_guesses_are_judged(password: str, slug: str | None) -> None:
    assert passwords.refusal(password, "lan.nguyen@x.example", "Nguyen Thi Lan") == slug
