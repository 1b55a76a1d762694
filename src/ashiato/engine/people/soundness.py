"""Whether an address, a mail address or a phone number can be used at all: pure functions over its text.

Japanese forms as Japan Post and the numbering plan have them: postal codes of seven digits, numbers of ten
or eleven with a leading nought. Nothing is looked up: what is sound may still have moved away.
"""

from __future__ import annotations

import re

from ashiato.engine.people.forms.cleaning import clean
from ashiato.terms.contacts import Channel, ContactFault

# Boxes with dots in a row or at the end exist (mobile carriers gave them out), so dots are not judged.
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z]{_LABEL}")
_MOST_MAIL = 254
_NUMBER = re.compile(r"[0-9()\s./-]+")
_MARKS = re.compile(r"[^0-9]")
_MOBILE = ("060", "070", "080", "090")
_CODE_DIGITS = 7
Faults = tuple[ContactFault, ...]


def judge_mail(text: str) -> Faults:
    """Return what is wrong with a mail address: its form; whether anybody reads it is not known."""
    cleaned = clean(text)
    is_sound = len(cleaned) <= _MOST_MAIL and _MAIL.fullmatch(cleaned) is not None
    return () if is_sound else (ContactFault.MAIL_MALFORMED,)


def judge_phone(text: str) -> tuple[Channel, Faults]:
    """Return whether a number takes short messages, and what is wrong with it."""
    cleaned = clean(text)
    is_abroad = cleaned.startswith("+") and not cleaned.startswith("+81")
    bare = cleaned.removeprefix("+81").removeprefix("+").replace("(0)", "")
    digits = _MARKS.sub("", bare)
    if not is_abroad and cleaned.startswith("+81"):
        digits = "0" + digits.removeprefix("0")
    if _NUMBER.fullmatch(bare) is None or len(set(digits[1:])) < 2:
        return Channel.PHONE, (ContactFault.PHONE_MALFORMED,)
    if is_abroad:
        return Channel.PHONE, () if 8 <= len(digits) <= 15 else (ContactFault.PHONE_LENGTH,)
    is_mobile = digits.startswith(_MOBILE)
    lengths = (11,) if is_mobile or digits.startswith("050") else (10, 11)
    is_sound = digits.startswith("0") and len(digits) in lengths
    channel = Channel.MOBILE if is_mobile and is_sound else Channel.PHONE
    return channel, () if is_sound else (ContactFault.PHONE_LENGTH,)


def judge_letter(code: str, area: str, street: str) -> Faults:
    """Return what is wrong with a postal address: its code, its prefecture and city, and the lines below.

    A code alone leads to a town, prefecture and city alone to nobody's door.
    """
    street, area = clean(street), clean(area)
    written = area + street
    is_foreign = written.isascii() and any(each.isalpha() for each in written)
    found = _judge_code(clean(code), is_foreign=is_foreign)
    # Where no code and no column leads to a town, the line itself has to: 東京都..., ...市..., ...町....
    leads = not found or bool(area) or re.search(r"[都道府県市区町村郡]|,", street) is not None
    return found if street and leads else (*found, ContactFault.ADDRESS_INCOMPLETE)


def _judge_code(code: str, *, is_foreign: bool) -> Faults:
    if not code:
        return (ContactFault.NO_POSTAL_CODE,)
    if is_foreign or len(_MARKS.sub("", code)) == _CODE_DIGITS:
        return ()
    return (ContactFault.POSTAL_CODE_LENGTH,)
