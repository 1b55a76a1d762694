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

#: So many kinds of statement do not end at one length by chance, where fewer end at all those just below it
#: together; nor do two where one of them breaks off.
_KINDS = 3
_BELOW = 10
#: A blank at the cut is not kept.
_SLACK = 2
_LONGEST = f"""
SELECT DISTINCT length(query_text), query_text FROM events
WHERE event_kind = 'sql' AND length(query_text) >= (
  SELECT max(length(query_text)) FROM events WHERE event_kind = 'sql'
) - {_BELOW}
ORDER BY 1 DESC, 2 LIMIT 500
"""
_VALUES = re.compile(r"'[^']*'|\$?[0-9]+")


def note_cuts(store: Store, executions: Iterable[Execution], dialect: str) -> list[Execution]:
    """Return the executions, those whose text was cut with a note of it."""
    by_length: dict[int, list[str]] = {}
    for length, text in store.rows(_LONGEST):
        by_length.setdefault(length, []).append(text)
    longest = max(by_length, default=0)
    if not by_length or not _are_cut(by_length, longest, dialect):
        return list(executions)
    return [_cut(one) if longest - _SLACK <= len(one.text) <= longest else one for one in executions]


def _cut(execution: Execution) -> Execution:
    return replace(execution, note=TEXT_CUT, is_cut=True, objects="")


def _are_cut(by_length: dict[int, list[str]], longest: int, dialect: str) -> bool:
    kinds = {length: len({_VALUES.sub("?", text) for text in texts}) for length, texts in by_length.items()}
    here = kinds.pop(longest)
    if here >= _KINDS and here > sum(kinds.values()):
        return True
    return here > 1 and any(_breaks_off(text, dialect) for text in by_length[longest])


def _breaks_off(text: str, dialect: str) -> bool:
    try:
        sqlglot.parse(text, read=dialect)
    except (SqlglotError, RecursionError):
        return True
    return False
