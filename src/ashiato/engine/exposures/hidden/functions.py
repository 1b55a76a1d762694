"""What functions that a statement calls may read: their one query written out, their code, or anything.

Code that is not written in a call's place is read for the tables it names, and so is the code of functions
that it calls. Of a function that nobody tells of, of code put together as it runs and of code in a language
that we do not read, nothing is known: it may return any row of any table.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.engine.exposures.calls import fails, functions_called, is_shipped
from ashiato.engine.exposures.hidden.book import Book
from ashiato.engine.exposures.hidden.definitions import Function

#: Calls written out in one statement, and within each other; whoever calls more calls in a circle.
_MOST_CALLS, _DEEPEST = 200, 8
#: Of a value here only what it decides comes out: that is its condition's to tell.
_DECIDING = (exp.Where, exp.Having, exp.Order, exp.Group, exp.Qualify, exp.PartitionedByProperty)
_DYNAMIC = re.compile(r"\bexecute\b(?!\s+(?:function|procedure)\b)|\bprepare\b", re.IGNORECASE)
#: Functions of PostgreSQL that run the query they are given, or show the table they are told the name of.
_RUNS = frozenset({
    "query_to_xml", "query_to_xml_and_xmlschema", "table_to_xml", "table_to_xml_and_xmlschema", "ts_stat",
    "ts_rewrite", "crosstab", "crosstab2", "crosstab3", "crosstab4", "connectby", "get_raw_page",
})  # fmt: skip
#: And those that show what any table holds, or held.
_SHOWS_ANY = frozenset({
    "schema_to_xml", "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xml_and_xmlschema",
    "cursor_to_xml", "pg_logical_slot_get_changes", "pg_logical_slot_peek_changes",
    "pg_logical_slot_get_binary_changes", "pg_logical_slot_peek_binary_changes",
})  # fmt: skip
#: Calls of these in code, but of one whole text: what they are to run is put together, or given to it.
_RUN_WHAT_IS_GIVEN = re.compile(
    rf"\b(?:{'|'.join(sorted(_RUNS | _SHOWS_ANY))})\s*+\((?!\s*+'[^']*+'\s*+[,)])", re.IGNORECASE
)
#: Functions that read a file of the server, which may be a table's own or a copy of one.
_FILES = frozenset({"load_file", "pg_read_file", "pg_read_binary_file"})
_OF_THE_SYSTEM = re.compile(
    r"(?:/etc/|/proc/(?:version|cpuinfo|meminfo)$|/proc/self/(?:environ|cmdline|status)$|/usr/(?:bin|share)/"
    r"|/boot/|[a-z]:[\\/]+(?:windows|boot)[\\/])(?!.*\.\.)",
    re.IGNORECASE | re.DOTALL,
)
#: What they read may come out by an error or by one bit at a time, wherever the call stands.
_READING = _RUNS | _SHOWS_ANY | _FILES
_FILLS = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


@dataclass
class Behind:
    """What stands behind a statement's functions.

    ``written``: how many were put in their calls' place; ``bodies``: code of others; ``anything``: one may
    return any row.
    """

    written: int = 0
    bodies: list[str] = field(default_factory=list)
    anything: bool = False
    _known: set[str] = field(default_factory=set)

    def take(self, function: Function, book: Book, relations: Collection[str], dialect: str) -> None:
        """Take the code of a function, and of those that it calls.

        ``relations``: names that stand before brackets and are no functions.
        """
        waiting = [function]
        while waiting:
            one = waiting.pop()
            if one.name in self._known:
                continue
            self._known.add(one.name)
            self.bodies.append(one.body)
            called = functions_called(one.body, dialect)
            self.anything |= not _is_told(one) or bool(called - book.functions.keys() - set(relations))
            waiting += [book.functions[name] for name in sorted(called & book.functions.keys())]


def call_functions(tree: exp.Expr, text: str, book: Book, own: Collection[str], dialect: str) -> Behind:
    """Write functions that are one query in place of their calls, and tell what stands behind the others.

    ``text``: what the tree was read from; ``own``: the tables that the snapshot holds.
    """
    _name_own(tree, functions_called(text, dialect))
    relations = {name.rpartition(".")[2].lower() for name in (*own, *book.sources, *book.plain)}
    behind, waiting = Behind(), deque((call, 0) for call in tree.find_all(exp.Anonymous))
    # What a query puts into another table is taken along with that.
    answers = (
        not isinstance(tree, _FILLS)
        or bool(tree.args.get("returning"))
        or isinstance(tree.args.get("expression"), exp.Query)
    )
    while waiting:
        call, depth = waiting.popleft()
        function = book.functions.get(call.name.lower())
        query = _as_query(function, call, dialect) if function is not None else None
        if function is None:
            if fails(call, dialect):
                continue
            if (answers and _comes_out(call)) or call.name.lower() in _READING:
                _take_unknown(call, behind)
        elif query is None or behind.written >= _MOST_CALLS or depth >= _DEEPEST:
            behind.take(function, book, relations, dialect)
        else:
            behind.written += 1
            waiting.extend((inner, depth + 1) for inner in query.find_all(exp.Anonymous))
            _put(query, call, function)
    return behind


def _name_own(tree: exp.Expr, called: set[str]) -> None:
    """Make plain calls of those that the SQL library takes for functions of servers it knows beside ours.

    ``called``: the functions that no server of ours brings. They are named by a schema: by their names alone
    they would be taken for the same again.
    """
    for known in [node for node in tree.find_all(exp.Func) if not isinstance(node, exp.Anonymous)]:
        names = called & {name.lower() for name in type(known).sql_names()}
        if names:
            call = exp.Anonymous(this=min(names), expressions=list(known.iter_expressions()))
            schema = exp.to_identifier("public")
            if isinstance(known.parent, exp.Table):
                known.parent.set("db", schema)
                known.replace(call)
            else:
                known.replace(exp.Dot(this=schema, expression=call))


def _take_unknown(call: exp.Anonymous, behind: Behind) -> None:
    """Tell what a function may return that no schema tells of."""
    name = call.name.lower()
    texts = _texts_given(call) if name in _RUNS else []
    if texts:
        behind.bodies.append(f"select {' '.join(texts)}")
    elif name in _FILES:
        given = call.expressions[0] if call.expressions else None
        is_plain = isinstance(given, exp.Literal) and _OF_THE_SYSTEM.match(given.this) is not None
        behind.anything |= not is_plain
    elif not is_shipped(call) or name in _RUNS | _SHOWS_ANY:
        behind.anything = True


def _texts_given(call: exp.Anonymous) -> list[str]:
    """Return the texts that a call is given, none where one of its values is not all written in the call."""
    texts = []
    for value in call.expressions:
        parts = list(value.flatten()) if isinstance(value, exp.DPipe) else [value]
        if not all(isinstance(part, (exp.Literal, exp.Boolean, exp.Null)) for part in parts):
            return []
        texts.append("".join(part.this for part in parts if isinstance(part, exp.Literal)))
    return list(filter(None, texts))


def _is_told(function: Function) -> bool:
    """Tell whether a function's code says which tables it reads."""
    if not function.is_readable:
        return function.volatility == "immutable"
    return not (_DYNAMIC.search(function.body) or _RUN_WHAT_IS_GIVEN.search(function.body))


