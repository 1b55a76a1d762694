"""Listings: what many pages show parts of is made and ranked once, however many pages were asked for.

The rows of a paged query hang on some of its parameters alone. The executions that share all of those turn
the pages of one *listing*: the lowest of them stands for the others while the rows are made and ranked, and
then each finds the rows of its own page. So that this takes as long as the pages are, and not pages times
rows, rows and pages find each other by *cells* of places, of the smallest size that both fit in: a row
begins in one of them, and those that meet a page in one of three.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

#: So many places make a cell, the finest first; beyond them one cell holds all.
_SIZES = tuple(1 << bits for bits in (6, 10, 14, 18, 22))
#: In so many cells of a size may rows begin that meet a page which fits in one.
_CELLS = 3
#: Cells of one size are numbered apart from those of another.
_APART = 1 << 50
#: Columns of ``args``: what a page may be off, and the bounds of all the pages around that touch.
OF_PAGES = ("_k", "_gone", "_away")
OF_RUNS = ("_from_all", "_to_all")


def hangs_on(query: exp.Query) -> list[str]:
    """Return the columns of ``args`` that a query's rows hang on."""
    return sorted({c.name for c in query.find_all(exp.Column) if c.table == "_p"} - {"_exec"})


def once_each(query: exp.Query, names: Sequence[str]) -> exp.Query:
    """Let one execution stand for all that have these columns alike; the query is changed."""
    columns = [exp.column(name, table="_p") for name in names]
    listed = exp.select("min(_p._exec) AS _exec", *columns).from_(exp.to_table("args").as_("_p"))
    listed = listed.group_by(*columns)
    for table in list(query.find_all(exp.Table)):
        if table.name == "args" and not table.db:
            table.replace(listed.copy().subquery(table.alias_or_name))
    return query


def list_pages(names: Sequence[str], start: exp.Expr, end: exp.Expr, *, runs: bool) -> exp.Select:
    """Return the executions with their listings, the bounds of their pages, and what these may be off.

    ``names``: the columns that a listing's executions have alike; ``runs``: with the bounds of all the pages
    around that touch.
    """
    alike = [exp.column(name, table="_p") for name in names]
    listing = exp.Window(this=exp.Min(this=exp.column("_exec", table="_p")), partition_by=alike)
    held = [exp.column(name, table="_p") for name in ("_exec", *OF_PAGES, *(OF_RUNS if runs else ()))]
    bounds = [exp.alias_(start, "_from"), exp.alias_(end, "_to")]
    return exp.select(*held, exp.alias_(listing, "_listing"), *bounds).from_(exp.to_table("args").as_("_p"))


def turn(ranked: exp.Query, pages: exp.Select, low: str, high: str) -> exp.Select:
    """Put beside a listing's rows (``_r``, ``_exec`` their listing) each page (``_g``) that they may be on.

    ``low``, ``high``: SQL for a row's lowest and highest place, but for what its page is off. Pages that a
    row is not on may come too.
    """
    grained = exp.select("*", _parsed(f"{_grain()} AS _grain")).from_(pages.subquery("_s"))
    grains = exp.select("_listing", "_grain").distinct().from_(grained.copy().subquery("_s"))
    cells = exp.select("*", _parsed(f"{_cell_of_page()} AS _cell")).from_(grained.subquery("_s"))
    cells = cells.join(_numbers("_level", len(_SIZES) + 1), join_type="cross")
    cells = cells.join(_numbers("_step", _CELLS), join_type="cross")
    cells = cells.where(_parsed(f"_level >= _grain AND (_level < {len(_SIZES)} OR _step = 0)"))
    found = f"_g._listing = _r._exec AND _g._grain = _c._grain AND _g._cell = {_cell_of_row(low, high)}"
    made = exp.Select().from_(ranked.subquery("_r"), copy=False)
    # Each listing has pages; said as an inner join, engines would join it to them before it meets the rows.
    made = made.join(grains.subquery("_c"), on="_c._listing = _r._exec", join_type="left", copy=False)
    return made.join(cells.subquery("_g"), on=_parsed(found), copy=False)


def _grain() -> str:
    """Tell the smallest size of cells that a page fits in."""
    cases = (
        f"WHEN _to - _from + _k + _k + _gone <= {size} THEN {level}" for level, size in enumerate(_SIZES)
    )
    return f"CASE {' '.join(cases)} ELSE {len(_SIZES)} END"


def _cell_of_page() -> str:
    """Number the cells of one size that rows of a page may begin in."""
    cases = (
        f"WHEN _level = {level} THEN {level * _APART} "
        f"+ GREATEST(_from - _k - _gone - {size}, 0) // {size} + _step"
        for level, size in enumerate(_SIZES)
    )
    return f"CASE {' '.join(cases)} ELSE {len(_SIZES) * _APART} END"


def _cell_of_row(low: str, high: str) -> str:
    """Number the cell that a row begins in, of the first size that it and the pages asked for fit in."""
    cases = (
        f"WHEN _c._grain <= {level} AND {high} - {low} < {size} "
        f"THEN {level * _APART} + GREATEST({low}, 0) // {size}"
        for level, size in enumerate(_SIZES)
    )
    return f"CASE {' '.join(cases)} ELSE {len(_SIZES) * _APART} END"


def _numbers(name: str, count: int) -> exp.Subquery:
    first, *rest = (exp.select(exp.alias_(str(number), name)) for number in range(count))
    made: exp.Query = first
    for one in rest:
        made = exp.union(made, one, distinct=False, copy=False)
    return made.subquery(f"{name}s")


def _parsed(text: str) -> exp.Expr:
    return exp.maybe_parse(text, dialect="duckdb")
