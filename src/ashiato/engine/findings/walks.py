"""Finds walks through records that no session or account holds together.

A walker may call itself another browser at every request, drop its cookies, come back after a pause, or send
each request from another address. What then holds the walk together is the address over all its names
(``client``, ``address``) or, with the address gone too, the hour (``strangers``). Being many is no proof
there: behind one address may stand an office. So each walk must show signs of one hand, told in its reason.
"""

from __future__ import annotations

from ashiato.engine.findings.enumeration import CRAWLERS, OPEN_FLOOR, PRIVATE_FLOOR, PRIVATE_MANY
from ashiato.engine.findings.wording import plain
from ashiato.engine.store import Station

# Floors. Ten records of a private kind are no one person's own; where nothing says private, a reader of
# public pages needs room: twenty records under two signs of one hand, fifty under one.
_SIGNED_FLOOR = 20
# A visit to this many records is more than one person's look at something of its own.
_SEVERAL = 3
# Steps of one to three to the number before or after: somebody counts, leaving out what is not there. By
# chance a request stands so beside its neighbours in twelve of as many cases as there are numbers; three
# times what chance gives, and twenty at least, is no chance. Twenty steps all one way are none either.
STEP = 3
CHANCE = 4 * STEP
STEPS = 19
# An office's people may be numbered without gaps too; they do not all come within the hour.
_DENSE_GAP_US = 60_000_000
# Nobody reads a record every ten seconds, fifty times; a program does, and so do many people at once.
_FAST_GAP_US = 10_000_000
_HOUR_US = 3_600_000_000
_STRANGERS = 30
_ADDRESSES = 10

#: One row per visit x route: how many of its records, and whether the visit asks for nothing but records.
_VISITS = Station(
    "finding_walk_visits",
    """
    SELECT t.visit, t.target_shape, COUNT(DISTINCT t.objects) AS records,
           MIN(b.is_bare) AS is_bare
    FROM finding_touches AS t JOIN finding_bare_visits AS b ON b.visit = t.visit
    GROUP BY t.visit, t.target_shape
    """,
)

#: One row per route: what one address usually sees there, and whether its visitors usually ask for nothing
#: else. An address counts once, however many visits it makes.
_ROUTES = Station(
    "finding_walk_routes",
    """
    WITH counted AS (
        SELECT t.target_shape, t.address, COUNT(DISTINCT t.objects) AS records,
               SUM(w.is_bare) AS bare, COUNT(*) AS touches
        FROM finding_touches AS t
        JOIN finding_walk_visits AS w ON w.visit = t.visit AND w.target_shape = t.target_shape
        GROUP BY t.target_shape, t.address
    ), ranked AS (
        SELECT c.*, COUNT(*) OVER (PARTITION BY target_shape) AS n,
               ROW_NUMBER() OVER (PARTITION BY target_shape ORDER BY records, address) AS nth
        FROM counted AS c
    )
    SELECT target_shape, COUNT(*) AS addresses,
           CASE WHEN COUNT(*) >= 10 THEN MIN(CASE WHEN nth * 10 >= 9 * n THEN records END)
                ELSE 2 * MEDIAN(records) END AS expected,
           SUM(CASE WHEN bare * 2 > touches THEN 1 ELSE 0 END) AS bare_addresses
    FROM ranked GROUP BY target_shape
    """,
)

#: One row per request for a record that no account stands behind. The operator's own proxies are no client.
_LOOSE = Station(
    "finding_loose_touches",
    """
    SELECT t.event_id, t.start_us, t.visit, t.address, t.agent, t.target_shape, t.objects,
           t.object_number, t.is_missing, t.is_refused, t.is_signed, t.privacy, t.is_for_members,
           w.records AS visit_records, w.is_bare
    FROM finding_touches AS t
    JOIN finding_walk_visits AS w ON w.visit = t.visit AND w.target_shape = t.target_shape
    LEFT JOIN finding_known AS k ON k.kind = 'proxy' AND k.value = t.address
    WHERE t.account IS NULL AND k.value IS NULL
    """,
)

