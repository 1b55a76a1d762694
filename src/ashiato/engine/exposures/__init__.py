"""Exposures: whose records and which fields the intruder's statements reached, how surely, what proves it.

Reads ``evidence``, ``records``, ``unread``, ``events``, ``causes``, ``holes``, ``intrusion`` and the
snapshots; writes ``exposures`` (one row per record x access path x field), ``proofs``, ``recovered``,
``master``, ``limits`` and ``objects``. The walk: hostile statements with their replies (``executions``),
gathered by shape (``groups``), each shape understood once and rewritten for lineage (``understanding``,
``lineage``), replayed set at a time over the state (``replay``), rows that changed since set apart
(``changes``, ``drift``), rungs and grades by named stations (``grading``). Values read blind are rebuilt
from the web log alone (``transcripts``). All kinds of trace are put together by ``answers``.
docs/semantics.md says what each word means.
"""

from __future__ import annotations

from collections.abc import Sequence

from ashiato.engine.exposures.absences import prove_absences, prove_nothing
from ashiato.engine.exposures.answers import merge
from ashiato.engine.exposures.blankets import Kind
from ashiato.engine.exposures.changes import changed_columns, find_changes
from ashiato.engine.exposures.collecting import searched_again, spared
from ashiato.engine.exposures.cuts import note_cuts
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.executions import TEXT_CUT, Execution, list_executions
from ashiato.engine.exposures.existence import sensitive_tables
from ashiato.engine.exposures.fetched_files import given_when_fetched
from ashiato.engine.exposures.ghosts import ghosts_of
from ashiato.engine.exposures.grading import NO_ROUTE, grade, route_of, write_copied_columns, write_executions
from ashiato.engine.exposures.groups import Group, gather_groups
from ashiato.engine.exposures.guesses import keep_borne_out
from ashiato.engine.exposures.hidden import open_names
from ashiato.engine.exposures.limits import Limits
from ashiato.engine.exposures.masks import LACKS
from ashiato.engine.exposures.masters import master_sql
from ashiato.engine.exposures.moments import moments_of
from ashiato.engine.exposures.objects import trace_objects
from ashiato.engine.exposures.owners_asked import write_asked, write_candidates
from ashiato.engine.exposures.owning import owners_not_in_master
from ashiato.engine.exposures.replay import (
    DRIFT_LEVEL,
    NO_ROWS,
    replay_group,
    widen_replay,
)
from ashiato.engine.exposures.sessions import open_statements
from ashiato.engine.exposures.sharing import as_one, list_shared
from ashiato.engine.exposures.sql_modes import dialect_of
from ashiato.engine.exposures.state import State, load_states
from ashiato.engine.exposures.transcripts import rebuild_transcripts
from ashiato.engine.exposures.uniting import Pile
from ashiato.engine.exposures.web_replies import asked_by_others, replies_without_log, solve_binds, write_fits
from ashiato.engine.exposures.widening import widen_unread
from ashiato.engine.routes import RouteBook
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import (
    ABSENCES,
    CAUSES,
    CONTRADICTIONS,
    COVERAGE,
    EVENTS,
    EVIDENCE,
    EXPOSURES,
    HOLES,
    INTRUSION,
    LIMITS,
    MASTER,
    OBJECTS,
    PROOFS,
    RECORDS,
    RECOVERED,
    TOUCHED,
    UNREAD,
)
from ashiato.engine.workspace import Workspace
from ashiato.terms.errors import EngineError

READS = (EVIDENCE, RECORDS, UNREAD, EVENTS, CAUSES, HOLES, CONTRADICTIONS, INTRUSION, COVERAGE)
#: Refusals that are limits of the evidence.
_LIMITS = (*LACKS, TEXT_CUT)
WRITES = (MASTER, EXPOSURES, PROOFS, RECOVERED, LIMITS, OBJECTS, TOUCHED, ABSENCES)


def _dialects_of(states: tuple[State, ...]) -> dict[str, str]:
    return {state.system.name: dialect_of(state.system) for state in states}


def build(workspace: Workspace) -> None:
    """Compute the exposures of one run; without a data map only values of transcripts are told."""
    store = workspace.store
    files = (file for snapshot in workspace.snapshots for file in snapshot.folder.glob("*"))
    store.make_room(sum(file.stat().st_size for file in files))
    loaded = load_states(workspace)
    states = find_changes(store, loaded, _dialects_of(loaded), RouteBook(workspace.datamap.routes))
    limits = Limits()
    limits.note_missing(workspace.datamap, states)
    limits.note_blind(rebuild_transcripts(store, states, workspace.datamap))
    kinds = ["transcripts"]
    if trace_objects(workspace, states, limits):
        kinds.append("objects")
    # Without a table on people there is nobody to tell of.
    if any(table.person_table for state in states for table in state.tables.values()):
        with searched_again():
            _build(workspace, states, limits)
        kinds.append("replay")
    else:
        prove_nothing(store)
    masters = [master_sql(states), *(["SELECT * FROM objects_master"] if "objects" in kinds else [])]
    store.run(Station("master", " UNION ALL ".join(masters), MASTER))
    merge(store, kinds)
    store.write(LIMITS, limits.rows(store))


