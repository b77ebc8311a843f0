"""Where somebody is reached, and where a request came from."""

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

EMAIL_MAX: Final = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
ADDRESSES_KEPT: Final = 512  # in memory: reading one takes longer than all else that is done with it
IPV4_KEPT: Final = 24  # bits
IPV6_KEPT: Final = 48
_EMAIL = re.compile(r"[^\s@\"<>(),:;\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{1,62}")


def folded_email(text: str) -> str | None:
    """The form in which two spellings of one mailbox are equal; None when it is no address.

    Case is folded on both sides of the @: no provider in use tells ``Ana@`` from ``ana@``, and two
    accounts of one person would.
    """
    email = unicodedata.normalize("NFKC", text.strip()).casefold()
    printable = all(unicodedata.category(character)[0] != "C" for character in email)
    return email if printable and len(email) <= EMAIL_MAX and _EMAIL.fullmatch(email) else None


@lru_cache(maxsize=ADDRESSES_KEPT)
def shortened(address: str) -> str:
    """The network an address is in: enough to see a pattern, too little to find a person."""
    try:
        parsed = parsed_address(address)
    except ValueError:
        return "unknown"
    kept = IPV4_KEPT if parsed.version == 4 else IPV6_KEPT
    return str(ip_network((parsed, kept), strict=False))


def counted(address: str) -> str:
    """What attempts are counted against: an IPv4 address, or the /64 that one IPv6 line is given."""
    try:
        parsed = parsed_address(address)
    except ValueError:
        return "unknown"
    return str(parsed) if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))


def parsed_address(text: str) -> IPv4Address | IPv6Address:
    """Raises ValueError.

    A socket or a proxy for both families writes IPv4 as ``::ffff:203.0.113.7`` (RFC 4291 §2.5.5.2): left
    so, everybody with an IPv4 address would be in one network.
    """
    found = ip_address(text)
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or found
    return found
