"""On sets made by others: attacks found, ordinary traffic left alone. Each test prints its rates."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ashiato.datamap.model import DataMap
from ashiato.engine import events, evidence, findings, intrusion, reading
from ashiato.engine.case import create_case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.store import Store
from ashiato.engine.workspace import Workspace

pytestmark = pytest.mark.slow

_LINES = """
    SELECT e.file, w.line_first, i.path FROM witnesses AS w
    JOIN evidence AS e ON e.evidence_id = w.evidence_id
    LEFT JOIN intrusion AS i ON i.event_id = w.event_id
"""


def _investigated(folder: Path, evidence_paths: list[Path], rules_of: Path | None = None) -> Store:
    case = create_case(folder / "case", "Asia/Tokyo", lambda: 1_780_000_000_000_000)
    if rules_of is not None:
        shutil.copytree(
            rules_of, case.folder / "rules", ignore=shutil.ignore_patterns("info.yml", "*.evtx", "*.json")
        )
    add_evidence(case, evidence_paths)
    store = Store(folder / "run")
    workspace = Workspace(case.folder, ZoneInfo("Asia/Tokyo"), DataMap(), (), store)
    for stage in (evidence, reading, events, findings, intrusion):
        stage.build(workspace)
    return store


def _hostile_share(store: Store) -> float:
    hostile, everything = store.rows(
        "SELECT COUNT(i.event_id), COUNT(*) FROM events AS e"
        " LEFT JOIN intrusion AS i ON i.event_id = e.event_id"
    )[0]
    return float(hostile / everything)


@pytest.mark.parametrize(
    ("name", "file"), [("web-elastic-apache", "apache_logs"), ("web-slrbl", "access.log.2021-10-22")]
)
def test_ordinary_traffic_raises_next_to_nothing(corpus: Path, tmp_path: Path, name: str, file: str) -> None:
    with _investigated(tmp_path, [corpus / name / file]) as store:
        alarms = store.rows("SELECT rule FROM findings WHERE level IN ('medium', 'high', 'critical')")
        lines = store.rows("SELECT COUNT(*) FROM events")[0][0]
        print(f"{name}: {len(alarms)} findings of medium level and above in {lines} lines")  # noqa: T201
        assert len(alarms) <= 1 + lines // 10_000
        assert store.rows("SELECT COUNT(*) FROM intrusion") == [(0,)]


@pytest.mark.parametrize(
    ("name", "file", "technique"),
    [("web-scans-acunetix", "acunetix.txt", "T1595.003"), ("case-blind-sqli-bool", "access.log", "T1190")],
)
def test_an_attackers_log_is_his_from_end_to_end(
    corpus: Path, tmp_path: Path, name: str, file: str, technique: str
) -> None:
    log = tmp_path / "access.log"
    # One set was published with every line in one more pair of quotes.
    lines = (corpus / name / file).read_bytes().splitlines()
    log.write_bytes(
        b"".join(line.strip(b'"') + (b'"' if line.startswith(b'"') else b"") + b"\n" for line in lines)
    )
    with _investigated(tmp_path, [log]) as store:
        share = _hostile_share(store)
        print(f"{name}: {share:.4f} of events called hostile")  # noqa: T201
        assert share >= 0.98
        assert store.rows("SELECT technique FROM paths") == [(technique,)]


@pytest.mark.slow
def test_pet_insurers_hostile_lines_are_found_log_by_log(corpus: Path, tmp_path: Path) -> None:
    insurer = corpus / "pet-insurer"
    with (insurer / "truth" / "attacker_requests.csv").open(encoding="utf-8-sig", newline="") as opened:
        true = {
            (row["file"].removeprefix("evidence/"), int(row["line"])): row["attack"]
            for row in csv.DictReader(opened)
        }
    with _investigated(tmp_path, [insurer / "evidence"]) as store:
        said = {(file, line): path for file, line, path in store.rows(_LINES)}
        paths: dict[str, str] = dict(store.rows("SELECT path, technique FROM paths"))
    for log in ("nginx/access.log", "nginx/access_json.log", "postgresql/", "app/auth.log"):
        hostile = {place for place, path in said.items() if path and place[0].startswith(log)}
        truly = {place for place in true if place[0].startswith(log)}
        precision, recall = len(hostile & truly) / len(hostile), len(hostile & truly) / len(truly)
        print(f"pet-insurer {log}: precision {precision:.4f}, recall {recall:.4f}")  # noqa: T201
        assert precision >= 0.98
        assert recall >= 0.98
    told = {
        (true[place].split("-")[0], paths[path]) for place, path in said.items() if path and place in true
    }
    assert told == {("a1", "T1595.003"), ("a1", "T1110"), ("a2", "T1213"), ("a3", "T1190"), ("a4", "T1078")}
