"""Stations' SQL for the cluster engine: DuckDB's dialect into Spark's, and where the two do not mean alike.

Our own stations are written in what both engines mean alike, and tests hold them to it. A station that
follows a logged statement holds whatever stood there: it goes to the cluster only when every part of it
is known to mean the same, and values that the engines would read differently stop it there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from ashiato.terms.errors import EngineError

Columns = Mapping[str, Mapping[str, str]]

#: What both engines mean alike, given alike types: names, clauses, comparisons, whole-number arithmetic.
_ALIKE: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add, exp.Alias, exp.And, exp.Between, exp.Boolean, exp.CTE, exp.Case, exp.Cast, exp.Chr,
        exp.Coalesce, exp.Column, exp.Count, exp.DPipe, exp.DataType, exp.DataTypeParam, exp.DenseRank,
        exp.Distinct, exp.EQ, exp.Escape, exp.Exists, exp.From, exp.GT, exp.GTE, exp.Greatest, exp.Group,
        exp.Identifier, exp.If, exp.In, exp.IntDiv,
        exp.Is, exp.Join, exp.LT, exp.LTE, exp.Least, exp.Length, exp.Like, exp.Literal, exp.Max, exp.Min,
        exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.Or, exp.Order, exp.Ordered, exp.Paren, exp.Rank, exp.Replace,
        exp.RowNumber, exp.Select, exp.Star, exp.StrPosition, exp.Sub, exp.Subquery, exp.Sum, exp.Table,
        exp.TableAlias, exp.Translate, exp.TryCast, exp.Tuple, exp.Union, exp.Where, exp.Window,
        exp.WindowSpec, exp.With,
    }
)  # fmt: skip
_WHOLE = exp.DataType.INTEGER_TYPES
_TEXT = exp.DataType.TEXT_TYPES
_DAYS = frozenset({exp.DType.DATE})
_EXACT = frozenset({exp.DType.DECIMAL})
_SAID_ALIKE = _WHOLE | _TEXT | _DAYS | {exp.DType.BOOLEAN, exp.DType.NULL}
# What both read alike from text; and, for numbers, text that neither reads.
_PLAIN = {
    "whole": "^ *[+-]?[0-9]+ *$",
    "exact": "^ *[+-]?[0-9]+([.][0-9]+)? *$",
    "day": "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$",
}
_NO_NUMBER = "[^-+._ 0-9A-Fa-fXx]"
_NEVER_IN_TEXT = "\uffff"
#: How a station's own refusal begins, so that it is told from the engine's errors.
REFUSAL = "ashiato refuses: "


class UnlikeError(Exception):
    """A part of a station that the engines are not known to mean alike; the text names it."""


@dataclass(frozen=True)
class Part:
    """A named part of a station that comes before its main query; ``kept``: read more than once."""

    name: str
    sql: str
    kept: bool


@dataclass(frozen=True)
class Translated:
    """A station as Spark's SQL: parts to be seen as tables, in order, and the query that reads them.

    Spark would compute a part of a WITH anew wherever it is read.
    """

    parts: tuple[Part, ...]
    sql: str


def to_spark(sql: str, order: Sequence[str] = ()) -> Translated:
    """Return one of our own stations as Spark's SQL, its rows in one file, sorted by ``order``."""
    return _written(parse_station(sql), order)


def followed_to_spark(sql: str, columns: Columns) -> Translated:
    """Return a station that follows a logged statement as Spark's SQL.

    ``columns``: the tables it reads, with their columns' types. Raises UnlikeError.
    """
    tree = parse_station(sql)
    strange = sorted({_name_of(node) for node in tree.walk() if type(node) not in _ALIKE})
    if strange:
        raise UnlikeError(strange[0])
    for column in list(tree.find_all(exp.Alias)):
        if isinstance(column.this, exp.Null):
            # Typed, so that what compares it with anything but text is seen.
            column.set("this", exp.cast(exp.null(), "VARCHAR"))
    schema = MappingSchema({table: dict(held) for table, held in columns.items()}, dialect="duckdb")
    try:
        typed = annotate_types(qualify(tree, schema=schema, dialect="duckdb"), schema, dialect="duckdb")
    except SqlglotError as error:
        message = "names that are not resolved"
        raise UnlikeError(message) from error
    for node in list(typed.walk(bfs=False)):
        _compare(node)
        if isinstance(node, exp.Cast):
            _guard_cast(node)
    return _written(typed, ())


