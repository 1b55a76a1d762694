"""How many records had left by one moment, between it and another, and after that; each with both bounds."""

from __future__ import annotations

from ashiato.engine.api import Store
from ashiato.exports.growth_facts import TIMED_RECORDS
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.exports.times import Left
from ashiato.terms.grades import Grade

#: A record left first between ``from_us`` and ``by_us``; one that is not confirmed then or never.
_LEAVING = f"""
    WITH {TIMED_RECORDS},
    left_once AS (
        SELECT min(timed.time_us) AS from_us,
            coalesce(
                min(timed.by_us) FILTER (WHERE timed.grade = {int(Grade.CONFIRMED)}), max(timed.last_us)
            ) AS by_us,
            count(*) FILTER (WHERE timed.grade = {int(Grade.CONFIRMED)}) > 0 AS is_sure
        FROM people JOIN timed ON timed.system = people.system AND timed.table_name = people.table_name
            AND timed.record_key = people.record_key
        WHERE NOT {OUTSIDE}
        GROUP BY people.system, people.table_name, people.record_key
    )
    SELECT
        count(*) FILTER (WHERE is_sure AND by_us <= {{first}}),
        count(*) FILTER (WHERE from_us <= {{first}}),
        count(*) FILTER (WHERE is_sure AND from_us > {{first}} AND by_us <= {{second}}),
        count(*) FILTER (WHERE by_us > {{first}} AND from_us <= {{second}} AND {{first}} < {{second}}),
        count(*) FILTER (WHERE is_sure AND from_us > {{second}}),
        count(*) FILTER (WHERE by_us > {{second}})
    FROM left_once
"""
_MAPPED = f"SELECT count(*) > 0 FROM people WHERE NOT {OUTSIDE}"


def count_leaving(store: Store, first_us: int, second_us: int) -> tuple[Left, Left, Left]:
    """Return how many records left up to ``first_us``, after it up to ``second_us``, and after that.

    A record counts in the stretch in which it left for the first time. No upper bound without a table on
    people. Raises: ValueError: the first moment is after the second.
    """
    if first_us > second_us:
        message = "the first moment is after the second"
        raise ValueError(message)
    ((is_mapped,),) = store.rows(_MAPPED)
    ((*counts,),) = store.rows(_LEAVING.format(first=int(first_us), second=int(second_us)))
    before, between, after = (
        Left(least, most if is_mapped else None)
        for least, most in zip(counts[::2], counts[1::2], strict=True)
    )
    return before, between, after
