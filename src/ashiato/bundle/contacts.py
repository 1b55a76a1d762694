"""Contact points in one writing, so that what a person types equals what was on file."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 254
_MARKS = re.compile(r"[-‐‑‒–—―−ー()\s〒.・]")
_MAIL = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>.]+\Z")
_PHONE = re.compile(r"0[0-9]{9,10}\Z")
_POST_CODE = re.compile(r"[0-9]{7}\Z")


def plain_contact(typed: str) -> str:
    """Return a mail address, a telephone number or a post code as one writing; empty where it is none.

    A number of Japan is written as it is dialled there. Each kind has a mark of its own in front, so that
    none is taken for another.
    """
    text = unicodedata.normalize("NFKC", typed[: _LONGEST + 1]).strip()
    if len(text) > _LONGEST or any(unicodedata.category(char)[0] == "C" for char in text):
        return ""
    if _MAIL.match(text):
        return f"mail:{text.lower()}"
    digits = _MARKS.sub("", text)
    if digits.startswith("+81"):
        digits = "0" + digits.removeprefix("+81").removeprefix("0")
    if _PHONE.match(digits):
        return f"phone:{digits}"
    return f"post:{digits}" if _POST_CODE.match(digits) else ""
