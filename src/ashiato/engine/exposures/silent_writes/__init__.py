"""Writes of requests whose statements fell into a silence of the database's log.

Where such a log has a hole, is not begun or is over, and the web log shows requests that write, rows may have
changed without a word: those that the request's own values name, else any of the tables it writes. Of a
request of which nothing is known but that its method means to change something, any row of any table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ashiato.datamap.model import Route
from ashiato.engine.exposures.deeds import WORDS
from ashiato.engine.exposures.silent_writes.accounts import Accounts
from ashiato.engine.exposures.silent_writes.learning import Taught
from ashiato.engine.exposures.silent_writes.requests import READS, STACKED, Asking, find_askings
from ashiato.engine.exposures.web_replies.asked import places_of
from ashiato.engine.exposures.web_replies.runs import Want, distinct_texts
from ashiato.engine.exposures.web_replies.templates import written_template
from ashiato.engine.exposures.web_replies.wanting import declared_wants, learned_wants
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Store

_WRITES, _READS, _STACKED = re.compile(WORDS), re.compile(READS), re.compile(STACKED)


class SilentWrites:
    """The requests in silences that may have written, whoever asked."""

    def __init__(self, store: Store, book: RouteBook, hidden: str) -> None:
        """Find the requests; ``hidden``: what texts are searched for that write without saying so."""
        self._store = store
        self._book = book
        self._askings = find_askings(store, hidden, self._told)
        self._met: dict[int, str] = {}

    @property
    def counted(self) -> Counter[str]:
        """How many requests may have written, by method and path, as far as was asked for."""
        return Counter(self._met.values())

    def of_system(self, name: str, dialect: str) -> Iterator[tuple[Asking, str | None]]:
        """Yield the requests that may have written a system's tables, each with what it may have run.

        None in its place: anything.
        """
        askings = [one for one in self._askings if self._system_of(one) in (None, name)]
        if not askings:
            return
        taught = Taught(self._store, dialect)
        runs = {asking: self._wants(asking, taught, dialect) for asking in askings}
        missing = Accounts(self._store, askings).missing(runs, taught)
        for asking, wants in runs.items():
            if not wants or missing[asking]:
                self._met[asking.event_id] = f"{asking.method} {asking.template}"
            texts = distinct_texts(missing[asking]) if wants else [None]
            yield from ((asking, text) for text in texts)

    def _told(self, method: str, path: str) -> bool | None:
        """Tell whether the data map says that a route writes, None where it says nothing of what it runs."""
        route = self._route(method, path)
        return any(map(_writes, route.statements)) if route and route.statements else None

    def _wants(self, asking: Asking, taught: Taught, dialect: str) -> list[Want]:
        """Return what a request runs, each run of it: as the data map says, else as was learned."""
        asked, route = taught.asked_by(asking), self._route(asking.method, asking.url_path)

        def times(stem: str) -> int:
            return taught.times(asking, stem)

        if route is None or not route.statements:
            return list(learned_wants(taught.templates_of(asking), asked, times, dialect))
        places = places_of(route.path)
        held = [written_template(sql, places, frozenset()) for sql in filter(_writes, route.statements)]
        return list(declared_wants(held, asked, times, dialect))

    def _system_of(self, asking: Asking) -> str | None:
        route = self._route(asking.method, asking.url_path)
        return route.system if route is not None else None

    def _route(self, method: str, path: str) -> Route | None:
        number = self._book.find(method, path)
        return self._book.routes[number] if number is not None else None


def _writes(sql: str) -> bool:
    is_read = _READS.match(sql) is not None and _STACKED.match(sql) is None
    return _WRITES.search(sql) is not None and not is_read


__all__ = ["SilentWrites"]
