"""paths.csv: one row per access path; what its records share (a listing, a dump) stands here once."""

from __future__ import annotations

from ashiato.exports.places import grouped_places
from ashiato.exports.sheet import Sheet
from ashiato.terms.grades import Grade

#: Records of people found only in the evidence: they are counted apart from the operator's own.
OUTSIDE = "contains(';' || coalesce(reasons, '') || ';', ';not-in-master')"

#: The lines of a path's first and last event, and of events that show more than one record.
_LINES = """
    SELECT DISTINCT chosen.path, witnesses.evidence_id, witnesses.line_first, witnesses.line_last
    FROM (
        SELECT path, event_id FROM proofs GROUP BY path, event_id HAVING count(*) > 1
        UNION
        SELECT path, arg_min(event_id, event_id) FROM intrusion GROUP BY path
        UNION
        SELECT path, arg_max(event_id, event_id) FROM intrusion GROUP BY path
    ) AS chosen
    JOIN witnesses ON witnesses.event_id = chosen.event_id
"""

PATHS_SHEET = Sheet(
    "paths.csv",
    (
        "path",
        "title",
        "intruder",
        "system",
        "first_time",
        "last_time",
        "events",
        "records_at_least",
        "records_at_most",
        "evidence",
    ),
    f"""
    WITH best AS (
        SELECT path, system, table_name, record_key, max(grade) AS grade FROM exposures GROUP BY ALL
    ),
    reached AS (
        SELECT path,
            count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)}) AS at_least,
            count(*) FILTER (WHERE grade >= {int(Grade.POSSIBLE)}) AS at_most
        FROM best GROUP BY path
    ),
    touched AS (
        SELECT path, system FROM exposures
        UNION
        SELECT intrusion.path, events.system
        FROM intrusion JOIN events ON events.event_id = intrusion.event_id
    ),
    systems AS (
        SELECT path, string_agg(system, ';' ORDER BY system) AS systems
        FROM touched WHERE coalesce(system, '') <> '' GROUP BY path
    ),
    proven AS ({grouped_places(_LINES, ("path",))})
    SELECT paths.path, paths.title, paths.intruder, systems.systems,
        paths.start_us AS first_us, paths.end_us AS last_us, paths.events,
        coalesce(reached.at_least, 0) AS records_at_least,
        CASE WHEN counted.records > 0 THEN coalesce(reached.at_most, 0) END AS records_at_most, proven.places
    FROM paths CROSS JOIN (SELECT count(*) AS records FROM people WHERE NOT {OUTSIDE}) AS counted
    LEFT JOIN systems ON systems.path = paths.path
    LEFT JOIN reached ON reached.path = paths.path
    LEFT JOIN proven ON proven.path = paths.path
    ORDER BY paths.path
    """,
    times=("first_time", "last_time"),
)
