"""Statements that cannot be replayed: which tables they may have read, and so whose rows."""

from __future__ import annotations

import re

from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.replay import widen_table, write_arguments
from ashiato.engine.exposures.sessions.pieces import word_of
from ashiato.engine.exposures.state import State
from ashiato.engine.store import Store

#: Commands whose own words do not say what they read.
_BEYOND_WORDS = frozenset({"execute", "fetch", "call", "exec"})
#: Within a block of code: statements put together from texts.
_DYNAMIC = re.compile(r"\bexecute\b", re.IGNORECASE)
_CATALOGUE = re.compile(r"\b(?:pg_\w+|information_schema|performance_schema)\b", re.IGNORECASE)
_READS = re.compile(r"\b(?:select|table|from|join|returning|copy|handler|do|call)\b", re.IGNORECASE)


def widen_unread(store: Store, group: Group) -> list[str]:
    """Keep every row of the tables that a group's statements may have read; returns the relations written."""
    write_arguments(store, group, None)
    wanted = {name for execution, _ in group.members for name in tables_meant(execution.text, group.state)}
    return [
        widen_table(store, group, table.kept_as, number)
        for number, table in enumerate(group.state.tables.values())
        if table.name in wanted
    ]


def tables_meant(text: str, state: State) -> frozenset[str]:
    """Return the tables a statement names; every table where its words leave that open."""
    word, rest = word_of(text)
    lower = text.lower()
    every = frozenset(state.tables)
    if word in _BEYOND_WORDS or (word == "do" and _DYNAMIC.search(rest)):
        return every
    named = frozenset(name for name in state.tables if name.lower() in lower)
    if named or _CATALOGUE.search(text) or not _READS.search(text):
        return named
    return _with_its_columns(lower, state) or every


def _with_its_columns(lower: str, state: State) -> frozenset[str]:
    """Return the tables that hold a column a statement names, beside those that only link."""
    words = frozenset(re.findall(r"\w+", lower))
    return frozenset(
        name for name, table in state.tables.items() if words & {column.lower() for column in table.columns}
    )
