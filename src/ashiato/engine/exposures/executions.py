"""The intruder's statements, each with the request that ran it and what became of the reply.

``hostile_executions``: one row per hostile statement's execution. ``pages``: replies of one status that are
the same to the byte whatever was asked, which proves that no value is in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import pyarrow as pa

from ashiato.engine.exposures.gaps import find_gap_statements
from ashiato.engine.exposures.masks import may_mask
from ashiato.engine.routes import TEMPLATE_SQL, RouteBook, is_success
from ashiato.engine.store import Row, Station, Store

_SURE = 0.8
GAP, TEXT_CUT = "gap", "text-cut"
_IN_A_GAP = 2
_SERVER_ERROR = 500

# One row per hostile statement, with how many requests could have run it: its surest hostile request, and
# the others beneath where that is not sure. A
# statement that is held honest although a hostile request could have run it is lent (1): it widens, as one
# does whose request is missing with the whole stretch of the web log (2).
_HOSTILE = f"""
WITH hostile AS (
  SELECT event_id, path, 0 AS lent FROM intrusion
  UNION ALL
  SELECT c.sql_event_id, min(i.path), 1
  FROM causes AS c JOIN intrusion AS i ON i.event_id = c.http_event_id
  LEFT JOIN intrusion AS own ON own.event_id = c.sql_event_id
  WHERE own.event_id IS NULL
  GROUP BY c.sql_event_id
  UNION ALL
  SELECT g.event_id, g.path, 2
  FROM gap_statements AS g
  LEFT JOIN (
    SELECT DISTINCT c.sql_event_id FROM causes AS c JOIN intrusion AS i ON i.event_id = c.http_event_id
  ) AS lent ON lent.sql_event_id = g.event_id
  WHERE lent.sql_event_id IS NULL
)
SELECT event_id, path, start_us, query_text, query_binds, query_rows, query_command, error_code, error_text,
       database_name, http_event_id, sureness, candidates,
       http_request_method, http_request_path, http_request_target, http_response_code,
       http_response_body_bytes, served, lent, is_cut, query_objects, choice
FROM (
  SELECT s.event_id, i.path, s.start_us, s.query_text, s.query_binds, s.query_rows, s.query_command,
         s.error_code, s.error_text, s.database_name,
         h.event_id AS http_event_id, c.confidence AS sureness, c.candidates,
         h.http_request_method, h.http_request_path, h.http_request_target, h.http_response_code,
         h.http_response_body_bytes, u.served, i.lent, s.query_objects,
         CASE WHEN s.unmapped LIKE '%"text_cut":true%' THEN 1 ELSE 0 END AS is_cut,
         row_number() OVER (
           PARTITION BY s.event_id ORDER BY c.confidence DESC NULLS LAST, h.event_id NULLS LAST
         ) AS choice,
         max(c.confidence) OVER (PARTITION BY s.event_id) AS surest
  FROM hostile AS i
  JOIN events AS s ON s.event_id = i.event_id AND s.event_kind = 'sql' AND s.query_text IS NOT NULL
  LEFT JOIN (
    SELECT c.sql_event_id, c.http_event_id, c.confidence, c.candidates
    FROM causes AS c JOIN intrusion AS hi ON hi.event_id = c.http_event_id
  ) AS c ON c.sql_event_id = s.event_id
  LEFT JOIN events AS h ON h.event_id = c.http_event_id
  LEFT JOIN (
    SELECT e.database_user_name, 1 AS served FROM causes AS c JOIN events AS e ON e.event_id = c.sql_event_id
    GROUP BY e.database_user_name
  ) AS u ON u.database_user_name = s.database_user_name
) AS chosen
WHERE choice = 1 OR surest < {_SURE}
"""

# A status whose replies are equal to the byte over several addresses of one route holds no row's values.
_PAGES = f"""
SELECT http_request_method AS method, template, http_response_code AS code
FROM (
  SELECT http_request_method, http_response_code, http_response_body_bytes, http_request_path,
         {TEMPLATE_SQL.format(path="http_request_path")} AS template
  FROM events
  WHERE event_kind = 'http' AND http_response_body_bytes IS NOT NULL
) AS replies
GROUP BY http_request_method, template, http_response_code
HAVING count(DISTINCT http_response_body_bytes) = 1 AND count(DISTINCT http_request_path) >= 3
"""


# A statement's text without its values: enough to tell whether a route runs it for everybody. One that
# only the intruder ever ran, through whatever route, may send columns its reply was never meant to carry.
_VALUES = "'''[^'']*''|[{][^}]*[}]|[0-9]+'"
# How many values a list holds tells nothing of the columns that go out, nor does how each is cast. What is in
# a list but values, even the name of a column, does: it stays as it is written. Each pattern repeats texts of
# one length: else Java goes deeper with each value, and a list of a hundred thousand ends its process.
_CASTS = "'[?]::[A-Za-z_?]+([(][?][)])?'"
_MARKS = "'[-+$.?]*[?]'"
_AROUND = "' ?, ?'"
_IN_A_ROW = "'[?](,[?])+'"
_ROWS = "'[(][?][)](,[(][?][)])+'"


def masked(text: str) -> str:
    """Return, as SQL, a statement's text without its values: ``text`` is SQL for the text."""
    told = f"regexp_replace(regexp_replace({text}, {_VALUES}, '?', 'g'), '\\s+', ' ', 'g')"
    for held, instead in (
        (_MARKS, "?"), (_CASTS, "?"), (_AROUND, ","), (_IN_A_ROW, "?"), (_ROWS, "(?)"),
    ):  # fmt: skip
        told = f"regexp_replace({told}, {held}, '{instead}', 'g')"
    return told


