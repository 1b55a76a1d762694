"""Who stands beside a row: the rows of a statement's other tables that its own links tie to it.

Where the linking columns of a row are unknown, or changed since, the others' own conditions alone decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.links import Link, way
from ashiato.engine.exposures.plan import Instance, Plan
from ashiato.engine.store import quote_name


@dataclass(frozen=True)
class Beginning:
    """Rows of one instance as a FROM clause; ``known``: the columns in which they are as they were."""

    held: Instance
    sql: str
    known: frozenset[str]


def aliased(held: Instance, part: exp.Expr | None = None) -> str:
    """Return an instance's own name in these queries, or a condition of it under that name."""
    name = f"i{held.number}"
    if part is None:
        return name
    copied = part.copy()
    for column in copied.find_all(exp.Column):
        if column.table == held.alias:
            column.set("table", exp.to_identifier(name))
    return copied.sql("duckdb")


def own_conditions(held: Instance, changed: Mapping[str, frozenset[str]]) -> list[str]:
    """Return an instance's own conditions that no change decides."""
    written = changed.get(held.table.kept_as, frozenset())
    return [f"({aliased(held, part)})" for part, names in held.conjuncts if not names & written]


def list_partners(
    plan: Plan, links: Sequence[Link], beginning: Beginning, changed: Mapping[str, frozenset[str]]
) -> Iterator[tuple[Instance, str]]:
    """Yield each other instance with the FROM clause of its rows that may have stood beside these."""
    trusted = [link for link in links if _is_trusted(link, plan, beginning, changed)]
    for other in plan.instances:
        if other.number == beginning.held.number or other.of is not None or other.number in plan.whole:
            continue
        steps = way(trusted, beginning.held.number, other.number)
        if steps is None:
            ties = " AND ".join(
                ["TRUE", *_told(beginning.held, other, links), *own_conditions(other, changed)]
            )
            # Whichever row it began with, these are beside it.
            begun = f"FROM (SELECT DISTINCT _p.* {beginning.sql}) AS _p"
            yield other, f"{begun} JOIN {other.table.kept_as} AS {aliased(other)} ON {ties}"
        else:
            yield other, beginning.sql + _joined(plan, steps, changed)


def _is_trusted(link: Link, plan: Plan, beginning: Beginning, changed: Mapping[str, frozenset[str]]) -> bool:
    """Tell whether both sides of a link are as they were."""
    first = link.number == beginning.held.number
    mine = link.column in beginning.known if first else _lasts(plan, link.number, link.column, changed)
    return mine and _lasts(plan, link.other, link.other_column, changed)


def _lasts(plan: Plan, number: int, column: str, changed: Mapping[str, frozenset[str]]) -> bool:
    written = changed.get(plan.instances[number].table.kept_as, frozenset())
    return column not in written


def _joined(plan: Plan, steps: list[Link], changed: Mapping[str, frozenset[str]]) -> str:
    """Join the tables along a way."""
    text = ""
    for link in steps:
        near, far = plan.instances[link.number], plan.instances[link.other]
        tie = f"{aliased(near)}.{quote_name(link.column)} = {aliased(far)}.{quote_name(link.other_column)}"
        ties = " AND ".join([tie, *own_conditions(far, changed)])
        text += f" JOIN {far.table.kept_as} AS {aliased(far)} ON {ties}"
    return text


def _told(start: Instance, other: Instance, links: Sequence[Link]) -> list[str]:
    """Return what the statement's conditions on an unknown linking column say of the other side."""
    told = []
    for link in links:
        if (link.number, link.other) != (start.number, other.number):
            continue
        for part, names in start.conjuncts:
            if names == {link.column} and isinstance(part, exp.EQ):
                copied = part.copy()
                for column in copied.find_all(exp.Column):
                    if column.table == start.alias:
                        column.set("table", exp.to_identifier(aliased(other)))
                        column.set("this", exp.to_identifier(link.other_column, quoted=True))
                told.append(f"({copied.sql('duckdb')})")
    return told
