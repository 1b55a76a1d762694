"""Finds the routes people sign in through, and each attempt with its outcome."""

from __future__ import annotations

from ashiato.engine.findings.signers import PAUSE_US
from ashiato.engine.store import Station

# Names that login routes carry in most frameworks; learned routes and the data map's come beside them.
_NAMES = (
    r"(?i)/(?:log-?in|log-?on|sign-?in|signin|authenticate|auth|session|sessions|token|wp-login\.php"
    r"|j_security_check|xmlrpc\.php|do_?login|user_?login)(?:\.\w{2,5})?/?$"
)

#: One row per request x sign-in record of the same trace, or of the same address within two seconds of each
#: other.
_NEAR = Station(
    "finding_sign_ins_near",
    """
    WITH seconds AS (
        SELECT event_id, address, start_us, start_us // 1000000 + d.shift AS second
        FROM finding_sign_ins
        CROSS JOIN (SELECT -2 AS shift UNION ALL SELECT -1 UNION ALL SELECT 0
                    UNION ALL SELECT 1 UNION ALL SELECT 2) AS d
    )
    SELECT s.event_id AS sign_in_id, r.event_id, r.http_request_method, r.template,
           ABS(r.end_us - s.start_us) AS apart_us
    FROM seconds AS s
    JOIN finding_requests AS r ON r.address = s.address AND r.end_us // 1000000 = s.second
    WHERE r.http_request_method IN ('POST', 'PUT')
    UNION ALL
    SELECT i.event_id AS sign_in_id, r.event_id, r.http_request_method, r.template, 0 AS apart_us
    FROM finding_sign_ins AS i JOIN finding_requests AS r ON r.trace_uid = i.trace_uid
    WHERE r.http_request_method IN ('POST', 'PUT')
    """,
)

#: One row per route people sign in through: named so, or most of its calls stand beside a sign-in record,
#: or the data map says so.
_ROUTES = Station(
    "finding_sign_in_routes",
    f"""
    WITH posted AS (
        SELECT template, COUNT(*) AS calls
        FROM finding_requests WHERE http_request_method IN ('POST', 'PUT') GROUP BY template
    ), beside AS (
        SELECT template, COUNT(DISTINCT event_id) AS calls FROM finding_sign_ins_near GROUP BY template
    )
    SELECT p.template FROM posted AS p
    LEFT JOIN beside AS b ON b.template = p.template
    LEFT JOIN finding_known AS k ON k.kind = 'login' AND k.value = p.template
    WHERE regexp_matches(p.template, '{_NAMES}') OR k.value IS NOT NULL
       OR (COALESCE(b.calls, 0) >= 3 AND b.calls * 2 >= p.calls)
    """,
)

#: One row per sign-in record: the request that carried it.
_REQUESTS = Station(
    "finding_sign_in_requests",
    """
    SELECT sign_in_id, event_id FROM (
        SELECT n.sign_in_id, n.event_id,
               ROW_NUMBER() OVER (PARTITION BY n.sign_in_id ORDER BY n.apart_us, n.event_id) AS nth
        FROM finding_sign_ins_near AS n
        JOIN finding_sign_in_routes AS r ON r.template = n.template
    ) AS ranked
    WHERE nth = 1
    """,
)

#: One row per sign-in request without a record of its own: how its route answers, and where the same client
#: went next.
_ANSWERS = Station(
    "finding_sign_in_answers",
    """
    WITH went AS (
        SELECT event_id, LEAD(template) OVER (PARTITION BY address, agent ORDER BY start_us, event_id)
                   AS next_template
        FROM finding_requests
    ), answered AS (
        SELECT r.template,
               SUM(CASE WHEN r.http_response_code IN (302, 303, 307) THEN 1 ELSE 0 END) AS redirects,
               SUM(CASE WHEN r.http_response_code = 200 THEN 1 ELSE 0 END) AS pages,
               SUM(CASE WHEN r.http_response_code IN (400, 401, 403, 422, 429) THEN 1 ELSE 0 END) AS refusals
        FROM finding_requests AS r
        JOIN finding_sign_in_routes AS l ON l.template = r.template
        WHERE r.http_request_method IN ('POST', 'PUT')
        GROUP BY r.template
    )
    SELECT r.event_id, COALESCE(r.http_response_code, 0) AS code, a.redirects, a.pages, a.refusals,
           CASE WHEN n.template IS NOT NULL THEN 1 ELSE 0 END AS tried_again
    FROM finding_requests AS r
    JOIN answered AS a ON a.template = r.template
    JOIN went AS w ON w.event_id = r.event_id
    LEFT JOIN finding_sign_in_routes AS n ON n.template = w.next_template
    LEFT JOIN (SELECT DISTINCT event_id FROM finding_sign_ins_near) AS d ON d.event_id = r.event_id
    WHERE r.http_request_method IN ('POST', 'PUT') AND d.event_id IS NULL
    """,
)

