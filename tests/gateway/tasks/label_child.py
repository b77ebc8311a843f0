"""``python -m tests.gateway.tasks.label_child HOME``: a worker that is killed at its second part."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from gateway import wiring
from gateway.settings import Settings
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.duties import labels as duty
from gateway.tasks.runner import Runner

A_PART = 24


def main() -> None:
    installation = wiring.open_(Settings(home=Path(sys.argv[1])))
    duty.LABELS_A_PART = A_PART  # type: ignore[misc]
    render, made = duty.render, []

    def dying(texts: Any, *rest: Any) -> bytes:
        made.append(len(texts))
        if len(made) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return render(texts, *rest)

    duty.render = dying
    while Runner(installation, DUTIES).run_next() != "nothing":
        pass


if __name__ == "__main__":
    main()
