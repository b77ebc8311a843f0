"""``python -m tests.faults.rotation_child``: runs commands, each of which dies before its N-th step.

A step is a name given to a file, or taken from it: with these everything outside the database becomes
visible, and between two of them lies every commit. Answers ``steps K`` when it came to its end.
"""

import os
import sys

STEPS = ("os.link", "os.rename")


def run(command: list[str], *, die_before: int) -> int:
    """The exit code of the command; does not return when it dies. Prints how many steps there were."""
    from gateway.cli import main

    done = 0

    def step(event: str, _arguments: object) -> None:
        nonlocal done
        if event in STEPS:
            done += 1
            if done == die_before:
                os._exit(9)

    sys.addaudithook(step)
    sys.argv = ["lotproof", *command]
    try:
        main()
    except SystemExit as ended:
        print("steps", done, flush=True)
        return int(ended.code or 0)
    return 0


def nursery() -> None:
    """For every line ``N<TAB>ARGUMENT<TAB>…`` a child; answers ``ended CODE`` after what it printed."""
    import gateway.cli.log_key
    import gateway.wiring
    import gateway.workflows.rotate_log  # noqa: F401 - imported once for all children

    for line in sys.stdin:
        number, *command = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            os._exit(run(command, die_before=int(number)))
        _, status = os.waitpid(child, 0)
        print("ended", os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    nursery()
