"""What a run says of absence: whose silence proves it, what is missing, and what the access could read."""

from __future__ import annotations

from dataclasses import dataclass

from ashiato.engine.api import Store
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import split_reasons


@dataclass(frozen=True)
class AbsenceFact:
    """One people table: whether its records without a trace are proven not reached, and how many are.

    ``gaps``: what is missing for a proof, as reasons; ``events``: the statements that were understood.
    """

    system: str
    table: str
    first_us: int | None
    last_us: int | None
    proves: bool
    source: str
    events: int
    gaps: tuple[str, ...]
    not_reached: int

    @property
    def name(self) -> str:
        """System and table."""
        return f"{self.system}/{self.table}"


@dataclass(frozen=True)
class WayFact:
    """One way to a system's records and the log that covers it; without ``gaps`` its silence is proof."""

    system: str
    kind: str
    way: str
    source: str
    first_us: int | None
    last_us: int | None
    proves: bool
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class ReachFact:
    """What one path's access could read by one way: whose records, in which tables, at most how many.

    ``at_most`` is None where no snapshot holds the people table.
    """

    path: str
    system: str
    kind: str
    way: str
    person_table: str
    tables: str
    grounds: str
    at_most: int | None


def gather_absences(store: Store) -> tuple[AbsenceFact, ...]:
    """Return one fact per people table."""
    return tuple(
        AbsenceFact(
            system, table, first, last, proves, source, events, tuple(split_reasons(reasons)), not_reached
        )
        for system, table, first, last, proves, source, events, reasons, not_reached in store.rows(_ABSENCES)
    )


def gather_ways(store: Store) -> tuple[WayFact, ...]:
    """Return one fact per way and log."""
    return tuple(
        WayFact(system, kind, way, source, first, last, proves, tuple(split_reasons(reasons)))
        for system, kind, way, source, first, last, proves, reasons in store.rows(_WAYS)
    )


def gather_reach(store: Store) -> tuple[ReachFact, ...]:
    """Return one fact per path, way and people table."""
    return tuple(ReachFact(*row) for row in store.rows(_REACH))


_ABSENCES = f"""
    SELECT absences.system, absences.table_name, start_us, end_us, proves, coalesce(source, ''),
        coalesce(events, 0), coalesce(reasons, ''), coalesce(cleared.records, 0)
    FROM absences
    LEFT JOIN (
        SELECT system, table_name, count(*) AS records FROM people
        WHERE grade = {int(Grade.NOT_REACHED)} GROUP BY system, table_name
    ) AS cleared ON cleared.system = absences.system AND cleared.table_name = absences.table_name
    ORDER BY 1, 2
"""

_WAYS = """
    SELECT system, way_kind, way, coalesce(source, ''), first_us, last_us, proves, coalesce(reasons, '')
    FROM coverage ORDER BY ALL
"""

_REACH = f"""
    WITH readable AS (
        SELECT *, table_name
            || CASE WHEN column_names = '*' THEN '' ELSE '(' || column_names || ')' END AS what
        FROM reachable
    )
    SELECT path, system, way_kind, way, person_table, string_agg(DISTINCT what, ';' ORDER BY what),
        string_agg(DISTINCT ground, ';' ORDER BY ground), min(counted.records)
    FROM readable
    LEFT JOIN (
        SELECT system AS in_system, table_name AS counted_table, count(*) AS records
        FROM people WHERE NOT {OUTSIDE} GROUP BY ALL
    ) AS counted ON in_system = system AND counted_table = person_table
    WHERE person_table IS NOT NULL
    GROUP BY path, system, way_kind, way, person_table ORDER BY ALL
"""
