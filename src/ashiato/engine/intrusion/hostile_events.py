"""Lists every hostile event: all of a hostile visit, and the statements its requests caused."""

from __future__ import annotations

from ashiato.engine.pins import HOSTILE
from ashiato.engine.store import Station
from ashiato.engine.tables import INTRUSION

#: One row per visit that may be several people's: a client without a session, at an address where others
#: are, in whose name records were gone through and more was done that no finding rests on; or a connection
#: of the database that ran much else, or is anybody's.
_MIXED = Station(
    "intrusion_mixed",
    """
    WITH found AS (
        SELECT DISTINCT x.event_id FROM intrusion_found AS x
        JOIN findings AS f ON f.finding_id = x.finding_id
        WHERE f.level IN ('medium', 'high', 'critical')
    ), shares AS (
        SELECT h.visit, MIN(h.address) AS address, MIN(h.rule) AS rule,
               COUNT(*) AS events, COUNT(f.event_id) AS found
        FROM intrusion_visits AS h
        JOIN visits AS v ON v.visit = h.visit
        LEFT JOIN found AS f ON f.event_id = v.event_id
        WHERE h.link = 'finding'
        GROUP BY h.visit
    )
    SELECT s.visit FROM shares AS s
    LEFT JOIN intrusion_sharing AS a ON a.address = s.address
    WHERE (s.visit LIKE 'd:%' AND s.rule = 'statements-listing-many')
       OR (s.found * 2 < s.events
           AND (s.visit LIKE 'd:%'
                OR (s.visit LIKE 'c:%' AND s.rule = 'record-enumeration'
                    AND COALESCE(a.honest_visits, 0) > 0)))
    """,
)

#: One row per request, sign-in or direct statement of a hostile visit. The whole visit belongs to the
#: intruder, unless it may be several people's; what no finding rests on is a little less sure.
_OF_VISITS = Station(
    "intrusion_of_visits",
    """
    WITH guesses AS (
        SELECT DISTINCT x.event_id FROM intrusion_found AS x
        JOIN findings AS f ON f.finding_id = x.finding_id
        WHERE f.rule IN ('password-guessing', 'password-guessed')
    ), found AS (
        SELECT x.event_id, MAX(f.certainty) AS certainty, MIN(f.rule) AS rule, MIN(f.finding_id) AS finding_id
        FROM (
            SELECT x.event_id, f.certainty, f.rule, f.finding_id,
                   ROW_NUMBER() OVER (PARTITION BY x.event_id ORDER BY f.certainty DESC, f.finding_id) AS nth
            FROM intrusion_found AS x JOIN findings AS f ON f.finding_id = x.finding_id
            WHERE f.level IN ('medium', 'high', 'critical')
        ) AS f JOIN intrusion_found AS x ON x.event_id = f.event_id AND x.finding_id = f.finding_id
        WHERE f.nth = 1
        GROUP BY x.event_id
    ), chosen AS (
        SELECT v.event_id, h.visit, h.certainty, h.rule, h.finding_id, h.link, h.from_visit, h.value,
               p.path, p.intruder,
               ROW_NUMBER() OVER (
                   PARTITION BY v.event_id
                   ORDER BY CASE WHEN (p.way = 'guessing') = (g.event_id IS NOT NULL) THEN 0 ELSE 1 END,
                       p.path
               ) AS nth
        FROM visits AS v
        JOIN intrusion_visits AS h ON h.visit = v.visit
        JOIN intrusion_parts AS p ON p.visit = v.visit
        LEFT JOIN guesses AS g ON g.event_id = v.event_id
    )
    SELECT c.event_id, c.path, c.intruder,
           CASE WHEN f.event_id IS NOT NULL THEN GREATEST(c.certainty, f.certainty)
                ELSE 0.95 * c.certainty END AS confidence,
           CASE WHEN f.event_id IS NOT NULL
                THEN 'finding(rule=' || f.rule || ',finding=' || f.finding_id || ')'
                WHEN c.link = 'finding'
                THEN 'same-visit(rule=' || c.rule || ',finding=' || c.finding_id || ')'
                ELSE 'linked(by=' || c.link || ',value=' || regexp_replace(c.value, '[(),=;|\\x00-\\x1f]',
                    '_', 'g')
                     || ',finding=' || c.finding_id || ')' END AS why
    FROM chosen AS c
    LEFT JOIN found AS f ON f.event_id = c.event_id
    LEFT JOIN intrusion_mixed AS m ON m.visit = c.visit
    LEFT JOIN intrusion_honest AS h ON h.event_id = c.event_id
    WHERE c.nth = 1 AND h.event_id IS NULL AND (m.visit IS NULL OR f.event_id IS NOT NULL)
    """,
)

