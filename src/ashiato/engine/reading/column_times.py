"""Read a whole column of written moments at once; what this cannot read, the clock reads one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.reading.spans import Bytes, Ints, Truths, numbers_of, spans_of
from ashiato.engine.reading.times import SECOND_US, Clock, count_days

#: Where the digits stand in ``28/May/2026:20:26:40 +0900`` and in ``2026-05-28T20:26:40+09:00``.
_CLF_WIDTH = 26
_CLF_DIGITS = (0, 1, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19, 22, 23, 24, 25)
_CLF_MARKS = ((2, "/"), (6, "/"), (11, ":"), (14, ":"), (17, ":"), (20, " "))
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_EPOCH_MS = r"^[0-9]{10}\.[0-9]{3}$"


def read_times(array: pa.Array, clock: Clock) -> tuple[Ints, Ints, Truths]:
    """Return (microseconds UTC, step, whether it is a moment) of each text."""
    codes, bounds = spans_of(array)
    if len(array) and not array.null_count:
        if (np.diff(bounds) == _CLF_WIDTH).all():
            return _read_runs(codes[bounds[0] : bounds[-1]].reshape(-1, _CLF_WIDTH), array, clock)
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
    days, known = _days_of(table)
    if not known:
        return _read_each(array, clock)
    seconds = days * 86400 + _two(table, 12) * 3600 + _two(table, 15) * 60 + _two(table, 18)
    offset = _two(table, 22) * 3600 + _two(table, 24) * 60
    seconds -= np.where(table[:, 21] == ord("-"), -offset, offset)
    return seconds * SECOND_US, np.full(len(table), SECOND_US), good


def _two(table: Bytes, at: int) -> Ints:
    return (table[:, at].astype(np.int64) - 48) * 10 + (table[:, at + 1].astype(np.int64) - 48)


def _days_of(table: Bytes) -> tuple[Ints, bool]:
    """Days since 1970 of each line's date; False when one of them is no date."""
    dates = np.ascontiguousarray(table[:, :11]).view("S11").ravel()
    changes = np.flatnonzero(dates[1:] != dates[:-1]) + 1
    firsts = np.concatenate(([0], changes))
    days = [_day_of(bytes(date).decode("ascii")) for date in dates[firsts].tolist()]
    if any(day is None for day in days):
        return firsts, False
    runs = np.diff(np.append(firsts, len(dates)))
    return np.repeat(np.array(days, np.int64), runs), True


def _day_of(date: str) -> int | None:
    month = _MONTHS.get(date[3:6])
    return None if month is None else count_days(int(date[7:11]), month, int(date[:2]))
