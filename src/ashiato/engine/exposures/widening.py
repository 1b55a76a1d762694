"""Statements that cannot be replayed: which tables they may have read, and so whose rows."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.engine.exposures.blankets import Kind
from ashiato.engine.exposures.clauses import is_catalogue, tables_named
from ashiato.engine.exposures.drift import Past
from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.sessions.pieces import word_of
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.widened_rows import widen_gone, widen_tables
from ashiato.engine.store import Store

#: Commands whose own words do not say what they read.
_BEYOND_WORDS = frozenset({"execute", "fetch", "call", "exec"})
#: Within a block of code: statements put together from texts.
_DYNAMIC = re.compile(r"\bexecute\b", re.IGNORECASE)
_CATALOGUE = re.compile(r"\b(?:pg_\w+|information_schema|performance_schema)\b", re.IGNORECASE)
_READS = re.compile(r"\b(?:select|table|from|join|returning|copy|handler|do|call)\b", re.IGNORECASE)


# Tables that are written to by name, so that they are no views, and tables filled from others.
_WRITTEN = r"""
SELECT DISTINCT regexp_extract(lower(query_text),
  '(?s)^\s*(?:(?:insert|replace)\s+(?:ignore\s+)?into|update|delete\s+from|truncate(?:\s+table)?|create\s+(?:\w+\s+)?table(?:\s+if\s+not\s+exists)?)'
  || '\s+(?:only\s+)?(?:["`]?\w+["`]?\.)?["`]?(\w+)', 1),
  regexp_matches(query_text, '(?is)\b(select|execute)\b|\btable\s+\w+\s*$')
FROM events WHERE event_kind = 'sql' AND error_code IS NULL AND error_text IS NULL
"""
_OF_SCHEMA = re.compile(
    r"(?i)\bcreate\s+(?:\w+\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:[\"`]?\w+[\"`]?\.)?[\"`]?(\w+)"
)


def widen_unread(store: Store, group: Group, past: Past, kind_of: Kind) -> list[str]:
    """Keep every row of the tables that a group's statements may have read; returns the relations written."""
    if group.refusal == "unknown-table":
        wanted = _behind_unknown(store, group)
    else:
        wanted = frozenset().union(*(_meant(one, group.state) for one, _ in group.members))
    tables = [held for held in enumerate(group.state.tables.values()) if held[1].name in wanted]
    rows = widen_tables(store, group, tables, kind_of)
    return [*rows, *widen_gone(store, group, tables, past, kind_of)]


def _meant(execution: Execution, state: State) -> frozenset[str]:
    """Return the tables an execution may have read; of a cut text, those that the log says it touched.

    Where the log says nothing of that, behind the cut may stand a join or a UNION with any table.
    """
    if not execution.is_cut:
        return tables_meant(execution.text, state)
    touched = execution.objects.lower()
    return frozenset(name for name in state.tables if not touched or name.lower() in touched)


def _behind_unknown(store: Store, group: Group) -> frozenset[str]:
    """Return the tables named, and those that a relation nobody knows may stand for: with a column named."""
    text = group.members[0][0].text
    named = _named(text.lower(), group.state)
    dialect = "mysql" if group.state.system.engine in ("mysql", "mariadb") else "postgres"
    try:
        tree: exp.Expr = exp.maybe_parse(text, dialect=dialect)
    except SqlglotError:
        return frozenset(group.state.tables)
    missing = {
        table.name.lower()
        for table in tables_named(tree)
        if group.state.find(table.db, table.name) is None and not is_catalogue(table)
    }
    if missing <= _plain_tables(store, group.state):
        return named
    return named | (_with_its_columns(text.lower(), group.state) or frozenset(group.state.tables))


def _plain_tables(store: Store, state: State) -> set[str]:
    """Return the names known to be tables of their own: nothing of another's stands behind them."""
    known = {name.lower() for name in state.system.tables} | set(_OF_SCHEMA.findall(state.schema.lower()))
    told: list[tuple[str, bool]] = store.rows(_WRITTEN)
    filled = {name for name, from_others in told if from_others}
    return (known | {name for name, _ in told if name}) - filled


def tables_meant(text: str, state: State) -> frozenset[str]:
    """Return the tables a statement names; every table where its words leave that open."""
    word, rest = word_of(text)
    lower = text.lower()
    every = frozenset(state.tables)
    if word in _BEYOND_WORDS or (word == "do" and _DYNAMIC.search(rest)):
        return every
    named = _named(lower, state)
    if named or _CATALOGUE.search(text) or not _READS.search(text):
        return named
    return _with_its_columns(lower, state) or every


def _named(lower: str, state: State) -> frozenset[str]:
    return frozenset(name for name in state.tables if name.lower() in lower)


def _with_its_columns(lower: str, state: State) -> frozenset[str]:
    """Return the tables that hold a column a statement names, beside those that only link."""
    words = frozenset(re.findall(r"\w+", lower))
    return frozenset(
        name for name, table in state.tables.items() if words & {column.lower() for column in table.columns}
    )
