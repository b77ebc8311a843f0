"""``python -m ledger.signature_worker [leaves]``: what needs no log, verified in another process.

in   chunk  = u32 length || item*
     item   = public key (32) || signature (64) || u32 length || message
     with ``leaves``: u32 length || leaf || u8 number of signers || public keys (32 each), as they sign
out  one byte a chunk, in order: ``+`` when all of it is good, ``-`` when something is not

Of a leaf it is the form, the text and every signature. Ends with its input. Knows no log and decides
nothing: whoever asked looks at a refused chunk itself.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from ledger.core import canonical, keys
from ledger.core.leaf import Leaf
from ledger.errors import InvalidRecord, ProofError

GOOD, BAD = b"+", b"-"
_HEAD = keys.KEY_SIZE + keys.SIGNATURE_SIZE + 4


def serve(read_from: BinaryIO, write_to: BinaryIO, is_good: Callable[[bytes], bool]) -> None:
    """Answer chunks until the input ends."""
    while head := read_from.read(4):
        length = int.from_bytes(head, "big")
        chunk = read_from.read(length)
        if len(chunk) != length:
            return  # the auditor died while it wrote
        write_to.write(GOOD if is_good(chunk) else BAD)
        write_to.flush()


def item(public_key: bytes, signature: bytes, message: bytes) -> bytes:
    return b"".join((public_key, signature, len(message).to_bytes(4, "big"), message))


def leaf_item(encoded: bytes, public_keys: Sequence[bytes]) -> bytes:
    count = len(public_keys).to_bytes(1, "big")
    return b"".join((len(encoded).to_bytes(4, "big"), encoded, count, *public_keys))


def check_leaf(encoded: bytes, public_keys: Iterable[bytes]) -> None:
    """Form, text and signatures. Raises InvalidRecord or ProofError."""
    leaf = read_strictly(encoded)
    by_id = {keys.key_id(raw): raw for raw in public_keys}
    if any(signer.key not in by_id for signer in leaf.record.body.signers):
        raise ProofError("/signers: a key is not the one that was looked up")
    leaf.record.verify(by_id.__getitem__)


def read_strictly(encoded: bytes) -> Leaf:
    """A leaf whose form and text were looked at. Raises InvalidRecord."""
    leaf = Leaf.parse(encoded)
    canonical.check_text(leaf.record.body.data, "/data")
    return leaf


def _leaves_are_good(chunk: bytes) -> bool:
    position = 0
    while position < len(chunk):
        start = position + 4
        end = start + int.from_bytes(chunk[position:start], "big")
        first = end + 1
        position = first + keys.KEY_SIZE * chunk[end]
        try:
            check_leaf(
                chunk[start:end],
                [chunk[at : at + keys.KEY_SIZE] for at in range(first, position, keys.KEY_SIZE)],
            )
        except (InvalidRecord, ProofError):
            return False
    return True


def _verifies(chunk: bytes) -> bool:
    position = 0
    while position < len(chunk):
        key_end = position + keys.KEY_SIZE
        start = position + _HEAD
        end = start + int.from_bytes(chunk[start - 4 : start], "big")
        try:
            keys.verify(chunk[position:key_end], chunk[key_end : start - 4], chunk[start:end])
        except ProofError:
            return False
        position = end
    return True


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the auditor is interrupted too, and closes the pipe
    serve(sys.stdin.buffer, sys.stdout.buffer, _leaves_are_good if sys.argv[1:] == ["leaves"] else _verifies)
    os._exit(0)  # every answer is out, and whoever asked waits for the end
