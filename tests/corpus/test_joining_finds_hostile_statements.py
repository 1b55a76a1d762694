"""On the pet insurer: statements run by hostile requests are known by those requests, log by log.

The hostile requests are taken from the truth; what is tested is the step from requests to statements.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import events, evidence, reading
from ashiato.engine.case import create_case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.store import Store
from ashiato.engine.workspace import Workspace

Line = tuple[str, int]

_SHARES = """
    SELECT e.file, s.line_first, sum(CASE WHEN h.event_id IS NULL THEN 0 ELSE c.confidence END)
    FROM causes c
    JOIN witnesses s ON s.event_id = c.sql_event_id
    JOIN evidence e ON e.evidence_id = s.evidence_id
    LEFT JOIN (SELECT UNNEST(?) AS event_id) h ON h.event_id = c.http_event_id
    GROUP BY e.file, s.line_first
"""
_REQUESTS = """
    SELECT e.file, w.line_first, w.event_id FROM witnesses w JOIN evidence e ON e.evidence_id = w.evidence_id
    WHERE w.record_kind = 'web-request'
"""


def _truth(insurer: Path, kind: str) -> set[Line]:
    with (insurer / "truth" / "attacker_requests.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"].startswith(kind)]
    return {(row["file"].removeprefix("evidence/"), int(row["line"])) for row in rows}


def _joined(folder: Path, insurer: Path, *, without: str | None) -> Store:
    case = create_case(folder / "case", "Asia/Tokyo", lambda: 1_780_000_000_000_000)
    root = folder / "evidence"
    for path in sorted((insurer / "evidence").rglob("*")):
        if path.is_file() and (without is None or without not in path.name):
            copy = root / path.relative_to(insurer / "evidence")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    add_evidence(case, [root])
    store = Store(folder / "run")
    workspace = Workspace(case.folder, ZoneInfo("Asia/Tokyo"), DataMap(), (), store)
    for stage in (evidence, reading, events):
        stage.build(workspace)
    return store


def _rates(true: set[Line], said: set[Line]) -> list[tuple[str, float, float]]:
    rates = []
    for file in sorted({file for file, _ in true | said}):
        expected, found = ({line for name, line in lines if name == file} for lines in (true, said))
        both = len(expected & found)
        rates.append((file, both / max(len(found), 1), both / max(len(expected), 1)))
    return rates


@pytest.mark.slow
@pytest.mark.parametrize("without", [None, "access_json"], ids=["both web logs", "combined log alone"])
def test_hostile_statements_are_known_by_their_requests(
    corpus: Path, tmp_path: Path, without: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    insurer = corpus / "pet-insurer"
    with _joined(tmp_path, insurer, without=without) as store:
        hostile = _truth(insurer, "web")
        ids = sorted({event for file, line, event in store.rows(_REQUESTS) if (file, line) in hostile})
        said = {(file, line) for file, line, share in store.rows(_SHARES, [ids]) if share >= 0.5}
        assert store.rows("SELECT count(*) FROM ambiguous_pairs") == [(0,)]
        assert store.rows("SELECT reason FROM holes") == []
    rates = _rates(_truth(insurer, "db"), said)
    with capsys.disabled():
        for file, precision, recall in rates:
            sys.stdout.write(f"\n{file}: precision {precision:.4f}, recall {recall:.4f}")
    assert len(rates) == 4
    assert all(precision >= 0.99 and recall >= 0.99 for _, precision, recall in rates)
