"""Finds actors that go through records: far more distinct ones than their peers, their past and a floor."""

from __future__ import annotations

from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# Floors. One person's own affairs (own record, a few pets, policies, orders) stay below ten records of a
# kind; thirty of them by an actor whose peers see one is not browsing.
PRIVATE_FLOOR = 10
PRIVATE_MANY = 30
# Where nothing says that a route is private, or nobody else uses it, a reader of public pages must not be
# taken for a thief: more records, and signs of guessing (missing ones, or numbers taken without gaps).
OPEN_FLOOR = 50
# Numbers that only rise, or only fall, nine steps in ten; of eight steps chance gives that once in a hundred.
_STEPS = 8
# So many visits that each ask for ten records and nothing else are no coincidence.
_ALIKE = 5
CRAWLERS = r"(?i)bot\b|crawl|spider|slurp|archiver|facebookexternalhit|feed|monitor|preview"

#: One row per session or account x route (what neither holds together is looked at by ``walks``): distinct
#: records, how densely their numbers lie, how many were not to be had.
#: Of an account, the record it returns to visit after visit (its own) is left out.
_ACTORS = Station(
    "finding_enumerators",
    """
    WITH own AS (
        SELECT account, target_shape, objects FROM (
            SELECT account, target_shape, objects,
                   ROW_NUMBER() OVER (PARTITION BY account, target_shape
                                      ORDER BY COUNT(DISTINCT visit) DESC, MIN(start_us), objects) AS nth
            FROM finding_touches WHERE account IS NOT NULL
            GROUP BY account, target_shape, objects
        ) AS ranked
        WHERE nth = 1
    ), acting AS (
        SELECT 'visit' AS actor_kind, t.visit AS actor, t.* FROM finding_touches AS t
        WHERE t.visit NOT LIKE 'c:%' OR t.account IS NOT NULL
        UNION ALL
        SELECT 'account' AS actor_kind, t.account AS actor, t.* FROM finding_touches AS t
        LEFT JOIN own AS o
          ON o.account = t.account AND o.target_shape = t.target_shape AND o.objects = t.objects
        WHERE t.account IS NOT NULL AND o.account IS NULL
    )
    SELECT actor_kind, actor, target_shape, MIN(privacy) AS privacy, MIN(account) AS account,
           MIN(address) AS address, MIN(agent) AS agent, COUNT(DISTINCT visit) AS visits,
           COUNT(*) AS requests, COUNT(DISTINCT objects) AS records,
           COUNT(DISTINCT CASE WHEN is_missing OR is_refused THEN objects END) AS not_had,
           COALESCE(MAX(object_number) - MIN(object_number) + 1, 0) AS reach,
           COUNT(DISTINCT object_number) AS numbers
    FROM acting
    GROUP BY actor_kind, actor, target_shape
    """,
)

#: One row per visit x route: whether its numbers go one way, and whether it asks for nothing but that route's
#: records (a sign-in aside).
_HANDS = Station(
    "finding_enumerating_hands",
    f"""
    WITH stepped AS (
        SELECT visit, target_shape, objects,
               object_number - LAG(object_number) OVER (
                   PARTITION BY visit, target_shape ORDER BY start_us, event_id) AS step
        FROM finding_touches
    ), walked AS (
        SELECT visit, target_shape, COUNT(*) AS requests, COUNT(DISTINCT objects) AS records,
               COUNT(CASE WHEN step <> 0 THEN 1 END) AS steps,
               GREATEST(COUNT(CASE WHEN step > 0 THEN 1 END), COUNT(CASE WHEN step < 0 THEN 1 END)) AS one_way
        FROM stepped GROUP BY visit, target_shape
    ), asked AS (
        SELECT v.visit, COUNT(*) AS requests
        FROM visits AS v JOIN finding_requests AS r ON r.event_id = v.event_id
        LEFT JOIN finding_sign_in_routes AS l ON l.template = r.template
        WHERE l.template IS NULL GROUP BY v.visit
    ), told AS (
        SELECT w.visit, w.target_shape, w.records,
               CASE WHEN w.steps >= {_STEPS} AND w.one_way * 10 >= w.steps * 9 THEN 1 ELSE 0 END
                   AS is_one_way,
               CASE WHEN w.requests = a.requests THEN 1 ELSE 0 END AS is_bare
        FROM walked AS w JOIN asked AS a ON a.visit = w.visit
    )
    SELECT t.*,
           SUM(CASE WHEN is_bare = 1 AND records >= {PRIVATE_FLOOR} THEN 1 ELSE 0 END)
               OVER (PARTITION BY target_shape) AS alike
    FROM told AS t
    """,
)

