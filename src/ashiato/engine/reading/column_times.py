"""Read a whole column of written moments at once; what this cannot read, the clock reads one by one."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.spans import Bytes, Ints, Truths, numbers_of, spans_of
from ashiato.engine.reading.times import SECOND_US, Clock, count_days, step_of

#: Where the digits stand in ``28/May/2026:20:26:40 +0900`` and in ``2026-05-28T20:26:40+09:00``.
_CLF_WIDTH = 26
_CLF_DIGITS = (0, 1, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19, 22, 23, 24, 25)
_CLF_MARKS = ((2, "/"), (6, "/"), (11, ":"), (14, ":"), (17, ":"), (20, " "))
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
#: ``2026-05-28 20:26:40``, then a fraction or not, then the zone.
_ISO_SECONDS = 19
_ISO_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_ISO_MARKS = ((4, "-"), (7, "-"), (13, ":"), (16, ":"))
_ISO_REST = re.compile(
    r"(?:[.](?P<fraction>[0-9]{1,9}))?\s*(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?|[A-Za-z]{2,5}|)\s*"
)
_QUARTER_US = 900 * SECOND_US
_EPOCH_MS = r"^[0-9]{10}\.[0-9]{3}$"


def read_times(array: pa.Array, clock: Clock) -> tuple[Ints, Ints, Truths]:
    """Return (microseconds UTC, step, whether it is a moment) of each text."""
    codes, bounds = spans_of(array)
    if len(array) and not array.null_count:
        if (np.diff(bounds) == _CLF_WIDTH).all():
            return _read_runs(codes[bounds[0] : bounds[-1]].reshape(-1, _CLF_WIDTH), array, clock)
        width = int(bounds[1] - bounds[0])
        if width > _ISO_SECONDS and (np.diff(bounds) == width).all():
            table = codes[bounds[0] : bounds[-1]].reshape(-1, width)
            if (read := _read_iso(table, clock)) is not None:
                return read
        if pc.all(pc.match_substring_regex(array, _EPOCH_MS)).as_py():
            milliseconds = pc.cast(pc.replace_substring(array, ".", ""), pa.int64()).to_numpy()
            return milliseconds * 1000, np.full(len(array), 1000), np.ones(len(array), np.bool_)
    return _read_each(array, clock)


def _read_each(array: pa.Array, clock: Clock) -> tuple[Ints, Ints, Truths]:
    unique = array.dictionary_encode()
    moments = [clock.read(text) for text in unique.dictionary.to_pylist()]
    where = unique.indices.fill_null(len(moments)).to_numpy()
    moments.append(None)
    times = np.array([moment[0] if moment else 0 for moment in moments], np.int64)
    steps = np.array([moment[1] if moment else 0 for moment in moments], np.int64)
    return times[where], steps[where], (steps > 0)[where]


def _read_runs(table: Bytes, array: pa.Array, clock: Clock) -> tuple[Ints, Ints, Truths]:
    """Read each run of equal texts once: a busy server writes many lines in one second."""
    texts = table.view(f"S{_CLF_WIDTH}").ravel()
    firsts = np.concatenate(([0], np.flatnonzero(texts[1:] != texts[:-1]) + 1))
    runs = np.diff(np.append(firsts, len(texts)))
    read = _read_clf(table[firsts], array.take(numbers_of(firsts)), clock)
    return np.repeat(read[0], runs), np.repeat(read[1], runs), np.repeat(read[2], runs)


def _read_clf(table: Bytes, array: pa.Array, clock: Clock) -> tuple[Ints, Ints, Truths]:
    good = np.ones(len(table), np.bool_)
    for at, mark in _CLF_MARKS:
        good &= table[:, at] == ord(mark)
    good &= (table[:, 21] == ord("+")) | (table[:, 21] == ord("-"))
    for at in _CLF_DIGITS:
        good &= (table[:, at] >= 48) & (table[:, at] <= 57)
    if not good.all():
        return _read_each(array, clock)
    days, known = _days_of(table, 11, _day_of_clf)
    if not known:
        return _read_each(array, clock)
    seconds = days * 86400 + _two(table, 12) * 3600 + _two(table, 15) * 60 + _two(table, 18)
    offset = _two(table, 22) * 3600 + _two(table, 24) * 60
    seconds -= np.where(table[:, 21] == ord("-"), -offset, offset)
    return seconds * SECOND_US, np.full(len(table), SECOND_US), good


def _read_iso(table: Bytes, clock: Clock) -> tuple[Ints, Ints, Truths] | None:
    """Moments that are all written alike, in one zone; None where they are not."""
    first = bytes(table[0]).decode("latin-1")
    rest = _ISO_REST.fullmatch(first[_ISO_SECONDS:])
    if rest is None or first[10] not in " T":
        return None
    digits = len(rest["fraction"] or "")
    fraction = range(_ISO_SECONDS + 1, _ISO_SECONDS + 1 + digits)
    fixed = [at for at in range(10, table.shape[1]) if at not in _ISO_DIGITS and at not in fraction]
    alike = (table[:, fixed] == table[0, fixed]).all()
    alike = alike and all((table[:, at] == ord(mark)).all() for at, mark in _ISO_MARKS)
    numbers = table[:, [*_ISO_DIGITS, *fraction]]
    if not alike or not ((numbers >= 48) & (numbers <= 57)).all():
        return None
    days, known = _days_of(table, 10, _day_of_iso)
    if not known:
        return None
    local = (days * 86400 + _two(table, 11) * 3600 + _two(table, 14) * 60 + _two(table, 17)) * SECOND_US
    offsets = _offsets_of(local, rest["zone"], clock)
    if offsets is None:
        return None
    for place, at in enumerate(fraction[:6]):
        local += (table[:, at].astype(np.int64) - 48) * 10 ** (5 - place)
    step = step_of(digits) if digits else SECOND_US
    return local - offsets, np.full(len(table), step), np.ones(len(table), np.bool_)


def _offsets_of(local: Ints, zone: str, clock: Clock) -> Ints | None:
    quarters, where = np.unique(local // _QUARTER_US, return_inverse=True)
    offsets = [clock.offset_us(quarter * _QUARTER_US, zone) for quarter in quarters.tolist()]
    return None if any(o is None for o in offsets) else np.asarray(np.array(offsets, np.int64)[where])


def _two(table: Bytes, at: int) -> Ints:
    return (table[:, at].astype(np.int64) - 48) * 10 + (table[:, at + 1].astype(np.int64) - 48)


def _days_of(table: Bytes, width: int, day_of: Callable[[str], int | None]) -> tuple[Ints, bool]:
    """Days since 1970 of each line's date; False when one of them is no date."""
    dates = np.ascontiguousarray(table[:, :width]).view(f"S{width}").ravel()
    firsts = np.concatenate(([0], np.flatnonzero(dates[1:] != dates[:-1]) + 1))
    days = [day_of(bytes(date).decode("ascii")) for date in dates[firsts].tolist()]
    if any(day is None for day in days):
        return firsts, False
    runs = np.diff(np.append(firsts, len(dates)))
    return np.repeat(np.array(days, np.int64), runs), True


def _day_of_clf(date: str) -> int | None:
    month = _MONTHS.get(date[3:6])
    return None if month is None else count_days(int(date[7:11]), month, int(date[:2]))


def _day_of_iso(date: str) -> int | None:
    return count_days(int(date[:4]), int(date[5:7]), int(date[8:10]))
