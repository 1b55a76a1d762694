"""timeline.csv: one row per access path, finding and hole, in the order in which they begin.

What one rule finds twice, in a visit and again in its account, over the same events, is one row.
"""

from __future__ import annotations

from ashiato.exports.sheet import Sheet

#: One row per finding: which events it rests on, as a text that is the same for the same events.
EVENTS_HELD = """
    SELECT finding_id, count(*) || ':' || min(event_id) || ':' || max(event_id) || ':' || sum(event_id)
        AS events
    FROM finding_events GROUP BY finding_id
"""

TIMELINE_SHEET = Sheet(
    "timeline.csv",
    ("time", "until", "kind", "name", "path", "actor", "events", "certainty", "why"),
    f"""
    WITH of_path AS (
        SELECT finding_id, string_agg(path, ';' ORDER BY path) AS paths FROM (
            SELECT DISTINCT finding_events.finding_id, intrusion.path
            FROM finding_events JOIN intrusion ON intrusion.event_id = finding_events.event_id
        ) GROUP BY finding_id
    ),
    held AS ({EVENTS_HELD})
    SELECT start_us AS time_us, end_us AS until_us, 'path' AS kind, title AS name, path, intruder AS actor,
        events, CAST(NULL AS DOUBLE) AS certainty, why
    FROM paths
    UNION ALL
    SELECT findings.start_us, findings.end_us, 'finding', findings.rule, of_path.paths, findings.actor,
        findings.events, round(findings.certainty, 3), min(findings.why)
    FROM findings LEFT JOIN of_path ON of_path.finding_id = findings.finding_id
    LEFT JOIN held ON held.finding_id = findings.finding_id
    GROUP BY findings.start_us, findings.end_us, findings.rule, of_path.paths, findings.actor,
        findings.events, findings.certainty, coalesce(held.events, findings.finding_id)
    UNION ALL
    SELECT start_us, end_us, 'hole', source, NULL, NULL, NULL, NULL,
        reason || CASE WHEN coalesce(params, '') IN ('', '{{}}') THEN '' ELSE '(' || params || ')' END
    FROM holes
    ORDER BY ALL
    """,
    times=("time", "until"),
)
