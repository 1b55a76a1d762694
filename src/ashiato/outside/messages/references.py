"""The reference of a notice: what the outside knows it by, the same at every attempt and in every channel."""

from __future__ import annotations

import re

from ashiato.outside.messages.outcomes import MessageError

#: Small letters, digits and hyphens alone: programs on the way fold case, and cut at ``+`` and ``=``.
REFERENCE = re.compile(r"[a-z0-9](?:[a-z0-9-]{6,46}[a-z0-9])")


def check_reference(reference: str) -> str:
    """Return the reference of a notice as it is.

    Raises: MessageError: it could not stand in an address, a Message-ID, a web address or a file's name.
    """
    if not REFERENCE.fullmatch(reference):
        raise MessageError("a reference is 8 to 48 small letters, digits and hyphens")
    return reference
