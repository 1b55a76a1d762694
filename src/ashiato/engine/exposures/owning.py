"""Whose rows were when a statement ran, where that is not whose they are today, or where nobody knows.

A row hangs on a person by the columns that name its owner, from table to table. Where one of these may have
held something else then, the row may have been anybody's: all people of the case stay possible, or those that
the statement asked for (``owners_asked``). Rows that no snapshot holds hang on whom the log says they did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ashiato.engine.exposures.former_keys import (
    people_by_key_sql,
    people_given_sql,
    tables_given_keys,
    times_given_sql,
)
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.uniting import unite_parts
from ashiato.engine.store import Row, Station, Store, quote_name, quote_text

#: A table on the way to people, and the columns that name the owner of its rows.
_Step = tuple[StateTable, tuple[str, ...]]
#: In a path row's place for its owner: nobody, anybody, whoever the statement asked for.
NOBODY, ANYBODY, ASKED = 0, -1, -2
#: Rows looked for because they changed: of these not even a statement's own joins are known to hold.
_LOOSE = "('drift', 'beside')"
_TIED = f"g.kind NOT IN {_LOOSE} AND g.kind <> 'widened'"

_NO_OWNED = (
    "SELECT '' AS system, '' AS _table, CAST(NULL AS BIGINT) AS row_ord, CAST(NULL AS BIGINT) AS start_us, "
    "'' AS _person_table, '' AS _person, CAST(0 AS INTEGER) AS top, 0 AS capped, '' AS owner_key WHERE FALSE"
)
_PEOPLE_ASKED = (
    "SELECT DISTINCT x.path_no, x.plan, w.instance, s._person_table, s._person FROM all_rows AS w "
    "JOIN hostile_executions AS x ON x.event_id = w.event_id "
    "JOIN {kept} AS s ON s._ord = w.row_ord WHERE w.kind = 'owner' AND w._table = '{kept}'"
)
_NO_PEOPLE_ASKED = (
    "SELECT 0 AS path_no, 0 AS plan, 0 AS instance, '' AS _person_table, '' AS _person WHERE FALSE"
)
# One row per row and moment of which the owner is another than its own, or not known, with that owner's
# number.
_WHOSE = """
SELECT DISTINCT o._table, o.row_ord, o.start_us, o.top, o.capped, k.who FROM owned_rows AS o
LEFT JOIN (SELECT DISTINCT who, system, _person_table, _person FROM row_keys WHERE who IS NOT NULL) AS k
  ON k.system = o.system AND k._person_table = o._person_table AND k._person = o._person
"""
# Whose rows a path's executions asked for.
_ASKED_PEOPLE = """
SELECT DISTINCT a.path_no, a.plan, a.instance, k.who FROM people_asked AS a
JOIN (SELECT DISTINCT who, _person_table, _person FROM row_keys WHERE who IS NOT NULL) AS k
  ON k._person_table = a._person_table AND k._person = a._person
"""
#: The joins that find a graded row's owner, and that owner: NULL for the row's own.
OWNER_TIES = """
LEFT JOIN whose_rows AS w ON w._table = g._table AND w.row_ord = g.row_ord AND w.start_us = g.start_us
LEFT JOIN asked_owners AS q ON q.plan = g.plan AND q.instance = g.instance
LEFT JOIN asked_people AS p
  ON p.path_no = g.path_no AND p.plan = g.plan AND p.instance = g.instance AND p.who = w.who
