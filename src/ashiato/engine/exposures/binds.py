"""Bound values as logs write them, back to values by place.

PostgreSQL writes ``$1 = 'text', $2 = NULL`` (https://www.postgresql.org/docs/15/runtime-config-logging.html,
read 2026-11-22); pgaudit's parameter field is a CSV list; an application's JSON log, an array.
"""

from __future__ import annotations

import csv
import json
import re

from ashiato.engine.exposures.masks import is_mask

_NUMBERED = re.compile(r"\$([0-9]+) = (?:(NULL)|'((?:[^']|'')*)')")
#: How PostgreSQL ends a value cut at ``log_parameter_max_length``.
_CUT = "..."

Binds = dict[int, str | None]


def parse_binds(text: str | None) -> Binds:
    """Return the bound values by place, from 1; a value that the log cut short or masks is left out."""
    return {place: value for place, value in _written(text).items() if not is_mask(value)} if text else {}


def _written(text: str) -> Binds:
    if text.lstrip().startswith("["):
        return _of_array(text)
    numbered = {
        int(place): (None if null else value.replace("''", "'"))
        for place, null, value in _NUMBERED.findall(text)
    }
    if not numbered:
        return dict(enumerate(next(csv.reader([text]), []), start=1))
    return {place: value for place, value in numbered.items() if value is None or not value.endswith(_CUT)}


def _of_array(text: str) -> Binds:
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return {place: None if value is None else str(value) for place, value in enumerate(held, start=1)}
