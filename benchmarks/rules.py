"""All Sigma rules over many events, beside one query per rule in SQLite and beside reading alone.

``python benchmarks/rules.py [EVENTS]`` (1,000,000 unless said; half requests, half Windows processes). Rules
are the shipped ones and the set beside the checkout that look at such events. SQLite runs the same rules as
today's Python tools do, on 100,000 events, and is scaled; reading is an access log of as many lines.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from access_log import write_access_log
from reading import Taken, measure
from rule_events import TABLES, write_events

from ashiato.engine.findings.rules import SHIPPED_RULES, source_of
from ashiato.engine.sigma.predicates import (
    And,
    Atom,
    Named,
    Node,
    Not,
    Number,
    Or,
    Present,
    Regex,
    Same,
    Text,
    Wild,
    bind_keywords,
)
from ashiato.engine.sigma.rule_files import Rule, read_rule_set
from ashiato.engine.sigma.scanning import Scanner
from ashiato.engine.sigma.windows import windows_source

_EVENTS = 1_000_000
_IN_SQLITE = 100_000
_GIVEN = Path(__file__).resolve().parents[2] / "shared" / "evidence" / "sigma"
_OPS = {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}


def read_rules() -> tuple[Rule, ...]:
    """Return every rule that can be used: the shipped ones, and the given ones where they are."""
    places = [place for place in (SHIPPED_RULES, _GIVEN) if place.is_dir()]
    return read_rule_set(places, lambda said: windows_source(said) or source_of(said)).rules


def scan(folder: Path) -> dict[str, int]:
    """Run all rules over both tables in one pass each; return the hits of each rule that has any."""
    rules, counts = read_rules(), dict[str, int]()
    for name in TABLES:
        file = pq.ParquetFile(folder / f"{name}.parquet")
        names = _words_of(file.schema_arrow.names)
        scanner = Scanner([rule for rule in rules if rule.source.table == name], names)
        for batch in file.iter_batches(batch_size=100_000, columns=list(scanner.needed)):
            for hits in scanner.hits(batch):
                counts[hits.rule.name] = counts.get(hits.rule.name, 0) + len(hits.rows)
    return counts


def query_each(folder: Path) -> tuple[float, float, dict[str, int]]:
    """Run one query per rule in SQLite; return the seconds, those of CPU, and each rule's hits."""
    seconds, of_cpu, counts = 0.0, 0.0, dict[str, int]()
    for name in TABLES:
        table = pq.read_table(folder / f"{name}.parquet")
        database = _loaded(table)
        rules = [rule for rule in read_rules() if rule.source.table == name]
        begun, cpu = time.perf_counter(), time.process_time()
        for rule in rules:
            keywords = _words_of(table.column_names) if rule.source.keywords is None else rule.source.keywords
            where = _sql_of(bind_keywords(rule.node, tuple(keywords)), frozenset(table.column_names))
            (count,) = database.execute(f"SELECT COUNT(*) FROM seen WHERE {where}").fetchone()
            counts |= {rule.name: count} if count else {}
        seconds += time.perf_counter() - begun
        of_cpu += time.process_time() - cpu
    return seconds, of_cpu, counts


def _words_of(columns: Sequence[str]) -> list[str]:
    """Return the columns that a log fills: its number and time as we count them are none."""
    return [column for column in columns if column not in ("event_id", "start_us")]


def _loaded(table: pa.Table) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.create_function("regexp", 2, _is_found, deterministic=True)
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    database.execute(f"CREATE TABLE seen ({columns})")
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    database.executemany(f"INSERT INTO seen VALUES ({', '.join('?' * table.num_columns)})", rows)
    return database


def _sql_of(node: Node, columns: frozenset[str]) -> str:
    if isinstance(node, And | Or):
        parts = [_sql_of(part, columns) for part in node.parts]
        joined = " AND " if isinstance(node, And) else " OR "
        return f"({joined.join(parts)})" if parts else str(int(isinstance(node, And)))
    if isinstance(node, Not):
        return f"(NOT {_sql_of(node.part, columns)})"
    if isinstance(node, Named):
        return _sql_of(node.part, columns)
    if isinstance(node, Atom) and node.column in columns:
        return f"COALESCE({_test_of(node)}, 0)"
    return "0"


def _test_of(atom: Atom) -> str:
    column, asked = f'"{atom.column}"', atom.predicate
    if isinstance(asked, Text):
        signs = {Wild.ANY: "%", Wild.ONE: "_"}
        if asked.pieces == ("true",):
            return f"{column} = 1"
        pattern = "".join(
            signs[p] if isinstance(p, Wild) else re.sub(r"([%_!])", r"!\1", p) for p in asked.pieces
        )
        return f"{column} LIKE {_quoted(pattern)} ESCAPE '!'"
    if isinstance(asked, Regex):
        return f"regexp({_quoted(asked.pattern)}, {column})"
    if isinstance(asked, Number):
        return f"{column} {_OPS[asked.op]} {float(asked.value)}"
    if isinstance(asked, Present):
        return f"{column} IS NOT NULL"
    return f'{column} = "{asked.column}"' if isinstance(asked, Same) else "0"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\0", "") + "'"


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    # Python's own engine, as such tools use it, but for the way RE2 writes a sign's number.
    return re.compile(re.sub(r"\\x\{([0-9A-F]{4})\}", r"\\u\1", pattern))


def _is_found(pattern: str, text: object) -> bool:
    return text is not None and _compiled(pattern).search(str(text)) is not None


def main(events: int) -> None:
    """Make events and a log, run everything, print the ratios."""
    asked = min(events, _IN_SQLITE)
    with tempfile.TemporaryDirectory() as name:
        folder, few, log = Path(name) / "many", Path(name) / "few", Path(name) / "access.log"
        for place, count in ((folder, events), (few, asked)):
            place.mkdir()
            write_events(place, count)
        write_access_log(log, events)
        rules = [rule for rule in read_rules() if rule.source.table in TABLES]
        print(f"{events:,} events, {len(rules)} rules look at them, {os.cpu_count()} processors", flush=True)
        taken = measure("all rules, one pass", [sys.executable, __file__, "--scan", str(folder)], Path(name))
        reader = [sys.executable, str(Path(__file__).with_name("reading.py")), "--tables", str(log), name]
        reading = measure("reading alone", reader, Path(name))
        _print((taken, reading), events)
        seconds, of_cpu, counts = query_each(few)
        more = events / asked
        print(f"a query per rule, SQLite: {seconds:.1f} s, {of_cpu:.1f} s of CPU for {asked:,} events")
        same = "yes" if scan(few) == counts else "no"
        print(f"scaled {seconds * more:,.0f} s, {of_cpu * more:,.0f} s of CPU; the same hits: {same}")
        print(f"one pass is {seconds * more / taken.wall_s:,.0f}x as fast by the clock", end=", ")
        print(f"{of_cpu * more / taken.cpu_s:,.0f}x by CPU")
        print(f"rules at {reading.wall_s / taken.wall_s:.2f} of the speed of reading alone")


def _print(runs: Sequence[Taken], events: int) -> None:
    for each in runs:
        took = f"{each.wall_s:9.1f} s{each.cpu_s:9.1f} s of CPU{each.peak_mb:8,} MB"
        print(f"{each.name:24}{events / each.wall_s:12,.0f}/s{took}", flush=True)


def run(arguments: Sequence[str]) -> None:
    """Do what the command line says."""
    if arguments[:1] == ["--scan"]:
        print(len(scan(Path(arguments[1]))))
    else:
        main(int(arguments[0]) if arguments else _EVENTS)


if __name__ == "__main__":
    run(sys.argv[1:])
