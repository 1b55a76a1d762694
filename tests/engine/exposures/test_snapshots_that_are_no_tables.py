"""A snapshot's file that is no table, added by an older version, costs its own table only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.engine.exposures.scene import Scene, Statement, grades_of


class Spoilt(Scene):
    """A scene one of whose tables cannot be read."""

    table = "clinics"

    def _write_snapshot(self, at_us: int, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
        folder = super()._write_snapshot(at_us, tables)
        (folder / f"{self.table}.csv").write_bytes(b"id,title\n1,North,2\n" + bytes(range(128, 256)))
        return folder


@pytest.mark.parametrize(("table", "people"), [("clinics", {"3"}), ("members", set())])
def test_unreadable_table_is_listed_and_the_rest_goes_on(
    table: str, people: set[str], tmp_path: Path
) -> None:
    scene = Spoilt(tmp_path)
    scene.table = table
    store = scene.answer(Statement("SELECT name FROM members WHERE id = 3", rows=1))
    assert set(grades_of(store)) == people
    limits = store.rows("SELECT reason, params FROM limits WHERE params LIKE '%why=no-table'")
    assert [(reason, params.split(",")[0]) for reason, params in limits] == [
        ("snapshot-missing", f"table=db.{table}")
    ]
