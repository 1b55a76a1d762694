"""Functions that statements call: those that servers bring with them, and those that nobody tells of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise

from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from ashiato.engine.exposures.shapes import is_mysql

_NAME = re.compile(r"[^\W\d][\w$]*")
#: What stands before the bracket of a call, wherever it stands; between them may be a remark. No sign of a
#: text of any length is gone back over.
_CALLED = re.compile(r"(?<![\w$])([^\W\d][\w$]*+)[\"`]?\s*+(?:\(|/\*|--|#)")
#: A call by the name of a schema, or by a quoted name, which may hold anything.
_OTHERWISE = re.compile(r"\.\s*+[^\W\d][\w$]*+\s*+\(|[\"`]\s*+\(")
#: Where servers and their extensions put their functions.
_SHARED_SCHEMAS = frozenset({"", "public", "pg_catalog", "information_schema", "sys", "mysql"})
#: Packages of Oracle's, which neither MySQL nor MariaDB has, not in Oracle's mode either. Of PostgreSQL's kin
#: some bring them along.
_PACKAGES = re.compile(r"(?:dbms|utl)_\w+|ctxsys|drithsx|httpuritype", re.IGNORECASE)
#: Calls of which it is the values that tell what they read.
BY_VALUE = re.compile(
    r"(?i)\b(?:load_file|pg_read_\w*file|\w+_to_xml\w*|ts_stat|ts_rewrite|crosstab\d?|connectby|get_raw_page)\b"
)
#: Words after which a name before a bracket is a table's or a type's.
_NAMING = frozenset(
    {"into", "table", "update", "copy", "as", "with", "recursive", "insert", "ignore", "replace", "prepare"}
    | {"analyze", "vacuum", "references", "index", "key", "constraint", "window", "overwrite", "delete"}
)
#: After a closing bracket, or a name that is no word of the language, a name before a bracket is an alias.
_ENDED = frozenset({TokenType.R_PAREN, TokenType.IDENTIFIER, TokenType.DCOLON, TokenType.R_BRACKET})


@cache
def shipped() -> frozenset[str]:
    """Return the words and functions that servers bring with them.

    None of these returns more than it is given, but for those that run queries or read files, which are read
    by themselves. Of all servers: one that another server brings is called by an attack that tries it, and
    fails.
    """
    return _words((files(__package__) / "shipped").iterdir())


@cache
def not_own() -> frozenset[str]:
    """Return those of these words that no function of one's own is named by: ``history`` may be one."""
    return shipped() - _words([files(__package__) / "open_words.txt"])


def _words(held: Iterable[Traversable]) -> frozenset[str]:
    texts = [one.read_text(encoding="utf-8") for one in held]
    lines = (line for text in texts for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


def is_shipped(call: exp.Anonymous) -> bool:
    """Tell whether a call is of a function that servers bring: none of a schema of one's own."""
    return call.name.lower() in not_own() and _schema_of(call).lower() in _SHARED_SCHEMAS


def fails(call: exp.Anonymous, dialect: str) -> bool:
    """Tell whether a call can but fail: MySQL's and MariaDB's general log tells of no error."""
    return is_mysql(dialect) and _PACKAGES.fullmatch(_schema_of(call)) is not None


def _schema_of(call: exp.Anonymous) -> str:
    around = call.parent
    if isinstance(around, exp.Dot) and around.expression is call:
        return str(around.this.name)
    return str(around.db) if isinstance(around, exp.Table) else ""


def names_before_brackets(text: str) -> set[str]:
    """Return what may be called in a text: every name before a bracket."""
    return {name.lower() for name in _CALLED.findall(text)}


def may_call_own(text: str) -> bool:
    """Tell whether a text may call a function that no server brings: what may be told without reading it."""
    return not names_before_brackets(text) <= not_own() or _OTHERWISE.search(text) is not None


def functions_called(text: str, dialect: str) -> set[str]:
    """Return the functions that a statement calls, but those that servers bring with them.

    Of a text that is not cut into tokens, whatever stands before a bracket.
    """
    known, taken = shipped(), not_own()
    try:
        tokens = Dialect.get_or_raise(dialect).tokenize(text)
    except SqlglotError:
        return names_before_brackets(text) - taken
    if tokens and tokens[0].token_type is TokenType.COMMAND:
        return names_before_brackets(text) - taken
    heads, endings = _heads(tokens), _endings(tokens)
    found = set()
    for place, (token, following) in enumerate(pairwise(tokens)):
        name = token.text.lower()
        if following.token_type is TokenType.L_PAREN and _is_name(token) and name not in taken:
            before = tokens[heads[place] - 1] if heads[place] else None
            if not _names_relation(before, known) and not _is_named_query(tokens, endings.get(place + 1)):
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


def _endings(tokens: list[Token]) -> dict[int, int]:
    """Return by place of each opening bracket where it is closed."""
    opened: list[int] = []
    endings: dict[int, int] = {}
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.L_PAREN:
            opened.append(place)
        elif token.token_type is TokenType.R_PAREN and opened:
            endings[opened.pop()] = place
    return endings


def _is_named_query(tokens: list[Token], ending: int | None) -> bool:
    """Tell whether behind a bracket's end stands AS and a query: ``x (a, b) AS (SELECT``."""
    if ending is None:
        return False
    after = [token.text.lower() for token in tokens[ending + 1 : ending + 5]]
    return [word for word in after if word not in ("not", "materialized")][:2] == ["as", "("]
