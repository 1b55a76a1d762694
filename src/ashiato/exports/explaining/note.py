"""Gather what is known of one record, down to the raw lines of the sealed originals."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from ashiato.engine.api import Outcome, Row, list_sealed
from ashiato.exports.explaining.absence import AbsenceNote, gather_absence
from ashiato.exports.explaining.raw_lines import read_spans
from ashiato.exports.places import BASE, IS_APART
from ashiato.terms.errors import AshiatoError
from ashiato.terms.grades import Grade

#: Events shown per path; the lines of the rest stand in exposures.csv.
MOST_EVENTS = 12
_OF_A_KIND = 2
_MOST_NAMED = 10


class UnknownRecordError(AshiatoError):
    """No record of people has this key, or several have."""

    exit_code = 2


@dataclass(frozen=True)
class Record:
    """A record of people as ``persons.csv`` has it."""

    system: str
    table: str
    key: str
    person_id: str
    persona: str
    grade: Grade
    fields: str
    reasons: str

    @property
    def name(self) -> str:
        """System, table and key, as ``--person`` takes them."""
        return f"{self.system}/{self.table}/{self.key}"


@dataclass(frozen=True)
class FieldGrade:
    """One field of the record on one path."""

    field: str
    grade: Grade
    rung: str
    part: str
    reasons: str


@dataclass(frozen=True)
class Line:
    """One raw line, or several that are one record of a log."""

    evidence_id: str
    file: str
    line_first: int
    line_last: int
    byte_first: int
    byte_last: int
    kept_as: str
    compression: str
    role: str
    is_element: bool = False
    counts_from: int = 1
    raw: str = ""

    @property
    def span(self) -> tuple[int, int]:
        """The byte range in the unpacked file, both ends included."""
        return self.byte_first, self.byte_last

    @property
    def place(self) -> str:
        """``file:line`` or ``file:first-last``; ``file:#i`` for an element of a JSON array or an event."""
        if self.is_element:
            return f"{self.file}:#{self.line_first - self.counts_from}"
        last = f"-{self.line_last}" if self.line_last > self.line_first else ""
        return f"{self.file}:{self.line_first}{last}"


@dataclass(frozen=True)
class EventNote:
    """One event that shows the record: what it was, why it is the intruder's, and every line of it.

    ``kind_of_event``: the request or statement without its values; ``alike``: how many of the path's events
    are of that kind.
    """

    event_id: int
    time_us: int
    shows: str
    kind: str
    method: str
    route: str
    address: str
    actor: str
    status: int | None
    sent_bytes: int | None
    database_user: str
    rows: int | None
    error: str
    confidence: float | None
    why: str
    kind_of_event: str
    alike: int = 1
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class PathNote:
    """One access path to the record: its fields there, and its proof in order of time."""

    path: str
    title: str
    technique: str
    why: str
    fields: tuple[FieldGrade, ...]
    events: tuple[EventNote, ...]
    events_in_all: int


@dataclass(frozen=True)
class Note:
    """Everything that explains one record's grade.

    ``remedies``: reason code -> what would settle it. ``absence``: of a record without a trace, what proves
    that it was not reached, or what is missing for that.
    """

    record: Record
    paths: tuple[PathNote, ...]
    remedies: dict[str, tuple[str, ...]]
    absence: AbsenceNote | None = None


def gather_note(outcome: Outcome, key: str) -> Note:
    """Return what explains a record.

    ``key``: the record's key, ``table/key`` or ``system/table/key``. Raises
    UnknownRecordError when it fits no record or several, EvidenceError when an original is gone.
    """
    record = _find(outcome, key)
    paths = _with_lines(outcome, record, _paths(outcome, record))
    remedies = _remedies(outcome, [path.path for path in paths])
    if record.grade > Grade.NOT_SHOWN:
        return Note(record, paths, remedies)
    absence = gather_absence(outcome.store, record.system, record.table, record.key)
    return Note(record, paths, remedies, absence)


def _find(outcome: Outcome, key: str) -> Record:
    rows = outcome.store.rows(_FIND, [key] * 3)
    if len(rows) == 1:
        return _record(rows[0])
    if not rows and outcome.store.rows("SELECT 1 FROM people LIMIT 1"):
        raise UnknownRecordError(
            "no record of people has this key", fix="take a key from persons.csv, as KEY or TABLE/KEY"
        )
    if not rows:
        raise UnknownRecordError(
            "this answer tells of no record of people",
            fix="give the case a data map with a table of people and a snapshot, and investigate again",
        )
    named = ", ".join(_record(row).name for row in rows[:_MOST_NAMED])
    raise UnknownRecordError(f"several records have this key: {named}", fix="name one of them in full")


_FIND = """
    SELECT system, table_name, record_key, coalesce(person_id, ''), coalesce(persona, ''), grade,
        coalesce(fields, ''), coalesce(reasons, '')
    FROM people
    WHERE record_key = ? OR table_name || '/' || record_key = ?
        OR system || '/' || table_name || '/' || record_key = ?
    ORDER BY ALL LIMIT 100
"""


def _record(row: Row) -> Record:
    *about, grade, fields, reasons = row
    system, table, key, person_id, persona = about
    return Record(system, table, key, person_id, persona, Grade(grade), fields, reasons)