#: One row per kind of actor x route: what its users usually see, and how many users there are. The lower
#: tenth holds even where most of a short log's visitors are thieves.
_PEERS = Station(
    "finding_enumeration_peers",
    """
    WITH counted AS (
        SELECT actor_kind, target_shape, account, address, records FROM finding_enumerators
        WHERE actor_kind <> 'account'
        UNION ALL
        SELECT 'account' AS actor_kind, target_shape, account, MIN(address) AS address,
               COUNT(DISTINCT objects) AS records
        FROM finding_touches WHERE account IS NOT NULL GROUP BY target_shape, account
    ), ranked AS (
        SELECT c.*, COUNT(*) OVER (PARTITION BY actor_kind, target_shape) AS n,
               ROW_NUMBER() OVER (PARTITION BY actor_kind, target_shape ORDER BY records) AS nth
        FROM counted AS c
    )
    SELECT actor_kind, target_shape, COUNT(*) AS actors,
           COUNT(DISTINCT COALESCE(account, address)) AS identities, MEDIAN(records) AS middle,
           MIN(CASE WHEN nth * 10 >= n THEN records END) AS low,
           MIN(CASE WHEN nth * 10 >= 9 * n THEN records END) AS upper
    FROM ranked
    GROUP BY actor_kind, target_shape
    """,
)

#: One row per actor x route that goes through records, with the number expected of it. Where many do, so that
#: nothing is unusual, signs of one hand stand in for it: numbers without gaps or one way, records that are
#: not there, nothing asked for but records, and many visits that do so alike.
_JUDGED = Station(
    "finding_enumerations",
    f"""
    WITH judged AS (
        SELECT e.*, p.identities, GREATEST(p.low, 1) AS low,
               GREATEST(CASE WHEN p.identities >= 10 THEN p.upper ELSE 2 * p.middle END, 1) AS expected,
               CASE WHEN numbers >= 20 AND numbers * 2 >= reach THEN 1 ELSE 0 END AS is_dense,
               CASE WHEN not_had * 20 >= e.records THEN 1 ELSE 0 END AS is_groping,
               COALESCE(h.is_one_way, 0) AS is_one_way, COALESCE(h.is_bare, 0) AS is_bare,
               CASE WHEN h.is_bare = 1 AND h.alike >= {_ALIKE} THEN 1 ELSE 0 END AS is_alike,
               CASE WHEN regexp_matches(COALESCE(e.agent, ''), '{CRAWLERS}') THEN 1 ELSE 0 END AS is_crawler
        FROM finding_enumerators AS e
        JOIN finding_enumeration_peers AS p ON p.actor_kind = e.actor_kind AND p.target_shape = e.target_shape
        LEFT JOIN finding_enumerating_hands AS h
          ON e.actor_kind = 'visit' AND h.visit = e.actor AND h.target_shape = e.target_shape
    )
    SELECT j.* FROM judged AS j
    WHERE (privacy = 'private' AND identities >= 3 AND records >= {PRIVATE_FLOOR} AND records >= 5 *
        expected)
       OR (privacy = 'private' AND identities >= 3 AND records >= {PRIVATE_FLOOR} AND records >= 5 * low
           AND is_dense + is_groping + is_one_way + is_bare + is_alike >= 2)
       OR (privacy = 'private' AND identities < 3 AND records >= {PRIVATE_MANY} AND is_dense + is_groping
           >= 1)
       OR (privacy <> 'private' AND records >= {OPEN_FLOOR} AND records >= 10 * expected
           AND is_dense + is_groping >= 1)
       OR (privacy = 'unknown' AND records >= 2 * {OPEN_FLOOR} AND records >= 20 * expected)
    """,
)