def parse_station(sql: str) -> exp.Expr:
    """Read a station's SQL; EngineError when it cannot be read."""
    try:
        return sqlglot.parse_one(sql, read="duckdb")
    except SqlglotError as error:
        message = "the station's SQL cannot be read for the cluster engine"
        raise EngineError(message) from error


def _written(tree: exp.Expr, order: Sequence[str]) -> Translated:
    for pattern in list(tree.find_all(exp.Like)):
        _escape_nothing(pattern)
    for character in list(tree.find_all(exp.Chr)):
        character.replace(_plain_character(character))
    for kind in tree.find_all(exp.DataType):
        if kind.this in _EXACT and not kind.expressions:
            # What DuckDB takes an unsized one to be.
            kind.replace(exp.DataType.build("DECIMAL(18, 3)"))
    ordered = f" SORT BY {', '.join(f'{name} ASC NULLS LAST' for name in order)}" if order else ""
    holder = _holder_of_parts(tree)
    parts = tuple(_parts_of(tree, holder))
    if parts:
        holder.set("with_", None)
    main = f"SELECT /*+ REPARTITION(1) */ * FROM ({tree.sql(dialect='spark')}) AS made{ordered}"
    return Translated(parts, main)


def _holder_of_parts(tree: exp.Expr) -> exp.Expr:
    """Return the query that holds a station's WITH: itself, or the one query it selects from."""
    inner = tree.args["from_"].this if isinstance(tree, exp.Select) and tree.args.get("from_") else None
    alone = not (tree.args.get("with_") or tree.args.get("joins"))
    return inner.this if alone and isinstance(inner, exp.Subquery) else tree


def _parts_of(tree: exp.Expr, holder: exp.Expr) -> Iterator[Part]:
    """Yield the parts of a station's WITH, in order, when one of them is read more than once."""
    clause = holder.args.get("with_")
    reads = Counter(table.name for table in tree.find_all(exp.Table))
    if clause is None or clause.recursive or all(reads[part.alias] < 2 for part in clause.expressions):
        return
    for part in clause.expressions:
        names = ", ".join(name.sql(dialect="spark") for name in part.args["alias"].columns)
        kept = reads[part.alias] > 1
        columns = ", ".join(_read_columns(tree, part)) if kept and not names else "*"
        listed = f" AS made ({names})" if names else " AS made"
        yield Part(part.alias, f"SELECT {columns} FROM ({part.this.sql(dialect='spark')}){listed}", kept)


def _read_columns(tree: exp.Expr, part: exp.CTE) -> list[str]:
    """Return the columns of a part that anything outside it may read: what is kept should be narrow."""
    made = part.this.named_selects
    outside = [node for node in tree.walk(prune=lambda node: node is part) if node is not part]
    if "*" in made or any(_reads_unnamed(node) for node in outside):
        return ["*"]
    read = {node.name.lower() for node in outside if isinstance(node, exp.Column)}
    named = [exp.to_identifier(name, quoted=True) for name in made if name.lower() in read]
    return [name.sql(dialect="spark") for name in named] or ["*"]


def _reads_unnamed(node: exp.Expr) -> bool:
    """Tell whether a node may read columns that it does not name."""
    if isinstance(node, exp.Star):
        return not isinstance(node.parent, exp.Count)
    return isinstance(node, exp.Join) and bool(node.args.get("using") or node.args.get("method"))


def _name_of(node: exp.Expr) -> str:
    # A name that only the log knows is log content, and reasons are printed and kept.
    if isinstance(node, exp.Anonymous):
        return "a function of its own"
    return node.sql_name() if isinstance(node, exp.Func) else node.key.upper()


def _kind_of(node: exp.Expr | None) -> exp.DType:
    if isinstance(node, exp.Null):
        return exp.DType.NULL
    kind = node.type if node is not None else None
    return kind.this if isinstance(kind, exp.DataType) else exp.DType.UNKNOWN


