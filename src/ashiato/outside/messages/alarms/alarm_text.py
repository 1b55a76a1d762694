"""What a member of staff is told of an alarm, fit for every channel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

#: What no channel takes for a mark-up, a mention or an address: letters and digits of any script, and these.
_HARMLESS = re.compile(r"[^\w./:#,+=% -]")
_LONGEST = 160
#: A name that a program may make a link of.
_SCHEME = re.compile(r":(?=//)|(?i:\bwww)(?=\.)")


@dataclass(frozen=True, slots=True)
class AlarmText:
    """One message; ``reference`` is the same at every try, ``at`` (aware) is when it was made."""

    reference: str
    subject: str
    text: str
    at: datetime


def defused(text: str, longest: int = _LONGEST) -> str:
    """Return foreign words as every channel may carry them: what could be mark-up is percent-encoded.

    Mail, Slack's mark-up, Markdown of Teams and JSON all show the result as it is: no mention, no link, no
    line break, no bold; cut to ``longest`` characters.
    """
    escaped = _HARMLESS.sub(_encoded, text[: 2 * longest])
    return _SCHEME.sub(_encoded, escaped)[:longest]


def _encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))
