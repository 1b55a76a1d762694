"""Read written moments: the line's own offset first, then its zone's letters, then the source's zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Moment = tuple[int, int]

SECOND_US = 1_000_000
_MINUTE_US = 60 * SECOND_US
_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}

#: Zone letters in hours east of Greenwich, where they have one common meaning; a source whose own zone
#: uses the letters (CST, IST, BST) is asked first. Source: tz database abbreviations, 2026a.
_LETTER_HOURS = {
    "Z": 0, "UTC": 0, "GMT": 0, "UCT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "BST": 1, "SAST": 2, "EAT": 3, "PKT": 5, "IST": 5.5, "WIB": 7,
    "HKT": 8, "AWST": 8, "SGT": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT": 11,
    "NZST": 12, "NZDT": 13, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3,
}  # fmt: skip

_ISO = re.compile(
    r"""\s*(?P<day>\d{4}[-/]\d\d[-/]\d\d)
    (?:[T ]|\s+)(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?
    \s*(?P<zone>Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?|[A-Za-z]{2,5}|)\s*""",
    re.VERBOSE,
)
_CLF = re.compile(
    r"""\s*\[?(?P<day>\d\d/[A-Za-z]{3}/\d{4})
    [: ](?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?
    \s*(?P<zone>Z|[+-]\d{4}|[A-Za-z]{2,5}|)\]?\s*""",
    re.VERBOSE,
)
#: ``Sat Aug 12 04:05:51 2006`` (asctime), and the same without a year as syslog has it.
_NAMED = re.compile(
    r"""\s*(?:[A-Z][a-z]{2}\s+)?(?P<month>[A-Z][a-z]{2})\s+(?P<date>\d{1,2})\s+(?:(?P<early>\d{4})\s+)?
    (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?
    (?:\s+(?P<zone>Z|[+-]\d\d:?\d\d|[A-Z]{2,5}))?(?:\s+(?P<late>\d{4}))?\s*""",
    re.VERBOSE,
)
#: A moment without its year is no later than its file's last change, a day allowed for clocks that differ.
_LATEST_US = 86400 * SECOND_US
_EPOCH = re.compile(r"\s*(?P<whole>\d{9,11})(?:\.(?P<fraction>\d{1,9}))?\s*")
_EPOCH_FINE = re.compile(r"\s*(?P<whole>\d{13}|\d{16}|\d{19})\s*")
_FINE_STEPS = {13: 1000, 16: 1, 19: 1}


class Clock:
    """Turns one source's written moments into microseconds UTC and the step they are written in."""

    def __init__(self, zone: ZoneInfo, newest_us: int | None = None) -> None:
        """``zone`` answers for moments that carry neither offset nor known letters.

        ``newest_us``: what the source says lies before this moment; a year that is not written is the last
        one for which that is so. Without it, moments without a year are none.
        """
        self.zone = zone
        self._newest_us = newest_us
        self._days: dict[str, int | None] = {}
        self._offsets: dict[tuple[int, str], int | None] = {}

    def read(self, text: str) -> Moment | None:
        """Return (microseconds UTC, step in microseconds), or None when the text is no moment."""
        found = _ISO.fullmatch(text) or _CLF.fullmatch(text)
        if found is None:
            return self._read_named(text) or _read_epoch(text)
        day = self._day_us(found["day"])
        if day is None:
            return None
        seconds = int(found["hour"]) * 3600 + int(found["minute"]) * 60 + int(found["second"] or 0)
        offset = self.offset_us(day + seconds * SECOND_US, found["zone"])
        if offset is None:
            return None
        fraction = found["fraction"] or ""
        step = step_of(len(fraction)) if found["second"] else _MINUTE_US
        return day + seconds * SECOND_US + _fraction_us(fraction) - offset, step

    def _read_named(self, text: str) -> Moment | None:
        found = _NAMED.fullmatch(text)
        month = month_number(found["month"]) if found else None
        if found is None or month is None:
            return None
        time = f"-{month:02d}-{int(found['date']):02d}T{found['hour']}:{found['minute']}:{found['second']}"
        time += (f".{found['fraction']}" if found["fraction"] else "") + (found["zone"] or "")
        year = found["early"] or found["late"]
        return self.read(year + time) if year else self._in_some_year(time)

    def _in_some_year(self, time: str) -> Moment | None:
        """The last moment of this day and hour before the newest there may be; leap days go back further."""
        if self._newest_us is None:
            return None
        latest = self._newest_us + _LATEST_US
        newest_year = (_ZERO + timedelta(microseconds=latest)).year + 1
        for year in range(newest_year, newest_year - 10, -1):
            moment = self.read(f"{year:04d}{time}")
            if moment is not None and moment[0] <= latest:
                return moment
        return None

    def offset_us(self, local_us: int, zone: str) -> int | None:
        """Microseconds east of Greenwich at a local moment, by its offset, its letters or the zone."""
        key = (local_us // (900 * SECOND_US), zone)
        if key not in self._offsets:
            self._offsets[key] = self._find_offset(local_us, zone)
        return self._offsets[key]

    def _find_offset(self, local_us: int, zone: str) -> int | None:
        if zone[:1] in ("+", "-"):
            return _written_offset_us(zone)
        try:
            local = _ZERO + timedelta(microseconds=local_us)
        except OverflowError:
            return None
        local = local.replace(tzinfo=self.zone)
        here = local.utcoffset() or timedelta(0)
        hours = None if local.tzname() == zone.upper() else _LETTER_HOURS.get(zone.upper())
        return round(hours * 3600) * SECOND_US if hours is not None else here // timedelta(microseconds=1)

    def _day_us(self, text: str) -> int | None:
        if text not in self._days:
            self._days[text] = _count_days(text)
        days = self._days[text]
        return None if days is None else days * 86400 * SECOND_US


def step_of(digits: int) -> int:
    """The step in microseconds of a second written with so many decimals."""
    return int(10 ** max(0, 6 - digits))


def count_days(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01, or None when there is no such day."""
    try:
        return date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None


def month_number(name: str) -> int | None:
    """1 to 12 for an English month's first three letters."""
    return _MONTHS.get(name[:3].lower())


def _count_days(text: str) -> int | None:
    if text[4] in "-/":
        return count_days(int(text[:4]), int(text[5:7]), int(text[8:10]))
    month = month_number(text[3:6])
    return None if month is None else count_days(int(text[7:11]), month, int(text[:2]))


def _fraction_us(digits: str) -> int:
    return int(digits[:6].ljust(6, "0")) if digits else 0


def _written_offset_us(zone: str) -> int:
    digits = zone[1:].replace(":", "").ljust(6, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:6])
    return (-seconds if zone[0] == "-" else seconds) * SECOND_US


def _read_epoch(text: str) -> Moment | None:
    if found := _EPOCH.fullmatch(text):
        fraction = found["fraction"] or ""
        return int(found["whole"]) * SECOND_US + _fraction_us(fraction), step_of(len(fraction))
    if found := _EPOCH_FINE.fullmatch(text):
        whole = found["whole"]
        unit = 10 ** (len(whole) - 10)
        return int(whole) * SECOND_US // unit, _FINE_STEPS[len(whole)]
    return None
