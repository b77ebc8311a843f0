"""The whole web application under requests made from its own description, by three kinds of callers."""

from pathlib import Path

from gateway import wiring
from gateway.settings import Settings
from gateway.workflows.story import tell
from tests.gateway.shell.conftest import MARKET_COMPANY, Program
from tests.gateway.shell.described import operations, try_operation
from tests.gateway.web import Caller

EXAMPLES = 25  # of each operation, well-formed, and as many ill-formed


def asked(seed: int, folder: Path) -> int:
    """Returns how many requests were answered, none with a 5xx or with what is not described."""
    installation = wiring.create(Settings(home=folder / "home"))
    tell(installation, lambda _what, _share: None)
    installation.publisher.publish()
    callers = (
        Caller(installation),
        Program(installation, MARKET_COMPANY),
        Caller(installation).signed_in("operator"),
    )
    sent = 0
    for caller in callers:
        for operation in operations(caller):
            sent += try_operation(operation, caller, examples=EXAMPLES, seeded=seed)
    installation.close()
    return sent
