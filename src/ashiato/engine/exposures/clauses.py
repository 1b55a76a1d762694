"""Clauses of a statement's tree: which tables, queries and joins it is made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlglot import exp

from ashiato.engine.exposures.expressions import conjuncts_of, external_columns

_CATALOGUES = frozenset(
    {"pg_catalog", "information_schema", "pg_toast", "mysql", "performance_schema", "sys"}
)
#: The parts of a query that shows columns of one relation and does nothing else.
_PLAIN = {"expressions", "from_"}
#: What a dump asks of each sequence: all that one has to read, or what of it is to be restored.
_OF_A_SEQUENCE = ({"last_value", "is_called"}, {"last_value", "log_cnt", "is_called"})

#: The mark of a CTE's query that reads itself.
RECURSIVE = "recursive"


def tables_named(query: exp.Expr) -> list[exp.Table]:
    """Return the base tables a query names, CTE names left out."""
    cte_names = {cte.alias for cte in query.find_all(exp.CTE)}
    named = [table for table in query.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return [table for table in named if table.db or table.name not in cte_names]


def is_catalogue(table: exp.Table) -> bool:
    """Tell whether a table is one of the engine's own, which hold no people."""
    return table.db.lower() in _CATALOGUES or table.name.startswith("pg_")


def reads_sequence(query: exp.Expr) -> bool:
    """Tell whether a query of PostgreSQL asks one sequence for its state, and for nothing else.

    A sequence is known by the ending that the server gives its name; nothing may be renamed, narrowed or
    joined.
    """
    if not isinstance(query, exp.Select) or {name for name, held in query.args.items() if held} != _PLAIN:
        return False
    table, shown = query.args["from_"].this, query.selects
    named = {column.name for column in shown if isinstance(column, exp.Column)}
    plainly = isinstance(table, exp.Table) and not table.alias and not table.args.get("joins")
    return plainly and table.name.endswith("_seq") and len(shown) == len(named) and named in _OF_A_SEQUENCE


def reads_catalogue(tree: exp.Select) -> bool:
    """Tell whether a scope's own sources are all the engine's own tables."""
    tables = [source for _, source in sources_of(tree) if isinstance(source, exp.Table)]
    return (
        bool(tables) and all(is_catalogue(table) for table in tables) and len(tables) == len(sources_of(tree))
    )


def named_queries(tree: exp.Query) -> dict[str, exp.Query]:
    """Return a query's CTEs by name; a recursive one carries a mark of it."""
    held = tree.args.get("with_")
    if held is None:
        return {}
    for cte in held.expressions:
        names = {table.name for table in cte.this.find_all(exp.Table)}
        cte.this.meta[RECURSIVE] = bool(held.args.get("recursive")) and cte.alias in names
    return {cte.alias: cte.this for cte in held.expressions}


def inline_named(inner: exp.Query, ctes: Mapping[str, exp.Query]) -> None:
    """Write CTEs out where a query names them."""
    for _ in range(len(ctes)):
        named = [table for table in inner.find_all(exp.Table) if table.name in ctes and not table.db]
        for table in named:
            table.replace(ctes[table.name].copy().subquery(table.alias_or_name))
        if not named:
            return


def sources_of(tree: exp.Select) -> list[tuple[exp.Join | None, exp.Expr]]:
    """Return what a scope reads from, each with the join that brings it in."""
    first = tree.args.get("from_")
    found: list[tuple[exp.Join | None, exp.Expr]] = [(None, first.this)] if first else []
    return found + [(join, join.this) for join in tree.args.get("joins") or []]


def is_scalar(node: exp.Subquery, root: exp.Expr) -> bool:
    """Tell whether a subquery stands for one value, in the scope of ``root`` itself."""
    if isinstance(node.parent, (exp.In, exp.Exists, exp.Any, exp.All, exp.From, exp.Join)):
        return False
    above = node.find_ancestor(exp.Select, exp.SetOperation)
    return above is None or above is root or not _within(above, root)


def _within(node: exp.Expr, root: exp.Expr) -> bool:
    above: exp.Expr | None = node
    while above is not None:
        if above is root:
            return True
        above = above.parent
    return False


def is_outermost(node: exp.Expr, root: exp.Expr) -> bool:
    """Tell whether no other query stands between a query and ``root``."""
    above = node.parent
    while above is not None and above is not root.parent:
        if isinstance(above, (exp.Select, exp.SetOperation)):
            return False
        above = above.parent
    return True


def is_denied(node: exp.Expr, root: exp.Expr) -> bool:
    """Tell whether a condition holds for what a subquery does not find (NOT EXISTS, NOT IN)."""
    above = node.parent
    while above is not None and above is not root.parent:
        if isinstance(above, (exp.Not, exp.All)):
            return True
        above = above.parent
    return False


def uncorrelated(inner: exp.Query) -> exp.Query:
    """Drop what ties a subquery to its surroundings: a wider query that stands alone."""
    outside = {id(column) for column in external_columns(inner)}
    for select in inner.find_all(exp.Select):
        where = select.args.get("where")
        if where is None:
            continue
        kept = [
            part
            for part in conjuncts_of(where)
            if not any(id(column) in outside for column in part.find_all(exp.Column))
        ]
        select.set("where", exp.Where(this=exp.and_(*kept, copy=False)) if kept else None)
    for column in external_columns(inner):
        column.replace(exp.null())
    return inner


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name, made unlike those taken."""
    return name if name not in taken else f"{name}_{len(taken)}"
