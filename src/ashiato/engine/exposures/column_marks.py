"""Columns that compare in a way of their own: by a collation's name, padded, or of days no calendar knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from ashiato.datamap.model import DataTable
from ashiato.engine.exposures.collations import MYSQL_LIKE
from ashiato.engine.exposures.sameness import CITEXT, PADDED, UUID, ZERO_DAYS
from ashiato.engine.store import Store, quote_name

_PADDED = re.compile(r"(char|character|bpchar|nchar)\b(?!\s+varying)", re.IGNORECASE)
_DIALECTS = dict.fromkeys(MYSQL_LIKE, "mysql") | {"sqlite": "sqlite", "sqlserver": "tsql"}
_UUID_TYPES = {"postgresql": "uuid", "mariadb": "uuid", "sqlserver": "uniqueidentifier"}
_DAYS = ("DATE", "TIMESTAMP")
Marks = dict[str, str]


def schema_marks(schemas: Iterable[Path], engine: str) -> dict[str, Marks]:
    """Return what schema files say of columns, by table; of two files the later counts."""
    found: dict[str, Marks] = {}
    for schema in schemas:
        if schema.is_file():
            for table, marks in _of_schema(schema.read_text("utf-8", "replace"), engine):
                found[table] = found.get(table, {}) | marks
    return found


def told_marks(declared: Marks, mapped: DataTable, engine: str) -> Marks:
    """Return what schema files, and over them the data map, say of a table's columns."""
    found = dict(declared)
    for name, column in mapped.columns.items():
        mark = column.collation or _of_type(column.type or "", engine)
        found |= {name: mark} if mark else {}
    return found


def _of_type(kind: str, engine: str) -> str | None:
    if engine in _UUID_TYPES and kind.lower() == _UUID_TYPES[engine]:
        return UUID
    if engine != "postgresql":
        return None
    return CITEXT if kind.lower().startswith(CITEXT) else PADDED if _PADDED.match(kind) else None


def _of_schema(text: str, engine: str) -> Iterator[tuple[str, Marks]]:
    dialect = _DIALECTS.get(engine, "postgres")
    trees = sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.IGNORE)
    for made in (tree for tree in trees if isinstance(tree, exp.Create)):
        named = made.find(exp.Table)
        if named is not None:
            yield named.name, dict(_of_columns(made, engine))


def _of_columns(made: exp.Create, engine: str) -> Iterator[tuple[str, str]]:
    whole = made.find(exp.CollateProperty)
    for column in made.find_all(exp.ColumnDef):
        own = column.find(exp.CollateColumnConstraint) or whole
        kind = column.args.get("kind")
        told = _name_of(own.this) if own is not None and _is_text(kind) else None
        mark = told or (_of_type(_written(kind, engine), engine) if isinstance(kind, exp.Expr) else None)
        if mark:
            yield column.name, mark


def _written(kind: exp.Expr, engine: str) -> str:
    return kind.sql("tsql" if engine == "sqlserver" else "postgres")


def _name_of(value: exp.Expr) -> str:
    return value.name or str(value.this)


def _is_text(kind: object) -> bool:
    return isinstance(kind, exp.DataType) and kind.this in exp.DataType.TEXT_TYPES


@dataclass(frozen=True)
class Marking:
    """What is told of a table's columns: their types, their marks, and of which engine they are."""

    types: Mapping[str, str]
    told: Marks
    engine: str

    def settle(self, store: Store, raw: str, kinds: Mapping[str, str]) -> tuple[dict[str, str], Marks]:
        """Return the columns' types, text where MySQL's days are no calendar's, and their marks."""
        settled, marks = dict(kinds), dict(self.told)
        days = {name: kind for name, kind in kinds.items() if kind in _DAYS and self.engine in MYSQL_LIKE}
        for name in _losing(store, raw, days):
            settled[name], marks[name] = "VARCHAR", ZERO_DAYS
        if self.engine == "postgresql":
            texts = [name for name, kind in kinds.items() if kind == "VARCHAR" and name not in marks]
            marks |= dict.fromkeys(_of_one_length(store, raw, texts), PADDED)
        return settled, {name: mark for name, mark in marks.items() if name in kinds}


def _losing(store: Store, raw: str, kinds: Mapping[str, str]) -> list[str]:
    tests = [
        f"count(*) FILTER (WHERE length({n}) > 0 AND TRY_CAST({n} AS {kind}) IS NULL)"
        for n, kind in zip(map(quote_name, kinds), kinds.values(), strict=True)
    ]
    return _met(store, raw, list(kinds), [f"{test} > 0" for test in tests])


def _of_one_length(store: Store, raw: str, names: list[str]) -> list[str]:
    """Return the columns whose values are all of one length, some with blanks behind, as padded ones are."""
    tests = [
        f"min(length({n})) = max(length({n})) AND max(CASE WHEN {n} LIKE '% ' THEN 1 ELSE 0 END) = 1"
        for n in map(quote_name, names)
    ]
    return _met(store, raw, names, tests)


def _met(store: Store, raw: str, names: list[str], tests: list[str]) -> list[str]:
    if not names:
        return []
    (row,) = store.rows(f"SELECT {', '.join(tests)} FROM {quote_name(raw)}")
    return [name for name, met in zip(names, row, strict=True) if met]
