"""Names what was asked about: the table, the columns and the row a question's value is of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from ashiato.engine.exposures.transcripts.contexts import OUTER_COLUMN, OUTER_TABLE
from ashiato.engine.exposures.transcripts.evaluating import value_of
from ashiato.engine.exposures.transcripts.lifting import Value, split_marks
from ashiato.engine.exposures.transcripts.questions import SIZES, Question, holds, name_of
from ashiato.engine.exposures.transcripts.values import UnknownError

#: Names under which database engines keep what they know of themselves; no person's record is there.
_CATALOGUES = frozenset({
    "information_schema", "pg_catalog", "performance_schema", "mysql", "sys", "master", "msdb", "syscat",
    "sqlite_master", "sqlite_schema", "sysobjects", "syscolumns", "sysdatabases", "syslogins", "sysusers",
    "all_tables", "all_tab_columns", "all_users", "user_tables", "user_tab_columns", "dba_users", "v$version",
    "dual", "sysibm", "sysproc", "rdb$database", "duckdb_tables",
})  # fmt: skip
_COUNTING = (exp.Count, exp.Sum, exp.Avg)
_LONGEST_PLACE = 200
_LONGEST_LABEL = 80


@dataclass(frozen=True)
class Part:
    """A piece of a value: a column's text, or what is always there between columns."""

    column: str | None
    text: str = ""


