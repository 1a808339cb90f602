"""Encodings of texts, there and back: hexadecimal, base64 in three forms, base58, and the seven bits of an SMS.

What can't be decoded is empty.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
Change = Callable[[str], str]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _decoded(decode: Callable[[str], bytes]) -> Change:
    def change(text: str) -> str:
        try:
            return _text(decode(text))
        except (ValueError, IndexError):
            return ""

    return change


def _padded(text: str) -> str:
    """Whoever leaves out the = at the end means them."""
    return text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)


def _to_base58(text: str) -> str:
    data = _bytes(text)
    number, found = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        found = BASE58[digit] + found
    return BASE58[0] * (len(data) - len(data.lstrip(b"\0"))) + found


def _from_base58(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number * 58 + BASE58.index(letter)
    zeros = len(text) - len(text.lstrip(BASE58[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _to_seven_bits(text: str) -> str:
    """Eight characters in seven bytes (3GPP TS 23.038 §6.1.2), in hexadecimal."""
    data = _bytes(text)
    number = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(data))
    return number.to_bytes((len(data) * 7 + 7) // 8, "little").hex().upper()


def _from_seven_bits(text: str) -> bytes:
    data = bytes.fromhex(text)
    number = int.from_bytes(data, "little")
    return bytes(number >> 7 * at & 0x7F for at in range(len(data) * 8 // 7)).rstrip(b"\0")


CODES: dict[str, tuple[Change, Change]] = {
    "hexa": (lambda text: _bytes(text).hex(), _decoded(bytes.fromhex)),
    "base64": (
        lambda text: base64.b64encode(_bytes(text)).decode(),
        _decoded(lambda text: base64.b64decode(text, validate=True)),
    ),
    "base64t": (
        lambda text: base64.b64encode(_bytes(text)).decode().rstrip("="),
        _decoded(lambda text: base64.b64decode(_padded(text), validate=True)),
    ),
    "base64url": (
        lambda text: base64.urlsafe_b64encode(_bytes(text)).decode(),
        _decoded(lambda text: base64.urlsafe_b64decode(_padded(text))),
    ),
    "base58": (_to_base58, _decoded(_from_base58)),
    "7bit": (_to_seven_bits, _decoded(_from_seven_bits)),
}
"""By name, how a text is encoded and decoded."""
