"""Sealed texts that speak of rights and settings: schemas and role dumps, configuration of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ashiato.engine.sealed import SealedFile, list_sealed, open_content, read_head
from ashiato.engine.workspace import Workspace

_MOST_BYTES = 32 << 20


def read_dumps(workspace: Workspace) -> list[str]:
    """Return the text of every ``.sql`` file among the evidence and the snapshots, in order of names."""
    beside = (path for taken in workspace.snapshots for path in sorted(taken.folder.glob("*.sql")))
    texts = [_text(_head(path)) for path in beside]
    return texts + [text for _, text in _sealed(workspace, (".sql",))]


def read_server_settings(workspace: Workspace) -> list[str]:
    """Return the text of every sealed ``postgresql*.conf``, the one the server writes itself last."""
    held = [each for each in _sealed(workspace, (".conf",)) if "postgresql" in each[0].rpartition("/")[2]]
    return [text for _, text in sorted(held, key=lambda each: (".auto." in each[0], each[0]))]


def _sealed(workspace: Workspace, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for file in list_sealed(workspace.case_folder):
        if file.file.lower().endswith(endings) and file.duplicate_of is None:
            yield file.file, _text(_content(workspace, file))


def _content(workspace: Workspace, file: SealedFile) -> bytes:
    with open_content(workspace.case_folder, file) as stream:
        return read_head(stream, _MOST_BYTES)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
