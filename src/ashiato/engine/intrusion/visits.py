"""Says which visits are hostile: those with strong findings, then those that belong to them."""

from __future__ import annotations

from ashiato.engine.store import Station

# A visit is hostile when the doubt left by all its findings together is at most one in five.
_HOSTILE = 0.8
# One that something speaks against by itself may belong to a hostile one, however long ago that was.
_SUSPICIOUS = 0.499999
_NEAR_US = 1_800_000_000
_DAY_US = 86_400_000_000
# A visit of so many requests, so far from any hostile one, is somebody else's.
_PERSON_EVENTS = 4
_APART_US = 7_200_000_000

#: One row per finding x event it rests on, but for events that an analyst holds not to be the intruder's.
_FOUND = Station(
    "intrusion_found",
    """
    SELECT x.finding_id, x.event_id FROM finding_events AS x
    LEFT JOIN intrusion_honest AS h ON h.event_id = x.event_id
    WHERE h.event_id IS NULL
    """,
)

#: One row per visit x rule: the strongest finding of that rule in the visit and how much of the visit it
#: rests on. A statement counts for the visit of the request that clearly caused it.
_EVIDENCE = Station(
    "intrusion_evidence",
    """
    WITH placed AS (
        SELECT x.finding_id, x.event_id, v.visit
        FROM intrusion_found AS x JOIN visits AS v ON v.event_id = x.event_id
        UNION
        SELECT x.finding_id, x.event_id, v.visit
        FROM intrusion_found AS x
        JOIN causes AS c ON c.sql_event_id = x.event_id AND c.confidence >= 0.6
        JOIN visits AS v ON v.event_id = c.http_event_id
    ), counted AS (
        SELECT p.visit, f.rule, f.finding_id, f.level, f.certainty, COUNT(*) AS events
        FROM placed AS p JOIN findings AS f ON f.finding_id = p.finding_id
        WHERE p.visit IS NOT NULL
        GROUP BY p.visit, f.rule, f.finding_id, f.level, f.certainty
    ), sizes AS (
        SELECT visit, COUNT(*) AS size FROM visits GROUP BY visit
    )
    SELECT visit, rule, finding_id, level, certainty, events FROM (
        SELECT c.*, ROW_NUMBER() OVER (PARTITION BY c.visit, c.rule
                                       ORDER BY c.certainty DESC, c.events DESC, c.finding_id) AS nth
        FROM counted AS c JOIN sizes AS s ON s.visit = c.visit
        WHERE c.events >= 3 OR c.events * 5 >= s.size
           OR c.rule IN ('statement-changed-by-request', 'statement-broken-open', 'password-guessed',
                         'statements-listing-many', 'pinned-by-analyst')
    ) AS ranked WHERE nth = 1
    """,
)

#: One row per visit: who, when, and the doubt its findings leave (each rule an independent witness), rounded
#: so that the last digits of logarithms, in which engines differ, decide nothing.
_SCORED = Station(
    "intrusion_scored",
    """
    WITH doubt AS (
        SELECT visit, EXP(SUM(LN(1 - CASE WHEN certainty > 0.99 THEN 0.99 ELSE certainty END))) AS doubt,
               MAX(certainty) AS strongest
        FROM intrusion_evidence WHERE level IN ('medium', 'high', 'critical') GROUP BY visit
    )
    SELECT v.visit, MIN(v.address) AS address, MIN(v.agent) AS agent, MIN(v.session) AS session,
           CASE WHEN COUNT(DISTINCT v.account) = 1 THEN MIN(v.account) END AS account,
           MIN(v.start_us) AS first_us, MAX(v.start_us) AS last_us,
           COUNT(*) AS events, COALESCE(ROUND(1 - MIN(d.doubt), 9), 0.0) AS score,
           MAX(d.strongest) AS strongest
    FROM visits AS v LEFT JOIN doubt AS d ON d.visit = v.visit
    GROUP BY v.visit
    """,
)