def _paths(outcome: Outcome, record: Record) -> list[PathNote]:
    whose = [record.system, record.table, record.key]
    fields: dict[str, list[FieldGrade]] = defaultdict(list)
    for path, field, grade, rung, part, reasons in outcome.store.rows(_FIELDS, whose):
        fields[path].append(FieldGrade(field, Grade(grade), rung, part, reasons))
    events: dict[str, list[EventNote]] = defaultdict(list)
    for path, *about in outcome.store.rows(_EVENTS, whose):
        events[path].append(EventNote(*about))
    known = {path: tuple(about) for path, *about in outcome.store.rows(_TITLES)}
    notes = []
    for path in {**fields, **events}:
        title, technique, why = known.get(path, ("", "", ""))
        held = choose_events(events[path])
        notes.append(PathNote(path, title, technique, why, tuple(fields[path]), held, len(events[path])))
    return sorted(notes, key=lambda note: (note.events[0].time_us if note.events else 0, note.path))


def choose_events(events: list[EventNote]) -> tuple[EventNote, ...]:
    """Choose what to show, in order of time: everything, or two of each kind where that would be too much."""
    alike = Counter(event.kind_of_event for event in events)
    met: Counter[str] = Counter()
    ranked = []
    for event in events:
        ranked.append((met[event.kind_of_event], _FORCE.get(event.shows, 1), event.time_us, event.event_id))
        met[event.kind_of_event] += 1
    few = len(events) <= MOST_EVENTS
    best = [place for place in sorted(ranked) if few or place[0] < _OF_A_KIND]
    kept = {event_id for *_, event_id in best[:MOST_EVENTS]}
    return tuple(replace(e, alike=alike[e.kind_of_event]) for e in events if e.event_id in kept)


#: What shows a value itself is shown first.
_FORCE = {"seen": 0, "output": 0, "request": 0}

_FIELDS = """
    SELECT path, field, grade, rung, coalesce(part, ''), coalesce(reasons, '') FROM exposures
    WHERE system = ? AND table_name = ? AND record_key = ? ORDER BY ALL
"""

_EVENTS = """
    SELECT proofs.path, proofs.event_id, coalesce(events.start_us, 0) AS time_us, coalesce(proofs.shows, ''),
        coalesce(events.event_kind, ''), coalesce(events.http_request_method, events.api_operation, ''),
        coalesce(events.http_request_path, events.http_request_target,
            concat_ws('/', events.databucket_name, events.databucket_file_path), ''),
        coalesce(events.src_endpoint_ip, ''), coalesce(events.actor_user_name, ''),
        events.http_response_code, coalesce(events.http_response_body_bytes, events.traffic_out_bytes),
        coalesce(events.database_user_name, ''), events.query_rows, coalesce(events.error_text, ''),
        intrusion.confidence, coalesce(intrusion.why, ''),
        concat_ws(' ', proofs.shows, events.http_request_method, events.api_operation,
            regexp_replace(events.http_request_path, '[0-9]+', '#', 'g'), events.http_response_code,
            regexp_replace(regexp_replace(events.query_text, '''[^'']*''', '?', 'g'), '[0-9]+', '#', 'g'))
    FROM proofs
    JOIN events ON events.event_id = proofs.event_id
    LEFT JOIN intrusion ON intrusion.event_id = proofs.event_id
    WHERE proofs.system = ? AND proofs.table_name = ? AND proofs.record_key = ?
    ORDER BY proofs.path, time_us, proofs.event_id
"""

_LINES = f"""
    SELECT proofs.event_id, evidence.evidence_id, evidence.label, witnesses.line_first, witnesses.line_last,
        witnesses.byte_first, witnesses.byte_last, evidence.kept_as,
        coalesce(evidence.compression, 'none'), coalesce(witnesses.role, ''), {IS_APART}, {BASE}
    FROM (
        SELECT DISTINCT event_id FROM proofs WHERE system = ? AND table_name = ? AND record_key = ?
    ) AS proofs
    JOIN witnesses ON witnesses.event_id = proofs.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    LEFT JOIN readings ON readings.evidence_id = witnesses.evidence_id
    ORDER BY proofs.event_id, evidence.label, witnesses.line_first
"""

_TITLES = (
    "SELECT path, coalesce(title, ''), coalesce(technique, ''), coalesce(why, '') FROM paths ORDER BY path"
)


def _with_lines(outcome: Outcome, record: Record, paths: list[PathNote]) -> tuple[PathNote, ...]:
    told = {event.event_id for path in paths for event in path.events}
    lines: dict[int, list[Line]] = defaultdict(list)
    for event_id, *about in outcome.store.rows(_LINES, [record.system, record.table, record.key]):
        if event_id in told:
            lines[event_id].append(Line(*about))
    raw = _raw_of(outcome, [line for held in lines.values() for line in held])
    filled = {
        event_id: tuple(replace(line, raw=raw.get((line.evidence_id, line.span), "")) for line in held)
        for event_id, held in lines.items()
    }
    return tuple(
        replace(path, events=tuple(replace(e, lines=filled.get(e.event_id, ())) for e in path.events))
        for path in paths
    )


def _raw_of(outcome: Outcome, lines: list[Line]) -> dict[tuple[str, tuple[int, int]], str]:
    wanted: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for line in lines:
        wanted[line.evidence_id].add(line.span)
    folder = outcome.case.folder
    return {
        (file.evidence_id, span): text
        for file in list_sealed(folder)
        if file.evidence_id in wanted
        for span, text in read_spans(folder, file, wanted[file.evidence_id]).items()
    }


def _remedies(outcome: Outcome, paths: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path, reason, remedy in outcome.store.rows(
        "SELECT DISTINCT path, reason, remedy FROM limits WHERE coalesce(remedy, '') <> '' ORDER BY ALL"
    ):
        if path in paths and remedy not in found[reason]:
            found[reason].append(remedy)
    return {reason: tuple(remedies) for reason, remedies in found.items()}
