"""Read a schema from SQL text: a hand-written file, or a dump of PostgreSQL, MySQL, SQLite and others.

Only table definitions are read; rows of data in a dump (``COPY``, ``INSERT``) are passed over line by
line, so a dump of any size can be given. Statements that cannot be understood are named in notes.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.datamap.draft.seen import Link, SeenColumn, SeenSystem, SeenTable
from ashiato.datamap.draft.sql_text import cut_statements
from ashiato.datamap.sql_types import portable_type

_KEPT = re.compile(
    r"\s*(CREATE\s+(TEMP\w*\s+|UNLOGGED\s+|GLOBAL\s+)*TABLE|CREATE\s+UNIQUE\s+INDEX|ALTER\s+TABLE|COMMENT\s+ON)\s",
    re.IGNORECASE,
)
_DIALECTS = (
    (
        "mysql",
        re.compile(
            r"\bENGINE\s*=|\bAUTO_INCREMENT\b|^\s*CREATE TABLE `|MySQL dump|MariaDB dump", re.IGNORECASE
        ),
    ),
    ("sqlite", re.compile(r"\bAUTOINCREMENT\b|\bWITHOUT ROWID\b", re.IGNORECASE)),
    ("tsql", re.compile(r"\bIDENTITY\s*\(\d|\bNVARCHAR\b|\[dbo\]", re.IGNORECASE)),
    ("oracle", re.compile(r"\bVARCHAR2\b|\bNUMBER\s*\(", re.IGNORECASE)),
)
_ENGINES = {"postgres": "postgresql", "tsql": "sqlserver"}
_VERSION = re.compile(
    r"(?:Dumped from database version|Server version)\s+(?P<number>\d+(?:\.\d+)*)(?P<rest>\S*)", re.IGNORECASE
)
#: How MySQL's and MariaDB's dumps name the database.
_DATABASE = re.compile(r"^(?:-- Host: .*\bDatabase: |USE `?)(?P<name>\w+)", re.MULTILINE)
_HEAD_CHARS = 200_000
#: When a reference does something.
_ACTIONS = ("ON DELETE ", "ON UPDATE ")
_ALTERED = re.compile(r"\s*ALTER\s+TABLE\s+(ONLY\s+)?(IF\s+EXISTS\s+)?[^\s,;]+", re.IGNORECASE)
_ADDED = re.compile(
    r"""
    \bADD \s+ (?: CONSTRAINT \s+ \S+ \s+ )?
    (?P<kind> PRIMARY\s+KEY | UNIQUE(?: \s+(?:KEY|INDEX) )? (?: \s+ [^\s(]+ )? | FOREIGN\s+KEY )
    \s* (?P<rest> \( [^()]* \) (?: \s* REFERENCES \s+ [^\s(]+ \s* \( [^()]* \)
        (?: \s* ON \s+ (?:DELETE|UPDATE) \s+ (?:CASCADE|RESTRICT|NO\s+ACTION|SET\s+(?:NULL|DEFAULT)) )* )? )
    """,
    re.IGNORECASE | re.VERBOSE,
)


def read_schema(path: Path, system: SeenSystem) -> None:
    """Add the tables that the SQL file at ``path`` defines to ``system``."""
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        head = stream.read(_HEAD_CHARS)
    dialect = _dialect_of(head)
    system.engine = _ENGINES.get(dialect, dialect)
    version = _VERSION.search(head)
    if version:
        system.version = version["number"]
        system.engine = "mariadb" if "mariadb" in version["rest"].lower() else system.engine
    database = _DATABASE.search(head)
    if database and dialect == "mysql":
        system.default_schema = database["name"]
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for text in cut_statements(stream, _KEPT):
            _read_statement(text, dialect, system)


def _dialect_of(head: str) -> str:
    return next((name for name, mark in _DIALECTS if mark.search(head)), "postgres")


def _read_statement(text: str, dialect: str, system: SeenSystem, *, alone: bool = False) -> None:
    tree = _parsed(text, dialect)
    if tree is None:
        first = " ".join(text.split())[:80]
        system.notes.append(f"CHECK: this statement of the schema was not understood: {first}")
        return
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        _read_table(tree, system)
    elif isinstance(tree, exp.Create) and tree.kind == "INDEX" and tree.args.get("unique"):
        _read_unique_index(tree, system)
    elif isinstance(tree, exp.Alter):
        _read_alter(tree, system)
    elif isinstance(tree, exp.Command) and tree.name.upper() == "ALTER" and not alone:
        for part in _actions(text):
            _read_statement(part, dialect, system, alone=True)
    elif isinstance(tree, exp.Comment):
        _read_comment(tree, system)


def _parsed(text: str, dialect: str) -> exp.Expr | None:
    """Parse one statement; the parser's own remarks on what it passes over are not for the operator."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return sqlglot.parse_one(text, read=dialect)
    except (SqlglotError, RecursionError):
        return None
    finally:
        logger.setLevel(level)


def _actions(text: str) -> Iterator[str]:
    """Yield an ALTER TABLE's additions one by one, for those the parser understands only alone."""
    head = _ALTERED.match(text)
    for found in _ADDED.finditer(text) if head else ():
        kind = "UNIQUE" if found["kind"].upper().startswith("UNIQUE") else found["kind"]
        yield f"{head[0] if head else ''} ADD {kind} {found['rest']}"


def _read_alter(tree: exp.Alter, system: SeenSystem) -> None:
    table = _table_of(tree.this, system)
    for definition in tree.find_all(
        exp.Constraint, exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint
    ):
        if not isinstance(definition.parent, exp.Constraint):
            _read_constraint(definition, table)
    for definition in tree.find_all(exp.ColumnDef):
        _read_column(definition, table)


def _table_of(tree: exp.Expr | None, system: SeenSystem) -> SeenTable:
    found = tree if isinstance(tree, exp.Table) else (tree.find(exp.Table) if tree else None)
    name = _name_of(found)
    return system.tables.setdefault(name, SeenTable(name))


def _name_of(table: exp.Table | None) -> str:
    """A table's name; a schema other than the usual ones stays in front of it."""
    if table is None:
        return ""
    usual = table.db.lower() in ("", "public", "dbo", "main")
    return table.name if usual else f"{table.db}.{table.name}"


def _read_table(tree: exp.Create, system: SeenSystem) -> None:
    inside = tree.this
    table = _table_of(inside, system)
    for definition in inside.expressions if isinstance(inside, exp.Schema) else []:
        if isinstance(definition, exp.ColumnDef):
            _read_column(definition, table)
        else:
            _read_constraint(definition, table)
    properties = tree.args.get("properties")
    for said in properties.find_all(exp.SchemaCommentProperty) if properties else []:
        table.comment = said.this.name


def _read_column(definition: exp.ColumnDef, table: SeenTable) -> None:
    column = table.columns.setdefault(definition.name, SeenColumn(definition.name))
    column.type = portable_type(definition.kind)
    for constraint in definition.constraints:
        kind = constraint.kind
        if isinstance(kind, exp.PrimaryKeyColumnConstraint):
            table.key = (definition.name,)
        elif isinstance(kind, exp.UniqueColumnConstraint):
            table.uniques.append((definition.name,))
        elif isinstance(kind, exp.Reference):
            _read_reference((definition.name,), kind, table)
        elif isinstance(kind, exp.CommentColumnConstraint):
            column.comment = kind.this.name


def _read_constraint(definition: exp.Expr, table: SeenTable) -> None:
    if isinstance(definition, exp.Constraint):
        for inside in definition.expressions:
            _read_constraint(inside, table)
    elif isinstance(definition, exp.PrimaryKey):
        table.key = _columns_of(definition.expressions)
    elif isinstance(definition, exp.UniqueColumnConstraint):
        listed = definition.this
        table.uniques.append(_columns_of(listed.expressions if listed else []))
    elif isinstance(definition, exp.ForeignKey):
        reference = definition.args.get("reference")
        if isinstance(reference, exp.Reference):
            _read_reference(_columns_of(definition.expressions), reference, table)


def _read_reference(columns: tuple[str, ...], reference: exp.Reference, table: SeenTable) -> None:
    inside = reference.this
    to = _columns_of(inside.expressions) if isinstance(inside, exp.Schema) else ()
    target = _name_of(inside.find(exp.Table) if inside else None)
    said = [" ".join(str(option).upper().split()) for option in reference.args.get("options") or []]
    does = {
        part: next((one.removeprefix(part) for one in said if one.startswith(part)), "") for part in _ACTIONS
    }
    link = Link(columns, target, to, "declared in the schema")
    table.links.append(replace(link, on_delete=does[_ACTIONS[0]], on_update=does[_ACTIONS[1]]))


def _read_unique_index(tree: exp.Create, system: SeenSystem) -> None:
    index = tree.this
    on = index.args.get("table") if isinstance(index, exp.Index) else None
    params = index.args.get("params") if isinstance(index, exp.Index) else None
    if on is None or params is None or params.args.get("where") is not None:
        return
    columns = _columns_of(params.args.get("columns") or [])
    if columns:
        _table_of(on, system).uniques.append(columns)


def _columns_of(listed: Iterable[exp.Expr]) -> tuple[str, ...]:
    names = []
    for item in listed:
        bare = item.this if isinstance(item, exp.Ordered) else item
        names.append(bare.name)
    return tuple(name for name in names if name)


def _read_comment(tree: exp.Comment, system: SeenSystem) -> None:
    said = tree.args["expression"].name
    if tree.args.get("kind") == "TABLE":
        _table_of(tree.this, system).comment = said
    elif isinstance(tree.this, exp.Column):
        parts = [part.name for part in tree.this.parts]
        usual = len(parts) < 3 or parts[-3].lower() in ("public", "dbo", "main")
        name = parts[-2] if usual else f"{parts[-3]}.{parts[-2]}"
        table = system.tables.get(name)
        if table and parts[-1] in table.columns:
            table.columns[parts[-1]].comment = said
