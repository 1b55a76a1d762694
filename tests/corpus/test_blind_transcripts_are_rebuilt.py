"""The shared blind injection: every value it read is rebuilt from the web log alone, and nothing more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ashiato.engine.api import add_evidence, add_snapshot, create_case, investigate_case
from tests.journeys.blind import rows_of
from tests.journeys.demo import NOW_US, export

#: Transcripts of its own kinds are rebuilt among the quick tests (tests/engine/exposures/transcripts).
pytestmark = pytest.mark.slow

_MAP = """
systems:
  site:
    engine: mysql
    tables:
      users:
        person: true
        key: id
        columns:
          id: {type: integer, immutable: true}
          username: {type: text, category: identity}
          email: {type: text, category: contact}
          password: {type: text, category: credential}
"""
_FIELDS = ("id", "username", "password", "email")


def _answered(folder: Path, log: Path, datamap: Path | None = None, snapshot: Path | None = None) -> Path:
    """Make a case of this log and investigate it; returns the folder of sheets."""
    case = create_case(folder / "case", "Asia/Shanghai", lambda: NOW_US, datamap)
    if snapshot is not None:
        add_snapshot(case, snapshot, "2026-01-01T00:00:00+00:00", "site")
    add_evidence(case, [log])
    investigate_case(case)
    export(case, folder / "answer")
    return folder / "answer"


@pytest.fixture(scope="module")
def blind(corpus: Path) -> Path:
    return corpus / "case-blind-sqli-bool"


@pytest.fixture(scope="module")
def truth(blind: Path) -> dict[str, dict[str, str]]:
    told = json.loads((blind / "EXPECTED.json").read_text("utf-8"))
    return {record["id"]: {field: record[field] for field in _FIELDS} for record in told["records_reached"]}


@pytest.fixture(scope="module")
def recovered(blind: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What the web log alone gives, without map or snapshot."""
    folder = tmp_path_factory.mktemp("alone")
    return rows_of(_answered(folder, blind / "access.log") / "recovered.csv")


def test_values_come_out_without_map_or_snapshot(
    recovered: list[dict[str, str]], truth: dict[str, dict[str, str]]
) -> None:
    complete = [row for row in recovered if row["state"] == "complete"]
    by_row: dict[str, dict[str, str]] = {}
    for row in complete:
        by_row.setdefault(row["row"], {})[row["field"].removeprefix("users.")] = row["value"]
    assert sorted(by_row.values(), key=lambda r: int(r["id"])) == [
        truth[key] for key in sorted(truth, key=int)
    ]
    assert len(complete) == len(truth) * len(_FIELDS)


def test_nothing_is_claimed_beyond_what_was_read(recovered: list[dict[str, str]], blind: Path) -> None:
    told = json.loads((blind / "EXPECTED.json").read_text("utf-8"))
    names = {entry["value"] for entry in told["enumerated_only"]} | {str(len(told["records_reached"]))}
    values = {
        value for record in told["records_reached"] for value in record.values() if isinstance(value, str)
    }
    assert {row["value"] for row in recovered if row["state"] == "enumerated"} <= names
    assert {row["value"] for row in recovered if row["state"] == "complete"} <= values
    assert not [row for row in recovered if row["state"] == "partial"]
    assert not [row for row in recovered if row["state"] == "tried" and row["value"]]


def test_records_of_the_snapshot_are_confirmed(
    blind: Path, truth: dict[str, dict[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "map.yaml").write_text(_MAP, "utf-8")
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    (snapshot / "users.csv").write_bytes((blind / "users.csv").read_bytes())
    sheets = _answered(tmp_path, blind / "access.log", tmp_path / "map.yaml", snapshot)
    exposures = rows_of(sheets / "exposures.csv")
    wanted = ";".join(f"users.{field}=confirmed/L4" for field in sorted(_FIELDS))
    assert {row["key"]: row["fields"] for row in exposures} == dict.fromkeys(truth, wanted)
    assert all(row["evidence"] for row in exposures)
