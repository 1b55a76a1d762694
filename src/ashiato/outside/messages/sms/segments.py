"""How long a short message is: its encoding, and the segments it is sent and billed in.

Source: 3GPP TS 23.038 6.2.1 (the default alphabet and its extension), TS 23.040 9.2.3.24.1 (parts of a long
message lose six bytes each to their header) (read 2026-11-22).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ashiato.outside.messages.outcomes import MessageError

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "^{}\\[~]|€\f"
_SIZES = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys(_EXTENSION, 2)}
_WHOLE = {"gsm-7": 160, "ucs-2": 70}
_PART = {"gsm-7": 153, "ucs-2": 67}
#: Line breaks may stand in a message; other control characters, direction marks and broken pairs may not.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Encoding = Literal["gsm-7", "ucs-2"]


@dataclass(frozen=True, slots=True)
class Segments:
    """A message in the parts it is sent in."""

    encoding: Encoding
    parts: tuple[str, ...]


def segments_of(text: str) -> Segments:
    """Return the parts a message is sent in; no sign is ever parted."""
    encoding: Encoding = "gsm-7" if all(sign in _SIZES for sign in text) else "ucs-2"
    if sum(_size(sign, encoding) for sign in text) <= _WHOLE[encoding]:
        return Segments(encoding, (text,))
    return Segments(encoding, tuple(_parts(text, encoding)))


def check_text(text: str, most: int) -> Segments:
    """Return the segments of a text.

    Raises: MessageError: empty, more than ``most`` segments, or it holds what a telephone may not show.
    """
    if not text.strip():
        raise MessageError("the short message is empty")
    if _UNSAFE.search(text):
        raise MessageError("the short message holds a control character or a direction mark")
    found = segments_of(text)
    if len(found.parts) > most:
        raise MessageError(
            f"the short message needs {len(found.parts)} segments, {most} are allowed", fix="shorten the text"
        )
    return found


def _parts(text: str, encoding: Encoding) -> list[str]:
    parts = [""]
    room = _PART[encoding]
    for sign in text:
        size = _size(sign, encoding)
        if size > room:
            parts.append("")
            room = _PART[encoding]
        parts[-1] += sign
        room -= size
    return parts


def _size(sign: str, encoding: Encoding) -> int:
    """Septets of the default alphabet, or units of UTF-16: two for a sign outside the first plane."""
    return _SIZES[sign] if encoding == "gsm-7" else 1 + (ord(sign) > 0xFFFF)
