"""Rungs and grades: from rows of the state to fields of people, each step a named station.

A row's ``rank`` is its grade times ten plus its rung, so that the highest of several is their maximum;
the reason that goes with it is carried behind it in ``mark`` (``43:``, ``32:drift``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.existence import find_existence, sensitive_tables, told_rows_sql
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.numbering import (
    KEYED_ROWS,
    mark_sql,
    number_reasons,
    reached_rows_sql,
    settle,
    write_names,
)
from ashiato.engine.exposures.open_owners import PROOFS_OF_OTHERS, fields_of_others
from ashiato.engine.exposures.owning import MARK, OWNER, OWNER_TIES, number_owners, people_sql, write_owned
from ashiato.engine.exposures.plan import SMALL_GROUP
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.uniting import unite_parts
from ashiato.engine.routes import RouteBook, is_answered
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text

NO_ROUTE = -1
#: The least grade and rung of what is confirmed.
_CONFIRMED = 40
#: The columns of a graded row before its mark.
_GRADED = (
    "event_id", "http_event_id", "path", "path_no", "start_us", "plan", "instance", "route", "_table",
    "row_ord", "kind", "value",
)  # fmt: skip


def route_of(execution: Execution) -> int:
    """Return the route whose reply the data map describes; it describes only statements of its own."""
    return NO_ROUTE if execution.route is None or not execution.usual else execution.route


def write_executions(
    store: Store, executions: Iterable[Execution], orders: dict[int, str], plans: dict[int, int]
) -> None:
    """Write ``hostile_executions``: one row per replayed statement, with what its reply was."""
    held = [x for x in executions if x.event_id in plans]
    numbers = write_names(store, "path_names", "path", (x.path for x in held))
    columns: dict[str, tuple[pa.DataType, list[object]]] = {
        "event_id": (pa.int64(), [x.event_id for x in held]),
        "path": (pa.string(), [x.path for x in held]),
        "start_us": (pa.int64(), [x.start_us for x in held]),
        "http_event_id": (pa.int64(), [x.http_event_id for x in held]),
        "route": (pa.int32(), [route_of(x) for x in held]),
        "query_rows": (pa.int64(), [x.rows for x in held]),
        "carries": (pa.int32(), [2 if x.carries is None else int(x.carries) for x in held]),
        # A log whose prefix leaves the code out still has the message.
        "failed": (pa.int32(), [int(x.error_code is not None or x.error_text is not None) for x in held]),
        "error_text": (pa.string(), [x.error_text for x in held]),
        "pooled": (pa.int32(), [2 if x.lent else int(x.pooled) for x in held]),
        "target": (pa.string(), [x.target for x in held]),
        "order_reason": (pa.string(), [orders.get(plans[x.event_id], "") for x in held]),
        "note": (pa.string(), [x.note for x in held]),
        "body_bytes": (pa.int64(), [x.body_bytes for x in held]),
        "cites": (pa.int64(), [x.cites for x in held]),
        "plan": (pa.int32(), [plans[x.event_id] for x in held]),
        "path_no": (pa.int32(), [numbers[x.path] for x in held]),
    }
    arrays = {name: pa.array(values, kind) for name, (kind, values) in columns.items()}
    store.write_as("hostile_executions", pa.table(arrays))


def write_copied_columns(store: Store, groups: Iterable[Group], book: RouteBook) -> None:
    """Write ``copied_columns``: one row per plan x instance x route x kind x column, and ``field_names``.

    ``shown`` 1: its value goes out; 0: it decided about the row, and stands for a record of which nothing
    else is to be named (its values are empty, or only its being there was told).
    A route whose reply carries none of a statement's columns (a sign-in form, say) has none, and so
    withholds its rows.
    """
    rows: list[tuple[int, int, int, str, str, int]] = []
    tables: dict[tuple[int, int], str] = {}
    for group in groups:
        used = {route_of(x) for x, _ in group.members}
        for route in sorted(used):
            rows += _columns_of(group, route, book)
        for number, table in _instances_of(group):
            tables[group.number, number] = table.name
    kinds = [
        ("plan", pa.int32()),
        ("instance", pa.int32()),
        ("route", pa.int32()),
        ("kind", pa.string()),
        ("column_name", pa.string()),
        ("shown", pa.int32()),
        ("field_no", pa.int32()),
    ]
    held = sorted(set(rows))
    fields = [f"{tables[plan, instance]}.{column}" for plan, instance, _, _, column, _ in held]
    numbers = write_names(store, "field_names", "field", fields)
    columns = [*([row[i] for row in held] for i in range(6)), [numbers[field] for field in fields]]
    arrays = [pa.array(column, kind) for column, (_, kind) in zip(columns, kinds, strict=True)]
    store.write_as("copied_columns", pa.table(arrays, schema=pa.schema(kinds)))


def _instances_of(group: Group) -> Iterator[tuple[int, StateTable]]:
    """Yield the tables of a group by the numbers that its rows carry."""
    if group.plan is None:
        yield from enumerate(group.state.tables.values())
    else:
        yield from ((held.number, held.table) for held in group.plan.instances)


def _columns_of(group: Group, route: int, book: RouteBook) -> list[tuple[int, int, int, str, str, int]]:
    answer = book.routes[route].answer if route != NO_ROUTE else None
    rows: list[tuple[int, int, int, str, str, int]] = []

    def add(instance: int, kind: str, columns: Iterable[str], shown: int = 1) -> None:
        rows.extend((group.number, instance, route, kind, column, shown) for column in columns)

    if group.plan is None:
        for number, table in _instances_of(group):
            add(number, "widened", table.columns)
            add(number, "drift", table.columns)
        return rows
    for held in group.plan.instances:
        add(held.number, "told", held.used | set(held.table.key), 0)
        shown = {column for column in held.projected if is_answered(answer, f"{held.table.name}.{column}")}
        if held.projected and not shown:
            # The route's reply carries none of it.
            add(held.number, "withheld", held.projected, 0)
            continue
        deciding = (held.used | set(held.table.key)) - shown
        for kind in ("output", "drift", "beside", "widened", "involved", "aggregate", "asked"):
            add(held.number, kind, shown)
            add(held.number, kind, deciding, 0)
    for query in group.plan.queries:
        for instance, column in query.copied:
            add(instance, "seen", [column])
            add(instance, "involved", [column])
    return rows


# One row per execution x instance x size of its groups: how large one was for certain, without the rows that
# may not have been in it; ``whole`` 1: all its rows are in a single group. There a row that may have been in
# it, or out of it, discloses no more than those that are; rows of several groups may have made a small one.
# A row that its value may tell apart (the least, the greatest) is listed under a smaller size than that.
WHOLE_GROUPS = """
WITH drifted AS (
  SELECT l.event_id, l.instance, l.row_ord, min(l.group_size) AS group_size
  FROM lineage_rows AS l
  JOIN drifted_rows AS d
    ON d.event_id = l.event_id AND d.instance = l.instance AND d.row_ord = l.row_ord
  WHERE l.kind = 'aggregate' GROUP BY l.event_id, l.instance, l.row_ord
)
SELECT sized.*, CASE WHEN count(*) OVER (PARTITION BY event_id, instance) = 1 THEN 1 ELSE 0 END AS whole
FROM (
  SELECT l.event_id, l.instance, l.group_size, l.group_size - count(DISTINCT d.row_ord) AS least_size
  FROM (SELECT DISTINCT event_id, instance, group_size FROM lineage_rows WHERE kind = 'aggregate') AS l
  LEFT JOIN drifted AS d
    ON d.event_id = l.event_id AND d.instance = l.instance AND d.group_size <= l.group_size
  GROUP BY l.event_id, l.instance, l.group_size
) AS sized
"""

# One row per execution x base row, with what its reply proves of it. A value that the server's error
# message prints was seen outside; a row that only took part is involved. Of several rows that hold the value
# printed, or may hold it, nobody knows whose it was.
GRADED_ROWS = f"""
WITH told AS (
  SELECT l.event_id, x.plan, l.instance, l._table, l.row_ord, l.group_size, l.value, x.path, x.path_no,
         x.start_us,
         x.route, x.http_event_id, x.query_rows, x.carries, x.failed, x.pooled, x.order_reason, x.target,
         x.note, x.cites,
         CASE WHEN l.kind = 'involved' AND x.failed = 1 AND length(trim(l.value)) > 0
                   AND strpos(x.error_text, l.value) > 0 THEN 'seen' ELSE l.kind END AS kind,
         CASE WHEN d.at_least > l.doubt THEN d.at_least ELSE l.doubt END AS doubt,
         CASE WHEN d.row_ord IS NOT NULL THEN 'drift' WHEN l.doubt > 0 THEN x.order_reason ELSE '' END AS why
  FROM lineage_rows AS l
  JOIN hostile_executions AS x ON x.event_id = l.event_id
  LEFT JOIN drifted_rows AS d
    ON d.event_id = l.event_id AND d.instance = l.instance
   AND d.row_ord = CASE WHEN l.kind NOT IN ('drift', 'beside') THEN l.row_ord END
),
counted AS (
  SELECT t.*, r.reply_rows,
         CASE WHEN t.query_rows = r.reply_rows THEN 1 WHEN t.query_rows IS NULL OR r.reply_rows IS NULL THEN 2
              ELSE 0 END AS fits,
         CASE WHEN t.carries = 1 AND u.event_id IS NOT NULL AND COALESCE(r.reply_rows, 1) > 0
              THEN 1 ELSE 0 END AS in_url,
         CASE WHEN w.event_id IS NULL THEN 0 ELSE 1 END AS weight_fits,
         CASE WHEN t.kind IN ('drift', 'beside') THEN COALESCE(g.least_size, 0) ELSE 0 END AS lost_in,
         COALESCE(a.least_size, t.group_size) AS least_size,
         CASE WHEN t.kind = 'seen' AND (t.doubt > 1 OR min(t.row_ord) OVER same <> max(t.row_ord) OVER same)
              THEN 1 ELSE 0 END AS of_many
  FROM told AS t
  LEFT JOIN web_fits AS w ON w.event_id = t.event_id
  LEFT JOIN whole_groups AS g ON g.event_id = t.event_id AND g.instance = t.instance AND g.whole = 1
  LEFT JOIN whole_groups AS a
    ON a.event_id = t.event_id AND a.instance = t.instance AND a.group_size = t.group_size
  LEFT JOIN reply_rows AS r ON r.event_id = t.event_id
  LEFT JOIN asked_keys AS u ON u.event_id = t.event_id AND u._table = t._table AND u.row_ord = t.row_ord
  WINDOW same AS (PARTITION BY t.event_id, t.instance, t.kind, t.value)
)
SELECT cites AS event_id, http_event_id, path, path_no, start_us, plan, instance, route, _table, row_ord,
  kind, value,
  CASE
    WHEN of_many = 1 THEN '24:whose'
    WHEN kind = 'seen' THEN '44:'
    WHEN kind = 'asked' OR (kind = 'involved' AND value IS NOT NULL) THEN '21:blind'
    WHEN kind = 'involved' THEN '21:'
    WHEN kind = 'aggregate' THEN '21:aggregate'
    WHEN kind = 'widened' THEN '22:' || CASE WHEN note = '' THEN 'parse-failed' ELSE note END
    WHEN kind IN ('drift', 'beside') THEN '22:drift'
    WHEN pooled = 2 THEN '22:' || CASE WHEN note = '' THEN 'pooled-user' ELSE note END
    WHEN failed = 1 THEN '22:failed'
    WHEN doubt > 1 THEN '22:' || CASE WHEN why = '' THEN 'order-unknown' ELSE why END
    WHEN pooled = 1 THEN '32:pooled-user'
    WHEN carries = 2 THEN '32:failed'
    WHEN doubt = 1 THEN CASE WHEN fits = 1 THEN '33:' ELSE '32:' END || why
    WHEN note <> '' THEN CASE WHEN in_url = 1 AND weight_fits = 1 THEN '43:' ELSE '32:' || note END
    WHEN fits = 0 THEN '32:count-differs'
    WHEN fits = 1 OR in_url = 1 THEN '43:'
    ELSE '32:count-missing'
  END AS mark
