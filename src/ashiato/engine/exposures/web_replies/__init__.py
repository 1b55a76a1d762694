"""Web replies without a database log: what a route's statements would have returned for such a request.

A route's statements come from the data map, else are learned from stretches where both logs exist. A request
is put into them and replayed like any logged statement; where nothing tells what a route runs, its reply
may have carried anything that the data map lets it carry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.web_replies.asked import (
    asked_by,
    asked_values,
    kind_of,
    path_of_kind,
    path_parts,
)
from ashiato.engine.exposures.web_replies.files import NON_SQL_PATH, files_read, is_data_file
from ashiato.engine.exposures.web_replies.fitting import write_fits
from ashiato.engine.exposures.web_replies.learning import Learned, Sample, learn
from ashiato.engine.exposures.web_replies.missing_binds import solve_binds
from ashiato.engine.exposures.web_replies.other_askers import asked_by_others
from ashiato.engine.exposures.web_replies.own_records import own_keys
from ashiato.engine.exposures.web_replies.path_keys import PathKeys
from ashiato.engine.exposures.web_replies.route_models import RouteModels
from ashiato.engine.exposures.web_replies.runs import (
    Said,
    carried_out,
    distinct_texts,
    said_by,
    stem_of,
    unmet,
)
from ashiato.engine.exposures.web_replies.unlogged import HOSTILE, Unlogged, list_unlogged
from ashiato.engine.routes import TEMPLATE_SQL, RouteBook, is_success
from ashiato.engine.store import Row, Store

WEB_ONLY = "web-only"
_MOST_SAMPLES = 40_000

_SAMPLES = f"""
SELECT h.event_id, h.http_request_method, h.http_request_path, h.http_request_query, h.actor_session_uid,
       COALESCE(h.actor_user_name, h.src_endpoint_ip), s.query_text, s.query_binds
FROM causes AS c
JOIN events AS h ON h.event_id = c.http_event_id
JOIN events AS s ON s.event_id = c.sql_event_id
JOIN (SELECT DISTINCT method, template FROM web_requests AS r WHERE {HOSTILE}) AS wanted
  ON wanted.method = COALESCE(h.http_request_method, '')
 AND wanted.template = {TEMPLATE_SQL.format(path="h.http_request_path")}
LEFT JOIN intrusion AS i ON i.event_id = h.event_id
WHERE c.confidence >= 0.8 AND s.error_code IS NULL AND s.query_text IS NOT NULL AND i.event_id IS NULL
ORDER BY c.sql_event_id
"""

_OWN = f"""
SELECT r.event_id, s.query_text, s.query_binds, s.error_code IS NULL
FROM web_requests AS r
JOIN causes AS c ON c.http_event_id = r.event_id
JOIN events AS s ON s.event_id = c.sql_event_id
WHERE {HOSTILE} AND r.linked = 1 AND c.confidence >= 0.8 AND s.query_text IS NOT NULL
ORDER BY r.event_id, s.event_id
"""


def replies_without_log(
    store: Store, states: tuple[State, ...], book: RouteBook, dialect: str
) -> list[Execution]:
    """Return, as executions, what hostile requests may have run of which no statement was found.

    Of a request where the log may lack lines, those of its runs that no logged one of its own stands for.
    """
    requests = list(list_unlogged(store))
    tables = tuple(table for state in states for table in state.tables.values() if table.person_table)
    keys = PathKeys(store, tables, {part for request in requests for part in path_parts(request.url_path)})
    models = RouteModels(tables, keys, book, dialect)
    wanted = [request for request in requests if models.may_carry(request)]
    if not wanted:
        return []
    learned, times = _learned(store, dialect)
    own = own_keys(store, states, {request.account for request in wanted if request.account})
    logged = _logged(store) if any(request.partly for request in wanted) else {}
    read = files_read(store)

    def ran(request: Unlogged) -> Iterable[tuple[str, bool]]:
        own_key = own.get(request.account or "")
        if not request.partly:
            statements = list(models.statements_of(request, learned, own_key))
            unread = is_data_file(request) and request.url_path not in read
            return statements or ([(models.anything, False)] if unread else [])
        path = path_of_kind(kind_of(request.method, request.url_path, None))
        wants = models.wants_of(request, learned, own_key, lambda stem: times[path, stem])
        if not wants and request.told:
            return models.guesses_of(request, learned, own_key, surely_ran=request.event_id in logged)
        missing, _ = unmet(wants, logged.get(request.event_id, ()))
        return [(text or models.anything, False) for text in distinct_texts(missing)]

    told = ((request, text, known) for request in wanted for text, known in ran(request))
    executions = [_execution(-number, *one, book) for number, one in enumerate(told, start=1)]
    # Nothing says that what it ran was any of these tables' rows.
    return [replace(one, lent=one.text == models.anything) for one in executions]


def _note_of(request: Unlogged, known: bool) -> str:
    return NON_SQL_PATH if is_data_file(request) and not known else WEB_ONLY


def _learned(store: Store, dialect: str) -> tuple[Learned, Counter[tuple[str, str]]]:
    """Return what was learned, and by kind of path how often one request ran a statement at the most."""
    rows = store.rows(_SAMPLES)
    ran = Counter(
        (path_of_kind(kind_of(method, path, None)), event_id, stem_of(text))
        for event_id, method, path, *_, text, _binds in rows
    )
    most: Counter[tuple[str, str]] = Counter()
    for (kind, _, stem), times in ran.items():
        most[kind, stem] = max(most[kind, stem], times)
    return learn(_samples(rows[:: len(rows) // _MOST_SAMPLES + 1]), dialect), most


def _logged(store: Store) -> dict[int, list[Said]]:
    """Return the statements that are surely the requests' own of which others may be missing.

    One that failed, or that only asked how another would be carried out, returned none of its rows: what did
    may be missing, and it stands for no run.
    """
    found: dict[int, list[Said]] = defaultdict(list)
    for event_id, text, binds, was_done in store.rows(_OWN):
        held = found[event_id]
        if was_done and carried_out(text) == text:
            held.append(said_by(text, binds))
    return found


def _samples(rows: list[Row]) -> Iterator[Sample]:
    for event_id, method, path, query, session, asker, text, binds in rows:
        asked = asked_by(asked_values(path, query), session, asker)
        yield Sample(event_id, kind_of(method, path, query), asked, session, text, binds)


def _execution(number: int, request: Unlogged, text: str, known: bool, book: RouteBook) -> Execution:
    route = book.find(request.method, request.url_path)
    answer = book.routes[route].answer if route is not None else None
    return Execution(
        event_id=number,
        path=request.path,
        start_us=request.start_us,
        text=text,
        binds=None,
        rows=None,
        error_code=None,
        error_text=None,
        database=book.routes[route].system if route is not None else None,
        http_event_id=request.event_id,
        target=request.target,
        code=request.code,
        route=route,
        pooled=False,
        lent=False,
        carries=True if is_success(answer, request.code) else None,
        usual=True,
        note=_note_of(request, known),
        # Of a statement that is only guessed it is not known which columns would weigh.
        body_bytes=request.body_bytes if known else None,
    )


__all__ = ["asked_by_others", "replies_without_log", "solve_binds", "write_fits"]
