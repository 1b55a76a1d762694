"""References between tables: whose rows go, or change, with the rows they refer to.

A schema says what each reference does (``ON DELETE CASCADE``). Where none tells of a table, the data map's
``belongs`` and columns named after another table's key are taken for references that may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ashiato.engine.exposures.state import State, StateTable

CASCADE, SET_NULL, SET_DEFAULT = "CASCADE", "SET NULL", "SET DEFAULT"
#: What a reference does is not known.
UNKNOWN = "?"
_DOING = frozenset({CASCADE, SET_NULL, SET_DEFAULT})
#: Keys named so are many tables' own.
_PLAIN_KEYS = frozenset({"id", "no", "key", "code", "uuid"})


@dataclass(frozen=True)
class Tie:
    """Columns of a table that refer to ``to`` in another, and what they do when its row goes or changes."""

    child: StateTable
    columns: tuple[str, ...]
    parent: StateTable
    to: tuple[str, ...]
    on_delete: str
    on_update: str


def ties_of(state: State) -> dict[str, list[Tie]]:
    """Return the references that may do something, by the ``kept_as`` of the table referred to."""
    found: dict[str, list[Tie]] = {}
    for name, table in sorted(state.tables.items()):
        for tie in _declared(state, name, table) if name in state.declared else _assumed(state, name, table):
            found.setdefault(tie.parent.kept_as, []).append(tie)
    return found


def referring(state: State, parents: Iterable[StateTable]) -> list[StateTable]:
    """Return the other tables that refer to some, from table to table, whatever their references do."""
    found = {table.kept_as: table for table in parents}
    own, waiting = set(found), list(found.values())
    while waiting:
        parent = waiting.pop()
        for name, child in sorted(state.tables.items()):
            if child.kept_as not in found and parent.kept_as in _referred(state, name, child):
                found[child.kept_as] = child
                waiting.append(child)
    return [table for kept_as, table in found.items() if kept_as not in own]


def _referred(state: State, name: str, child: StateTable) -> set[str]:
    if name not in state.declared:
        return {tie.parent.kept_as for tie in _assumed(state, name, child)}
    places = (link.table.rpartition(".") for link in state.declared[name].links)
    parents = (state.find(schema or None, own) for schema, _, own in places)
    return {parent.kept_as for parent in parents if parent is not None}


def _declared(state: State, name: str, child: StateTable) -> Iterator[Tie]:
    # SQLite heeds references only where a connection asks for it.
    doing = UNKNOWN if state.system.engine == "sqlite" else None
    for link in state.declared[name].links:
        schema, _, own = link.table.rpartition(".")
        parent = state.find(schema or None, own)
        to = link.to or (parent.key if parent is not None else ())
        does = [action if action in _DOING else "" for action in (link.on_delete, link.on_update)]
        if parent is None or not any(does) or len(to) != len(link.columns):
            continue
        if set(link.columns) <= set(child.columns) and set(to) <= set(parent.columns):
            on_delete, on_update = (doing or one if one else one for one in does)
            yield Tie(child, link.columns, parent, to, on_delete, on_update)


def _assumed(state: State, name: str, child: StateTable) -> Iterator[Tie]:
    mapped = state.system.tables.get(name)
    belongs = mapped.belongs if mapped is not None else None
    for other, parent in sorted(state.tables.items()):
        if belongs is not None and other == belongs.table:
            columns = belongs.columns
        else:
            columns = tuple(_named_after(other, key, child) for key in parent.key) if other != name else ()
        if columns and all(columns) and len(columns) == len(parent.key):
            yield Tie(child, columns, parent, parent.key, UNKNOWN, UNKNOWN)


def _named_after(other: str, key: str, child: StateTable) -> str:
    """Return the column that is named after another table's key, or an empty text."""
    stem = other.rpartition(".")[2]
    names = [f"{stem}_{key}", f"{stem.removesuffix('s')}_{key}", f"{stem.removesuffix('es')}_{key}"]
    names += [] if key in _PLAIN_KEYS else [key]
    return next((name for name in names if name in child.columns), "")
