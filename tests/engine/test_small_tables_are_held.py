"""A table of few rows answers from memory and is kept all the same; no text may make it large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.small_tables import Sightings, is_small_file, write_few
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import FINDING_EVENTS, LIMITS, Table

NUMBERS = Table("numbers", "one row per number", {"n": "BIGINT"}, ("n",))
HUGE = Table("huge", "one row per number", {"n": "BIGINT", "text": "VARCHAR"}, ("n",))
ROWS = st.lists(
    st.tuples(
        st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3),
        st.none() | st.integers(-3, 3),
    ),
    max_size=12,
)


def _table(rows: list[tuple[Any, Any]]) -> pa.Table:
    texts, numbers = [row[0] for row in rows], [row[1] for row in rows]
    return pa.table({"text": pa.array(texts, pa.string()), "number": pa.array(numbers, pa.int64())})


def _kind(store: Store, name: str) -> str | None:
    sql = "SELECT table_type FROM information_schema.tables WHERE table_name = ?"
    found = store.rows(sql, [name])
    return str(found[0][0]) if found else None


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples."""
    with Store(tmp_path_factory.mktemp("opened")) as store:
        yield store


@given(rows=ROWS)
def test_few_rows_stand_in_the_order_the_engine_gives(opened: Store, rows: list[tuple[Any, Any]]) -> None:
    path = opened.folder / "few"
    assert write_few(path, _table(rows), ("text", "number"))
    kept = [tuple(row.values()) for row in pq.read_table(path).to_pylist()]
    opened.write_as("given", _table(rows))
    assert opened.rows("SELECT * FROM given ORDER BY text, number") == kept


def test_a_small_table_answers_from_memory_and_is_kept(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(FINDING_EVENTS, [("f1", 2), ("f1", 1)])
        assert _kind(store, "finding_events") is None
        assert store.rows("SELECT count(*) FROM FINDING_EVENTS") == [(2,)]
        assert _kind(store, "finding_events") == "BASE TABLE"
        assert pq.read_table(store.path("finding_events"))["event_id"].to_pylist() == [1, 2]
        store.path("finding_events").unlink()
        assert store.rows("SELECT event_id FROM finding_events") == [(1,), (2,)]


def test_a_table_may_grow_and_shrink(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for rows, kind in ((5, "BASE TABLE"), (5000, "VIEW"), (7, "BASE TABLE"), (6000, "VIEW")):
            store.run(Station("numbers", f"SELECT range AS n FROM range({rows})", NUMBERS))
            assert store.rows("SELECT count(*) FROM numbers AS a JOIN numbers AS b USING (n)") == [(rows,)]
            assert _kind(store, "numbers") == kind


def test_a_view_sees_the_rows_its_table_has_now(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        for rows in (3, 4000, 5):
            store.run(Station("numbers", f"SELECT range AS n FROM range({rows})", NUMBERS))
            if rows == 3:
                store.rows("CREATE VIEW every_number AS SELECT * FROM numbers, (SELECT max(n) FROM numbers)")
            assert store.rows("SELECT count(*) FROM every_number") == [(rows,)]


def test_a_reopened_folder_answers_as_before(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.write(replace(NUMBERS, name="odd-name"), [(1,)])
        store.write(NUMBERS, [(2,)])
    with Store(tmp_path) as store:
        assert store.rows('SELECT a.n, b.n FROM "odd-name" AS a, numbers AS b') == [(1, 2)]
        assert list(store.columns("numbers")) == ["n"]


def test_rows_that_share_a_huge_text_are_not_held(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.run(Station("huge", "SELECT range AS n, repeat('x', 100000) AS text FROM range(1500)", HUGE))
        assert store.path("huge").stat().st_size < 50_000
        assert not is_small_file(store.path("huge"))
        assert store.rows("SELECT count(*), max(length(text)) FROM huge, (SELECT 1 FROM huge LIMIT 1)")
        assert _kind(store, "huge") == "VIEW"


def test_many_rows_and_rows_of_other_types_are_left_to_the_engine(tmp_path: Path) -> None:
    days = pa.table({"day": pa.array([0], pa.date32())})
    assert not write_few(tmp_path / "no.parquet", days, ())
    assert not write_few(tmp_path / "no.parquet", _table([("a", n) for n in range(5000)]), ())
    assert not (tmp_path / "no.parquet").exists()


def test_a_group_that_cannot_be_written_leaves_no_table(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        other = pa.record_batch({"unlike": pa.array([1])})
        with pytest.raises((ValueError, TypeError, KeyError)), store.stream(LIMITS) as writer:
            writer.write(other)
        assert not store.has("limits")
        assert list(tmp_path.glob(".limits*")) == []


def test_no_more_tables_are_held_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ashiato.engine.small_tables.MOST_HELD", 2)
    kinds: dict[str, str] = {}
    sightings = Sightings(kinds.__setitem__, lambda name: tmp_path / f"{name}.parquet")
    for name in ("a", "b", "c"):
        assert write_few(tmp_path / f"{name}.parquet", pa.table({"n": [1]}), ())
        sightings.add(name)
    sightings.meet("SELECT * FROM a, b, c")
    assert kinds == {"a": "TABLE", "b": "TABLE", "c": "VIEW"}
