"""Follow a sample of exposures back to raw lines, and read those lines anew.

For each sampled proof: its event's witnesses are looked up, the cited bytes are taken from the sealed
original again (their line numbers by counting newlines), parsed again, and compared with what the run's
tables say. The sample follows from a seed, so two checks of a case look at the same lines.
"""

from __future__ import annotations

import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ashiato.datamap.load import load_datamap
from ashiato.datamap.model import DataMap
from ashiato.engine.case import Case
from ashiato.engine.reading import LogFile, read_files
from ashiato.engine.reading.detection import SAMPLE_LINES, is_config
from ashiato.engine.runs import Run, find_answer, key_of
from ashiato.engine.sealed import SealedFile, list_sealed, open_content
from ashiato.engine.store import Store
from ashiato.engine.tables import EVENTS, RECORDS
from ashiato.engine.verifying.citations import Citation, Excerpt, read_excerpt
from ashiato.engine.verifying.outputs import check_runs
from ashiato.engine.verifying.problems import Kind, Problem
from ashiato.engine.workspace import Workspace

PROOFS_SAMPLED = 200
_WITNESSES_MOST = 20
_ALL_LINES = 1 << 60
_SEED = "ashiato"
_PLACES = ("line_first", "line_last", "byte_first", "byte_last")
#: What an event takes from its records as it stands; other columns may be inherited or worked out.
_TAKEN_OVER = (
    "src_endpoint_ip",
    "http_request_method",
    "http_request_target",
    "http_response_code",
    "traffic_out_bytes",
    "query_text",
    "query_rows",
    "error_text",
)

Fields = dict[str, Any]
Reread = dict[tuple[str, int], Fields]

_SAMPLED_EVENTS = """
    SELECT event_id, min(record_key) AS record_key
    FROM (SELECT event_id, record_key FROM proofs
          ORDER BY md5(concat_ws('|', ?, system, table_name, record_key, path, event_id)), event_id
          LIMIT ?)
    GROUP BY event_id ORDER BY event_id
"""
_WITNESSES_OF = """
    SELECT event_id, witnesses.evidence_id, byte_first, byte_last, line_first, line_last,
        coalesce(readings.source_format, '') LIKE '%-array'
            OR coalesce(readings.source_format, '') LIKE '%-evtx'
    FROM witnesses LEFT JOIN readings ON readings.evidence_id = witnesses.evidence_id
    WHERE event_id IN (SELECT unnest(?))
    QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY witnesses.evidence_id, line_first) <= ?
    ORDER BY event_id, witnesses.evidence_id, line_first
"""
_HEADS = """
    SELECT evidence_id, max(line_last) FROM records
    WHERE evidence_id IN (SELECT unnest(?)) AND line_first <= ?
    GROUP BY evidence_id
"""
#: Logs whose lines rest on directives anywhere above them.
_RESTING = """
    SELECT evidence_id FROM readings
    WHERE evidence_id IN (SELECT unnest(?)) AND source_format = 'w3c'
"""
_RECORDS_AT = """
    SELECT records.* FROM records
    JOIN (SELECT DISTINCT unnest(?) AS evidence_id, unnest(?) AS line_first) AS cited
      ON records.evidence_id = cited.evidence_id AND records.line_first = cited.line_first
"""
_UNPROVEN = """
    SELECT count(*) FROM exposures AS shown
    WHERE shown.grade >= 3 AND NOT EXISTS (
        SELECT 1 FROM proofs
        WHERE proofs.system = shown.system AND proofs.table_name = shown.table_name
          AND proofs.record_key = shown.record_key AND proofs.path = shown.path)
"""
_UNWITNESSED = """
    SELECT count(*) FROM proofs
    WHERE NOT EXISTS (SELECT 1 FROM witnesses WHERE witnesses.event_id = proofs.event_id)
       OR NOT EXISTS (SELECT 1 FROM events WHERE events.event_id = proofs.event_id)
"""
_UNCITED = (
    (_UNPROVEN, "exposures", "rows are confirmed or probable and no proof is cited for them"),
    (_UNWITNESSED, "proofs", "proofs are of an event that no line tells of"),
)


