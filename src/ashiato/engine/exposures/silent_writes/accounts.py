"""Which statements of a request in a silence are missing from the log: of which no logged one can be its own.

In a stretch that lacks only some lines, requests and statements of one stem are held against each other: what
is surely a request's is its own; where the others are as many as the requests about then, each has one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence

from ashiato.engine.exposures.silent_writes.learning import Taught, stem_of
from ashiato.engine.exposures.silent_writes.requests import Asking
from ashiato.engine.store import Store

_SURE = 0.8
_LOGGED = f"""
SELECT s.start_us, s.query_text, c.http_event_id
FROM events AS s
JOIN logged_writes AS w ON w.event_id = s.event_id
LEFT JOIN causes AS c ON c.sql_event_id = s.event_id AND c.confidence >= {_SURE}
WHERE s.start_us BETWEEN ? AND ?
ORDER BY s.event_id
"""


class Accounts:
    """The logged writes about some requests: by request those surely its own, by stem when the others ran."""

    def __init__(self, store: Store, askings: Sequence[Asking]) -> None:
        """Gather the writes logged about the requests."""
        self._own: dict[int, set[str]] = defaultdict(set)
        self._free: dict[str, list[int]] = defaultdict(list)
        span = [min(one.begun_us for one in askings), max(one.ended_us for one in askings)]
        for start_us, text, request in store.rows(_LOGGED, span):
            if request is None:
                self._free[stem_of(text)].append(start_us)
            else:
                self._own[request].add(stem_of(text))
        self._free = {stem: sorted(times) for stem, times in self._free.items()}

    def missing(self, runs: Mapping[Asking, Sequence[str]], taught: Taught) -> dict[Asking, set[str]]:
        """Return, of the stems that requests run, those that no logged statement stands for."""
        wanted = {asking: self._wanted(asking, stems, taught) for asking, stems in runs.items()}
        rivals: dict[str, _Rivals] = {}
        for stem in sorted({stem for stems in wanted.values() for stem in stems}):
            rivals[stem] = _Rivals([one for one, stems in wanted.items() if stem in stems])
        return {
            asking: {stem for stem in stems if self._count(stem, asking) < rivals[stem].count(asking)}
            for asking, stems in wanted.items()
        }

    def _wanted(self, asking: Asking, stems: Sequence[str], taught: Taught) -> set[str]:
        """Return the stems of which none is surely the request's own: where one is, those that go with it."""
        own = self._own.get(asking.event_id, set()).intersection(stems)
        return {stem for stem in stems if stem not in own and (not own or taught.belongs(stem, own))}

    def _count(self, stem: str, asking: Asking) -> int:
        times = self._free.get(stem, [])
        return bisect_right(times, asking.ended_us) - bisect_left(times, asking.begun_us)


class _Rivals:
    """Requests that run the same statement."""

    def __init__(self, askings: Sequence[Asking]) -> None:
        self._begun = sorted(one.begun_us for one in askings)
        self._ended = sorted(one.ended_us for one in askings)

    def count(self, asking: Asking) -> int:
        """Return how many of them, the request itself with them, were answered about its time."""
        return bisect_right(self._begun, asking.ended_us) - bisect_left(self._ended, asking.begun_us)
