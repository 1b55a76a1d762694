"""Phone numbers and mail addresses in one form."""

from __future__ import annotations

import re

from ashiato.engine.people.forms.cleaning import clean

_EXTENSION = re.compile(r"(?:内線|ext\.?|x)\s*\d+.*$", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_MAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")


def form_phone(text: str) -> str | None:
    """Return a phone's digits as dialled within Japan, others' with their country code.

    None for what is no phone: fewer than nine digits, more than fifteen (ITU-T E.164), or one digit only.
    """
    cleaned = _EXTENSION.sub("", clean(text))
    digits = "".join(_DIGITS.findall(cleaned.replace("(0)", "")))
    if cleaned.startswith(("+81", "0081")) or (digits.startswith("81") and len(digits) in (11, 12)):
        digits = "0" + digits.removeprefix("00").removeprefix("81").removeprefix("0")
    return digits if 9 <= len(digits) <= 15 and len(set(digits)) > 1 else None


def form_mail(text: str) -> str | None:
    """Return a mail address in lower case, without a name around it or a tag after a plus."""
    found = _MAIL.search(clean(text).lower())
    if found is None:
        return None
    box, _, domain = found[0].rpartition("@")
    return f"{box.split('+', 1)[0] or box}@{domain.rstrip('.')}"
