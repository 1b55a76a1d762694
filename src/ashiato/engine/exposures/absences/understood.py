"""Whether a statement is one whose reading can be bounded at all, and whether its replay can be trusted.

A proof asks more than an estimate does: what runs anything but a plain reading or writing is a missing piece,
and what hangs on how the server compares is answered by every row of its tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from ashiato.engine.exposures.clauses import is_catalogue
from ashiato.engine.exposures.state import State
from ashiato.terms.proof_gaps import ProofGap

_HARMLESS = re.compile(
    r"""\s*(begin|start\s+transaction|commit|end|rollback|abort|savepoint|release|show|deallocate|discard|close
    |analyze|vacuum|set\s+transaction
    |set\s+((session|local)\s+)?(application_name|client_encoding|datestyle|intervalstyle|bytea_output
      |extra_float_digits|statement_timeout|lock_timeout|idle_in_transaction_session_timeout
      |client_min_messages|standard_conforming_strings|jit)\b)
    [^;]*;?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Copy, exp.Transaction, exp.Commit, exp.Rollback)
#: Functions the parser has no class for that read no rows.
_SAFE_FUNCTIONS = frozenset(
    {
        "version", "current_database", "current_schema", "current_setting", "current_catalog",
        "pg_backend_pid", "pg_sleep", "pg_typeof", "inet_server_addr", "inet_client_addr", "age",
        "date_trunc", "to_char", "to_date", "to_timestamp", "to_number", "make_date", "make_interval",
        "quote_ident", "quote_literal", "btrim", "ltrim", "rtrim", "char_length", "octet_length",
        "bit_length", "convert_from", "convert_to", "encode", "decode", "digest", "gen_random_uuid",
        "uuid_generate_v4", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday",
        "width_bucket", "scale", "trunc", "cbrt", "jsonb_build_object", "json_build_object",
        "jsonb_build_array", "json_build_array", "to_json", "to_jsonb", "row_to_json", "json_agg",
        "jsonb_agg", "array_to_string", "string_to_array", "cardinality", "array_length", "nullif",
    }
)  # fmt: skip
#: Tables of the server's own that hold values of other tables, or of what others asked.
_TELLING = re.compile(r"pg_(stat|prepared|cursors|largeobject|shadow|authid)")
#: What decides about rows alike on both engines, whatever the collation.
_ALIKE = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Table, exp.TableAlias, exp.Column, exp.Identifier,
    exp.Literal, exp.Star, exp.Alias, exp.Paren, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.In, exp.Is,
    exp.Null, exp.Boolean, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Group, exp.Having, exp.Count,
    exp.Sum, exp.Min, exp.Max, exp.Exists, exp.Subquery, exp.With, exp.CTE, exp.SetOperation, exp.Distinct,
    exp.Coalesce, exp.Case, exp.If, exp.Like, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Tuple, exp.Insert,
    exp.Update, exp.Delete, exp.Returning, exp.Schema, exp.Values, exp.Copy, exp.CopyParameter, exp.Var,
    exp.Lock, exp.RowNumber, exp.Window, exp.Any,
)  # fmt: skip
_ORDERED = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)


def is_harmless(text: str) -> bool:
    """Tell whether a text reads nothing and changes nothing of what others mean."""
    return _HARMLESS.match(text) is not None


def gaps_in(tree: exp.Expr, state: State) -> Iterator[str]:
    """Yield what in a statement could read rows in a way that no replay bounds."""
    if not isinstance(tree, _PLAIN) or tree.args.get("into"):
        yield ProofGap.BEYOND_READING.told(command=type(tree).__name__)
    if isinstance(tree, exp.Copy) and not _to_client(tree):
        yield ProofGap.BEYOND_READING.told(command="copy-to-file")
    for function in tree.find_all(exp.Anonymous):
        if function.name.lower() not in _SAFE_FUNCTIONS:
            yield ProofGap.BEYOND_READING.told(command=function.name)
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.db or table.name not in ctes):
            yield from _table_gaps(table, state)


def _to_client(tree: exp.Copy) -> bool:
    if tree.args.get("kind"):
        return True
    return all(part.name.upper() in ("STDOUT", "STDIN") for part in tree.args.get("files") or [])


def _table_gaps(table: exp.Table, state: State) -> Iterator[str]:
    if is_catalogue(table):
        if _TELLING.match(table.name):
            yield ProofGap.BEYOND_READING.told(command=table.name)
        return
    mapped = state.system.tables.get(table.name)
    nobodys = mapped is not None and not mapped.person and mapped.belongs is None
    if state.find(table.db, table.name) is None and not nobodys:
        yield ProofGap.TABLE_NOT_MAPPED.told(table=table.name)


def is_alike(tree: exp.Expr, state: State, soft: frozenset[str]) -> bool:
    """Tell whether what decides about a statement's rows is decided alike by both engines.

    ``soft``: columns of which equal values may be written unlike, or whose emptiness is not told from NULL.
    """
    return all(_node_alike(node, state, soft) for node in _deciding(tree))


def writes_unnamed(tree: exp.Expr, state: State) -> bool:
    """Tell whether a statement writes rows that it does not name by key, or by what other tables hold."""
    if not isinstance(tree, (exp.Update, exp.Delete)):
        return False
    if len(list(tree.find_all(exp.Table))) > 1:
        return True
    target = tree.find(exp.Table)
    table = state.find(target.db, target.name) if target is not None else None
    where = tree.args.get("where")
    named = {part.this.name for part in where.find_all(exp.EQ, exp.In)} if where is not None else set()
    return table is not None and not (table.key and set(table.key) <= named)


def _deciding(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the nodes of a statement, but not those that only make what its outermost query shows."""
    shown = {id(part) for part in tree.expressions} if isinstance(tree, exp.Select) else set()
    for node in tree.walk(prune=lambda node: id(node) in shown and not node.find(exp.Query)):
        if id(node) not in shown or node.find(exp.Query):
            yield node


def _node_alike(node: exp.Expr, state: State, soft: frozenset[str]) -> bool:
    if isinstance(node, exp.Ordered):
        return state.rules.order().is_exact or not any(
            _is_text(c.name, state) for c in node.find_all(exp.Column)
        )
    if isinstance(node, _ORDERED):
        return state.rules.order().is_exact or not any(part.is_string for part in node.find_all(exp.Literal))
    if isinstance(node, exp.Column):
        return node.name not in soft
    return isinstance(node, _ALIKE)


def _is_text(column: str, state: State) -> bool:
    return any(table.columns.get(column) == "VARCHAR" for table in state.tables.values())
