"""Finds keys and roles of a cloud that are not used by their owner: another place, and unlike behaviour.

Calls have no sessions: a visit is one principal's use from one address with one user agent, without a long
pause. Signs count as in ``takeover``: *place* alone makes no finding, since people travel and servers move.
"""

from __future__ import annotations

from ashiato.engine.findings.signers import PAUSE_US
from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# One refusal is a slip; three in a visit is somebody trying doors.
_REFUSALS = 3
# Fewer objects than this, one by one, is a look by hand.
_BREADTH = 5

#: One row per call: who made it, whence, and the visit it is part of.
CALLS = Station(
    "finding_calls",
    f"""
    WITH named AS (
        SELECT e.event_id, e.start_us, COALESCE(e.src_endpoint_ip, '?') AS address,
               COALESCE(e.http_request_user_agent, '-') AS agent,
               COALESCE(e.actor_user_name, '?') AS account, e.activity_name, e.api_operation,
               e.databucket_name, e.databucket_file_path, e.actor_user_credential_uid AS credential,
               CASE WHEN e.http_response_code IN (401, 403)
                      OR regexp_matches(COALESCE(e.error_code, ''), '(?i)denied|unauthori|forbidden')
                    THEN 1 ELSE 0 END AS refused,
               CASE WHEN COALESCE(e.http_response_code, 200) < 400 AND e.error_code IS NULL THEN 1 ELSE 0 END
                   AS succeeded
        FROM events AS e WHERE e.event_kind = 'api'
    ), gaps AS (
        SELECT n.*, start_us - LAG(start_us) OVER (
                   PARTITION BY account, address, agent ORDER BY start_us, event_id) AS gap_us
        FROM named AS n
    )
    SELECT g.*, 'k:' || account || '|' || address || '|' || agent || '#'
               || CAST(SUM(CASE WHEN gap_us > {PAUSE_US} THEN 1 ELSE 0 END)
                   OVER (PARTITION BY account, address, agent ORDER BY start_us, event_id) AS VARCHAR)
               AS visit
    FROM gaps AS g
    """,
)

#: One row per visit: what was done in it.
_VISITS = Station(
    "finding_call_visits",
    """
    SELECT visit, account, address, agent,
           COUNT(*) AS calls, CAST(SUM(refused) AS BIGINT) AS refusals,
           COUNT(DISTINCT CASE WHEN activity_name IN ('read', 'copy') AND succeeded = 1
                               THEN databucket_name || '/' || databucket_file_path END) AS objects,
           SUM(CASE WHEN activity_name = 'list' THEN 1 ELSE 0 END) AS listings,
           MAX(CASE WHEN api_operation IN ('ListBuckets', 'REST.GET.SERVICE', 'GetCallerIdentity',
                        'storage.buckets.list', 'ListContainers') THEN 1 ELSE 0 END) AS looks_round
    FROM finding_calls GROUP BY visit, account, address, agent
    """,
)

#: One row per visit x first folder of the objects it read, and how many other visits of the principal read
#: there: what a principal never reads is not its work.
_FOLDERS = Station(
    "finding_call_folders",
    """
    WITH read AS (
        SELECT DISTINCT visit, account, COALESCE(databucket_name, '') || '/'
                   || split_part(COALESCE(databucket_file_path, ''), '/', 1) AS folder
        FROM finding_calls WHERE activity_name IN ('read', 'list', 'copy')
    ), readers AS (
        SELECT account, folder, COUNT(*) AS visits FROM read GROUP BY account, folder
    )
    SELECT r.visit, MIN(s.visits) - 1 AS others
    FROM read AS r JOIN readers AS s ON s.account = r.account AND s.folder = r.folder
    GROUP BY r.visit
    """,
)

