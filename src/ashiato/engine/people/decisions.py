"""What a human decided of pairs of records: kept in the case, replayed by every later run.

``pairs-decided.jsonl``: one line per decision, ``{pair, one, other, verdict, by, because}``; of one pair the
last counts. ``one`` and ``other`` are records: system, table, key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.case import PAIRS_FILE

Record = tuple[str, str, str]


@dataclass(frozen=True)
class Decision:
    """One pair, and whether a human holds the two records for one person."""

    pair: str
    one: Record
    other: Record
    is_same: bool


def read_decisions(case_folder: Path) -> list[Decision]:
    """Return the last decision on each pair, in the order of the pairs' names."""
    path = case_folder / PAIRS_FILE
    if not path.exists():
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    last = {line["pair"]: line for line in lines}
    return [
        Decision(pair, _record(line["one"]), _record(line["other"]), line["verdict"] == "same")
        for pair, line in sorted(last.items())
    ]


def _record(parts: list[str]) -> Record:
    system, table, key = parts
    return system, table, key
