"""What stands behind a name that is no table of the snapshot: copies, views and functions.

A copy (CREATE TABLE AS, SELECT INTO, INSERT .. SELECT) holds what its query returned when it was made; a view
reads when it is read. Both are kept as the text of their query.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_FUNCTION = re.compile(
    r"\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure)\s+(?P<name>[\w.\"`]+)\s*\((?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ARGUMENT = re.compile(r"^\s*(?:in\s+|inout\s+)?\"?(?P<name>[a-z_]\w*)\"?\s+\w", re.IGNORECASE)
_BODY = re.compile(r"\bas\s+(?P<quote>\$\w*\$|')(?P<body>.*?)(?P=quote)", re.IGNORECASE | re.DOTALL)
_LANGUAGE = re.compile(r"\blanguage\s+[\"']?(?P<name>\w+)", re.IGNORECASE)
_VOLATILITY = re.compile(r"\b(immutable|stable)\b", re.IGNORECASE)
#: Languages of which the body tells what it does; where none is said it is one of the database's own.
_READABLE = frozenset({"", "sql", "plpgsql"})
_WITH_DATA = re.compile(r"\bwith\s+(?:no\s+)?data\b", re.IGNORECASE)
_OWN_SCHEMAS = frozenset({"", "public", "pg_temp"})


@dataclass(frozen=True)
class Source:
    """One query behind a name.

    ``made_us``: when its rows were copied, None for a view, which reads whenever it is read; ``columns``: the
    names its outputs have there, where they are not the query's own; ``adds``: to what stood there before.
    """

    name: str
    query: str
    made_us: int | None = None
    columns: tuple[str, ...] = ()
    adds: bool = False


@dataclass(frozen=True)
class Dropped:
    """A name given up, or given to another (``into``)."""

    name: str
    into: str | None = None


@dataclass(frozen=True)
class Table:
    """A table made empty: its name and columns."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Function:
    """A function: its name, the names of its arguments, its body; ``is_query``: one query says it all.

    ``language``: what the body is written in, where that is said; ``volatility``: ``immutable`` or ``stable``
    where it is declared so, as its author says.
    """

    name: str
    arguments: tuple[str, ...]
    body: str
    is_query: bool
    language: str = ""
    volatility: str = ""

    @property
    def is_readable(self) -> bool:
        """Tell whether the body says what the function does."""
        return self.language in _READABLE


Definition = Source | Dropped | Table | Function


def name_of(table: exp.Table, default_schema: str) -> str:
    """Return the name under which a relation is kept: its schema only where it is not the usual one."""
    usual = not table.db or table.db in _OWN_SCHEMAS or table.db == default_schema
    return table.name if usual else f"{table.db}.{table.name}"


def definitions_in(text: str, time_us: int | None, dialect: str, schema: str) -> Iterator[Definition]:
    """Yield what a text defines, in order; ``time_us`` None for a schema, which is of any time."""
    if found := _FUNCTION.search(text):
        yield from _functions_in(text, found)
        if time_us is not None:
            return
    try:
        plain = _WITH_DATA.sub("", text)
        trees = sqlglot.parse(plain, read=dialect, error_level=sqlglot.ErrorLevel.IGNORE)
    except (SqlglotError, RecursionError):
        return
    for tree in trees:
        if isinstance(tree, exp.Expr):
            yield from _definitions_of(tree, time_us, dialect, schema)


def _definitions_of(tree: exp.Expr, time_us: int | None, dialect: str, schema: str) -> Iterator[Definition]:
    if isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW"):
        yield from _created(tree, time_us, dialect, schema)
    elif isinstance(tree, exp.Insert) and isinstance(tree.expression, exp.Query):
        target, columns = _target(tree.this)
        query = _with_ctes(tree, tree.expression)
        if target is not None and not isinstance(query, exp.Values):
            yield Source(name_of(target, schema), query.sql(dialect), time_us, columns, adds=True)
    elif isinstance(tree, exp.Select) and tree.args.get("into"):
        target = tree.args["into"].this
        query = tree.copy()
        query.set("into", None)
        if isinstance(target, exp.Table):
            yield Source(name_of(target, schema), query.sql(dialect), time_us)
    elif isinstance(tree, exp.Drop) and isinstance(tree.this, exp.Table):
        yield Dropped(name_of(tree.this, schema))
    elif isinstance(tree, exp.Alter) and isinstance(tree.this, exp.Table):
        renamed = tree.find(exp.AlterRename)
        if renamed is not None and isinstance(renamed.this, exp.Table):
            yield Dropped(name_of(tree.this, schema), name_of(renamed.this, schema))


def _created(tree: exp.Create, time_us: int | None, dialect: str, schema: str) -> Iterator[Definition]:
    target, columns = _target(tree.this)
    if target is None:
        return
    name, query = name_of(target, schema), tree.expression
    if isinstance(query, exp.Subquery):
        query = query.this
    if not isinstance(query, exp.Query):
        yield Table(name, columns)
        return
    reads_later = tree.kind == "VIEW" and tree.find(exp.MaterializedProperty) is None
    yield Source(name, _with_ctes(tree, query).sql(dialect), None if reads_later else time_us, columns)


def _target(node: exp.Expr) -> tuple[exp.Table | None, tuple[str, ...]]:
    """Return the table a statement makes or fills, and the columns it names."""
    if isinstance(node, exp.Schema):
        named = [part for part in node.expressions if isinstance(part, (exp.ColumnDef, exp.Identifier))]
        return (node.this if isinstance(node.this, exp.Table) else None), tuple(p.name for p in named)
    return (node if isinstance(node, exp.Table) else None), ()


def _with_ctes(tree: exp.Expr, query: exp.Query) -> exp.Query:
    made = query.copy()
    if tree.args.get("with_"):
        made.set("with_", tree.args["with_"].copy())
    return made


def _functions_in(text: str, first: re.Match[str]) -> Iterator[Function]:
    found: re.Match[str] | None = first
    while found is not None:
        following = _FUNCTION.search(text, found.start("rest"))
        own = text[found.start("rest") : following.start() if following else len(text)]
        yield _function(found["name"], own)
        found = following


def _function(name: str, own: str) -> Function:
    given = own.partition(")")[0]
    arguments = [_ARGUMENT.match(part) for part in given.split(",")]
    held = _BODY.search(own)
    body = held["body"].replace("''", "'") if held and held["quote"] == "'" else held["body"] if held else own
    plain = body.strip().rstrip(";").strip()
    is_query = re.match(r"(?is)(select|with|table|values)\b", plain) is not None and ";" not in plain
    names = tuple(one["name"].lower() if one else "" for one in arguments)
    around = own.replace(held["body"], " ", 1) if held else given
    language = _LANGUAGE.search(around)
    said = language["name"].lower() if language else ""
    volatility = _VOLATILITY.search(around.partition(";")[0])
    declared = volatility[1].lower() if volatility else ""
    return Function(name.rpartition(".")[2].strip('"`').lower(), names, plain, is_query, said, declared)