#: One row per statement that hostile requests caused. Where honest requests could have caused it too, it
#: belongs when the hostile ones are the likelier cause, nobody being one too, and says by how much.
_OF_STATEMENTS = Station(
    "intrusion_of_statements",
    """
    WITH weighed AS (
        SELECT c.sql_event_id, SUM(c.confidence) AS total,
               SUM(CASE WHEN i.event_id IS NOT NULL THEN c.confidence ELSE 0 END) AS hostile,
               COUNT(*) AS requests
        FROM causes AS c LEFT JOIN intrusion_of_visits AS i ON i.event_id = c.http_event_id
        GROUP BY c.sql_event_id
    ), likeliest AS (
        SELECT c.sql_event_id, i.path, i.intruder, i.confidence, c.http_event_id,
               ROW_NUMBER() OVER (PARTITION BY c.sql_event_id ORDER BY c.confidence DESC, c.http_event_id)
                   AS nth
        FROM causes AS c JOIN intrusion_of_visits AS i ON i.event_id = c.http_event_id
    )
    SELECT w.sql_event_id AS event_id, l.path, l.intruder, l.confidence * w.hostile / w.total AS confidence,
           CASE WHEN w.hostile < w.total
                THEN 'caused-by-one-of(request=' || CAST(l.http_event_id AS VARCHAR) || ',requests='
                     || CAST(w.requests AS VARCHAR) || ',hostile-share-percent='
                     || CAST(CAST(ROUND(100 * w.hostile / w.total) AS BIGINT) AS VARCHAR) || ')'
                ELSE 'caused-by(request=' || CAST(l.http_event_id AS VARCHAR) || ')' END AS why
    FROM weighed AS w JOIN likeliest AS l ON l.sql_event_id = w.sql_event_id AND l.nth = 1
    WHERE w.hostile * 2 > GREATEST(w.total, 0.9)
    """,
)

# What an analyst called the intruder's is so by a person's word, whatever else speaks for it.
_INTRUSION = Station(
    "intrusion",
    f"""
    SELECT i.event_id, i.path, i.intruder,
           CASE WHEN p.event_id IS NULL THEN ROUND(i.confidence, 3) ELSE 1.0 END AS confidence,
           CASE WHEN p.event_id IS NULL THEN i.why ELSE p.why END AS why
    FROM (
        SELECT event_id, path, intruder, confidence, why FROM intrusion_of_visits
        UNION ALL
        SELECT s.event_id, s.path, s.intruder, s.confidence, s.why
        FROM intrusion_of_statements AS s
        LEFT JOIN intrusion_of_visits AS v ON v.event_id = s.event_id
        LEFT JOIN intrusion_honest AS h ON h.event_id = s.event_id
        WHERE v.event_id IS NULL AND h.event_id IS NULL
    ) AS i
    LEFT JOIN pins AS p ON p.event_id = i.event_id AND p.verdict = '{HOSTILE}'
    """,
    INTRUSION,
)

STATIONS = (_MIXED, _OF_VISITS, _OF_STATEMENTS, _INTRUSION)
