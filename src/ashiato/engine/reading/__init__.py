"""Reading: sealed files become records, and every line that could not be read is kept with its reason.

Reads the sealed files (and ``evidence``, which lists them). Writes ``records``, one row per parsed log
record, ``unread``, one row per line (or run of lines) in no record, and ``readings``, one row per file.
Each physical line of each file stands in exactly one record or one unread row.
"""

from __future__ import annotations

from functools import partial

from ashiato.engine.reading.files import LogFile, read_files
from ashiato.engine.sealed import list_sealed, open_content
from ashiato.engine.tables import EVIDENCE, READINGS, RECORDS, UNREAD
from ashiato.engine.workspace import Workspace

__all__ = ["READS", "WRITES", "LogFile", "build", "read_files"]

READS = (EVIDENCE,)
WRITES = (RECORDS, UNREAD, READINGS)


def build(workspace: Workspace) -> None:
    """Read every sealed file of the case."""
    case = workspace.case_folder
    files = [
        LogFile(
            evidence_id=sealed.evidence_id,
            file=sealed.file,
            size=sealed.content_bytes,
            open=partial(open_content, case, sealed),
            duplicate_of=sealed.duplicate_of,
            modified_us=sealed.modified_us,
        )
        for sealed in list_sealed(case)
    ]
    read_files(files, workspace)
