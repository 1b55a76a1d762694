"""The answer of a run as small typed facts: what the summary, the report and the terminal all say.

Nothing here grows with the number of people: every figure is counted inside the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

from ashiato.datamap.model import Column, DataMap
from ashiato.engine.api import Row, Store
from ashiato.exports.absence_facts import (
    AbsenceFact,
    ReachFact,
    WayFact,
    gather_absences,
    gather_reach,
    gather_ways,
)
from ashiato.exports.cleared_facts import ClearedFact, gather_cleared
from ashiato.exports.excluded_facts import ExcludedFact, gather_excluded
from ashiato.exports.growth_facts import GrowthFact, gather_growth
from ashiato.exports.people_facts import PeopleFact, gather_people
from ashiato.exports.sheets.paths import OUTSIDE, PATHS_SHEET
from ashiato.exports.sheets.timeline import EVENTS_HELD
from ashiato.exports.times import Times
from ashiato.exports.told_facts import ToldFact, gather_told
from ashiato.terms.categories import Category
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import ReasonCode
from ashiato.terms.times import iso_of

#: Into how many stretches the time of the intrusion is cut for its picture.
BEATS = 240
#: SQL for how many records of ``people`` are confirmed, and how many possible.
RECORD_BOUNDS = (
    f"count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)}), "
    f"count(*) FILTER (WHERE grade >= {int(Grade.POSSIBLE)})"
)


@dataclass(frozen=True)
class Bounds:
    """How many records of people: confirmed at least, possible at most (None: no table on people)."""

    at_least: int
    at_most: int | None

    def counts(self, as_of: str) -> dict[str, Count | None]:
        """The two bounds as typed counts."""
        most = None if self.at_most is None else Count(self.at_most, Unit.RECORDS, Bound.AT_MOST, as_of)
        return {"at_least": Count(self.at_least, Unit.RECORDS, Bound.AT_LEAST, as_of), "at_most": most}


@dataclass(frozen=True)
class FieldFact:
    """One field that came into reach, with what the data map says of it."""

    field: str
    category: Category
    tags: tuple[str, ...]
    bounds: Bounds


@dataclass(frozen=True)
class PathFact:
    """One access path: the row of ``paths.csv`` with the technique and why it is believed."""

    path: str
    title: str
    intruder: str
    technique: str
    why: str
    system: str
    first_us: int
    last_us: int
    events: int
    at_least: int
    at_most: int | None
    sent_bytes: int | None = None

    @property
    def bounds(self) -> Bounds:
        """The records this path reached."""
        return Bounds(self.at_least, self.at_most)

    @property
    def dwell_us(self) -> int:
        """The time from its first hostile event to its last."""
        return self.last_us - self.first_us


@dataclass(frozen=True)
class FileFact:
    """One evidence file: how it was read, and how many of its lines were."""

    file: str
    format: str | None
    sha256: str
    lines: int
    read: int
    unread: int


@dataclass(frozen=True)
class HoleFact:
    """A stretch in which a source says nothing, or not in order."""

    source: str
    first_us: int | None
    last_us: int | None
    reason: str
    params: str


@dataclass(frozen=True)
class LimitFact:
    """What widened an answer, by how many records, and what would shrink it."""

    path: str
    reason: str
    params: str
    events: int
    records: int
    remedy: str

    @property
    def narrows(self) -> bool:
        """Whether it took something out of the answer: what was read and provably not sent."""
        return self.reason == ReasonCode.WITHHELD


@dataclass(frozen=True)
class FindingFact:
    """How often one rule or behaviour hit, over all its findings."""

    rule: str
    kind: str
    technique: str
    findings: int
    events: int
    first_us: int
    last_us: int


@dataclass(frozen=True)
class ReasonFact:
    """How many records carry one reason code beside their grade."""

    code: str
    records: int


@dataclass(frozen=True)
class BeatFact:
    """How many hostile events of one path fall into one of ``BEATS`` equal stretches of the whole time."""

    path: str
    beat: int
    events: int


@dataclass(frozen=True)
class Facts:
    """Everything the edges say of a run, in their order of appearance."""

    subject: str
    zone: tzinfo
    as_of_us: int
    mapped: bool
    by_grade: dict[Grade, int]
    reached: Bounds
    outside: Bounds
    personas: dict[str, Bounds]
    reasons: tuple[ReasonFact, ...]
    fields: tuple[FieldFact, ...]
    beats: tuple[BeatFact, ...]
    paths: tuple[PathFact, ...]
    files: tuple[FileFact, ...]
    unread: dict[str, int]
    holes: tuple[HoleFact, ...]
    limits: tuple[LimitFact, ...]
    findings: tuple[FindingFact, ...]
    hostile_events: int
    absences: tuple[AbsenceFact, ...] = ()
    ways: tuple[WayFact, ...] = ()
    reach: tuple[ReachFact, ...] = ()
    growth: tuple[GrowthFact, ...] = ()
    people: PeopleFact | None = None
    excluded: tuple[ExcludedFact, ...] = ()
    cleared: tuple[ClearedFact, ...] = ()
    told: ToldFact | None = None
    times: Times | None = None

    @property
    def as_of(self) -> str:
        """The newest event's time: the moment every count is true for."""
        return iso_of(self.as_of_us, self.zone)

    @property
    def total(self) -> int:
        """Records of all people tables, whatever their grade."""
        return sum(self.by_grade.values())