#: One row per visit that is hostile by its own findings.
_SEEDS = Station(
    "intrusion_seeds",
    f"""
    SELECT s.*, e.finding_id, e.rule FROM intrusion_scored AS s
    JOIN (
        SELECT visit, finding_id, rule,
               ROW_NUMBER() OVER (PARTITION BY visit ORDER BY certainty DESC, events DESC, finding_id) AS nth
        FROM intrusion_evidence
    ) AS e ON e.visit = s.visit AND e.nth = 1
    WHERE s.score >= {_HOSTILE} - 0.000001
    """,
)

#: One row per account that a guesser got into, with when and from where.
_GUESSED = Station(
    "intrusion_guessed",
    """
    SELECT v.account, v.visit, MIN(v.start_us) AS start_us, MIN(v.address) AS address
    FROM findings AS f
    JOIN intrusion_found AS x ON x.finding_id = f.finding_id
    JOIN visits AS v ON v.event_id = x.event_id
    WHERE f.rule = 'password-guessed' AND v.account IS NOT NULL
    GROUP BY v.account, v.visit
    """,
)

#: One row per address with a hostile visit: how many of its requests were hostile, and how many visits that
#: nothing speaks against show other people there: sessions at any time, and whole visits far from the
#: hostile ones in time.
_SHARING = Station(
    "intrusion_sharing",
    f"""
    WITH spans AS (
        SELECT address, MIN(first_us) AS first_us, MAX(last_us) AS last_us FROM intrusion_seeds GROUP BY
            address
    )
    SELECT s.address, SUM(CASE WHEN h.visit IS NOT NULL THEN s.events ELSE 0 END) AS hostile_events,
           SUM(s.events) AS events,
           SUM(CASE WHEN h.visit IS NULL AND s.score < 0.3
                     AND (s.session IS NOT NULL
                          OR (s.events >= {_PERSON_EVENTS} AND (s.last_us < p.first_us - {_APART_US}
                                                                OR s.first_us > p.last_us + {_APART_US})))
                    THEN 1 ELSE 0 END) AS honest_visits
    FROM intrusion_scored AS s
    JOIN spans AS p ON p.address = s.address
    LEFT JOIN intrusion_seeds AS h ON h.visit = s.visit
    WHERE s.visit NOT LIKE 'd:%'
    GROUP BY s.address
    """,
)

#: One row per user agent that only hostile visits, or visits from their addresses, carry: a tool's mark.
_TOOLS = Station(
    "intrusion_tools",
    """
    SELECT s.agent, COUNT(DISTINCT s.address) AS addresses
    FROM intrusion_scored AS s
    LEFT JOIN intrusion_seeds AS h ON h.visit = s.visit
    LEFT JOIN (SELECT DISTINCT address, agent FROM intrusion_seeds) AS p
      ON p.address = s.address AND p.agent = s.agent
    WHERE s.agent IS NOT NULL AND s.agent <> '-' AND s.visit NOT LIKE 'd:%'
    GROUP BY s.agent
    HAVING SUM(CASE WHEN h.visit IS NULL AND p.address IS NULL THEN 1 ELSE 0 END) = 0
       AND SUM(CASE WHEN h.visit IS NULL THEN 0 ELSE 1 END) > 0
    """,
)

