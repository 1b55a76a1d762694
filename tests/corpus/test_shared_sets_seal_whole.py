"""Sealing over the shared sets, judged by the system's own tools' view of the same files."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.sealed import list_sealed
from ashiato.engine.verifying import verify_case
from tests.engine.casework import new_case


def _content_of(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "where"),
    [("pet-insurer", "evidence"), ("cloud-objects", "."), ("db-pgaudit", "."), ("web-slrbl", ".")],
)
def test_every_file_of_a_set_is_sealed_whole(corpus: Path, tmp_path: Path, name: str, where: str) -> None:
    folder = (corpus / name / where).resolve()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    case = new_case(tmp_path / "case")
    sealing = add_evidence(case, [folder])
    assert sealing.skipped == ()
    sealed = {one.file: one for one in list_sealed(case.folder) if one.member is None}
    assert sealed.keys() == files.keys()
    for file, path in files.items():
        content = _content_of(path)
        assert sealed[file].content_sha256 == hashlib.sha256(content).hexdigest()
        assert sealed[file].content_lines == content.count(b"\n") + (content[-1:] not in (b"", b"\n"))
    assert verify_case(case) == []
    print(f"{name}: {len(files)} of {len(files)} files sealed whole")  # noqa: T201 - one rate per set
