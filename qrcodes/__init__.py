"""From a lot to a label and back: codes on goods, the links they carry, the symbols that draw them."""

from qrcodes.digital_link import (
    CodeLink,
    DigitalLink,
    DocumentLink,
    Link,
    expand,
    gtin_link,
    of_elements,
    parse,
)
from qrcodes.errors import InvalidCode, InvalidLink, QrcodesError, SymbolTooLong
from qrcodes.label import Label, clear_host, label
from qrcodes.scan import (
    CodeReference,
    DocumentReference,
    GoodsReference,
    KeyReference,
    Reference,
    Unreadable,
    scan,
)
from qrcodes.serial import check_character, code_hash, new_code, printed, read_code

__all__ = [
    "CodeLink",
    "CodeReference",
    "DigitalLink",
    "DocumentLink",
    "DocumentReference",
    "GoodsReference",
    "InvalidCode",
    "InvalidLink",
    "KeyReference",
    "Label",
    "Link",
    "QrcodesError",
    "Reference",
    "SymbolTooLong",
    "Unreadable",
    "check_character",
    "clear_host",
    "code_hash",
    "expand",
    "gtin_link",
    "label",
    "new_code",
    "of_elements",
    "parse",
    "printed",
    "read_code",
    "scan",
]
