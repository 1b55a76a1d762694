"""Pictures of a run as figures: each is a small table, whatever the number of events and people behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ashiato.engine.api import Outcome
from ashiato.exports.cell import show
from ashiato.exports.facts import Facts
from ashiato.terms.grades import Grade
from ashiato.terms.times import iso_of, us_of
from ashiato.web.wording import fact_words

#: Into how many stretches a timeline is cut, however long it is.
BINS = 240
Cell = str | int


@dataclass(frozen=True)
class Span:
    """A stretch of time that is asked for, in microseconds; an open side is None."""

    first_us: int | None = None
    last_us: int | None = None


@dataclass(frozen=True)
class Picture:
    """What a picture shows: its kind, its columns by their keys of words, its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def figures(self) -> dict[str, object]:
        """The same, ready for JSON."""
        return {"name": self.name, "columns": self.columns, "rows": self.rows}


def span_asked(first: str, last: str, zone: ZoneInfo) -> Span:
    """Read a stretch of time; a side that is no time is open."""
    return Span(_moment_us(first, zone), _moment_us(last, zone))


def _moment_us(text: str, zone: ZoneInfo) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return us_of(moment if moment.tzinfo else moment.replace(tzinfo=zone))


_BINNED = f"""
    WITH told AS (
        SELECT events.start_us, coalesce(intrusion.path, '') AS path
        FROM events LEFT JOIN intrusion ON intrusion.event_id = events.event_id
        WHERE events.start_us BETWEEN coalesce(?, events.start_us) AND coalesce(?, events.start_us)
    ),
    ends AS (SELECT min(start_us) AS first_us, greatest((max(start_us) - min(start_us)) // {BINS}, 1) AS step
        FROM told)
    SELECT first_us + (start_us - first_us) // step * step AS bin_us, path, count(*)
    FROM told CROSS JOIN ends GROUP BY ALL ORDER BY ALL
"""


def draw_timeline(outcome: Outcome, facts: Facts, span: Span) -> Picture:
    """Events by stretch and access path; the path is empty for what is nobody's intrusion."""
    del facts
    rows = outcome.store.rows(_BINNED, [span.first_us, span.last_us])
    told = ((iso_of(bin_us, outcome.zone), path, events) for bin_us, path, events in rows)
    return Picture("timeline", ("time", "path", "events"), tuple(told))


def draw_growth(outcome: Outcome, facts: Facts, span: Span) -> Picture:
    """How many records were confirmed, and at least possible, by a time."""
    del span
    rows = ((iso_of(fact.time_us, outcome.zone), fact.at_least, fact.at_most) for fact in facts.growth)
    return Picture("growth", ("time", "at_least", "at_most"), tuple(rows))


_BY_FIELD = f"""
    WITH best AS (
        SELECT exposures.field, exposures.system, exposures.table_name, exposures.record_key,
            max(exposures.grade) AS grade
        FROM exposures GROUP BY ALL
    )
    SELECT field, count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)}),
        count(*) FILTER (WHERE grade = {int(Grade.PROBABLE)}),
        count(*) FILTER (WHERE grade = {int(Grade.POSSIBLE)})
    FROM best GROUP BY field ORDER BY field
"""


def draw_fields(outcome: Outcome, facts: Facts, span: Span) -> Picture:
    """Of how many records each field came into reach, by the best grade it has there."""
    del facts, span
    rows = tuple((show(field), *counts) for field, *counts in outcome.store.rows(_BY_FIELD))
    return Picture("fields", ("field", "confirmed", "probable", "possible"), rows)


_LEADS = f"""
    SELECT path, table_name, count(DISTINCT system || '/' || record_key) AS records
    FROM exposures WHERE grade >= {int(Grade.POSSIBLE)} GROUP BY ALL ORDER BY ALL
"""


def draw_ways(outcome: Outcome, facts: Facts, span: Span) -> Picture:
    """From each intruder by each access path to the tables on people, and how many records at most."""
    del span
    words = fact_words()
    known = {fact.path: fact for fact in facts.paths}
    rows = [
        (known[path].intruder, f"{path} {show(words.title(known[path].technique, known[path].title))}",
         show(table), records)
        for path, table, records in outcome.store.rows(_LEADS) if path in known
    ]  # fmt: skip
    return Picture("ways", ("intruder", "path", "table", "records"), tuple(rows))


DRAWN: Mapping[str, Callable[[Outcome, Facts, Span], Picture]] = {
    "timeline": draw_timeline,
    "growth": draw_growth,
    "fields": draw_fields,
    "ways": draw_ways,
}
