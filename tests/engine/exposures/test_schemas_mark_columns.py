"""Schema files say by which rules a column compares; a file is read once for all its tables."""

from __future__ import annotations

from pathlib import Path

from ashiato.datamap.model import Column, DataTable
from ashiato.engine.exposures.column_marks import schema_marks, told_marks
from ashiato.engine.exposures.sameness import CITEXT, PADDED

FIRST = """
CREATE TABLE members (id integer, code character(5), mail citext, name text COLLATE "ja-x-icu");
CREATE TABLE visits (id integer, code character(3), note text);
"""
SECOND = 'CREATE TABLE members (name text COLLATE "C");'


def _written(folder: Path, *texts: str) -> list[Path]:
    for number, text in enumerate(texts):
        (folder / f"{number}.sql").write_text(text, encoding="utf-8")
    return [folder / f"{number}.sql" for number in range(len(texts) + 1)]


def test_every_table_of_a_schema_is_told_apart(tmp_path: Path) -> None:
    marks = schema_marks(_written(tmp_path, FIRST), "postgresql")
    assert marks["members"] == {"code": PADDED, "mail": CITEXT, "name": "ja-x-icu"}
    assert marks["visits"] == {"code": PADDED}


def test_later_schema_counts_column_by_column(tmp_path: Path) -> None:
    marks = schema_marks(_written(tmp_path, FIRST, SECOND), "postgresql")
    assert marks["members"] == {"code": PADDED, "mail": CITEXT, "name": "C"}


def test_data_map_is_believed_over_schemas(tmp_path: Path) -> None:
    declared = schema_marks(_written(tmp_path, FIRST), "postgresql")["members"]
    mapped = DataTable("members", columns={"name": Column("name", collation="C")})
    assert told_marks(declared, mapped, "postgresql")["name"] == "C"
    assert declared["name"] == "ja-x-icu"
