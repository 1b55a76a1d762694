"""Cuts the requests into visits: one client's use of the site without a long pause."""

from __future__ import annotations

from ashiato.engine.findings.signers import PAUSE_US
from ashiato.engine.store import Station
from ashiato.engine.tables import VISITS

_HANDS = 3
# From one network to another and back is two.
_TURNS = 3
# Typing a password takes seconds to a few minutes; what came before that is not part of the sign-in.
_BEFORE_SIGN_IN_US = 180_000_000

#: One row per session: its first request.
_SESSION_STARTS = Station(
    "finding_session_starts",
    """
    SELECT address, agent, start_us, MIN(session) AS session
    FROM (
        SELECT address, agent, session, start_us,
               ROW_NUMBER() OVER (PARTITION BY session ORDER BY start_us, event_id) AS nth
        FROM finding_signers WHERE session IS NOT NULL
    ) AS ordered
    WHERE nth = 1
    GROUP BY address, agent, start_us
    """,
)

#: One row per request under a session: the program that asks, or, where no request of the session names one,
#: the address.
_HANDED = Station(
    "finding_session_hands",
    """
    SELECT event_id, start_us, session,
           CASE WHEN MIN(agent) OVER (PARTITION BY session) = '-'
                 AND MAX(agent) OVER (PARTITION BY session) = '-' THEN address ELSE agent END AS hand,
           MAX(agent) OVER (PARTITION BY session) <> '-' AS is_program
    FROM finding_signers WHERE session IS NOT NULL
    """,
)

#: One row per session used by two or three programs: two hands may hold it, its owner's and a thief's. One
#: that changes its name at every request is one hand. Addresses are hands where they take turns: somebody who
#: goes from one network to another, and back, is one.
_SHARED = Station(
    "finding_shared_sessions",
    f"""
    SELECT session, MIN(first) AS first_hand FROM (
        SELECT session, hand, is_program,
               FIRST_VALUE(hand) OVER (PARTITION BY session ORDER BY start_us, event_id) AS first,
               LAG(hand) OVER (PARTITION BY session ORDER BY start_us, event_id) AS before
        FROM finding_session_hands
    ) AS named
    GROUP BY session
    HAVING COUNT(DISTINCT hand) BETWEEN 2 AND {_HANDS}
       AND (MAX(CASE WHEN is_program THEN 1 ELSE 0 END) = 1
            OR SUM(CASE WHEN before <> hand THEN 1 ELSE 0 END) >= {_TURNS})
    """,
)

#: One row per request: who holds it, before pauses are looked at. Requests shortly before a session's
#: first one, from the same address and user agent, are its way in (front page, sign-in form, password).
_HELD = Station(
    "finding_held",
    f"""
    WITH marked AS (
        SELECT r.event_id, r.start_us, r.address, r.agent, r.session, r.account,
               MIN(CASE WHEN s.session IS NOT NULL AND s.session = r.session THEN r.start_us END)
               OVER (PARTITION BY r.address, r.agent ORDER BY r.start_us, r.event_id
                     ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_start_us
        FROM finding_signers AS r
        LEFT JOIN finding_session_starts AS s
          ON s.address = r.address AND s.agent = r.agent AND s.start_us = r.start_us
    ),
    led AS (
        SELECT marked.*,
               CASE WHEN session IS NULL AND account IS NULL
                         AND next_start_us - start_us <= {_BEFORE_SIGN_IN_US}
                    THEN next_start_us END AS leads_us
        FROM marked
    )
    SELECT m.event_id, m.start_us, m.address, m.agent,
           COALESCE(m.session, n.session) AS session, m.account,
           CASE WHEN g.session IS NOT NULL AND g.first_hand <> w.hand
                THEN 's:' || g.session || '|' || w.hand
                WHEN COALESCE(m.session, n.session) IS NOT NULL THEN 's:' || COALESCE(m.session, n.session)
                WHEN m.account IS NOT NULL THEN 'a:' || m.account || '|' || m.address || '|' || m.agent
                ELSE 'c:' || m.address || '|' || m.agent END AS holder
    FROM led AS m
    LEFT JOIN finding_session_starts AS n
      ON n.address = m.address AND n.agent = m.agent AND n.start_us = m.leads_us
    LEFT JOIN finding_shared_sessions AS g ON g.session = m.session
    LEFT JOIN finding_session_hands AS w ON w.event_id = m.event_id
    """,
)