#: One row per attempt to sign in: from its own record, else from the request. A refusal failed. So did a
#: page (200) where others are redirected, and, where the route answers all alike, an attempt after which the
#: client came back to the sign-in route at once.
_ATTEMPTS = Station(
    "finding_attempts",
    """
    WITH judged AS (
        SELECT event_id,
               CASE WHEN code IN (400, 401, 403, 422, 429) OR code >= 500 THEN 1
                    WHEN refusals > 0 THEN 0
                    WHEN pages > 0 AND redirects > 0 THEN CASE WHEN code = 200 THEN 1 ELSE 0 END
                    ELSE tried_again END AS failed
        FROM finding_sign_in_answers
    )
    SELECT i.event_id, i.start_us, i.address, s.agent, COALESCE(i.actor_session_uid, s.session) AS session,
           i.actor_user_name AS account, m.event_id AS request_id,
           CASE WHEN i.is_success THEN 1 ELSE 0 END AS succeeded,
           CASE WHEN i.is_success THEN 0 ELSE 1 END AS failed
    FROM finding_sign_ins AS i
    LEFT JOIN finding_sign_in_requests AS m ON m.sign_in_id = i.event_id
    LEFT JOIN finding_steps AS s ON s.event_id = m.event_id
    UNION ALL
    SELECT s.event_id, s.start_us, s.address, s.agent, s.session, s.account, s.event_id AS request_id,
           1 - j.failed AS succeeded, j.failed
    FROM judged AS j JOIN finding_steps AS s ON s.event_id = j.event_id
    """,
)

#: One row per attempt that a web request carries: whether it came straight, without the sign-in form or any
#: page (a record that was read is none) before it, and whether that tells anything here: people's programs
#: fetch a page first, as most successes do; one fetched longer ago than the pause that ends a visit is not
#: this sign-in's. An application on a telephone posts straight, and there it tells
#: nothing.
_DIRECT = Station(
    "finding_attempt_ways",
    f"""
    WITH paged AS (
        SELECT event_id, start_us,
               MAX(CASE WHEN http_request_method NOT IN ('POST', 'PUT') AND actor_session_uid IS NULL
                         AND objects IS NULL
                        THEN start_us END) OVER (
                   PARTITION BY address, agent ORDER BY start_us, event_id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS page_us
        FROM finding_requests
    ), ways AS (
        SELECT a.event_id, a.address, a.succeeded,
               CASE WHEN p.page_us IS NULL OR p.start_us - p.page_us > {PAUSE_US} THEN 1 ELSE 0 END
                   AS is_direct
        FROM finding_attempts AS a JOIN paged AS p ON p.event_id = a.request_id
    ), told AS (
        SELECT CASE WHEN SUM(is_direct) * 4 <= COUNT(*) THEN 1 ELSE 0 END AS tells FROM (
            SELECT address, MIN(is_direct) AS is_direct FROM ways WHERE succeeded = 1 GROUP BY address
        ) AS right_ones
    )
    SELECT w.event_id, w.is_direct * t.tells AS is_direct FROM ways AS w CROSS JOIN told AS t
    """,
)

ROUTES: tuple[Station, ...] = (_NEAR, _ROUTES, _REQUESTS)
ATTEMPTS: tuple[Station, ...] = (_ANSWERS, _ATTEMPTS, _DIRECT)