def _compare(node: exp.Expr) -> None:
    """Refuse what mixes types: each engine has its own rule for which side gives way."""
    if isinstance(node, exp.Case):
        sides = [*(case.args.get("true") for case in node.args["ifs"]), node.args.get("default")]
    elif isinstance(node, (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like)):
        sides = [node.this, node.expression]
    elif isinstance(node, exp.Between):
        sides = [node.this, node.args["low"], node.args["high"]]
    elif isinstance(node, (exp.In, exp.Coalesce, exp.Greatest, exp.Least)):
        inner = node.args.get("query")
        sides = [node.this, *node.expressions, *(inner.unnest().selects if inner is not None else [])]
    elif isinstance(node, exp.Union):
        for pair in zip(node.left.selects, node.right.selects, strict=False):
            _need_one_family(node, pair)
        return
    elif isinstance(node, exp.IntDiv):
        _need_plain_division(node)
        return
    else:
        return
    _need_one_family(node, sides)


def _need_one_family(node: exp.Expr, sides: Iterable[exp.Expr | None]) -> None:
    families = {_family(_kind_of(side)) for side in sides if side is not None} - {"null"}
    if len(families) > 1 or "unknown" in families:
        message = f"{_name_of(node)} of {' and '.join(sorted(families))}"
        raise UnlikeError(message)


def _need_plain_division(node: exp.IntDiv) -> None:
    """Refuse what may divide by nothing, or what is not whole: that is an error to one engine alone."""
    by = node.expression
    if not (isinstance(by, exp.Literal) and by.is_int and int(by.this) and _kind_of(node.this) in _WHOLE):
        message = "a division"
        raise UnlikeError(message)


def _family(kind: exp.DType) -> str:
    if kind in _TEXT:
        return "text"
    if kind in _WHOLE or kind in _EXACT:
        return "number"
    return "unknown" if kind is exp.DType.UNKNOWN else kind.value.lower()


def _guard_cast(cast: exp.Cast) -> None:
    """Let a cast through where both engines do the same; stop at values they would read differently."""
    given, made = _kind_of(cast.this), cast.to.this
    if (
        given is exp.DType.NULL
        or (made in _TEXT and given in _SAID_ALIKE)
        or (made in _WHOLE and given in _WHOLE)
    ):
        return
    rule = "whole" if made in _WHOLE else "exact" if made in _EXACT else "day" if made in _DAYS else None
    if given not in _TEXT or rule is None:
        message = f"a cast of {given.value} to {made.value}"
        raise UnlikeError(message)
    cast.replace(_cast_of_text(cast, rule))


def _cast_of_text(cast: exp.Cast, rule: str) -> exp.Expr:
    text = cast.this
    plain = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(_PLAIN[rule]))
    cases = (
        exp.case().when(exp.Is(this=text.copy(), expression=exp.null()), exp.null()).when(plain, cast.copy())
    )
    if rule != "day":
        never = exp.RegexpLike(this=text.copy(), expression=exp.Literal.string(_NO_NUMBER))
        cases = cases.when(never, exp.null())
    return cases.else_(_refusal(f"unusual text as {cast.to.this.value}"))


def _refusal(what: str) -> exp.Expr:
    return exp.func("raise_error", exp.Literal.string(REFUSAL + what))


def _escape_nothing(node: exp.Like) -> None:
    """Let a pattern's backslash stand for itself, as it does on DuckDB; on Spark it would escape."""
    if not isinstance(node.parent, exp.Escape):
        node.replace(exp.Escape(this=node.copy(), expression=exp.Literal.string(_NEVER_IN_TEXT)))


def _plain_character(node: exp.Chr) -> exp.Expr:
    """Stop at what is beyond ASCII: Spark's CHR knows 256 characters and begins again."""
    code = node.expressions[0]
    ascii_ = exp.Between(this=code.copy(), low=exp.Literal.number(1), high=exp.Literal.number(127))
    return (
        exp.case()
        .when(exp.Is(this=code.copy(), expression=exp.null()), exp.null())
        .when(ascii_, node.copy())
        .else_(_refusal("CHR beyond ASCII"))
    )
