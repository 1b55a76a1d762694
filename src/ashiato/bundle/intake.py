"""What people send, sealed to the console where it arrives; all of one size, so that none is told apart.

The public process seals; it holds no key that opens.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from ashiato.bundle.keys import ConsoleKeys, PublicKeys
from ashiato.bundle.sodium import seal, unseal

#: Bytes of every letter before it is sealed; what is longer is refused where it is typed.
SIZE = 8_192
#: Bytes of a sealed letter's name.
LETTER_NAME = 16
_SEALED = SIZE + 48


class Kind(StrEnum):
    """What somebody sends."""

    CONTACT_CHECK = "contact-check"
    CORRECTION = "correction"
    CHANNEL = "channel"
    QUESTION = "question"
    SUSPICIOUS = "suspicious"
    CALL_BACK = "call-back"
    CODE_ASKED = "code-asked"


def seal_letter(keys: PublicKeys, kind: Kind, said: Mapping[str, Any]) -> bytes:
    """Return a sealed letter; ValueError where it is too long to be one."""
    text = json.dumps({"kind": kind, **said}, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")
    if len(text) > SIZE:
        raise ValueError(f"a letter of {len(text):,} bytes; at most {SIZE:,} fit")
    return seal(text.ljust(SIZE), keys.box)


def letter_name(sealed: bytes) -> bytes:
    """Return by what both sides know a sealed letter."""
    return hashlib.sha256(sealed).digest()[:LETTER_NAME]


def letters_in(content: bytes) -> Iterator[bytes]:
    """Yield the sealed letters of a file, which stand one behind the other; ValueError for a torn one."""
    if len(content) % _SEALED:
        raise ValueError(f"{len(content):,} bytes are no whole number of letters")
    return (content[start : start + _SEALED] for start in range(0, len(content), _SEALED))


def open_letter(keys: ConsoleKeys, sealed: bytes) -> tuple[Kind, dict[str, Any]]:
    """Return what was sent; ValueError where it was changed, was sealed to another, or says nothing known."""
    said = json.loads(unseal(sealed, keys.public.box, keys.opening))
    if not isinstance(said, dict):
        raise ValueError("a letter without words")  # noqa: TRY004 - one error for all that is no letter
    return Kind(said.pop("kind")), said
