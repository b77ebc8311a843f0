"""Bodies that two parsers, or two readers, could take for different records (attack row A9).

Each spelling is made from the canonical bytes of a declaration and signed as it stands: what refuses
it must be the reading of the bytes, never a signature.
"""

from collections.abc import Callable

Spelling = Callable[[bytes], bytes]


def replaced(old: bytes, new: bytes) -> Spelling:
    def spell(body: bytes) -> bytes:
        assert old in body, (old, body)
        return body.replace(old, new, 1)

    return spell


def quantity(text: bytes) -> Spelling:
    return replaced(b'"quantity":6', b'"quantity":' + text)


def brand(text: bytes) -> Spelling:
    """The brand's name spelled by ``text``, the inside of a JSON string."""
    return replaced('"brand":"星野"'.encode(), b'"brand":"' + text + b'"')


def text_brand(text: str) -> Spelling:
    return brand(text.encode())


BYTES: dict[str, Spelling] = {
    "byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "utf-16": lambda body: body.decode().encode("utf-16"),
    "utf-16 without mark": lambda body: body.decode().encode("utf-16-le"),
    "trailing newline": lambda body: body + b"\n",
    "trailing NUL": lambda body: body + b"\x00",
    "trailing bracket": lambda body: body + b"}",
    "second document": lambda body: body + b"{}",
    "leading space": lambda body: b" " + body,
    "space inside": replaced(b'"v":1', b'"v": 1'),
    "comment": replaced(b'"v":1', b'"v":1/**/'),
    "trailing comma": replaced(b'"v":1}', b'"v":1,}'),
    "single quotes": replaced(b'"v"', b"'v'"),
    "cut short": lambda body: body[:-1],
    "empty": lambda _: b"",
    "array": lambda body: b"[" + body + b"]",
    "string": lambda body: b'"' + body.replace(b'"', b'\\"') + b'"',
    "duplicate name, same value": replaced(b'"v":1', b'"v":1,"v":1'),
    "duplicate name, other value": replaced(b'"quantity":6', b'"quantity":6,"quantity":7'),
    "duplicate name, escaped": replaced(b'"quantity":6', b'"quantity":6,"quan\\u0074ity":7'),
    "duplicate name, other case": replaced(b'"quantity":6', b'"quantity":6,"Quantity":7'),
    "escaped name": replaced(b'"quantity":6', b'"\\u0071uantity":6'),
    "escaped ascii": replaced(b'"unit":"H87"', b'"unit":"\\u004887"'),
    "escaped slash": replaced(b"log.example/lots", b"log.example\\/lots"),
    "escaped han": brand(b"\\u661f\\u91ce"),
    "overlong utf-8": brand(b"\xc1\x81"),
    "surrogates in utf-8": brand(b"\xed\xa0\xbd\xed\xb8\x80"),
    "lone surrogate": brand(b"\\ud83d"),
    "swapped surrogates": brand(b"\\ude00\\ud83d"),
    "cut utf-8": brand("星".encode()[:2]),
    "raw control character": brand(b"a\tb"),
    "members in another order": lambda body: b'{"v":1,' + replaced(b',"v":1}', b"}")(body).removeprefix(b"{"),
}

NUMBERS: dict[str, Spelling] = {
    f"quantity {text.decode()[:24]}": quantity(text)
    for text in (
        b"6.0",
        b"6e0",
        b"0.6e1",
        b"60e-1",
        b"06",
        b"+6",
        b"-0",
        b"-6",
        b"0",
        b"0x6",
        b"6_0",
        b"6n",
        b"1e400",
        b"-1e400",
        b"1e-400",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"9223372036854775808",
        b"18446744073709551616",
        b"9" * 5_000,
        b"null",
        b"true",
        b'"6"',
        b"[6]",
        "６".encode(),
        "٦".encode(),
    )
}

TEXTS: dict[str, Spelling] = {
    "not NFC": text_brand("Cafe\u0301"),
    "not NFC, hangul": text_brand("\u1112\u1161"),
    "singleton": text_brand("\u212b"),
    "zero width space": text_brand("a\u200bb"),
    "zero width joiner": text_brand("a\u200db"),
    "right to left override": text_brand("a\u202eb"),
    "isolate": text_brand("a\u2066b"),
    "soft hyphen": text_brand("a\u00adb"),
    "byte order mark inside": text_brand("a\ufeffb"),
    "line separator": text_brand("a\u2028b"),
    "next line": text_brand("a\u0085b"),
    "escaped NUL": brand(b"a\\u0000b"),
    "escaped newline": brand(b"a\\nb"),
    "delete": text_brand("a\x7fb"),
    "private use": text_brand("a\ue000b"),
    "noncharacter": text_brand("a\uffffb"),
    "tag character": text_brand("a\U000e0041b"),
    "younger than the profile": text_brand("a\U0001fae0b"),
    "too long": text_brand("x" * 201),
}

DEEP = 100_000
NESTED: dict[str, Spelling] = {
    "seventeen arrays": replaced(b'"quantity":6', b'"quantity":' + b"[" * 17 + b"]" * 17),
    "open arrays": lambda _: b"[" * DEEP,
    "arrays": replaced(b'"quantity":6', b'"quantity":' + b"[" * DEEP + b"]" * DEEP),
    "objects": replaced(b'"quantity":6', b'"quantity":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "many members": lambda body: b"{" + b",".join(b'"a%d":1' % n for n in range(DEEP)) + b"," + body[1:],
    "a long string": text_brand("x" * 1_000_000),
}

SPELLINGS = BYTES | NUMBERS | TEXTS | NESTED
