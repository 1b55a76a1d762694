"""How the count of records reached grew: from when each record counts, by the first event that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.engine.api import Store
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.terms.grades import Grade


@dataclass(frozen=True)
class GrowthFact:
    """By ``time_us``, so many records were confirmed, and so many at least possible.

    A record of several paths counts once: as confirmed from the first event that shows it on a path where it
    is confirmed, as possible from the first on any. Where no single event shows it (a dump, say), its path's
    beginning stands for that; a path without events of its own counts at the end.
    """

    time_us: int
    at_least: int
    at_most: int


_SPAN = """
    SELECT max(events.start_us) - min(events.start_us)
    FROM events JOIN intrusion ON intrusion.event_id = events.event_id
"""

#: Each record on each path that reached it (rows of ``timed``): from when to when it may have left, and by
#: when it surely had. What no single event shows left somewhere between its path's beginning and end.
TIMED_RECORDS = f"""
    spans AS (
        SELECT path, min(events.start_us) AS first_us, max(events.start_us) AS last_us
        FROM intrusion JOIN events ON events.event_id = intrusion.event_id GROUP BY path
    ),
    shown AS (
        SELECT proofs.system, proofs.table_name, proofs.record_key, proofs.path,
            min(events.start_us) AS first_us, max(events.start_us) AS last_us
        FROM proofs JOIN events ON events.event_id = proofs.event_id GROUP BY ALL
    ),
    of_path AS (
        SELECT system, table_name, record_key, path, max(grade) AS grade FROM exposures GROUP BY ALL
    ),
    timed AS (
        SELECT of_path.system, of_path.table_name, of_path.record_key, of_path.grade,
            coalesce(shown.first_us, spans.first_us, (SELECT max(last_us) FROM spans)) AS time_us,
            coalesce(shown.last_us, spans.last_us, (SELECT max(last_us) FROM spans)) AS last_us,
            coalesce(shown.first_us, spans.last_us, (SELECT max(last_us) FROM spans)) AS by_us
        FROM of_path
        LEFT JOIN spans ON spans.path = of_path.path
        LEFT JOIN shown ON shown.system = of_path.system AND shown.table_name = of_path.table_name
            AND shown.record_key = of_path.record_key AND shown.path = of_path.path
        WHERE of_path.grade >= {int(Grade.POSSIBLE)}
    )
"""

_GROWTH = f"""
    WITH {TIMED_RECORDS},
    counted AS (
        SELECT min(timed.time_us) AS most_us,
            min(timed.time_us) FILTER (WHERE timed.grade = {int(Grade.CONFIRMED)}) AS sure_us
        FROM people JOIN timed ON timed.system = people.system AND timed.table_name = people.table_name
            AND timed.record_key = people.record_key
        WHERE NOT {OUTSIDE}
        GROUP BY people.system, people.table_name, people.record_key
    ),
    stepped AS (
        SELECT most_us AS time_us, 0 AS sure, 1 AS most FROM counted
        UNION ALL
        SELECT sure_us, 1, 0 FROM counted WHERE sure_us IS NOT NULL
    )
    SELECT max(time_us) AS by_us, CAST(sum(sum(sure)) OVER steps AS BIGINT),
        CAST(sum(sum(most)) OVER steps AS BIGINT)
    FROM stepped GROUP BY time_us // {{step}} WINDOW steps AS (ORDER BY time_us // {{step}}) ORDER BY by_us
"""


def gather_growth(store: Store, steps: int) -> tuple[GrowthFact, ...]:
    """Return the growth over the hostile events' time, in at most about so many steps, by time."""
    ((span,),) = store.rows(_SPAN)
    step = max((span or 0) // steps, 1)
    return tuple(GrowthFact(*row) for row in store.rows(_GROWTH.format(step=step)))
