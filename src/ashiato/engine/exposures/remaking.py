"""Writes of whole tables (made anew, dropped, renamed), and tables that a write names in unknown ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp

from ashiato.engine.exposures.deeds import Deed
from ashiato.engine.exposures.state import MYSQL_ENGINES, State, StateTable

#: Statements that make, change or take away a table as a whole.
REMAKES = (exp.Alter, exp.Drop, exp.Create, exp.Into)


#: Tables in these are read.
_READING = (exp.Query, exp.Join, exp.From, exp.CTE)
_MAKES = re.compile(r"\s*create\s+(?:\w+\s+){0,3}table\b", re.IGNORECASE)
_FILLS = re.compile(r"\b(?:replace|select)\b", re.IGNORECASE)
_READS = re.compile(r"\s*select\b", re.IGNORECASE)
_READS_INTO = re.compile(r"\binto\s+(?:outfile|dumpfile|@)", re.IGNORECASE)


def only_makes(text: str) -> bool:
    """Tell whether a statement that cannot be read makes an empty table at most, or writes to a file."""
    if _READS.match(text):
        return _READS_INTO.search(text) is not None
    return _MAKES.match(text) is not None and _FILLS.search(text) is None


def remade(node: exp.Expr, state: State) -> Iterator[tuple[StateTable, Deed]]:
    """Yield the tables that a statement makes, changes or drops, and what became of their rows."""
    if isinstance(node, exp.Drop):
        yield from ((table, Deed.ANY) for table in _dropped(node, state))
    elif isinstance(node, exp.Alter):
        renamed = [part.this for part in node.args.get("actions") or [] if isinstance(part, exp.AlterRename)]
        yield from ((table, Deed.ANY) for table in tables_named([node.this, *renamed], state))
    elif isinstance(node, exp.Into):
        yield from ((table, Deed.PUT) for table in tables_named([node.this], state))
    elif isinstance(node, exp.Create) and node.kind == "TABLE" and (node.expression or node.args["replace"]):
        # One that is there already is left as it is, or an error, unless it is to be replaced.
        deed = Deed.ANY if node.args["replace"] else Deed.PUT
        yield from ((table, deed) for table in tables_named([node.this], state))


def tables_named(named: Sequence[object], state: State) -> Iterator[StateTable]:
    """Yield the known tables that parts of a statement name."""
    for part in named:
        table = part.find(exp.Table) if isinstance(part, exp.Expr) else None
        found = state.find_written(table.db, table.name) if table is not None else None
        if found is not None:
            yield found


def _dropped(node: exp.Drop, state: State) -> Iterator[StateTable]:
    kind, listed = str(node.args.get("kind") or "").upper(), node.args.get("tables") or [node.this]
    if kind == "DATABASE" or (kind == "SCHEMA" and state.system.engine in MYSQL_ENGINES):
        yield from state.tables.values()
    elif kind == "SCHEMA":
        schemas = {part.db.lower() or part.name.lower() for part in listed if isinstance(part, exp.Table)}
        own = state.system.default_schema.lower()
        yield from (t for t in state.tables.values() if (t.name.rpartition(".")[0].lower() or own) in schemas)
    else:
        yield from tables_named(listed, state)


def tables_unread(node: exp.Expr, state: State) -> list[StateTable]:
    """Return the known tables that a write names, otherwise than to read them or to name a column.

    A word that the parser does not know may stand where it looks for the table: that is its alias then.
    """
    if isinstance(node, REMAKES) or (isinstance(node, exp.Copy) and not node.args.get("kind")):
        return []
    followed = (
        next(tables_named([node.this], state), None) if isinstance(node, (exp.Update, exp.Delete)) else None
    )
    parts = [
        part
        for part in node.find_all(exp.Identifier)
        if not _is_other(part, node) and (followed is None or part.parent is not node.this)
    ]
    names = {part.name.lower() for part in parts}
    return [table for table in state.tables.values() if table.name.lower().rpartition(".")[2] in names]


def _is_other(part: exp.Identifier, node: exp.Expr) -> bool:
    """Tell whether an identifier names a column, a query's own name, or a table that is read."""
    parent = part.parent
    if isinstance(parent, exp.TableAlias):
        return isinstance(parent.parent, (exp.CTE, exp.Subquery))
    if not isinstance(parent, exp.Table):
        return True
    return any(isinstance(one, _READING) for one in _around(parent, node)) or _is_used(parent, node)


def _around(part: exp.Expr, node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what a part of a statement stands in, up to that."""
    held = part.parent
    while held is not None and held is not node:
        yield held
        held = held.parent


def _is_used(table: exp.Table, node: exp.Expr) -> bool:
    used = node.args.get("using")
    return any(table is one for one in (used if isinstance(used, list) else [used]))
