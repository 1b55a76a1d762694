"""Sources that hold no rows of a table: VALUES lists, and functions that return rows."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.expressions import bind_parameters
from ashiato.engine.exposures.scopes import Scope
from ashiato.engine.exposures.shapes import NotUnderstoodError

#: Row-returning functions that the replay can run itself.
_SERIES = (exp.ExplodingGenerateSeries, exp.GenerateSeries)


def is_table_free(source: exp.Expr) -> bool:
    """Tell whether a source is a list of values or a function."""
    if isinstance(source, (exp.Values, exp.Unnest)):
        return True
    return isinstance(source, exp.Table) and not isinstance(source.this, exp.Identifier)


def rows_of(source: exp.Expr) -> Scope:
    """Return a scope of the values a source lists; of a function not repeatable here, raise."""
    names = [column.name for column in source.args["alias"].columns] if source.args.get("alias") else []
    if isinstance(source, exp.Values):
        return _listed([row.expressions for row in source.expressions], names)
    inner = source.expressions[0] if isinstance(source, exp.Unnest) else source.this
    name = names[0] if names else source.alias_or_name
    if isinstance(inner, exp.Array):
        return _listed([[value] for value in inner.expressions], [name])
    if isinstance(inner, _SERIES):
        ends = [
            inner.args["start"],
            inner.args["end"],
            *([inner.args["step"]] if inner.args.get("step") else []),
        ]
        series = exp.func("generate_series", *(bind_parameters(end.copy()) for end in ends), dialect="duckdb")
        made = _made({name: exp.func("unnest", series, dialect="duckdb")})
        return Scope(made, {name: frozenset()}, ())
    message = "unsupported-source"
    raise NotUnderstoodError(message)


def _listed(rows: list[list[exp.Expr]], names: list[str]) -> Scope:
    width = len(rows[0]) if rows else 0
    shown = [names[i] if i < len(names) else f"column{i + 1}" for i in range(width)]
    selects = [
        _made({name: bind_parameters(value.copy()) for name, value in zip(shown, row, strict=True)})
        for row in rows
    ]
    if not selects:
        message = "unsupported-source"
        raise NotUnderstoodError(message)
    made: exp.Query = selects[0] if len(selects) == 1 else exp.union(*selects, distinct=False, copy=False)
    return Scope(made, dict.fromkeys(shown, frozenset()), ())


def _made(values: dict[str, exp.Expr]) -> exp.Select:
    made = exp.select("_p._exec", "0 AS _doubt", "1 AS _weight").from_(exp.to_table("args").as_("_p"))
    return made.select(*(exp.alias_(value, name, quoted=True) for name, value in values.items()), copy=False)
