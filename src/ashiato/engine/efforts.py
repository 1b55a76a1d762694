"""Efforts: which engine evaluated how much of a run, and what was left to DuckDB by name, from the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import FINISHED, Run

_ENGINES = ("spark", "duckdb")


@dataclass(frozen=True)
class Effort:
    """What one engine evaluated: stations, the rows they made, and the logged statements they replayed."""

    engine: str
    stations: int
    rows: int
    statements: int


@dataclass(frozen=True)
class Efforts:
    """The efforts of a run (of its last sitting, when it was resumed), each engine once.

    ``notyet``: by a station's name, why DuckDB ran it although a cluster was asked for.
    """

    by_engine: tuple[Effort, ...]
    notyet: Mapping[str, str]


def efforts_of(run: Run) -> Efforts:
    """Return a finished run's efforts as the ledger has them; none for a run that is not finished."""
    entries = list_entries(run.case.folder, FINISHED)
    results: Mapping[str, Any] = next(
        (entry["results"] for entry in entries if entry["hash"] == run.finished), {}
    )
    counts: Mapping[str, int] = results.get("counts", {})
    efforts = tuple(_effort(engine, counts) for engine in _ENGINES if f"{engine}_stations" in counts)
    return Efforts(efforts, results.get("notyet", {}))


def _effort(engine: str, counts: Mapping[str, int]) -> Effort:
    stations, rows, statements = (
        counts.get(f"{engine}_{what}", 0) for what in ("stations", "rows", "statements")
    )
    return Effort(engine, stations, rows, statements)
