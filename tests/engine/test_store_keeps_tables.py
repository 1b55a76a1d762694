"""A table is whole or absent, private, sorted, and the same bytes whatever order its rows came in."""

from __future__ import annotations

import gc
import stat
import weakref
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.arrow_tables import arrow_schema
from ashiato.engine.store import Station, Store, quote_text
from ashiato.engine.tables import FINDING_EVENTS, LIMITS, UNREAD, Table
from ashiato.terms.errors import EngineError
from ashiato.terms.ids import sha256_text

HOSTILE = "x'); DROP VIEW unread; --\x1b[31m<b>\u202e\x00"
ROWS = [("f2", 1), ("f1", 9), ("f1", 2), ("f10", 3)]


def test_rows_come_back_typed_and_in_declared_order(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(FINDING_EVENTS, ROWS)
        kept = pq.read_table(store.path("finding_events"))
    assert kept.schema.names == list(FINDING_EVENTS.columns)
    assert kept.to_pylist() == [{"finding_id": f, "event_id": e} for f, e in sorted(ROWS)]


def test_the_order_rows_come_in_leaves_no_trace(tmp_path: Path) -> None:
    rows = [(f"f{i % 50:03}", i) for i in range(5000)]
    shuffled = sorted(rows, key=lambda row: sha256_text(row[0], str(row[1])))
    written = []
    for name, given_rows in (("a", rows), ("b", shuffled)):
        with Store(tmp_path / name) as store:
            store.write(FINDING_EVENTS, given_rows)
            written.append(store.path("finding_events").read_bytes())
    assert written[0] == written[1]


def test_an_empty_table_is_a_table_too(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(LIMITS, [])
        assert store.has("limits")
        assert store.rows("SELECT * FROM limits") == []
        assert list(store.columns("limits")) == list(LIMITS.columns)


def test_hostile_text_is_kept_and_never_run(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(UNREAD, [("e1", 1, 1, 0, 9, HOSTILE, HOSTILE)])
        found = store.rows("SELECT reason FROM unread WHERE sample = ?", [HOSTILE])
    assert found == [(HOSTILE,)]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_quoted_text_is_read_back_as_it_was(text: str) -> None:
    quoted = quote_text(text)
    assert quoted[0] == quoted[-1] == "'"
    assert quoted[1:-1].replace("''", "") == text.replace("'", "")


def test_a_folder_with_a_quote_in_its_name_works(tmp_path: Path) -> None:
    with Store(tmp_path / "it's a case") as store:
        store.write(FINDING_EVENTS, ROWS)
        assert store.rows("SELECT count(*) FROM finding_events") == [(4,)]


def test_a_failing_station_leaves_the_old_table(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(FINDING_EVENTS, ROWS)
        before = store.path("finding_events").read_bytes()
        with pytest.raises(EngineError, match="finding_events"):
            store.run(Station("broken", "SELECT * FROM nowhere", FINDING_EVENTS))
        assert store.path("finding_events").read_bytes() == before
        assert [path.name for path in tmp_path.glob(".*.parquet")] == []


def _stream_and_break(store: Store) -> None:
    with store.stream(FINDING_EVENTS) as keep:
        keep.write(
            pa.RecordBatch.from_pylist([{"finding_id": "f", "event_id": 1}], arrow_schema(FINDING_EVENTS))
        )
        message = "midway"
        raise RuntimeError(message)


def test_a_stream_that_breaks_off_leaves_no_table(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        with pytest.raises(RuntimeError, match="midway"):
            _stream_and_break(store)
        assert not store.has("finding_events")
        assert list(tmp_path.glob(".*.parquet")) == []


def test_what_a_killed_run_left_half_written_is_no_table(tmp_path: Path) -> None:
    (tmp_path / ".events.4711.parquet").write_bytes(b"PAR1 half a ta")
    with Store(tmp_path) as store:
        assert not store.has("events")
        store.write(FINDING_EVENTS, ROWS)
        assert store.rows("SELECT count(*) FROM finding_events") == [(4,)]


def test_tables_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "run") as store:
        store.write(FINDING_EVENTS, ROWS)
        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(store.path("finding_events").stat().st_mode) == 0o600


def test_the_spill_folder_is_gone_at_exit(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(FINDING_EVENTS, ((f"f{i}", i) for i in range(1000)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["finding_events.parquet"]


def test_a_store_let_go_takes_its_engine_along(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write(FINDING_EVENTS, ROWS)
    assert store.count("finding_events") == len(ROWS)
    gone = weakref.ref(store)
    gc.disable()
    try:
        del store
        assert gone() is None
    finally:
        gc.enable()


def test_a_station_casts_to_the_declared_types(tmp_path: Path) -> None:
    numbers = Table("numbers", "one row per number", {"n": "BIGINT", "share": "DOUBLE"}, ("n",))
    with Store(tmp_path) as store:
        store.run(Station("numbers", "SELECT '2' AS n, 1 AS share UNION ALL SELECT 1, 0.5", numbers))
        assert store.columns("numbers") == {"n": "BIGINT", "share": "DOUBLE"}
        assert store.rows("SELECT * FROM numbers") == [(1, 0.5), (2, 1.0)]


def test_what_a_stage_made_for_itself_goes_with_it(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.run(Station("mine", "SELECT range AS n FROM range(3000)"))
        store.write_as("few", pa.table({"n": [1, 2]}))
        store.write_as("many", pa.table({"n": list(range(3000))}))
        store.run(Station("mine", "SELECT n FROM mine JOIN few USING (n) JOIN many USING (n)"))
        store.write(FINDING_EVENTS, ROWS)
        counted = "SELECT count(*) FROM few UNION ALL SELECT count(*) FROM mine"
        assert (store.rows(counted), store.count("many")) == ([(2,), (2,)], 3000)
        store.forget_workings()
        assert not any(map(store.has, ("mine", "few", "many")))
        assert [path.name for path in tmp_path.iterdir()] == ["finding_events.parquet"]
        store.write_as("few", pa.table({"n": [7]}))
        assert store.rows("SELECT n, event_id FROM few, finding_events WHERE finding_id = 'f10'") == [(7, 3)]


def test_a_failing_station_leaves_a_stages_own_table(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.run(Station("mine", "SELECT 1 AS n"))
        with pytest.raises(EngineError, match="mine"):
            store.run(Station("mine", "SELECT CAST(text AS BIGINT) AS n FROM (SELECT 'x' AS text)"))
        assert store.rows("SELECT n FROM mine") == [(1,)]


def test_of_too_many_tables_of_a_stage_the_rest_are_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ashiato.engine.store.MOST_HELD", 2)
    with Store(tmp_path) as store:
        store.begin("pile", "SELECT CAST(1 AS BIGINT) AS n WHERE FALSE")
        for number in range(4):
            store.run(Station(f"part{number}", f"SELECT {number} AS n"))
        assert [path.name for path in sorted(tmp_path.glob("*.parquet"))] == [
            f"part{number}.parquet" for number in (1, 2, 3)
        ]
        store.append("pile", [f"part{number}" for number in range(4)])
        assert store.rows("SELECT n FROM pile ORDER BY n") == [(0,), (1,), (2,), (3,)]
        assert (store.count("pile"), list(tmp_path.glob("*.parquet"))) == (4, [])


@pytest.mark.parametrize(
    ("setting", "value"), [("enable_external_file_cache", False), ("disabled_optimizers", "deliminator")]
)
def test_parts_of_the_engine_that_answer_wrongly_are_off(tmp_path: Path, setting: str, value: object) -> None:
    with Store(tmp_path) as store:
        assert store.rows("SELECT current_setting(?)", [setting]) == [(value,)]


def test_parts_of_a_table_follow_each_other_sorted(tmp_path: Path) -> None:
    said = Station("finding_events", "SELECT finding_id, event_id FROM told", writes=FINDING_EVENTS)
    told = pa.table({"finding_id": [f for f, _ in ROWS], "event_id": [e for _, e in ROWS]})
    parts = [{"told": f"SELECT * FROM main.told WHERE finding_id {which} 'f10'"} for which in ("<=", ">")]
    with Store(tmp_path) as store:
        store.write_as("told", told)
        store.run_in_parts(said, FINDING_EVENTS, parts)
        in_parts = pq.read_table(store.path("finding_events"))
        assert store.tally["duckdb_rows"] == len(ROWS)
        store.run_in_parts(said, FINDING_EVENTS, parts[:1])
        assert pq.read_table(store.path("finding_events")) == in_parts
        with pytest.raises(EngineError):
            store.run_in_parts(said, FINDING_EVENTS, [{"told": "SELECT 1 AS other"}] * 2)
        assert store.count("finding_events") == len(ROWS)
    assert in_parts.to_pylist() == [{"finding_id": f, "event_id": e} for f, e in sorted(ROWS)]
