"""The only place that opens a table engine (the cluster's through ``clustering.py``).

Tables travel between stages as Parquet files.

SQL is written as *named stations* in DuckDB's dialect; each station reads tables by name and writes
one table. A station is plain text, so it can be printed, tested alone and run on either engine.
"""

from __future__ import annotations

import os
import shutil
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb.func import SPECIAL, PythonUDFType
from duckdb.sqltypes import VARCHAR

from ashiato.engine.arrow_tables import BatchWriter, arrow_of, arrow_schema, packing
from ashiato.engine.small_tables import MOST_HELD, Sightings, write_few
from ashiato.engine.tables import Table
from ashiato.engine.text_forms import NAME, form_all
from ashiato.terms.errors import EngineError

if TYPE_CHECKING:
    from types import TracebackType

    from ashiato.engine.clustering import Cluster

Row = tuple[Any, ...]

# What the engine may hold, and at most where much is read again and again.
_MEMORY_MB, _MOST_MEMORY_MB = 1_200, 3_500
# So much of what is read is no reason for more.
_FITTING_MB = 200
_THREADS = 2
# Until a table has so many rows, or its file so many bytes, threads mostly wait for each other.
_MANY_ROWS, _MANY_BYTES = 20_000, 1_000_000
# From so many rows on, DuckDB sorts both sides of a join over a range: its own bound, 1000, lets each of
# some hundred statements walk a table of people.
_SORTED_ROWS = 40


@dataclass(frozen=True)
class Station:
    """One named step: SQL text in DuckDB's dialect that makes one table from others.

    ``writes`` is a declared table, or None for a station whose table lives inside one stage, is kept in no
    file, and takes its columns from the SQL. ``notyet`` names why the cluster engine cannot run it; such a
    station is evaluated by DuckDB by name, and the run says so. ``statements`` is how many logged statements
    the station replays. ``follows_log``: the SQL follows a logged statement and holds whatever stood there,
    so the cluster engine runs it only where it is known to mean the same there. ``sorted_by``: columns of
    the SQL, cheaper to compare, that sort its rows as the declared table is sorted; DuckDB's alone.
    """

    name: str
    sql: str
    writes: Table | None = None
    notyet: str | None = None
    statements: int = 0
    follows_log: bool = False
    sorted_by: tuple[str, ...] = ()


