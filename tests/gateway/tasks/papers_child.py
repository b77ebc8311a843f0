"""``python -m tests.gateway.tasks.papers_child HOME``: a worker that is killed at its sixth paper."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from gateway import wiring
from gateway.settings import Settings
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.runner import Runner
from gateway.workflows import make_papers

LAST = 6


def main() -> None:
    installation = wiring.open_(Settings(home=Path(sys.argv[1])))
    real, made = make_papers._made, []

    def dying(*told: Any) -> Any:
        made.append(told)
        if len(made) == LAST:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*told)

    make_papers._made = dying
    while Runner(installation, DUTIES).run_next() != "nothing":
        pass


if __name__ == "__main__":
    main()