"""
OWNER = f"""CASE WHEN w.row_ord IS NULL THEN NULL
     WHEN {_TIED} AND w.capped = 1 AND q.depth > 0 THEN NULL
     WHEN (g.row_ord < 0 OR w.capped = 1) AND w.top < 0 AND q.listed = 1 AND p.who IS NULL THEN {NOBODY}
     WHEN w.top < 0 THEN COALESCE(w.who, {NOBODY})
     WHEN {_TIED} AND w.top < COALESCE(q.depth, 0) THEN NULL
     WHEN g.kind IN {_LOOSE} AND q.listed = 1 AND w.top = 0 THEN {ASKED} ELSE {ANYBODY} END"""

#: What is said of a row at best: of several people it may have been, none is surer than possible.
MARK = f"""CASE WHEN w.capped = 2 OR w.capped = 1 AND NOT ({_TIED} AND COALESCE(q.depth, 0) > 0)
     THEN CASE WHEN substr(g.mark, 2, 1) = '1' THEN '21:drift' ELSE '22:drift' END ELSE g.mark END"""


def write_owned(store: Store, states: Sequence[State], changed: Mapping[str, frozenset[str]]) -> bool:
    """Write ``owned_rows`` and tell whether there are any; reads ``lineage_rows`` and what ran.

    One row per row of the state x moment of which the owner was another, or is not known. ``top``: the last
    reference on the way to the people that may have been otherwise, -1 for none; ``capped`` 1: one of several
    people that it may have been, 2: the one whose key was written since. ``owner_key``: the owner's, where
    only the log tells it.
    """
    ghostly = {name for (name,) in store.rows("SELECT DISTINCT _table FROM lineage_rows WHERE row_ord < 0")}
    parts = [_NO_OWNED]
    asked = [_NO_PEOPLE_ASKED]
    given = tables_given_keys(store)
    for state in states:
        for table in state.tables.values():
            steps = steps_to_people(state, table)
            if steps and _stirs(steps, changed):
                parts += [_owned_sql(state, steps, changed), *_rekeyed_sql(state, steps, given)]
            if table.kept_as in ghostly:
                # Whose the row was that it referred to, nobody knows either.
                stirs = len(steps) > 1 and _stirs(steps[1:], changed)
                above = state.tables[(table.owner or ("", ()))[0]] if steps else table
                parts.append(_ghosts_sql(table, above, 1 if stirs else -1))
            if table.person_table is not None:
                asked.append(_PEOPLE_ASKED.format(kept=table.kept_as))
    if len(parts) == 1:
        return False
    unite_parts(store, "owned_rows", parts)
    unite_parts(store, "people_asked", asked)
    return store.count("owned_rows") > 0


def people_sql(store: Store, states: Sequence[State]) -> list[str]:
    """Return the queries for whoever such rows may hang on, in the shape of ``reached_rows``."""
    shape = (
        "SELECT DISTINCT {system} AS system, _person_table AS table_name, '' AS _table, "
        "CAST(NULL AS BIGINT) AS row_ord, '' AS _key, _person_table, _person FROM {rows}"
    )
    parts = [shape.format(system="system", rows="owned_rows WHERE top < 0 AND _person IS NOT NULL")]
    of_anybody = {
        name for (name,) in store.rows("SELECT DISTINCT _person_table FROM owned_rows WHERE top >= 0")
    }
    parts += [
        shape.format(system=quote_text(table.system), rows=table.kept_as)
        for state in states
        for table in state.tables.values()
        if table.person_table == table.name and table.name in of_anybody
    ]
    return parts


def number_owners(store: Store) -> None:
    """Write ``whose_rows`` and ``asked_people``: the same with the people's numbers."""
    store.run(Station("whose_rows", _WHOSE))
    store.run(Station("asked_people", _ASKED_PEOPLE))


_OTHERS = "top >= 0 OR elsewhere = 1"
_NOT_IN_MASTER = """
SELECT x.path, o._person_table, o.owner_key, count(DISTINCT x.event_id) FROM owned_rows AS o
JOIN lineage_rows AS l ON l._table = o._table AND l.row_ord = o.row_ord
JOIN hostile_executions AS x ON x.event_id = l.event_id AND x.start_us = o.start_us AND x.carries > 0
WHERE o._person IS NULL AND o.top < 0 AND length(o.owner_key) > 0
GROUP BY x.path, o._person_table, o.owner_key
"""

# Rows that name an owner whom no snapshot holds: a trigger's copy of somebody who is deleted since, say. Not
# those that were read while somebody known had that key: these are the known one's.
_LEFT_BEHIND = """
SELECT x.path, s.owner_key, count(DISTINCT x.event_id) FROM lineage_rows AS l
JOIN hostile_executions AS x ON x.event_id = l.event_id AND x.carries > 0
JOIN (SELECT _ord, {key} AS owner_key, {written} AS written FROM {kept} WHERE _person IS NULL) AS s
  ON s._ord = l.row_ord
LEFT JOIN ({given}) AS f ON f.key = s.written AND f.since_us < x.start_us AND f.until_us > x.start_us
WHERE l._table = {table} AND l.kind <> 'aggregate' AND length(s.owner_key) > 0 AND f.key IS NULL
GROUP BY x.path, s.owner_key ORDER BY ALL
"""
#: As many of them are named one by one; of more it is said how often they were met.
_MOST_NAMED = 1_000

_PEOPLE_GONE = """
SELECT x.path, w.owner_key, count(DISTINCT x.event_id) FROM all_rows AS a
JOIN ghost_owners AS w ON w._table = a._table AND w.row_ord = a.row_ord AND w.known = 2
JOIN hostile_executions AS x ON x.event_id = a.event_id AND x.carries > 0
WHERE a.kind = 'ghost' AND a._table = ? GROUP BY x.path, w.owner_key ORDER BY ALL
"""


