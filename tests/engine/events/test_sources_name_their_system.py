"""Of several systems, the data map's sources say which one a log tells of."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.model import DataMap, Source, System
from tests.engine.events.scene import START, LogBook, join

SYSTEMS = {name: System(name) for name in ("shop", "crm")}


@pytest.mark.parametrize(
    ("pattern", "system"),
    [("db/pg/postgresql.log", "crm"), ("postgresql.*", "crm"), ("pg/*.log", "crm"), ("db/*.csv", None)],
)
def test_pattern_fits_a_path_or_its_end(tmp_path: Path, pattern: str, system: str | None) -> None:
    book = LogBook("db/pg/postgresql.log")
    book.tell("sql-statement", START, query_text="SELECT 1", database_session_uid="s1")
    datamap = DataMap(systems=SYSTEMS, sources=(Source(pattern, system="crm"),))
    with join(tmp_path, [book], datamap) as store:
        assert store.rows("SELECT system FROM events") == [(system,)]
