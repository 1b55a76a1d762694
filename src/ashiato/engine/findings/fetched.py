"""Finds files that somebody guessed at until one was there: a backup, a dump, an export left in the open.

Thirteen requests are no scan and one download is no pace; what tells is that the same client met three paths
that are not there, which hardly anybody else asks for, and then was given a file of that kind.
"""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# A stale link or two are anybody's; a third dead end of a kind that holds copies is a guess.
_MISSES = 3
_LONELY_ADDRESSES = 2
_COPIES = (
    r"(?i)\.(?:zip|tar|tgz|gz|bz2|xz|zst|7z|rar|sql|dump|bak|old|orig|save|csv|tsv|xlsx?|mdb|accdb|db3?|sqlite\d?"
    r"|pst|ndjson|parquet)$|/(?:\.git|\.env|\.svn|backups?|dumps?|exports?|old|bak)(?:/|$)"
)

#: One row per client of one address x request for what may be a copy, with whether it was there.
_ASKED = Station(
    "finding_copies_asked",
    f"""
    SELECT r.event_id, r.start_us, r.address, r.agent, r.http_request_path,
           COALESCE(r.http_response_body_bytes, r.traffic_out_bytes, 0) AS size,
           CASE WHEN r.is_success AND r.actor_user_name IS NULL AND r.actor_session_uid IS NULL
                THEN 1 ELSE 0 END AS is_had,
           CASE WHEN r.is_missing OR r.is_refused THEN 1 ELSE 0 END AS is_missed
    FROM finding_requests AS r
    JOIN finding_path_askers AS p ON p.http_request_path = r.http_request_path
    WHERE p.askers <= {_LONELY_ADDRESSES} AND regexp_matches(r.http_request_path, '{_COPIES}')
    """,
)

#: One row per client that guessed and was given something.
_JUDGED = Station(
    "finding_copies_guessed",
    f"""
    SELECT address, agent, COUNT(DISTINCT CASE WHEN is_missed = 1 THEN http_request_path END) AS missed,
           COUNT(DISTINCT CASE WHEN is_had = 1 THEN http_request_path END) AS had,
           SUM(CASE WHEN is_had = 1 THEN size ELSE 0 END) AS size,
           MIN(CASE WHEN is_had = 1 THEN http_request_path END) AS path
    FROM finding_copies_asked GROUP BY address, agent
    HAVING COUNT(DISTINCT CASE WHEN is_missed = 1 THEN http_request_path END) >= {_MISSES}
       AND COUNT(DISTINCT CASE WHEN is_had = 1 THEN http_request_path END) > 0
    """,
)

_FOUND = Station(
    "found_fetched",
    f"""
    SELECT 'copy-guessed-and-had' AS rule, 'behaviour' AS rule_kind, 'T1213' AS technique,
           address || '|' || agent AS key, 'high' AS level, 0.9 AS certainty, 'address' AS actor_kind,
           address AS actor, had AS observed, 0 AS expected,
           'copy-guessed-and-had(path=' || {plain("path")} || ',files=' || CAST(had AS VARCHAR)
               || ',bytes=' || CAST(CAST(size AS BIGINT) AS VARCHAR)
               || ',not-there-before=' || CAST(missed AS VARCHAR) || ')' AS why
    FROM finding_copies_guessed
    """,
)

_EVENTS = Station(
    "found_fetched_events",
    """
    SELECT g.address || '|' || g.agent AS key, a.event_id
    FROM finding_copies_guessed AS g
    JOIN finding_copies_asked AS a ON a.address = g.address AND a.agent = g.agent
    """,
)

STATIONS = (_ASKED, _JUDGED, _FOUND, _EVENTS)
