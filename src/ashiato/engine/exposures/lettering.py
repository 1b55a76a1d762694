"""Columns' names in a statement, in the letters in which the snapshot has them.

Engines differ in what they make of letters: PostgreSQL lowers names without quotes and keeps the others,
MySQL and SQLite pass over case, the latter in quotes too. An object-relational mapper quotes ``"shiminUuid"``
and ``"userId"`` throughout.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ashiato.engine.exposures.clauses import tables_named
from ashiato.engine.exposures.shapes import is_mysql
from ashiato.engine.exposures.state import State

SQLITE = "sqlite"
_OF_TABLES = frozenset({"table", "db", "catalog"})


def columns_as_kept(query: exp.Query, state: State, dialect: str) -> None:
    """Write the names of the columns of a query's tables, and aliases called like one, as they are kept."""
    found = [state.find(table.db, table.name) for table in tables_named(query)]
    held = {name for table in found if table is not None for name in table.columns}
    folded = {name.casefold(): name for name in sorted(held, reverse=True)}
    lowers = not is_mysql(dialect) and dialect != SQLITE
    for name in _names_of_columns(query):
        meant = name.name if name.args.get("quoted") or not lowers else name.name.lower()
        kept = meant if meant in held else folded.get(meant.casefold())
        if kept is not None:
            name.set("this", kept)
            name.set("quoted", name.args.get("quoted") or kept != kept.lower())
        elif dialect == SQLITE:
            name.set("this", name.name.lower())


def sources_in_small(query: exp.Query, state: State) -> None:
    """Let every source of a query be called in small letters, and its table as it is kept."""
    for table in list(query.find_all(exp.Table)):
        called = table.alias_or_name.lower()
        if isinstance(table.this, exp.Identifier) and table.name in state.tables:
            table.this.set("quoted", True)
            table.args["alias"] = table.args.get("alias") or exp.TableAlias()
            table.args["alias"].set("this", exp.to_identifier(called))
    for name in query.find_all(exp.Identifier):
        if name.arg_key == "table" or (isinstance(name.parent, exp.TableAlias) and name.arg_key == "this"):
            name.set("this", name.name.lower())


def _names_of_columns(query: exp.Query) -> Iterator[exp.Identifier]:
    """Yield the names that stand for columns: of a source, of a projection, of a join, of a derived table."""
    for name in query.find_all(exp.Identifier):
        named = isinstance(name.parent, exp.Table) or name.arg_key in _OF_TABLES
        of_source = name.arg_key == "this" and isinstance(name.parent, exp.TableAlias)
        if not (named or of_source):
            yield name
