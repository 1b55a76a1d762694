"""Birth dates as numbers: 19890108, from western years and from those of the Japanese eras.

Source of the eras: the cabinet orders on era names; the first day of each belongs to it.
"""

from __future__ import annotations

import datetime as dt
import re

from ashiato.engine.people.forms.addresses.numbers import arabic
from ashiato.engine.people.forms.cleaning import clean, join_dashes

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"m": "明治", "t": "大正", "s": "昭和", "h": "平成", "r": "令和", "明": "明治", "大": "大正",
            "昭": "昭和", "平": "平成", "令": "令和"}  # fmt: skip
_ERA = re.compile(
    r"^(明治|大正|昭和|平成|令和|[mtshr明大昭平令])\.?\s*(元|\d{1,2})\s*[-./年\s]\s*(\d{1,2})\s*[-./月\s]\s*(\d{1,2})日?$",
    re.IGNORECASE,
)
_PACKED_ERA = re.compile(r"^([mtshr])(\d{2})(\d{2})(\d{2})$", re.IGNORECASE)
_YEAR_FIRST = re.compile(
    r"^(\d{4})\s*[-./年\s]\s*(\d{1,2})\s*[-./月\s]\s*(\d{1,2})日?(?:[t ].*)?$", re.IGNORECASE
)
_YEAR_LAST = re.compile(r"^(\d{1,2})[-./](\d{1,2})[-./](\d{4})$")
_PACKED = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:\.0|0{6})?$")
_FIRST_YEAR = 1850


def form_birth(text: str) -> int | None:
    """Return a date as year * 10000 + month * 100 + day, or None where it is none.

    A day that does not exist (1990-02-30) keeps its digits: typing errors are compared, not thrown away.
    A date with the year last is read month first, save where only day first can be.
    """
    written = arabic(join_dashes(clean(text)).replace("生", "")).strip()
    for form, read in _FORMS:
        found = form.match(written)
        if found:
            year, month, day = read(found)
            return year * 10_000 + month * 100 + day if year >= _FIRST_YEAR else None
    return None


def is_day(birth: int) -> bool:
    """Tell whether a formed birth date is a day of the calendar."""
    try:
        dt.date(birth // 10_000, birth // 100 % 100, birth % 100)
    except ValueError:
        return False
    return True


def _of_era(found: re.Match[str]) -> tuple[int, int, int]:
    era = found[1].lower()
    year = 1 if found[2] == "元" else int(found[2])
    return _ERAS[_LETTERS.get(era, era)] + year, int(found[3]), int(found[4])


def _year_first(found: re.Match[str]) -> tuple[int, int, int]:
    return int(found[1]), int(found[2]), int(found[3])


def _year_last(found: re.Match[str]) -> tuple[int, int, int]:
    first, second = int(found[1]), int(found[2])
    month, day = (second, first) if first > 12 else (first, second)
    return int(found[3]), month, day


_FORMS = (
    (_ERA, _of_era),
    (_PACKED_ERA, _of_era),
    (_YEAR_FIRST, _year_first),
    (_YEAR_LAST, _year_last),
    (_PACKED, _year_first),
)
