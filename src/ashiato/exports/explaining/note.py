"""Gather what is known of one record, down to the raw lines of the sealed originals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ashiato.engine.api import Outcome, Row, list_sealed
from ashiato.exports.explaining.raw_lines import read_spans
from ashiato.terms.errors import AshiatoError
from ashiato.terms.grades import Grade

#: Lines shown per path; the rest stand in exposures.csv.
MOST_LINES = 24
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
class Proof:
    """One raw line (or several that are one record of a log) and what it shows."""

    time_us: int
    shows: str
    evidence_id: str
    file: str
    line_first: int
    line_last: int
    byte_first: int
    byte_last: int
    kept_as: str
    compression: str
    raw: str = ""

    @property
    def span(self) -> tuple[int, int]:
        """The byte range in the unpacked file, both ends included."""
        return self.byte_first, self.byte_last

    @property
    def place(self) -> str:
        """``file:line`` or ``file:first-last``."""
        last = f"-{self.line_last}" if self.line_last > self.line_first else ""
        return f"{self.file}:{self.line_first}{last}"


@dataclass(frozen=True)
class PathNote:
    """One access path to the record: its fields there, and its proof in order of time."""

    path: str
    title: str
    technique: str
    fields: tuple[FieldGrade, ...]
    proofs: tuple[Proof, ...]
    proofs_in_all: int


@dataclass(frozen=True)
class Note:
    """Everything that explains one record's grade; ``remedies``: reason code -> what would settle it."""

    record: Record
    paths: tuple[PathNote, ...]
    remedies: dict[str, tuple[str, ...]]


def gather_note(outcome: Outcome, key: str) -> Note:
    """Return what explains a record.

    ``key``: the record's key, ``table/key``, ``system/table/key`` or the person's id. Raises
    UnknownRecordError when it fits no record or several, EvidenceError when an original is gone.
    """
    record = _find(outcome, key)
    paths = _with_raw(outcome, _paths(outcome, record))
    return Note(record, paths, _remedies(outcome, [path.path for path in paths]))


def _find(outcome: Outcome, key: str) -> Record:
    rows = outcome.store.rows(_FIND, [key] * 4)
    if len(rows) == 1:
        return _record(rows[0])
    if not rows:
        raise UnknownRecordError(
            "no record of people has this key", fix="take a key from persons.csv, as KEY or TABLE/KEY"
        )
    named = ", ".join(_record(row).name for row in rows[:_MOST_NAMED])
    raise UnknownRecordError(f"several records have this key: {named}", fix="name one of them in full")


_FIND = """
    SELECT system, table_name, record_key, coalesce(person_id, ''), coalesce(persona, ''), grade,
        coalesce(fields, ''), coalesce(reasons, '')
    FROM people
    WHERE record_key = ? OR table_name || '/' || record_key = ?
        OR system || '/' || table_name || '/' || record_key = ? OR person_id = ?
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
    proofs: dict[str, list[Proof]] = defaultdict(list)
    for path, *about in outcome.store.rows(_PROOFS, whose):
        proofs[path].append(Proof(*about))
    known = {path: (title, technique) for path, title, technique in outcome.store.rows(_TITLES)}
    notes = [
        PathNote(
            path,
            *known.get(path, ("", "")),
            tuple(fields[path]),
            tuple(proofs[path][:MOST_LINES]),
            len(proofs[path]),
        )
        for path in {**fields, **proofs}
    ]
    return sorted(notes, key=lambda note: (note.proofs[0].time_us if note.proofs else 0, note.path))


_FIELDS = """
    SELECT path, field, grade, rung, coalesce(part, ''), coalesce(reasons, '') FROM exposures
    WHERE system = ? AND table_name = ? AND record_key = ? ORDER BY ALL
"""

_PROOFS = """
    SELECT proofs.path, coalesce(events.start_us, 0), coalesce(proofs.shows, ''), evidence.evidence_id,
        evidence.label, witnesses.line_first, witnesses.line_last, witnesses.byte_first,
        witnesses.byte_last, evidence.kept_as, coalesce(evidence.compression, 'none')
    FROM proofs
    JOIN events ON events.event_id = proofs.event_id
    JOIN witnesses ON witnesses.event_id = proofs.event_id
    JOIN evidence ON evidence.evidence_id = witnesses.evidence_id
    WHERE proofs.system = ? AND proofs.table_name = ? AND proofs.record_key = ?
    ORDER BY proofs.path, events.start_us, evidence.label, witnesses.line_first
"""

_TITLES = "SELECT path, coalesce(title, ''), coalesce(technique, '') FROM paths ORDER BY path"


def _with_raw(outcome: Outcome, paths: Iterable[PathNote]) -> tuple[PathNote, ...]:
    paths = tuple(paths)
    wanted: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for proof in (proof for path in paths for proof in path.proofs):
        wanted[proof.evidence_id].add(proof.span)
    folder = outcome.case.folder
    sealed = [file for file in list_sealed(folder) if file.evidence_id in wanted]
    raw = {file.evidence_id: read_spans(folder, file, wanted[file.evidence_id]) for file in sealed}
    return tuple(replace(path, proofs=tuple(_filled(proof, raw) for proof in path.proofs)) for path in paths)


def _filled(proof: Proof, raw: dict[str, dict[tuple[int, int], str]]) -> Proof:
    return replace(proof, raw=raw.get(proof.evidence_id, {}).get(proof.span, ""))


def _remedies(outcome: Outcome, paths: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path, reason, remedy in outcome.store.rows(
        "SELECT DISTINCT path, reason, remedy FROM limits WHERE coalesce(remedy, '') <> '' ORDER BY ALL"
    ):
        if path in paths and remedy not in found[reason]:
            found[reason].append(remedy)
    return {reason: tuple(remedies) for reason, remedies in found.items()}