class Store:
    """A folder of Parquet tables with an embedded engine over it.

    Every ``<name>.parquet`` in ``folder`` is a table named ``name``. Files are written beside and
    renamed into place, so a table is either whole or absent. A stage's own tables are the engine's alone,
    which spills what memory does not hold, until ``forget_workings``; a cluster keeps them as files.
    """

    def __init__(self, folder: Path, engine: str = "duckdb") -> None:
        """Open the folder, making it (0700) when it does not exist; spill stays inside it.

        ``engine``: ``duckdb``, ``spark`` (on this machine) or a cluster's address, ``spark://host:port``.
        DuckDB answers small questions and runs what the cluster cannot yet, whichever is named.
        """
        self.folder = folder
        self._spill = folder / ".spill"
        self._kinds: dict[str, str] = {}
        #: How many rows each table has that is a stage's own.
        self._workings: dict[str, int] = {}
        # Not held by what it holds: a store let go takes its engine, memory and threads, along at once.
        own = weakref.proxy(self)
        self._sightings = Sightings(partial(Store._see, own), partial(Store.path, own))
        self._cluster = None if engine == "duckdb" else self._cluster_of(engine)
        self.tally: Counter[str] = Counter()
        self.notyet: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = duckdb.connect(
            config={
                "memory_limit": f"{_MEMORY_MB}MB",
                "threads": 1,
                "temp_directory": str(self._spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._is_large = False
        self._room_mb = _MEMORY_MB
        self._db.execute("SET TimeZone='UTC'")
        self._db.execute(f"SET merge_join_threshold={_SORTED_ROWS}")
        # Tables are written anew under their names within one tick of the file system's clock, by which the
        # engine would tell that what it remembers of a file is old.
        self._db.execute("SET enable_external_file_cache=false")
        # It loses rows of EXISTS whose condition compares with the outer query by more than equality
        # (DuckDB 1.5.6); without it the same rows are found by one join more.
        self._db.execute("SET disabled_optimizers='deliminator'")
        self._db.create_function(
            NAME, form_all, [VARCHAR, VARCHAR], VARCHAR, type=PythonUDFType.ARROW, null_handling=SPECIAL
        )
        # Hidden ones are what a killed run left half written.
        for path in sorted(folder.glob("[!.]*.parquet")):
            self._add(path.stem)

    def __enter__(self) -> Self:
        """Use the store as a context so that the spill folder is emptied at exit."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the engine and remove what it spilled."""
        self.close()

    def close(self) -> None:
        """Close the engine and remove what it spilled."""
        self._db.close()
        if self._cluster is not None:
            self._cluster.close()
        shutil.rmtree(self._spill, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Return where the table of this name is kept."""
        return self.folder / f"{name}.parquet"

    def has(self, name: str) -> bool:
        """Tell whether the table of this name has been written."""
        return name in self._workings or self.path(name).exists()

    def run(self, station: Station) -> None:
        """Run one station and keep its table, sorted by the table's declared order.

        ``tally`` then knows which engine ran it, how many rows it made, how many statements it replayed;
        ``notyet``, by the station's name, why a cluster was asked for and DuckDB ran it.
        """
        name = station.name if station.writes is None else station.writes.name
        sql = station.sql
        order: Sequence[str] = ()
        if station.writes is not None:
            sql = _declared(station.writes, sql)
            order = station.writes.order
        why = self._run_on_cluster(station, name, sql, order)
        make = self._copy if station.writes is not None or self._cluster is not None else self._hold
        rows = self.count(name) if why is None else make(name, sql, station.sorted_by or order)
        if why:
            self.notyet[station.name] = why
        self._count("spark" if why is None else "duckdb", rows, station.statements)

    def run_in_parts(self, station: Station, table: Table, parts: Sequence[Mapping[str, str]]) -> None:
        """Run a station of a declared table once for each part, so that no more is put in order at a time.

        A part is queries by the names of the tables they stand for in it; each may name those before it, and
        ``main.NAME`` is the whole table. The parts' rows follow each other in the table's order. A single
        part, and a cluster, are run whole.
        """
        if len(parts) <= 1 or self._cluster is not None:
            self.run(station)
            return
        sql = f"{_declared(table, station.sql)} ORDER BY {', '.join(table.order)}"
        try:
            with self.stream(table) as out:
                for part in parts:
                    given = ", ".join(f"{name} AS NOT MATERIALIZED ({query})" for name, query in part.items())
                    for batch in self.batches(f"WITH {given} {sql}"):
                        out.write(batch)
        except duckdb.Error as error:
            raise _refusal(table.name, error) from error
        self._count("duckdb", self.count(table.name), station.statements)

    def _count(self, engine: str, rows: int, statements: int) -> None:
        self.tally[f"{engine}_stations"] += 1
        self.tally[f"{engine}_rows"] += rows
        self.tally[f"{engine}_statements"] += statements

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a query; for results small enough to hold."""
        self._sightings.meet(sql)
        return self._db.execute(sql, list(params)).fetchall()

    def columns(self, name: str) -> dict[str, str]:
        """Return a table's columns and their SQL types, in order."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {quote_name(name)}")}

    def count(self, name: str) -> int:
        """Return how many rows a table has."""
        if name in self._workings:
            return self._workings[name]
        return int(pq.read_metadata(self.path(name)).num_rows)

    def batches(self, sql: str, rows_each: int = 100_000) -> pa.RecordBatchReader:
        """Return a query's rows as a reader of Arrow batches, for results of any size."""
        self._sightings.meet(sql)
        return self._db.cursor().sql(sql).to_arrow_reader(rows_each)

    def write(self, table: Table, rows: Iterable[Row] | pa.Table) -> None:
        """Keep rows made outside SQL as a declared table (empty is a table too)."""
        schema = arrow_schema(table)
        given = rows if isinstance(rows, pa.Table) else arrow_of(table, rows)
        self._take(self._copy, table.name, given.select(schema.names).cast(schema), table.order)

    def write_as(self, name: str, arrow: pa.Table, *, order: Sequence[str] = ()) -> None:
        """Keep an Arrow table under a name of a stage's own choosing."""
        if self._cluster is not None:
            self._take(self._copy, name, arrow, order)
            return
        self._take(self._hold, name, arrow, order)
        self._workings[name] = arrow.num_rows

    def make_room(self, read_bytes: int) -> None:
        """Let the engine hold more: so much is to be read over and over, and is twice that unpacked."""
        wanted = _MEMORY_MB + 2 * max(read_bytes // 1_000_000 - _FITTING_MB, 0)
        self._room_mb = max(self._room_mb, min(wanted, _MOST_MEMORY_MB))
        self._db.execute(f"SET memory_limit='{self._room_mb}MB'")

    @property
    def appends(self) -> bool:
        """Whether a stage's own tables can be added to: files cannot."""
        return self._cluster is None

    def begin(self, name: str, sql: str) -> None:
        """Make a stage's own table, to be added to."""
        self._workings[name] = self._make(name, "TABLE", sql)
        self._sightings.drop(name)

    def append(self, name: str, parts: Sequence[str]) -> None:
        """Add the rows of other tables of a stage's own to one that was begun; they are gone then."""
        for part in parts:
            self._sightings.meet(part)
            source = f"SELECT * FROM {quote_name(part)}"
            rows = self._db.execute(f"INSERT INTO {quote_name(name)} {source}").fetchone()
            self._workings[name] += int(rows[0]) if rows else 0
            self._forget(part)

    def forget(self, names: Iterable[str]) -> None:
        """Let go of tables that a stage made for itself and needs no more; a cluster's stay to the end."""
        for name in names:
            if name in self._workings:
                self._forget(name)

    def forget_workings(self) -> None:
        """Let go of what a stage made for itself."""
        for name in sorted(self._workings):
            self._forget(name)

    def _forget(self, name: str) -> None:
        kind = self._kinds.pop(name, None)
        if kind is not None:
            self._db.execute(f"DROP {kind} {quote_name(name)}")
        self._sightings.drop(name)
        self.path(name).unlink(missing_ok=True)
        del self._workings[name]

    def _take(
        self,
        make: Callable[[str, str, Sequence[str]], int],
        name: str,
        arrow: pa.Table,
        order: Sequence[str],
    ) -> None:
        beside = self._beside(name)
        if write_few(beside, arrow, order):
            self._keep(beside, name)
            return
        self._db.register("incoming", arrow)
        try:
            make(name, "SELECT * FROM incoming", order)
        finally:
            self._db.unregister("incoming")

    @contextmanager
    def stream(self, table: Table, coded: Collection[str] = ()) -> Iterator[BatchWriter]:
        """Keep a table too large to hold: yields what takes its batches, already in the table's order.

        ``coded``: text columns of few values, which come as Arrow dictionaries. The table appears when the
        block ends without an error, and not at all otherwise.
        """
        beside = self._beside(table.name)
        try:
            schema = arrow_schema(table, coded)
            with pq.ParquetWriter(beside, schema, **packing(table)) as file, ThreadPoolExecutor(1) as thread:
                beside.chmod(0o600)
                writer = BatchWriter(file, schema, thread)
                yield writer
                writer.finish()
            beside.replace(self.path(table.name))
        finally:
            beside.unlink(missing_ok=True)
        self._add(table.name)

    def refuses(self, sql: str) -> bool:
        """Tell whether DuckDB does not take a query over these tables."""
        try:
            self._sightings.meet(sql)
            self._db.execute(f"EXPLAIN {sql}")
        except duckdb.Error:
            return True
        return False

    def _cluster_of(self, engine: str) -> Cluster:
        from ashiato.engine.clustering import Cluster as Opened  # noqa: PLC0415 - slow to load, seldom asked

        return Opened(engine, self._spill, self)

    def _run_on_cluster(self, station: Station, name: str, sql: str, order: Sequence[str]) -> str | None:
        """Run a station on the cluster, or return why it is DuckDB's by name; no cluster needs no reason."""
        if self._cluster is None:
            return ""
        if station.notyet is not None:
            return station.notyet
        beside = self._beside(name)
        if station.follows_log:
            why = self._cluster.follow(sql, beside)
        else:
            why = self._cluster.make(sql, order, beside)
        if why is None:
            self._keep(beside, name)
        return why

    def _beside(self, name: str) -> Path:
        return self.folder / f".{name}.{os.getpid()}.parquet"

    def _copy(self, name: str, sql: str, order: Sequence[str]) -> int:
        beside = self._beside(name)
        ordered = f"{sql} ORDER BY {', '.join(order)}" if order else sql
        try:
            self._sightings.meet(sql)
            copied = self._db.execute(
                f"COPY ({ordered}) TO {quote_text(str(beside))} (FORMAT parquet, COMPRESSION zstd)"
            ).fetchone()
        except duckdb.Error as error:
            beside.unlink(missing_ok=True)
            raise _refusal(name, error) from error
        self._keep(beside, name)
        return int(copied[0]) if copied else 0

    def _hold(self, name: str, sql: str, order: Sequence[str]) -> int:
        """Make a table that no file keeps, in place of one that a file may have kept.

        Of too many, each takes more memory than is in it, and so the rest are kept in files.
        """
        if len(self._workings) >= MOST_HELD and name not in self._workings:
            rows = self._copy(name, sql, order)
            self._workings[name] = rows
            return rows
        ordered = f"{sql} ORDER BY {', '.join(order)}" if order else sql
        try:
            self._sightings.meet(sql)
            rows = self._make(name, "TABLE", ordered)
        except duckdb.Error as error:
            raise _refusal(name, error) from error
        self._sightings.drop(name)
        self.path(name).unlink(missing_ok=True)
        self._workings[name] = rows
        self._grow(is_large=rows > _MANY_ROWS)
        return rows

    def _keep(self, beside: Path, name: str) -> None:
        beside.chmod(0o600)
        beside.replace(self.path(name))
        self._add(name)

    def _add(self, name: str) -> None:
        """Take a file as the table of its name."""
        self._workings.pop(name, None)
        self._grow(is_large=self.path(name).stat().st_size > _MANY_BYTES)
        self._sightings.add(name)

    def _grow(self, *, is_large: bool) -> None:
        """Give the engine all its threads once there is something for them to do."""
        if is_large and not self._is_large:
            self._is_large = True
            self._db.execute(f"SET threads={_THREADS}")

    def _see(self, name: str, kind: str) -> None:
        self._make(name, kind, f"SELECT * FROM read_parquet({quote_text(str(self.path(name)))})")

    def _make(self, name: str, kind: str, sql: str) -> int:
        """Make a name a view or a table of the engine's, whatever it was; returns a table's rows."""
        before = self._kinds.get(name, kind)
        if before != kind:
            self._db.execute(f"DROP {before} {quote_name(name)}")
            del self._kinds[name]
        made = self._db.execute(f"CREATE OR REPLACE {kind} {quote_name(name)} AS {sql}").fetchone()
        self._kinds[name] = kind
        return int(made[0]) if made else 0


def _declared(table: Table, sql: str) -> str:
    return f"SELECT {table.select_list} FROM ({sql}) AS made"


def _refusal(name: str, error: duckdb.Error) -> EngineError:
    """Say that a table cannot be made, by the kind of the error: its words may quote a log or a person."""
    what = f"the engine cannot make the table {name} ({type(error).__name__})"
    short = isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException)
    fix = "make room on the disk and in memory, then run the same command again"
    return EngineError(what, fix=fix if short else None)


def quote_name(name: str) -> str:
    """Write a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Write text as an SQL string literal; for text of our own making, never for log content."""
    return "'" + text.replace("'", "''") + "'"
