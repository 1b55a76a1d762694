"""Errors of PostgreSQL whose lines carry no SQLSTATE, as with any ``log_line_prefix`` without ``%e``."""

from __future__ import annotations

import re

#: Said while a statement is read and its names are looked up, before a row is touched; what is found wrong
#: stands at the character named. Source: PostgreSQL 15, src/backend/parser (parse_func.c, parse_relation.c).
_NOT_KNOWN = re.compile(
    r'(?:syntax error|unterminated quoted (?:string|identifier)) at or near "(?P<near>.+)"'
    r"|function (?P<function>[^()]+)\(.*\) does not exist"
    r'|relation "(?P<relation>.+)" does not exist'
    r'|column "?(?P<column>[^"]+)"? does not exist'
    r'|missing FROM-clause entry for table "(?P<entry>.+)"'
    r'|column reference "(?P<reference>.+)" is ambiguous',
    re.DOTALL,
)
_AT = re.compile(r"(?P<message>.*) at character (?P<place>\d{1,9})", re.DOTALL)


def never_began(message: str | None, text: str) -> bool:
    """Tell whether a message says that a statement was refused as it was read, before it ran.

    The word complained of has to stand where the message says: an error of a query that a function ran
    inside is placed in that query, and the statement around it had begun.
    """
    placed = _AT.fullmatch(message or "")
    said = _NOT_KNOWN.fullmatch(placed["message"]) if placed else None
    if placed is None or said is None:
        return False
    (word,) = [part for part in said.groups() if part is not None]
    return _plain(text[int(placed["place"]) - 1 :]).startswith(_plain(word))


def _plain(name: str) -> str:
    return name.replace('"', "").lower()