def _comes_out(call: exp.Expr) -> bool:
    """Tell whether a call's value may be shown, and does not only decide which rows are."""
    node = call
    while node.parent is not None:
        if isinstance(node.parent, _DECIDING) or (isinstance(node.parent, exp.Join) and node.arg_key == "on"):
            return False
        node = node.parent
    return True


def _put(query: exp.Query, call: exp.Anonymous, function: Function) -> None:
    if isinstance(call.parent, exp.Table):
        alias = exp.TableAlias(this=exp.to_identifier(call.parent.alias_or_name or function.name))
        call.parent.replace(exp.Subquery(this=query, alias=alias))
    else:
        call.replace(exp.Subquery(this=query))


def _as_query(function: Function, call: exp.Anonymous, dialect: str) -> exp.Query | None:
    """Return a function's one query with the values of a call in it, or None where that cannot be."""
    values = call.expressions
    if not function.is_query or not all(isinstance(value, exp.Literal) for value in values):
        return None
    try:
        query = sqlglot.parse_one(function.body, read=dialect)
    except (SqlglotError, RecursionError):
        return None
    named = dict(zip(function.arguments, values, strict=False))
    for column in list(query.find_all(exp.Column)):
        if not column.table and column.name.lower() in named:
            column.replace(named[column.name.lower()].copy())
    for parameter in list(query.find_all(exp.Parameter)):
        if parameter.name.isdigit() and 0 < int(parameter.name) <= len(values):
            parameter.replace(values[int(parameter.name) - 1].copy())
    return query if isinstance(query, exp.Query) else None
