"""Answers a condition for every character at once, or for one: what each answer of an oracle allows.

A condition is sqlglot's tree of it. One node of it stands for what the intruder could not see; it takes the
value asked about, or all of them as one array of codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sqlglot import exp

from ashiato.engine.exposures.transcripts.functions import FUNCTIONS, code_by_bytes
from ashiato.engine.exposures.transcripts.lifting import Value, mark_number
from ashiato.engine.exposures.transcripts.values import (
    Characters,
    Told,
    UnknownError,
    compare,
    number_of,
    text_of,
    truth_of,
)

_LONGEST_PATTERN = 200
_BY_DIALECT = frozenset({"ORD", "ASCII"})


@dataclass(frozen=True)
class Condition:
    """A condition with its literals, and the node in it that stands for the unknown."""

    tree: exp.Expr
    unknown: exp.Expr
    literals: Sequence[Value]
    dialect: str

    def of(self, value: Told) -> Told:
        """Return what the condition is when the unknown has this value."""
        return _Reader(self, value).of(self.tree)


def value_of(tree: exp.Expr, literals: Sequence[Value], dialect: str) -> Told:
    """Return what an expression without an unknown is."""
    return _Reader(Condition(tree, exp.Null(), literals, dialect), None).of(tree)


class _Reader:
    def __init__(self, condition: Condition, value: Told) -> None:
        self.condition = condition
        self.value = value

    def of(self, node: exp.Expr | None) -> Told:
        if node is None:
            return None
        if node is self.condition.unknown:
            return self.value
        reading = _READINGS.get(type(node))
        if reading is not None:
            return reading(self, node)
        name, arguments = _call_of(node)
        function = FUNCTIONS.get(name)
        if function is None:
            raise UnknownError(name)
        values = [self.of(argument) for argument in arguments]
        if any(value is None for value in values):
            return None
        if name in _BY_DIALECT:
            return (
                code_by_bytes(values[0], first=name == "ASCII") if self._bytewise(name) else function(values)
            )
        return function(values)

    def _bytewise(self, name: str) -> bool:
        return name == "ORD" or self.condition.dialect == "mysql"


def _call_of(node: exp.Expr) -> tuple[str, list[exp.Expr]]:
    if isinstance(node, exp.Anonymous):
        return str(node.this).upper(), node.expressions
    if isinstance(node, exp.Func):
        values = [node.args.get(name) for name in node.arg_types]
        flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
        return node.sql_names()[0], [value for value in flat if isinstance(value, exp.Expr)]
    raise UnknownError(type(node).__name__)


def _literal(reader: _Reader, node: exp.Expr) -> Told:
    number = mark_number(str(node.this))
    if number is None:
        return str(node.this) if node.args.get("is_string") else int(str(node.this))
    return reader.condition.literals[number]


def _scalar_query(reader: _Reader, node: exp.Expr) -> Told:
    """Read a query of one value, whose source only says which row is meant."""
    select = node.this if isinstance(node, exp.Subquery) else node
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        raise UnknownError("query")
    return reader.of(select.expressions[0])


def _case(reader: _Reader, node: exp.Expr) -> Told:
    subject = reader.of(node.this) if node.this is not None else None
    for branch in node.args["ifs"]:
        told = reader.of(branch.this)
        met = truth_of(told) if node.this is None else truth_of(compare("=", subject, told))
        if isinstance(met, np.ndarray):
            raise UnknownError("case over all")
        if met:
            return reader.of(branch.args["true"])
    return reader.of(node.args.get("default"))


def _if(reader: _Reader, node: exp.Expr) -> Told:
    met = truth_of(reader.of(node.this))
    if isinstance(met, np.ndarray):
        raise UnknownError("if over all")
    return reader.of(node.args["true"] if met else node.args.get("false"))


def _coalesce(reader: _Reader, node: exp.Expr) -> Told:
    for part in [node.this, *node.expressions]:
        value = reader.of(part)
        if value is not None:
            return value
    return None


def _cast(reader: _Reader, node: exp.Expr) -> Told:
    value = reader.of(node.this)
    kind = node.args["to"]
    if isinstance(kind, exp.DataType) and kind.this in exp.DataType.NUMERIC_TYPES and value is not None:
        return number_of(value)
    return value


def _not(reader: _Reader, node: exp.Expr) -> Told:
    value = reader.of(node.this)
    return None if value is None else np.logical_not(truth_of(value))


def _both(reader: _Reader, node: exp.Expr) -> Told:
    left, right = truth_of(reader.of(node.this)), truth_of(reader.of(node.expression))
    return np.logical_and(left, right) if isinstance(node, exp.And) else np.logical_or(left, right)


def _between(reader: _Reader, node: exp.Expr) -> Told:
    value = reader.of(node.this)
    low, high = reader.of(node.args["low"]), reader.of(node.args["high"])
    if value is None or low is None or high is None:
        return None
    return np.logical_and(compare(">=", value, low), compare("<=", value, high))


def _in(reader: _Reader, node: exp.Expr) -> Told:
    value = reader.of(node.this)
    if value is None or not node.expressions:
        if value is None:
            return None
        raise UnknownError("in query")
    met: Told = False
    for choice in node.expressions:
        told = reader.of(choice)
        met = met if told is None else np.logical_or(met, compare("=", value, told))
    return met


def _comparison(sign: str) -> Callable[[_Reader, exp.Expr], Told]:
    def read(reader: _Reader, node: exp.Expr) -> Told:
        left, right = reader.of(node.this), reader.of(node.expression)
        return None if left is None or right is None else compare(sign, left, right)

    return read


def _arithmetic(work: Callable[[Told, Told], Told]) -> Callable[[_Reader, exp.Expr], Told]:
    def read(reader: _Reader, node: exp.Expr) -> Told:
        left, right = reader.of(node.this), reader.of(node.expression)
        if left is None or right is None:
            return None
        return _worked(work, number_of(left), number_of(right))

    return read


def _worked(work: Callable[[Told, Told], Told], left: Told, right: Told) -> Told:
    plain = not isinstance(left, np.ndarray) and not isinstance(right, np.ndarray)
    if plain and (abs(right) > 10**9 or abs(left) > 10**18):
        raise UnknownError("numbers too large")
    try:
        return work(left, right)
    except (ArithmeticError, TypeError, ValueError):
        return None


def _joined(reader: _Reader, node: exp.Expr) -> Told:
    left, right = reader.of(node.this), reader.of(node.expression)
    return None if left is None or right is None else text_of(left) + text_of(right)


def _like(reader: _Reader, node: exp.Expr) -> Told:
    value, pattern = reader.of(node.this), reader.of(node.expression)
    if value is None or pattern is None:
        return None
    if (
        isinstance(value, Characters)
        and isinstance(pattern, str)
        and len(pattern) == 1
        and pattern not in "%_"
    ):
        return compare("=", value, pattern)
    wanted = re.escape(text_of(pattern)).replace("%", ".*").replace("_", ".")
    return re.fullmatch(wanted, text_of(value), re.DOTALL) is not None


def _matches(reader: _Reader, node: exp.Expr) -> Told:
    value, pattern = reader.of(node.this), reader.of(node.expression)
    if value is None or pattern is None:
        return None
    wanted = text_of(pattern)
    if len(wanted) > _LONGEST_PATTERN or len(text_of(value)) > 1:
        raise UnknownError("a long pattern")
    try:
        return re.search(wanted, text_of(value)) is not None
    except re.error as error:
        raise UnknownError("pattern") from error


def _through(reader: _Reader, node: exp.Expr) -> Told:
    return reader.of(node.this)


def _minus(reader: _Reader, node: exp.Expr) -> Told:
    value = reader.of(node.this)
    return None if value is None else -number_of(value)


def _is(reader: _Reader, node: exp.Expr) -> Told:
    if not isinstance(node.expression, exp.Null):
        return _comparison("=")(reader, node)
    value = reader.of(node.this)
    if isinstance(value, Characters | np.ndarray):
        raise UnknownError("null over all")
    return value is None


_READINGS: dict[type, Callable[[_Reader, exp.Expr], Told]] = {
    exp.Literal: _literal,
    exp.Null: lambda _reader, _node: None,
    exp.Boolean: lambda _reader, node: bool(node.this),
    exp.Paren: _through,
    exp.Collate: _through,
    exp.National: lambda reader, node: _literal(reader, exp.Literal.string(str(node.this))),
    exp.Introducer: lambda reader, node: reader.of(node.expression),
    exp.Subquery: _scalar_query,
    exp.Select: _scalar_query,
    exp.Alias: _through,
    exp.Case: _case,
    exp.If: _if,
    exp.Coalesce: _coalesce,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Not: _not,
    exp.And: _both,
    exp.Or: _both,
    exp.Between: _between,
    exp.In: _in,
    exp.EQ: _comparison("="),
    exp.NullSafeEQ: _comparison("="),
    exp.NEQ: _comparison("<>"),
    exp.GT: _comparison(">"),
    exp.GTE: _comparison(">="),
    exp.LT: _comparison("<"),
    exp.LTE: _comparison("<="),
    exp.Is: _is,
    exp.DPipe: _joined,
    exp.Like: _like,
    exp.RegexpLike: _matches,
    exp.Neg: _minus,
    exp.Add: _arithmetic(lambda a, b: a + b),
    exp.Sub: _arithmetic(lambda a, b: a - b),
    exp.Mul: _arithmetic(lambda a, b: a * b),
    exp.Div: _arithmetic(lambda a, b: a / b),
    exp.IntDiv: _arithmetic(lambda a, b: a // b),
    exp.Mod: _arithmetic(lambda a, b: a % b),
    exp.BitwiseAnd: _arithmetic(lambda a, b: a & b),
    exp.BitwiseOr: _arithmetic(lambda a, b: a | b),
    exp.BitwiseXor: _arithmetic(lambda a, b: a ^ b),
    exp.BitwiseLeftShift: _arithmetic(lambda a, b: a << min(b, 64)),
    exp.BitwiseRightShift: _arithmetic(lambda a, b: a >> min(b, 64)),
}
