"""Facts a caller may be known by: what they say against what is on file, each in one form.

What stands on the message whose code they gave proves nothing more, and does not count.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from ashiato.engine.api import form_birth, form_mail, form_phone
from ashiato.rooms.notifying.api import Channel


class FactKind(StrEnum):
    """A fact, named as the contact on file has it."""

    BORN = "born"
    PHONE = "phone"
    EMAIL = "email"
    POST_CODE = "post_code"


#: What a message shows to whoever holds it.
_SHOWN = {
    Channel.LETTER: {FactKind.POST_CODE},
    Channel.EMAIL: {FactKind.EMAIL},
    Channel.SMS: {FactKind.PHONE},
    Channel.CALL: {FactKind.PHONE},
}
_LONGEST = 200


def count_right(said: Mapping[FactKind, str], on_file: Mapping[str, str], channel: str) -> int:
    """Count the facts that are right; every kind is formed and compared, whatever was said."""
    shown = _SHOWN.get(Channel(channel), set())
    right = 0
    for kind in FactKind:
        one, other = (formed(kind, each.get(kind, "")) for each in (said, on_file))
        same = hmac.compare_digest(one.encode(), other.encode())
        right += same and bool(one) and kind not in shown
    return right


def formed(kind: FactKind, text: str) -> str:
    """Return a fact as it is compared, empty where it is none; hostile text is no error."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST])
    return _FORMS[kind](plain.encode("utf-8", "ignore").decode())


def _post_code(text: str) -> str:
    digits = "".join(char for char in text if char.isascii() and char.isdigit())
    return digits if len(digits) == 7 else ""


_FORMS = {
    FactKind.BORN: lambda text: str(form_birth(text) or ""),
    FactKind.PHONE: lambda text: form_phone(text) or "",
    FactKind.EMAIL: lambda text: form_mail(text) or "",
    FactKind.POST_CODE: _post_code,
}
