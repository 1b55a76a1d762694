"""Absences: whether a record without a trace is proven not reached, and if not, what is missing.

A record is proven not reached when every way to it is covered by a log whose silence proves absence
(``coverage``), every statement of that log was understood, whoever ran it, and none reaches the record at the
upper bound. Whose a statement was is not asked: only programs that the data map calls honest are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.engine.exposures.absences.soft_columns import soft_columns, unread_values
from ashiato.engine.exposures.absences.touching import Doubts, Touching
from ashiato.engine.exposures.deeds import Deed
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.state import State, StateTable
from ashiato.engine.store import Row, Station, Store
from ashiato.engine.tables import ABSENCES, TOUCHED
from ashiato.engine.workspace import Workspace
from ashiato.terms.proof_gaps import ProofGap

_DAY_US = 86_400_000_000
_COVERED = """
SELECT start_us, end_us, coalesce(source, ''), reasons, table_name FROM coverage WHERE system = ?
ORDER BY way_kind, way, source
"""
_NOBODY = "SELECT '' AS system, '' AS table_name, '' AS record_key WHERE FALSE"


@dataclass
class _Covered:
    """What the ways to one system's records are covered by; ``by_table``: what stands against one table."""

    start_us: int | None
    end_us: int | None
    sources: tuple[str, ...]
    gaps: list[str]
    by_table: dict[str, list[str]]


def prove_absences(
    workspace: Workspace, states: tuple[State, ...], dialects: dict[str, str], past: Past
) -> None:
    """Write ``absences`` and, where a proof is possible, ``touched``; scratch tables of replays are used."""
    store = workspace.store
    rows: list[Row] = []
    touched = [_NOBODY]
    for number, state in enumerate(states):
        covered = _covered(store, state.system.name)
        events = 0
        if not covered.gaps and covered.start_us is not None:
            covered.gaps += _unclear(store, state)
            touching = Touching(store, state, dialects[state.system.name], _doubts(store, state))
            events = _look(touching, covered, workspace.datamap.accounts.machines, past)
            store.run(Station(f"touched_{number}", _records_sql(state, touching.written)))
            touched.append(f"SELECT * FROM touched_{number}")
        rows += _rows_of(state, covered, events)
    store.run(Station("touched", " UNION ".join(touched), TOUCHED))
    store.write(ABSENCES, sorted(rows))


def prove_nothing(store: Store) -> None:
    """Write both tables empty: without a snapshot there is nobody of whom absence could be proven."""
    store.write(ABSENCES, [])
    store.write(TOUCHED, [])


def _covered(store: Store, system: str) -> _Covered:
    rows = store.rows(_COVERED, [system]) if store.has("coverage") else []
    gaps = [reason for *_, reasons, table in rows if table is None for reason in reasons.split(";") if reason]
    by_table: dict[str, list[str]] = {}
    for *_, reasons, table in rows:
        if table is not None:
            by_table.setdefault(table, []).extend(reasons.split(";"))
    first = rows[0] if rows else (None, None)
    sources = tuple(sorted({row[2] for row in rows if row[2]}))
    if not rows:
        gaps.append(ProofGap.NO_STATEMENT_LOG.told())
    return _Covered(first[0], first[1], sources, list(dict.fromkeys(gaps)), by_table)


def _look(touching: Touching, covered: _Covered, machines: tuple[str, ...], past: Past) -> int:
    """Replay all statements unless something is missing already; returns how many there were."""
    if covered.gaps:
        return 0
    events = touching.replay((covered.start_us or 0) - _DAY_US, machines, past)
    covered.gaps += sorted(touching.gaps)
    return events


def _unclear(store: Store, state: State) -> Iterator[str]:
    """Yield what else stands against a proof: values that were not read, objects that were asked for."""
    if unread := unread_values(store, state):
        yield ProofGap.SNAPSHOT_MISSING.told(values=unread)
    if store.has("objects") and store.count("objects"):
        yield ProofGap.OBJECTS_APART.told(asked_for=store.count("objects"))


def _doubts(store: Store, state: State) -> Doubts:
    unclear = {name for name, table in state.tables.items() if _is_unclear(store, table)}
    for _ in state.tables:
        # Whose a row was is told by the rows it hangs on, up to the people.
        unclear |= {name for name, table in state.tables.items() if table.owner and table.owner[0] in unclear}
    return Doubts(soft_columns(store, state), frozenset(unclear))


def _is_unclear(store: Store, table: StateTable) -> bool:
    """Tell whether rows were written that cannot be told, taken out, or given to another owner."""
    owners = table.owner[1] if table.owner else ()
    owning = {"", *table.key, *owners}
    differing = "SELECT DISTINCT column_name FROM changes WHERE _table = ?"
    if {name for (name,) in store.rows(differing, [table.kept_as])} & set(owners):
        return True
    rows = store.rows(
        "SELECT DISTINCT _key IS NULL, deed, column_name FROM written_rows WHERE _table = ?", [table.kept_as]
    )
    return any(
        untold or deed not in (Deed.SET, Deed.PUT) or (deed == Deed.SET and column in owning)
        for untold, deed, column in rows
    )


def _records_sql(state: State, names: list[str]) -> str:
    """Select the people whose rows were touched, or written at any time."""
    tables = [table for table in state.tables.values() if table.person_table is not None]
    rows = [f"SELECT _table, row_ord FROM {name}" for name in names]
    written = (
        "SELECT w._table, s._ord AS row_ord FROM written_rows AS w "
        "JOIN {0} AS s ON w._table = '{0}' AND s._key = w._key"
    )
    rows += [written.format(table.kept_as) for table in tables]
    rows.append("SELECT _table, row_ord FROM changes WHERE row_ord IS NOT NULL")
    parts = [
        f"SELECT DISTINCT '{state.system.name}' AS system, s._person_table AS table_name, "
        f"s._person AS record_key FROM {table.kept_as} AS s "
        f"JOIN ({' UNION '.join(rows)}) AS t ON t._table = '{table.kept_as}' AND t.row_ord = s._ord "
        "WHERE s._person IS NOT NULL"
        for table in tables
    ]
    return " UNION ".join(parts) or _NOBODY


def _rows_of(state: State, covered: _Covered, events: int) -> Iterator[Row]:
    for table in state.tables.values():
        if table.person_table == table.name:
            gaps = list(dict.fromkeys([*covered.gaps, *covered.by_table.get(table.name, [])]))
            yield (
                state.system.name,
                table.name,
                covered.start_us,
                covered.end_us,
                not gaps,
                ";".join(covered.sources),
                events,
                ";".join(gaps),
            )
