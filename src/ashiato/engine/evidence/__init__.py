"""Sealed evidence as a table.

Reads the case's manifest (``evidence/manifest.jsonl``), written when evidence was sealed. Writes
``evidence``: one row per sealed file or archive member; what format a file has is for the reading
stage to find, so ``source_format`` and ``read_as`` are NULL here.
"""

from __future__ import annotations

from ashiato.engine.sealed import SealedFile, list_sealed
from ashiato.engine.store import Row
from ashiato.engine.tables import EVIDENCE, Table
from ashiato.engine.workspace import Workspace

READS: tuple[Table, ...] = ()
WRITES = (EVIDENCE,)


def build(workspace: Workspace) -> None:
    """Write the table ``evidence`` from the case's manifest.

    Raises: IntegrityError: a line of the manifest cannot be read.
    """
    sealed = list_sealed(workspace.case_folder)
    workspace.store.write(EVIDENCE, [_row_of(file) for file in sealed])
    workspace.tell("evidence", len(sealed), len(sealed))


def _row_of(sealed: SealedFile) -> Row:
    known = {name: getattr(sealed, name) for name in EVIDENCE.columns if hasattr(sealed, name)}
    return tuple(known.get(name) for name in EVIDENCE.columns)