FROM counted
WHERE (kind = 'seen' OR carries > 0) AND (kind <> 'aggregate' OR least_size < {SMALL_GROUP})
  AND lost_in < {SMALL_GROUP}
"""

# The keys that stand in a request's address, whole between its separators.
ASKED_KEYS = """
SELECT DISTINCT l.event_id, l._table, l.row_ord
FROM (SELECT DISTINCT event_id, _table, row_ord FROM lineage_rows) AS l
JOIN (
  SELECT event_id, '/' || translate(target, '?&=', '///') || '/' AS asked
  FROM hostile_executions WHERE target IS NOT NULL
) AS x ON x.event_id = l.event_id
JOIN row_keys AS k ON k._table = l._table AND k.row_ord = l.row_ord
WHERE strpos(x.asked, '/' || k._key || '/') > 0 OR strpos(x.asked, '/' || k._person || '/') > 0
"""

# One row per access path x base row x set of columns x stretch in which the same of it is in doubt: what a
# path's many executions say of it at most. ``owner``: whose it was then, NULL where that is its own.
PATH_ROWS = """
SELECT g.path_no, g.plan, g.instance, g.route, g.kind, g._table, g.row_ord, max(g.mark) AS mark,
       min(g.start_us) AS first_us, {owner} AS owner
