"""Finds refusals faster than hands can type, and names tried that nobody has.

Few of them are weak signs by themselves: a program with an old password does the same. So they are findings
of level *low*, which make nothing hostile alone. Each log is judged by itself: an attempt that two logs tell
of is not two attempts.
"""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# A password takes a person two seconds and more to type.
_FAST = 5
_FAST_US = 10_000_000
# What a program with an old password tries before somebody looks is less than this in an hour.
_MANY = 30
_HOUR_US = 3_600_000_000
# A person mistypes the one name they have; nobody has three that do not exist.
_NAMES = 3

# What a server's error log says of a name and password it did not take.
_REFUSED_NAME = (
    r'^(?:AH[0-9]{5}: )?user "?[^"]{0,200}"?:? (?:was not found in|not found|password mismatch'
    r"|authentication failure)|password mismatch|PAM: (?:.* )?authentication failure"
)
# How programs of all kinds say that a sign-in failed, and where they put the client's address. Where a word
# begins is said by ASCII signs: engines differ in what else they take for a letter.
_BEGINS, _ENDS = r"(?:^|[^A-Za-z0-9])", r"(?:[^A-Za-z0-9]|$)"
_SIGN_IN = r"(?:auth[a-z]{0,20}|log-?in|logon|sign-?in|passwords?|passphrase|credentials?|[12]FA)"
_FAILED = (
    r"(?:fail(?:s|ed|ing|ures?)?|invalid|incorrect|wrong|unsuccessful|refused|denied|mismatch[a-z]{0,2}"
    r"|reject[a-z]{0,3})"
)
_REFUSED_WORDS = (
    f"(?i){_BEGINS}{_SIGN_IN}(?:[^A-Za-z0-9.;][^.;]{{0,60}})?[^A-Za-z0-9]{_FAILED}{_ENDS}"
    f"|{_BEGINS}{_FAILED}(?:[^A-Za-z0-9.;][^.;]{{0,40}})?[^A-Za-z0-9]{_SIGN_IN}{_ENDS}"
    r"|(?:ログイン|サインイン|認証|パスワード).{0,20}(?:失敗|エラー|誤り|不正)"
)
_ADDRESS = r"([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{1,4}:[0-9a-f:]{2,36})"
_CLIENT = (
    rf"(?i)(?:{_BEGINS}(?:from|by|client|rip|rhost|ip|remote_?(?:ip|addr(?:ess)?)|src|source|host)"
    rf"[ =:\[(]{{1,3}}(?:ip |host )?|[A-Za-z0-9_.-]\[){_ADDRESS}"
)
_REFUSED_CONNECTION = (
    r"(?i)authentication failed|access denied for user|no pg_hba\.conf entry|password|role .* does not exist"
)

#: One row per refusal of a sign-in that names a client: where it was tried, and which log tells so.
_REFUSALS = Station(
    "finding_refusals",
    f"""
    WITH told AS (
        SELECT a.event_id, a.start_us, a.address, a.account, 'sign-in' AS place,
               'sign-in ' || COALESCE(e.source_format, '') AS log
        FROM finding_attempts AS a JOIN events AS e ON e.event_id = a.event_id WHERE a.failed = 1
        UNION ALL
        SELECT r.event_id, r.start_us, r.address, r.actor_user_name AS account, r.template AS place,
               'request' AS log
        FROM finding_requests AS r
        LEFT JOIN (SELECT DISTINCT request_id FROM finding_attempts) AS a ON a.request_id = r.event_id
        WHERE r.http_response_code = 401 AND a.request_id IS NULL
        UNION ALL
        SELECT e.event_id, e.start_us, e.src_endpoint_ip AS address, e.actor_user_name AS account,
               'server' AS place, 'errors' AS log
        FROM events AS e
        WHERE e.source_format IN ('nginx-error', 'apache-error')
          AND regexp_matches(e.message, '{_REFUSED_NAME}')
        UNION ALL
        SELECT e.event_id, e.start_us, e.src_endpoint_ip AS address, e.database_user_name AS account,
               'database' AS place, COALESCE(e.source_format, '') AS log
        FROM events AS e
        WHERE e.event_kind = 'connection' AND e.status = 'failure'
          AND (e.error_code IN ('28P01', '28000', '1045')
               OR regexp_matches(COALESCE(e.error_text, ''), '{_REFUSED_CONNECTION}'))
        UNION ALL
        SELECT e.event_id, e.start_us,
               COALESCE(e.src_endpoint_ip, NULLIF(regexp_extract(e.message, '{_CLIENT}', 1), '')) AS address,
               e.actor_user_name AS account, 'program' AS place,
               'words ' || COALESCE(e.process_name, e.source_format, '') AS log
        FROM events AS e
        LEFT JOIN (SELECT DISTINCT event_id FROM finding_attempts) AS a ON a.event_id = e.event_id
        WHERE e.event_kind IN ('app', 'auth', 'host', 'message') AND e.http_request_target IS NULL
          AND COALESCE(e.status, '') <> 'success' AND a.event_id IS NULL
          AND regexp_matches(e.message, '{_REFUSED_WORDS}')
          AND NOT (e.source_format IN ('nginx-error', 'apache-error')
                   AND regexp_matches(e.message, '{_REFUSED_NAME}'))
    )
    SELECT t.*, start_us // {_HOUR_US} AS hour FROM told AS t
    WHERE address IS NOT NULL AND address <> '?'
    """,
)

