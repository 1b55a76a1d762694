from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.sealed import list_sealed
from tests.engine.casework import log_lines, new_case, packed


def _read_of(folder: Path) -> dict[str, str | None]:
    """Each file's name with the name of the file to read instead, None for one to read."""
    sealed = list_sealed(folder)
    names: dict[str | None, str | None] = {one.evidence_id: one.file for one in sealed}
    return {one.file: names.get(one.duplicate_of) for one in sealed}


def _put(folder: Path, files: dict[str, bytes]) -> list[Path]:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def test_same_content_plain_and_packed_is_one(tmp_path: Path) -> None:
    log = log_lines(100)
    paths = _put(tmp_path / "logs", {"a.log": log, "b.log.gz": packed(log), "c.log": log})
    case = new_case(tmp_path / "case")
    add_evidence(case, paths)
    assert _read_of(case.folder) == {"a.log": None, "b.log.gz": "a.log", "c.log": "a.log"}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_log_copied_while_it_grew_is_read_whole(tmp_path: Path, order: tuple[int, ...]) -> None:
    log = log_lines(3000)
    files = {
        "early.log": log[:5000],
        "later.log.gz": packed(log[:150_001]),
        "whole.log": log,
        "other.log": log_lines(1) + log_lines(50, 7000),
    }
    paths = _put(tmp_path / "logs", files)
    case = new_case(tmp_path / "case")
    for place in order:
        add_evidence(case, [paths[place]])
    assert _read_of(case.folder) == {
        "early.log": "whole.log",
        "later.log.gz": "whole.log",
        "whole.log": None,
        "other.log": None,
    }


def test_a_truncated_copy_yields_to_the_whole(tmp_path: Path) -> None:
    log = log_lines(5000)
    torn = packed(log)[: len(packed(log)) // 2]
    paths = _put(tmp_path / "logs", {"a-torn.log.gz": torn, "whole.log.gz": packed(log)})
    case = new_case(tmp_path / "case")
    add_evidence(case, paths)
    assert _read_of(case.folder) == {"a-torn.log.gz": "whole.log.gz", "whole.log.gz": None}


def test_empty_files_are_nobodys_duplicates(tmp_path: Path) -> None:
    paths = _put(tmp_path / "logs", {"a.log": b"", "b.log": b"", "c.log": log_lines(3)})
    case = new_case(tmp_path / "case")
    add_evidence(case, paths)
    assert set(_read_of(case.folder).values()) == {None}


def test_a_common_beginning_without_a_whole_line_is_no_copy(tmp_path: Path) -> None:
    paths = _put(tmp_path / "logs", {"a.log": b"192.0.2.", "b.log": b"192.0.2.1 - -\n"})
    case = new_case(tmp_path / "case")
    add_evidence(case, paths)
    assert set(_read_of(case.folder).values()) == {None}


def test_logs_that_part_after_their_heads_are_both_read(tmp_path: Path) -> None:
    log = log_lines(3000)
    paths = _put(tmp_path / "logs", {"a.log": log[:200_000] + b"x\n", "b.log": log})
    case = new_case(tmp_path / "case")
    add_evidence(case, paths)
    assert set(_read_of(case.folder).values()) == {None}
