"""Logged writes of everybody, by table: what a replay can know of the time between statement and snapshot.

Rows put in under keys that the statement does not say are found by the values it does say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from ashiato.engine.exposures.cascades import follow_references
from ashiato.engine.exposures.deeds import UPSERTS, WORDS, Deed, Logged, Write
from ashiato.engine.exposures.ghosts import write_ghosts
from ashiato.engine.exposures.hidden.firing import Firing
from ashiato.engine.exposures.hidden.writing import HiddenWrites, command_of, hidden_writes
from ashiato.engine.exposures.history import write_history
from ashiato.engine.exposures.keying import settle_keys
from ashiato.engine.exposures.lives import ANY_ROW
from ashiato.engine.exposures.sessions import texts_run
from ashiato.engine.exposures.sessions.pieces import split_statements
from ashiato.engine.exposures.silent_writes import SilentWrites
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.exposures.transactions import WORDS as TRANSACTIONS
from ashiato.engine.exposures.transactions import entry_of, settle
from ashiato.engine.exposures.writes import writes_of
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Store, quote_name

# Of these no count of rows tells that nothing was written: it is another statement's, or none.
_UNCOUNTED = "(?i)\\b(truncate|copy|alter|drop|rename|create|with)\\b|;\\s*\\S"
# Statements prepared by their words, which an EXECUTE runs without saying them again.
_PREPARING, _RUNNING = "(?i)\\bprepare\\b", "(?i)\\b(prepare|execute)\\b"
#: How often references and triggers may lead to each other.
_FARTHEST = 4
# A write that the log says touched no row changed nothing.
_TOUCHED = "event_kind = 'sql' AND error_code IS NULL AND error_text IS NULL AND COALESCE(query_rows, 1) > 0"
_FAILED = "CASE WHEN error_code IS NULL AND error_text IS NULL THEN 0 ELSE 1 END"
_WRITTEN = (
    f"SELECT database_session_uid, event_id, {_FAILED}, query_text, query_binds, start_us, query_rows, "
    "COALESCE(time_step_us, 0) FROM events WHERE event_kind = 'sql' AND ("
    f"((COALESCE(query_rows, 1) > 0 OR regexp_matches(query_text, '{_UNCOUNTED}')) "
    f"AND regexp_matches(query_text, '{WORDS}')) "
    f"OR (? AND {_TOUCHED} AND regexp_matches(query_text, '{_RUNNING}')) "
    f"OR ({_FAILED} = 0 AND regexp_matches(query_text, ?)) "
    f"OR (database_session_uid IS NOT NULL AND ({_FAILED} = 1 OR regexp_matches(query_text, ?)))) "
    "ORDER BY event_id"
)
_PREPARED = (
    f"SELECT count(*) FROM events WHERE event_kind = 'sql' AND regexp_matches(query_text, '{_PREPARING}') "
    f"AND regexp_matches(query_text, '{WORDS}')"
)
_DEFINED = (
    "SELECT query_text FROM events WHERE event_kind = 'sql' AND error_code IS NULL AND error_text IS NULL "
    "AND regexp_matches(query_text, '(?is)\\bcreate\\b.*\\b(view|function|procedure|trigger)\\b') "
    "ORDER BY event_id"
)
_COMMANDS = f"SELECT event_id FROM events WHERE {_TOUCHED} AND regexp_matches(query_text, '{_RUNNING}')"


def find_changes(
    store: Store, states: tuple[State, ...], dialects: dict[str, str], book: RouteBook
) -> tuple[State, ...]:
    """Make the states of what snapshots and every write tell, whoever made it, logged or missing from a log.

    ``written_rows`` is kept as well: one row per write x row, ``_key`` NULL where it cannot be told.
    """
    found: dict[str, set[Write]] = defaultdict(set)
    unseen_by: list[tuple[int, str]] = []
    defined = [text for (text,) in store.rows(_DEFINED)] if store.has("events") else []
    behind = {
        state.system.name: hidden_writes(state, dialects[state.system.name], defined) for state in states
    }
    firings = [Firing(state, dialects[state.system.name], behind[state.system.name]) for state in states]
    silent = SilentWrites(store, book, "|".join(sorted({hidden.words for hidden in behind.values()})))
    for state in states:
        dialect, hidden = dialects[state.system.name], behind[state.system.name]
        for event_id, logged in _logged(store, dialect, hidden.words):
            unseen_by += [(event_id, command_of(logged.text))] if hidden.tables_of(logged.text) else []
            for write in _writes(logged, state, dialect, hidden):
                found[write.kept_as].add(write)
        for asking, text in silent.of_system(state.system.name, dialect):
            logged = Logged(text or "", None, asking.begun_us, None, 0, seen_us=asking.ended_us, unsure=True)
            anything = (_written_unseen(table, logged) for table in state.tables.values())
            for write in anything if text is None else _writes(logged, state, dialect, hidden):
                found[write.kept_as].add(write)
    tables = {table.kept_as: table for state in states for table in state.tables.values()}
    for firing in firings:
        _follow(store, firing, found)
    _keep_unseen(store, unseen_by, silent.counted, sum((one.unread for one in firings), Counter()))
    writes: dict[str, list[Write]] = {}
    unseen: set[Write] = set()
    for kept_as, held in found.items():
        keyed, missing = _keyed(store, tables[kept_as], held)
        writes[kept_as] = sorted(keyed, key=lambda write: write.order)
        unseen.update(missing)
    _keep_written(store, writes)
    # Before the tables are made anew: whether any snapshot has a row.
    ordered = {kept_as: sorted(held, key=lambda w: w.order) for kept_as, held in found.items()}
    write_ghosts(store, tables, ordered, unseen)
    return write_history(store, states, writes)


def _follow(store: Store, firing: Firing, found: dict[str, set[Write]]) -> None:
    """Follow writes to what triggers and references make of them, those to what they fire, and so on."""
    firing.fire(found)
    for _ in range(_FARTHEST):
        settle_keys(store, firing.state, found)
        follow_references(store, firing.state, found)
        if not firing.fire(found):
            return


def _writes(logged: Logged, state: State, dialect: str, hidden: HiddenWrites) -> Iterator[Write]:
    """Yield what a statement wrote, and that it may have written what stands behind the names it says."""
    yield from writes_of(logged, state, dialect)
    for name in sorted(hidden.tables_of(logged.text)):
        yield _written_unseen(state.tables[name], logged)


def _written_unseen(table: StateTable, logged: Logged) -> Write:
    """Return that a statement may have written any row of a table that it does not name."""
    seen_us = logged.time_us if logged.seen_us is None else logged.seen_us
    return Write(table.kept_as, seen_us, Deed.ANY, begun_us=logged.time_us)


def _keep_unseen(
    store: Store, ran: Sequence[tuple[int, str]], silent: Counter[str], fired: Counter[str]
) -> None:
    """Write ``unseen_writes``: how many statements of each kind may have written what they do not name.

    Those of the intruder are left out: they are told as what they are. And, by kind, how many requests may
    have written what no log tells (``silent``), and how often triggers ran that are not understood.
    """
    hostile: set[int] = set()
    if ran and store.has("intrusion"):
        hostile = {event_id for (event_id,) in store.rows("SELECT DISTINCT event_id FROM intrusion")}
    counted = Counter(name for event_id, name in ran if event_id not in hostile)
    counted.update({f"trigger {name}": count for name, count in fired.items() if count})
    rows = sorted(
        [("parse-failed", *one) for one in counted.items()] + [("drift", *one) for one in silent.items()]
    )
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(("reason", "name"))
    }
    columns["events"] = pa.array([row[2] for row in rows], pa.int64())
    store.write_as("unseen_writes", pa.table(columns))


def _keep_written(store: Store, writes: Mapping[str, Sequence[Write]]) -> None:
    rows = sorted(
        {(kept_as, write.key, str(write.deed), name) for kept_as, held in writes.items() for write in held
         for name in _names_written(write)},
        key=str,
    )  # fmt: skip
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(("_table", "_key", "deed", "column_name"))
    }
    store.write_as("written_rows", pa.table(columns))


def _names_written(write: Write) -> Sequence[str]:
    return sorted(write.columns) or [""]


def _logged(store: Store, dialect: str, hidden: str) -> Iterator[tuple[int, Logged]]:
    """Yield the statements that write, each of a text of several by itself, and what an EXECUTE ran."""
    if not store.has("events"):
        return
    prepared = bool(store.rows(_PREPARED)[0][0])
    commands = {event_id for (event_id,) in store.rows(_COMMANDS)}
    ran = texts_run(store, commands, dialect) if commands else {}
    entries = (entry_of(row) for row in store.rows(_WRITTEN, [prepared, hidden, TRANSACTIONS]))
    for entry in settle(entries):
        held, run = entry.logged, ran.get(entry.event_id)
        texts = [one.text for one in run] if run is not None else split_statements(held.text, dialect)
        for one in texts:
            # How many rows each of several touched is not told.
            yield entry.event_id, replace(held, text=one, rows=held.rows if len(texts) == 1 else None)


def changed_columns(store: Store) -> dict[str, frozenset[str]]:
    """Return, by table, the columns that may have been otherwise, and the marks that stand among them."""
    found: dict[str, set[str]] = {}
    sql = (
        "SELECT _table, column_name, max(CASE WHEN row_ord IS NULL THEN 1 ELSE 0 END) FROM changes "
        "GROUP BY _table, column_name"
    )
    for table, column, of_any_row in store.rows(sql):
        found.setdefault(table, set()).update({column, ANY_ROW} if of_any_row else {column})
    return {table: frozenset(columns) for table, columns in found.items()}


def _keyed(store: Store, table: StateTable, writes: Iterable[Write]) -> tuple[list[Write], list[Write]]:
    """Return the writes, rows put in under unsaid keys under the keys of the rows that hold what was said.

    And those rows put in that no snapshot since has.
    """
    held = list(writes)
    unsaid = [write for write in held if write.deed is Deed.PUT and write.key is None and write.told]
    keyed, unseen = [write for write in held if write not in unsaid], []
    lasting = _lasting(table, held)
    gathered: dict[tuple[str, ...], list[Write]] = defaultdict(list)
    for write in unsaid:
        names = tuple(name for name, _ in write.told if name in lasting)
        if names and table.key:
            gathered[names].append(write)
        else:
            keyed.append(replace(write, told=()))
    for names, rows in sorted(gathered.items()):
        found = _rows_holding(store, table, names, rows)
        keyed += [replace(rows[number], key=key) for number, key in found]
        met = {number for number, _ in found}
        unseen += [write for number, write in enumerate(rows) if number not in met]
    return keyed, unseen


def _lasting(table: StateTable, writes: Sequence[Write]) -> set[str]:
    """Return the columns that no later write may have changed."""
    written = {
        name for write in writes if write.deed is Deed.SET or write.deed in UPSERTS for name in write.columns
    }
    return set(table.columns) - written


def _rows_holding(
    store: Store, table: StateTable, names: Sequence[str], rows: Sequence[Write]
) -> list[tuple[int, str]]:
    """Find the rows, first seen after a write, that hold the values it put in."""
    told: list[Mapping[str, str | None]] = [dict(write.told) for write in rows]
    columns = {f"v{n}": pa.array([one[name] for one in told], pa.string()) for n, name in enumerate(names)}
    columns["number"] = pa.array(range(len(rows)), pa.int64())
    columns["time_us"] = pa.array([write.time_us for write in rows], pa.int64())
    store.write_as("put_in", pa.table(columns))
    same = " AND ".join(
        f"s.{quote_name(name)} IS NOT DISTINCT FROM TRY_CAST(w.v{n} AS {table.columns[name]})"
        for n, name in enumerate(names)
    )
    seen = f"SELECT _key, {table.seen_us[0]} AS first_us FROM {table.kept_as}"
    if len(table.seen_us) > 1:
        seen = f"SELECT _id AS _key, min(_first_us) AS first_us FROM raw{table.place} GROUP BY _id"
    sql = (
        f"SELECT DISTINCT w.number, s._key FROM put_in AS w JOIN {table.kept_as} AS s ON {same} "
        f"JOIN ({seen}) AS f ON f._key = s._key AND f.first_us >= w.time_us ORDER BY 1, 2"
    )
    return [(int(number), key) for number, key in store.rows(sql)]
