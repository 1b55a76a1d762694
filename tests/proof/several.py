"""Writes that reach further than a row of one table: beside another, over what is there, down references."""

from __future__ import annotations

from collections.abc import Mapping

from tests.proof.base import Base, Design
from tests.proof.dice import Dice
from tests.proof.queries import Beside, Call, Col, Delete, Insert, Lit, Statement, Update
from tests.proof.schemas import Plan, key_of, make_row, value_for

#: What references may do when their row goes; none, and it does not go.
ACTIONS = ("", "CASCADE", "SET NULL")


def ties_of(plan: Plan, parent: Design) -> dict[str, str]:
    """Return a table's columns that refer to another, each with the column it refers to."""
    return {
        column: parent.key[place] for column, (table, place) in plan.links.items() if table == parent.name
    }


def referring_to(plans: Mapping[str, Plan]) -> dict[str, list[tuple[str, dict[str, str]]]]:
    """Return, by table, which tables refer to it, and by what."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for name, plan in plans.items():
        for parent in dict.fromkeys(table for table, _ in plan.links.values()):
            found.setdefault(parent, []).append((name, ties_of(plan, plans[parent].design)))
    return found


def write_of_several(dice: Dice, base: Base, plan: Plan, number: int) -> Statement | None:
    """Return a write that asks another table, or offers a row that may be there; None where there is none."""
    if dice.happens(0.3):
        hung = _hung_anew(dice, base, plan)
        if hung is not None:
            return hung
    if dice.happens(0.5):
        return _offered(dice, base, plan, number)
    parents = list(dict.fromkeys(table for table, _ in plan.links.values()))
    rows = base.rows.get(parents[0], []) if parents else []
    if not rows:
        return None
    parent = base.designs[parents[0]]
    name = dice.one_of([*parent.key, *parent.kinds])
    value = dice.one_of(rows).values[name]
    if value is None:
        return None
    beside = Beside(parents[0], tuple(ties_of(plan, parent).items()), ((name, Lit(value)),))
    linked = plan.design.name in base.referring and not base.on_delete
    if dice.happens(0.4) and not linked:
        return Delete(plan.design.name, None, (), beside)
    column = dice.one_of(plan.columns)
    return Update(plan.design.name, ((column.name, Lit(value_for(dice, column))),), None, (), beside)


def write_of_key(dice: Dice, base: Base, plan: Plan, number: int) -> Update | None:
    """Give a row that no other refers to a key that no row ever had; None where there is no such row."""
    key = plan.design.key
    held = {
        tuple(row.values[own] for own in ties)
        for child, ties in base.referring.get(plan.design.name, [])
        for row in base.rows.get(child, [])
    }
    free = [
        r for r in base.rows.get(plan.design.name, []) if tuple(r.values[name] for name in key) not in held
    ]
    if not free or set(key) & set(plan.links):
        return None
    row = dice.one_of(free)
    made = [Call("=", (Col("", name), Lit(row.values[name]))) for name in key]
    where = made[0] if len(made) == 1 else Call("and", tuple(made))
    values = tuple(zip(key, map(Lit, key_of(plan.key_style, number)), strict=True))
    return Update(plan.design.name, values, where)


def _hung_anew(dice: Dice, base: Base, plan: Plan) -> Update | None:
    """Hang a row, or all of one parent's, on another or on none; None where rows hang by their keys."""
    tables = dict.fromkeys(table for table, _ in plan.links.values())
    found = [ties for table in tables if (ties := ties_of(plan, base.designs[table]))]
    found = [ties for ties in found if not set(ties) & set(plan.design.key)]
    rows = base.rows.get(plan.design.name, [])
    if not found or not rows:
        return None
    ties, row = dice.one_of(found), dice.one_of(rows)
    (parent,) = {table for column, (table, _) in plan.links.items() if column in ties}
    others = base.rows.get(parent, [])
    held = dice.one_of(others).values if others and dice.happens(0.7) else {}
    asked = tuple(ties) if dice.happens(0.3) and None not in map(row.values.get, ties) else plan.design.key
    made = [Call("=", (Col("", name), Lit(row.values[name]))) for name in asked]
    where = made[0] if len(made) == 1 else Call("and", tuple(made))
    return Update(plan.design.name, tuple((own, Lit(held.get(other))) for own, other in ties.items()), where)


def _offered(dice: Dice, base: Base, plan: Plan, number: int) -> Insert:
    """Offer a row under a key of its own, or under one that is there."""
    values = make_row(dice, base, plan, number)
    rows, key = base.rows.get(plan.design.name, []), plan.design.key
    if rows and dice.happens(0.6):
        held = dice.one_of(rows).values
        values |= {name: held[name] for name in key}
    chosen = [dice.one_of(plan.columns) for _ in range(dice.below(3))]
    sets = {one.name: Lit(value_for(dice, one)) if dice.happens(0.5) else None for one in chosen}
    lits = (tuple(Lit(value) for value in values.values()),)
    return Insert(plan.design.name, tuple(values), lits, (), key, tuple(sets.items()))
