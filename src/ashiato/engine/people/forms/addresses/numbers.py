"""Numbers in Japanese writing: kanji numerals before a counter as digits, and back."""

from __future__ import annotations

import re

_DIGITS = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")} | {"元": 1, "零": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
# 五十五番館 and 三番町 are names, a numeral before any other counter is a number.
_COUNTED = re.compile(
    r"(?<![\d〇一二三四五六七八九十百千])[〇一二三四五六七八九十百千]+(?=丁目?|番地|番(?![館町街])|号(?!館)|地割|[年月日])"
)


def arabic(text: str) -> str:
    """Return text with each kanji numeral before a counter as digits."""
    return _COUNTED.sub(lambda found: str(kanji_value(found[0])), text)


def kanji_value(numeral: str) -> int:
    """Return what a kanji numeral says, written with tens (二十三) or by place (二三)."""
    if not any(character in _TENS for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral))
    total = last = 0
    for character in numeral:
        if character in _TENS:
            total, last = total + (last or 1) * _TENS[character], 0
        else:
            last = _DIGITS[character]
    return total + last


def kanji_numeral(value: int) -> str:
    """Return a number below 10,000 as town names write it: 23 is 二十三."""
    digits, written = "〇一二三四五六七八九", ""
    for unit, kanji in ((1000, "千"), (100, "百"), (10, "十")):
        count, value = divmod(value, unit)
        written += (("" if count == 1 else digits[count]) + kanji) if count else ""
    return written + (digits[value] if value or not written else "")
