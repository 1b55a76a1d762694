"""What the kinds of request that write run: learned from where both logs exist, else as the data map says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import ceil

from ashiato.engine.exposures.silent_writes.requests import TEMPLATE, Asking
from ashiato.engine.exposures.web_replies.asked import Asked, asked_values, kind_of, path_of_kind
from ashiato.engine.exposures.web_replies.learning import Sample, learn
from ashiato.engine.exposures.web_replies.runs import carried_out, stem_of
from ashiato.engine.exposures.web_replies.templates import Template
from ashiato.engine.exposures.web_replies.wanting import only_asked
from ashiato.engine.store import Row, Store

_MOST_SAMPLES = 40_000
#: A statement is a request's own for what a kind is taught, where it is so likely.
_LIKELY = 0.2
#: Joined by what both said, and not by their times alone.
_BY_WORD = "trace|value"
#: Of an intruder's requests, a statement that fewer of a kind's requests run is no part of what it does.
_LEAST_SHARE = 0.05
#: A request that may run any of more than so many may run anything.
_MOST_STATEMENTS = 200
#: How likely is counted in so many parts.
_WHOLE = 1_000
_SAMPLES = f"""
SELECT h.event_id, h.http_request_method, h.http_request_path, h.http_request_query, h.actor_session_uid,
       s.query_text, s.query_binds, CAST(c.confidence AS DOUBLE) AS likely,
       CASE WHEN q.event_id IS NULL OR regexp_matches(c.how, '{_BY_WORD}') THEN 0 ELSE 1 END AS doubted,
       CASE WHEN i.event_id IS NULL THEN 0 ELSE 1 END AS hostile
FROM causes AS c
JOIN logged_writes AS w ON w.event_id = c.sql_event_id
JOIN events AS s ON s.event_id = c.sql_event_id
JOIN events AS h ON h.event_id = c.http_event_id
JOIN (SELECT DISTINCT q.method, q.template FROM silent_kinds AS q) AS k
  ON k.method = COALESCE(h.http_request_method, '') AND k.template = {TEMPLATE}
LEFT JOIN silent_requests AS q ON q.event_id = h.event_id
LEFT JOIN (SELECT DISTINCT event_id FROM intrusion) AS i ON i.event_id = h.event_id
WHERE c.confidence >= {_LIKELY}
ORDER BY c.sql_event_id, h.event_id
"""


class Taught:
    """What was learned of the kinds of request that write."""

    def __init__(self, store: Store, dialect: str) -> None:
        """Learn from the likeliest causes of logged writes."""
        rows = store.rows(_SAMPLES)
        self._learned = learn(_samples(_thinned(rows)), dialect, least_share=0)
        self._together, self._most = _counted(rows)

    def asked_by(self, asking: Asking) -> Asked:
        """Return a request's own values; what its session asked with before, it need not ask with again."""
        return asked_values(asking.url_path, asking.query)

    def templates_of(self, asking: Asking) -> tuple[Template, ...]:
        """Return what a request's kind runs, however rarely; nothing where that may be anything.

        So of a path never seen where each runs its own, and of a kind that runs more than can be told apart.
        """
        kind = kind_of(asking.method, asking.url_path, asking.query)
        found = self._learned.of_request(kind, self.asked_by(asking), widely=True)
        return tuple(map(only_asked, found)) if len(found) <= _MOST_STATEMENTS else ()

    def times(self, asking: Asking, stem: str) -> int:
        """Return how often a request of this kind was seen to run a statement, at the most."""
        return self._most[_kind(asking.method, asking.url_path), stem]

    def belongs(self, stem: str, told: Iterable[str]) -> bool:
        """Tell whether a request that ran one of these statements may have run another as well.

        One that none was ever seen to run may go with any.
        """
        return not self._together[stem, stem] or any(self._together[one, stem] for one in told)


def _thinned(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of so many requests, each with all that it ran: one in so many of them."""
    requests = sorted({row[0] for row in rows})
    kept = set(requests[:: len(rows) // _MOST_SAMPLES + 1])
    return [row for row in rows if row[0] in kept]


def _samples(rows: Sequence[Row]) -> Iterator[Sample]:
    """Yield what teaches: in a silence another's line may stand where a request's own is missing.

    Such a one, joined by its time alone, teaches only what no other does.
    """
    held: dict[tuple[str, str], list[list[Sample]]] = defaultdict(lambda: [[], []])
    honest: set[tuple[str, str]] = set()
    whole: dict[str, set[int]] = defaultdict(set)
    for event_id, method, path, query, session, text, binds, _, doubted, hostile in rows:
        kind, stem = kind_of(method, path, query), stem_of(text)
        made = Sample(event_id, kind, asked_values(path, query), session, carried_out(text), binds)
        held[kind, stem][doubted].append(made)
        whole[kind].add(event_id)
        honest |= set() if hostile else {(kind, stem)}
    for (kind, stem), (sure, unsure) in held.items():
        if (kind, stem) in honest or len(sure) + len(unsure) >= _LEAST_SHARE * len(whole[kind]):
            yield from sure or unsure


def _counted(rows: Sequence[Row]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Count, of all rows, the requests that ran both of two statements, and by kind how often one ran one.

    Of one twice: those that ran it. What is only likely one's own counts by how likely it is.
    """
    ran: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for request, method, path, *_, text, _binds, likely, _doubted, _hostile in rows:
        ran[request, _kind(method, path)][stem_of(text)] += round(_WHOLE * likely)
    together: Counter[tuple[str, str]] = Counter()
    most: Counter[tuple[str, str]] = Counter()
    for (_, kind), stems in ran.items():
        together.update((one, other) for one in stems for other in stems)
        for stem, parts in stems.items():
            most[kind, stem] = max(most[kind, stem], ceil(parts / _WHOLE))
    return together, most


def _kind(method: str | None, path: str) -> str:
    return path_of_kind(kind_of(method, path, None))
