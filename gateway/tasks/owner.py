"""Who holds a lease: a process by name, so that its neighbours can tell when it is gone.

Without that a killed worker's job would wait until its lease runs out; across machines it does.
"""

import os
import socket
from functools import cache
from pathlib import Path

_SEPARATOR = "/"


def this_process() -> str:
    """``machine/pid/when the process began``: the last part tells it from a later one of the same pid."""
    pid = os.getpid()
    return _SEPARATOR.join((_machine(), str(pid), _began(pid)))


def is_gone(owner: str) -> bool:
    """Whether the process was one of this machine and has ended. False where that cannot be told."""
    machine, _, process = owner.partition(_SEPARATOR)
    pid, _, began = process.partition(_SEPARATOR)
    if machine != _machine() or not pid.isdigit():
        return False
    return _began(int(pid)) != began


@cache
def _machine() -> str:
    """The host as far as process ids mean the same in it: containers of one host do not share them."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = ""
    name = socket.gethostname().replace(_SEPARATOR, "-")[:60]
    return f"{name}.{''.join(filter(str.isdigit, space))}"


def _began(pid: int) -> str:
    """Clock ticks between the machine's start and the process's; "" when there is none, "?" without /proc."""
    if not Path("/proc/self/stat").exists():
        return "?"
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if after_name[0] in ("Z", "X") else after_name[19]  # proc(5): state is the third field