#: One row per hour x route in which strangers (addresses that ask for little else than a few records of this
#: one route) come in far greater number than in the route's other hours.
_SURGES = Station(
    "finding_stranger_surges",
    f"""
    WITH strangers AS (
        SELECT target_shape, address FROM finding_loose_touches
        GROUP BY target_shape, address
        HAVING MIN(is_bare) = 1 AND COUNT(DISTINCT objects) < {_SIGNED_FLOOR}
    ), hours AS (
        SELECT t.target_shape, t.start_us // {_HOUR_US} AS hour, COUNT(DISTINCT t.objects) AS records,
               COUNT(DISTINCT t.address) AS addresses
        FROM finding_loose_touches AS t
        JOIN strangers AS s ON s.target_shape = t.target_shape AND s.address = t.address
        GROUP BY t.target_shape, t.start_us // {_HOUR_US}
    ), open_hours AS (
        SELECT COUNT(DISTINCT start_us // {_HOUR_US}) AS n FROM finding_requests
    ), ranked AS (
        SELECT h.*, o.n, ROW_NUMBER() OVER (PARTITION BY h.target_shape ORDER BY h.records DESC, h.hour)
                   AS nth
        FROM hours AS h CROSS JOIN open_hours AS o
    ), usual AS (
        SELECT target_shape, COALESCE(MAX(CASE WHEN nth * 2 > n THEN records END), 0) AS records
        FROM ranked GROUP BY target_shape
    )
    SELECT h.target_shape, h.hour, h.records, h.addresses, u.records AS usual
    FROM hours AS h JOIN usual AS u ON u.target_shape = h.target_shape
    WHERE h.records >= 5 * (u.records + 1) AND h.addresses >= {_ADDRESSES}
    """,
)

#: One row per route with such an hour: its visitors of the other hours, by whom strangers are judged; they
#: may outnumber everybody else.
_OTHERS = Station(
    "finding_surge_others",
    f"""
    SELECT target_shape, COUNT(*) AS addresses,
           SUM(CASE WHEN bare * 2 > touches THEN 1 ELSE 0 END) AS bare_addresses
    FROM (
        SELECT t.target_shape, t.address, SUM(w.is_bare) AS bare, COUNT(*) AS touches
        FROM finding_touches AS t
        JOIN finding_walk_visits AS w ON w.visit = t.visit AND w.target_shape = t.target_shape
        LEFT JOIN finding_stranger_surges AS s
          ON s.target_shape = t.target_shape AND s.hour = t.start_us // {_HOUR_US}
        WHERE s.hour IS NULL
        GROUP BY t.target_shape, t.address
    ) AS others
    GROUP BY target_shape
    """,
)

#: One row per loose touch x unit that may be a walker, in the unit's order of time, with the step from the
#: record asked for before.
_STEPS_TAKEN = Station(
    "finding_walk_steps",
    f"""
    WITH units AS (
        SELECT 'client' AS unit_kind, address || '|' || agent AS unit, t.* FROM finding_loose_touches AS t
        UNION ALL
        SELECT 'address' AS unit_kind, address AS unit, t.* FROM finding_loose_touches AS t
        UNION ALL
        SELECT 'strangers' AS unit_kind, 'hour' AS unit, t.*
        FROM finding_loose_touches AS t
        JOIN finding_stranger_surges AS s
          ON s.target_shape = t.target_shape AND s.hour = t.start_us // {_HOUR_US}
        WHERE t.is_bare = 1 AND t.visit_records < {_SIGNED_FLOOR}
    ), stepped AS (
        SELECT u.*,
               object_number - LAG(object_number) OVER (
                   PARTITION BY unit_kind, unit, target_shape ORDER BY start_us, event_id) AS step,
               LEAD(object_number) OVER (
                   PARTITION BY unit_kind, unit, target_shape ORDER BY start_us, event_id) - object_number
                   AS next_step,
               start_us - LAG(start_us) OVER (
                   PARTITION BY unit_kind, unit, target_shape ORDER BY start_us, event_id) AS gap_us
        FROM units AS u
    )
    SELECT s.*, CASE WHEN ABS(step) BETWEEN 1 AND {STEP} OR ABS(next_step) BETWEEN 1 AND {STEP}
                     THEN 1 ELSE 0 END AS is_counting
    FROM stepped AS s
    """,
)

