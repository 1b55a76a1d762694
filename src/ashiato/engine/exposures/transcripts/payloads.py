"""What a request carries that may be SQL: its values, taken out of whatever they were wrapped in."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

#: Longer values are not read: no statement an application builds by hand needs them.
LONGEST = 32_768
_LAYERS = 4
_ESCAPED = re.compile(r"%(?:[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})")
_WIDE = re.compile(r"%u([0-9A-Fa-f]{4})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}\Z")
_HEX = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}){4,})\Z")
# What tells a question: a call or a comparison; a value without either asks nothing.
_ASKS = re.compile(r"[(<>=]|\b(?:like|between|in|regexp|rlike)\b", re.IGNORECASE)


def values_of(target: str | None, *headers: str | None) -> Iterator[tuple[str, str]]:
    """Yield (where it stands, value as sent) for each value of a request that may hold a question."""
    if target is not None:
        path, _, query = target.partition("?")
        for piece in query.split("&"):
            name, _, value = piece.partition("=")
            if value:
                yield f"?{name}", value
            elif name:
                yield "?", name
        for number, part in enumerate(path.split("/")):
            yield f"/{number}", part
    for number, header in enumerate(headers):
        if header:
            yield f":{number}", header


def payload_of(value: str) -> str | None:
    """Return a value's text with its encodings taken off, or None when it can ask nothing."""
    if len(value) > LONGEST or len(value) < 4:
        return None
    text = value
    for layer in range(_LAYERS):
        plainer = _unwrapped(text, first=layer == 0)
        if plainer == text:
            break
        text = plainer
    return text if _ASKS.search(text) else None


def _unwrapped(text: str, *, first: bool) -> str:
    if _ESCAPED.search(text) or (first and "+" in text and not _BASE64.match(text)):
        wide = _WIDE.sub(lambda found: chr(int(found[1], 16)), text)
        return unquote_plus(wide) if first else unquote(wide)
    compact = text.replace(" ", "+")
    if found := _HEX.match(compact):
        return _readable(bytes.fromhex(found[1])) or text
    if _BASE64.match(compact):
        return _from_base64(compact) or text
    return text


def _from_base64(text: str) -> str | None:
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(body + "=" * (-len(body) % 4), validate=True))
    except (binascii.Error, ValueError):
        return None


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or "\n" in text else None
