"""A part of a WITH that is read more than once is computed once on the cluster, and kept narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.store import Station, Store
from ashiato.engine.tables import Table
from ashiato.engine.translation import to_spark
from ashiato.terms.errors import EngineError

SHARED = (
    "WITH m AS (SELECT a, b, a || b AS long FROM t), n (c) AS (SELECT b FROM m) "
    "SELECT m.a, n.c FROM m JOIN n ON n.c = m.b"
)


def test_a_part_read_twice_is_kept_narrow() -> None:
    shared, other = to_spark(SHARED).parts
    assert (shared.name, shared.kept) == ("m", True)
    assert shared.sql.startswith("SELECT `a`, `b` FROM (")
    assert (other.name, other.kept) == ("n", False)
    assert other.sql.endswith("AS made (c)")


def test_a_declared_tables_station_keeps_its_parts_too() -> None:
    wrapped = to_spark(f"SELECT a, c FROM ({SHARED}) AS made", order=["a"])
    assert wrapped.parts == to_spark(SHARED).parts
    assert "WITH" not in wrapped.sql


@pytest.mark.parametrize(
    "sql",
    [
        "WITH m AS (SELECT a FROM t) SELECT a FROM m",
        "WITH RECURSIVE m AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM m WHERE a < 3) SELECT a FROM m",
        "SELECT a FROM t",
        "SELECT o.a FROM (WITH m AS (SELECT 1 AS a) SELECT x.a FROM m AS x JOIN m AS y USING (a)) AS o, t",
    ],
)
def test_other_stations_stay_one_query(sql: str) -> None:
    assert to_spark(sql).parts == ()


@pytest.mark.parametrize(
    "reading",
    [
        "SELECT * FROM m UNION ALL SELECT * FROM m",
        "SELECT x.a FROM m AS x JOIN m AS y USING (b)",
        "SELECT x.a FROM m AS x NATURAL JOIN m AS y",
    ],
)
def test_columns_read_without_their_names_are_kept(reading: str) -> None:
    (part,) = to_spark(f"WITH m AS (SELECT a, b FROM t) {reading}").parts
    assert part.sql.startswith("SELECT * FROM (")


@pytest.mark.slow
@pytest.mark.spark
def test_stations_run_on_spark_or_are_named(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="needs the extra: uv sync --extra spark")
    made = Table("made", "one row per pair", {"a": "BIGINT", "c": "BIGINT"}, ("a", "c"))
    with Store(tmp_path, "spark") as store:
        store.run(Station("t", "SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 4"))
        shadow = "WITH t AS (SELECT a + 10 AS a, b FROM t) SELECT x.a, y.b AS c FROM t AS x CROSS JOIN t AS y"
        store.run(Station("pairs", shadow, made))
        store.run(Station("after", "SELECT a FROM t"))
        assert store.rows("SELECT a, c FROM made") == [(11, 2), (11, 4), (13, 2), (13, 4)]
        assert store.rows("SELECT a FROM after ORDER BY a") == [(1,), (3,)]
        assert store.tally["spark_stations"] == 3
        store.run(
            Station("odd", "SELECT damerau_levenshtein(CAST(a AS VARCHAR), CAST(b AS VARCHAR)) AS far FROM t")
        )
        assert store.tally["duckdb_stations"] == 1
        assert "cannot run" in store.notyet["odd"]
        with pytest.raises(EngineError):
            store.run(Station("unknown", "SELECT nothing FROM t", follows_log=True))
        # What neither engine runs was not evaluated by the other.
        assert set(store.notyet) == {"odd"}