#: One row per unit x route: distinct records, and what may show one hand.
_WALKERS = Station(
    "finding_walkers",
    f"""
    WITH agents AS (
        SELECT unit_kind, unit, target_shape, agent, COUNT(*) AS touches,
               ROW_NUMBER() OVER (PARTITION BY unit_kind, unit, target_shape ORDER BY COUNT(*) DESC, agent)
                   AS nth
        FROM finding_walk_steps GROUP BY unit_kind, unit, target_shape, agent
    ), again AS (
        SELECT unit_kind, unit, target_shape, COUNT(*) AS records FROM (
            SELECT unit_kind, unit, target_shape, objects FROM finding_walk_steps
            GROUP BY unit_kind, unit, target_shape, objects
            HAVING COUNT(DISTINCT start_us // (24 * {_HOUR_US})) > 1
        ) AS returned GROUP BY unit_kind, unit, target_shape
    ), counted AS (
        SELECT unit_kind, unit, target_shape, MIN(privacy) AS privacy,
               MAX(is_for_members) AS is_for_members, MIN(address) AS address,
               COUNT(DISTINCT address) AS addresses, COUNT(DISTINCT agent) AS agents,
               COUNT(DISTINCT visit) AS visits, COUNT(*) AS requests, COUNT(DISTINCT objects) AS records,
               COUNT(DISTINCT CASE WHEN is_missing OR is_refused THEN objects END) AS not_had,
               COALESCE(MAX(object_number) - MIN(object_number) + 1, 0) AS reach,
               COUNT(DISTINCT object_number) AS numbers,
               SUM(CASE WHEN step <> 0 THEN 1 ELSE 0 END) AS steps,
               COUNT(DISTINCT CASE WHEN is_counting = 1 THEN objects END) AS counted,
               GREATEST(SUM(CASE WHEN step > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN step < 0 THEN 1 ELSE 0 END))
                   AS one_way,
               SUM(is_bare) AS bare, SUM(1 - is_signed) AS unsigned, MEDIAN(gap_us) AS gap_us
        FROM finding_walk_steps GROUP BY unit_kind, unit, target_shape
    )
    SELECT c.*, a.agent, a.touches AS agent_touches, COALESCE(r.records, 0) AS asked_again
    FROM counted AS c
    JOIN agents AS a ON a.unit_kind = c.unit_kind AND a.unit = c.unit AND a.target_shape = c.target_shape
     AND a.nth = 1
    LEFT JOIN again AS r ON r.unit_kind = c.unit_kind AND r.unit = c.unit AND r.target_shape = c.target_shape
    """,
)

#: One row per unit x route with its signs of one hand: numbers in order or without gaps; records that are
#: not there; nothing asked for but records where others ask for pages too; a program's pace; no sign-in where
#: all others have one; and of strangers, that they all call themselves alike.
_SIGNS = Station(
    "finding_walk_signs",
    f"""
    SELECT w.*, r.addresses AS identities, GREATEST(r.expected, 1) AS expected,
           CASE WHEN (counted > {STEPS} AND counted * reach >= 3 * {CHANCE} * requests)
                  OR (steps >= {STEPS} AND one_way * 10 >= steps * 9)
                  OR (numbers > {STEPS} AND numbers * 2 >= reach AND unit_kind <> 'address'
                      AND (gap_us <= {_DENSE_GAP_US} OR bare * 10 >= requests * 8))
                THEN 1 ELSE 0 END AS is_counting,
           CASE WHEN not_had * 20 >= records THEN 1 ELSE 0 END AS is_groping,
           CASE WHEN bare * 10 < requests * 8 THEN 0
                WHEN unit_kind = 'strangers'
                THEN CASE WHEN o.addresses >= {_ADDRESSES} AND o.bare_addresses * 2 <= o.addresses
                          THEN 1 ELSE 0 END
                WHEN r.bare_addresses * 2 <= r.addresses THEN 1 ELSE 0 END AS is_bare,
           CASE WHEN unit_kind <> 'strangers' AND gap_us <= {_FAST_GAP_US} THEN 1 ELSE 0 END AS is_fast,
           CASE WHEN is_for_members = 1 AND unsigned * 10 >= requests * 9 THEN 1 ELSE 0 END AS is_unsigned,
           CASE WHEN unit_kind = 'strangers' AND agent_touches * 10 >= requests * 8 THEN 1 ELSE 0 END
               AS is_alike,
           CASE WHEN regexp_matches(w.agent, '{CRAWLERS}') AND privacy <> 'private' THEN 1 ELSE 0 END
               AS is_crawler
    FROM finding_walkers AS w
    JOIN finding_walk_routes AS r ON r.target_shape = w.target_shape
    LEFT JOIN finding_surge_others AS o ON o.target_shape = w.target_shape
    """,
)

