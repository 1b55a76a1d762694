"""Header fields of a mail as bytes: encoded words, folding, and the refusal of anything that adds a line.

Source: RFC 5322 2.2.3 (folding), RFC 2047 (encoded words, at most 75 characters each) (read 2026-11-22).
"""

from __future__ import annotations

import re
from base64 import b64encode

from ashiato.outside.messages.email.addresses import UNSAFE, Mailbox, WireAddress, read_address
from ashiato.outside.messages.outcomes import MessageError

_LINE = 76
#: What stands around the base64 of an encoded word: ``=?utf-8?b?`` and ``?=``.
_AROUND = 12
_PLAIN = re.compile(r"[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
#: Written by us, or not to be in a notice at all.
_OURS = re.compile(
    r"(?i)(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*|dkim-signature"
    r"|return-path|received|resent-.*|auto-submitted|x-auto-response-suppress|list-unsubscribe.*)"
)


def text_header(name: str, value: str) -> bytes:
    """Return a header of free text: as it stands where short and plain, else in encoded words."""
    _check(name, value)
    if _stands(value) and len(name) + 2 + len(value) <= _LINE:
        return f"{name}: {value}\r\n".encode("ascii")
    return f"{name}: ".encode("ascii") + encoded_words(value, len(name) + 2) + b"\r\n"


def address_header(name: str, mailbox: Mailbox, address: WireAddress | None = None) -> bytes:
    """Return a header of one address with the name shown beside it."""
    wire = f"<{(address or read_address(mailbox.address)).text}>".encode()
    if not mailbox.name:
        return f"{name}: ".encode("ascii") + wire + b"\r\n"
    _check(name, mailbox.name)
    phrase = _phrase(mailbox.name, len(name) + 2)
    gap = b" " if len(name) + 3 + len(phrase) + len(wire) <= _LINE and b"\n" not in phrase else b"\r\n "
    return f"{name}: ".encode("ascii") + phrase + gap + wire + b"\r\n"


def extra_header(name: str, value: str) -> bytes:
    """Return a header that a caller adds; names that we write ourselves are refused."""
    if not _NAME.fullmatch(name) or _OURS.fullmatch(name):
        raise MessageError(
            "a header of this name cannot be added", fix="use a name of your own, such as X-Campaign"
        )
    return text_header(name, value)


def encoded_words(value: str, taken: int) -> bytes:
    """Return text as encoded words, one a line, never parting the bytes of one character.

    ``taken``: signs that stand on the first line already.
    """
    data = value.encode("utf-8")
    words = []
    start = 0
    while start < len(data):
        end = min(start + (_LINE - taken - _AROUND) // 4 * 3, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        words.append(b"=?utf-8?b?" + b64encode(data[start:end]) + b"?=")
        start, taken = end, 1
    return b"\r\n ".join(words)


def _phrase(name: str, taken: int) -> bytes:
    if not _stands(name) or len(name) > 60:
        return encoded_words(name, taken)
    if _ATOMS.fullmatch(name):
        return name.encode("ascii")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.encode("ascii")


def _stands(value: str) -> bool:
    """Whether a value may stand as it is: nothing in it is read as an encoded word, no blank is lost."""
    return (
        _PLAIN.fullmatch(value) is not None
        and "=?" not in value
        and value == value.strip()
        and "  " not in value
    )


def _check(name: str, value: str) -> None:
    if UNSAFE.search(value):
        raise MessageError(
            f"the header {name} holds a line break, a control character or a direction mark",
            fix="take it out where the text comes from",
        )
