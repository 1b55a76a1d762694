"""Statements as shapes: the same text but for its literals, lifted out as parameters.

A shape is understood once and replayed for all its executions at once. Literals become numbered
markers before parsing, so each can be found again wherever the parser put it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from ashiato.engine.exposures.binds import Binds, parse_binds
from ashiato.engine.exposures.masks import find_masks, with_literals
from ashiato.engine.exposures.mysql_texts import UnsureError, plain_text
from ashiato.engine.exposures.plain_literals import Literal, cut_plainest, find_plain, put_together

_TEXT_TOKENS = frozenset(
    {
        TokenType.STRING,
        TokenType.NATIONAL_STRING,
        TokenType.BYTE_STRING,
        TokenType.RAW_STRING,
        TokenType.HEREDOC_STRING,
        TokenType.UNICODE_STRING,
    }
)
_NUMBER_MARK = 7_700_000_000
_BROKEN = ".5"
_TEXT_MARK = "\u27e6{}\u27e7"
_TEXT_MARKED = re.compile("^\u27e6([0-9]+)\u27e7$")
_ANY_MARK = re.compile("'\u27e6(?P<text>[0-9]+)\u27e7'|\\b(?P<number>77[0-9]{8})(?:[.]5)?\\b")
#: The dialect of MySQL and MariaDB.
_MYSQL = "mysql"
_MAX_STATEMENT_CHARS = 200_000
#: Beyond these a statement is not walked through: a step down costs stack; of values in values and of queries
#: each costs as much as all before it.
_DEEPEST, _DEEPEST_VALUE, _DEEPEST_QUERY, _MOST_QUERIES = 150, 60, 12, 80
#: What stands around the literals of longer ones is not kept.
_MAX_KEPT_CHARS = 8_000
_BIND_NAME = re.compile(r"[0-9]+$")
_BIND = re.compile(r"\$([0-9]+)")
#: A function of our own: a value that no log holds.
UNKNOWN = "a_value_nobody_knows"
_OPEN = "\u27e6open\u27e7"


# The parser's warnings quote the statement, and our own logs carry no log content.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class NotUnderstoodError(Exception):
    """A statement, or a part of one, that cannot be read; the caller widens and says why."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal lifted out of a statement; ``is_text`` for quoted ones and for bound values."""

    text: str | None
    is_text: bool


@dataclass(frozen=True, slots=True)
class Shaped:
    """A statement as its shape's text (literals as markers) and the values that stood there."""

    shape: str
    values: tuple[Value, ...]


def is_mysql(dialect: str) -> bool:
    """Tell whether a dialect is MySQL's, in whatever mode."""
    return dialect.startswith(_MYSQL)


def shape_statement(text: str, binds: str | None, dialect: str, *, is_open: bool = False) -> Shaped:
    """Lift the literals and binds of one statement.

    ``binds``: the bound values as the log writes them, or None when it has none. ``is_open``: values that
    the log lacks are lifted without a text; otherwise one of them is an error.
    Raises NotUnderstoodError: the text cannot be cut into tokens, a bind is missing, a value is masked, or it
    is too long.
    """
    if len(text) > _MAX_STATEMENT_CHARS:
        message = "statement-too-long"
        raise NotUnderstoodError(message)
    bound = parse_binds(binds)
    if is_open:
        missing: Binds = {int(place): None for place in _BIND.findall(text)}
        bound = missing | bound
    if is_mysql(dialect):
        text = _as_read(text)
    masks = find_masks(text, dialect)
    if masks and not is_open:
        raise NotUnderstoodError(masks[0].code)
    text = with_literals(text, masks, [f"'{_OPEN}'"] * len(masks))
    shaped = (
        _most_plainly_shaped(text, dialect)
        or _plainly_shaped(text, bound, dialect)
        or shape_by_tokens(text, bound, dialect)
    )
    return _without_masked(shaped) if masks else shaped


def _without_masked(shaped: Shaped) -> Shaped:
    """Return a shape whose masked values are lifted without a text, like those no log holds."""
    return replace(
        shaped, values=tuple(replace(v, text=None) if v.text == _OPEN else v for v in shaped.values)
    )


