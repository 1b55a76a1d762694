"""Texts taken apart: the statements of one text, the word a statement begins with, its lists of values."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

_BLANK = r"(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_WORD = re.compile(_BLANK + r"\(*" + _BLANK + r"(?P<word>[A-Za-z]+)(?P<rest>.*)", re.DOTALL)
_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_LITERALS = frozenset({TokenType.STRING, TokenType.NUMBER, TokenType.NULL, TokenType.TRUE, TokenType.FALSE})
#: A name as statements write it.
NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|[\w$]+)'


def word_of(text: str) -> tuple[str, str]:
    """Return the word a statement begins with, in small letters, and what follows it."""
    found = _WORD.match(text)
    return (found["word"].lower(), found["rest"]) if found else ("", text)


def plain_name(name: str) -> str:
    """Return a name as the engine keeps it: as quoted, or in small letters."""
    if name[:1] in ('"', "`"):
        return name[1:-1].replace('""', '"')
    return name.lower()


def split_statements(text: str, dialect: str) -> list[str]:
    """Return the statements of one text; one that cannot be cut into tokens is one statement."""
    if ";" not in text.rstrip("; \n\t\r"):
        return [text]
    tokens = _tokens(text, dialect)
    parts = _split(text, tokens or [], TokenType.SEMICOLON)
    return [part for part in parts if part.strip()] or [text]


def split_values(text: str, dialect: str) -> list[str]:
    """Return the values of a list, each as it is written, what is no literal in brackets."""
    tokens = _tokens(text, dialect)
    if not tokens:
        return []
    values = [part.strip() for part in _split(text, tokens, TokenType.COMMA)]
    return [value if _is_literal(value, dialect) else f"({value})" for value in values]


def put_values(text: str, values: Sequence[str], dialect: str) -> str:
    """Put values in the places ``$1``, ``$2`` (or ``?``) of a statement; those without a value stay."""
    made, at, asked = "", 0, 0
    tokens = _tokens(text, dialect) or []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        end, number = token.end + 1, None
        if token.token_type is TokenType.PLACEHOLDER:
            asked += 1
            number = asked
        elif token.token_type is TokenType.PARAMETER and following is not None and following.text.isdigit():
            end, number = following.end + 1, int(following.text)
        if number is not None and 0 < number <= len(values):
            made += text[at : token.start] + values[number - 1]
            at = end
    return made + text[at:]


def _tokens(text: str, dialect: str) -> list[Token] | None:
    try:
        return sqlglot.tokenize(text, read=dialect)
    except SqlglotError:
        return None


def _split(text: str, tokens: Sequence[Token], kind: TokenType) -> list[str]:
    """Cut a text at the tokens of a kind that stand in no bracket."""
    parts, at, depth = [], 0, 0
    for token in tokens:
        depth += (token.token_type in _OPENING) - (token.token_type in _CLOSING)
        if token.token_type is kind and depth == 0:
            parts.append(text[at : token.start])
            at = token.end + 1
    return [*parts, text[at:]]


def _is_literal(value: str, dialect: str) -> bool:
    tokens = _tokens(value, dialect) or []
    return len(tokens) == 1 and tokens[0].token_type in _LITERALS
