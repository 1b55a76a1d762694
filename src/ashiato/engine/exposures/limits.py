"""Limits met: what widened which answer, by how many records, and what would shrink it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from ashiato.datamap.model import DataMap
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.transcripts import Understood
from ashiato.engine.store import Row, Store
from ashiato.terms.times import iso_of

#: The next piece of evidence that would shrink each widening; words for it are made at the edge.
_REMEDIES = {
    "drift": "snapshot-nearer-the-statement",
    "order-unknown": "reply-bodies-or-bytes",
    "semantics": "collation-in-the-data-map",
    "parse-failed": "statement-read-by-hand",
    "count-missing": "row-counts-in-the-database-log",
    "count-differs": "snapshot-nearer-the-statement",
    "pooled-user": "trace-ids-in-both-logs",
    "failed": "reply-bodies-or-bytes",
    "bind-missing": "bind-values-in-the-database-log",
    "masked": "statements-logged-unmasked",
    "text-cut": "statements-logged-whole",
    "aggregate": "reply-bodies-or-bytes",
    "value-changed": "older-snapshot",
    "blind": "logs-of-the-whole-transcript",
    "snapshot-missing": "snapshot-of-the-table",
    "truncated": "ranges-in-the-log",
    "non-sql-path": "copy-of-the-object",
}

_BY_REASON = """
SELECT path, reasons, count(*) AS records FROM (
  SELECT DISTINCT path, table_name, record_key, unnest(string_split(reasons, ';')) AS reasons
  FROM exposures WHERE length(reasons) > 0
) GROUP BY path, reasons ORDER BY path, reasons
"""


class Limits:
    """Gathers the limits of one run; ``rows`` gives them in the shape of table LIMITS."""

    def __init__(self) -> None:
        """Start with none."""
        self._events: Counter[tuple[str, str, str]] = Counter()
        self._missing: list[str] = []
        self._told: list[Row] = []

    def note_missing(self, datamap: DataMap, states: Sequence[State]) -> None:
        """Remember tables on people that no snapshot holds, and columns that a snapshot's tables lack."""
        held = {(state.system.name, table) for state in states for table in state.tables}
        for system in datamap.systems.values():
            for table in system.tables.values():
                if (table.person or table.belongs) and (system.name, table.name) not in held:
                    self._missing.append(f"table={system.name}.{table.name}")
        for state in states:
            for lack in state.lacking:
                moment = iso_of(lack.as_of_us, ZoneInfo(state.zone))
                if not lack.column:
                    self._missing.append(
                        f"table={state.system.name}.{lack.table},as_of={moment},why=no-table"
                    )
                    continue
                self._missing.append(f"column={state.system.name}.{lack.table}.{lack.column},as_of={moment}")

    def note_widened(self, reason: str, group: Group) -> None:
        """Remember that a group's statements could not be replayed, and why."""
        for execution, _ in group.members:
            why = group.refusal or "engine"
            self._events[execution.path, reason, "" if why == reason else why] += 1

    def note_blind(self, understood: Iterable[Understood]) -> None:
        """Remember blind questions whose answers could not be told apart; nothing was rebuilt from them."""
        for way in understood:
            if way.oracle is None:
                method, route, parameter, _ = way.point
                self._events[way.path, "blind", f"request={method} {route}{parameter}"] += way.questions

    def note_unread(self, path: str, label: str, faults: Iterable[str], events: int) -> None:
        """Remember an object that went out and could not be read (whole), and why."""
        self._events[path, "non-sql-path", f"object={label},why={'+'.join(faults)}"] += events

    def note_withheld(self, executions: Iterable[Execution]) -> None:
        """Count the statements whose rows were read but provably not sent."""
        for execution in executions:
            if execution.carries is False:
                self._events[execution.path, "withheld", f"status={execution.code}"] += 1

    def note_owners(self, told: Iterable[Row]) -> None:
        """Remember the people that no snapshot holds and whose rows, as the log tells, may have come out."""
        for path, table, key, events in told:
            at = path, "not-in-master", f"record={table} {key}"
            self._events[at] = max(self._events[at], events)

    def note_existence(self, told: Iterable[Row]) -> None:
        """Remember the routes whose refusals told that records are there; alone they widen nothing."""
        self._told = [
            (path, "existence", f"records={records},route={route}", events, None, None)
            for path, route, events, records in told
        ]

    def rows(self, store: Store) -> list[Row]:
        """Return the limits, those of statements first counted in events, those of records in records."""
        events: list[Row] = [
            (path, reason, params, count, None, _REMEDIES.get(reason))
            for (path, reason, params), count in self._events.items()
        ]
        records: list[Row] = [
            (path, reason, "", None, count, _REMEDIES.get(reason))
            for path, reason, count in store.rows(_BY_REASON)
        ]
        unseen: list[Row] = [
            ("", reason, f"writes={name}", count, None, _REMEDIES[reason])
            for reason, name, count in store.rows("SELECT reason, name, events FROM unseen_writes")
        ]
        missing: list[Row] = [
            ("", "snapshot-missing", table, None, None, _REMEDIES["snapshot-missing"])
            for table in self._missing
        ]
        return sorted(
            events + self._told + records + unseen + missing, key=lambda row: (row[0], row[1], row[2])
        )
