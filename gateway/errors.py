"""Everything the gateway may refuse on purpose; ``problems`` gives each its HTTP form and words.

GatewayError
├── NotFound              it does not exist, or not for you
├── RequestRefused        the request itself breaks a rule of HTTP or of this API; code names it
├── Refused               a rule of trade says no; code names it
├── LotNotVerified        the gate gave reasons
├── ListingWithdrawn      the offer is gone
├── InsufficientQuantity  fewer are left than were asked for
└── ReservationExpired    the hold ran out or was given back
"""

from collections.abc import Mapping, Sequence

from gateway.trade.eligibility import Reason


class GatewayError(Exception):
    """Root of what this package raises on purpose. code: stable and public."""

    code = "gateway-error"


class NotFound(GatewayError):
    code = "not-found"


class RequestRefused(GatewayError):
    """facts: what fills the words of ``problem_kinds``, JSON values. headers: of the answer."""

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.headers = dict(headers or {})


class Refused(GatewayError):
    """facts: as of RequestRefused."""

    def __init__(self, code: str, message: str, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


class LotNotVerified(GatewayError):
    code = "lot-not-verified"

    def __init__(self, lot: str, reasons: Sequence[Reason]) -> None:
        super().__init__(f"{lot}: " + ", ".join(f"{r.slug} {r.detail}".strip() for r in reasons))
        self.lot = lot
        self.reasons = tuple(reasons)


class ListingWithdrawn(GatewayError):
    code = "listing-withdrawn"


class InsufficientQuantity(GatewayError):
    code = "insufficient-quantity"

    def __init__(self, available: int) -> None:
        super().__init__(f"{available} are left")
        self.available = available


class ReservationExpired(GatewayError):
    code = "reservation-expired"
