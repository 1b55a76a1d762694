"""Database logs and what their lines show: from when to when, numbered or not, all statements or some."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.log_names import source_of
from ashiato.engine.store import Station, Store

_SOURCES = pa.schema([("evidence_id", pa.string()), ("source", pa.string())])
_STATEMENT_KINDS = "('sql-statement', 'sql-audit', 'sql-duration', 'sql-error')"
_IS_SELECT = "regexp_matches(r.query_text, '^\\s*[sS][eE][lL][eE][cC][tT]')"
_SEEN = (
    f"CASE WHEN r.record_kind = 'sql-statement' AND r.duration_us IS NULL AND {_IS_SELECT} THEN r.time_us END"
)
_MASK = "regexp_replace(regexp_replace(query_text, '''[^'']*''', '?', 'g'), '[0-9]+', '?', 'g')"

#: One row per database log: its span, and how many of its lines carry no number.
_LOGS = f"""
SELECT s.source, min(r.source_format) AS source_format, min(r.time_us) AS first_us, max(r.time_us) AS last_us,
       sum(CASE WHEN r.record_kind = 'sql-statement' THEN 1 ELSE 0 END) AS statements,
       sum(CASE WHEN r.record_kind = 'sql-statement' AND r.duration_us IS NOT NULL
                THEN 1 ELSE 0 END) AS timed,
       sum(CASE WHEN r.record_kind IN {_STATEMENT_KINDS}
                 AND (r.database_session_uid IS NULL OR r.database_session_line IS NULL)
                THEN 1 ELSE 0 END) AS unnumbered,
       min({_SEEN}) AS seen_us, max({_SEEN}) AS unseen_us
FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
WHERE r.record_kind LIKE 'sql-%'
GROUP BY s.source
"""

_PAUSES = """
SELECT source, max(next_us - time_us) AS pause_us
FROM (
  SELECT s.source, r.time_us, lead(r.time_us) OVER (PARTITION BY s.source ORDER BY r.time_us) AS next_us
  FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
  WHERE r.record_kind LIKE 'sql-%'
) AS paired
GROUP BY source
"""

#: One row per connection of a database log.
_SESSIONS = f"""
WITH serving AS (
  SELECT DISTINCT e.database_session_uid FROM causes AS c JOIN events AS e ON e.event_id = c.sql_event_id
  WHERE e.database_session_uid IS NOT NULL AND c.confidence >= 0.3
)
SELECT s.source, r.database_session_uid, min(r.database_session_line) AS line, min(r.time_us) AS first_us,
       max(r.time_us) AS last_us, max(r.database_user_name) AS database_user_name,
       max(CASE WHEN r.record_kind = 'sql-connection' AND r.activity_name = 'ended'
                THEN 1 ELSE 0 END) AS ended,
       sum(CASE WHEN r.record_kind IN {_STATEMENT_KINDS} THEN 1 ELSE 0 END) AS statements,
       max(CASE WHEN v.database_session_uid IS NULL THEN 0 ELSE 1 END) AS serves,
       count(r.database_session_line) - count(DISTINCT r.database_session_line) AS twice
FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
LEFT JOIN serving AS v ON v.database_session_uid = r.database_session_uid
WHERE r.record_kind LIKE 'sql-%' AND r.database_session_uid IS NOT NULL
GROUP BY s.source, r.database_session_uid
"""

#: What a server says of itself, by what it means for its log.
_MESSAGES = """
SELECT source, meaning, min(time_us) AS first_us, max(time_us) AS last_us, count(*) AS lines
FROM (
  SELECT s.source, r.time_us,
         CASE WHEN r.message LIKE 'parameter "log%' THEN 'changed'
              WHEN r.message LIKE 'received SIGHUP%' OR r.message LIKE 'starting PostgreSQL%' THEN 'read-anew'
              WHEN r.message LIKE '%was not properly shut down%' OR r.message LIKE '%was interrupted%'
                OR r.message LIKE '%was terminated by signal%' THEN 'crashed'
              WHEN r.message LIKE 'fastpath function call%' THEN 'fastpath'
              WHEN r.message LIKE 'replication connection%' THEN 'replicated' END AS meaning
  FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
  WHERE r.record_kind IN ('sql-message', 'sql-connection') AND r.message IS NOT NULL
) AS said
WHERE meaning IS NOT NULL
GROUP BY source, meaning
"""

_UNREAD = """
SELECT s.source, CAST(sum(u.line_last - u.line_first + 1) AS BIGINT) AS lines
FROM unread AS u JOIN coverage_sources AS s ON s.evidence_id = u.evidence_id
WHERE u.reason <> 'duplicate'
GROUP BY s.source
"""

#: One row per log: its longest text, and how many kinds of statement are exactly that long.
_LONGEST = f"""
SELECT t.source, t.longest, count(DISTINCT {_MASK}) AS kinds
FROM (
  SELECT s.source, max(length(r.query_text)) AS longest
  FROM records AS r JOIN coverage_sources AS s ON s.evidence_id = r.evidence_id
  WHERE r.record_kind = 'sql-statement' GROUP BY s.source
) AS t
JOIN coverage_sources AS s ON s.source = t.source
JOIN records AS r ON r.evidence_id = s.evidence_id AND r.record_kind = 'sql-statement'
 AND length(r.query_text) = t.longest