_FOUND = Station(
    "found_enumeration",
    f"""
    SELECT 'record-enumeration' AS rule, 'behaviour' AS rule_kind, 'T1213' AS technique,
           actor_kind || '|' || actor || '|' || target_shape AS key,
           CASE WHEN is_crawler = 1 AND privacy <> 'private' THEN 'low'
                WHEN records >= {PRIVATE_MANY} OR is_dense + is_groping + is_one_way >= 1 THEN 'high'
                ELSE 'medium' END
                    AS level,
           CASE WHEN is_crawler = 1 AND privacy <> 'private' THEN 0.2
                WHEN privacy = 'open' AND is_dense + is_groping < 2 THEN 0.5
                WHEN privacy = 'open' THEN 0.75
                WHEN privacy = 'unknown' THEN 0.85
                WHEN records >= {PRIVATE_MANY} THEN 0.95
                WHEN is_dense + is_groping + is_one_way + is_alike >= 1 THEN 0.85 ELSE 0.7 END AS certainty,
           CASE WHEN account IS NOT NULL THEN 'account' WHEN actor_kind = 'visit' AND actor LIKE 's:%'
                THEN 'session' ELSE 'address' END AS actor_kind,
           CASE WHEN account IS NOT NULL THEN account WHEN actor_kind = 'visit' AND actor LIKE 's:%'
                THEN SUBSTR(actor, 3) ELSE address END AS actor,
           records AS observed, expected,
           'records-gone-through(route=' || {plain("target_shape")} || ',records=' || CAST(records AS VARCHAR)
               || ',not-had=' || CAST(not_had AS VARCHAR) || ',reach=' || CAST(reach AS VARCHAR)
               || ',visits=' || CAST(visits AS VARCHAR)
               || ',one-way=' || CAST(is_one_way AS VARCHAR)
               || ',nothing-but-records=' || CAST(is_bare AS VARCHAR)
               || ',visits-alike=' || CAST(is_alike AS VARCHAR)
               || ',usual=' || CAST(CAST(expected AS BIGINT) AS VARCHAR) || ')' AS why
    FROM finding_enumerations
    """,
)

#: Where peers see a few records, each that an account asks for beyond its own is part of the walk. Where it
#: is their work, only visits that see a quarter of what its broadest sees are; less is its owner's use.
_EVENTS = Station(
    "found_enumeration_events",
    f"""
    WITH broadest AS (
        SELECT account, target_shape, MAX(records) AS records FROM finding_enumerators
        WHERE actor_kind = 'visit' AND account IS NOT NULL GROUP BY account, target_shape
    )
    SELECT e.actor_kind || '|' || e.actor || '|' || e.target_shape AS key, t.event_id
    FROM finding_enumerations AS e
    JOIN finding_touches AS t ON t.target_shape = e.target_shape AND t.visit = e.actor
    WHERE e.actor_kind = 'visit'
    UNION ALL
    SELECT e.actor_kind || '|' || e.actor || '|' || e.target_shape AS key, t.event_id
    FROM finding_enumerations AS e
    JOIN (
        SELECT t.*, COUNT(*) OVER (PARTITION BY account, target_shape, objects) AS returns
        FROM finding_touches AS t WHERE account IS NOT NULL
    ) AS t ON t.target_shape = e.target_shape AND t.account = e.actor
    JOIN broadest AS b ON b.account = e.actor AND b.target_shape = e.target_shape
    JOIN finding_enumerators AS w
      ON w.actor_kind = 'visit' AND w.actor = t.visit AND w.target_shape = t.target_shape
    WHERE e.actor_kind = 'account' AND t.returns * 4 <= e.requests
      AND (e.expected < {PRIVATE_FLOOR} OR w.records * 4 >= b.records)
    """,
)

STATIONS = (_ACTORS, _HANDS, _PEERS, _JUDGED, _FOUND, _EVENTS)
