"""However many relations are put below each other, all their rows are there, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.exposures.uniting import unite_parts
from ashiato.engine.store import Store


@pytest.mark.parametrize("count", [1, 60, 61, 150])
def test_every_row_of_every_part_is_there_once(tmp_path: Path, count: int) -> None:
    store = Store(tmp_path)
    unite_parts(store, "whole", [f"SELECT {number} AS n" for number in range(count)])
    assert store.rows("SELECT n FROM whole ORDER BY n") == [(number,) for number in range(count)]
