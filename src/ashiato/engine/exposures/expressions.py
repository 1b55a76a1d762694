"""Expressions of a statement's tree: which columns they copy, and how their values become parameters."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from ashiato.engine.exposures.clocks import put_own_time
from ashiato.engine.exposures.shapes import UNKNOWN, marker_of

#: Aggregates that copy their argument's values to the output instead of condensing them.
COPYING = (exp.ArrayAgg, exp.GroupConcat, exp.JSONArrayAgg, exp.JSONObjectAgg, exp.ArrayConcatAgg)
_COPYING_NAMES = frozenset(
    {"json_agg", "jsonb_agg", "xmlagg", "string_agg", "json_object_agg", "json_arrayagg", "json_objectagg"}
)
_DRAWN = frozenset({
    "random", "rand", "uuid", "uuid_short", "gen_random_uuid", "uuid_generate_v4", "uuid_generate_v1",
    "random_bytes", "gen_random_bytes", "newid", "clock_timestamp", "timeofday", "nextval", "randomblob",
    "random_normal", "uuidv4", "uuidv7", "uuid_v4", "sys_guid", UNKNOWN,
})  # fmt: skip
_CLAUSES = (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_TEXT_KINDS = exp.DataType.TEXT_TYPES | {exp.DType.UUID, exp.DType.UNKNOWN, exp.DType.NULL}


def is_text(value: exp.Expr) -> bool:
    """Tell whether a value sorts as text, or may."""
    kind = value.type
    return kind is None or kind.this in _TEXT_KINDS - {exp.DType.NULL}


def is_drawn(value: exp.Expr) -> bool:
    """Tell whether a value is drawn anew each time it is asked for."""
    named = (str(node.this).lower() for node in value.find_all(exp.Anonymous))
    return value.find(exp.Rand, exp.Randn, exp.Uuid) is not None or any(name in _DRAWN for name in named)


def conjuncts_of(condition: exp.Expr) -> list[exp.Expr]:
    """Return the parts of a condition that must all hold."""
    inner = condition.this if isinstance(condition, (exp.Where, exp.Having)) else condition
    while isinstance(inner, exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.And):
        return [*conjuncts_of(inner.left), *conjuncts_of(inner.right)]
    return [inner]


def own_nodes(select: exp.Select, kind: type[exp.Expr]) -> list[exp.Expr]:
    """Return the nodes of a kind in a scope's outputs, HAVING and ORDER BY, none of its subqueries'."""
    parts = [*select.expressions, select.args.get("having"), select.args.get("order")]
    return [node for part in parts if part is not None for node in _shallow(part) if isinstance(node, kind)]


def _shallow(part: exp.Expr) -> Iterator[exp.Expr]:
    yield from part.walk(prune=lambda node: isinstance(node, (exp.Subquery, exp.Select)))


def is_copying(node: exp.Expr) -> bool:
    """Tell whether an aggregate copies its argument's values."""
    return isinstance(node, COPYING) or (
        isinstance(node, exp.Anonymous) and str(node.this).lower() in _COPYING_NAMES
    )


def own_aggregates(select: exp.Select) -> list[exp.Expr]:
    """Return a scope's aggregates, window functions left out."""
    return [
        node
        for node in own_nodes(select, exp.Func)
        if (isinstance(node, exp.AggFunc) or is_copying(node)) and not is_windowed(node)
    ]


def is_windowed(node: exp.Expr) -> bool:
    """Tell whether a function stands before OVER."""
    return isinstance(with_clauses(node).parent, exp.Window) and with_clauses(node).arg_key == "this"


def with_clauses(node: exp.Expr) -> exp.Expr:
    """Return a function with the clauses that hang on it (FILTER, WITHIN GROUP, IGNORE NULLS)."""
    while isinstance(node.parent, _CLAUSES) and node.arg_key == "this":
        node = node.parent
    return node


def has_aggregate(select: exp.Select) -> bool:
    """Tell whether a scope condenses rows."""
    return bool(own_aggregates(select))


def external_columns(inner: exp.Expr) -> list[exp.Column]:
    """Return the columns of a subquery that belong to the query around it."""
    names: set[str] = set()
    for source in inner.find_all(exp.Table, exp.Subquery, exp.CTE, exp.Lateral):
        names.add(source.alias_or_name)
    return [column for column in inner.find_all(exp.Column) if column.table and column.table not in names]


def parameter(number: int) -> exp.Column:
    """Return the column of the parameter table that holds a value."""
    return exp.column(f"p{number}", table="_p")


def bind_parameters(tree: exp.Expr) -> exp.Expr:
    """Put parameter columns in place of markers, typed by what they are compared with.

    Casts become forgiving ones: a cast that failed on the site's engine cut the statement short there,
    which the log says; here it must not cut short the other executions.
    """
    tree = tree.transform(_bind_any, copy=False).transform(put_own_time, copy=False)
    tree = tree.transform(lambda node: node.this if isinstance(node, exp.Collate) else node, copy=False)
    for literal in list(tree.find_all(exp.Literal)):
        number = marker_of(literal)
        if number is None:
            continue
        column = _typed(literal, parameter(number))
        if literal is tree:
            tree = column
        else:
            literal.replace(column)
    for cast in [node for node in tree.find_all(exp.Cast) if type(node) is exp.Cast]:
        forgiving = exp.TryCast(this=cast.this, to=cast.to)
        if cast is tree:
            tree = forgiving
        else:
            cast.replace(forgiving)
    return tree


def _bind_any(node: exp.Expr) -> exp.Expr:
    """Rewrite ``column = ANY('{1,2}')`` over the array's text form."""
    array = next(
        (side for side in (node.args.get("this"), node.args.get("expression")) if isinstance(side, exp.Any)),
        None,
    )
    number = marker_of(array.this.unnest()) if isinstance(node, exp.EQ) and array is not None else None
    if array is None or number is None:
        return node
    other = node.expression if node.this is array else node.this
    held = exp.func("TRANSLATE", parameter(number), exp.Literal.string('{}"'), exp.Literal.string(",,,"))
    wanted = exp.DPipe(
        this=exp.DPipe(this=exp.Literal.string(","), expression=exp.cast(other.copy(), "VARCHAR")),
        expression=exp.Literal.string(","),
    )
    found = exp.StrPosition(this=exp.func("REPLACE", held, "',,'", "','"), substr=wanted)
    return exp.GT(this=found, expression=exp.Literal.number(0))


def _typed(literal: exp.Expr, column: exp.Column) -> exp.Expr:
    """Cast a text value to the type of what it is compared with, as an untyped literal would be."""
    if not literal.is_string:
        return column
    kind = _compared_kind(literal)
    return column if kind is None else exp.TryCast(this=column, to=kind)


def _compared_kind(literal: exp.Expr) -> exp.DataType | None:
    above = literal.parent
    if isinstance(above, _COMPARISONS):
        other = above.left if above.right is literal else above.right
    elif isinstance(above, (exp.In, exp.Between)):
        other = above.this
    else:
        return None
    kind = other.type if isinstance(other, exp.Expr) else None
    if not isinstance(kind, exp.DataType) or kind.this in _TEXT_KINDS or other is literal:
        return None
    return kind.copy()
