"""Values that a log masks: stars, signs of a redacting collector, places left open by a digest.

A masked value is an unknown one: to look for a row that holds the mask would find nobody. The forms met are
those of auditing and tracing products (``***``, ``?``, ``[REDACTED]``, ``<not logged>``, ``xxxx``), as
their documents name them; a value masked in part (``090-****-1234``) counts as masked whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

MASKED, BIND_MISSING = "masked", "bind-missing"
#: Why a value is unknown that a log could have held.
LACKS = (BIND_MISSING, MASKED)
_WORDS = (
    r"(?:redacted|masked|filtered|hidden|removed|omitted|scrubbed|obfuscated|censored|sanitized|suppressed"
    r"|not logged)"
)
_SAID = rf"(?:[\w .:=-]{{1,40}}[ .:=-])?{_WORDS}(?:[ .:=-][\w .:=-]{{1,40}})?"
_OPENERS, _CLOSERS = r"[\[<({]{1,2}", r"[\]>)}]{1,2}"
_MASK = re.compile(
    rf"[^\s/%]{{0,200}}\*{{3}}[^\s/%]{{0,200}}|x{{4,}}|X{{4,}}|[#•●█]{{3,}}|{_OPENERS}\s?{_SAID}\s?{_CLOSERS}",
    re.IGNORECASE,
)
#: What a text must hold before it is worth cutting into tokens.
_MAYBE = re.compile(
    rf"\*{{3}}|\?|\.\.\.|'x{{4,}}'|[#•●█]{{3}}|{_OPENERS}\s?[\w .:=-]{{0,40}}{_WORDS}", re.IGNORECASE
)
#: Words that a value does not follow: an operator on JSON stands behind them, not a place left open.
_OPERANDS = frozenset(
    {
        TokenType.VAR,
        TokenType.IDENTIFIER,
        TokenType.R_PAREN,
        TokenType.R_BRACKET,
        TokenType.STRING,
        TokenType.NUMBER,
    }
)
_BRACKETS = {TokenType.LT: TokenType.GT, TokenType.L_BRACKET: TokenType.R_BRACKET}
#: What else stands in a list of values.
_IN_LISTS = frozenset(
    {
        TokenType.COMMA,
        TokenType.STRING,
        TokenType.NUMBER,
        TokenType.PLACEHOLDER,
        TokenType.STAR,
        TokenType.DOT,
    }
)
_THREE = 3


class Mask(NamedTuple):
    """A masked value's span in a statement; ``many``: in a list; ``code``: why unknown."""

    first: int
    last: int
    code: str
    many: bool = False


def is_mask(value: str | None) -> bool:
    """Tell whether a value is a mask in another's place."""
    return value is not None and _MASK.fullmatch(value) is not None


def may_mask(text: str) -> bool:
    """Tell whether a text is worth looking through for masks."""
    return _MAYBE.search(text) is not None


def find_masks(text: str, dialect: str) -> list[Mask]:
    """Return the masked values of a statement in order; of one that cannot be cut into tokens, none."""
    if not may_mask(text):
        return []
    try:
        tokens = sqlglot.tokenize(text, read=dialect)
    except SqlglotError:
        return []
    return list(_masks(text, tokens))


def with_literals(text: str, masks: Sequence[Mask], literals: Sequence[str]) -> str:
    """Return a statement with a literal in each masked value's place."""
    parts, at = [], 0
    for mask, literal in zip(masks, literals, strict=True):
        parts += [text[at : mask.first], literal]
        at = mask.last
    return "".join([*parts, text[at:]])


def _masks(text: str, tokens: Sequence[Token]) -> Iterator[Mask]:
    at, listed = 0, False
    while at < len(tokens):
        taken = _length(text, tokens, at)
        if taken:
            code = BIND_MISSING if tokens[at].token_type is TokenType.PLACEHOLDER else MASKED
            yield Mask(tokens[at].start, tokens[at + taken - 1].end + 1, code, listed)
        else:
            listed = _begins_list(tokens, at) or (listed and tokens[at].token_type in _IN_LISTS)
        at += taken or 1


def _begins_list(tokens: Sequence[Token], at: int) -> bool:
    before = tokens[at - 1].token_type if at else None
    return before is TokenType.IN and tokens[at].token_type is TokenType.L_PAREN


def _length(text: str, tokens: Sequence[Token], at: int) -> int:
    """Return of how many tokens the mask that begins here is made; 0: none begins."""
    token = tokens[at]
    if token.token_type is TokenType.STRING:
        return int(is_mask(token.text))
    follows_value = at > 0 and tokens[at - 1].token_type in _OPERANDS
    if at == 0 or follows_value:
        return 0
    if token.token_type is TokenType.PLACEHOLDER:
        return int(at + 1 == len(tokens) or tokens[at + 1].token_type is not TokenType.STRING)
    if token.token_type in (TokenType.STAR, TokenType.DOT):
        run = _run(tokens, at)
        return run if run >= _THREE else 0
    return _bracketed(text, tokens, at)


def _run(tokens: Sequence[Token], at: int) -> int:
    """Return how many equal tokens stand together without a blank."""
    last = at
    while (
        last + 1 < len(tokens)
        and tokens[last + 1].token_type is tokens[at].token_type
        and tokens[last + 1].start == tokens[last].end + 1
    ):
        last += 1
    return last + 1 - at


def _bracketed(text: str, tokens: Sequence[Token], at: int) -> int:
    closer = _BRACKETS.get(tokens[at].token_type)
    for last in range(at + 1, min(at + 8, len(tokens))) if closer else ():
        if tokens[last].token_type is closer:
            return last + 1 - at if is_mask(text[tokens[at].start : tokens[last].end + 1]) else 0
    return 0
