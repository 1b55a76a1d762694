"""Which statements of a request in a silence are missing from the log: those no logged one can stand for.

In a stretch that lacks only some lines, what requests run and what was logged are held against each other,
run by run, by words and by values: what is surely a request's is its own; where the others that may be a run
of its own are as many as the runs that requests about then may have made of it, each has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from ashiato.engine.exposures.silent_writes.learning import Taught
from ashiato.engine.exposures.silent_writes.requests import Asking
from ashiato.engine.exposures.web_replies.runs import Said, Spans, Want, said_by, unmet
from ashiato.engine.store import Store

_SURE = 0.8
_LOGGED = f"""
SELECT s.start_us, s.query_text, s.query_binds, c.http_event_id
FROM events AS s
JOIN logged_writes AS w ON w.event_id = s.event_id
LEFT JOIN causes AS c ON c.sql_event_id = s.event_id AND c.confidence >= {_SURE}
WHERE s.start_us BETWEEN ? AND ?
ORDER BY s.event_id
"""


class Accounts:
    """The logged writes about some requests: by request those surely its own, and the others."""

    def __init__(self, store: Store, askings: Sequence[Asking]) -> None:
        """Gather the writes logged about the requests."""
        self._own: dict[int, list[Said]] = defaultdict(list)
        free: list[tuple[Said, int, int]] = []
        span = [min(one.begun_us for one in askings), max(one.ended_us for one in askings)]
        for start_us, text, binds, request in store.rows(_LOGGED, span):
            if request is None:
                free.append((said_by(text, binds), start_us, start_us))
            else:
                self._own[request].append(said_by(text, binds))
        self._free = Spans(free)

    def missing(self, runs: Mapping[Asking, Sequence[Want]], taught: Taught) -> dict[Asking, list[Want]]:
        """Return, of what requests run, what no logged statement stands for."""
        left = {asking: self._without_own(asking, wants, taught) for asking, wants in runs.items()}
        rivals = Spans(
            (way, asking.begun_us, asking.ended_us)
            for asking, wants in left.items()
            for want in wants
            for way in want.loosely
        )
        return {
            asking: [want for want in wants if not self._has_its_own(want, asking, rivals)]
            for asking, wants in left.items()
        }

    def _without_own(self, asking: Asking, wants: Sequence[Want], taught: Taught) -> list[Want]:
        """Return the runs that no line surely the request's own stands for, as far as they go with those."""
        missing, met = unmet(wants, self._own.get(asking.event_id, ()))
        told = {line.stem for line in met}
        return [want for want in missing if not told or taught.belongs(want.stem, told)]

    def _has_its_own(self, want: Want, asking: Asking, rivals: Spans) -> bool:
        """Tell whether as many lines as all runs that requests about its time may have made read like it."""
        span = asking.begun_us, asking.ended_us
        return any(self._free.count(way, *span) >= rivals.count(way, *span) for way in want.ways)