def gather_facts(store: Store, zone: tzinfo, datamap: DataMap) -> Facts:
    """Count what a run found; every table it reads may be empty."""
    return Facts(
        subject=datamap.name,
        zone=zone,
        as_of_us=_newest_us(store),
        mapped=not datamap.is_empty,
        by_grade=_by_grade(store),
        reached=_bounds(store, _REACHED),
        outside=_bounds(store, f"SELECT {RECORD_BOUNDS} FROM people WHERE {OUTSIDE}"),
        personas=_personas(store),
        reasons=tuple(ReasonFact(*row) for row in store.rows(_REASONS)),
        fields=_fields(store, datamap),
        beats=tuple(BeatFact(*row) for row in store.rows(_BEATS)),
        paths=_paths(store),
        files=_files(store),
        unread=_unread(store),
        holes=tuple(HoleFact(*row) for row in store.rows(_HOLES)),
        limits=tuple(LimitFact(*row) for row in store.rows(_LIMITS)),
        findings=tuple(FindingFact(*row) for row in store.rows(_FINDINGS)),
        hostile_events=store.rows("SELECT count(*) FROM intrusion")[0][0],
        absences=gather_absences(store),
        ways=gather_ways(store),
        reach=gather_reach(store),
        growth=gather_growth(store, BEATS),
        people=gather_people(store),
        excluded=gather_excluded(store),
        cleared=gather_cleared(store, datamap),
        told=gather_told(store),
    )


_REACHED = f"""
    SELECT count(*) FILTER (WHERE grade = {int(Grade.CONFIRMED)}),
        CASE WHEN count(*) > 0 THEN count(*) FILTER (WHERE grade >= {int(Grade.POSSIBLE)}) END
    FROM people WHERE NOT {OUTSIDE}
"""

_HOLES = "SELECT source, start_us, end_us, reason, coalesce(params, '') FROM holes ORDER BY ALL"

_LIMITS = """
    SELECT coalesce(path, ''), reason, coalesce(params, ''), coalesce(events, 0), coalesce(records, 0),
        coalesce(remedy, '')
    FROM limits ORDER BY ALL
"""

# What one rule finds twice over the same events counts once, and so does each event.
_FINDINGS = f"""
    WITH held AS ({EVENTS_HELD}),
    of_rule AS (
        SELECT rule, count(DISTINCT event_id) AS events
        FROM findings JOIN finding_events ON finding_events.finding_id = findings.finding_id GROUP BY rule
    )
    SELECT findings.rule, coalesce(min(rule_kind), ''), coalesce(min(technique), ''),
        count(DISTINCT coalesce(actor, '') || '|' || coalesce(held.events, findings.finding_id)),
        CAST(coalesce(max(of_rule.events), sum(coalesce(findings.events, 0))) AS BIGINT),
        min(start_us), max(end_us)
    FROM findings LEFT JOIN held ON held.finding_id = findings.finding_id
    LEFT JOIN of_rule ON of_rule.rule = findings.rule
    GROUP BY findings.rule ORDER BY min(start_us), findings.rule
"""

_FILES = """
    SELECT evidence.label, readings.source_format, coalesce(evidence.content_sha256, ''),
        coalesce(readings.lines, evidence.content_lines, 0),
        coalesce(readings.record_lines, 0) + coalesce(readings.blank_lines, 0),
        coalesce(readings.unread_lines, 0)
    FROM evidence LEFT JOIN readings ON readings.evidence_id = evidence.evidence_id
    WHERE coalesce(evidence.duplicate_of, '') = ''
    ORDER BY ALL
"""

