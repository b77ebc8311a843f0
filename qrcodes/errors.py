"""Everything qrcodes may raise.

QrcodesError
├── InvalidCode    a text is not a code on goods; the person may read it again
├── InvalidLink    a text is not a link we can follow; nothing was looked up
└── SymbolTooLong  a text does not fit a QR symbol at the level asked for
"""


class QrcodesError(Exception):
    """Root of every error this package raises on purpose."""

    code = "qrcodes-error"  # stable, published: clients match on it, never on the text


class InvalidCode(QrcodesError):
    """reason: a stable word for what is wrong (``code-length``, ``check-character``, …)."""

    code = "invalid-code"

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class InvalidLink(QrcodesError):
    """reason: a stable word for what is wrong (``check-digit``, ``trailing-slash``, …).

    component: where: an AI, a parameter of the query, ``host``, ``path``, or "" for the whole.
    """

    code = "invalid-link"

    def __init__(self, message: str, *, reason: str, component: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.component = component


class SymbolTooLong(QrcodesError):
    code = "symbol-too-long"