#: One row per refusal that is the last of five within ten seconds at one place.
_FAST_ONES = Station(
    "finding_fast_refusals",
    f"""
    SELECT event_id, start_us, address, place, log, hour FROM (
        SELECT r.*, LAG(start_us, {_FAST - 1}) OVER (
                   PARTITION BY address, place, log ORDER BY start_us, event_id) AS before_us
        FROM finding_refusals AS r
    ) AS ordered
    WHERE start_us - before_us <= {_FAST_US}
    """,
)

#: One row per client x place x hour that hammers there, and did not come right between: a proxy of many
#: people does.
_HAMMERED = Station(
    "finding_hammered",
    f"""
    WITH fast AS (
        SELECT address, place, log, hour, MIN(start_us) - {_FAST_US} AS first_us, MAX(start_us) AS last_us
        FROM finding_fast_refusals GROUP BY address, place, log, hour
    ), right_ones AS (
        SELECT a.address, a.start_us, 'sign-in' AS place FROM finding_attempts AS a
        LEFT JOIN finding_requests AS r ON r.event_id = a.event_id
        WHERE a.succeeded = 1 AND COALESCE(r.http_response_code, 200) < 400
        UNION ALL
        SELECT address, start_us, template AS place FROM finding_requests WHERE is_success
    ), between_them AS (
        SELECT DISTINCT f.address, f.place, f.log, f.hour FROM fast AS f
        JOIN right_ones AS o ON o.address = f.address AND o.place = f.place
         AND o.start_us BETWEEN f.first_us AND f.last_us
    )
    SELECT f.address || '|' || f.place || '|' || f.log || '|' || CAST(f.hour AS VARCHAR) AS key,
           f.address, f.place, f.log, f.first_us, f.last_us
    FROM fast AS f
    LEFT JOIN between_them AS b
      ON b.address = f.address AND b.place = f.place AND b.log = f.log AND b.hour = f.hour
    WHERE b.address IS NULL
    """,
)

_HAMMERED_EVENTS = Station(
    "finding_hammered_events",
    """
    SELECT h.key, r.event_id, r.account FROM finding_hammered AS h
    JOIN finding_refusals AS r ON r.address = h.address AND r.place = h.place AND r.log = h.log
     AND r.start_us BETWEEN h.first_us AND h.last_us
    """,
)

#: One row per client that tried several names and never came right with any.
_STRANGERS = Station(
    "finding_name_triers",
    f"""
    SELECT r.address, COUNT(DISTINCT r.account) AS names, COUNT(*) AS refusals
    FROM finding_refusals AS r
    LEFT JOIN (SELECT DISTINCT address FROM finding_attempts WHERE succeeded = 1) AS k
      ON k.address = r.address
    WHERE k.address IS NULL
    GROUP BY r.address
    HAVING COUNT(DISTINCT r.account) >= {_NAMES}
    """,
)

_FOUND = Station(
    "found_hammering",
    f"""
    WITH counted AS (
        SELECT key, COUNT(DISTINCT event_id) AS refusals, COUNT(DISTINCT account) AS names
        FROM finding_hammered_events GROUP BY key
    )
    SELECT 'sign-in-hammered' AS rule, 'behaviour' AS rule_kind, 'T1110.001' AS technique, h.key,
           CASE WHEN c.refusals >= {_MANY} THEN 'medium' ELSE 'low' END AS level,
           CASE WHEN c.refusals >= {_MANY} THEN 0.5 ELSE 0.2 END AS certainty,
           'address' AS actor_kind, h.address AS actor, c.refusals AS observed, {_FAST} AS expected,
           'refused-faster-than-hands(refusals=' || CAST(c.refusals AS VARCHAR)
               || ',names=' || CAST(c.names AS VARCHAR)
               || ',seconds=' || CAST((h.last_us - h.first_us) // 1000000 AS VARCHAR)
               || ',place=' || {plain("h.place")} || ')' AS why
    FROM finding_hammered AS h JOIN counted AS c ON c.key = h.key
    UNION ALL
    SELECT 'names-tried' AS rule, 'behaviour' AS rule_kind, 'T1110.003' AS technique,
           'names|' || address AS key, 'low' AS level, 0.3 AS certainty, 'address' AS actor_kind,
           address AS actor, names AS observed, 1 AS expected,
           'names-none-of-which-came-right(names=' || CAST(names AS VARCHAR)
               || ',refusals=' || CAST(refusals AS VARCHAR) || ')' AS why
    FROM finding_name_triers
    """,
)

_EVENTS = Station(
    "found_hammering_events",
    """
    SELECT key, event_id FROM finding_hammered_events
    UNION ALL
    SELECT 'names|' || n.address AS key, r.event_id
    FROM finding_name_triers AS n JOIN finding_refusals AS r ON r.address = n.address
    """,
)

STATIONS = (_REFUSALS, _FAST_ONES, _HAMMERED, _HAMMERED_EVENTS, _STRANGERS, _FOUND, _EVENTS)
