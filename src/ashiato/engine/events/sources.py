"""Which log a file is a piece of: rotated pieces of one log are one *source*, whatever their suffix."""

from __future__ import annotations

import pyarrow as pa

from ashiato.engine.log_names import is_named_by, rotation_of, source_of
from ashiato.engine.store import Station
from ashiato.engine.workspace import Workspace

_SCHEMA = pa.schema(
    [
        ("evidence_id", pa.string()),
        ("source", pa.string()),
        ("source_system", pa.string()),
        ("default_system", pa.string()),
        ("content_no", pa.int32()),
        ("rotation", pa.int32()),
    ]
)


def write_sources(workspace: Workspace) -> None:
    """Write ``evidence_sources``: one row per sealed file, with its source and the system it tells of.

    ``content_no`` orders files by what is in them and not by their names: equal contents have one number.
    """
    rows = workspace.store.rows("SELECT evidence_id, file, content_sha256 FROM evidence ORDER BY evidence_id")
    systems = tuple(workspace.datamap.systems)
    only = systems[0] if len(systems) == 1 else None
    numbers = {sha256: number for number, sha256 in enumerate(sorted({sha256 for _, _, sha256 in rows}))}
    held = [
        (evidence_id, source_of(file), _system_of(workspace, file), only, numbers[sha256], rotation_of(file))
        for evidence_id, file, sha256 in rows
    ]
    columns = [list(column) for column in zip(*held, strict=True)] or [[] for _ in _SCHEMA]
    workspace.store.write_as("evidence_sources", pa.table(columns, schema=_SCHEMA))


def _system_of(workspace: Workspace, file: str) -> str | None:
    for source in workspace.datamap.sources:
        if source.system and is_named_by(file, source.files):
            return source.system
    return None


#: One row per record: its number in an order that does not depend on file names, and its source.
RECORD_NUMBERS = Station(
    "record_numbers",
    """
    SELECT
        row_number() OVER (
            ORDER BY r.time_us, r.record_kind, s.content_no, r.line_first, r.evidence_id
        ) AS record_no,
        r.evidence_id, r.line_first, r.record_kind, r.time_us, r.time_step_us,
        coalesce(s.source, r.evidence_id) AS source, s.source_system, s.default_system, s.content_no,
        f.file_us
    FROM records r
    JOIN (SELECT evidence_id, min(time_us) AS file_us FROM records GROUP BY evidence_id) f
        ON f.evidence_id = r.evidence_id
    LEFT JOIN evidence_sources s ON s.evidence_id = r.evidence_id
    """,
)

#: One row per record that repeats another: the same content sealed twice, or a database line logged twice.
COPIES = Station(
    "record_copies",
    """
    WITH repeated AS (
        SELECT content_no FROM evidence_sources GROUP BY content_no HAVING count(*) > 1
    ),
    told AS (
        SELECT n.record_no, CAST(n.content_no AS VARCHAR) || ':' || CAST(n.line_first AS VARCHAR) AS same
        FROM record_numbers n
        JOIN repeated ON repeated.content_no = n.content_no
        UNION ALL
        SELECT n.record_no,
            r.database_session_uid || ':' || CAST(r.database_session_line AS VARCHAR) || ':'
                || CAST(r.time_us AS VARCHAR) || ':' || r.record_kind AS same
        FROM records r
        JOIN record_numbers n ON n.evidence_id = r.evidence_id AND n.line_first = r.line_first
        WHERE r.database_session_uid IS NOT NULL AND r.database_session_line IS NOT NULL
    ),
    ranked AS (
        SELECT record_no, min(record_no) OVER (PARTITION BY same) AS first_no FROM told
    )
    SELECT record_no, min(first_no) AS original_no
    FROM ranked
    GROUP BY record_no
    HAVING min(first_no) < record_no
    """,
)
