"""Which stations the cluster engine takes, and how it is given them.

Only ``store.py`` uses this file, and loads it when a run names a cluster: what reads and translates SQL for
it takes a quarter of a second to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlglot import exp

from ashiato.engine.spark import RefusedError, SparkEngine
from ashiato.engine.translation import Translated, UnlikeError, followed_to_spark, parse_station, to_spark
from ashiato.terms.errors import EngineError


class Tables(Protocol):
    """The tables that stations read, as their keeper has them."""

    def has(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        ...

    def path(self, name: str) -> Path:
        """Return where a table is kept, as a Parquet file."""
        ...

    def columns(self, name: str) -> dict[str, str]:
        """Return a table's columns and their SQL types."""
        ...

    def refuses(self, sql: str) -> bool:
        """Tell whether the embedded engine does not take a query."""
        ...


class Cluster:
    """The cluster engine over a store's tables; each method returns None, or why DuckDB must run it."""

    def __init__(self, engine: str, spill: Path, tables: Tables) -> None:
        """``engine``: ``spark`` or a cluster's address. Raises EngineError when Spark or Java is missing."""
        self._engine = SparkEngine(engine, spill)
        self._tables = tables

    def close(self) -> None:
        """Stop the session."""
        self._engine.close()

    def make(self, sql: str, order: Sequence[str], beside: Path) -> str | None:
        """Run one of our own stations into the file ``beside``."""
        try:
            self._run(to_spark(sql, order), sql, beside)
        except RefusedError as error:
            return str(error)
        return None

    def follow(self, sql: str, beside: Path) -> str | None:
        """Run what follows a logged statement, where every part is known to mean the same on both."""
        # What one engine refuses to run and the other does not would be another answer.
        if self._tables.refuses(sql):
            return "DuckDB refuses it"
        columns = {name: self._tables.columns(name) for name in self._files_of(sql)}
        try:
            self._run(followed_to_spark(sql, columns), sql, beside)
        except (UnlikeError, EngineError) as error:
            return str(error)
        return None

    def _run(self, station: Translated, sql: str, beside: Path) -> None:
        self._engine.make(station, self._files_of(sql), beside)

    def _files_of(self, sql: str) -> dict[str, Path]:
        named = sorted({table.name for table in parse_station(sql).find_all(exp.Table)})
        return {name: self._tables.path(name) for name in named if self._tables.has(name)}