FROM graded_rows AS g
LEFT JOIN turns AS t ON t._table = g._table AND t.row_ord = g.row_ord
  AND t.begun_us <= g.start_us AND t.ended_us > g.start_us
LEFT JOIN turns AS a ON a._table = g._table AND a.row_ord IS NULL
  AND a.begun_us <= g.start_us AND a.ended_us > g.start_us
GROUP BY g.path_no, g.plan, g.instance, g.route, g.kind, g._table, g.row_ord, t.begun_us, a.begun_us{by_owner}
"""


def fields_sql(table: StateTable, zone: str, *, owned: bool = False) -> str:
    """Unfold a table's reached rows into fields of people; a NULL or empty value is no field reached.

    Whether a value that was written since was there at all at the time is told by ``filled``; where that is
    not so, the field is no surer than probable, and one that is empty today is possible. ``owned``: of some
    rows the owner is not just their own; ``who`` is that then, and where each field came from is told beside.
    """
    filled = " ".join(
        f"WHEN {quote_text(name)} THEN length(CAST(s.{quote_name(name)} AS VARCHAR))"
        for name in table.columns
    )
    always = ", ".join(quote_text(name) for name in sorted({*table.required, *table.key})) or "''"
    restless = "s._restless" if table.lived else "0"
    who, places, known = "k.who", "", "k.who IS NOT NULL"
    if owned:
        who, places = "COALESCE(p.owner, k.who)", ", plan, instance"
        known = f"{who} IS NOT NULL"
    reached = (
        f"SELECT p.path_no, {who} AS who{places.replace(', ', ', p.')}, "
        "CAST(substr(p.mark, 1, 2) AS BIGINT) AS step, m.reason_no, p.kind, "
        "p.first_us, p.row_ord, c.column_name, c.field_no, c.shown, "
        f"COALESCE(CASE c.column_name {filled} ELSE 0 END, 0) AS held, {restless} AS restless, "
        f"{table.since_sql('s', zone)} AS since_us, m.reason = 'web-only' AS unlogged "
        "FROM path_rows AS p JOIN copied_columns AS c ON c.plan = p.plan AND c.instance = p.instance "
        "AND c.route = p.route AND c.kind = p.kind "
        "JOIN reason_names AS m ON m.reason = substr(p.mark, 4) "
        f"JOIN row_keys AS k ON k._table = p._table AND k.row_ord = p.row_ord AND {known} "
        f"JOIN {quote_name(table.kept_as)} AS s ON s._ord = p.row_ord "
        f"WHERE p._table = {quote_text(table.kept_as)} AND k._table = {quote_text(table.kept_as)}"
    )
    told = (
        "SELECT f.*, CASE WHEN COALESCE(o.from_us, a.from_us) IS NULL THEN 0 ELSE 1 END AS unsettled, "
        f"CASE WHEN f.column_name IN ({always}) THEN 1 "
        "ELSE LEAST(COALESCE(o.filled, 1), COALESCE(a.filled, 1)) END AS filled "
        f"FROM ({reached}) AS f "
        f"LEFT JOIN {_doubts_sql(table, of_any_row=False)} AS o ON o.row_ord = f.row_ord "
        "AND o.column_name = f.column_name AND o.from_us <= f.first_us AND o.to_us > f.first_us "
        f"LEFT JOIN {_doubts_sql(table, of_any_row=True)} AS a ON f.restless = 0 "
        "AND a.column_name = f.column_name AND a.from_us <= f.first_us AND a.to_us > f.first_us "
        "AND COALESCE(f.since_us > f.first_us, TRUE)"
    )
    unfilled = "unsettled = 1 AND filled = 0"
    unsure = f"{unfilled} AND step >= {_CONFIRMED}"
    # Where the log lacks what a request ran, it may lack what had been written as well.
    unwritten = "unlogged AND kind <> 'seen' AND COALESCE(since_us > first_us, TRUE)"
    return (
        f"SELECT path_no, who, field_no, CASE WHEN shown = 0 THEN {mark_sql('21', 'reason_no')} "
        f"WHEN kind = 'seen' THEN {mark_sql('step', 'reason_no')} WHEN held = 0 THEN {mark_sql('22')} "
        f"WHEN {unsure} THEN {mark_sql('33')} ELSE {mark_sql('step', 'reason_no')} END AS mark_no, "
        f"shown, CASE WHEN held = 0 THEN 1 ELSE unsettled END AS changed_since{places} "
        f"FROM ({told}) AS told WHERE held > 0 OR (shown = 1 AND (({unfilled}) OR ({unwritten})))"
    )


def _doubts_sql(table: StateTable, *, of_any_row: bool) -> str:
    which = "row_ord IS NULL" if of_any_row else "row_ord IS NOT NULL"
    return (
        "(SELECT row_ord, column_name, from_us, to_us, min(filled) AS filled FROM changes "
        f"WHERE _table = {quote_text(table.kept_as)} AND {which} "
        "GROUP BY row_ord, column_name, from_us, to_us)"
    )


# Values that the server's own error messages print, each tied to the row and column it was made of; of
# several rows to none.
_RECOVERED = """
SELECT DISTINCT g.path, k._person_table AS table_name,
       CASE WHEN g.mark = '44:' THEN k._person ELSE '' END AS record_key,
       k.table_name || '.' || c.column_name AS field, g.value, 'complete' AS state, g.event_id