@dataclass(frozen=True)
class _Cited:
    """The sample: each event's witnesses, and each file's citations with the lines its head must have."""

    by_event: Mapping[int, Sequence[tuple[str, int]]]
    by_file: Mapping[str, Sequence[Citation]]
    heads: Mapping[str, int]


def check_sample(case: Case, proofs: int = PROOFS_SAMPLED) -> Iterator[Problem]:
    """Check a sample of the newest answer's exposures from raw lines.

    Tables that are not as they were sealed are not opened: that is a problem of its own, told elsewhere.
    Lines are parsed anew only while evidence and data map are those of the run; their bytes and line
    numbers are checked in any case. Values are never part of a problem's words.
    """
    run = find_answer(case)
    if run is None or not _has_answer(run) or any(check_runs(case)):
        return
    with Store(run.folder) as store:
        yield from _check_proven(store, run)
        cited = _sample(store, proofs)
        sealed = {one.evidence_id: one for one in list_sealed(case.folder)}
        excerpts = {name: _excerpt(case.folder, sealed[name], cited) for name in sorted(cited.by_file)}
        yield from _check_places(excerpts, sealed)
        if run.key.inputs == key_of(case).inputs:
            yield from _check_readings(case, store, cited, excerpts)


def _has_answer(run: Run) -> bool:
    needed = ("proofs", "exposures", "witnesses", "events", "records", "readings")
    return all((run.folder / f"{name}.parquet").exists() for name in needed)


def _check_proven(store: Store, run: Run) -> Iterator[Problem]:
    for sql, table, what in _UNCITED:
        count = store.rows(sql)[0][0]
        if count:
            yield Problem(Kind.CONTRADICTED, f"{run.name}/{table}.parquet", f"{count:,} {what}")


def _sample(store: Store, proofs: int) -> _Cited:
    events = [row[0] for row in store.rows(_SAMPLED_EVENTS, (_SEED, proofs))]
    by_event: dict[int, list[tuple[str, int]]] = {event: [] for event in events}
    by_file: dict[str, list[Citation]] = defaultdict(list)
    for event, name, *place in store.rows(_WITNESSES_OF, (events, _WITNESSES_MOST)):
        citation = Citation(*place)
        by_event[event].append((name, citation.line_first))
        by_file[name].append(citation)
    heads: dict[str, int] = dict(store.rows(_HEADS, (sorted(by_file), SAMPLE_LINES)))
    # What stands on no line is read anew from its beginning to its end, so that it keeps its number.
    heads |= {name: _ALL_LINES for name, cited in by_file.items() if any(c.is_element for c in cited)}
    heads |= {name: _ALL_LINES for (name,) in store.rows(_RESTING, (sorted(by_file),))}
    return _Cited(by_event, by_file, heads)


def _excerpt(case_folder: Path, sealed: SealedFile, cited: _Cited) -> Excerpt:
    head = max(SAMPLE_LINES, cited.heads.get(sealed.evidence_id, 0))
    with open_content(case_folder, sealed) as stream:
        return read_excerpt(stream, cited.by_file[sealed.evidence_id], head)


def _check_places(excerpts: Mapping[str, Excerpt], sealed: Mapping[str, SealedFile]) -> Iterator[Problem]:
    for name, excerpt in excerpts.items():
        for passage in excerpt.passages:
            if passage.fault:
                yield _at(sealed[name].file, passage.citation, passage.fault)


def _check_readings(
    case: Case, store: Store, cited: _Cited, excerpts: Mapping[str, Excerpt]
) -> Iterator[Problem]:
    sealed = {one.evidence_id: one for one in list_sealed(case.folder)}
    again = _read_again(case, sealed, excerpts)
    places = [(name, one.line_first) for name, citations in cited.by_file.items() for one in citations]
    kept, events = _records_at(store, places), _events_at(store, list(cited.by_event))
    for name, excerpt in excerpts.items():
        for passage in excerpt.passages:
            place = (name, passage.citation.line_first)
            wrong = _differing(kept.get(place), again.get(place))
            if wrong:
                yield _at(sealed[name].file, passage.citation, f"the line, read anew, has another {wrong}")
    for event, told in cited.by_event.items():
        wrong = _not_taken_over(events.get(event), [again.get(place, {}) for place in told])
        if wrong:
            name, line = told[0]
            citation = next(one for one in cited.by_file[name] if one.line_first == line)
            yield _at(sealed[name].file, citation, f"the event it tells of has another {wrong}")


