"""The stages keep their word: what they read is written before, what they write nobody else writes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

from ashiato.engine.pipeline import STAGES
from ashiato.engine.tables import ALL_TABLES, Table
from tests.house.source import ROOT, line_count, python_files

EACH = pytest.mark.parametrize(("name", "stage"), STAGES, ids=[name for name, _ in STAGES])


def _names(tables: tuple[Table, ...]) -> set[str]:
    return {table.name for table in tables}


@EACH
def test_a_stage_has_the_furniture_of_a_stage(name: str, stage: ModuleType) -> None:
    assert stage.__name__ == f"ashiato.engine.{name}"
    assert len((stage.__doc__ or "").split()) >= 8, "a paragraph: what it reads and writes"
    assert list(inspect.signature(stage.build).parameters) == ["workspace"]
    assert inspect.getdoc(stage.build)


def test_every_table_is_written_by_exactly_one_stage() -> None:
    written = [table.name for _, stage in STAGES for table in stage.WRITES]
    assert sorted(written) == sorted(table.name for table in ALL_TABLES)


def test_a_stage_reads_only_what_was_written_before() -> None:
    standing: set[str] = set()
    for name, stage in STAGES:
        assert _names(stage.READS) <= standing, name
        standing |= _names(stage.WRITES)


@pytest.mark.parametrize("stage", [stage for _, stage in STAGES], ids=[name for name, _ in STAGES])
def test_a_stage_touches_no_table_it_does_not_declare(stage: ModuleType) -> None:
    declared = _names(stage.READS) | _names(stage.WRITES)
    folder = Path(stage.__file__ or "").parent.relative_to(ROOT)
    for path in python_files(str(folder)):
        text = path.read_text(encoding="utf-8")
        for table in _names(ALL_TABLES) - declared:
            assert not re.search(rf"\b(?:FROM|JOIN)\s+{table}\b", text), f"{path.name} reads {table}"


def test_the_pipeline_stays_readable_at_a_glance() -> None:
    assert line_count(ROOT / "src/ashiato/engine/pipeline.py") <= 80