FROM graded_rows AS g
JOIN row_keys AS k ON k._table = g._table AND k.row_ord = g.row_ord
JOIN copied_columns AS c
  ON c.plan = g.plan AND c.instance = g.instance AND c.route = g.route AND c.kind = g.kind AND c.shown = 1
WHERE g.kind = 'seen' AND k._person IS NOT NULL
"""


_OF_OTHERS = "SELECT DISTINCT _table FROM path_rows WHERE owner IS NOT NULL"


def grade(store: Store, states: tuple[State, ...], changed: Mapping[str, frozenset[str]]) -> list[Row]:
    """Run the stations from ``lineage_rows`` to what the replay says of fields, proofs and values.

    ``changed``: by table, the columns that may have been otherwise. Returns what refusals told of: path,
    route, events and records.
    """
    held = [(state.zone, table) for state in states for table in state.tables.values() if table.person_table]
    owned = write_owned(store, states, changed)
    keyed = [reached_rows_sql(t.system, t.name, t.kept_as) for _, t in held]
    unite_parts(store, "reached_rows", [*keyed, *(people_sql(store, states) if owned else [])])
    store.run(Station("row_keys", KEYED_ROWS))
    store.run(Station("asked_keys", ASKED_KEYS))
    store.run(Station("whole_groups", WHOLE_GROUPS))
    told = find_existence(store)
    sensitive = sensitive_tables(states)
    more = f" UNION ALL {told_rows_sql(sensitive)}" if told and sensitive else ""
    graded = f"SELECT * FROM ({GRADED_ROWS}) AS g{more}" if more else GRADED_ROWS
    if owned:
        number_owners(store)
        columns = ", ".join(f"g.{name}" for name in _GRADED)
        graded = f"SELECT {columns}, {MARK} AS mark, {OWNER} AS owner FROM ({graded}) AS g {OWNER_TIES}"
    store.run(Station("graded_rows", graded))
    owner, by_owner = ("g.owner", ", g.owner") if owned else ("CAST(NULL AS BIGINT)", "")
    store.run(Station("path_rows", PATH_ROWS.format(owner=owner, by_owner=by_owner)))
    number_reasons(store)
    others = {name for (name,) in store.rows(_OF_OTHERS)}
    unite_parts(store, "reached_fields", _fields(store, held, others))
    settle(store, PROOFS_OF_OTHERS if others else "")
    store.run(Station("replay_recovered", _RECOVERED))
    return told


def _fields(store: Store, held: Sequence[tuple[str, StateTable]], others: Collection[str]) -> list[str]:
    """Return the queries for the fields of all tables; rows of ``others`` hang on others than their own."""
    owned = [(table, fields_sql(table, zone, owned=True)) for zone, table in held if table.kept_as in others]
    own = [fields_sql(table, zone) for zone, table in held if table.kept_as not in others]
    return own + (fields_of_others(store, owned) if owned else [])
