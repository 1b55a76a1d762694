"""Which tables a logged write goes to, and what its conditions say of the rows of each.

An UPDATE or DELETE may read other tables beside (``FROM``, ``USING``, ``JOIN``), and MySQL's may write
several of them at once: every column is told from the others by the table it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from ashiato.engine.exposures.expressions import conjuncts_of
from ashiato.engine.exposures.state import State, StateTable

_OUTER = ("LEFT", "RIGHT", "FULL")
Writing = exp.Update | exp.Delete


@dataclass(frozen=True)
class _Source:
    """A table that a statement names, by the name it has there; ``table`` None: one nobody knows."""

    name: str
    table: StateTable | None


@dataclass(frozen=True)
class Target:
    """A table written: ``sets``, columns and what is put into them; ``conditions``, met by every row of it.

    ``alone``: the statement reads and writes no other table, so that nothing else decides about its rows.
    ``unclear``: what is set, or in which of its tables, cannot be read.
    """

    table: StateTable
    sets: tuple[tuple[str, exp.Expr], ...]
    conditions: tuple[exp.Expr, ...]
    alone: bool
    unclear: bool
    _source: _Source
    _sources: tuple[_Source, ...]

    def owns(self, column: exp.Expr) -> str | None:
        """Return a column's name in this table's own writing, or None where it is another table's."""
        if not isinstance(column, exp.Column):
            return None
        if column.table:
            return spelt(self.table, column.name) if column.table.lower() == self._source.name else None
        others = [source for source in self._sources if source is not self._source]
        if any(one.table is None or spelt(one.table, column.name) for one in others):
            return None
        return spelt(self.table, column.name)

    def equals(self, column: str) -> Iterator[list[exp.Expr]]:
        """Yield the values that each condition holds a column to, those of a column joined to it too."""
        joined = self._joined(column)
        for part in self.conditions:
            if isinstance(part, exp.EQ):
                sides = [(part.this, part.expression), (part.expression, part.this)]
                yield from ([value] for held, value in sides if self._place(held) in joined)
            elif isinstance(part, exp.In) and part.expressions and self._place(part.this) in joined:
                yield part.expressions

    def _joined(self, column: str) -> set[tuple[str, str]]:
        """Return the columns that conditions hold equal to one, where equal ones are written alike."""
        found = {(self._source.name, column)}
        if _is_text(self.table, column):
            return found
        pairs = [
            (self._place(part.this), self._place(part.expression))
            for part in self.conditions
            if isinstance(part, exp.EQ)
        ]
        for _ in pairs:
            for one, other in pairs:
                if one in found or other in found:
                    found |= {place for place in (one, other) if place and not self._is_text(place)}
        return found

    def _place(self, value: exp.Expr) -> tuple[str, str] | None:
        """Return the table and the column that a value is, or None where it is none or not told which."""
        if not isinstance(value, exp.Column):
            return None
        for source in self._sources:
            table = source.table
            if table is not None and column_of(value, source, self._sources):
                return source.name, spelt(table, value.name) or value.name
        return None

    def _is_text(self, place: tuple[str, str]) -> bool:
        tables = [one.table for one in self._sources if one.name == place[0] and one.table is not None]
        return any(_is_text(table, place[1]) for table in tables)


def column_of(column: exp.Column, source: _Source, sources: Sequence[_Source]) -> bool:
    """Tell whether a column is one of a source's, and of no other's."""
    if column.table:
        return column.table.lower() == source.name
    others = [one for one in sources if one is not source]
    own = source.table is not None and spelt(source.table, column.name) is not None
    return own and not any(one.table is None or spelt(one.table, column.name) for one in others)


def targets_of(node: Writing, state: State) -> list[Target]:
    """Return the tables that an UPDATE or DELETE writes, as far as the state knows them."""
    sources = tuple(_sources_of(node, state))
    named = _named_targets(node, sources)
    unclear = not named or not _all_read(node, named, sources)
    sets = list(_assignments(node))
    conditions = tuple(_conditions(node))
    found: list[Target] = []
    for source in sources if unclear and (not named or _is_joined(node)) else named:
        if source.table is None:
            continue
        made = Target(source.table, (), conditions, len(sources) == 1, unclear, source, sources)
        own = [(name, value) for column, value in sets if (name := _set_name(made, column, named))]
        if own or isinstance(node, exp.Delete) or not sets or unclear:
            found.append(replace(made, sets=tuple(own)))
    return found


def _all_read(node: Writing, named: Sequence[_Source], sources: Sequence[_Source]) -> bool:
    """Tell whether it can be read of all that an UPDATE sets in which column of which table it is."""
    names = {source.name for source in named}
    if not all(isinstance(part, exp.EQ) for part in node.expressions):
        return False
    for column, _ in _assignments(node):
        if not isinstance(column, exp.Column):
            return False
        if column.table:
            if column.table.lower() not in names:
                return False
        elif _is_joined(node) and not any(column_of(column, one, sources) for one in named):
            return False
    return True


