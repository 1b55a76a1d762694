"""What an analyst's word left out of the answer: by whom, why, and whose records it would have reached."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.engine.api import Store
from ashiato.terms.grades import Grade


@dataclass(frozen=True)
class ExcludedFact:
    """One analyst's reason: the events it took out, the records these would have reached, and no others.

    ``at_least`` and ``at_most`` bound the records they would have reached; ``only`` of these nothing else
    reached.
    """

    analyst: str
    because: str
    events: int
    at_least: int
    at_most: int
    only: int


_POSSIBLE = int(Grade.POSSIBLE)
_EXCLUDED = f"""
    WITH told AS (SELECT analyst, because, count(*) AS events FROM excluded GROUP BY analyst, because),
    reached AS (
        SELECT analyst, because, count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)}) AS at_least,
            count(*) FILTER (WHERE grade >= {_POSSIBLE}) AS at_most,
            count(*) FILTER (WHERE grade >= {_POSSIBLE} AND grade_without < {_POSSIBLE}) AS only_these
        FROM spared GROUP BY analyst, because
    )
    SELECT told.analyst, told.because, told.events, coalesce(reached.at_least, 0),
        coalesce(reached.at_most, 0), coalesce(reached.only_these, 0)
    FROM told LEFT JOIN reached ON reached.analyst = told.analyst AND reached.because = told.because
    ORDER BY ALL
"""


def gather_excluded(store: Store) -> tuple[ExcludedFact, ...]:
    """Return what was left out, one fact for each analyst and reason."""
    return tuple(ExcludedFact(*row) for row in store.rows(_EXCLUDED))