_USUAL = f"""
SELECT DISTINCT h.event_id
FROM hostile_statements AS h
JOIN (
  SELECT DISTINCT {masked("e.query_text")} AS masked
  FROM events AS e LEFT JOIN hostile_statements AS i ON i.event_id = e.event_id
  WHERE e.event_kind = 'sql' AND i.event_id IS NULL AND e.query_text IS NOT NULL
  UNION
  SELECT {masked("statement")} FROM mapped_statements
) AS usual ON usual.masked = {masked("h.query_text")}
"""


@dataclass(frozen=True, slots=True)
class Execution:
    """One hostile statement's execution.

    ``carries``: None when nothing tells whether the reply does. ``usual``: others run this statement
    too, so what the data map says of the route's reply holds for it. ``note``: a reason code that stands
    against every row of it; of no logged statement, or of a part of one (``event``), ``event_id`` is a number
    below 0 of its own. ``is_cut``: the log may hold only the text's beginning; ``objects``: the tables that
    it says the statement touched.
    """

    event_id: int
    path: str
    start_us: int
    text: str
    binds: str | None
    rows: int | None
    error_code: str | None
    error_text: str | None
    database: str | None
    http_event_id: int | None
    target: str | None
    code: int | None
    route: int | None
    pooled: bool
    lent: bool
    carries: bool | None
    usual: bool
    note: str = ""
    body_bytes: int | None = None
    event: int | None = None
    is_cut: bool = False
    objects: str = ""

    @property
    def cites(self) -> int:
        """The event that shows it: the statement, or the request where no statement was logged."""
        if self.event is not None:
            return self.event
        return self.event_id if self.event_id >= 0 or self.http_event_id is None else self.http_event_id


def list_executions(store: Store, book: RouteBook) -> tuple[list[Execution], list[Execution]]:
    """Return the hostile statements in order, each with what is known of its reply.

    Then those of which values may be missing again, with each other request that may have run them and whose
    reply may carry rows.
    """
    find_gap_statements(store)
    store.run(Station("hostile_statements", _HOSTILE))
    store.run(Station("pages", _PAGES))
    pages = frozenset(store.rows("SELECT method, template, code FROM pages"))
    templates: dict[str, str] = dict(
        store.rows(
            f"SELECT DISTINCT http_request_path, {TEMPLATE_SQL.format(path='http_request_path')} "
            "FROM hostile_statements WHERE http_request_path IS NOT NULL"
        )
    )
    declared = sorted({statement for route in book.routes for statement in route.statements})
    store.write_as("mapped_statements", pa.table({"statement": pa.array(declared, pa.string())}))
    store.run(Station("usual_statements", _USUAL))
    usual = frozenset(event_id for (event_id,) in store.rows("SELECT event_id FROM usual_statements"))
    rows = store.rows("SELECT * FROM hostile_statements ORDER BY event_id, choice")
    told = (_execution(row, book, pages, templates, usual=row[0] in usual) for row in rows)
    listed: list[Execution] = []
    others: list[Execution] = []
    for _, group in groupby(told, attrgetter("event_id")):
        candidates = list(group)
        listed.append(_that_may_show(candidates, book))
        others += [x for x in candidates if x is not listed[-1] and _may_lack(x) and _may_show(x, book)]
    return listed, others


def _may_lack(execution: Execution) -> bool:
    unbound = execution.binds is None and "$" in execution.text
    return unbound or may_mask(execution.text) or may_mask(execution.binds or "")


def _that_may_show(candidates: list[Execution], book: RouteBook) -> Execution:
    """Return the surest candidate; where that is unsure and shows nothing, the next that may show something.

    That one reply holds nothing proves little while another one may be this statement's.
    """
    surest = candidates[0]
    return next((x for x in candidates if _may_show(x, book)), surest) if surest.pooled else surest


def _may_show(execution: Execution, book: RouteBook) -> bool:
    answer = book.routes[execution.route].answer if execution.route is not None else None
    return execution.carries is not False and (answer is None or answer.columns != ())


def _execution(
    row: Row, book: RouteBook, pages: frozenset[Row], templates: dict[str, str], *, usual: bool
) -> Execution:
    (event_id, path, start_us, text, binds, counted, _command, error_code, error_text) = row[:9]
    (database, http_event_id, sureness, candidates, method, url_path, target, code, body_bytes) = row[9:18]
    # A database user that serves requests sends nothing to anybody by itself: the reply is not known.
    unlinked = http_event_id is None and row[18] == 1
    route = book.find(method or "", url_path or "") if http_event_id is not None else None
    refused = (method, templates.get(url_path), code) in pages or body_bytes == 0
    answer = book.routes[route].answer if route is not None else None
    if unlinked:
        carries: bool | None = None
    elif http_event_id is None or is_success(answer, code):
        carries = True
    else:
        # What the data map says of a route's replies holds for its own statements: a page on an error of the
        # server's may print what another one read.
        told = answer is not None and bool(answer.success) and (usual or (code or 0) < _SERVER_ERROR)
        carries = False if refused or told else None
    return Execution(
        event_id=event_id,
        path=path,
        start_us=start_us,
        text=text,
        binds=binds,
        rows=counted,
        error_code=error_code,
        error_text=error_text,
        database=database,
        http_event_id=http_event_id,
        target=target,
        code=code,
        route=route,
        pooled=unlinked or ((candidates or 1) > 1 and (sureness or 0.0) < _SURE),
        carries=carries,
        lent=row[19] > 0,
        usual=usual,
        note=GAP if row[19] == _IN_A_GAP else TEXT_CUT if row[20] > 0 else "",
        is_cut=row[20] > 0,
        objects=row[21] or "",
    )