GROUP BY t.source, t.longest
"""


@dataclass(frozen=True)
class Session:
    """One connection of a log: its first line number seen, its span, whether its end was logged.

    ``serves``: requests were served through it. ``twice``: how many of its line numbers came again.
    """

    line: int | None
    first_us: int
    last_us: int
    user: str | None
    ended: bool
    statements: int
    serves: bool
    twice: int


@dataclass(frozen=True)
class Message:
    """What a server said of itself: from when to when, how often."""

    first_us: int
    last_us: int
    lines: int


@dataclass(frozen=True)
class Log:
    """One database log: all that its lines show of whether it is whole.

    ``seen_us``: the first and last time at which a reading statement was logged before it ran, as only a
    server does that logs all. ``longest``: its longest text, with how many kinds are exactly as long.
    """

    source: str
    source_format: str
    first_us: int
    last_us: int
    pause_us: int
    statements: int
    timed: int
    unnumbered: int
    seen_us: tuple[int, int] | None
    files: tuple[str, ...]
    sessions: tuple[Session, ...]
    messages: dict[str, Message]
    unread_lines: int
    longest: tuple[int, int]


def list_logs(store: Store) -> list[Log]:
    """Return the database logs, in order of names."""
    files = _write_sources(store)
    for name, sql in (
        ("coverage_logs", _LOGS), ("coverage_pauses", _PAUSES), ("coverage_sessions", _SESSIONS),
        ("coverage_messages", _MESSAGES), ("coverage_unread", _UNREAD), ("coverage_longest", _LONGEST),
    ):  # fmt: skip
        store.run(Station(name, sql))
    pauses: dict[str, int] = dict(store.rows("SELECT source, pause_us FROM coverage_pauses"))
    unread: dict[str, int] = dict(store.rows("SELECT source, lines FROM coverage_unread"))
    longest = {name: (most, kinds) for name, most, kinds in store.rows("SELECT * FROM coverage_longest")}
    sessions, messages = _sessions(store), _messages(store)
    return [
        Log(
            source=source,
            source_format=source_format,
            first_us=first_us,
            last_us=last_us,
            pause_us=pauses.get(source) or 0,
            statements=statements,
            timed=timed,
            unnumbered=unnumbered,
            seen_us=None if seen_us is None else (seen_us, unseen_us),
            files=tuple(files[source]),
            sessions=tuple(sessions[source]),
            messages=messages[source],
            unread_lines=unread.get(source, 0),
            longest=longest.get(source, (0, 0)),
        )
        for source, source_format, first_us, last_us, statements, timed, unnumbered, seen_us, unseen_us
        in store.rows("SELECT * FROM coverage_logs ORDER BY source")
    ]  # fmt: skip


def _write_sources(store: Store) -> dict[str, list[str]]:
    rows = store.rows("SELECT evidence_id, file FROM evidence ORDER BY file, evidence_id")
    held = [(evidence_id, source_of(file)) for evidence_id, file in rows]
    columns = [list(column) for column in zip(*held, strict=True)] or [[], []]
    store.write_as("coverage_sources", pa.table(columns, schema=_SOURCES))
    files: dict[str, list[str]] = defaultdict(list)
    for (_, file), (_, source) in zip(rows, held, strict=True):
        files[source].append(file)
    return files


def _sessions(store: Store) -> dict[str, list[Session]]:
    found: dict[str, list[Session]] = defaultdict(list)
    sql = (
        "SELECT source, line, first_us, last_us, database_user_name, ended, statements, serves, twice "
        "FROM coverage_sessions ORDER BY source, first_us, database_session_uid"
    )
    for source, line, first_us, last_us, user, ended, statements, serves, twice in store.rows(sql):
        session = Session(line, first_us, last_us, user, bool(ended), statements, bool(serves), twice)
        found[source].append(session)
    return found


def _messages(store: Store) -> dict[str, dict[str, Message]]:
    found: dict[str, dict[str, Message]] = defaultdict(dict)
    for source, meaning, *said in store.rows("SELECT * FROM coverage_messages ORDER BY source, meaning"):
        found[source][meaning] = Message(*said)
    return found
