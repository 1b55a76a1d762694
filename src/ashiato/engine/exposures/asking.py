"""Answers of one bit: statements that tell of rows only whether they are there, or how they compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from ashiato.engine.exposures.moments import then
from ashiato.engine.exposures.plan import Instance, Plan, Query, Role

_NAMING = (exp.EQ, exp.In)


def as_asked(plan: Plan) -> Plan:
    """Mark the rows of a statement that copies no value: a yes or no came out, or a number of rows."""
    if any(held.projected or held.role is Role.AGGREGATE for held in plan.instances):
        return plan
    return replace(plan, instances=tuple(replace(held, role=Role.ASKED) for held in plan.instances))


def with_rejected(plan: Plan) -> Plan:
    """Add the rows that a statement names by their key and asks more of: the answer tells of them either way.

    In a search whatever was rejected stays unknown; a row named outright was asked about.
    """
    instances, queries = list(plan.instances), list(plan.queries)
    for held in plan.instances:
        named = list(_naming(held))
        asked = {name for part, names in held.conjuncts if part not in named for name in names}
        if held.of is not None or not named or not asked:
            continue
        number = len(instances)
        instances.append(
            Instance(
                number, held.alias, held.table, Role.ASKED, set(), asked, list(held.conjuncts), held.number
            )
        )
        queries.append(Query(_named_rows(held, named, number), (number,), Role.ASKED))
    return replace(plan, instances=tuple(instances), queries=tuple(queries))


def _naming(held: Instance) -> Iterator[exp.Expr]:
    """Yield the conditions that name a row by its whole key, or none."""
    found = {
        next(iter(names)): part
        for part, names in held.conjuncts
        if len(names) == 1 and isinstance(part, _NAMING) and isinstance(part.this, exp.Column)
    }
    if held.table.key and set(held.table.key) <= set(found):
        yield from (found[name] for name in held.table.key)


def _named_rows(held: Instance, named: list[exp.Expr], number: int) -> exp.Select:
    alias = exp.to_identifier(held.alias, quoted=True)
    made = exp.select("_p._exec", exp.alias_(exp.column("_ord", table=alias.copy()), f"_k{number}"))
    made = made.select("0 AS _doubt", "1 AS _weight", copy=False).from_(exp.to_table("args").as_("_p"))
    ties = [part.copy() for part in named] + ([then(held.alias)] if held.table.lived else [])
    return made.join(exp.to_table(held.table.kept_as).as_(alias), on=exp.and_(*ties), copy=False)
