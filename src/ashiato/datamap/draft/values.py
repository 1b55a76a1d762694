"""What a column's values look like: addresses, phones, names, hashes, numbers with check digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from ashiato.datamap.draft.words import listed, spelled

_ENOUGH = 5
_SHARE = 0.8
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(\+81[- ]?|0)[0-9]{1,4}[-( ]?[0-9]{1,4}[-) ]?[0-9]{3,4}")
_ZIP = re.compile(r"〒?[0-9]{3}-[0-9]{4}")
_KANA = re.compile(r"[ァ-ヺー]+[ 　][ァ-ヺー]+")
_NAME = re.compile(r"[一-龠々ぁ-ゖァ-ヺー]{1,6}[ 　][一-龠々ぁ-ゖァ-ヺー]{1,6}")
_HASH = re.compile(
    r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}|\$[0-9a-z]{1,10}\$.{20,}|\{SSHA\}.+)"
)
_ADDRESS = re.compile(r".{0,8}[都道府県市区町村郡].{0,30}[0-9０-９一二三四五六七八九十]+.*")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")


def look_of(values: Sequence[str]) -> str | None:
    """Name what at least four fifths of the values look like; None for too few values or no look."""
    if len(values) < _ENOUGH:
        return None
    folded = [unicodedata.normalize("NFKC", value).strip() for value in values]
    for name, is_one in _LOOKS:
        if sum(map(is_one, folded)) >= _SHARE * len(folded):
            return name
    return None


def share_of_organisations(values: Sequence[str]) -> float:
    """The share of names that are an organisation's: 病院, 株式会社, Inc. and the like."""
    if not values:
        return 0.0
    return sum(map(is_organisation, values)) / len(values)


def is_organisation(name: str) -> bool:
    """Tell whether a name ends or begins as organisations' names do."""
    word = spelled(name)
    whole = word.replace(" ", "")
    if whole.startswith(tuple(listed("organisation_starts"))):
        return True
    marks = listed("organisation_names")
    return any(f" {mark} " in word if mark.isascii() else whole.endswith(mark) for mark in marks)


def passes_luhn(digits: str) -> bool:
    """Check a card number's last digit (ISO/IEC 7812-1 Annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def passes_my_number(digits: str) -> bool:
    """Check the last digit of a Japanese individual number (twelve digits)."""
    if len(digits) != 12:
        return False
    weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return int(digits[-1]) == (0 if rest <= 1 else 11 - rest)


def _digits(value: str) -> str:
    bare = value.replace("-", "").replace(" ", "")
    return bare if bare.isascii() and bare.isdigit() else ""


def _is_card(value: str) -> bool:
    digits = _digits(value)
    return 14 <= len(digits) <= 19 and digits[0] in "23456" and passes_luhn(digits)


def _whole(form: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: form.fullmatch(value) is not None


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("e-mail address", _whole(_MAIL)),
    ("hash", _whole(_HASH)),
    ("my number", lambda value: passes_my_number(_digits(value))),
    ("card number", _is_card),
    ("zip", _whole(_ZIP)),
    (
        "phone number",
        lambda value: 9 <= len(_digits(value.replace("+81", "0"))) <= 11 and bool(_PHONE.fullmatch(value)),
    ),
    ("IBAN", _whole(_IBAN)),
    ("prefecture", lambda value: value in listed("prefectures")),
    ("kana name", _whole(_KANA)),
    ("personal name", lambda value: bool(_NAME.fullmatch(value)) and not is_organisation(value)),
    ("address", _whole(_ADDRESS)),
)
