"""What the kinds of request that write run: learned from where both logs exist, else as the data map says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from ashiato.engine.exposures.silent_writes.requests import TEMPLATE, Asking
from ashiato.engine.exposures.web_replies.asked import Asked, asked_values, kind_of
from ashiato.engine.exposures.web_replies.learning import Sample, learn
from ashiato.engine.exposures.web_replies.templates import Template
from ashiato.engine.store import Row, Store

_MOST_SAMPLES = 40_000
#: A statement is a request's own for what a kind is taught, where it is so likely.
_LIKELY = 0.2
_SAMPLES = f"""
SELECT h.event_id, h.http_request_method, h.http_request_path, h.http_request_query, h.actor_session_uid,
       s.query_text, s.query_binds
FROM causes AS c
JOIN logged_writes AS w ON w.event_id = c.sql_event_id
JOIN events AS s ON s.event_id = c.sql_event_id
JOIN events AS h ON h.event_id = c.http_event_id
JOIN (SELECT DISTINCT q.method, q.template FROM silent_kinds AS q) AS k
  ON k.method = COALESCE(h.http_request_method, '') AND k.template = {TEMPLATE}
WHERE c.confidence >= {_LIKELY}
ORDER BY c.sql_event_id, h.event_id
"""
_VALUE = re.compile(r"'(?:[^']|'')*'|\$[0-9]+|\{\w+\}|\bnull\b|\b[0-9]+(?:\.[0-9]+)?\b", re.IGNORECASE)
_BLANK = re.compile(r"(?:\s|/\*.*?\*/)+", re.DOTALL)


def stem_of(text: str) -> str:
    """Return a statement's text without its values, by which two runs of one statement are the same."""
    return _BLANK.sub(" ", _VALUE.sub("?", text)).strip().lower()


class Taught:
    """What was learned of the kinds of request that write."""

    def __init__(self, store: Store, dialect: str) -> None:
        """Learn from the likeliest causes of logged writes."""
        samples = [
            Sample(event_id, kind_of(method, path, query), asked_values(path, query), session, text, binds)
            for event_id, method, path, query, session, text, binds in _thinned(store.rows(_SAMPLES))
        ]
        self._learned = learn(samples, dialect)
        self._together = _counted_together(samples)

    def asked_by(self, asking: Asking) -> Asked:
        """Return a request's own values; what its session asked with before, it need not ask with again."""
        return asked_values(asking.url_path, asking.query)

    def templates_of(self, asking: Asking) -> tuple[Template, ...]:
        """Return what a request's kind runs; of a path never seen nothing where each runs its own."""
        kind = kind_of(asking.method, asking.url_path, asking.query)
        return tuple(map(_only_asked, self._learned.of_request(kind, self.asked_by(asking))))

    def belongs(self, stem: str, told: Iterable[str]) -> bool:
        """Tell whether a request that ran one of these statements ever ran another as well."""
        return any(self._together[one, stem] for one in told)


def _thinned(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of so many requests, each with all that it ran: one in so many of them."""
    requests = sorted({row[0] for row in rows})
    kept = set(requests[:: len(rows) // _MOST_SAMPLES + 1])
    return [row for row in rows if row[0] in kept]


def _only_asked(template: Template) -> Template:
    """Return a template in which only a request's own values are known.

    What never changed while both logs exist may be somebody's own key, who alone asked then.
    """
    numbers = count()

    def opened(found: re.Match[str]) -> str:
        is_own = "{" in found[0] or found[0].lower() == "null"
        return found[0] if is_own else f"{{constant{next(numbers)}}}"

    return replace(template, sql=_VALUE.sub(opened, template.sql))


def _counted_together(samples: Sequence[Sample]) -> Counter[tuple[str, str]]:
    """Count the requests that ran both of two statements; of one twice, those that ran it."""
    ran: dict[int, set[str]] = defaultdict(set)
    for sample in samples:
        ran[sample.request].add(stem_of(sample.text))
    return Counter((one, other) for stems in ran.values() for one in stems for other in stems)
