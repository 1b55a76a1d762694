"""Who: sign-ins give sessions their users, and requests the sessions' users.

A session belongs to whom it was last signed in for. The request that signed in is the one from the same
address which was being answered when the sign-in was written; it had no session yet and is given the new
one. Where several fit, none is chosen.

One log may hold a session's identifier whole and the other only how it begins (a secret is seldom logged
whole): identifiers are one when the shorter, of eight characters at least, begins the longer.
"""

from __future__ import annotations

from ashiato.engine.store import Station

_SLACK_US = 50_000
_SHORTEST_UID = 8

#: One row per successful sign-in that names a user, until the session's next sign-in.
SIGN_INS = Station(
    "sign_ins",
    """
    SELECT n.record_no AS sign_in_no, n.time_us, coalesce(n.time_step_us, 1000000) AS time_step_us,
        r.src_endpoint_ip, r.actor_session_uid, r.actor_user_name, r.actor_user_type,
        lead(n.time_us) OVER (PARTITION BY r.actor_session_uid ORDER BY n.time_us, n.record_no) AS until_us
    FROM records r
    JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
    LEFT JOIN record_copies c ON c.record_no = n.record_no
    WHERE r.record_kind = 'sign-in' AND r.actor_user_name IS NOT NULL AND c.record_no IS NULL
        AND lower(r.status) = 'success'
    """,
)

#: One row per request made within a signed-in session.
SESSION_REQUESTS = Station(
    "session_requests",
    f"""
    WITH widths AS (
        SELECT length(actor_session_uid) AS width FROM sign_ins WHERE actor_session_uid IS NOT NULL
        UNION
        SELECT length(actor_session_uid) FROM request_leads WHERE actor_session_uid IS NOT NULL
    ),
    asked AS (
        SELECT q.lead_no, q.time_us, q.time_step_us, w.width, length(q.actor_session_uid) AS whole,
            substring(q.actor_session_uid, 1, w.width) AS begins
        FROM request_leads q
        JOIN widths w ON w.width <= length(q.actor_session_uid)
    ),
    signed AS (
        SELECT s.sign_in_no, s.time_us, s.until_us, s.actor_user_name, s.actor_user_type, s.actor_session_uid,
            w.width, length(s.actor_session_uid) AS whole,
            substring(s.actor_session_uid, 1, w.width) AS begins
        FROM sign_ins s
        JOIN widths w ON w.width <= length(s.actor_session_uid)
    )
    SELECT q.lead_no, max(s.actor_user_name) AS actor_user_name, max(s.actor_user_type) AS actor_user_type,
        max(s.actor_session_uid) AS actor_session_uid
    FROM asked q
    JOIN signed s ON s.begins = q.begins AND s.width = q.width
        AND (s.whole = q.whole OR q.width >= {_SHORTEST_UID}) AND q.width = least(s.whole, q.whole)
        AND q.time_us + q.time_step_us >= s.time_us
        AND (s.until_us IS NULL OR q.time_us + q.time_step_us < s.until_us)
    GROUP BY q.lead_no
    HAVING min(s.sign_in_no) = max(s.sign_in_no)
    """,
)

#: One row per request that was itself the sign-in.
SIGN_IN_REQUESTS = Station(
    "sign_in_requests",
    f"""
    WITH near AS (
        SELECT q.lead_no, s.sign_in_no, s.actor_user_name, s.actor_user_type, s.actor_session_uid,
            CASE WHEN q.http_request_method IN ('POST', 'PUT') THEN 1 ELSE 0 END AS posted
        FROM sign_ins s
        JOIN request_leads q ON q.src_endpoint_ip = s.src_endpoint_ip
            AND q.time_us // 4000000 BETWEEN s.time_us // 4000000 - 1 AND s.time_us // 4000000 + 1
        WHERE (q.actor_session_uid IS NULL OR q.actor_session_uid <> s.actor_session_uid)
            AND s.time_us <= q.time_us + q.time_step_us + {_SLACK_US}
            AND s.time_us + s.time_step_us
                >= q.time_us - coalesce(q.duration_us, q.time_step_us) - {_SLACK_US}
            AND q.http_response_code BETWEEN 200 AND 399
    ),
    best AS (
        SELECT lead_no, sign_in_no, actor_user_name, actor_user_type, actor_session_uid, posted,
            max(posted) OVER (PARTITION BY sign_in_no) AS any_posted
        FROM near
    ),
    counted AS (
        SELECT lead_no, sign_in_no, actor_user_name, actor_user_type, actor_session_uid,
            count(*) OVER (PARTITION BY sign_in_no) AS requests,
            count(*) OVER (PARTITION BY lead_no) AS sign_ins
        FROM best
        WHERE posted = any_posted
    )
    SELECT lead_no, sign_in_no, actor_user_name, actor_user_type, actor_session_uid
    FROM counted
    WHERE requests = 1 AND sign_ins = 1
    """,
)

#: One row per request whose user is known from a sign-in.
ACTORS = Station(
    "request_actors",
    """
    SELECT coalesce(s.lead_no, i.lead_no) AS lead_no,
        coalesce(s.actor_user_name, i.actor_user_name) AS actor_user_name,
        coalesce(s.actor_user_type, i.actor_user_type) AS actor_user_type,
        coalesce(s.actor_session_uid, i.actor_session_uid) AS actor_session_uid
    FROM session_requests s
    FULL OUTER JOIN sign_in_requests i ON i.lead_no = s.lead_no
    """,
)

ACTOR_STATIONS = (SIGN_INS, SESSION_REQUESTS, SIGN_IN_REQUESTS, ACTORS)
