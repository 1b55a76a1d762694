"""Statements whose text the log cut short: those that end just where the longest of other kinds end too.

What stood behind the cut may have been a condition or another table, and a value at the cut may be half of
one: such a text is not replayed but widened, even where what is left of it is a statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import sqlglot
from sqlglot.errors import SqlglotError

from ashiato.engine.exposures.executions import TEXT_CUT, Execution
from ashiato.engine.store import Store

#: So many kinds of statement do not end at one length by chance; fewer do not where one of them breaks off.
_KINDS = 3
#: A blank at the cut is not kept.
_SLACK = 2
_LONGEST = """
SELECT DISTINCT query_text FROM events
WHERE event_kind = 'sql' AND length(query_text) = (
  SELECT max(length(query_text)) FROM events WHERE event_kind = 'sql'
)
ORDER BY 1 LIMIT 50
"""
_VALUES = re.compile(r"'[^']*'|\$?[0-9]+")


def note_cuts(store: Store, executions: Iterable[Execution], dialect: str) -> list[Execution]:
    """Return the executions, those whose text was cut with a note of it."""
    texts = [text for (text,) in store.rows(_LONGEST)]
    if not _are_cut(texts, dialect):
        return list(executions)
    least = len(texts[0]) - _SLACK
    return [_cut(one) if least <= len(one.text) <= len(texts[0]) else one for one in executions]


def _cut(execution: Execution) -> Execution:
    return replace(execution, note=TEXT_CUT, is_cut=True, objects="")


def _are_cut(texts: list[str], dialect: str) -> bool:
    kinds = {_VALUES.sub("?", text) for text in texts}
    return len(kinds) >= _KINDS or (len(kinds) > 1 and any(_breaks_off(text, dialect) for text in texts))


def _breaks_off(text: str, dialect: str) -> bool:
    try:
        sqlglot.parse(text, read=dialect)
    except (SqlglotError, RecursionError):
        return True
    return False
