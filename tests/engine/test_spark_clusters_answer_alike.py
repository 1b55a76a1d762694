"""One night of the break-in on a standalone cluster, a master and two workers: the same answer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest

from tests.engine.on_engines import Answered, investigate_on
from tests.journeys.demo import make_case, take_night

pytestmark = [pytest.mark.slow, pytest.mark.spark]


@dataclass(frozen=True)
class Night:
    """What the cluster and DuckDB say of the night, and how many executors each worker ran."""

    cluster: Answered
    duckdb: Answered
    executors: tuple[int, ...]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night, investigated on both."""
    pytest.importorskip("pyspark", reason="needs the extra: uv sync --extra spark")
    from tests.engine.spark_cluster import run_cluster  # noqa: PLC0415 - an optional extra

    folder = tmp_path_factory.mktemp("cluster")
    case = make_case(folder / "case", take_night(folder / "evidence"))
    duckdb = investigate_on("duckdb", case.folder, folder / "duckdb")
    with run_cluster(folder / "machines") as cluster:
        settings = cluster.settings
        answered = investigate_on(cluster.address, case.folder, folder / "cluster", settings)
        executors = tuple(map(cluster.executors_of, cluster.workers))
    print(f"\n== one night on a cluster: {answered}")  # noqa: T201
    shutil.rmtree(folder)
    return Night(answered, duckdb, executors)


def test_a_cluster_gives_the_same_bytes(night: Night) -> None:
    assert night.cluster.tables == night.duckdb.tables
    assert len(night.cluster.tables) >= 19
    assert {"persons.csv", "exposures.csv", "summary.json", "report.html", "report.pdf"} <= set(
        night.cluster.files
    )
    assert night.cluster.files == night.duckdb.files


def test_both_workers_take_part(night: Night) -> None:
    assert all(night.executors), night.executors


def test_nearly_all_statements_run_on_the_cluster(night: Night) -> None:
    assert night.cluster.hostile_statements > 100
    assert night.cluster.share_on_cluster >= 0.95
    assert night.cluster.told["engines"]["spark"]["stations"] > 100
