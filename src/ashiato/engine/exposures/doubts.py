"""Stretches in which a statement's columns are in doubt, and the rows its firm conditions let through."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from ashiato.engine.exposures.groups import Group
from ashiato.engine.exposures.lives import UNSEEN
from ashiato.engine.exposures.moments import then
from ashiato.engine.exposures.partners import aliased
from ashiato.engine.exposures.plan import Instance
from ashiato.engine.store import quote_text

#: A condition, and the columns it reads.
Part = tuple[exp.Expr, frozenset[str]]
#: A stretch holds the moment of an execution ``_p``: its alias, and how its ends are called.
THEN = "{0}.{1}from_us <= _p._time_us AND {0}.{1}to_us > _p._time_us"


def begin_unsettled(
    zone: str, held: Instance, columns: list[str], kept: Sequence[Part], *, of_any_row: bool
) -> str:
    """Begin with the rows of which a column may have been otherwise at that time.

    ``kept``: the conditions that they pass, each as far as its own columns are not in doubt of the row.
    """
    table, alias = held.table.kept_as, aliased(held)
    # A write whose rows cannot be told touches every row that the other conditions let through, but for
    # those of which more is told.
    same = ["TRUE"] if of_any_row else [f"c.row_ord = {alias}._ord"]
    if of_any_row and held.table.lived:
        same.append(f"{alias}._restless = 0")
    if of_any_row and held.table.updated_at is not None:
        same.append(f"COALESCE({held.table.since_sql(alias, zone)} > _p._time_us, TRUE)")
    named = _names_asked(kept)
    places = {name: place for place, name in enumerate(named)}
    if of_any_row:
        same.append(f"NOT ({_whole(held)})")
    for part, names in kept:
        unsure = "".join(f"c.u{places[name]} = 1 OR " for name in sorted(names))
        same.append(f"({unsure}({aliased(held, part)}))")
    return (
        f"FROM args AS _p JOIN ({_stretches_sql(table, columns, named, of_any_row=of_any_row)}) AS c "
        f"ON c.hit = 1 AND {THEN.format('c', '')} JOIN {table} AS {alias} ON {' AND '.join(same)}"
    )


def moved_columns(group: Group, held: Instance, changed: frozenset[str]) -> list[str]:
    """Return the columns that decide about an instance's rows and may have been otherwise."""
    deciding = held.used | {link.column for link in group.links if link.number == held.number}
    return sorted((deciding | {UNSEEN}) & changed)


def blanketed_sql(held: Instance, columns: list[str]) -> str:
    """Begin with the executions for which any row may have been otherwise, and no condition stands firm."""
    doubts = _stretches_sql(held.table.kept_as, columns, _names_asked(held.conjuncts), of_any_row=True)
    return f"FROM args AS _p JOIN ({doubts}) AS c ON c.hit = 1 AND {THEN.format('c', '')} AND {_whole(held)}"


def _names_asked(kept: Sequence[Part]) -> list[str]:
    return sorted({name for _, names in kept for name in names})


def bounds_of(held: Instance) -> list[Part]:
    """Return the conditions on rows of which nothing of their own is told: those are there at all times."""
    return [(part, names) for part, names in held.conjuncts if names or part != then(held.alias)]


def _whole(held: Instance) -> str:
    """Tell in SQL whether in a stretch ``c`` none of an instance's conditions stands firm."""
    places = {name: place for place, name in enumerate(_names_asked(held.conjuncts))}
    loose = [
        "(" + (" OR ".join(f"c.u{places[name]} = 1" for name in sorted(names)) or "FALSE") + ")"
        for _, names in bounds_of(held)
    ]
    return " AND ".join(loose) or "TRUE"


def _stretches_sql(table: str, columns: list[str], asked: Sequence[str], *, of_any_row: bool) -> str:
    """Select the stretches in which one of some columns is in doubt, and which of those asked are then."""
    which = "t.row_ord IS NULL AND d.row_ord IS NULL" if of_any_row else "t.row_ord = d.row_ord"
    marks = "".join(
        f", max(CASE WHEN d.column_name = {quote_text(name)} THEN 1 ELSE 0 END) AS u{place}"
        for place, name in enumerate(asked)
    )
    named = ", ".join(quote_text(name) for name in columns)
    return (
        "SELECT t.row_ord, t.begun_us AS from_us, t.ended_us AS to_us, "
        f"max(CASE WHEN d.column_name IN ({named}) THEN 1 ELSE 0 END) AS hit{marks} FROM turns AS t "
        f"JOIN changes AS d ON d._table = t._table AND {which} "
        "AND d.from_us <= t.begun_us AND d.to_us >= t.ended_us "
        f"WHERE t._table = '{table}' GROUP BY t.row_ord, t.begun_us, t.ended_us"
    )