#: One row per visit x hostile visit it belongs to, with the link that says so and how sure it is. One who
#: goes through records under an account may be its owner: a visit that shows nothing of it stays honest use.
_LINKS = Station(
    "intrusion_links",
    f"""
    SELECT s.visit, h.visit AS from_visit, 'account-guessed-before' AS link, s.account AS value, 0.95 AS
        certainty
    FROM intrusion_scored AS s
    JOIN intrusion_guessed AS g ON g.account = s.account AND s.last_us >= g.start_us
    JOIN intrusion_seeds AS h ON h.visit = g.visit
    WHERE s.address = g.address
    UNION ALL
    SELECT s.visit, h.visit AS from_visit, 'same-account-and-suspicious' AS link, s.account AS value,
           0.75 AS certainty
    FROM intrusion_scored AS s
    JOIN intrusion_seeds AS h ON h.account = s.account AND h.visit <> s.visit
    WHERE s.score >= 0.5
    UNION ALL
    SELECT s.visit, h.visit AS from_visit, 'same-account-from-same-strange-place' AS link, s.account AS value,
           0.8 AS certainty
    FROM intrusion_scored AS s
    JOIN intrusion_seeds AS h ON h.account = s.account AND h.address = s.address AND h.visit <> s.visit
    JOIN intrusion_sharing AS a ON a.address = s.address
    WHERE COALESCE(h.agent, '-') = COALESCE(s.agent, '-')
      AND h.rule NOT IN ('password-guessing', 'record-enumeration')
      AND ABS(s.first_us - h.last_us) <= {_DAY_US} AND a.hostile_events * 2 >= a.events
    UNION ALL
    SELECT s.visit, h.visit AS from_visit, 'same-address-and-user-agent' AS link, s.address AS value,
           0.9 AS certainty
    FROM intrusion_scored AS s
    JOIN intrusion_seeds AS h ON h.address = s.address AND h.agent = s.agent AND h.visit <> s.visit
    LEFT JOIN intrusion_tools AS t ON t.agent = s.agent
    WHERE (s.score >= {_SUSPICIOUS}
           OR (s.first_us <= h.last_us + {_NEAR_US} AND s.last_us >= h.first_us - {_NEAR_US}))
      AND s.visit NOT LIKE 'd:%' AND h.visit NOT LIKE 'd:%'
      AND (t.agent IS NOT NULL OR (s.session IS NULL AND s.account IS NULL AND h.session IS NULL))
    UNION ALL
    SELECT s.visit, h.visit AS from_visit, 'same-unshared-address' AS link, s.address AS value, 0.8 AS
        certainty
    FROM intrusion_scored AS s
    JOIN intrusion_seeds AS h ON h.address = s.address AND h.visit <> s.visit
    JOIN intrusion_sharing AS a ON a.address = s.address
    WHERE a.honest_visits = 0 AND a.hostile_events * 10 >= a.events * 8
      AND s.first_us <= h.last_us + {_NEAR_US} AND s.last_us >= h.first_us - {_NEAR_US}
      AND s.visit NOT LIKE 'd:%' AND h.visit NOT LIKE 'd:%'
    """,
)

#: One row per hostile visit: by its own findings, or by its strongest link to one that is.
HOSTILE = Station(
    "intrusion_visits",
    """
    SELECT s.visit, s.address, s.agent, s.session, s.account, s.first_us, s.last_us, s.events,
           s.score AS certainty, s.rule, s.finding_id, NULL AS from_visit, 'finding' AS link,
           s.finding_id AS value
    FROM intrusion_seeds AS s
    UNION ALL
    SELECT v.visit, v.address, v.agent, v.session, v.account, v.first_us, v.last_us, v.events,
           l.certainty, h.rule, h.finding_id, l.from_visit, l.link, l.value
    FROM (
        SELECT k.*, ROW_NUMBER() OVER (PARTITION BY k.visit ORDER BY k.certainty DESC, k.link,
            k.from_visit) AS nth
        FROM intrusion_links AS k
        LEFT JOIN intrusion_seeds AS own ON own.visit = k.visit
        WHERE own.visit IS NULL
    ) AS l
    JOIN intrusion_scored AS v ON v.visit = l.visit
    JOIN intrusion_seeds AS h ON h.visit = l.from_visit
    WHERE l.nth = 1
    """,
)

STATIONS = (_FOUND, _EVIDENCE, _SCORED, _SEEDS, _GUESSED, _SHARING, _TOOLS, _LINKS, HOSTILE)
