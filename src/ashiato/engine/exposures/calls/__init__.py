"""Functions that statements call: those that servers bring with them, and those that nobody tells of."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import pairwise

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

_NAME = re.compile(r"[a-z_][\w$]*", re.IGNORECASE)
#: What stands before the bracket of a call, wherever it stands.
_CALLED = re.compile(r"([a-z_][a-z0-9_$]*)[\"`]?\s*\(", re.IGNORECASE)
#: Words after which a name before a bracket is a table's or a type's.
_NAMING = frozenset(
    {"into", "table", "update", "copy", "as", "with", "recursive", "insert", "ignore", "replace", "prepare"}
    | {"analyze", "vacuum", "references", "index", "key", "constraint", "window", "overwrite", "delete"}
)
#: After a closing bracket, or a name that is no word of the language, a name before a bracket is an alias.
_ENDED = frozenset({TokenType.R_PAREN, TokenType.IDENTIFIER, TokenType.DCOLON, TokenType.R_BRACKET})


@cache
def shipped() -> frozenset[str]:
    """Return the words and functions that servers bring with them: none of these writes rows of tables.

    Of all servers: one that another server brings is called by an attack that tries it, and fails.
    """
    texts = [one.read_text(encoding="utf-8") for one in (files(__package__) / "shipped").iterdir()]
    lines = (line for text in texts for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def names_before_brackets(text: str) -> set[str]:
    """Return what may be called in a text: every name before a bracket."""
    return {name.lower() for name in _CALLED.findall(text)}


def functions_called(text: str, dialect: str) -> set[str]:
    """Return the functions that a statement calls, but those that servers bring with them.

    Of a text that is not cut into tokens, whatever stands before a bracket.
    """
    known = shipped()
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except SqlglotError:
        return names_before_brackets(text) - known
    if tokens and tokens[0].token_type is TokenType.COMMAND:
        return names_before_brackets(text) - known
    heads = _heads(tokens)
    found = set()
    for place, (token, following) in enumerate(pairwise(tokens)):
        name = token.text.lower()
        if following.token_type is TokenType.L_PAREN and _is_name(token) and name not in known:
            before = tokens[heads[place] - 1] if heads[place] else None
            if not _names_relation(before, known) and not _is_named_query(tokens, place + 1):
                found.add(name)
    return found


def _is_name(token: Token) -> bool:
    quoted = token.token_type is not TokenType.IDENTIFIER and token.token_type.name.endswith("STRING")
    return not quoted and _NAME.fullmatch(token.text) is not None


def _heads(tokens: list[Token]) -> list[int]:
    """Return by place where the name that a token ends begins: before its schema."""
    heads: list[int] = []
    for place in range(len(tokens)):
        behind_dot = place > 1 and tokens[place - 1].token_type is TokenType.DOT
        heads.append(heads[place - 2] if behind_dot else place)
    return heads


def _names_relation(before: Token | None, known: frozenset[str]) -> bool:
    """Tell whether a name with a bracket, behind this, is that of a table, a type or an alias."""
    if before is None:
        return True
    if before.token_type in _ENDED or before.token_type.name.endswith("STRING"):
        return True
    word = before.text.lower()
    return word in _NAMING or (_NAME.fullmatch(word) is not None and word not in known)


def _is_named_query(tokens: list[Token], opening: int) -> bool:
    """Tell whether behind this bracket and its end stands AS and a query: ``x (a, b) AS (SELECT``."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(tokens[place].token_type, 0)
        if depth == 0:
            after = [token.text.lower() for token in tokens[place + 1 : place + 5]]
            plain = [word for word in after if word not in ("not", "materialized")]
            return plain[:2] == ["as", "("]
    return False
