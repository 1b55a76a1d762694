"""Says in whose name each request was made, where its log tells no session: by the sign-in of its client.

A client is an address and a user agent. What it asks for without a long pause after one sign-in is that
account's; several accounts signed in within one such run leave it open whose each request is, and then it is
nobody's by name: the client stays whole, and is judged whole.
"""

from __future__ import annotations

from ashiato.engine.store import Station

# The pause after which web analytics has long called the next request a new visit.
PAUSE_US = 1_800_000_000
# A sign-in is seldom good for longer than a day without another.
_DAY_US = 86_400_000_000
# Of a log that tells sessions, far more requests than the sign-ins themselves are under one.
_TOLD = 5

#: One row per successful sign-in x request that carried it.
_CARRIED = Station(
    "finding_sign_ins_carried",
    """
    SELECT DISTINCT r.event_id, r.address, r.agent, r.start_us,
           i.actor_session_uid AS session, i.actor_user_name AS account
    FROM finding_sign_ins AS i
    JOIN finding_sign_in_requests AS m ON m.sign_in_id = i.event_id
    JOIN finding_requests AS r ON r.event_id = m.event_id
    WHERE i.is_success AND i.actor_user_name IS NOT NULL
    """,
)

#: One row per kind of log whose requests bear a name only where they are sign-ins, as the record of the
#: sign-in lends it to them: it tells no sessions itself.
_SILENT = Station(
    "finding_silent_logs",
    f"""
    SELECT COALESCE(r.system, '') AS system, COALESCE(r.source_format, '') AS source_format
    FROM finding_requests AS r
    LEFT JOIN (SELECT DISTINCT event_id FROM finding_sign_ins_near) AS c ON c.event_id = r.event_id
    GROUP BY COALESCE(r.system, ''), COALESCE(r.source_format, '')
    HAVING COUNT(c.event_id) > {_TOLD} * COUNT(
        CASE WHEN c.event_id IS NULL THEN COALESCE(r.actor_session_uid, r.actor_user_name) END)
    """,
)

#: One row per request of such a log: the unbroken run of its client that it falls into, and the client's last
#: sign-in until then.
_RUNS = Station(
    "finding_client_runs",
    f"""
    WITH gaps AS (
        SELECT r.event_id, r.start_us, r.address, r.agent, c.event_id IS NOT NULL AS is_sign_in,
               CASE WHEN c.accounts = 1 THEN c.session END AS session,
               CASE WHEN c.accounts = 1 THEN c.account END AS account,
               r.start_us - LAG(r.start_us) OVER (PARTITION BY r.address, r.agent
                                                  ORDER BY r.start_us, r.event_id) AS gap_us
        FROM finding_requests AS r
        JOIN finding_silent_logs AS q ON q.system = COALESCE(r.system, '')
         AND q.source_format = COALESCE(r.source_format, '')
        LEFT JOIN (
            SELECT event_id, MIN(session) AS session, MIN(account) AS account,
                   COUNT(DISTINCT account) AS accounts
            FROM finding_sign_ins_carried GROUP BY event_id
        ) AS c ON c.event_id = r.event_id
    )
    SELECT g.*,
           SUM(CASE WHEN gap_us > {PAUSE_US} THEN 1 ELSE 0 END)
               OVER (PARTITION BY address, agent ORDER BY start_us, event_id) AS run,
           MAX(CASE WHEN is_sign_in THEN start_us END) OVER (
               PARTITION BY address, agent ORDER BY start_us, event_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS signed_us
    FROM gaps AS g
    """,
)

#: One row per run of a client: how many accounts signed in during it, or, where none did, during the day
#: before it. Those count too of which it is open which request carried them: in a log of whole seconds, those
#: of colleagues who begin at one moment.
_HANDS = Station(
    "finding_client_hands",
    f"""
    WITH runs AS (
        SELECT n.address, n.agent, n.run, MIN(n.start_us) AS first_us, COUNT(DISTINCT c.account) AS accounts
        FROM finding_client_runs AS n
        LEFT JOIN finding_sign_ins_carried AS c ON c.event_id = n.event_id
        GROUP BY n.address, n.agent, n.run
    ), before AS (
        SELECT n.address, n.agent, n.run, COUNT(DISTINCT s.account) AS accounts
        FROM runs AS n
        JOIN finding_sign_ins_carried AS s ON s.address = n.address AND s.agent = n.agent
         AND s.start_us BETWEEN n.first_us - {_DAY_US} AND n.first_us
        WHERE n.accounts = 0
        GROUP BY n.address, n.agent, n.run
    )
    SELECT r.address, r.agent, r.run,
           CASE WHEN r.accounts > 0 THEN r.accounts ELSE COALESCE(b.accounts, 0) END AS accounts
    FROM runs AS r
    LEFT JOIN before AS b ON b.address = r.address AND b.agent = r.agent AND b.run = r.run
    """,
)

#: One row per request: in whose name it was made; whether its own log says so; whether by somebody who had
#: signed in, be it open who.
_SIGNERS = Station(
    "finding_signers",
    """
    WITH marks AS (
        SELECT address, agent, start_us, MAX(session) AS session, MAX(account) AS account
        FROM finding_client_runs WHERE account IS NOT NULL
        GROUP BY address, agent, start_us HAVING COUNT(DISTINCT account) = 1
    )
    SELECT r.event_id, r.start_us, r.address, r.agent,
           CASE WHEN n.event_id IS NULL THEN r.actor_session_uid
                WHEN h.accounts = 1 THEN m.session END AS session,
           CASE WHEN n.event_id IS NULL THEN r.actor_user_name
                WHEN h.accounts = 1 THEN m.account END AS account,
           CASE WHEN n.event_id IS NULL AND (r.actor_session_uid IS NOT NULL OR r.actor_user_name IS NOT NULL)
                THEN 1 ELSE 0 END AS is_told,
           CASE WHEN n.event_id IS NULL
                THEN CASE WHEN r.actor_session_uid IS NULL AND r.actor_user_name IS NULL THEN 0 ELSE 1 END
                WHEN h.accounts > 0 AND n.signed_us IS NOT NULL THEN 1 ELSE 0 END AS is_signed
    FROM finding_requests AS r
    LEFT JOIN finding_client_runs AS n ON n.event_id = r.event_id
    LEFT JOIN finding_client_hands AS h ON h.address = n.address AND h.agent = n.agent AND h.run = n.run
    LEFT JOIN marks AS m ON m.address = n.address AND m.agent = n.agent AND m.start_us = n.signed_us
    """,
)

STATIONS = (_CARRIED, _SILENT, _RUNS, _HANDS, _SIGNERS)