_FIELDS = f"""
    SELECT field, {RECORD_BOUNDS} FROM (
        SELECT system, table_name, record_key, field, max(grade) AS grade FROM exposures GROUP BY ALL
    ) GROUP BY field ORDER BY field
"""

_REASONS = """
    SELECT code, count(*) FROM (
        SELECT DISTINCT system, table_name, record_key, split_part(reason, '(', 1) AS code FROM (
            SELECT system, table_name, record_key, unnest(string_split(reasons, ';')) AS reason
            FROM people WHERE coalesce(reasons, '') <> ''
        )
    ) GROUP BY code ORDER BY count(*) DESC, code
"""

_BEATS = f"""
    WITH hostile AS (
        SELECT intrusion.path, events.start_us
        FROM intrusion JOIN events ON events.event_id = intrusion.event_id
        WHERE events.start_us IS NOT NULL
    ),
    bounds AS (SELECT min(start_us) AS first_us, max(start_us) AS last_us FROM hostile)
    SELECT path, CAST(floor(({BEATS} - 1) * (start_us - first_us)
        / CAST(greatest(last_us - first_us, 1) AS DOUBLE)) AS INTEGER) AS beat, count(*)
    FROM hostile CROSS JOIN bounds GROUP BY ALL ORDER BY ALL
"""

_SENT = """
    SELECT intrusion.path,
        CAST(sum(coalesce(events.traffic_out_bytes, events.http_response_body_bytes)) AS BIGINT) AS sent_bytes
    FROM intrusion JOIN events ON events.event_id = intrusion.event_id GROUP BY intrusion.path
"""

_UNREAD = """
    SELECT coalesce(reason, ''), CAST(sum(line_last - line_first + 1) AS BIGINT)
    FROM unread GROUP BY ALL ORDER BY ALL
"""


def _newest_us(store: Store) -> int:
    newest = "SELECT coalesce(max(coalesce(end_us, start_us)), 0) FROM events"
    return int(store.rows(newest)[0][0])


def _by_grade(store: Store) -> dict[Grade, int]:
    counted: dict[int, int] = dict(
        store.rows(f"SELECT grade, count(*) FROM people WHERE NOT {OUTSIDE} GROUP BY grade")
    )
    return {grade: counted.get(int(grade), 0) for grade in sorted(Grade, reverse=True)}


def _bounds(store: Store, sql: str) -> Bounds:
    return Bounds(*store.rows(sql)[0])


def _personas(store: Store) -> dict[str, Bounds]:
    sql = f"""
        SELECT coalesce(persona, ''), {RECORD_BOUNDS} FROM people
        WHERE NOT {OUTSIDE} GROUP BY ALL ORDER BY ALL
    """
    return {persona: Bounds(*bounds) for persona, *bounds in store.rows(sql)}


def _fields(store: Store, datamap: DataMap) -> tuple[FieldFact, ...]:
    known = {
        f"{table.name}.{column.name}": column
        for system in datamap.systems.values()
        for table in system.tables.values()
        for column in table.columns.values()
    }
    return tuple(_field(row, known.get(row[0])) for row in store.rows(_FIELDS))


def _field(row: Row, column: Column | None) -> FieldFact:
    field, at_least, at_most = row
    category = column.category if column else Category.OTHER
    tags = tuple(tag.value for tag in column.tags) if column else ()
    return FieldFact(field, category, tags, Bounds(at_least, at_most))


def _paths(store: Store) -> tuple[PathFact, ...]:
    sql = f"""
        SELECT known.path, coalesce(known.title, ''), coalesce(known.intruder, ''),
            coalesce(paths.technique, ''), coalesce(paths.why, ''), coalesce(known.systems, ''),
            coalesce(known.first_us, 0), coalesce(known.last_us, 0), coalesce(known.events, 0),
            known.records_at_least, known.records_at_most, sent.sent_bytes
        FROM ({PATHS_SHEET.sql}) AS known JOIN paths ON paths.path = known.path
        LEFT JOIN ({_SENT}) AS sent ON sent.path = known.path
        ORDER BY known.first_us, known.path
    """
    return tuple(PathFact(*row) for row in store.rows(sql))


def _files(store: Store) -> tuple[FileFact, ...]:
    return tuple(FileFact(*row) for row in store.rows(_FILES))


def _unread(store: Store) -> dict[str, int]:
    return dict(store.rows(_UNREAD))
