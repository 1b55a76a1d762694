"""Statements with the queries behind their names in place of the names, one for each way to read them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.engine.exposures.hidden.book import Book
from ashiato.engine.exposures.hidden.definitions import Source, name_of
from ashiato.engine.exposures.hidden.functions import call_functions

_MOST_WAYS = 2_000


@dataclass(frozen=True)
class Way:
    """A statement with everything written out; ``times``: when the copies it reads were made."""

    text: str
    times: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """All ways to read a statement.

    ``parted``: one of its names was filled by several queries, or has rows of its own too, so that each way
    is a part of it only; ``bodies``: of functions it calls, code that cannot be written in its place;
    ``names``: what was written out; ``anything``: a function it calls may return any row of any table.
    """

    ways: tuple[Way, ...]
    parted: bool
    bodies: tuple[str, ...]
    names: frozenset[str]
    anything: bool = False


def read_through(text: str, book: Book, own: Collection[str], dialect: str, schema: str) -> Reading | None:
    """Return a statement written out, or None where nothing stands behind any of its names.

    ``own``: the tables that the snapshot holds.
    """
    try:
        trees = sqlglot.parse(text, read=dialect)
    except (SqlglotError, RecursionError):
        return None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Expr) or isinstance(tree, exp.Command):
        return None
    behind = call_functions(tree, text, book, own, dialect)
    met = _met(tree, book, schema)
    choices = {name: _choices(book.sources[name], name in own) for name in sorted(set(met.values()))}
    count = math.prod(len(held) for held in choices.values())
    called = behind.bodies or behind.written or behind.anything
    if not (choices or called) or count > _MOST_WAYS:
        return None
    chosen = (dict(zip(choices, one, strict=True)) for one in itertools.product(*choices.values()))
    ways = tuple(_way(tree, met, one, dialect) for one in chosen)
    return Reading(ways, count > 1, tuple(behind.bodies), frozenset(choices), behind.anything)


def _choices(sources: Sequence[Source], has_rows: bool) -> list[Source | None]:
    """Return what may stand behind a name: each query that filled it, and the rows it had before (None)."""
    whole = any(not source.adds for source in sources)
    return [*([None] if has_rows and not whole else []), *sources]


def _met(tree: exp.Expr, book: Book, schema: str) -> dict[int, str]:
    """Return the tables of a tree that are to be written out, by identity, none that it fills itself."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    fills = isinstance(tree, (exp.Insert, exp.Create, exp.Update, exp.Delete, exp.Merge, exp.Drop, exp.Alter))
    filled = tree.this.find(exp.Table) if fills else None
    return {
        id(table): name
        for table in tree.find_all(exp.Table)
        if (name := name_of(table, schema)) in book.sources
        and table is not filled
        and (table.db or name not in ctes)
    }


def _way(tree: exp.Expr, met: Mapping[int, str], chosen: Mapping[str, Source | None], dialect: str) -> Way:
    places = [at for at, table in enumerate(tree.find_all(exp.Table)) if id(table) in met]
    names = [met[id(table)] for table in tree.find_all(exp.Table) if id(table) in met]
    made = tree.copy()
    tables = list(made.find_all(exp.Table))
    times = []
    for place, name in zip(places, names, strict=True):
        source = chosen[name]
        if source is None:
            continue
        times += [source.made_us] if source.made_us is not None else []
        made = _put(made, tables[place], source, dialect)
    return Way(made.sql(dialect), tuple(times))


def _put(tree: exp.Expr, table: exp.Table, source: Source, dialect: str) -> exp.Expr:
    query = sqlglot.parse_one(source.query, read=dialect)
    alias = table.args.get("alias")
    columns = list(alias.columns) if alias is not None and alias.columns else []
    columns = columns or [exp.to_identifier(name) for name in source.columns]
    held = exp.TableAlias(this=exp.to_identifier(table.alias_or_name), columns=columns)
    made = exp.Subquery(this=query, alias=held)
    if table.args.get("joins"):
        made.set("joins", table.args["joins"])
    if isinstance(tree, exp.Copy) and tree.this is table:
        tree.set("this", exp.Subquery(this=exp.select("*").from_(made)))
    elif isinstance(tree, exp.Copy) and isinstance(tree.this, exp.Schema) and tree.this.this is table:
        shown = [exp.column(part.name, quoted=True) for part in tree.this.expressions]
        tree.set("this", exp.Subquery(this=exp.select(*shown).from_(made)))
    else:
        table.replace(made)
    return tree