@dataclass(frozen=True)
class Sought:
    """One value asked about.

    ``row``: what says which row, equal for values of one row; ``place``: the same, short, for people;
    ``selectors``: columns whose value the question itself names. ``table`` is None where the value is not of
    a table's row: a count, a name from the catalogue, what the server says of itself. ``source``: the table
    as the question names it, ``label`` the value as it does. ``is_length``: it is how long a value is.
    ``default``: what the question has in place of NULL. ``offset`` and ``order``: which row of which order,
    where the question says so.
    """

    key: str
    table: str | None
    source: str
    parts: tuple[Part, ...]
    row: str
    place: str
    selectors: tuple[tuple[str, str], ...]
    default: str | None
    label: str = ""
    is_length: bool = False
    offset: int | None = None
    order: tuple[tuple[str, bool], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the value is made of."""
        return tuple(part.column for part in self.parts if part.column is not None)


class Seeker:
    """Names the values that payloads of one shape ask about."""

    def __init__(self, question: Question) -> None:
        """Take what does not change from payload to payload."""
        self._question = question
        self._dialect = question.dialect
        self._parts_sql = split_marks(self._sql(question.base))
        self._row_sql = split_marks(_row_text(question))
        self._table = _table_of(question)
        self._seen: dict[tuple[str, str], Sought] = {}

    def name(self, literals: tuple[Value, ...]) -> Sought:
        """Return the value that a payload with these literals asks about."""
        row, parts = _filled(self._row_sql, literals), _filled(self._parts_sql, literals)
        held = self._seen.get((row, parts))
        if held is None:
            held = self._seen[row, parts] = self._describe(row, parts, literals)
        return held

    def _describe(self, row: str, parts: str, literals: tuple[Value, ...]) -> Sought:
        schema, table = self._table
        projection = _projection(self._question.base)
        pieces, default = _parts_of(projection, literals, self._dialect)
        selectors = tuple(_selectors(self._question, literals))
        place = _place(self._question, selectors, literals)
        is_length = any(name_of(node) in SIZES for node in projection.walk())
        told = not is_length and (
            any(piece.column for piece in pieces) and table is not None and not _is_catalogue(schema, table)
        )
        source = ".".join(name for name in (schema, table) if name)
        columns = [piece.column for piece in pieces if piece.column]
        label = self._label(projection, literals) if is_length or not columns else ",".join(columns)
        return Sought(
            key=f"{parts} | {row}",
            table=table if told else None,
            source=source,
            parts=pieces,
            row=row,
            place=place,
            selectors=selectors,
            default=default,
            label=label,
            is_length=is_length,
            offset=_offset_of(self._question, literals),
            order=tuple(_order_of(self._question)),
        )

    def _label(self, projection: exp.Expr, literals: tuple[Value, ...]) -> str:
        """Return what a value that is no column's is called: ``COUNT(*)``, ``VERSION()``."""
        node = projection.this if isinstance(projection, exp.Coalesce) else projection
        return _filled(split_marks(self._sql(_projection(node))), literals)[:_LONGEST_LABEL]

    def _sql(self, node: exp.Expr) -> str:
        return node.sql(dialect=self._dialect)


def _filled(pieces: list[str | int], literals: tuple[Value, ...]) -> str:
    return "".join(piece if isinstance(piece, str) else repr(literals[piece]) for piece in pieces)


def _row_text(question: Question) -> str:
    """Return what says which row: the query without what it projects, and the conditions beside it."""
    scope = question.scope
    if holds(question.base, scope):
        copied = scope.copy()
        copied.set("expressions", [exp.Star()])
        return copied.sql(dialect=question.dialect)
    source = scope.args.get("from_")
    told = [source.sql(dialect=question.dialect)] if source is not None else []
    return " AND ".join(told + sorted(side.sql(dialect=question.dialect) for side in _telling(question)))


def _telling(question: Question) -> Iterator[exp.Expr]:
    for side in question.siblings:
        if side.find(exp.Column) is not None:
            yield side


def _projection(base: exp.Expr) -> exp.Expr:
    node = base
    while True:
        if isinstance(node, exp.Select) and node.expressions:
            node = node.expressions[0]
        elif isinstance(node, (exp.Subquery, exp.Paren, exp.Alias, exp.Cast)):
            node = node.this
        else:
            return node


def _parts_of(
    node: exp.Expr, literals: tuple[Value, ...], dialect: str
) -> tuple[tuple[Part, ...], str | None]:
    default: str | None = None
    parts: list[Part] = []

    def add(inner: exp.Expr) -> None:
        nonlocal default
        if isinstance(inner, exp.Column):
            parts.append(Part(inner.name))
        elif isinstance(inner, exp.Coalesce):
            default = _constant(inner.expressions[-1], literals, dialect) if inner.expressions else None
            add(inner.this)
        elif isinstance(inner, (exp.Concat, exp.DPipe, exp.Distinct)) or name_of(inner) == "CONCAT":
            for child in inner.iter_expressions():
                add(child)
        elif isinstance(inner, _COUNTING):
            return
        elif (told := _constant(inner, literals, dialect)) is not None:
            parts.append(Part(None, told))
        else:
            below = inner.args.get("this")
            first = below if isinstance(below, exp.Expr) else next(iter(inner.expressions), None)
            if first is not None and not isinstance(inner, exp.Select):
                add(first)

    add(node)
    return tuple(parts), default


def _constant(node: exp.Expr, literals: tuple[Value, ...], dialect: str) -> str | None:
    try:
        told = value_of(node, literals, dialect)
    except (UnknownError, RecursionError, ValueError, TypeError, ArithmeticError):
        return None
    return None if told is None else str(told)


def _table_of(question: Question) -> tuple[str, str | None]:
    scope = question.scope
    sources = [scope.args.get("from_"), *(scope.args.get("joins") or [])]
    tables = [t for s in sources if s is not None for t in s.find_all(exp.Table) if t.name]
    wanted = next((c.table for c in _projection(question.base).find_all(exp.Column)), "")
    named = [t for t in tables if wanted and wanted.lower() in {t.alias_or_name.lower(), t.name.lower()}]
    found = next(iter(named or tables), None)
    if found is None:
        return "", None
    return found.db or found.catalog, "" if found.name == OUTER_TABLE else found.name


def _is_catalogue(schema: str, table: str) -> bool:
    return schema.lower() in _CATALOGUES or table.lower() in _CATALOGUES or table.lower().startswith("pg_")


def _selectors(question: Question, literals: tuple[Value, ...]) -> Iterator[tuple[str, str]]:
    where = question.scope.args.get("where")
    inside = holds(question.base, question.scope)
    conditions = question.siblings if not inside else () if where is None else tuple(_conjuncts(where.this))
    for condition in conditions:
        node = condition.unnest()
        if isinstance(node, exp.EQ) and isinstance(node.this, exp.Column) and node.this.name != OUTER_COLUMN:
            told = _constant(node.expression, literals, question.dialect)
            if told is not None:
                yield node.this.name, told


def _conjuncts(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.And):
        yield from _conjuncts(node.this)
        yield from _conjuncts(node.expression)
    else:
        yield node


def _offset_of(question: Question, literals: tuple[Value, ...]) -> int | None:
    limit, offset = question.scope.args.get("limit"), question.scope.args.get("offset")
    if offset is None:
        return None if limit is None else 0
    told = _constant(offset.expression, literals, question.dialect)
    return int(told) if told is not None and told.isdecimal() else None


def _order_of(question: Question) -> Iterator[tuple[str, bool]]:
    """Yield (column, whether downwards) of the order that a question's row is counted in."""
    order = question.scope.args.get("order")
    for ordered in [] if order is None else order.expressions:
        if isinstance(ordered.this, exp.Column):
            yield ordered.this.name, bool(ordered.args.get("desc"))


def _place(question: Question, selectors: tuple[tuple[str, str], ...], literals: tuple[Value, ...]) -> str:
    told = [f"{column}={value}" for column, value in selectors]
    offset = _offset_of(question, literals)
    if offset is not None:
        told.append(f"offset={offset}")
    return ",".join(told)[:_LONGEST_PLACE]
