"""Draft what the logs tell besides routes: shared database users, and the kinds of log file."""

from __future__ import annotations

import re

from ashiato.datamap.draft.routes import SURE, Tables
from ashiato.datamap.model import Source

_POOLED = f"""
    SELECT s.database_user_name, count(DISTINCT e.src_endpoint_ip)
    FROM causes c JOIN events e ON e.event_id = c.http_event_id JOIN events s ON s.event_id = c.sql_event_id
    WHERE c.confidence >= {SURE} AND s.database_user_name IS NOT NULL
    GROUP BY 1 HAVING count(DISTINCT e.src_endpoint_ip) > 1 ORDER BY 1
"""
_READINGS = "SELECT file, source_format FROM readings WHERE records > 0 ORDER BY file"
_ENDING = re.compile(r"(?:\.(?:gz|bz2|xz|zst|zip|[0-9]{1,4}))+$", re.IGNORECASE)
_DATED = re.compile(r"[-_.]?[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*$")


def find_pooled(tables: Tables) -> tuple[str, ...]:
    """Return the database users whose statements came from requests of several addresses."""
    return tuple(str(user) for user, _ in tables.rows(_POOLED))


def draft_sources(tables: Tables, system: str | None) -> list[tuple[Source, str]]:
    """Return one source per log with the format it was read as; rotated pieces are one log."""
    found: dict[str, tuple[Source, str]] = {}
    for file, kind in tables.rows(_READINGS):
        pattern = pattern_of(str(file))
        found.setdefault(pattern, (Source(files=pattern, system=system), str(kind)))
    return [found[pattern] for pattern in sorted(found)]


def pattern_of(file: str) -> str:
    """Return a pattern for a log and its rotated pieces: ``a/access.log.2.gz`` gives ``a/access.log*``."""
    head, slash, name = file.rpartition("/")
    bare = _DATED.sub("", _ENDING.sub("", name)) or name
    safe = re.sub(r"([\[\]*?])", r"[\1]", f"{head}{slash}{bare}")
    return f"{safe}*"