def _build(workspace: Workspace, states: tuple[State, ...], limits: Limits) -> None:
    store = workspace.store
    dialects = _dialects_of(states)
    book = RouteBook(workspace.datamap.routes)
    first = dialects[states[0].system.name]
    with spared():
        listed, others = list_executions(store, book)
    listed = given_when_fetched(store, listed, book)
    opened = open_statements(store, listed, first)
    past = Past(changed_columns(store), ghosts_of(store), moments_of(store, states))
    solved = solve_binds(opened, book, first)
    solved = keep_borne_out(store, states, dialects, past, logged=opened, solved=solved)
    executions = note_cuts(store, solved, first) + asked_by_others(others, solved, book, first)
    executions += replies_without_log(store, states, book, first)
    executions = open_names(store, states, executions, dialects)
    prove_absences(workspace, states, dialects, past)
    groups = gather_groups(executions, states, dialects)
    kind_of = _kind_of_refusal if sensitive_tables(states) else _kind_of
    written: list[str] = []
    pile = Pile(store, "all_rows", NO_ROWS)
    done = 0
    for sharing in list_shared(groups, past):
        workspace.tell("exposures", done, len(groups))
        parts = _replay_all(store, sharing, past, limits, kind_of)
        pile.add(parts)
        written += parts
        done += len(sharing)
    pile.finish()
    _sort_out(store)
    plans = {x.event_id: group.number for group in groups for x, _ in group.members}
    write_executions(store, executions, {g.number: _order_reason(g, written) for g in groups}, plans)
    write_copied_columns(store, groups, book)
    write_fits(store, states)
    write_asked(store, groups, past)
    limits.note_existence(grade(store, states, past.changed))
    limits.note_owners(owners_not_in_master(store, states))
    limits.note_withheld(executions)


def _replay_all(
    store: Store, groups: Sequence[Group], past: Past, limits: Limits, kind_of: Kind
) -> list[str]:
    """Replay groups that share their queries as one, or each by itself where that goes wrong."""
    one = as_one(groups)
    try:
        if len(groups) > 1 and one.plan is not None:
            return _with_owners(store, one, replay_group(store, one, one.plan, past, kind_of), past)
    except EngineError:
        pass
    return [name for group in groups for name in _replay(store, group, past, limits, kind_of)]


def _replay(store: Store, group: Group, past: Past, limits: Limits, kind_of: Kind) -> list[str]:
    """Replay a group, or widen it by as little as what is understood of it allows."""
    if group.plan is None:
        limits.note_widened(group.refusal if group.refusal in _LIMITS else "parse-failed", group)
        return widen_unread(store, group, past, kind_of)
    if group.refusal is None:
        try:
            return _with_owners(store, group, replay_group(store, group, group.plan, past, kind_of), past)
        except EngineError:
            pass
    limits.note_widened(group.refusal or "semantics", group)
    return _with_owners(store, group, widen_replay(store, group, group.plan, past, kind_of), past)


def _with_owners(store: Store, group: Group, written: list[str], past: Past) -> list[str]:
    """Add the people whose rows a group's statements asked for, where owners changed."""
    return [*written, *write_candidates(store, group, past)]


def _kind_of_refusal(execution: Execution) -> tuple[object, ...]:
    """Tell what an answer makes of an execution whose refusal, too, may tell that somebody is there."""
    sent = execution.carries is True and route_of(execution) == NO_ROUTE
    told = () if sent else (execution.code, execution.body_bytes, execution.rows == 0)
    return (*_kind_of(execution), execution.target if told else None, *told)


def _kind_of(execution: Execution) -> tuple[str, int, bool | None]:
    """Tell what an answer makes of an execution beside its rows: whose it is, and what its reply carries."""
    return execution.path, route_of(execution), execution.carries


def _order_reason(group: Group, written: list[str]) -> str:
    """Name what leaves a group's places in doubt: its order, its collation, or rows that changed."""
    if group.plan is not None and group.plan.collated:
        return "semantics"
    if group.plan is not None and group.plan.merges and f"drift_{group.number}" not in written:
        return "whose"
    ordered = group.plan is None or not group.plan.unordered
    return "drift" if ordered and f"drift_{group.number}" in written else "order-unknown"


def _sort_out(store: Store) -> None:
    """Tell rows of replies from rows in doubt and from counts."""
    kind, hung, kept = "a.kind", "", " AND a.kind <> 'ghost'"
    if store.count("ghost_owners"):
        # A row that no snapshot holds, and that hung on somebody, is looked for like one that changed.
        kind = "CASE WHEN a.kind = 'ghost' THEN 'drift' ELSE a.kind END"
        hung = " LEFT JOIN ghost_owners AS w ON w._table = a._table AND w.row_ord = a.row_ord AND w.known < 2"
        kept = " AND (a.kind <> 'ghost' OR w.row_ord IS NOT NULL)"
    store.run(
        Station(
            "lineage_rows",
            f"SELECT a.event_id, a.plan, a.instance, a._table, a.row_ord, a.doubt, {kind} AS kind, a.value, "
            f"a.group_size FROM all_rows AS a{hung} WHERE a.instance >= 0 AND a.kind NOT IN "
            f"('arrived', 'shaken', 'owner'){kept}",
        )
    )
    drifted = (
        f"SELECT event_id, instance, row_ord, max({DRIFT_LEVEL}) AS at_least "
        "FROM all_rows WHERE kind IN ('drift', 'arrived', 'beside', 'shaken') "
        "GROUP BY event_id, instance, row_ord"
    )
    store.run(Station("drifted_rows", drifted))
    replies = (
        "SELECT event_id, max(row_ord) AS reply_rows FROM all_rows WHERE instance = -1 GROUP BY event_id"
    )
    store.run(Station("reply_rows", replies))


__all__ = ["READS", "WRITES", "Execution", "build"]
