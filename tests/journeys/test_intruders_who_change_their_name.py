from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from ashiato.engine.api import investigate_case
from tests.journeys.demo import export
from tests.journeys.shop import WALKED, open_shop, write_shop

AGENTS = [
    f"Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0".encode() for n in range(90, 110)
]


@pytest.mark.slow
def test_a_walk_under_changing_agents_is_found(tmp_path: Path) -> None:
    """One address asks for sixty members in two minutes and calls itself another browser each time."""
    case = open_shop(write_shop(tmp_path / "shop", AGENTS))
    investigate_case(case)
    persons = export(case, tmp_path / "answer")["persons.csv"].decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(persons, newline=""))
    assert {int(row["key"]) for row in rows if row["grade"] in ("confirmed", "probable")} == set(WALKED)