def _most_plainly_shaped(text: str, dialect: str) -> Shaped | None:
    """Shape a text that has no literals but the plainest, as any other with the same around them."""
    if len(text) > _MAX_KEPT_CHARS:
        return None
    around, held = cut_plainest(text)
    shape = _shape_around(around, "".join([one[0] if one[0] == "'" else "0" for one in held]), dialect)
    if shape is None:
        return None
    return Shaped(shape, tuple([_value_held(one) for one in held]))


def _value_held(written: str) -> Value:
    return Value(written[1:-1], is_text=True) if written[0] == "'" else Value(written, is_text=False)


@lru_cache(maxsize=4096)
def _shape_around(around: tuple[str, ...], kinds: str, dialect: str) -> str | None:
    """Return the shape of texts with this around their plainest literals, or None where they have others."""
    held = ["'x'" if kind == "'" else "1" for kind in kinds]
    text = put_together(around, held)
    found = find_plain(text, dialect)
    if found is None or [text[one.first : one.last] for one in found] != held:
        return None
    shaped = _plainly_shaped(text, {}, dialect)
    return None if shaped is None else shaped.shape


def _plainly_shaped(text: str, bound: Binds, dialect: str) -> Shaped | None:
    """Shape a plainly written statement, or return None where the tokenizer might say otherwise."""
    literals = find_plain(text, dialect)
    if literals is None:
        return None
    marked: list[str] = []
    values: list[Value] = []
    at = 0
    for number, literal in enumerate(literals):
        value = _plain_value(literal, bound)
        marked += [text[at : literal.first], _marked(value, number)]
        values.append(value)
        at = literal.last
    shape = _checked_shape("".join([*marked, text[at:]]), len(values), dialect)
    return None if shape is None else Shaped(shape, tuple(values))


def _plain_value(literal: Literal, bound: Binds) -> Value:
    if literal.kind == "bind":
        return _bind(bound, int(literal.text))
    return Value(literal.text, is_text=literal.kind == "text")


@lru_cache(maxsize=4096)
def _checked_shape(marked: str, count: int, dialect: str) -> str | None:
    """Return a marked statement's shape if the tokenizer finds its markers and no other literal there."""
    try:
        again = shape_by_tokens(marked, {}, dialect)
    except NotUnderstoodError:
        return None
    texts = [_marked(value, number).strip("'") for number, value in enumerate(again.values)]
    return again.shape if len(texts) == count and texts == [value.text for value in again.values] else None


def shape_by_tokens(text: str, bound: Binds, dialect: str) -> Shaped:
    """Lift the literals and binds as the tokenizer finds them; errors are those of ``shape_statement``."""
    parts: list[str] = []
    values: list[Value] = []
    at = 0
    for first, last, value in _pieces(_tokens(text, dialect), bound):
        # Between two tokens stand only blanks and comments: one blank serves for both.
        parts.append(" " if first > at and parts else "")
        at = last
        parts.append(text[first:last] if value is None else _marked(value, len(values)))
        values += [value] if value is not None else []
    return Shaped("".join(parts).rstrip("; "), tuple(values))


def _as_read(text: str) -> str:
    try:
        return plain_text(text)
    except UnsureError as error:
        message = "conditional-comment"
        raise NotUnderstoodError(message) from error


def _marked(value: Value, number: int) -> str:
    if value.is_text:
        return f"'{_TEXT_MARK.format(number)}'"
    # Whether a number is whole decides how it divides.
    return f"{_NUMBER_MARK + number}{'' if (value.text or '').isdigit() else _BROKEN}"


def _tokens(text: str, dialect: str) -> list[Token]:
    try:
        return sqlglot.tokenize(text, read=dialect)
    except SqlglotError as error:
        message = "unreadable-tokens"
        raise NotUnderstoodError(message) from error


def _pieces(tokens: list[Token], bound: Binds) -> Iterator[tuple[int, int, Value | None]]:
    """Yield each token's span and, for a literal or a bind, the value that stands there."""
    held: Token | None = None
    for token in tokens:
        if held is not None:
            place = _BIND_NAME.match(token.text) if held.end + 1 == token.start else None
            yield (
                (held.start, token.end + 1, _bind(bound, int(place[0])))
                if place
                else (held.start, held.end + 1, None)
            )
            held = None
            if place:
                continue
        if token.token_type is TokenType.PARAMETER:
            held = token
        else:
            yield token.start, token.end + 1, _value_of(token)
    if held is not None:
        yield held.start, held.end + 1, None


