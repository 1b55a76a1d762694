"""RIGHT and FULL joins said with LEFT ones, so that the rewriting knows one kind of outer join.

``A RIGHT JOIN B`` is ``B LEFT JOIN A``; ``A FULL JOIN B`` is ``A LEFT JOIN B`` and, beneath it, the rows of
``B LEFT JOIN A`` that found no partner. Works on a tree whose names are resolved.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.clauses import sources_of
from ashiato.engine.exposures.shapes import NotUnderstoodError


def side_of(join: exp.Join | None) -> str:
    """Return a join's side in capitals, empty for an inner one."""
    return ((join.side if join else "") or "").upper()


def straighten_joins(tree: exp.Select) -> exp.Select:
    """Return the scope with its RIGHT and FULL joins said otherwise; the tree is changed."""
    joins = tree.args.get("joins") or []
    for place, join in enumerate(joins):
        side = side_of(join)
        if side == "RIGHT":
            _turn_right(tree, place)
            return straighten_joins(tree)
        if side == "FULL":
            _split_full(tree, place)
            return straighten_joins(tree)
    return tree


def _turn_right(tree: exp.Select, place: int) -> None:
    joins = tree.args["joins"]
    turned = joins[place]
    before, ties = _grouped(tree, place)
    tree.set("from_", exp.From(this=turned.this))
    left = exp.Join(this=before, side="LEFT", on=exp.and_(turned.args.get("on") or exp.true(), *ties))
    tree.set("joins", [left, *joins[place + 1 :]])


def _split_full(tree: exp.Select, place: int) -> None:
    """Put both halves of a FULL join in the place of what it joined."""
    joins = tree.args["joins"]
    full = joins[place]
    here = [source for _, source in sources_of(tree)][: place + 2]
    aliases = {source.alias_or_name for source in here}
    found = {(c.table, c.name): c.type for c in tree.find_all(exp.Column) if c.table in aliases}
    shown = sorted(found.items(), key=lambda item: item[0])
    first = tree.args["from_"].this.alias_or_name
    name = f"_f{place}"
    outer = exp.select(*_columns(shown)).from_(tree.args["from_"].this.copy())
    kept = [join.copy() for join in joins[: place + 1]]
    kept[-1].set("side", "LEFT")
    outer.set("joins", kept)
    alone = outer.copy()
    alone.set("joins", [join.copy() for join in joins[: place + 1]])
    _turn_right(alone, place)
    mark = "_ord" if isinstance(here[0], exp.Table) else "_exec"
    missing = exp.Is(this=exp.column(mark, table=first, quoted=True), expression=exp.null())
    alone = alone.where(missing)
    both = exp.union(outer, alone, distinct=False).subquery(name)
    tree.set("from_", exp.From(this=both))
    tree.set("joins", joins[place + 1 :])
    _rename(tree, aliases, name, both)
    full.pop()


def _columns(shown: list[tuple[tuple[str, str], exp.DataType | None]]) -> list[exp.Expr]:
    columns: list[exp.Expr] = []
    for (table, name), kind in shown:
        column = exp.alias_(exp.column(name, table=table, quoted=True), f"{table}${name}", quoted=True)
        column.type = kind
        column.this.type = kind
        columns.append(column)
    return columns or [exp.alias_(exp.Literal.number(1), "_one")]


def _rename(tree: exp.Select, aliases: set[str], name: str, inside: exp.Expr) -> None:
    within = {id(node) for node in inside.walk()}
    for projection in tree.expressions:
        if isinstance(projection, exp.Column) and projection.table in aliases:
            projection.replace(exp.alias_(projection.copy(), projection.name, quoted=True))
    for column in list(tree.find_all(exp.Column)):
        if column.table in aliases and id(column) not in within:
            renamed = exp.column(f"{column.table}${column.name}", table=name, quoted=True)
            renamed.type = column.type
            column.replace(renamed)


def _grouped(tree: exp.Select, place: int) -> tuple[exp.Expr, list[exp.Expr]]:
    """Return all sources before a join as one, and the conditions that joined them."""
    first = tree.args["from_"].this
    before = tree.args["joins"][:place]
    if not before:
        return first, []
    if any(side_of(join) for join in before):
        message = "unsupported-join"
        raise NotUnderstoodError(message)
    ties = [join.args["on"] for join in before if join.args.get("on") is not None]
    group = first.copy()
    group.set("joins", [exp.Join(this=join.this.copy(), kind="CROSS") for join in before])
    return exp.Paren(this=group), ties


def members_of(source: exp.Expr) -> list[exp.Expr] | None:
    """Return what a parenthesised group of inner joins joins, or None when the source is no such group."""
    inner = source.this if isinstance(source, (exp.Paren, exp.Subquery)) else None
    if not isinstance(inner, (exp.Table, exp.Subquery)) or (
        isinstance(source, exp.Subquery) and (source.alias or not inner.args.get("joins"))
    ):
        return None
    joins = inner.args.get("joins") or []
    if any(side_of(join) for join in joins):
        message = "unsupported-join"
        raise NotUnderstoodError(message)
    alone = inner.copy()
    alone.set("joins", None)
    return [alone, *(join.this for join in joins)]


def ties_of(source: exp.Expr) -> list[exp.Expr]:
    """Return the conditions inside a parenthesised group of joins."""
    joins = source.this.args.get("joins") or []
    return [join.args["on"].copy() for join in joins if join.args.get("on") is not None]
