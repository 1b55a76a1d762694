"""Compiles a parsed Sigma condition into an SQL condition over the columns of one of our tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaString,
    SpecialChars,
)

_LIKE_ESCAPE = "!"
_COMPARE = {"LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


class UnsupportedConditionError(Exception):
    """A condition uses what this compiler has no SQL for; ``word`` is what to look for in the rule."""

    def __init__(self, what: str, word: str) -> None:
        """Keep the word apart so that the caller can find its line."""
        super().__init__(what)
        self.what = what
        self.word = word


class ConditionCompiler:
    """Turns one condition tree into SQL text over known columns.

    ``columns``: Sigma field name -> SQL column. ``keywords``: columns searched by values without a field.
    Conditions never yield NULL: a field that is NULL matches nothing, as in Sigma.
    """

    def __init__(self, columns: Mapping[str, str], keywords: tuple[str, ...]) -> None:
        """Keep the names a rule may use."""
        self._columns = columns
        self._keywords = keywords

    def compile(self, node: object) -> str:
        """Return the SQL of a parsed condition; raises UnsupportedConditionError."""
        if isinstance(node, ConditionAND):
            return self._joined(node.args, " AND ")
        if isinstance(node, ConditionOR):
            return self._joined(node.args, " OR ")
        if isinstance(node, ConditionNOT):
            return f"NOT {self._joined(node.args, ' AND ')}"
        if isinstance(node, ConditionFieldEqualsValueExpression):
            return self._field(node.field, node.value)
        if isinstance(node, ConditionValueExpression):
            tests = [_test_of(column, node.value, column, contained=True) for column in self._keywords]
            return f"({' OR '.join(tests)})"
        raise UnsupportedConditionError(f"no SQL for {type(node).__name__}", "condition")

    def _joined(self, nodes: list[Any], word: str) -> str:
        return f"({word.join(self.compile(node) for node in nodes)})"

    def _field(self, field: str, value: object) -> str:
        column = self._columns.get(field)
        if column is None:
            raise UnsupportedConditionError(f"unknown field {field!r}", field)
        return _test_of(column, value, field)


def _test_of(column: str, value: object, field: str, *, contained: bool = False) -> str:
    if isinstance(value, SigmaExpansion):
        return f"({' OR '.join(_test_of(column, item, field, contained=contained) for item in value.values)})"
    if isinstance(value, SigmaCIDRExpression):
        return f"({' OR '.join(_like(column, SigmaString(item)) for item in value.expand())})"
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            wrapped = SigmaString(f"*{value}*") if contained and kind is SigmaString else value
            return write(column, wrapped)
    raise UnsupportedConditionError(f"no SQL for a value of {type(value).__name__}", field)


def _like(column: str, value: SigmaString) -> str:
    pattern = "".join(_like_part(part) for part in value.s)
    if not isinstance(value, SigmaCasedString):
        column, pattern = f"lower({column})", pattern.lower()
    if not any(isinstance(part, SpecialChars) for part in value.s):
        plain = "".join(str(part) for part in value.s)
        plain = plain if isinstance(value, SigmaCasedString) else plain.lower()
        return f"COALESCE({column} = {_quoted(plain)}, FALSE)"
    return f"COALESCE({column} LIKE {_quoted(pattern)} ESCAPE '{_LIKE_ESCAPE}', FALSE)"


def _like_part(part: object) -> str:
    if part == SpecialChars.WILDCARD_MULTI:
        return "%"
    if part == SpecialChars.WILDCARD_SINGLE:
        return "_"
    text = str(part).replace(_LIKE_ESCAPE, _LIKE_ESCAPE * 2)
    return text.replace("%", f"{_LIKE_ESCAPE}%").replace("_", f"{_LIKE_ESCAPE}_")


def _regex(column: str, value: SigmaRegularExpression) -> str:
    flags = "".join(sorted({"IGNORECASE": "i", "MULTILINE": "m", "DOTALL": "s"}[f.name] for f in value.flags))
    pattern = f"(?{flags}){value.regexp!s}" if flags else str(value.regexp)
    return f"COALESCE(regexp_matches({column}, {_quoted(pattern)}), FALSE)"


def _number(column: str, value: SigmaNumber) -> str:
    return f"COALESCE({column} = {value.number}, FALSE)"


def _compare(column: str, value: SigmaCompareExpression) -> str:
    return f"COALESCE({column} {_COMPARE[value.op.name]} {value.number!s}, FALSE)"


def _exists(column: str, value: SigmaExists) -> str:
    return f"{column} IS NOT NULL" if value.exists else f"{column} IS NULL"


def _null(column: str, _value: SigmaNull) -> str:
    return f"{column} IS NULL"


def _bool(column: str, value: SigmaBool) -> str:
    return f"COALESCE({column} = {str(value.boolean).upper()}, FALSE)"


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


_WRITERS: tuple[tuple[type, Callable[[str, Any], str]], ...] = (
    (SigmaString, _like),
    (SigmaRegularExpression, _regex),
    (SigmaNumber, _number),
    (SigmaCompareExpression, _compare),
    (SigmaExists, _exists),
    (SigmaNull, _null),
    (SigmaBool, _bool),
)
