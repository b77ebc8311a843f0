"""A key on paper: typed in again it is the same key, and a slip is found in its line."""

import random

import pytest

from ledger.core.paper import SEED_SIZE, parse_seed, print_seed
from ledger.core.subjects import ALPHABET
from ledger.errors import ProofError

SEED = bytes(range(SEED_SIZE))
PRINTED = print_seed(SEED)
RANDOM_SEED = 20_261_122


def test_what_is_printed_reads_back() -> None:
    drawn = random.Random(RANDOM_SEED)
    for seed in (SEED, bytes(32), b"\xff" * 32, *(drawn.randbytes(32) for _ in range(200))):
        assert parse_seed(print_seed(seed)) == seed


def test_the_form_is_for_ever() -> None:
    """A paper printed today is typed in after years."""
    assert PRINTED == (
        "lotproof key 1\n"
        "key 5647 5aa7 5463 474c\n"
        "1 00082 0c20a 1g7jg\n"
        "2 0g28a 1c60t 3gfhp\n"
        "3 1048j 2ca1a 5gqcm\n"
        "4 1g68t 3ce1t 7gzny\n"
    )


def test_capitals_hyphens_and_look_alikes_are_read() -> None:
    lines = PRINTED.splitlines()
    body = [line.upper().replace("0", "O").replace(" ", "-").replace("-", " ", 1) for line in lines[2:]]
    numbered = [f"{n}{line[1:]}" for n, line in enumerate(body, start=1)]
    typed = [lines[0], lines[1].replace("0", "o").upper(), "", *numbered]
    assert parse_seed("\r\n".join(typed)) == SEED


def test_every_single_slip_is_found_in_its_line() -> None:
    """One wrong character in a line: 10 check bits and the key's own beginning find it."""
    lines = PRINTED.splitlines()
    found = 0
    for number in range(2, 6):
        for place, character in enumerate(lines[number]):
            if place < 2 or character == " ":
                continue
            other = ALPHABET[(ALPHABET.index(character) + 1) % 32]
            bent = lines[number][:place] + other + lines[number][place + 1 :]
            with pytest.raises(ProofError, match=rf"line {number - 1} is mistyped|lines fit together"):
                parse_seed("\n".join([*lines[:number], bent, *lines[number + 1 :]]))
            found += 1
    assert found == 60


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda lines: [], "first line"),
        (lambda lines: ["lotproof key 2", *lines[1:]], "first line"),
        (lambda lines: lines[:-1], "4 numbered lines"),
        (lambda lines: [*lines, lines[-1]], "4 numbered lines"),
        (lambda lines: [lines[0], *lines[2:], lines[1]], "4 numbered lines"),
        (lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "line 1 begins with its number"),
        (lambda lines: [*lines[:2], lines[2] + "0", *lines[3:]], "line 1 has 15"),
        (lambda lines: [*lines[:2], lines[2][:-1] + "u", *lines[3:]], "line 1 has 15"),
        (lambda lines: [lines[0], "key 0000 0000 0000 0000", *lines[2:]], "not the key"),
        (lambda lines: [*lines[:2], "1 zzzzz zzzzz zzzzz", *lines[3:]], "line 1 is mistyped"),
    ],
)
def test_what_is_no_backup_is_refused(change, match) -> None:
    with pytest.raises(ProofError, match=match):
        parse_seed("\n".join(change(PRINTED.splitlines())))
