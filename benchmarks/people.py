"""One human behind many records, beside a join on all columns and Splink as it comes.

``python -m benchmarks.people [SHARE]``: the whole is 5.1 million people, a tenth of them with a second
record; SHARE (default 0.01) makes it smaller. Each way runs in a process of its own, two threads.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from ashiato.datamap.load import parse_datamap
from ashiato.engine.people.matching import PERSONS, match_records
from ashiato.engine.people.sources import list_sources
from ashiato.engine.store import Store
from ashiato.engine.workspace import Snapshot, Workspace
from benchmarks.registers import DATAMAP, write_register

_WHOLE = 5_100_000
#: The goal for the whole, on two processors.
_GOAL_S, _GOAL_MB = 900, 8_000
Pairs = tuple[int, int, int]


def ours(folder: Path) -> Pairs:
    """Match as a run does; returns true pairs, pairs found, and found that are true."""
    with Store(folder / "run") as store:
        taken = (Snapshot("register", 0, folder / "register"),)
        workspace = Workspace(folder, ZoneInfo("UTC"), parse_datamap(DATAMAP), taken, store)
        match_records(workspace, list_sources(workspace))
        moved = f"SELECT record_key, split_part(person_id, '/', 3) AS person FROM {PERSONS}"
        file = f"read_csv('{_file(folder)}', all_varchar = true)"
        found = (
            f"SELECT COALESCE(m.person, p.id) AS person, p.truth FROM {file} AS p "
            f"LEFT JOIN ({moved}) AS m ON m.record_key = p.id"
        )
        return _judged(store.rows, found)


def all_columns_equal(folder: Path) -> Pairs:
    """Join records of which every column is equal."""
    db = duckdb.connect(config={"threads": 2})
    db.execute(f"CREATE TABLE people AS SELECT * FROM read_csv('{_file(folder)}', all_varchar = true)")
    alike = "name, name_kana, sex, birth_date, phone, email, zip, address"
    found = f"SELECT min(id) OVER (PARTITION BY {alike}) AS person, truth FROM people"
    return _judged(lambda sql: db.execute(sql).fetchall(), found)


def splink_as_it_comes(folder: Path) -> Pairs:
    """Splink 5 by its tutorial: u by sampling, m by EM, predictions at 0.95 and their clusters."""
    import splink.comparison_library as cl  # noqa: PLC0415 - not part of the program
    from splink import Linker, SettingsCreator, block_on  # noqa: PLC0415
    from splink.backends.duckdb import DuckDBAPI  # noqa: PLC0415

    db = duckdb.connect(config={"threads": 2})
    file = f"read_csv('{_file(folder)}', all_varchar = true)"
    db.execute(f"CREATE TABLE people AS SELECT id AS unique_id, * EXCLUDE (id) FROM {file}")
    exact = [
        block_on("name_kana", "birth_date"),
        block_on("phone"),
        block_on("email"),
        block_on("name", "address"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name"), cl.JaroWinklerAtThresholds("name_kana"), cl.ExactMatch("sex"),
            cl.LevenshteinAtThresholds("birth_date"), cl.ExactMatch("phone"), cl.ExactMatch("email"),
            cl.LevenshteinAtThresholds("address"),
        ],
        blocking_rules_to_generate_predictions=exact,
    )  # fmt: skip
    api = DuckDBAPI(connection=db)
    linker = Linker(api.register("people"), settings)
    linker.training.estimate_probability_two_random_records_match(exact, recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in exact[1:3]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.95)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95)
    found = f"SELECT cluster_id AS person, truth FROM {clusters.physical_name}"
    return _judged(lambda sql: db.execute(sql).fetchall(), found)


def _file(folder: Path) -> Path:
    return folder / "register" / "people.csv"


def _judged(ask: Callable[[str], Sequence[Any]], found: str) -> Pairs:
    """Count pairs of records, in the database: true ones, those found, and those that are both.

    ``found``: the query that says of each record which person it was given to, and whose it is in truth.
    """
    counts = []
    for alike in ("truth", "person", "person, truth"):
        sizes = f"SELECT count(*) AS n FROM ({found}) AS held GROUP BY {alike}"
        ((pairs,),) = ask(f"SELECT CAST(sum(n * (n - 1) / 2) AS BIGINT) FROM ({sizes}) AS sized")
        counts.append(int(pairs))
    return counts[0], counts[1], counts[2]


def _measured(way: Callable[[Path], Pairs], folder: Path, told: Connection) -> None:
    # Progress bars and warnings of the engines would stand between the figures.
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    begun = time.perf_counter()
    try:
        pairs: Pairs | str = way(folder)
    except Exception as error:  # noqa: BLE001 - what another tool cannot do is told, not raised
        pairs = f"{type(error).__name__}: {str(error).splitlines()[0][:120]}"
    own, helping = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # Of the processes that make forms, two, the largest one's memory is known: it is counted for both.
    memory = (own.ru_maxrss + 2 * helping.ru_maxrss) / 1024
    processor = time.process_time() + helping.ru_utime + helping.ru_stime
    told.send((pairs, time.perf_counter() - begun, processor, memory))


def main(share: float) -> None:
    """Print seconds, memory, precision and recall of each way."""
    people = int(_WHOLE * share)
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        records = write_register(people, folder / "register")
        print(f"{people:,} people, {records:,} records", flush=True)
        for name, way in (
            ("this", ours),
            ("all columns equal", all_columns_equal),
            ("Splink", splink_as_it_comes),
        ):
            _print_way(name, way, folder)
    print(f"goal for the whole of {_WHOLE:,}: {_GOAL_S:,} s, {_GOAL_MB:,} MB")


def _print_way(name: str, way: Callable[[Path], Pairs], folder: Path) -> None:
    ours_end, theirs = get_context("spawn").Pipe(duplex=False)
    worker = get_context("spawn").Process(target=_measured, args=(way, folder, theirs))
    worker.start()
    pairs, seconds, processor, memory = ours_end.recv()
    worker.join()
    rates = pairs
    if not isinstance(pairs, str):
        true, found, both = pairs
        rates = f"precision {both / max(found, 1):.4f}, recall {both / max(true, 1):.4f}"
    print(f"{name:20} {seconds:8.1f} s {processor:8.1f} s CPU {memory:8,.0f} MB  {rates}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.01)
