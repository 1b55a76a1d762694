"""A finished case: its exported files, and what its tables say."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashiato.engine.api import Case, investigate_case, open_outcome
from tests.journeys.demo import export
from tests.journeys.shop import open_shop


@dataclass(frozen=True)
class Finished:
    """A finished case and its exported files."""

    case: Case
    files: dict[str, bytes]

    @property
    def summary(self) -> dict[str, Any]:
        """What ``summary.json`` says."""
        return dict(json.loads(self.files["summary.json"]))

    @property
    def holes(self) -> set[tuple[str, str]]:
        """Source and reason of each hole told."""
        return {(hole["source"], hole["reason"]) for hole in self.summary["holes"]}

    @property
    def grades(self) -> dict[str, str]:
        """Return the grade of each record by its key."""
        text = self.files["persons.csv"].decode("utf-8-sig")
        return {row["key"]: row["grade"] for row in csv.DictReader(io.StringIO(text, newline=""))}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the tables say."""
        with open_outcome(self.case) as outcome:
            return outcome.store.rows(sql)


def finish_shop(shop: Path) -> Finished:
    """Investigate a written shop and export its answer."""
    case = open_shop(shop)
    investigate_case(case)
    return Finished(case, export(case, shop / "answer"))
