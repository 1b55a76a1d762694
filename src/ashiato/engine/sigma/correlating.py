"""Finds where correlations hold among the hits of their rules, one correlation after those it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ashiato.engine.sigma.columns import number_of
from ashiato.engine.sigma.correlations import Correlation
from ashiato.engine.sigma.spans import Steps, find_windows

Numbers: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Occurrences:
    """Hits of a rule: when, of which event, and the texts of the fields correlations ask for.

    Of a correlation each is a place where it holds: ``window`` names, for each, what it was made from.
    """

    times: Numbers
    events: Numbers
    fields: Mapping[str, pa.Array]
    window: _Window | None = None

    def members(self, rows: Numbers) -> Numbers:
        """Return every event that these hits are made from, rising."""
        return np.unique(self.events[rows]) if self.window is None else self.window.members(rows)

    def texts(self, fields: Sequence[str]) -> list[pa.Array]:
        """Return the texts of fields; one that is not there is absent from all."""
        absent = pa.nulls(len(self.times), pa.string())
        return [self.fields.get(field, absent) for field in fields]


@dataclass(frozen=True)
class _Window:
    """What a correlation's places are made from: spans of rows in order, each a hit of one of the rules."""

    firsts: Numbers
    lasts: Numbers
    refs: Numbers
    rows: Numbers
    given: tuple[Occurrences, ...]

    def members(self, places: Numbers) -> Numbers:
        """Return every event of these places' windows, through correlations of correlations."""
        depth = np.zeros(len(self.rows) + 1, np.int64)
        np.add.at(depth, self.firsts[places], 1)
        np.add.at(depth, self.lasts[places] + 1, -1)
        inside = np.cumsum(depth[:-1]) > 0
        found = [
            each.members(np.unique(self.rows[inside & (self.refs == ref)]))
            for ref, each in enumerate(self.given)
        ]
        return np.unique(np.concatenate(found))


def fields_needed(correlations: Iterable[Correlation]) -> dict[str, tuple[str, ...]]:
    """Return, for each rule that correlations name, the fields its hits have to bring."""
    needed: dict[str, set[str]] = {}
    # A correlation's places bring the fields of the event that completed them; so outer ones come first.
    for each in reversed(list(correlations)):
        passed = needed.get(each.name, set())
        for ref, groups, values in zip(each.refs, each.groups, each.values, strict=True):
            needed.setdefault(ref, set()).update(groups, values, passed)
    return {name: tuple(sorted(fields)) for name, fields in needed.items()}


def correlate(
    correlations: Sequence[Correlation], hits: Mapping[str, Occurrences]
) -> Iterator[tuple[Correlation, Occurrences]]:
    """Yield each correlation with the places where it holds, in the order of the correlations.

    ``hits``: of every rule named, in any order; one that is missing has none.
    """
    known = dict(hits)
    for correlation in correlations:
        given = tuple(known.get(ref, _NOTHING) for ref in correlation.refs)
        known[correlation.name] = _places_of(correlation, given)
        yield correlation, known[correlation.name]


_MEASURED = ("value_sum", "value_avg", "value_percentile")
_NOTHING = Occurrences(np.empty(0, np.int64), np.empty(0, np.int64), {})


def _places_of(correlation: Correlation, given: tuple[Occurrences, ...]) -> Occurrences:
    rows = _Rows.of(correlation, given)
    firsts, lasts = [_NOTHING.events], [_NOTHING.events]
    for begin, end in pairwise(rows.bounds.tolist()):
        steps, starts = rows.steps(begin, end)
        held, first_steps = find_windows(steps, correlation)
        at = np.flatnonzero(held)
        firsts.append(starts[first_steps[at]])
        lasts.append(starts[at + 1] - 1)
    window = _Window(np.concatenate(firsts), np.concatenate(lasts), rows.refs, rows.rows, given)
    return _completed(window)


