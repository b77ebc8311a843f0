"""``python -m ledger.signature_worker``: verifies signatures for an audit in another process.

in   chunk  = u32 length || item*
     item   = public key (32) || signature (64) || u32 length || message
out  one byte a chunk, in order: ``+`` when every signature verifies, ``-`` when one does not

Ends with its input. Knows no log and decides nothing: the auditor looks at a refused chunk itself.
"""

import signal
import sys
from typing import BinaryIO

from ledger.core import keys
from ledger.errors import ProofError

GOOD, BAD = b"+", b"-"
_HEAD = keys.KEY_SIZE + keys.SIGNATURE_SIZE + 4


def serve(read_from: BinaryIO, write_to: BinaryIO) -> None:
    """Answer chunks until the input ends."""
    while head := read_from.read(4):
        length = int.from_bytes(head, "big")
        chunk = read_from.read(length)
        if len(chunk) != length:
            return  # the auditor died while it wrote
        write_to.write(GOOD if _verifies(chunk) else BAD)
        write_to.flush()


def item(public_key: bytes, signature: bytes, message: bytes) -> bytes:
    return b"".join((public_key, signature, len(message).to_bytes(4, "big"), message))


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
    serve(sys.stdin.buffer, sys.stdout.buffer)
