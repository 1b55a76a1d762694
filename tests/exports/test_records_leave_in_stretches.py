"""Records that left before the alert, until containment, and after: bounds that hold whatever is true."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from ashiato.engine.api import Store
from ashiato.engine.tables import EVENTS, EXPOSURES, INTRUSION, PEOPLE, PROOFS, Table
from ashiato.exports.leaving_facts import count_leaving
from ashiato.exports.times import Left, Moment, Source, Times, read_times, times_of
from ashiato.exports.told_times import tell_times
from ashiato.exports.whole import write_json
from ashiato.exports.words import Language, words_in
from ashiato.terms.counts import Bound
from ashiato.terms.errors import CaseError

#: Hours at which one path's events were; of a record, at which of them it is shown and how surely.
_HOURS = (0, 2, 4, 6, 8)
_Record = tuple[frozenset[int], int]
_SUBSETS = [frozenset(each) for size in range(6) for each in combinations(_HOURS, size)]
_MOMENTS = [(-1, 0), (0, 0), (0, 3), (1, 4), (2, 2), (3, 8), (4, 6), (8, 9)]


def _rows(table: Table, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(column) for column in table.columns) for row in rows]


def _store(folder: Path, records: list[_Record]) -> Store:
    store = Store(folder)
    keys = [{"system": "shop", "table_name": "members", "record_key": str(n)} for n in range(len(records))]
    pairs = list(zip(keys, records, strict=True))
    store.write(EVENTS, _rows(EVENTS, *({"event_id": hour, "start_us": hour} for hour in _HOURS)))
    store.write(INTRUSION, _rows(INTRUSION, *({"event_id": hour, "path": "P"} for hour in _HOURS)))
    shown = [key | {"path": "P", "event_id": hour} for key, (hours, _) in pairs for hour in hours]
    store.write(PROOFS, _rows(PROOFS, *shown))
    exposed = [key | {"path": "P", "field": "x", "grade": grade} for key, (_, grade) in pairs]
    store.write(EXPOSURES, _rows(EXPOSURES, *exposed))
    store.write(PEOPLE, _rows(PEOPLE, *(key | {"grade": grade} for key, (_, grade) in pairs)))
    return store


def _truths(record: _Record) -> list[int | None]:
    """Every moment at which a record may have left first, None: never; written down by what grades mean."""
    hours, grade = record
    if grade < 2:
        return [None]
    if not hours:
        return [*range(_HOURS[0], _HOURS[-1] + 1), *([] if grade == 4 else [None])]
    return [min(hours)] if grade == 4 else [*hours, None]


@pytest.mark.parametrize("grades", [(1, 4), (2, 3)], ids=["sure", "in doubt"])
def test_whatever_is_true_lies_within_the_bounds(tmp_path: Path, grades: tuple[int, int]) -> None:
    records = [(hours, grade) for hours in _SUBSETS for grade in grades]
    truths = [_truths(each) for each in records]
    with _store(tmp_path / "left", records) as store:
        told = {moments: count_leaving(store, *moments) for moments in _MOMENTS}
    for (first, second), (before, between, after) in told.items():
        assert before == _bounds(truths, -1, first)
        assert after == _bounds(truths, second, 99)
        true = _bounds(truths, first, second)
        # What of several events in doubt was the first is not followed further: the bound may be wider.
        assert between == true if grades == (1, 4) else between.at_least <= true.at_least
        assert between.at_most is not None
        assert true.at_most is not None
        assert between.at_most >= true.at_most


def _bounds(truths: list[list[int | None]], after: int, until: int) -> Left:
    is_within = [[at is not None and after < at <= until for at in each] for each in truths]
    return Left(sum(map(all, is_within)), sum(map(any, is_within)))


def test_without_a_table_of_people_nothing_is_known_at_most(tmp_path: Path) -> None:
    with _store(tmp_path / "none", []) as store:
        assert count_leaving(store, 0, 1) == (Left(0, None),) * 3
        with pytest.raises(ValueError, match="after the second"):
            count_leaving(store, 1, 0)


_AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
_TIMES = Times(
    3, _AT, _AT,
    Moment(_AT, Source.LINE, "web/access.log:5"),
    Moment(None, Source.NO_ALARM),
    Moment(_AT, Source.PLAN, "7", Bound.AT_LEAST),
    Moment(None, Source.NO_TRIAL, "7"),
    None, None, Left(3, None),
)  # fmt: skip


def test_figures_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read_times(tmp_path) is None
    path = write_json(tmp_path / "times.json", _TIMES.as_json())
    assert read_times(tmp_path) == times_of(_TIMES.as_json()) == _TIMES
    for broken in (b"{}", b"[]", b"not json", path.read_bytes().replace(b'"plan"', b'"rumour"')):
        path.write_bytes(broken)
        with pytest.raises(CaseError, match="no time figures"):
            read_times(tmp_path)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.EN, ["at the latest (line web/access.log:5)", "First alert: not known (no alarm",
                       "at the earliest (plan 7)", "at least 3; how many at most is not known"]),
        (Language.JA, ["遅くとも", "最初の警報：不明", "早くとも", "少なくとも3件。上限は不明"]),
    ],
)  # fmt: skip
def test_what_is_unknown_is_told_as_unknown(language: Language, words: list[str]) -> None:
    told = "\n".join(tell_times(_TIMES, words_in(language)))
    assert all(each in told for each in words), told
    assert len(told.splitlines()) == 8