def _assignments(node: Writing) -> Iterator[tuple[exp.Expr, exp.Expr]]:
    """Yield what is set and what is put there; of several columns at once (``SET (a, b) = ..``) each."""
    for part in node.expressions:
        if not isinstance(part, exp.EQ):
            continue
        if not isinstance(part.this, exp.Tuple):
            yield part.this, part.expression
            continue
        columns, held = part.this.expressions, part.expression
        is_row = isinstance(held, exp.Tuple) or (
            isinstance(held, exp.Anonymous) and held.name.upper() == "ROW"
        )
        values = held.expressions if is_row else []
        yield from zip(columns, values if len(values) == len(columns) else [held] * len(columns), strict=True)


def _is_joined(node: Writing) -> bool:
    """Tell whether a statement may write in any of the tables that it joins, as MySQL's do."""
    return isinstance(node.this, exp.Table) and bool(node.this.args.get("joins"))


def _set_name(target: Target, column: exp.Expr, named: Sequence[_Source]) -> str | None:
    """Return the column that an assignment sets; with a single table to write it can only be of that."""
    if len(named) == 1 and isinstance(column, exp.Column):
        return spelt(target.table, column.name) or column.name
    return target.owns(column)


def _named_targets(node: Writing, sources: tuple[_Source, ...]) -> list[_Source]:
    """Return the tables that a statement names as those it writes; none: it cannot be read which."""
    said: list[exp.Table] = node.args.get("tables") or []
    target = node.this if isinstance(node.this, exp.Table) else None
    if not said and isinstance(node, exp.Delete) and target is not None and _using_names(node, target):
        said = [target, *(join.this for join in target.args.get("joins") or [])]
    if said:
        names = {table.alias_or_name.lower() for table in said}
        found = [source for source in sources if source.name in names]
        return found if len(found) == len(names) else []
    if isinstance(node, exp.Update) and target is not None and target.args.get("joins"):
        # MySQL's: whichever of its tables an assignment names.
        return [source for source in sources if _is_set(node, source, sources)]
    return list(sources[:1])


def _is_set(node: exp.Update, source: _Source, sources: Sequence[_Source]) -> bool:
    columns = [column for column, _ in _assignments(node)]
    return any(isinstance(column, exp.Column) and column_of(column, source, sources) for column in columns)


def _using_names(node: exp.Delete, target: exp.Table) -> bool:
    """Tell whether USING lists the table to write as well: then that is all the statement reads."""
    using = [table for part in node.args.get("using") or [] for table in part.find_all(exp.Table)]
    return any(table.alias_or_name.lower() == target.alias_or_name.lower() for table in using)


def _sources_of(node: Writing, state: State) -> Iterator[_Source]:
    parts: list[exp.Expr] = []
    target = node.this if isinstance(node.this, exp.Table) else None
    listed = node.args.get("using") or []
    if target is not None and not (isinstance(node, exp.Delete) and _using_names(node, target)):
        parts.append(target)
    read = node.args.get("from_")
    parts += [*listed, *([read.this] if read is not None else [])]
    for part in parts:
        yield from _with_joined(part, state)


def _with_joined(part: exp.Expr, state: State) -> Iterator[_Source]:
    table = state.find_written(part.db, part.name) if isinstance(part, exp.Table) else None
    yield _Source(part.alias_or_name.lower(), table)
    for join in part.args.get("joins") or []:
        yield from _with_joined(join.this, state)


def _conditions(node: Writing) -> Iterator[exp.Expr]:
    """Yield what must hold of every row written: of WHERE, and of joins that ask for a partner."""
    where = node.args.get("where")
    yield from (part.unnest() for part in (conjuncts_of(where) if where is not None else []))
    for join in node.find_all(exp.Join):
        on = join.args.get("on")
        if on is not None and join.side not in _OUTER and join.find_ancestor(exp.Query) is None:
            yield from (part.unnest() for part in conjuncts_of(on))


def spelt(table: StateTable, name: str) -> str | None:
    """Return a column's name as the table has it; engines read names without regard to case."""
    if name in table.columns:
        return name
    return next((column for column in table.columns if column.lower() == name.lower()), None)


def _is_text(table: StateTable, column: str) -> bool:
    return table.columns.get(column, "VARCHAR") == "VARCHAR"


#: Tells the text of a value that a statement writes out, or None.
TextOf = Callable[[exp.Expr], str | None]


def texts_equal(target: Target, column: str, text_of: TextOf) -> list[str]:
    """Return the values that a write's conditions hold a column to."""
    for values in target.equals(column):
        texts = [text_of(value) for value in values]
        if texts and all(text is not None for text in texts):
            return [text for text in texts if text is not None]
    return []