def owners_not_in_master(store: Store, states: Sequence[State]) -> list[Row]:
    """Return path, people table, key (empty: not told) and events of people that only the log tells of."""
    owners = store.rows(_NOT_IN_MASTER) if store.has("owned_rows") else []
    for state in states:
        for table in state.tables.values():
            owners += _left_behind(store, state, table)
    return owners + [
        (path, table.name, key or "", events)
        for state in states
        for table in state.tables.values()
        if table.person_table == table.name
        for path, key, events in store.rows(_PEOPLE_GONE, [table.kept_as])
    ]


def _left_behind(store: Store, state: State, table: StateTable) -> list[Row]:
    """Return the same of the people that rows of a table name and no snapshot holds.

    Of a row that hangs on another, which is gone, nobody is known.
    """
    steps = steps_to_people(state, table)
    if not steps:
        return []
    above = state.tables[(table.owner or ("", ()))[0]]
    key = _key_sql("", steps[0][1])
    asked = _LEFT_BEHIND.format(
        key=key if len(steps) == 1 else "'-'",
        kept=table.kept_as,
        table=quote_text(table.kept_as),
        written=key,
        given=times_given_sql(above),
    )
    found = store.rows(asked)
    named = len(steps) == 1 and len(found) <= _MOST_NAMED
    return [(path, table.person_table, owner if named else "", events) for path, owner, events in found]


def steps_to_people(state: State, table: StateTable) -> list[_Step]:
    """Return a table and those on its way to the people's, that one left out; none where it has no way."""
    steps: list[_Step] = []
    held: StateTable | None = table
    while held is not None and held.person_table not in (None, held.name) and held.owner is not None:
        steps.append((held, held.owner[1]))
        held = state.tables.get(held.owner[0])
    return steps if held is not None and held.person_table == held.name else []


