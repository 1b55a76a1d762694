"""The shipped break-in on Spark: the same answer byte for byte, and who evaluated how much of it."""

from __future__ import annotations

import shutil

import pytest

from tests.engine.on_engines import Answered, investigate_on
from tests.journeys.demo import EVIDENCE, make_case

pytestmark = [pytest.mark.slow, pytest.mark.spark]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Answered, Answered]:
    """What Spark and DuckDB say of the whole demo."""
    pytest.importorskip("pyspark", reason="needs the extra: uv sync --extra spark")
    folder = tmp_path_factory.mktemp("engines")
    case = make_case(folder / "case", EVIDENCE)
    spark = investigate_on("spark", case.folder, folder / "spark")
    duckdb = investigate_on("duckdb", case.folder, folder / "duckdb")
    print(f"\n== the demo on Spark: {spark}")  # noqa: T201
    for kept in folder.iterdir():
        shutil.rmtree(kept)
    return spark, duckdb


def test_every_table_and_export_is_the_same(answers: tuple[Answered, Answered]) -> None:
    spark, duckdb = answers
    assert len(spark.tables) >= 19
    assert [name for name in duckdb.tables if spark.tables[name] != duckdb.tables[name]] == []
    assert {"persons.csv", "exposures.csv", "summary.json", "report.html", "report.pdf"} <= set(spark.files)
    assert spark.files.keys() == duckdb.files.keys()
    assert [name for name in duckdb.files if spark.files[name] != duckdb.files[name]] == []


def test_nearly_all_statements_run_on_spark(answers: tuple[Answered, Answered]) -> None:
    spark, duckdb = answers
    assert duckdb.share_on_cluster == 0
    assert spark.hostile_statements > 2000
    assert spark.share_on_cluster >= 0.95
    replayed = sum(map(spark.statements, ("spark", "duckdb")))
    assert replayed == duckdb.statements("duckdb")


def test_what_spark_cannot_run_is_named(answers: tuple[Answered, Answered]) -> None:
    told = answers[0].told
    assert told["notyet"]
    assert all(told["notyet"].values())
    assert told["engines"]["duckdb"]["stations"] == len(told["notyet"])
    # Stations of our own are declared beforehand, not found out by an error.
    assert [name for name, reason in told["notyet"].items() if "cannot run" in reason] == []
