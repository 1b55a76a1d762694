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

#: One row per kind of actor x route: what its users usually see, and how many users there are.
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
           MIN(CASE WHEN nth * 10 >= 9 * n THEN records END) AS upper
    FROM ranked
    GROUP BY actor_kind, target_shape
    """,
)

#: One row per actor x route that goes through records, with the number expected of it.
_JUDGED = Station(
    "finding_enumerations",
    f"""
    WITH judged AS (
        SELECT e.*, p.identities,
               GREATEST(CASE WHEN p.identities >= 10 THEN p.upper ELSE 2 * p.middle END, 1) AS expected,
               CASE WHEN numbers >= 20 AND numbers * 2 >= reach THEN 1 ELSE 0 END AS is_dense,
               CASE WHEN not_had * 20 >= records THEN 1 ELSE 0 END AS is_groping,
               CASE WHEN regexp_matches(COALESCE(e.agent, ''), '{CRAWLERS}') THEN 1 ELSE 0 END AS is_crawler
        FROM finding_enumerators AS e
        JOIN finding_enumeration_peers AS p ON p.actor_kind = e.actor_kind AND p.target_shape = e.target_shape
    )
    SELECT j.* FROM judged AS j
    WHERE (privacy = 'private' AND identities >= 3 AND records >= {PRIVATE_FLOOR} AND records >= 5 *
        expected)
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
                WHEN records >= {PRIVATE_MANY} OR is_dense + is_groping >= 1 THEN 'high' ELSE 'medium' END
                    AS level,
           CASE WHEN is_crawler = 1 AND privacy <> 'private' THEN 0.2
                WHEN privacy = 'open' AND is_dense + is_groping < 2 THEN 0.5
                WHEN privacy = 'open' THEN 0.75
                WHEN privacy = 'unknown' THEN 0.85
                WHEN records >= {PRIVATE_MANY} THEN 0.95
                WHEN is_dense + is_groping >= 1 THEN 0.85 ELSE 0.7 END AS certainty,
           CASE WHEN account IS NOT NULL THEN 'account' WHEN actor_kind = 'visit' AND actor LIKE 's:%'
                THEN 'session' ELSE 'address' END AS actor_kind,
           CASE WHEN account IS NOT NULL THEN account WHEN actor_kind = 'visit' AND actor LIKE 's:%'
                THEN SUBSTR(actor, 3) ELSE address END AS actor,
           records AS observed, expected,
           'records-gone-through(route=' || {plain("target_shape")} || ',records=' || CAST(records AS VARCHAR)
               || ',not-had=' || CAST(not_had AS VARCHAR) || ',reach=' || CAST(reach AS VARCHAR)
               || ',visits=' || CAST(visits AS VARCHAR)
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

STATIONS = (_ACTORS, _PEERS, _JUDGED, _FOUND, _EVENTS)