def _completed(window: _Window) -> Occurrences:
    """Return a correlation's places as hits: each has the time and the fields of its last event."""
    refs, rows = window.refs[window.lasts], window.rows[window.lasts]
    names = sorted({name for each in window.given for name in each.fields})
    parts: list[tuple[Numbers, Numbers, Numbers, list[pa.Array]]] = []
    for ref, each in enumerate(window.given):
        places = np.flatnonzero(refs == ref)
        chosen = rows[places]
        texts = [array.take(pa.array(chosen)) for array in each.texts(names)]
        parts.append((places, each.times[chosen], each.events[chosen], texts))
    order = np.argsort(np.concatenate([part[0] for part in parts]), kind="stable")
    joined = {
        name: pa.chunked_array([part[3][at] for part in parts], pa.string())
        .combine_chunks()
        .take(pa.array(order))
        for at, name in enumerate(names)
    }
    times, events = (np.concatenate([part[at] for part in parts])[order] for at in (1, 2))
    return Occurrences(np.asarray(times), np.asarray(events), joined, window)


@dataclass(frozen=True)
class _Rows:
    """The hits of a correlation's rules that take part, in order: group by group, by time, event and rule.

    ``bounds``: where each group begins, and the end.
    """

    times: Numbers
    events: Numbers
    refs: Numbers
    rows: Numbers
    values: list[pa.Array]
    numbers: Mapping[str, Fraction]
    bounds: Numbers

    @staticmethod
    def of(correlation: Correlation, given: tuple[Occurrences, ...]) -> _Rows:
        """Gather and sort them."""
        refs = np.concatenate([np.full(len(each.times), ref) for ref, each in enumerate(given)])
        rows = np.concatenate([np.arange(len(each.times)) for each in given])
        times = np.concatenate([each.times for each in given])
        events = np.concatenate([each.events for each in given])
        groups = _columns(given, correlation.groups)
        values = _columns(given, correlation.values)
        part = np.ones(len(times), np.bool_)
        for column in (*groups, *values):
            part &= column.is_valid().to_numpy(zero_copy_only=False)
        numbers = _numbers(values[0]) if correlation.kind in _MEASURED else {}
        if correlation.kind in _MEASURED:
            part &= np.array([text in numbers for text in values[0].to_pylist()], np.bool_)
        code = _codes(groups, len(times))
        order = np.lexsort((refs, events, times, code))
        order = order[part[order]]
        changes = np.flatnonzero(np.diff(code[order])) + 1
        bounds = np.concatenate(([0], changes, [len(order)])) if len(order) else np.zeros(1, np.int64)
        chosen = pa.array(order)
        kept = [column.take(chosen) for column in values]
        return _Rows(times[order], events[order], refs[order], rows[order], kept, numbers, bounds)

    def steps(self, begin: int, end: int) -> tuple[Steps, Numbers]:
        """Return one group's events, and the row each begins with; the end last."""
        changes = np.flatnonzero(np.diff(self.events[begin:end])) + 1
        heads = np.concatenate(([0], changes, [end - begin]))
        refs = self.refs[begin:end].tolist()
        first = pa.array(begin + heads[:-1])
        values = list(zip(*(each.take(first).to_pylist() for each in self.values), strict=True))
        steps = Steps(
            times=self.times[begin + heads[:-1]],
            refs=[frozenset(refs[one:next_]) for one, next_ in pairwise(heads.tolist())],
            values=values,
            numbers=[self.numbers[value[0]] for value in values] if self.numbers else [],
        )
        return steps, begin + heads


def _numbers(texts: pa.Array) -> dict[str, Fraction]:
    """Return the number of each text that is one."""
    read = {text: number_of(text) for text in texts.unique().drop_null().to_pylist()}
    return {text: number for text, number in read.items() if number is not None}


def _codes(groups: Sequence[pa.Array], count: int) -> Numbers:
    """Return one number for each row, the same where all columns are; of no columns, all are one group."""
    code = np.zeros(count, np.int64)
    for column in groups:
        own = column.dictionary_encode()
        places = own.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        code = np.unique(code * (len(own.dictionary) + 1) + places + 1, return_inverse=True)[1].ravel()
    return code


def _columns(given: tuple[Occurrences, ...], fields: Sequence[Sequence[str]]) -> list[pa.Array]:
    """Return each field's texts over all hits, by the name it has for each rule."""
    texts = [each.texts(names) for each, names in zip(given, fields, strict=True)]
    return [pa.chunked_array(list(parts), pa.string()).combine_chunks() for parts in zip(*texts, strict=True)]