#: One row per walk. A machine that asks for the same records day after day is routine, whatever its pace.
_WALKS = Station(
    "finding_walks",
    f"""
    SELECT * FROM (
        SELECT s.*, CASE WHEN privacy = 'open' AND is_for_members = 0 THEN 1 ELSE 0 END AS is_open,
               is_counting + is_groping + is_bare + is_fast + is_unsigned + is_alike AS signs
        FROM finding_walk_signs AS s
    ) AS signed
    WHERE asked_again * 2 <= records AND (
        (unit_kind <> 'strangers' AND privacy = 'private' AND identities >= 3 AND records >= 5 * expected
            AND ((records >= {PRIVATE_FLOOR} AND signs >= 2) OR (records >= {PRIVATE_MANY} AND signs >= 1)))
     OR (unit_kind <> 'strangers' AND privacy = 'private' AND identities < 3
            AND records >= {PRIVATE_MANY} AND is_counting + is_groping >= 1)
     OR (unit_kind <> 'strangers' AND privacy = 'unknown' AND identities < 3
            AND records >= {OPEN_FLOOR} AND is_counting + is_groping + is_fast >= 2)
     OR (unit_kind <> 'strangers' AND privacy = 'unknown' AND records >= 10 * expected
            AND ((records >= {_SIGNED_FLOOR} AND signs >= 2) OR (records >= {OPEN_FLOOR} AND signs >= 1)))
     OR (unit_kind <> 'strangers' AND privacy = 'open' AND records >= {OPEN_FLOOR}
            AND records >= 10 * expected AND is_counting + is_groping >= 1)
     OR (unit_kind = 'client' AND privacy = 'unknown' AND records >= 2 * {OPEN_FLOOR}
            AND records >= 20 * expected)
     OR (unit_kind = 'strangers' AND records >= {_STRANGERS} AND signs >= 1))
    """,
)

_FOUND = Station(
    "found_walks",
    f"""
    SELECT 'record-enumeration' AS rule, 'behaviour' AS rule_kind, 'T1213' AS technique,
           unit_kind || '|' || unit || '|' || target_shape AS key,
           CASE WHEN is_crawler = 1 THEN 'low'
                WHEN unit_kind = 'strangers' AND (signs < 2 OR is_open = 1) THEN 'medium' ELSE 'high' END
               AS level,
           CASE WHEN is_crawler = 1 THEN 0.2
                WHEN unit_kind = 'strangers' AND (signs < 2 OR is_open = 1) THEN 0.5
                WHEN is_open = 1 AND is_counting + is_groping < 2 THEN 0.5
                WHEN is_open = 1 THEN 0.75
                WHEN signs >= 3 THEN 0.95 ELSE 0.85 END AS certainty,
           'address' AS actor_kind, address AS actor, records AS observed, expected,
           'records-gone-through(route=' || {plain("target_shape")} || ',records=' || CAST(records AS VARCHAR)
               || ',not-had=' || CAST(not_had AS VARCHAR) || ',reach=' || CAST(reach AS VARCHAR)
               || ',visits=' || CAST(visits AS VARCHAR) || ',addresses=' || CAST(addresses AS VARCHAR)
               || ',user-agents=' || CAST(agents AS VARCHAR)
               || ',usual=' || CAST(CAST(expected AS BIGINT) AS VARCHAR)
               || ',counting=' || CAST(is_counting AS VARCHAR) || ',guessing=' || CAST(is_groping AS VARCHAR)
               || ',nothing-but-records=' || CAST(is_bare AS VARCHAR)
               || ',fast=' || CAST(is_fast AS VARCHAR)
               || ',not-signed-in=' || CAST(is_unsigned AS VARCHAR)
               || ',all-alike=' || CAST(is_alike AS VARCHAR) || ')' AS why
    FROM finding_walks
    """,
)

#: The walk's requests. Of an address that others share, those of visits that see one or two records among
#: pages of other kinds stay out, save where their numbers are part of the count.
_EVENTS = Station(
    "found_walks_events",
    f"""
    SELECT w.unit_kind || '|' || w.unit || '|' || w.target_shape AS key, t.event_id
    FROM finding_walks AS w
    JOIN finding_walk_steps AS t
      ON t.unit_kind = w.unit_kind AND t.unit = w.unit AND t.target_shape = w.target_shape
    WHERE (t.visit_records >= {_SEVERAL} AND (w.is_counting = 0 OR w.counted * 2 >= w.records))
       OR (w.unit_kind <> 'strangers' AND w.is_bare = 1 AND t.is_bare = 1)
       OR (w.is_counting = 1 AND t.is_counting = 1)
       OR (w.is_alike = 1 AND t.agent = w.agent)
    """,
)

STATIONS = (
    _VISITS,
    _ROUTES,
    _LOOSE,
    _SURGES,
    _OTHERS,
    _STEPS_TAKEN,
    _WALKERS,
    _SIGNS,
    _WALKS,
    _FOUND,
    _EVENTS,
)
