"""A statement's tree understood against a state: its reading part found, its names resolved, rewritten."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from ashiato.engine.exposures.asking import as_asked
from ashiato.engine.exposures.clauses import is_catalogue, reads_sequence, tables_named
from ashiato.engine.exposures.clocks import at_own_time
from ashiato.engine.exposures.forms import plain_form
from ashiato.engine.exposures.lettering import SQLITE, columns_as_kept, sources_in_small
from ashiato.engine.exposures.lineage import Rewriter
from ashiato.engine.exposures.local_values import as_in_session
from ashiato.engine.exposures.mysql_forms import (
    compare_as_numbers,
    may_be_cut,
    show_one_of_each,
    tables_as_kept,
    write_hex_out,
)
from ashiato.engine.exposures.mysql_functions import call_as_meant
from ashiato.engine.exposures.plan import Plan, Role
from ashiato.engine.exposures.returning import read_to_write, with_written_parts, written_rows
from ashiato.engine.exposures.sameness import UUID
from ashiato.engine.exposures.shapes import NotUnderstoodError, is_mysql
from ashiato.engine.exposures.state import State
from ashiato.engine.exposures.windows import has_page

#: SQLite passes over case in quotes too, and sqlglot lowers names there: ours are as the snapshot has them.
_SQLITE_AS_KEPT = f"{SQLITE}, normalization_strategy=lowercase"


def understand(tree: exp.Expr, state: State, dialect: str) -> Plan:
    """Rewrite one statement's tree (markers for values) against a state.

    Raises NotUnderstoodError: something in it cannot be rewritten; its reason is a short code.
    """
    reading, role = _reading_part(tree, state)
    if reading is None:
        return Plan((), ())
    if is_mysql(dialect) or dialect == SQLITE:
        tables_as_kept(reading, state)
    if is_mysql(dialect):
        write_hex_out(reading)
        show_one_of_each(reading)
        call_as_meant(reading)
    tables = tables_named(reading)
    missing = [table for table in tables if state.find(table.db, table.name) is None]
    if missing and dialect == "postgres" and reads_sequence(reading):
        return Plan((), ())
    if any(not is_catalogue(table) for table in missing):
        message = "unknown-table"
        raise NotUnderstoodError(message)
    if len(missing) == len(tables):
        return Plan((), ())
    merges = _merges(reading)
    plan = Rewriter(state).plan(_qualified(reading, state, dialect), role)
    if is_mysql(dialect) and may_be_cut(reading):
        # One text of many rows: that it came says nothing of those at its end.
        plan = replace(plan, queries=tuple(replace(query, counts_rows=False) for query in plan.queries))
    return as_asked(replace(plan, merges=merges))


def _merges(reading: exp.Query) -> bool:
    """Tell whether a statement makes its rows distinct and leaves none of them out."""
    made = [node for node in reading.find_all(exp.Select, exp.SetOperation) if node.args.get("distinct")]
    return bool(made) and not has_page(reading)


def _reading_part(tree: exp.Expr, state: State) -> tuple[exp.Query | None, Role]:
    """Return the query inside a statement, and what becomes of its rows."""
    if isinstance(tree, exp.Query):
        into = tree.args.get("into")
        tree.set("into", None)
        return plain_form(with_written_parts(tree, state)), Role.INVOLVED if into else Role.OUTPUT
    if isinstance(tree, exp.Copy):
        copied = _copied_part(tree)
        return plain_form(with_written_parts(copied, state)) if copied is not None else None, Role.OUTPUT
    if isinstance(tree, (exp.Update, exp.Delete, exp.Insert)) and tree.args.get("returning"):
        return plain_form(with_written_parts(written_rows(tree, state), state)), Role.OUTPUT
    inner = tree.args.get("expression")
    if isinstance(tree, (exp.Create, exp.Insert)) and isinstance(inner, exp.Query):
        if tree.args.get("with_"):
            inner.set("with_", tree.args["with_"])
        return plain_form(with_written_parts(inner, state)), Role.INVOLVED
    read = read_to_write(tree, state)
    if read is not None:
        answers = isinstance(tree, exp.Merge) and tree.args.get("returning")
        return plain_form(with_written_parts(read, state)), Role.OUTPUT if answers else Role.INVOLVED
    if tree.find(exp.Select):
        message = "reads-while-writing"
        raise NotUnderstoodError(message)
    return None, Role.OUTPUT


def _copied_part(tree: exp.Copy) -> exp.Query | None:
    """Return what COPY TO sends; COPY FROM reads nothing of the tables."""
    inner = tree.this
    if tree.args.get("kind"):
        return None
    if isinstance(inner, exp.Subquery):
        return inner.this if isinstance(inner.this, exp.Query) else None
    named = inner.this if isinstance(inner, exp.Schema) else inner
    columns = (
        [exp.column(column.name, quoted=True) for column in inner.expressions]
        if isinstance(inner, exp.Schema)
        else [exp.Star()]
    )
    return exp.select(*columns).from_(named.copy())


def _schema_of(query: exp.Query, state: State, dialect: str) -> MappingSchema:
    """Return the columns of the tables that a query names."""
    named = {table.name.casefold() for table in tables_named(query)}
    schema = MappingSchema(dialect=dialect)
    for name, held in state.tables.items():
        if {name.casefold(), name.casefold().rpartition(".")[2]} & named:
            target = exp.Table(this=exp.to_identifier(name, quoted=True))
            uuids = {column: "UUID" for column, mark in held.marks.items() if mark == UUID}
            schema.add_table(target, {**held.columns, **uuids}, dialect="duckdb", normalize=False)
    return schema


def _qualified(query: exp.Query, state: State, dialect: str) -> exp.Query:
    for table in tables_named(query):
        if is_catalogue(table):
            continue
        table.set("db", None)
        table.set("catalog", None)
    columns_as_kept(query, state, dialect)
    if dialect == SQLITE:
        sources_in_small(query, state)
        dialect = _SQLITE_AS_KEPT
    schema = _schema_of(query, state, dialect)
    try:
        tree = qualify(query, dialect=dialect, schema=schema, validate_qualify_columns=False)
        # A table's bare name as a value is its whole row.
        for whole in list(tree.find_all(exp.TableColumn)):
            whole.replace(exp.column(whole.this.copy()))
        tree = annotate_types(tree, schema=schema, dialect=dialect)
        tree = as_in_session(at_own_time(tree, state.rules), state.rules)
    except (SqlglotError, RecursionError, ValueError, KeyError) as error:
        message = "unresolved-names"
        raise NotUnderstoodError(message) from error
    if is_mysql(dialect):
        compare_as_numbers(tree)
    return tree
