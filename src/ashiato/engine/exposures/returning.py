"""Writes that answer: what RETURNING sends, said as a query over the rows written.

A snapshot taken after the write holds what it left: a condition on a column that it set itself is replaced by
the value set, and rows found so are in doubt. Rows deleted are only in older snapshots.
"""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.expressions import conjuncts_of
from ashiato.engine.exposures.shapes import NotUnderstoodError
from ashiato.engine.exposures.state import State

#: Where a scope keeps, as SQL, the doubt of its own that its rows bring.
OWN_DOUBT = "own_doubt"
Writing = exp.Update | exp.Delete | exp.Insert


def written_rows(tree: Writing, state: State, shown: list[exp.Expr] | None = None) -> exp.Query:
    """Return the query for what a write with RETURNING sends back, or for other values of its rows."""
    returned = tree.args["returning"].expressions if shown is None else shown
    if isinstance(tree, exp.Insert):
        return _inserted(tree, state, returned)
    made = exp.select(*(part.copy() for part in returned)).from_(tree.this.copy())
    others = [tree.args["from_"].this] if tree.args.get("from_") else tree.args.get("using") or []
    for other in others:
        made = made.join(other.copy(), join_type="cross")
        made.args["joins"].extend(join.copy() for join in other.args.get("joins") or [])
        other_joins = made.args["joins"][-1 - len(other.args.get("joins") or [])].this
        other_joins.set("joins", None)
    where = tree.args.get("where")
    parts = [part.copy() for part in conjuncts_of(where)] if where is not None else []
    if isinstance(tree, exp.Update):
        parts, doubted = _as_left(parts, _values_set(tree), state, tree.this)
    else:
        # What was deleted is gone from a later snapshot: rows there were not, if the write was kept.
        doubted = _if_later(state)
        held = state.find(tree.this.db, tree.this.name)
        if held is not None and held.lived:
            # A row that was taken out lasts until just after.
            ended = exp.column("_to_us", table=tree.this.alias_or_name, quoted=True)
            after = exp.Add(this=exp.column("_time_us", table="_p"), expression=exp.Literal.number(1))
            doubted = exp.and_(doubted, exp.GT(this=ended, expression=after))
    made.meta[OWN_DOUBT] = exp.case().when(doubted, "2" if isinstance(tree, exp.Delete) else "1").else_("0")
    _carry_ctes(tree, made)
    return made.where(*parts) if parts else made


def read_to_write(tree: exp.Expr, state: State) -> exp.Query | None:
    """Return the query for what a write reads of other tables to write it, or None where it reads none."""
    if isinstance(tree, exp.Merge):
        return _merged(tree)
    reads = tree.args.get("from_") is not None or any(part.find(exp.Select) for part in tree.expressions)
    if not isinstance(tree, exp.Update) or not (reads or tree.find(exp.Select)):
        return None
    values = [part.expression for part in tree.expressions if isinstance(part, exp.EQ)]
    return written_rows(tree, state, values)


def _merged(tree: exp.Merge) -> exp.Query:
    """Return the query for the rows a MERGE reads: each of its source, beside the one it is merged with."""
    returned = tree.args.get("returning")
    made = exp.select(*(part.copy() for part in (returned.expressions if returned else _merged_values(tree))))
    made = made.from_(tree.args["using"].copy())
    made = made.join(tree.this.copy(), on=tree.args["on"].copy(), join_type="left")
    made.meta[OWN_DOUBT] = exp.Literal.number(1)
    _carry_ctes(tree, made)
    return made


def _merged_values(tree: exp.Merge) -> list[exp.Expr]:
    held = [when.args.get("then") for when in tree.args["whens"].expressions]
    values: list[exp.Expr] = []
    for then in held:
        if isinstance(then, exp.Update):
            values += [part.expression for part in then.expressions if isinstance(part, exp.EQ)]
        elif isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
            values += then.expression.expressions
    return values or [exp.Literal.number(1)]