#: One row per request: its visit, and the address's burst (all its clients together) it falls into.
STEPS = Station(
    "finding_steps",
    f"""
    WITH gaps AS (
        SELECT h.*,
               start_us - LAG(start_us) OVER (PARTITION BY holder ORDER BY start_us, event_id) AS own_gap_us,
               start_us - LAG(start_us) OVER (PARTITION BY address ORDER BY start_us, event_id) AS
                   address_gap_us
        FROM finding_held AS h
    ), numbered AS (
        SELECT g.*,
               SUM(CASE WHEN own_gap_us > {PAUSE_US} THEN 1 ELSE 0 END)
                   OVER (PARTITION BY holder ORDER BY start_us, event_id) AS own_run,
               SUM(CASE WHEN address_gap_us > {PAUSE_US} THEN 1 ELSE 0 END)
                   OVER (PARTITION BY address ORDER BY start_us, event_id) AS address_run
        FROM gaps AS g
    )
    SELECT event_id, start_us, address, agent, session, account, holder, own_gap_us,
           CASE WHEN session IS NOT NULL THEN holder
                ELSE holder || '#' || CAST(own_run AS VARCHAR) END AS visit,
           address || '#' || CAST(address_run AS VARCHAR) AS burst
    FROM numbered
    """,
)

#: One row per visit whose account is known: its requests or its session's sign-in say so, or, where the web
#: log tells of no session, the only account that signed in during it.
_ACCOUNTS = Station(
    "finding_visit_accounts",
    """
    WITH named AS (
        SELECT visit, account FROM finding_steps WHERE account IS NOT NULL
        UNION
        SELECT s.visit, i.actor_user_name AS account
        FROM finding_sign_ins AS i JOIN finding_steps AS s ON s.session = i.actor_session_uid
        WHERE i.actor_user_name IS NOT NULL
        UNION
        SELECT s.visit, t.account
        FROM finding_attempts AS t JOIN finding_steps AS s ON s.event_id = t.request_id
        WHERE t.succeeded = 1 AND t.account IS NOT NULL AND s.session IS NULL AND s.account IS NULL
    )
    SELECT visit, MIN(account) AS account FROM named GROUP BY visit
    HAVING COUNT(DISTINCT account) = 1
    """,
)

#: One row per event of a person or program: the visit it belongs to. Sign-ins follow their session, else
#: the sign-in request beside them; statements of a connection that no web request explains follow it;
#: what an analyst pinned and nothing places is a visit of its own.
VISITS_OF_EVENTS = Station(
    "visits",
    """
    WITH placed AS (
    SELECT s.event_id, s.visit, s.burst, s.address, s.agent, s.session,
           COALESCE(s.account, a.account) AS account, s.start_us
    FROM finding_steps AS s
    LEFT JOIN finding_visit_accounts AS a ON a.visit = s.visit
    UNION ALL
    SELECT i.event_id,
           COALESCE(o.visit, s.visit, 's:' || i.actor_session_uid, 'i:' || i.address) AS visit,
           s.burst, i.address, s.agent, i.actor_session_uid AS session,
           CASE WHEN i.is_success THEN i.actor_user_name END AS account, i.start_us
    FROM finding_sign_ins AS i
    LEFT JOIN (
        SELECT session, MIN(visit) AS visit FROM finding_steps WHERE session IS NOT NULL GROUP BY session
    ) AS o
      ON o.session = i.actor_session_uid
    LEFT JOIN finding_sign_in_requests AS m ON m.sign_in_id = i.event_id
    LEFT JOIN finding_steps AS s ON s.event_id = m.event_id
    UNION ALL
    SELECT q.event_id, 'd:' || q.database_session_uid AS visit, NULL AS burst, q.src_endpoint_ip AS address,
           q.database_application AS agent, q.database_session_uid AS session,
           q.database_user_name AS account, q.start_us
    FROM finding_statements AS q
    LEFT JOIN (
        SELECT sql_event_id FROM causes GROUP BY sql_event_id HAVING SUM(confidence) >= 0.3
    ) AS c ON c.sql_event_id = q.event_id
    WHERE q.database_session_uid IS NOT NULL AND c.sql_event_id IS NULL
    UNION ALL
    SELECT k.event_id, k.visit, NULL AS burst, k.address, k.agent, k.credential AS session, k.account,
           k.start_us
    FROM finding_calls AS k
    )
    SELECT * FROM placed
    UNION ALL
    SELECT p.event_id, 'p:' || CAST(p.event_id AS VARCHAR) AS visit, NULL AS burst,
           e.src_endpoint_ip AS address, NULL AS agent, NULL AS session, NULL AS account, e.start_us
    FROM pins AS p JOIN events AS e ON e.event_id = p.event_id
    LEFT JOIN placed AS o ON o.event_id = p.event_id
    WHERE p.verdict = 'hostile' AND o.event_id IS NULL
    """,
    VISITS,
)

BEFORE_SIGN_INS = (_SESSION_STARTS, _HANDED, _SHARED, _HELD, STEPS)
AFTER_SIGN_INS = (_ACCOUNTS, VISITS_OF_EVENTS)
