"""An address in its parts, however it is written.

A town is looked for in the post's list of its municipality; where it is not there (a new one, an old one, an
invented one), the words before the first number are the town.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ashiato.engine.people.forms.addresses.numbers import arabic, kanji_numeral
from ashiato.engine.people.forms.addresses.places import City, Places, Town, fold_place, load_places
from ashiato.engine.people.forms.cleaning import clean

_POSTAL = re.compile(r"^\s*〒?\s*(\d{3})[-‐−ー]?(\d{4})(?![\d-])\s*")
_LEVELS = re.compile(r"\d+(?=条|番町)")
_AREA = re.compile("^(?:大字|字)")
_OLD = re.compile("^(?:.{1,6}?郡)?(.{1,8}?)([市町村])")
_WARD = re.compile("^(.+市)(.+区)$")
_CHOME = re.compile(r"^\s*(\d+)\s*(丁目?)\s*-?\s*")
_NUMBER = re.compile(r"^\s*(\d+)\s*(番地の|番地|番|号(?!室|館|棟)|の(?=\d)|ノ(?=\d)|-(?=\d))?\s*-?\s*")
_ROOM = re.compile(r"(?:^|[^\d])(\d{1,5})\s*(?:号室?|室)?$")
# Whatever stands between two numbers for a hyphen; the stroke of ルーム is a long vowel.
_STROKE = re.compile("(?<=\\d)[\u2010-\u2015\u2212\u30fc\u2500](?=\\d)")
_DIGIT = re.compile(r"\d")
_NO_DIGIT = re.compile(r"\D")
_FIRST_NUMBER = re.compile(r"\d|[一二三四五六七八九十]+(?=丁目|番地|番(?![町館街])|号(?!館))")

# No town of the post's list has more chome than the one, nearly none more than the other.
_MOST_CHOME, _MOST_USUAL = 50, 10

#: How much of a text names a place, its municipality, and its town if one is known.
_Found = tuple[int, City, Town | None]


class Address(NamedTuple):
    """The parts of an address; empty where it does not give them.

    ``town``: with its chome in kanji where it has one (中葛西三丁目). ``numbers``: banchi and go joined by
    hyphens. ``building``: what follows, with the room. ``is_known``: the town is one of the post's.
    """

    postal_code: str = ""
    prefecture: str = ""
    city: str = ""
    ward: str = ""
    town: str = ""
    chome: int | None = None
    numbers: str = ""
    building: str = ""
    room: str = ""
    is_known: bool = False

    @property
    def municipality(self) -> str:
        """City and ward in one."""
        return self.city + self.ward


def parse_address(text: str, postal_code: str = "") -> Address:
    """Return the parts of an address as it is written; nothing raises, what is not found stays empty."""
    written = _LEVELS.sub(lambda found: kanji_numeral(int(found[0]) % 10_000), clean(text))
    code = _POSTAL.match(written)
    digits = "".join(code.groups()) if code else _NO_DIGIT.sub("", clean(postal_code))
    rest = written[code.end() :] if code else written
    compact = rest.replace(" ", "")
    number = _DIGIT.search(compact)
    prefecture, length, found = _place_of(compact[: number.end()] if number else compact)
    address = Address(postal_code=digits if len(digits) == 7 else "", prefecture=prefecture)
    if found is None:
        return _without_city(address, load_places(), rest, compact[length:])
    named, city, town = found
    return _with_rest(_in_city(address, city), town, _after(rest, length + named))


@lru_cache(maxsize=1 << 17)
def _place_of(head: str) -> tuple[str, int, _Found | None]:
    """Return (prefecture, how much names it, what is found behind it) of an address up to its first digit."""
    places = load_places()
    prefecture, length = _prefecture(places, head)
    return prefecture, length, _find_town(places, fold_place(head[length:]), prefecture or None)


def _prefecture(places: Places, compact: str) -> tuple[str, int]:
    """Return the prefecture with which a text starts, and how much names it: 福島石川郡 lacks the 県."""
    for name in places.prefectures:
        if compact.startswith(name):
            return name, len(name)
    for name in places.prefectures:
        short = name[:-1]
        rest = fold_place(compact[len(short) :])
        if compact.startswith(short) and any(length > 2 for length, _ in places.starting(rest, name)):
            return name, len(short)
    return "", 0


def _in_city(address: Address, city: City) -> Address:
    ward = _WARD.match(city.name)
    return address._replace(
        prefecture=city.prefecture,
        city=ward[1] if ward else city.name,
        ward=ward[2] if ward else "",
    )


def _after(text: str, length: int) -> str:
    """Return what follows so many characters that are no blanks."""
    for place, character in enumerate(text):
        if length == 0:
            return text[place:]
        length -= character != " "
    return ""


def _find_town(places: Places, folded: str, prefecture: str | None) -> _Found | None:
    """Return how much of a folded text names a municipality, and a town in it; the surest of all readings."""
    known: tuple[int, City] | None = None
    for length, city in places.starting(folded, prefecture):
        known = known or (length, city)
        town = _town_at(city, folded[length:])
        if town:
            return length + town[0], city, town[1]
    return (*known, None) if known else _merged(places, folded, prefecture)


def _merged(places: Places, folded: str, prefecture: str | None) -> _Found | None:
    """Read a municipality that is no more, where one place alone still carries its name."""
    old = _OLD.match(folded)
    if old is None or prefecture is None:
        return None
    name, start = old[1], old.start(1)
    wards = [city for city in places.within(prefecture) if city.name.endswith(f"市{name}区")]
    if len(wards) == 1 and old[2] == "市":
        town = _town_at(wards[0], folded[old.end() :]) or (0, None)
        return old.end() + town[0], wards[0], town[1]
    held = [city for city in places.within(prefecture) if any(town.startswith(name) for town in city.towns)]
    for begin, text in ((start, folded[start:]), (start, name + folded[old.end() :])):
        found = [(city, _town_at(city, text)) for city in held]
        sure = [(city, town) for city, town in found if town and town[0] > len(name)]
        if len(sure) == 1:
            city, town = sure[0]
            shift = len(old[2]) if text != folded[start:] else 0
            return begin + town[0] + shift, city, town[1]
    return None


def _town_at(city: City, folded: str) -> tuple[int, Town] | None:
    """Return a town with which a folded text starts, and how much of the text names it."""
    area = _AREA.match(folded)
    skipped = area.end() if area else 0
    rest = folded[skipped:]
    for length in range(min(city.longest, len(rest)), 0, -1):
        town = city.towns.get(rest[:length])
        if town and (length > 1 or _FIRST_NUMBER.match(rest[length:])):
            return skipped + length, town
    if city.has_street_names:
        return _town_behind_streets(city, folded)
    number = _FIRST_NUMBER.search(rest)
    short = rest[: number.start()] if number else rest
    return (skipped + len(short), city.shortened[short]) if short in city.shortened else None


def _town_behind_streets(city: City, folded: str) -> tuple[int, Town] | None:
    number = _FIRST_NUMBER.search(folded)
    end = number.start() if number else len(folded)
    for start in range(end):
        town = city.towns.get(folded[start:end]) or (start and city.shortened.get(folded[start:end]))
        if town:
            return end, town
    return None


def _without_city(address: Address, places: Places, rest: str, compact: str) -> Address:
    """Read what names no known municipality: the postal code may tell it."""
    before = len(rest.replace(" ", "")) - len(compact)
    city = places.city_at(address.postal_code)
    if city and (not address.prefecture or address.prefecture == city.prefecture):
        address = _in_city(address, city)
        town = _town_at(city, fold_place(compact))
        if town:
            return _with_rest(address, town[1], _after(rest, before + town[0]))
    return _with_rest(address, None, _after(rest, before))


def _with_rest(address: Address, town: Town | None, rest: str) -> Address:
    name = town.name if town else ""
    if town is None:
        number = _FIRST_NUMBER.search(rest)
        end = number.start() if number else len(rest)
        name, rest = rest[:end].replace(" ", ""), rest[end:]
    return _with_numbers(address._replace(is_known=town is not None), name, town, arabic(rest))


def _with_numbers(address: Address, name: str, town: Town | None, rest: str) -> Address:
    chome, suffix = None, ""
    found = _CHOME.match(rest)
    if found:
        chome, suffix, rest = int(found[1]), found[2], rest[found.end() :]
    numbers, building = _numbers(rest)
    if chome is None and town and town.has_blocks and _starts_with_chome(numbers):
        chome, suffix, numbers = int(numbers[0]), "丁目", numbers[1:]
    named = name + kanji_numeral(chome % 10_000) + suffix if chome is not None else name
    room = _ROOM.search(building)
    return address._replace(
        town=named,
        chome=chome,
        numbers="-".join(numbers),
        building=building,
        room=room[1] if room else "",
    )


def _starts_with_chome(numbers: list[str]) -> bool:
    """Tell whether the first of bare numbers is a chome: of three it is, of two where it is a small one."""
    most = {0: 0, 1: 0, 2: _MOST_USUAL}.get(len(numbers), _MOST_CHOME)
    return bool(numbers) and int(numbers[0]) <= most


def _numbers(rest: str) -> tuple[list[str], str]:
    """Split banchi and go from what follows them."""
    numbers: list[str] = []
    rest = _STROKE.sub("-", rest)
    while found := _NUMBER.match(rest):
        numbers.append(found[1].lstrip("0") or "0")
        rest = rest[found.end() :]
        if found[2] in (None, "号"):
            break
    return numbers, rest.strip()
