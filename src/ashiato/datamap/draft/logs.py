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
_FORMATS = "SELECT DISTINCT source_format FROM readings WHERE records > 0 ORDER BY source_format"
# The database that most statements were run in, and whether a server that began a log called itself MariaDB.
_USED = """
    SELECT database_name FROM events WHERE event_kind = 'sql' AND database_name IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
"""
_MARIADB = "SELECT count(*) FROM events WHERE activity_name = 'started' AND message LIKE '%MariaDB%'"
_READINGS = "SELECT file, source_format FROM readings WHERE records > 0 ORDER BY file"
_ENDING = re.compile(r"(?:\.(?:gz|bz2|xz|zst|zip|[0-9]{1,4}))+$", re.IGNORECASE)
_DATED = re.compile(r"[-_.]?[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*$")


def find_pooled(tables: Tables) -> tuple[str, ...]:
    """Return the database users whose statements came from requests of several addresses."""
    return tuple(str(user) for user, _ in tables.rows(_POOLED))


def find_mysql(tables: Tables) -> tuple[str, str | None] | None:
    """Return what the logs say a system is, ``mysql`` or ``mariadb``, and its database; None if neither."""
    kinds = {str(kind) for (kind,) in tables.rows(_FORMATS)}
    if not kinds & {"mysql-general", "mysql-slow", "mariadb-audit"} or any(
        kind.startswith("postgresql") for kind in kinds
    ):
        return None
    [(named,)] = tables.rows(_MARIADB)
    used = [str(name) for (name,) in tables.rows(_USED)]
    return "mariadb" if named or "mariadb-audit" in kinds else "mysql", used[0] if used else None


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
