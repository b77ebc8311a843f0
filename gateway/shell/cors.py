"""What pages of other hosts may read from here: the answers of the GS1 resolver, and nothing else."""

from collections.abc import Mapping
from typing import Final

# Without credentials: a browser sends no cookie along, so that nobody's own view is shown to a stranger.
RESOLVER: Final[Mapping[str, str]] = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Accept, Accept-Language",
    "access-control-expose-headers": "Link, Location",
    "access-control-max-age": "86400",
}
