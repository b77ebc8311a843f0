"""What the intake of files refuses.

FileRefused       it is not taken as it is: send another one
└── FileTooLarge  it has more bytes than are taken
"""

from gateway.errors import Refused


class FileRefused(Refused):
    """reason: slug of words.FILE_REFUSALS, what a form says next to its field; message: for programs."""

    def __init__(self, reason: str, message: str, *, code: str = "file-refused", **facts: object) -> None:
        super().__init__(code, message, reason=reason, **facts)
        self.reason = reason


class FileTooLarge(FileRefused):
    """limit: bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "file-too-large", f"the file has more than {limit} bytes", code="body-too-large", limit=limit
        )
