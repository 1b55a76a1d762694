"""Plainer forms: clauses said in those the rewriting knows, before names are resolved.

A named window is written out; a list of values gets names; DISTINCT ON keeps the first row of each part, as
a row number does; EXISTS asks for no number of rows.
"""

from __future__ import annotations

from sqlglot import exp


def plain_form(query: exp.Query) -> exp.Query:
    """Return the query with its own clauses and those of every scope inside in plainer forms."""
    for asked in query.find_all(exp.Exists):
        # Whether there is a row does not hang on how many are asked for.
        if isinstance(asked.this, exp.Query) and not asked.this.args.get("offset"):
            asked.this.set("limit", None)
    for values in query.find_all(exp.Values):
        _name_columns(values)
    for select in list(query.find_all(exp.Select)):
        _write_windows_out(select)
        distinct = select.args.get("distinct")
        if isinstance(distinct, exp.Distinct) and distinct.args.get("on") and not _shows_star(select):
            made = _first_of_each(select)
            if select is query:
                query = made
            else:
                select.replace(made)
    return query


def _name_columns(values: exp.Values) -> None:
    """Give a list of values the names that PostgreSQL gives its columns."""
    alias = values.args.get("alias")
    if alias is not None and not alias.columns and values.expressions:
        width = len(values.expressions[0].expressions)
        alias.set("columns", [exp.to_identifier(f"column{i + 1}") for i in range(width)])


def _shows_star(select: exp.Select) -> bool:
    return any(projection.is_star for projection in select.expressions)


def _write_windows_out(select: exp.Select) -> None:
    named = {window.this.name: window for window in select.args.get("windows") or []}
    if not named:
        return
    for window in select.find_all(exp.Window):
        held = named.get(window.alias)
        if held is not None and window.args.get("alias") is not None:
            window.set("alias", None)
            for part in ("partition_by", "order", "spec"):
                if held.args.get(part) and not window.args.get(part):
                    value = held.args[part]
                    window.set(part, [v.copy() for v in value] if isinstance(value, list) else value.copy())
    select.set("windows", None)


def _first_of_each(select: exp.Select) -> exp.Select:
    """Say DISTINCT ON as a condition on a row number; LIMIT and the order stay outside."""
    inner = select.copy()
    parts = inner.args["distinct"].args["on"]
    parts = parts.expressions if isinstance(parts, exp.Tuple) else [parts]
    order = inner.args.get("order")
    names = []
    for position, projection in enumerate(inner.expressions):
        name = projection.alias_or_name or f"_col_{position}"
        names.append(name)
        if projection.alias_or_name != name:
            projection.replace(exp.alias_(projection.copy(), name, quoted=True))
    first = exp.Window(
        this=exp.RowNumber(),
        partition_by=[part.copy() for part in parts],
        order=order.copy() if order else None,
    )
    keys = [key.copy() for key in order.expressions] if order else []
    sorts = [exp.alias_(key.this.copy(), f"_by_{i}") for i, key in enumerate(keys)]
    inner.set("expressions", [*inner.expressions, *sorts, exp.alias_(first, "_first")])
    for clause in ("distinct", "order", "limit", "offset", "with_"):
        inner.set(clause, None)
    made = exp.select(*(exp.column(name, table="_e", quoted=True) for name in names))
    made = made.from_(inner.subquery("_e")).where(
        exp.EQ(this=exp.column("_first", table="_e"), expression=exp.Literal.number(1))
    )
    for i, key in enumerate(keys):
        key.set("this", exp.column(f"_by_{i}", table="_e"))
    if keys:
        made.set("order", exp.Order(expressions=keys))
    for clause in ("limit", "offset", "with_"):
        made.set(clause, select.args.get(clause))
    return made