def _value_of(token: Token) -> Value | None:
    if token.token_type in _TEXT_TOKENS:
        return Value(token.text, is_text=True)
    return Value(token.text, is_text=False) if token.token_type is TokenType.NUMBER else None


def _bind(bound: Binds, number: int) -> Value:
    if number not in bound:
        message = "bind-missing"
        raise NotUnderstoodError(message)
    return Value(bound[number], is_text=True)


@lru_cache(maxsize=4096)
def parse_shape(shape: str, dialect: str) -> exp.Expr:
    """Parse a shape's text; callers copy the tree before changing it.

    Raises NotUnderstoodError: it is not one statement the parser knows.
    """
    try:
        trees = [tree for tree in sqlglot.parse(shape, read=dialect) if tree is not None]
    except (SqlglotError, RecursionError) as error:
        message = "unreadable-statement"
        raise NotUnderstoodError(message) from error
    if len(trees) != 1 or isinstance(trees[0], exp.Command):
        message = "several-statements" if len(trees) > 1 else "unknown-command"
        raise NotUnderstoodError(message)
    if _is_too_deep(trees[0]):
        message = "nested-too-deeply"
        raise NotUnderstoodError(message)
    return trees[0]


def _is_too_deep(tree: exp.Expr) -> bool:
    """Tell whether a tree goes deeper, or holds more queries, than the walks through it bear."""
    waiting: list[tuple[exp.Expr, int, int, int]] = [(tree, 0, 0, 0)]
    queries = 0
    while waiting:
        node, depth, within, around = waiting.pop()
        depth += 1
        within += not isinstance(node, exp.Connector)
        around += isinstance(node, exp.Select)
        queries += isinstance(node, (exp.Select, exp.Table))
        if depth > _DEEPEST or within > _DEEPEST_VALUE or around > _DEEPEST_QUERY or queries > _MOST_QUERIES:
            return True
        waiting += [(child, depth, within, around) for child in node.iter_expressions()]
    return False


def marker_of(literal: exp.Expr) -> int | None:
    """Return which value a literal of a shape's tree stands for, or None for one of the tree's own."""
    if not isinstance(literal, exp.Literal):
        return None
    if literal.is_string:
        found = _TEXT_MARKED.match(literal.this)
        return int(found[1]) if found else None
    number = str(literal.this).removesuffix(_BROKEN)
    return int(number) - _NUMBER_MARK if number.isdigit() and int(number) >= _NUMBER_MARK else None


def restore_values(shaped: Shaped, numbers: tuple[int, ...]) -> str:
    """Put the values of these markers back into a shape's text."""
    text = shaped.shape
    for number in numbers:
        text = text.replace(_marked(shaped.values[number], number), _literal(shaped.values[number]))
    return text


def with_values(text: str, values: Sequence[Value], dialect: str) -> str:
    """Put values back into a text made of a shape's, in one pass, so that no value is taken for a marker."""

    def written(found: re.Match[str]) -> str:
        number = int(found["text"] or int(found["number"]) - _NUMBER_MARK)
        value = values[number]
        quoted = exp.Literal.string(value.text).sql(dialect) if value.text is not None else "NULL"
        return quoted if value.is_text else str(value.text)

    return _ANY_MARK.sub(written, text)


def replace_markers(shaped: Shaped, texts: Sequence[str]) -> str:
    """Return a shape's text with each marker replaced, the first by the first text."""
    text = shaped.shape
    for number, (value, written) in enumerate(zip(shaped.values, texts, strict=True)):
        text = text.replace(_marked(value, number), written)
    return text


def shape_unknown(text: str, binds: str | None, dialect: str) -> Shaped:
    """Shape a statement of which values are missing: what nobody knows is drawn by chance, and may be any.

    Errors are those of ``shape_statement``.
    """
    shaped = shape_statement(text, binds, dialect, is_open=True)
    texts = [_literal(value) if value.text is not None else f"{UNKNOWN}()" for value in shaped.values]
    return shape_statement(replace_markers(shaped, texts), None, dialect)


def is_unknown(shaped: Shaped) -> bool:
    """Tell whether a shape has a value that nobody knows."""
    return f"{UNKNOWN}(" in shaped.shape


def _literal(value: Value) -> str:
    if value.text is None:
        return "NULL"
    return "'" + value.text.replace("'", "''") + "'" if value.is_text else value.text