#: One row per visit x sign: 1 where it is there. A principal's usual is what its other visits do.
_SIGNS = Station(
    "finding_call_signs",
    f"""
    WITH usual AS (
        SELECT v.visit, COUNT(o.visit) AS other_visits,
               SUM(CASE WHEN o.address = v.address THEN 1 ELSE 0 END) AS same_address,
               SUM(CASE WHEN o.agent = v.agent THEN 1 ELSE 0 END) AS same_agent,
               MAX(o.objects) AS most_objects, MAX(o.refusals) AS most_refusals,
               MAX(o.looks_round) AS looked_round, MAX(o.listings) AS most_listings
        FROM finding_call_visits AS v
        LEFT JOIN finding_call_visits AS o ON o.account = v.account
         AND (o.address <> v.address OR o.agent <> v.agent)
        GROUP BY v.visit
    )
    SELECT v.*, u.other_visits,
           CASE WHEN u.other_visits >= 2 AND u.same_address = 0 THEN 1 ELSE 0 END AS is_elsewhere,
           CASE WHEN u.other_visits >= 2 AND u.same_agent = 0 THEN 1 ELSE 0 END AS is_other_agent,
           CASE WHEN regexp_matches(v.account, '/i-[0-9a-f]{{8,17}}$')
                 AND regexp_matches(lower(v.agent), 'darwin|macos|windows|android|iphone|kali|parrot')
                THEN 1 ELSE 0 END AS is_off_machine,
           CASE WHEN v.refusals >= {_REFUSALS} AND v.refusals > COALESCE(u.most_refusals, 0)
                THEN 1 ELSE 0 END AS is_refused,
           CASE WHEN v.looks_round = 1 AND COALESCE(u.looked_round, 0) = 0 THEN 1 ELSE 0 END AS is_looking,
           CASE WHEN v.listings > 0 AND COALESCE(u.most_listings, 0) = 0 THEN 1 ELSE 0 END AS is_listing,
           CASE WHEN v.objects >= {_BREADTH} AND v.objects > 2 * COALESCE(u.most_objects, 0)
                THEN 1 ELSE 0 END AS is_broad,
           CASE WHEN f.others = 0 AND u.other_visits >= 2 THEN 1 ELSE 0 END AS is_strange
    FROM finding_call_visits AS v
    JOIN usual AS u ON u.visit = v.visit
    LEFT JOIN finding_call_folders AS f ON f.visit = v.visit
    LEFT JOIN finding_known AS k ON k.kind = 'machine' AND k.value IN (v.account, v.address, v.agent)
    WHERE k.value IS NULL
    """,
)

_JUDGED = Station(
    "finding_calls_judged",
    """
    SELECT s.*, is_elsewhere + is_other_agent + 2 * is_off_machine AS place,
           is_refused + is_looking + is_listing + 2 * is_broad + is_strange AS behaviour
    FROM finding_call_signs AS s
    """,
)

_FOUND = Station(
    "found_calls",
    f"""
    SELECT 'cloud-key-not-its-owner' AS rule, 'behaviour' AS rule_kind, 'T1078.004' AS technique,
           visit AS key,
           CASE WHEN place >= 1 AND place + behaviour >= 4 THEN 'high' ELSE 'medium' END AS level,
           CASE WHEN place >= 2 AND place + behaviour >= 5 THEN 0.95
                WHEN place >= 1 AND place + behaviour >= 4 THEN 0.9
                WHEN place >= 2 AND behaviour >= 1 THEN 0.85 ELSE 0.6 END AS certainty,
           'account' AS actor_kind, account AS actor, place + behaviour AS observed, 0 AS expected,
           'unlike-owner(principal=' || {plain("account")} || ',calls=' || CAST(calls AS VARCHAR)
               || ',objects=' || CAST(objects AS VARCHAR) || ',listings=' || CAST(listings AS VARCHAR)
               || ',refusals=' || CAST(refusals AS VARCHAR)
               || ',new-address=' || CAST(is_elsewhere AS VARCHAR)
               || ',new-user-agent=' || CAST(is_other_agent AS VARCHAR)
               || ',off-its-machine=' || CAST(is_off_machine AS VARCHAR)
               || ',looks-round=' || CAST(is_looking AS VARCHAR)
               || ',strange-folders=' || CAST(is_strange AS VARCHAR) || ')' AS why
    FROM finding_calls_judged
    WHERE (place >= 1 AND behaviour >= 1 AND place + behaviour >= 3) OR behaviour >= 4
    """,
)

_EVENTS = Station(
    "found_calls_events",
    "SELECT c.visit AS key, c.event_id FROM finding_calls AS c JOIN found_calls AS f ON f.key = c.visit",
)

STATIONS = (_VISITS, _FOLDERS, _SIGNS, _JUDGED, _FOUND, _EVENTS)
