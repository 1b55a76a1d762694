"""How the count of records reached grew: from when each record counts, by the first event that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.engine.api import Store
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.terms.grades import Grade


@dataclass(frozen=True)
class GrowthFact:
    """From ``time_us`` on, so many records are confirmed, and so many at least possible.

    A record of several paths counts once. One that no single event shows (of a dump, say) counts from the
    beginning of its path.
    """

    time_us: int
    at_least: int
    at_most: int


_SPAN = """
    SELECT max(events.start_us) - min(events.start_us)
    FROM events JOIN intrusion ON intrusion.event_id = events.event_id
"""

_GROWTH = f"""
    WITH began AS (
        SELECT path, min(events.start_us) AS first_us
        FROM intrusion JOIN events ON events.event_id = intrusion.event_id GROUP BY path
    ),
    shown AS (
        SELECT proofs.system, proofs.table_name, proofs.record_key, min(events.start_us) AS first_us
        FROM proofs JOIN events ON events.event_id = proofs.event_id GROUP BY ALL
    ),
    reached AS (
        SELECT exposures.system, exposures.table_name, exposures.record_key, min(began.first_us) AS first_us
        FROM exposures LEFT JOIN began ON began.path = exposures.path GROUP BY ALL
    ),
    counted AS (
        SELECT coalesce(shown.first_us, reached.first_us) AS time_us, people.grade
        FROM people
        JOIN reached ON reached.system = people.system AND reached.table_name = people.table_name
            AND reached.record_key = people.record_key
        LEFT JOIN shown ON shown.system = people.system AND shown.table_name = people.table_name
            AND shown.record_key = people.record_key
        WHERE people.grade >= {int(Grade.POSSIBLE)} AND NOT {OUTSIDE}
    ),
    stepped AS (
        SELECT greatest(time_us, (SELECT min(first_us) FROM began)) // {{step}} * {{step}} AS step_us, grade
        FROM counted WHERE time_us IS NOT NULL
    )
    SELECT step_us,
        CAST(sum(count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)})) OVER (ORDER BY step_us) AS BIGINT),
        CAST(sum(count(*)) OVER (ORDER BY step_us) AS BIGINT)
    FROM stepped GROUP BY step_us ORDER BY step_us
"""


def gather_growth(store: Store, steps: int) -> tuple[GrowthFact, ...]:
    """Return the growth over the hostile events' time, in at most about so many steps, by time."""
    ((span,),) = store.rows(_SPAN)
    step = max((span or 0) // steps, 1)
    return tuple(GrowthFact(*row) for row in store.rows(_GROWTH.format(step=step)))