def with_written_parts(query: exp.Query, state: State) -> exp.Query:
    """Put a query over the rows written in place of every CTE that writes and returns."""
    for cte in list(query.find_all(exp.CTE)):
        inner = cte.this
        if isinstance(inner, (exp.Update, exp.Delete, exp.Insert)):
            if inner.args.get("returning"):
                inner.replace(written_rows(inner, state))
            else:
                inner.replace(_nothing())
    return query


def _nothing() -> exp.Select:
    return exp.select(exp.alias_(exp.null(), "_none")).where(exp.false())


def _carry_ctes(tree: exp.Expr, made: exp.Query) -> None:
    if tree.args.get("with_"):
        made.set("with_", tree.args["with_"].copy())


def _if_later(state: State) -> exp.Expr:
    """Tell whether the snapshot was taken after the write."""
    return exp.LTE(this=exp.column("_time_us", table="_p"), expression=exp.Literal.number(state.as_of_us))


def _values_set(tree: exp.Update) -> dict[str, exp.Expr]:
    return {part.this.name: part.expression for part in tree.expressions if isinstance(part, exp.EQ)}


def _as_left(
    parts: list[exp.Expr], values: dict[str, exp.Expr], state: State, target: exp.Table
) -> tuple[list[exp.Expr], exp.Expr]:
    """Replace conditions on columns that the write set by what it left in them."""
    kept: list[exp.Expr] = []
    held = state.find(target.db, target.name)
    # Of rows with a history either may stand there.
    lived = held is not None and held.lived
    changed = False
    for part in parts:
        columns = [column for column in part.find_all(exp.Column) if column.name in values]
        if not columns:
            kept.append(part)
            continue
        changed = True
        left = [_left_in(column, values[column.name]) for column in columns]
        after = exp.and_(*left) if lived else exp.and_(_if_later(state), *left)
        kept.append(exp.or_(part if lived else exp.and_(exp.not_(_if_later(state)), part), after))
    return kept, (exp.true() if lived else _if_later(state)) if changed else exp.false()


def _left_in(column: exp.Column, value: exp.Expr) -> exp.Expr:
    if value.find(exp.Column, exp.Subquery, exp.Func):
        return exp.true()
    return exp.NullSafeEQ(this=column.copy(), expression=value.copy())


def _inserted(tree: exp.Insert, state: State, returned: list[exp.Expr]) -> exp.Query:
    """Return the query for the rows an INSERT put in: those of a later snapshot that hold what it said."""
    source = tree.expression
    if isinstance(source, exp.Query) and not isinstance(source, exp.Values):
        made = source.copy()
        _carry_ctes(tree, made)
        return made
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    held = state.find(target.db, target.name)
    names = [part.name for part in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
    if held is None:
        message = "unknown-table"
        raise NotUnderstoodError(message)
    conflict = tree.args.get("conflict")
    keys = [key.this.name for key in conflict.args.get("conflict_keys") or []] if conflict else list(held.key)
    rows = [_same_row(row, names or list(held.columns), keys) for row in source.expressions] if source else []
    made = exp.select(*(part.copy() for part in returned)).from_(target.copy())
    exact = bool(keys) and set(keys) <= set(names)
    made.meta[OWN_DOUBT] = exp.Literal.number(0 if exact else 1)
    told = exp.or_(*rows) if rows else exp.true()
    return made.where(told) if conflict else made.where(told, _if_later(state))


def _same_row(row: exp.Expr, names: list[str], keys: list[str]) -> exp.Expr:
    told = {
        name: value
        for name, value in zip(names, row.expressions, strict=False)
        if isinstance(value.unnest(), exp.Literal)
        or (isinstance(value, exp.Cast) and isinstance(value.this, exp.Literal))
    }
    wanted = keys if keys and set(keys) <= set(told) else list(told)
    return (
        exp.and_(*(exp.EQ(this=exp.column(name), expression=told[name].copy()) for name in wanted))
        if wanted
        else exp.true()
    )
