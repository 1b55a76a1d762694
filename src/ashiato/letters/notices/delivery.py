"""Batches as folders for a printer: each appears whole or not at all, and twice is once."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.batches import Batch

_MANIFEST = "manifest.json"


def write_batch(batch: Batch, folder: Path) -> Path:
    """Write ``letters.pdf``, ``manifest.json`` and ``manifest.csv`` into a folder named as the batch.

    The folder appears by one renaming. The same batch again is left as it is; NoticeError for another of its
    name.
    """
    manifest = batch.manifest.as_json()
    whole = folder / batch.manifest.batch
    if whole.exists():
        _refuse_other(whole, manifest)
        return whole
    part = folder / f".{batch.manifest.batch}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    contents = {"letters.pdf": batch.pdf, _MANIFEST: manifest, "manifest.csv": batch.manifest.as_csv()}
    for name, content in contents.items():
        _write(part / name, content)
    part.rename(whole)
    return whole


def _refuse_other(whole: Path, manifest: bytes) -> None:
    if (whole / _MANIFEST).read_bytes() != manifest:
        what = f"a batch called {whole.name} was written before, and holds other letters."
        raise NoticeError(what, fix="give the new batch a name of its own.")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
