"""One case investigated by the real command on an engine: what it said, wrote down and exported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.journeys.command import must

_HOSTILE_STATEMENTS = (
    "SELECT count(*) FROM read_parquet('{run}/intrusion.parquet') "
    "JOIN read_parquet('{run}/events.parquet') USING (event_id) WHERE event_kind = 'sql'"
)


@dataclass(frozen=True)
class Answered:
    """An engine's answer: what the command told, the hash of every table, the bytes of every export."""

    told: Mapping[str, Any]
    tables: Mapping[str, str]
    files: Mapping[str, bytes]
    hostile_statements: int

    def statements(self, engine: str) -> int:
        """Return how many logged statements an engine replayed."""
        return int(self.told["engines"].get(engine, {}).get("statements", 0))

    @property
    def share_on_cluster(self) -> float:
        """Statements the cluster replayed, of all that were replayed or are the intruder's."""
        replayed = sum(map(self.statements, self.told["engines"]))
        return self.statements("spark") / max(replayed, self.hostile_statements)

    def __str__(self) -> str:
        """Say what each engine did, in one line."""
        done = "; ".join(f"{engine} {counts}" for engine, counts in self.told["engines"].items())
        share = f"{self.share_on_cluster:.2%} on the cluster"
        return f"{self.hostile_statements:,} hostile statements, {share}: {done}"


def investigate_on(
    engine: str, case: Path, folder: Path, settings: Mapping[str, str] | None = None
) -> Answered:
    """Investigate a copy of a case, made in ``folder``, on an engine; ``settings``: the process's own."""
    copy, answer = folder / "case", folder / "answer"
    shutil.copytree(case, copy)
    told = json.loads(
        must("investigate", copy, "--engine", engine, "--lang", "en", "--json", settings=settings).out
    )
    must("export", copy, "--to", answer)
    entries = [json.loads(line) for line in (copy / "ledger.jsonl").read_text().splitlines()]
    (tables,) = [entry["results"]["tables"] for entry in entries if "tables" in entry.get("results", {})]
    (run,) = (copy / "runs").iterdir()
    hostile = duckdb.sql(_HOSTILE_STATEMENTS.format(run=run)).fetchall()[0][0]
    files = {path.name: path.read_bytes() for path in sorted(answer.iterdir())}
    return Answered(told, tables, files, hostile)
