"""``python -m tests.ledger.witness_child FOLDER HOW``: one process with a witness on a shared file.

race N   climbs in steps of N + 1 until the log ends; prints "old size status" of every request
die      cosigns a tree of 9, durably, and is killed before it can say so
grow N   lets an endless log from seed N grow; prints "size root" of every cosignature
"""

import os
import random
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.note import Note
from tests.interop.static_log import StaticLog
from tests.ledger.core.signers import NoteSigner
from tests.ledger.witnessing import HISTORY, LENGTH, body_of, policy_of, request, witness_in

ENDLESS = NoteSigner("log.example/endless", bytes(range(7, 39)))


def race(folder: Path, step: int) -> None:
    witness, _ = witness_in(folder)
    print("ready", flush=True)
    sys.stdin.readline()
    size = 4
    while size < LENGTH:
        wanted = min(LENGTH, size + step)
        answer = witness.add_checkpoint(request(HISTORY, size, wanted))
        print(size, wanted, answer.status)
        size = wanted if answer.status == 200 else int(answer.body)


def die(folder: Path) -> None:
    witness, file = witness_in(folder)
    writing = file.writing

    @contextmanager
    def killed_after_commit():
        with writing():
            yield
        os.kill(os.getpid(), signal.SIGKILL)

    file.writing = killed_after_commit  # type: ignore[method-assign]
    print("ready", flush=True)
    print(witness.add_checkpoint(request(HISTORY, 0, 9)).status, flush=True)


def grow(folder: Path, seed: int) -> None:
    """A log of coins, kept in a file beside the witness. Each toss is submitted, then its opposite."""
    chance, coins = random.Random(seed), folder / "coins"
    witness, file = witness_in(folder, policy=policy_of(str(ENDLESS.key)))
    known = file.cosigned(ENDLESS.name)
    size = known.size if known else 0
    tossed = coins.read_text() if size else ""
    assert len(tossed) >= size, "the log itself lost something"
    print("ready", flush=True)
    while True:
        coin = chance.choice("01")
        _replace(coins, tossed[:size] + coin)
        answer = witness.add_checkpoint(_toss(tossed[:size] + coin, size))
        if answer.status == 200:
            print(f"{size + 1} {_log(tossed[:size] + coin).root(size + 1).hex()}\n", end="", flush=True)
            tossed, size = tossed[:size] + coin, size + 1
        other = tossed[: size - 1] + "10"[int(tossed[size - 1])]
        for old in (size - 1, size):
            assert witness.add_checkpoint(_toss(other, old)).status in (409, 422)


def _log(coins: str) -> StaticLog:
    return StaticLog([coin.encode() for coin in coins])


def _toss(coins: str, old: int) -> bytes:
    log, size = _log(coins), len(coins)
    path = merkle.consistency_path(old, size, log.hashes(size)) if old else []
    text = Checkpoint(ENDLESS.name, size, log.root(size)).text
    return body_of(old, path, str(Note(text, (ENDLESS.sign(text),))).encode())


def _replace(file: Path, text: str) -> None:
    temporary = file.with_name("tossing")
    temporary.write_text(text)
    temporary.replace(file)


if __name__ == "__main__":
    folder, how, *arguments = sys.argv[1:]
    {"race": race, "die": die, "grow": grow}[how](Path(folder), *map(int, arguments))
