"""Pieces of rewritten scopes: joins, keys, windows, and what is done where places cannot be told."""

from __future__ import annotations

from sqlglot import exp

from ashiato.engine.exposures.outputs import Shown
from ashiato.engine.exposures.plan import Window
from ashiato.engine.exposures.scopes import Scope
from ashiato.engine.exposures.shapes import marker_of
from ashiato.engine.exposures.windows import limits_of


def window_of(tree: exp.Query) -> Window | None:
    """Return the outermost window of a statement, with the values that bound it."""
    limit, offset = limits_of(tree)
    if limit is None and offset is None:
        return None
    literals = [node for part in (limit, offset) if part is not None for node in part.find_all(exp.Literal)]
    numbers = (marker_of(node) for node in literals)
    return Window(limit, offset, frozenset(number for number in numbers if number is not None))


def joined(made: exp.Select, relation: exp.Expr, conditions: list[exp.Expr], side: str) -> exp.Select:
    """Join a relation to what was made so far."""
    condition = exp.and_(*conditions, copy=False) if conditions else None
    if not made.args.get("from_"):
        made = made.from_(relation, copy=False)
        return made if condition is None else made.where(condition, copy=False)
    if condition is None:
        return made.join(relation, join_type="cross", copy=False)
    return made.join(relation, on=condition, join_type=side or "inner", copy=False)


def with_keys(made: exp.Select, shown: Shown, *, lateral: bool) -> exp.Select:
    """Show the place of each base row."""
    if not lateral:
        made = made.select(exp.column("_exec", table="_p"), copy=False)
    keys = {**shown.keys, **shown.facets}
    return made.select(*(exp.alias_(key.copy(), f"_k{number}") for number, key in keys.items()), copy=False)


def all_in_doubt(scope: Scope, *, lateral: bool) -> exp.Select:
    """Return a scope's rows where it cannot be told which of them a page shows."""
    parts = [] if lateral else [exp.column("_exec")]
    parts += [exp.column(f"_k{number}") for number in scope.instances]
    held = scope.query.named_selects
    shown = [exp.column(name, quoted=True) for name in scope.columns if name in held]
    made = exp.select(*parts, exp.alias_("2", "_doubt"), "_weight", *shown)
    return made.from_(scope.query.subquery("_a"), copy=False)


def returns_rows(projection: exp.Expr) -> bool:
    """Tell whether an output makes several rows of one."""
    return projection.find(exp.Explode, exp.Unnest, exp.ExplodingGenerateSeries, exp.RegexpSplit) is not None