def _at(file: str, citation: Citation, what: str) -> Problem:
    return Problem(
        Kind.CONTRADICTED,
        file,
        what,
        citation.byte_first,
        max(citation.byte_first, citation.byte_last - 1),
        citation.line_first,
        citation.line_last,
    )


def _read_again(case: Case, sealed: Mapping[str, SealedFile], excerpts: Mapping[str, Excerpt]) -> Reread:
    """Parse the excerpts as files of their own; return each record by its evidence and original line."""
    files = [_config_file(case.folder, one) for one in sealed.values() if is_config(one.file)]
    lines: dict[tuple[str, int], tuple[str, int]] = {}
    for name, excerpt in excerpts.items():
        content, moved = _joined(excerpt)
        lines |= {(name, new): (name, old) for new, old in moved.items()}
        files.append(
            LogFile(name, sealed[name].file, len(content), _opener(content), None, sealed[name].modified_us)
        )
    datamap = load_datamap(case.datamap_path) if case.datamap_path.exists() else DataMap()
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        read_files(files, Workspace(case.folder, case.zone, datamap, (), store))
        rows = store.rows("SELECT * FROM records ORDER BY evidence_id, line_first")
        fields = [dict(zip(RECORDS.columns, row, strict=True)) for row in rows]
    found = {(one["evidence_id"], one["line_first"]): one for one in fields}
    return {lines[place]: one for place, one in found.items() if place in lines}


def _joined(excerpt: Excerpt) -> tuple[bytes, dict[int, int]]:
    """Return the head and the passages after it as one text, and the original line of each of its lines."""
    moved = {}
    head = excerpt.head if not excerpt.head or excerpt.head.endswith(b"\n") else excerpt.head + b"\n"
    texts, line = [head], head.count(b"\n") + 1
    for passage in excerpt.passages:
        if passage.citation.byte_first < len(excerpt.head):
            moved[passage.citation.line_first] = passage.citation.line_first
            continue
        moved[line] = passage.citation.line_first
        texts.append(passage.text + b"\n")
        line += texts[-1].count(b"\n")
    return b"".join(texts), moved


def _config_file(case_folder: Path, sealed: SealedFile) -> LogFile:
    def reopen() -> BinaryIO:
        return open_content(case_folder, sealed)

    return LogFile(
        sealed.evidence_id, sealed.file, sealed.content_bytes, reopen, sealed.duplicate_of, sealed.modified_us
    )


def _opener(content: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(content)


def _records_at(store: Store, places: Sequence[tuple[str, int]]) -> Reread:
    rows = store.rows(_RECORDS_AT, ([name for name, _ in places], [line for _, line in places]))
    fields = [dict(zip(RECORDS.columns, row, strict=False)) for row in rows]
    return {(one["evidence_id"], one["line_first"]): one for one in fields}


def _events_at(store: Store, events: Sequence[int]) -> dict[int, Fields]:
    rows = store.rows("SELECT * FROM events WHERE event_id IN (SELECT unnest(?))", (list(events),))
    return {row[0]: dict(zip(EVENTS.columns, row, strict=False)) for row in rows}


def _differing(kept: Fields | None, again: Fields | None) -> str | None:
    """Return the first column in which a record and its new reading differ; ``record`` when one is not."""
    if kept is None or again is None:
        return "record"
    columns = (name for name in RECORDS.columns if name not in _PLACES)
    return next((name for name in columns if kept[name] != again[name]), None)


def _not_taken_over(event: Fields | None, records: Sequence[Fields]) -> str | None:
    """Return the first column in which an event says what none of its records says."""
    if event is None or not records:
        return None
    for name in _TAKEN_OVER:
        if event[name] is not None and event[name] not in [record.get(name) for record in records]:
            return name
    return None