def _stirs(steps: Sequence[_Step], changed: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether rows of a table may have had other owners than theirs."""
    return any(_may_differ(table, columns, changed) for table, columns in steps) or any(
        _moves(table) for table, _ in steps[1:]
    )


def _may_differ(table: StateTable, columns: Sequence[str], changed: Mapping[str, frozenset[str]]) -> bool:
    return bool(set(columns) & changed.get(table.kept_as, frozenset()))


def _moves(table: StateTable) -> bool:
    return table.lived or len(table.seen_us) > 1


def _ran_sql(table: StateTable) -> str:
    """Select the rows of a table that a snapshot holds and a path reached, and when."""
    return (
        "SELECT DISTINCT l.row_ord, x.start_us FROM lineage_rows AS l JOIN hostile_executions AS x "
        f"ON x.event_id = l.event_id WHERE l._table = {quote_text(table.kept_as)} AND l.row_ord >= 0"
    )


def _rekeyed_sql(state: State, steps: Sequence[_Step], given: Collection[str]) -> Iterator[str]:
    """Yield the queries for rows that hang on a key which a row was given since: on the row's person."""
    table, _ = steps[0]
    joins = f"JOIN {table.kept_as} AS s0 ON s0._ord = r.row_ord"
    for number, (step, columns) in enumerate(steps):
        if number:
            joins += _parent_sql(step, number, steps[number - 1][1])
        above = state.tables[(step.owner or ("", ()))[0]]
        if above.kept_as in given:
            yield (
                f"SELECT {quote_text(table.system)} AS system, {quote_text(table.kept_as)} AS _table, "
                f"r.row_ord, r.start_us, {quote_text(table.person_table or '')} AS _person_table, k._person, "
                f"-1 AS top, 2 AS capped, '' AS owner_key FROM ({_ran_sql(table)}) AS r {joins} "
                f"JOIN ({people_given_sql(above)}) AS k ON k._key = {_key_sql(f's{number}.', columns)}"
            )


def _key_sql(row: str, columns: Sequence[str]) -> str:
    """Return the SQL for a key that stands in columns of a row, as keys are written: parts joined."""
    return " || '|' || ".join(f"CAST({row}{quote_name(name)} AS VARCHAR)" for name in columns)


def _owned_sql(state: State, steps: Sequence[_Step], changed: Mapping[str, frozenset[str]]) -> str:
    table, _ = steps[0]
    ran = _ran_sql(table)
    joins = f"JOIN {table.kept_as} AS s0 ON s0._ord = r.row_ord"
    levels = ""
    for number, (step, columns) in enumerate(steps):
        if number:
            joins += _parent_sql(step, number, steps[number - 1][1])
        if _may_differ(step, columns, changed):
            joins += _doubts_sql(step, columns, number, state.zone)
            unsure = f"o{number}.row_ord IS NOT NULL OR a{number}.from_us IS NOT NULL"
            levels = f"WHEN {unsure} THEN {number} {levels}"
    last, elsewhere = f"s{len(steps) - 1}", "FALSE"
    if any(_moves(step) for step, _ in steps[1:]):
        elsewhere = f"{last}._ord IS NOT NULL AND {last}._person IS DISTINCT FROM s0._person"
    top = f"CASE {levels}ELSE -1 END" if levels else "-1"
    found = (
        f"SELECT r.row_ord, r.start_us, {last}._person, CAST({top} AS INTEGER) AS top, "
        f"CASE WHEN {elsewhere} THEN 1 ELSE 0 END AS elsewhere FROM ({ran}) AS r {joins}"
    )
    rows = (
        f"SELECT {quote_text(table.system)} AS system, {quote_text(table.kept_as)} AS _table, f.row_ord, "
        f"f.start_us, {quote_text(table.person_table or '')} AS _person_table"
    )
    if len(steps) > 1 and _stirs(steps[1:], changed):
        return f"{rows}, f._person, f.top, 0 AS capped, '' AS owner_key FROM ({found}) AS f WHERE {_OTHERS}"
    few = f"(SELECT row_ord, owner_key FROM owner_choices WHERE _table = {quote_text(table.kept_as)})"
    above = state.tables[(table.owner or ("", ()))[0]]
    return (
        f"{rows}, f._person, f.top, 0 AS capped, '' AS owner_key FROM ({found}) AS f "
        f"LEFT JOIN (SELECT DISTINCT row_ord FROM {few} AS c) AS c ON c.row_ord = f.row_ord AND f.top = 0 "
        f"WHERE ({_OTHERS}) AND c.row_ord IS NULL UNION ALL "
        f"{rows}, s._person, -1 AS top, 1 AS capped, c.owner_key FROM ({found}) AS f "
        f"JOIN {few} AS c ON c.row_ord = f.row_ord AND f.top = 0 "
        f"LEFT JOIN ({people_by_key_sql(above)}) AS s ON s._key = c.owner_key"
    )


def _parent_sql(step: StateTable, number: int, columns: Sequence[str]) -> str:
    """Join the row that a row refers to, as it was then."""
    ties = [
        f"CAST(s{number}.{quote_name(key)} AS VARCHAR) = CAST(s{number - 1}.{quote_name(column)} AS VARCHAR)"
        for key, column in zip(step.key, columns, strict=True)
    ]
    if step.lived:
        ties += [f"s{number}._from_us <= r.start_us", f"s{number}._to_us > r.start_us"]
    return f" LEFT JOIN {step.kept_as} AS s{number} ON {' AND '.join(ties)}"


def _doubts_sql(step: StateTable, columns: Sequence[str], number: int, zone: str | None) -> str:
    """Join when the columns naming a row's owner may have been otherwise: of it alone, and of any row."""
    row, named = f"s{number}", ", ".join(map(quote_text, columns))
    which = f"SELECT DISTINCT row_ord, from_us, to_us FROM changes WHERE _table = {quote_text(step.kept_as)} "
    which += f"AND column_name IN ({named}) AND row_ord IS"
    then = "{0}.from_us <= r.start_us AND {0}.to_us > r.start_us"
    rest = [f"{row}._ord IS NOT NULL", then.format(f"a{number}")]
    rest += [f"{row}._restless = 0"] if step.lived else []
    if step.updated_at is not None:
        rest.append(f"COALESCE({step.since_sql(row, zone)} > r.start_us, TRUE)")
    return (
        f" LEFT JOIN ({which} NOT NULL) AS o{number} ON o{number}.row_ord = {row}._ord "
        f"AND {then.format(f'o{number}')} LEFT JOIN ({which} NULL) AS a{number} ON {' AND '.join(rest)}"
    )


def _ghosts_sql(table: StateTable, above: StateTable, known: int) -> str:
    """Select the rows that no snapshot holds, each with the owner that the log says it had.

    ``above``: the table of the owners, for a person's own row its own; ``known``: ``top`` where that is told.
    """
    return (
        f"SELECT DISTINCT {quote_text(table.system)} AS system, l._table, l.row_ord, x.start_us, "
        f"{quote_text(table.person_table or '')} AS _person_table, s._person, "
        f"CASE WHEN w.known = 1 THEN {known} ELSE 0 END AS top, 0 AS capped, w.owner_key "
        "FROM lineage_rows AS l "
        "JOIN hostile_executions AS x ON x.event_id = l.event_id "
        "JOIN ghost_owners AS w ON w._table = l._table AND w.row_ord = l.row_ord "
        f"LEFT JOIN ({people_by_key_sql(above)}) AS s ON s._key = w.owner_key "
        f"WHERE l._table = {quote_text(table.kept_as)} AND l.row_ord < 0"
    )
